"""Import roots to every module below them, from the file system: what could be imported, private or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from verifier.apis.targets.places import STUB_SUFFIX, Found, Place, as_package, find_in, read_place
from verifier.model import ImportRoot, Module, ModuleKind


class _Package(Struct, frozen=True, kw_only=True):
    """A package or namespace on the way through the tree."""

    name: str
    shown: str
    found: Found
    above: tuple[Path, ...] = ()
    """The folders that it lies in, to notice a link back to one of them."""


def modules_below(root: ImportRoot, suffixes: tuple[str, ...]) -> Iterator[Module]:
    """The root and every module below it, each once, in no order.

    `suffixes` are those of `places.importable_suffixes`. A name with nothing but a `.pyi` is a stub-only module.
    A folder without `__init__` (PEP 420) is passed through, and given as a module only where it cannot be read.
    """
    first = root.locations[0]
    shown = "/".join(first.parts[-len(root.name.split(".")) :])
    if first.is_file():
        stub = first.with_name(root.name.rpartition(".")[2] + STUB_SUFFIX)
        yield _plain_module(root.name, shown.rpartition("/")[0], first, stub if stub.is_file() else None)
        return
    found = as_package(tuple(map(read_place, root.locations)), suffixes)
    # A list of what is still to do, not recursion: a hostile tree may be deeper than Python's stack.
    ahead = [_Package(name=root.name, shown=shown, found=found)]
    while ahead:
        package = ahead.pop()
        yield from _own_module(package)
        for child in _children(package, suffixes):
            if isinstance(child, _Package):
                ahead.append(child)
            else:
                yield child


def _children(package: _Package, suffixes: tuple[str, ...]) -> Iterator[Module | _Package]:
    places = package.found.places
    above = (*package.above, *(place.folder for place in places))
    for part in {part for place in places for part in place.offered((*suffixes, STUB_SUFFIX))}:
        name = f"{package.name}.{part}"
        found = find_in(places, part, suffixes)
        if found is not None and found.places:
            linked = any(part in place.links for place in places)
            if not (linked and any(_leads_up(place.folder, above) for place in found.places)):
                yield _Package(name=name, shown=f"{package.shown}/{part}", found=found, above=above)
            continue
        stub = _stub_file(part, places)
        if file := found.file if found else stub:
            yield _plain_module(name, package.shown, file, stub)


def _leads_up(link: Path, above: tuple[Path, ...]) -> bool:
    try:
        return any(link.samefile(folder) for folder in above)
    except OSError:  # gone or forbidden since it was listed: nothing will be found below it
        return True


def _stub_file(name: str, places: tuple[Place, ...]) -> Path | None:
    return next((file for place in places if (file := place.module_file(name, (STUB_SUFFIX,)))), None)


def _plain_module(name: str, folder_shown: str, file: Path, stub: Path | None) -> Module:
    return Module(
        name=name,
        kind=_kind(file),
        file=file,
        shown=f"{folder_shown}/{file.name}" if folder_shown else file.name,
        stub=stub if stub != file else None,
    )


def _own_module(package: _Package) -> Iterator[Module]:
    stub = _stub_file("__init__", package.found.places)
    if file := package.found.file or stub:
        yield Module(
            name=package.name,
            kind=_kind(file),
            file=file,
            shown=f"{package.shown}/{file.name}",
            is_package=True,
            stub=stub if stub != file else None,
        )
    elif not all(place.readable for place in package.found.places):
        # An import takes it for a namespace; listing it shows that there is something nobody could look into.
        yield Module(name=package.name, kind=ModuleKind.NAMESPACE, file=None, shown=package.shown, is_package=True)


def _kind(file: Path) -> ModuleKind:
    kinds = {".py": ModuleKind.SOURCE, STUB_SUFFIX: ModuleKind.STUB}
    return kinds.get(file.suffix, ModuleKind.COMPILED)
