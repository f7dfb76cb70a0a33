"""What `verify-apis` says of the modules of a repository: each is imported as its users would import it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

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
    base: str
    """What leads from the root of the repository to the folder that it is imported from: `src/`, or nothing."""
    modules: tuple[ModuleVerdict, ...]
    verdicts: tuple[Verdict, ...]


class Importable(Struct, frozen=True, order=True):
    """What is verified at one go: a package, below a folder that modules are imported from."""

    folder: Path
    name: str
    base: str


Named = tuple[Importable, str] | Absent


def read(
    chosen: Iterable[Place], names: Mapping[str, Named], interpreter: Interpreter, verify: Verify
) -> Iterator[tuple[str, Apis | Absent]]:
    """What was found out about each of the `chosen` modules, by its path; those of one package one after the other.

    `names` are those of all modules of the repository, by path.
    """
    groups: dict[Importable, list[tuple[Place, str]]] = {}
    for place in chosen:
        found = names[place.path]
        if isinstance(found, Absent):
            yield place.path, found
        else:
            groups.setdefault(found[0], []).append((place, found[1]))
    all_names = frozenset(found[1] for found in names.values() if not isinstance(found, Absent))
    for package, modules in sorted(groups.items()):
        shown = _verified(package, interpreter, verify)
        of_this_machine = _leading_to(modules[0][0].root, interpreter)
        for place, name in modules:
            part = shown if isinstance(shown, Absent) else _of(name, package.base, all_names, shown, of_this_machine)
            yield place.path, part


def named(places: Iterable[Place], folders: Iterable[str]) -> Mapping[str, Named]:
    """What has to be verified for each module, and its dotted name, by its path.

    `folders` are those that modules are imported from, relative to the root of the repository, the first one first.
    """
    return {place.path: dotted_name(place, folders) for place in places}


def dotted_name(place: Place, folders: Iterable[str]) -> Named:
    """What has to be verified for a module, and its dotted name; or why it can have none."""
    if not place.folder.is_dir():
        return Absent("there is no folder at its path")
    for folder in (place.root / name for name in folders):
        if folder.is_dir() and place.folder.is_relative_to(folder) and place.folder != folder:
            parts = place.folder.relative_to(folder).parts
            if wrong := [part for part in parts if not part.isidentifier()]:
                return Absent(f"it cannot be imported: {wrong[0]!r} is no name in Python")
            base = "" if folder == place.root else f"{place.shown(folder)}/"
            return Importable(folder, ".".join(parts[: _depth(folder, parts)]), base), ".".join(parts)
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


def _leading_to(root: Path, interpreter: Interpreter) -> re.Pattern[str]:
    """What paths in messages begin with on this machine: the repository, and the folders of the interpreter."""
    of_python = (*interpreter.site_packages, *interpreter.standard_library, interpreter.prefix, interpreter.base_prefix)
    known = {name for folder in (root, *of_python) for name in (str(folder), os.path.realpath(folder))}
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest_first))})/")


def _of(name: str, base: str, others: frozenset[str], shown: TargetReport, of_this_machine: re.Pattern[str]) -> Apis:
    """The part of a report that is about a module, without the modules below it that have manifests of their own."""
    below = frozenset(each.module.name for each in shown.modules if name == _nearest(each.module.name, others))
    return Apis(
        name=name,
        base=base,
        modules=tuple(each for each in shown.modules if each.module.name in below),
        verdicts=tuple(
            _anywhere(verdict, of_this_machine) for verdict in shown.verdicts if verdict.symbol.module in below
        ),
    )


def _anywhere(verdict: Verdict, of_this_machine: re.Pattern[str]) -> Verdict:
    """The same verdict, in words that hold on any machine."""
    reasons = (replace(each, detail=of_this_machine.sub("", each.detail)) for each in verdict.reasons)
    return replace(verdict, reasons=tuple(reasons))


def _nearest(module: str, names: frozenset[str]) -> str | None:
    """The one of the names that the module has, or the nearest one above it."""
    while module and module not in names:
        module = module.rpartition(".")[0]
    return module or None
