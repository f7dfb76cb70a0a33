"""What a distribution says of itself in its `.dist-info` or `.egg-info`: each file is read when it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from pathlib import Path

from msgspec.structs import replace

from verifier.apis.targets.aliases import DISTRIBUTIONS
from verifier.apis.targets.specifiers import read_requirement
from verifier.model import Distribution

NAME = re.compile(r"\w(?:[\w.-]*\w)?", re.ASCII)
"""Of a distribution, where a requirement begins (PEP 508)."""
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


def extras(distribution: Distribution, wanted: Container[str]) -> dict[str, tuple[str, ...]]:
    """The extras that bring each optional requirement, in the order of the metadata; names are canonical ones."""
    brought: dict[str, tuple[str, ...]] = {}
    for key, value in headers(distribution):
        begin = NAME.match(value)
        if key == "Requires-Dist" and begin and canonical(begin[0]) in wanted and "extra" in value:
            name = canonical(begin[0])
            brought[name] = (*brought.get(name, ()), *_extras(value))
    return {name: tuple(dict.fromkeys(found)) for name, found in brought.items() if found}


def _extras(requirement: str) -> list[str]:
    """The extras that a line of `Requires-Dist` belongs to."""
    read = read_requirement(requirement)
    if isinstance(read, str):  # written by an old tool; installers skip such a line as well
        return []
    return EXTRA.findall(str(read.marker or ""))


def extra_for(distribution: Distribution, import_name: str) -> tuple[str, ...]:
    """The extras of `distribution` that would bring the missing module `import_name`; empty where none is known to.

    A module's name may differ from its distribution's: names are compared in canonical form, longest part first, and
    then with those of `aliases.py`.
    """
    parts = import_name.split(".")
    names = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    known = [(canonical(name), *DISTRIBUTIONS.get(name, ())) for name in names]
    brought = extras(distribution, {each for group in known for each in group})
    for group in known:
        if found := [extra for each in group for extra in brought.get(each, ())]:
            return tuple(dict.fromkeys(found))
    return ()


def text_of(file: Path) -> str:
    """The text of one metadata file; empty where it is missing or cannot be read: each of them may be absent."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
