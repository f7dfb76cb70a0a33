"""What stands for many targets: a file of requirements, an environment, a folder of wheels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from verifier.apis.targets.distributions import canonical, installed
from verifier.apis.targets.places import read_place
from verifier.apis.targets.project import is_project
from verifier.apis.targets.target import is_path
from verifier.errors import NothingToCheck, UserError
from verifier.model import Interpreter

INSTALLERS = frozenset({"pip"})
"""What is in an environment to fill it: nobody imports it."""


class Wanted(Struct, frozen=True, kw_only=True):
    """One target, as somebody named it, or as a list has it."""

    asked: str
    of: Interpreter | None = None
    """The interpreter that has it, where `asked` is the name of a distribution."""
    is_listed: bool = False
    """Nobody has named it, so it is no fault of its own if it holds nothing to check."""
    problem: UserError | None = None
    """Why nobody can tell what it is."""


def named(targets: Iterable[str]) -> Iterator[Wanted]:
    """What the command line names, a folder of wheels as all of them."""
    for target in targets:
        wheels = _wheels(Path(target)) if is_path(target) else []
        yield from (Wanted(asked=wheel, is_listed=True) for wheel in wheels)
        if not wheels:
            yield Wanted(asked=target)


def _wheels(folder: Path) -> list[str]:
    """The wheels right in a folder that is neither a package nor a project, sorted."""
    place = read_place(folder)
    wheels = sorted(name for name in place.files if name.endswith(".whl"))
    if not wheels or "__init__.py" in place.files or is_project(folder):
        return []
    return [str(folder / name) for name in wheels]  # a name with this ending is a path


def in_file(file: Path, interpreter: Interpreter) -> Iterator[Wanted]:
    """The distributions that a requirements file wants. Raises UserError if it cannot be read, or wants none."""
    from verifier.apis.targets.requirements import required  # noqa: PLC0415  its patterns are slow to compile

    found = required(file, interpreter)
    if not found:
        raise NothingToCheck("this file requires nothing for this interpreter", where=str(file))
    for each in found:
        if isinstance(each, UserError):
            yield Wanted(asked=each.where, is_listed=True, problem=each)
        else:
            yield Wanted(asked=each, of=interpreter, is_listed=True)


def in_environment(interpreter: Interpreter) -> Iterator[Wanted]:
    """All that is installed for an interpreter, by name. Raises NothingToCheck if nothing is."""
    names = {canonical(each.name): each.name for each in installed(interpreter.site_packages)}
    if not names.keys() - INSTALLERS:
        raise NothingToCheck("nothing is installed for this interpreter", where=str(interpreter.path))
    for name in sorted(names.keys() - INSTALLERS):
        yield Wanted(asked=names[name], of=interpreter, is_listed=True)


def without_repeats(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Each once, where it comes first. A distribution is more than the import of the same name."""
    kept: dict[str, Wanted] = {}
    for each in wanted:
        is_name = each.problem is None and not is_path(each.asked)
        key = canonical(each.asked) if is_name else os.path.normpath(each.asked)
        first = kept.setdefault(key, each)
        if first.of is None and each.of is not None:
            kept[key] = replace(each, is_listed=first.is_listed)
    return tuple(kept.values())
