"""What `site` would put on the search path of an interpreter, read from its `.pth` files; none of their code runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def site_path(sites: Iterable[Path], *, known: Iterable[Path], version: tuple[int, ...]) -> tuple[Path, ...]:
    """What `site.main()` would append to `sys.path`: each folder of `sites` that exists, and its `.pth` path lines.

    `known` is on the path already. The `import` lines of a `.pth` file are not run: `editable.py` reads those it knows.
    """
    seen = {_normal(path) for path in known}
    path: list[Path] = []
    for site in filter(Path.is_dir, sites):
        for entry in (site, *path_lines(site, version)):
            if _normal(entry) not in seen:
                seen.add(_normal(entry))
                path.append(entry)
    return tuple(path)


def path_lines(site: Path, version: tuple[int, ...]) -> Iterator[Path]:
    """The paths in the `.pth` files of `site` that exist, in the order of `site.addsitedir`: sorted by file name."""
    for name in pth_files(site):
        if name.startswith(".") and version >= (3, 13):
            continue
        for line in pth_lines(site / name):
            entry = Path(os.path.normpath(site / line.rstrip()))
            if not line.startswith(("import ", "import\t")) and entry.exists():
                yield entry


def pth_files(site: Path) -> list[str]:
    """The names of the `.pth` files of `site`, sorted; none where it cannot be read, as `site` does."""
    try:
        return sorted(path.name for path in site.iterdir() if path.name.endswith(".pth"))
    except OSError:
        return []


def pth_lines(file: Path) -> list[str]:
    """The lines of a `.pth` file that are neither empty nor comments; none where it cannot be read, as `site` does."""
    try:
        text = file.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _normal(path: Path) -> str:
    return os.path.normcase(path.absolute())
