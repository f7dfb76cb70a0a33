"""What a distribution says of itself in its `.dist-info` or `.egg-info`: each file is read when it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from verifier.apis.targets.aliases import DISTRIBUTIONS
from verifier.apis.targets.specifiers import read_requirement
from verifier.model import Distribution

EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def canonical(name: str) -> str:
    """The name under which indexes compare distributions (name normalization, PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def described(distribution: Distribution) -> Distribution:
    """The same with the name and version of its metadata; those of folder names are escaped, and may be missing."""
    said = dict(reversed(list(headers(distribution))))
    return replace(
        distribution, name=said.get("Name", distribution.name), version=said.get("Version", distribution.version)
    )


def headers(distribution: Distribution) -> Iterator[tuple[str, str]]:
    """The fields of its core metadata (`METADATA`, `PKG-INFO`) without the description; none if it cannot be read."""
    folder = distribution.metadata
    candidates = (folder,) if folder.is_file() else (folder / "METADATA", folder / "PKG-INFO")
    text = next(filter(None, map(text_of, candidates)), "")
    for line in text.partition("\n\n")[0].splitlines():
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            yield key, value.strip()


def recorded_files(distribution: Distribution) -> tuple[str, ...]:
    """The paths in its `RECORD`, relative to the folder that it is installed in; empty where there is none."""
    text = text_of(distribution.metadata / "RECORD")
    return tuple(line.rsplit(",", 2)[0].strip('"') for line in text.splitlines())


def top_level(distribution: Distribution) -> tuple[str, ...]:
    """The names in its `top_level.txt`, which setuptools writes; empty where there is none."""
    return tuple(text_of(distribution.metadata / "top_level.txt").split())


def source_folder(distribution: Distribution) -> Path | None:
    """The project folder of an editable install (`direct_url.json`, PEP 610); None if it is no editable one."""
    try:
        origin = json.loads(text_of(distribution.metadata / "direct_url.json") or "{}")
        if origin.get("dir_info", {}).get("editable") is not True:
            return None
        scheme, _, path = str(origin["url"]).partition("://")
    except (ValueError, KeyError, AttributeError):
        return None
    from urllib.request import url2pathname  # noqa: PLC0415 - slow, and only editable installs need it

    return Path(url2pathname(path)) if scheme == "file" else None


def extras(distribution: Distribution) -> dict[str, tuple[str, ...]]:
    """The canonical name of each optional requirement, and the extras that bring it, in the order of the metadata."""
    brought: dict[str, tuple[str, ...]] = {}
    for key, value in headers(distribution):
        if key != "Requires-Dist":
            continue
        requirement = read_requirement(value)
        if isinstance(requirement, str):  # written by an old tool; installers skip such a line as well
            continue
        name = canonical(requirement.name)
        brought[name] = (*brought.get(name, ()), *EXTRA.findall(str(requirement.marker or "")))
    return {name: tuple(dict.fromkeys(found)) for name, found in brought.items() if found}


def extra_for(distribution: Distribution, import_name: str) -> tuple[str, ...]:
    """The extras of `distribution` that would bring the missing module `import_name`; empty where none is known to.

    A module's name may differ from its distribution's: names are compared in canonical form, longest part first, and
    then with those of `aliases.py`.
    """
    brought = extras(distribution)
    parts = import_name.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        found = [extra for known in (canonical(name), *DISTRIBUTIONS.get(name, ())) for extra in brought.get(known, ())]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def text_of(file: Path) -> str:
    """The text of one metadata file; empty where it is missing or cannot be read: each of them may be absent."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
