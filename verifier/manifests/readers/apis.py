"""What `verify-apis` says of the modules of a repository: each is imported as its users would import it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests.model import Absent, Place
from verifier.model import ImportRoot, Interpreter, ModuleVerdict, Target, TargetKind, TargetReport, Verdict

INIT = "__init__.py"
Verify = Callable[[Target], TargetReport]
"""`verifier.apis.verify_target`, with its settings."""


class Apis(Struct, frozen=True, kw_only=True):
    """What was found out about one module and those below it that belong to it."""

    name: str
    """Its dotted name: `shop.cart`."""
    modules: tuple[ModuleVerdict, ...]
    verdicts: tuple[Verdict, ...]


class Importable(Struct, frozen=True, order=True):
    """What is verified at one go: a package, below a folder that modules are imported from."""

    folder: Path
    name: str


def read(
    places: Iterable[Place], folders: Iterable[str], interpreter: Interpreter, verify: Verify
) -> Iterator[tuple[str, Apis | Absent]]:
    """What was found out about each of the `places`, by its path; those of one package one after the other.

    `folders` are those that modules are imported from, relative to the root of the repository, the first one first.
    """
    named = {place.path: dotted_name(place, folders) for place in places}
    groups: dict[Importable, dict[str, str]] = {}
    for path, found in named.items():
        if isinstance(found, Absent):
            yield path, found
        else:
            groups.setdefault(found[0], {})[path] = found[1]
    for package in sorted(groups):
        shown = _verified(package, interpreter, verify)
        names = frozenset(groups[package].values())
        for path, name in sorted(groups[package].items()):
            yield path, shown if isinstance(shown, Absent) else _of(name, names, shown)


def dotted_name(place: Place, folders: Iterable[str]) -> tuple[Importable, str] | Absent:
    """What has to be verified for a module, and its dotted name; or why it can have none."""
    if not place.folder.is_dir():
        return Absent("there is no folder at its path")
    for folder in (place.root / name for name in folders):
        if folder.is_dir() and place.folder.is_relative_to(folder) and place.folder != folder:
            parts = place.folder.relative_to(folder).parts
            if wrong := [part for part in parts if not part.isidentifier()]:
                return Absent(f"it cannot be imported: {wrong[0]!r} is no name in Python")
            return Importable(folder, ".".join(parts[: _depth(folder, parts)])), ".".join(parts)
    return Absent("it is not below a folder that modules are imported from (`import-roots`)")


def _depth(folder: Path, parts: tuple[str, ...]) -> int:
    """How many parts lead to the outermost package; all of them where there is none."""
    depths = range(1, len(parts) + 1)
    return next((depth for depth in depths if folder.joinpath(*parts[:depth], INIT).is_file()), len(parts))


def _verified(package: Importable, interpreter: Interpreter, verify: Verify) -> TargetReport | Absent:
    location = package.folder.joinpath(*package.name.split("."))
    target = Target(
        asked=str(location),
        name=package.name,
        version=None,
        kind=TargetKind.FOLDER,
        interpreter=interpreter,
        roots=(ImportRoot(name=package.name, locations=(location,)),),
        added_path=(package.folder,),
    )
    try:
        return verify(target)
    except UserError as error:
        return Absent(error.what)


def _of(name: str, others: frozenset[str], shown: TargetReport) -> Apis:
    """The part of a report that is about a module, without the modules below it that have manifests of their own."""
    below = frozenset(each.module.name for each in shown.modules if name == _nearest(each.module.name, others))
    return Apis(
        name=name,
        modules=tuple(each for each in shown.modules if each.module.name in below),
        verdicts=tuple(verdict for verdict in shown.verdicts if verdict.symbol.module in below),
    )


def _nearest(module: str, names: frozenset[str]) -> str | None:
    """The one of the names that the module has, or the nearest one above it."""
    while module and module not in names:
        module = module.rpartition(".")[0]
    return module or None
