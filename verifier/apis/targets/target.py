"""What the user named, resolved: import roots, search path, interpreter. Nothing of it is run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from verifier.apis.targets.environment import (
    distribution_called,
    distribution_of,
    near_names,
    roots_by_distribution,
    roots_by_import_name,
)
from verifier.apis.targets.interpreter import Ask, find_interpreter
from verifier.apis.targets.metadata import source_folder
from verifier.apis.targets.places import importable_suffixes
from verifier.apis.targets.project import PROJECT_FILES, Project, read_project
from verifier.apis.targets.roots import located, outermost_files, root_names
from verifier.config import Config
from verifier.errors import NothingToCheck, UserError
from verifier.model import Distribution, ImportRoot, Interpreter, Target, TargetKind


class _Request(Struct, frozen=True, kw_only=True):
    """What was asked, and where."""

    asked: str
    python: str | None
    ask: Ask
    environ: Mapping[str, str]
    here: Path
    of: Interpreter | None = None
    """The interpreter, where it is known: what was asked for is then a distribution that it has."""

    @property
    def path(self) -> Path:
        """The path that was asked for; links are kept, since their names are the import names."""
        return Path(os.path.normpath(self.here / self.asked))

    def interpreter(self, start: Path, found_here: Callable[[Interpreter], bool]) -> Interpreter:
        """The interpreter for a target at `start`."""
        return interpreter_at(start, self.python, self.ask, environ=self.environ, found_here=found_here)


def interpreter_at(
    start: Path,
    python: str | None,
    ask: Ask,
    *,
    environ: Mapping[str, str] | None = None,
    found_here: Callable[[Interpreter], bool] = lambda _: False,
) -> Interpreter:
    """The interpreter for what is at `start`; the tool's own only if that is `found_here`."""
    environment = os.environ if environ is None else environ
    try:
        return find_interpreter(python, beside=_beside(start), found_here=found_here, ask=ask, environ=environment)
    except OSError as broken:
        raise _unreadable(Path(broken.filename or start), broken) from broken


@contextmanager
def resolve(  # noqa: PLR0913  as in `configured`
    asked: str,
    config: Config,
    ask: Ask,
    *,
    of: Interpreter | None = None,
    environ: Mapping[str, str] | None = None,
    here: Path | None = None,
) -> Iterator[Target]:
    """The target that `asked` names; a wheel stays unpacked until the context ends.

    With a separator, a leading dot, or the ending `.whl` it is a path; else the name of a module, dotted or not; else
    that of a distribution. With `of` it is the name of a distribution that this interpreter has. `environ` and `here`
    are those of this process unless they are given.

    Raises NothingToCheck if there is no such thing, or nothing in it to import; UserError if it, or the interpreter,
    is broken.
    """
    request = _Request(
        asked=asked,
        python=config.python,
        ask=ask,
        environ=os.environ if environ is None else environ,
        here=here or Path.cwd(),
        of=of,
    )
    if of is not None:
        yield _distribution(request, of)
    elif not is_path(asked):
        yield _installed(request)
    elif _is_wheel(request.path):
        from verifier.apis.targets.wheel import unpacked  # noqa: PLC0415  slow, and only wheels need it

        with unpacked(request.path) as distribution:
            yield _wheel(request, distribution)
    else:
        yield _folder(request)


def is_path(asked: str) -> bool:
    """Whether the user means a path, not a name."""
    return asked.startswith(".") or asked.endswith(".whl") or any(sign in asked for sign in ("/", os.sep))


def _is_wheel(path: Path) -> bool:
    try:
        return path.suffix == ".whl" and not path.is_dir()
    except OSError as broken:
        raise _unreadable(path, broken) from broken


def _unreadable(path: Path, broken: OSError) -> UserError:
    return UserError(
        f"this cannot be read: {broken.strerror}", where=str(path), fix="check the path and its permissions"
    )


def _beside(start: Path) -> tuple[Path, ...]:
    """The folders in which the environment of a target at `start` may lie: up to its repository's or project's."""
    folders = (start, *start.parents)
    for marks in ((".git",), PROJECT_FILES):
        for end, folder in enumerate(folders, start=1):
            if any((folder / mark).exists() for mark in marks):
                return folders[:end]
    return folders[:2]


# --- an installed package ---------------------------------------------------------------------------------------------


def _installed(request: _Request) -> Target:
    name = request.asked
    if not re.fullmatch(r"[\w.-]+", name):
        alone = re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0]
        fix = f"name the package alone: verify-apis {alone}" if alone else "give a package's name, or a path"
        raise UserError(f"{name!r} is not the name of a package", fix=fix)
    interpreter = request.interpreter(request.here, lambda candidate: bool(_look_up(name, candidate)[0]))
    return _package(request, interpreter, *_look_up(name, interpreter))


