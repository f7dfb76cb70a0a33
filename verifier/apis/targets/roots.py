"""Import roots: the tops that a set of files makes importable. Namespaces (PEP 420) are passed through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from verifier.apis.targets.places import STUB_SUFFIX, find_on_path, is_importable, read_place
from verifier.model import ImportRoot

MODULE_SUFFIXES = (".py", STUB_SUFFIX, ".pyc", ".so", ".pyd")
MAX_DEPTH = 32
"""Folders without `__init__` that a namespace may be nested in."""


def root_names(files: Iterable[str]) -> tuple[str, ...]:
    """The names of the import roots that `files` make, sorted; they are relative paths with `/`, as in a `RECORD`.

    `google/cloud/storage/__init__.py` without `google/__init__.py` makes `google.cloud.storage`: what is above belongs
    to nobody. A module in folders without `__init__` is a root of its own. What no `import` can spell is left out:
    `x-1.0.dist-info`, `foo-stubs`, `../../bin/x`.
    """
    modules = {parts for file in files if file.endswith(MODULE_SUFFIXES) and (parts := _module_parts(file))}
    packages = {parts[:-1] for parts in modules if parts[-1] == "__init__"}
    tops = {_top(parts, packages) for parts in modules if parts != ("__init__",)}
    return tuple(sorted(map(".".join, tops)))


def _module_parts(file: str) -> tuple[str, ...]:
    *folders, name = file.split("/")
    # Only extension modules have something between name and suffix; `pylint.config.py` is no module.
    stem = name.partition(".")[0] if name.endswith((".so", ".pyd")) else name.rpartition(".")[0]
    parts = (*folders, stem)
    return parts if all(map(is_importable, parts)) and "__pycache__" not in parts else ()


def _top(parts: tuple[str, ...], packages: set[tuple[str, ...]]) -> tuple[str, ...]:
    return next((parts[:end] for end in range(1, len(parts)) if parts[:end] in packages), parts)


def outermost_files(folder: Path, *, depth: int = MAX_DEPTH, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    """The files of `folder` that decide about its import roots, as `root_names` takes them.

    Nothing inside a package; nothing in the folders called as in `skip`; nothing in folders without `__init__` that are
    nested deeper than `depth`, or behind a link, which could lead back.
    """
    ahead = [("", 0)]
    while ahead:
        inside, level = ahead.pop()
        place = read_place(folder / inside)
        if inside and (inits := [name for name in place.files if name.startswith("__init__.")]):
            yield from (inside + name for name in inits)
        elif level < depth:
            yield from (inside + name for name in place.files)
            linked = {name for name in place.links if not _has_init(place.folder / name)}
            below = place.folders - linked - (skip if not inside else frozenset())
            ahead.extend((f"{inside}{name}/", level + 1) for name in below if is_importable(name))


def _has_init(folder: Path) -> bool:
    return any(name.startswith("__init__.") for name in read_place(folder).files)


def located(names: Iterable[str], path: tuple[Path, ...], suffixes: tuple[str, ...]) -> tuple[ImportRoot, ...]:
    """The roots of these names on the search path `path`, in order; a name that is not there is left out."""
    return tuple(root for name in names if (root := find_root(name, path, suffixes)))


def find_root(name: str, path: tuple[Path, ...], suffixes: tuple[str, ...]) -> ImportRoot | None:
    """The root called `name` on the search path `path`, a stub-only module too; None where there is none."""
    found = find_on_path(name, path, suffixes) or find_on_path(name, path, (STUB_SUFFIX,))
    if found is None:
        return None
    if found.places:
        return ImportRoot(name=name, locations=tuple(place.folder for place in found.places))
    return ImportRoot(name=name, locations=(found.file,)) if found.file else None
