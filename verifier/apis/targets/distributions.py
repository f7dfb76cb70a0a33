"""The distributions installed on a search path: which there are, what they bring, and who brought a module."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from verifier.apis.targets.editable import FINDERS
from verifier.apis.targets.metadata import canonical, extra_for, recorded_files, source_folder, text_of, top_level
from verifier.apis.targets.places import is_dotted_name, read_place
from verifier.apis.targets.roots import located, root_names
from verifier.model import Distribution, ImportRoot

__all__ = ["canonical", "extra_for", "find_distribution", "installed", "owner_of", "top_levels"]


def installed(path: Iterable[Path]) -> tuple[Distribution, ...]:
    """The distributions in the folders of a search path, in order; of one that is there twice, the first.

    Name and version are those of the folder name, which is all that is read: `metadata.described` has the real ones.
    """
    found: dict[str, Distribution] = {}
    for folder in path:
        place = read_place(folder)
        for name in sorted(place.folders | place.files):
            if name.endswith((".dist-info", ".egg-info")) and name[0].isalnum():
                distribution = _named(folder / name)
                found.setdefault(canonical(distribution.name), distribution)
    return tuple(found.values())


def _named(metadata: Path) -> Distribution:
    name, _, rest = metadata.stem.partition("-")
    return Distribution(name=name, version=rest.partition("-")[0], metadata=metadata)


def find_distribution(name: str, distributions: Iterable[Distribution]) -> Distribution | None:
    """The distribution of that name, in whatever spelling: `Beautiful_Soup4`."""
    wanted = canonical(name)
    return next((known for known in distributions if canonical(known.name) == wanted), None)


def top_levels(distribution: Distribution, suffixes: tuple[str, ...]) -> tuple[ImportRoot, ...]:
    """The import roots that it brings, as files show; empty for an editable install, and for one with stubs only.

    From its `RECORD`; else from `top_level.txt`; else the module of its own name.
    """
    recorded = root_names(recorded_files(distribution))
    names = [name for name in recorded if not name.startswith(FINDERS)] or _names_told(distribution)
    return located(filter(is_dotted_name, names), (distribution.metadata.parent,), suffixes)


def _names_told(distribution: Distribution) -> tuple[str, ...]:
    return top_level(distribution) or (canonical(distribution.name).replace("-", "_"),)


def owner_of(name: str, location: Path, distributions: Iterable[Distribution]) -> Distribution | None:
    """The distribution that brought what `import name` finds at `location`, a file or the folder of a namespace.

    None where nobody did, and for a namespace that several share.
    """
    known = tuple(distributions)
    spelled = {canonical(name), canonical(name.partition(".")[0])}
    likely_first = sorted(known, key=lambda distribution: canonical(distribution.name) not in spelled)
    enough = 1 if location.is_file() else 2  # several may share a folder, and nobody a file
    owners = [*islice((one for one in likely_first if _brings(one, name, location)), enough)]
    if not owners and not any(location.is_relative_to(one.metadata.parent) for one in known):
        owners = [one for one in known if (source := source_folder(one)) and location.is_relative_to(source)]
    return owners[0] if len(owners) == 1 or (owners and location.is_file()) else None


def _brings(distribution: Distribution, name: str, location: Path) -> bool:
    folder = distribution.metadata.parent
    if not location.is_relative_to(folder):
        return False
    if record := text_of(distribution.metadata / "RECORD"):
        end = "," if location.is_file() else "/"
        return f"\n{location.relative_to(folder).as_posix()}{end}" in f"\n{record}"
    return name.partition(".")[0] in _names_told(distribution)