def _distribution(request: _Request, interpreter: Interpreter) -> Target:
    distribution = distribution_called(request.asked, interpreter)
    roots = roots_by_distribution(distribution, interpreter) if distribution else ()
    return _package(request, interpreter, roots, distribution)


def _package(
    request: _Request, interpreter: Interpreter, roots: tuple[ImportRoot, ...], distribution: Distribution | None
) -> Target:
    name = request.asked
    if not roots or (request.of is None and name in interpreter.builtin_modules):
        raise _not_found(request, interpreter, distribution)
    return Target(
        asked=name,
        name=distribution.name if distribution else name,
        version=distribution.version or None if distribution else None,
        kind=TargetKind.PACKAGE,
        interpreter=interpreter,
        roots=roots,
        distribution=distribution,
    )


def _look_up(name: str, interpreter: Interpreter) -> tuple[tuple[ImportRoot, ...], Distribution | None]:
    if roots := roots_by_import_name(name, interpreter):
        return roots, distribution_of(roots[0], interpreter)
    distribution = distribution_called(name, interpreter)
    return roots_by_distribution(distribution, interpreter) if distribution else (), distribution


def _has(name: str, interpreter: Interpreter) -> bool:
    return bool(roots_by_import_name(name, interpreter))


def _not_found(request: _Request, interpreter: Interpreter, distribution: Distribution | None) -> NothingToCheck:
    name = request.asked
    where = f"{interpreter.path} ({interpreter.version}, {interpreter.chosen})"
    if request.of is None and name in interpreter.builtin_modules:
        return NothingToCheck(f"{name!r} is built into the interpreter: there is no file to check", where=where)
    if distribution:
        what = f"the distribution {distribution.name!r} brings no module that this interpreter could import"
        fix = "name an import name, or a folder"
        return NothingToCheck(what, where=str(distribution.metadata), fix=fix, is_sound=True)
    if request.of is not None:
        return NothingToCheck(f"{name!r} is required, and not installed", where=where, fix="install it there")
    near = " or ".join(map(repr, near_names(name, interpreter)))
    above = name.rpartition(".")[0]
    hints = (
        f"did you mean {near}?" if near else "",
        f"a folder or file needs a slash: verify-apis ./{name}" if (request.here / name).exists() else "",
        f"what a module defines is checked with it: verify-apis {above}" if _has(above, interpreter) else "",
    )
    fix = "; ".join(filter(None, hints)) or "install it there, or give --python the interpreter that has it"
    return NothingToCheck(f"no module and no distribution named {name!r} for this interpreter", where=where, fix=fix)


# --- a folder, a module file, a wheel ---------------------------------------------------------------------------------


def _folder(request: _Request) -> Target:
    try:
        project = read_project(request.path)
    except OSError as broken:
        raise _unreadable(request.path, broken) from broken
    interpreter = _interpreter_for(request, project.names)
    roots = located(project.names, project.path, importable_suffixes(interpreter))
    if not roots:
        raise NothingToCheck("there is no module here that this interpreter could import", where=str(request.path))
    if request.path.is_file() and request.path not in roots[0].locations and request.path.stem != "__init__":
        what = f"`import {roots[0].name}` finds something else than this file"
        raise UserError(what, where=str(roots[0].locations[0]), fix="rename one of the two")
    distribution = _installed_from(project, interpreter)
    return Target(
        asked=request.asked,
        name=project.name or (roots[0].name if len(roots) == 1 else request.path.name),
        version=project.version or (distribution.version or None if distribution else None),
        kind=TargetKind.FOLDER,
        interpreter=interpreter,
        roots=roots,
        added_path=project.path,
        distribution=distribution,
    )


def _interpreter_for(request: _Request, names: tuple[str, ...]) -> Interpreter:
    return request.interpreter(
        request.path, lambda candidate: any(roots_by_import_name(name, candidate) for name in names)
    )


def _installed_from(project: Project, interpreter: Interpreter) -> Distribution | None:
    """The editable install of this very folder: its metadata knows the extras, and a version that is computed."""
    distribution = distribution_called(project.name, interpreter) if project.name and project.folder else None
    source = source_folder(distribution) if distribution else None
    same = source and project.folder and source.resolve() == project.folder.resolve()
    return distribution if same else None


def _wheel(request: _Request, distribution: Distribution) -> Target:
    folder = distribution.metadata.parent
    names = root_names(outermost_files(folder))
    interpreter = _interpreter_for(request, names)
    from verifier.apis.targets.wheel import check_tags  # noqa: PLC0415

    check_tags(request.path, interpreter)
    roots = located(names, (folder,), importable_suffixes(interpreter))
    if not roots:
        raise NothingToCheck("this wheel holds no module that this interpreter could import", where=str(request.path))
    return Target(
        asked=request.asked,
        name=distribution.name,
        version=distribution.version or None,
        kind=TargetKind.WHEEL,
        interpreter=interpreter,
        roots=roots,
        added_path=(folder,),
        distribution=distribution,
    )
