"""Where a dotted name lives: static resolution over a search path, as the import system would do it. Nothing runs.

The rules are those of `importlib.machinery.PathFinder` and `FileFinder`, and of PEP 420 for folders without `__init__`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from verifier.model import ModuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE_SUFFIX = ".py"
BYTECODE_SUFFIX = ".pyc"


class Found(Struct, frozen=True, kw_only=True):
    """Where a module is: SOURCE, COMPILED (no file where it is built into the interpreter) or NAMESPACE."""

    name: str
    kind: ModuleKind
    file: Path | None
    folders: tuple[Path, ...] = ()
    """A package's `__path__`; empty for a plain module."""
    stub: Path | None = None
    """The `.pyi` beside it."""

    @property
    def is_package(self) -> bool:
        """Whether it can have submodules."""
        return bool(self.folders)


class _Listing(Struct, frozen=True):
    """The names in one folder. Empty where there is no such folder, or it may not be read."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()


class Finder:
    """Finds modules by name. Each folder is listed once, so what changes on disk later is not seen."""

    def __init__(
        self, search_path: tuple[Path, ...], extension_suffixes: tuple[str, ...], builtin_modules: frozenset[str]
    ) -> None:
        self.search_path = search_path
        self.extension_suffixes = extension_suffixes
        self.builtin_modules = builtin_modules
        self._listings: dict[str, _Listing] = {}
        self._found: dict[str, Found | None] = {}

    def find(self, name: str) -> Found | None:
        """The module called `name` (`a.b.c`), or None if an import would not find it."""
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def children(self, name: str) -> frozenset[str]:
        """The last parts of the names of everything that can be imported below `name`; empty if it is no package."""
        package = self.find(name)
        listings = [self._listing(str(folder)) for folder in package.folders] if package else []
        stems = {self._module_name(file) for listing in listings for file in listing.files}
        folders = {folder for listing in listings for folder in listing.folders}
        return frozenset(child for child in stems | folders if child.isidentifier() and child != "__init__")

    @property
    def listed(self) -> frozenset[str]:
        """The folders that it has looked into so far."""
        return frozenset(self._listings)

    def _look_up(self, name: str) -> Found | None:
        parent, _, tail = name.rpartition(".")
        if name in self.builtin_modules:
            return Found(name=name, kind=ModuleKind.COMPILED, file=None)
        if not tail.isidentifier():
            return None
        if not parent:
            return self._search(name, tail, map(str, self.search_path))
        package = self.find(parent)
        return self._search(name, tail, map(str, package.folders)) if package else None

    def _search(self, name: str, tail: str, entries: Iterable[str]) -> Found | None:
        portions: list[Path] = []
        for entry in entries:
            listing = self._listing(entry)
            if tail in listing.folders and (package := self._module(name, "__init__", os.path.join(entry, tail))):  # noqa: PTH118
                return package
            if module := self._module(name, tail, entry):
                return module
            if tail in listing.folders:
                portions.append(Path(entry, tail))
        return Found(name=name, kind=ModuleKind.NAMESPACE, file=None, folders=tuple(portions)) if portions else None

    def _module(self, name: str, stem: str, folder: str) -> Found | None:
        """The file in `folder` that an import of `name` would load, with the suffixes in the order of `FileFinder`."""
        files = self._listing(folder).files
        for suffix in (*self.extension_suffixes, SOURCE_SUFFIX, BYTECODE_SUFFIX):
            if stem + suffix in files:
                return Found(
                    name=name,
                    kind=ModuleKind.SOURCE if suffix == SOURCE_SUFFIX else ModuleKind.COMPILED,
                    file=Path(folder, stem + suffix),
                    folders=(Path(folder),) if stem == "__init__" else (),
                    stub=Path(folder, stem + ".pyi") if stem + ".pyi" in files else None,
                )
        return None

    def _module_name(self, file: str) -> str:
        """The module that `file` holds; an empty string if it holds none."""
        for suffix in (*self.extension_suffixes, SOURCE_SUFFIX, BYTECODE_SUFFIX):
            if file.endswith(suffix):
                return file.removesuffix(suffix)
        return ""

    def _listing(self, folder: str) -> _Listing:
        if folder not in self._listings:
            self._listings[folder] = _list(folder)
        return self._listings[folder]


def _list(folder: str) -> _Listing:
    """Links count as what they lead to; a dangling one, and what may not be looked at, counts as nothing."""
    files: set[str] = set()
    folders: set[str] = set()
    try:
        with os.scandir(folder or ".") as entries:
            for entry in entries:
                (folders if entry.is_dir() else files).add(entry.name)
    except OSError:
        return _Listing()
    return _Listing(frozenset(files), frozenset(folders))
