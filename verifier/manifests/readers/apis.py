"""What `verify-apis` says of the modules of a repository: each is imported as its users would import it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from verifier.errors import NothingToCheck
from verifier.manifests.model import Absent, Place
from verifier.manifests.readers.trails import Within
from verifier.model import ImportRoot, Interpreter, Module, Target, TargetKind, TargetReport, Verdict

INIT = "__init__.py"
Verify = Callable[[Target, int], TargetReport]
"""`verifier.apis.verify_target` with its settings, and so many imports at a time."""


class Apis(Struct, frozen=True, kw_only=True):
    """What was found out about one module and those below it that belong to it."""

    name: str
    """Its dotted name: `shop.cart`."""
    base: str
    """What leads from the root of the repository to the folder that it is imported from: `src/`, or nothing."""
    modules: tuple[Module, ...]
    """Its own, and those of the same package that its APIs are defined in."""
    verdicts: tuple[Verdict, ...]
    rests_on: tuple[str, ...] | None = None
    """The files and folders of the repository, there or not, that its imports depend on; None if nobody can tell.

    That a folder that modules are imported from has other names in it by now is none of it.
    """


class Importable(Struct, frozen=True, order=True):
    """What is verified at one go: a package, below a folder that modules are imported from."""

    folder: Path
    name: str
    base: str


Named = tuple[Importable, str] | Absent


class Part(Struct, frozen=True, kw_only=True):
    """Modules that are looked at together."""

    package: Importable | None
    """What they are verified with; None for those that cannot be imported."""
    places: tuple[Place, ...]


def parts(chosen: Iterable[Place], names: Mapping[str, Named]) -> tuple[Part, ...]:
    """The `chosen` modules, those of one package together, in the order of paths.

    `names` are those of all modules, by path.
    """
    groups: dict[Importable, list[Place]] = {}
    alone: list[Part] = []
    for place in chosen:
        found = names[place.path]
        if isinstance(found, Absent):
            alone.append(Part(package=None, places=(place,)))
        else:
            groups.setdefault(found[0], []).append(place)
    packages = [Part(package=package, places=tuple(places)) for package, places in groups.items()]
    return tuple(sorted((*packages, *alone), key=lambda part: part.places[0].path))


def read(
    part: Part, names: Mapping[str, Named], interpreter: Interpreter, verify: Callable[[Target], TargetReport]
) -> Iterator[tuple[Place, Apis | Absent]]:
    """What was found out about each module of a part. `names` are those of all modules of the repository, by path.

    Raises UserError if nobody could look: that is not evidence that there is nothing.
    """
    shown = _verified(part.package, interpreter, verify) if part.package else Absent("")
    local, within = _leading_to(part.places[0].root, interpreter), Within(part.places[0].root, interpreter)
    all_names = frozenset(found[1] for found in names.values() if not isinstance(found, Absent))
    for place in part.places:
        found = names[place.path]
        if isinstance(found, Absent):
            yield place, found
        else:
            yield place, shown if isinstance(shown, Absent) else _of(found, all_names, shown, local, within)


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


def _verified(
    package: Importable, interpreter: Interpreter, verify: Callable[[Target], TargetReport]
) -> TargetReport | Absent:
    try:
        return verify(target_of(package, interpreter))
    except NothingToCheck as error:
        return Absent(error.what)


def target_of(package: Importable, interpreter: Interpreter) -> Target:
    """A package of the repository as a target."""
    location = package.folder.joinpath(*package.name.split("."))
    return Target(
        asked=str(location),
        name=package.name,
        version=None,
        kind=TargetKind.FOLDER,
        interpreter=interpreter,
        roots=(ImportRoot(name=package.name, locations=(location,)),),
        added_path=(package.folder,),
    )


def _leading_to(root: Path, interpreter: Interpreter) -> re.Pattern[str]:
    """What paths in messages begin with on this machine: the repository, and the folders of the interpreter."""
    of_python = (*interpreter.site_packages, *interpreter.standard_library, interpreter.prefix, interpreter.base_prefix)
    known = {name for folder in (root, *of_python) for name in (str(folder), os.path.realpath(folder))}
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest_first))})/")


def _of(
    called: tuple[Importable, str],
    others: frozenset[str],
    shown: TargetReport,
    of_this_machine: re.Pattern[str],
    within: Within,
) -> Apis:
    """The part of a report that is about a module, without the modules below it that have manifests of their own."""
    package, name = called
    modules = {each.module.name: each.module for each in shown.modules}
    below = frozenset(module for module in modules if name == _nearest(module, others))
    verdicts = tuple(verdict for verdict in shown.verdicts if verdict.symbol.module in below)
    needed = below.union(verdict.symbol.defined_in or "" for verdict in verdicts)
    return Apis(
        name=name,
        base=package.base,
        modules=tuple(module for each, module in modules.items() if each in needed),
        verdicts=tuple(_anywhere(verdict, of_this_machine) for verdict in verdicts),
        rests_on=within.used([shown.trails.get(each) for each in needed & modules.keys()], but=package.folder),
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
