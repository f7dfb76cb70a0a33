"""Packages written for one test, and what the static half makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

from verifier.apis.finder import Finder
from verifier.apis.library import Library
from verifier.apis.surface import Statics, read_surfaces
from verifier.model import Module, ModuleKind, Surface, Symbol

COMPILED = ".so"
KINDS = {".py": ModuleKind.SOURCE, ".pyi": ModuleKind.STUB, COMPILED: ModuleKind.COMPILED}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write each file, its text without the indentation of the test; a `.so` may hold anything."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def finder(*folders: Path) -> Finder:
    """A finder over the folders."""
    return Finder(folders, (COMPILED,), frozenset({"sys"}))


def modules(folder: Path) -> Iterator[Module]:
    """Every module below `folder`, but for private ones (as a target lists them)."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        parts = inside.with_suffix("").parts
        is_package = parts[-1] == "__init__"
        names = parts[:-1] if is_package else parts
        stub = path.with_suffix(".pyi")
        if path.suffix not in KINDS or any(part.startswith("_") for part in names):
            continue
        if path == stub and any(path.with_suffix(suffix).exists() for suffix in (".py", COMPILED)):
            continue
        yield Module(
            name=".".join(names),
            kind=KINDS[path.suffix],
            file=path,
            shown=inside.as_posix(),
            is_package=is_package,
            stub=stub if path != stub and stub.exists() else None,
        )


def statics(folder: Path, files: Mapping[str, str], *others: Path) -> Statics:
    """Write the files; read all modules in the folder. `others` are the rest of the search path."""
    write(folder, files)
    every = tuple(modules(folder))
    return read_surfaces(Library(every, finder(folder, *others)), every)


def surface(folder: Path, files: Mapping[str, str], *others: Path, of: str = "pkg") -> Surface:
    """The surface of one module of the files."""
    return statics(folder, files, *others).surfaces[of]


def symbol(folder: Path, files: Mapping[str, str], name: str, of: str = "pkg") -> Symbol:
    """One symbol of one module of the files."""
    return next(each for each in surface(folder, files, of=of).symbols if each.name == name)


def names(shown: Surface) -> list[str]:
    """The advertised names."""
    return [each.name for each in shown.symbols]
