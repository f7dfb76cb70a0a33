"""Finds modules as Python's path finder does, from the file system alone: nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from keyword import iskeyword
from pathlib import Path

from msgspec import Struct

from verifier.model import Interpreter

STUB_SUFFIX = ".pyi"
CACHES = frozenset({"__pycache__"})


class Place(Struct, frozen=True, kw_only=True):
    """A folder in which modules are looked for, with the names of what it holds; broken links are left out."""

    folder: Path
    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    """Those of `folders` that are links, and so may lead back up."""
    readable: bool = True

    def module_file(self, name: str, suffixes: Iterable[str]) -> Path | None:
        """The file that makes the module `name`, or None. Case counts, on every file system."""
        for suffix in suffixes:
            if name + suffix in self.files:
                return self.folder / (name + suffix)
        return None

    def offered(self, suffixes: tuple[str, ...]) -> Iterator[str]:
        """The names that an `import` statement could ask for here, folders included, in no order."""
        yield from filter(is_importable, self.folders)
        for file in self.files:
            name = file.partition(".")[0]
            if name != "__init__" and file[len(name) :] in suffixes and is_importable(name):
                yield name


class Found(Struct, frozen=True, kw_only=True):
    """What the import of one name finds."""

    file: Path | None
    """None for a namespace (PEP 420)."""
    places: tuple[Place, ...] = ()
    """Where its submodules are looked for; empty for a module that is no package."""


def importable_suffixes(interpreter: Interpreter) -> tuple[str, ...]:
    """The suffixes of module files, in the order in which `FileFinder` tries them."""
    return (*interpreter.extension_suffixes, ".py", ".pyc")


def is_importable(part: str) -> bool:
    """Whether an `import` statement can spell this name: an identifier that is no keyword."""
    return part.isidentifier() and not iskeyword(part)


def is_dotted_name(name: str) -> bool:
    """Whether `name` can be an import name: `django.db`."""
    return all(map(is_importable, name.split(".")))


def read_place(folder: Path) -> Place:
    """What `folder` holds; empty where it is no folder (a zip file on the search path), or cannot be read."""
    files: set[str] = set()
    folders: set[str] = set()
    links: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.add(entry.name)
                    if entry.is_symlink():
                        links.add(entry.name)
                elif entry.is_file():
                    files.add(entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return Place(folder=folder)
    except OSError:
        return Place(folder=folder, readable=False)
    return Place(folder=folder, files=frozenset(files), folders=frozenset(folders - CACHES), links=frozenset(links))


def as_package(places: tuple[Place, ...], suffixes: tuple[str, ...]) -> Found:
    """The package that these folders make: a regular one if the first has an `__init__`, else a namespace."""
    return Found(file=places[0].module_file("__init__", suffixes), places=places)


def find_in(places: Iterable[Place], name: str, suffixes: tuple[str, ...]) -> Found | None:
    """What `import name` would find in `places`.

    In each place a package comes before an extension module, and that before source; a folder without `__init__` counts
    only if no place has anything better (PEP 420, `importlib.machinery.PathFinder`).
    """
    portions: list[Place] = []
    for place in places:
        if name in place.folders:
            portion = read_place(place.folder / name)
            if init := portion.module_file("__init__", suffixes):
                return Found(file=init, places=(portion,))
        if file := place.module_file(name, suffixes):
            return Found(file=file)
        if name in place.folders:
            portions.append(portion)
    return Found(file=None, places=tuple(portions)) if portions else None


def find_on_path(name: str, path: Iterable[Path], suffixes: tuple[str, ...]) -> Found | None:
    """What the import of the dotted `name` would find on the search path `path`, as far as files can tell.

    A package that changes its `__path__` while it runs is not seen through.
    """
    places: Iterable[Place] = map(read_place, path)
    found: Found | None = None
    for part in name.split("."):
        if (found := find_in(places, part, suffixes)) is None:
            return None
        places = found.places
    return found
