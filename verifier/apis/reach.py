"""The folders that a target's imports may read: its interpreter's, its own, and those of what it depends on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from verifier.apis.targets.editable import editable_roots
from verifier.apis.targets.places import importable_suffixes
from verifier.model import Target

PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")
SOURCES = ("src", "lib", "python")


def readable(target: Target, home: Path | None = None) -> tuple[list[str], list[str]]:
    """Folders and files that may be read whole, and folders of which only the names may.

    A home folder, and what is above it, is never among the first, even where somebody keeps modules right in it.
    """
    own_home = (home or Path.home()).resolve()
    whole: set[Path] = set()
    names: set[Path] = set()
    for place in _places(target):
        for each in {place, Path(os.path.realpath(place))}:
            (names if own_home.is_relative_to(each) or each.parent == each else whole).add(each)
    return sorted(map(str, whole)), sorted(map(str, names))


def _places(target: Target) -> Iterator[Path]:
    interpreter = target.interpreter
    yield from (interpreter.prefix, interpreter.base_prefix)
    for folder in target.search_path:
        yield folder
        if folder.name in SOURCES and any((folder.parent / name).exists() for name in PROJECT):
            yield folder.parent  # a module may read what lies beside it in its project
    editable = editable_roots(interpreter.site_packages, importable_suffixes(interpreter))
    yield from (location for root in (*target.roots, *editable) for location in root.locations)
    yield from _linked(interpreter.site_packages)


def _linked(site_packages: Iterable[Path]) -> Iterator[Path]:
    """Where the links lead that stand for packages, or for their files: installers may link instead of copying."""
    for site in site_packages:
        for entry in os.scandir(site) if site.is_dir() else ():
            if entry.is_symlink():
                yield Path(entry.path)
            elif entry.name.endswith(".dist-info") and (metadata := Path(entry.path, "METADATA")).is_symlink():
                yield Path(os.path.realpath(metadata)).parents[1]
