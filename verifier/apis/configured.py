"""A target with its settings: those of the command line, and those of the one configuration file that counts for it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from verifier.apis.targets import metadata
from verifier.apis.targets.interpreter import Ask
from verifier.apis.targets.project import is_project
from verifier.apis.targets.target import interpreter_at, is_path, resolve
from verifier.config import Config, Given, Override, Said
from verifier.config.file import Read, named, nearest, shown, upwards
from verifier.model import Interpreter, Target, TargetKind


@contextmanager
def configured(  # noqa: PLR0913  what the process has around it is for tests to say
    asked: str,
    given: Config | Given,
    ask: Ask,
    *,
    of: Interpreter | None = None,
    environ: Mapping[str, str] | None = None,
    here: Path | None = None,
) -> Iterator[tuple[Target, Config]]:
    """The target that `asked` names, and its settings: a `Config` as it is, a `Given` completed by a file.

    With `of` the target is a distribution that this interpreter has.

    The file is the one that the command line names; else the `pyproject.toml` of the folder that is the target, or of
    the project around it, or of the project that is installed editable; else the one of the working folder, or above.
    Raises UserError if the file is broken, and what `resolve` raises.
    """
    place = here or Path.cwd()
    if isinstance(given, Config):
        with resolve(asked, given, ask, of=of, environ=environ, here=place) as target:
            yield target, given
        return
    config = _settled(given, _near(asked, given, place), place)
    with resolve(asked, config, ask, of=of, environ=environ, here=place) as target:
        own = _of_editable(target) if given.search and given.file is None else None
        if own is None:
            yield _chosen(target, given, config) if of is None else target, config
            return
        if of is not None:
            yield target, _settled(given, own, place)
            return
        # a file that is found only by way of an interpreter need not name it
        python = config.python if "python" not in own.said else None
        settled = _settled(given, own, place, python)
        if settled.python == config.python:
            yield _chosen(target, given, settled), settled
            return
    with resolve(asked, settled, ask, environ=environ, here=place) as target:
        yield _chosen(target, given, settled), settled


def interpreter_here(given: Given, ask: Ask) -> Interpreter:
    """The interpreter that counts in the working folder, whatever it has. Raises UserError if it is broken."""
    here = Path.cwd()
    config = _settled(given, _near("", given, here), here)
    return _said_by(interpreter_at(here, config.python, ask), given, config)


def _settled(given: Given, found: Read | None, here: Path, python: str | None = None) -> Config:
    """The command line wins over the file, and both over what is set beforehand."""
    said: Said = {**(found.said if found else {}), **given.said}
    if python is not None:
        said = {"python": python, **said}
    said["overrides"] = tuple(_without(one, given.said) for one in said.get("overrides", ()))
    return Config(**said, source=shown(found.file, here) if found else None)


def _without(override: Override, said: Said) -> Override:
    """What is left of an override of the file when the command line has said something for all modules."""
    timeout = None if "timeout" in said else override.timeout
    return replace(override, timeout=timeout, min_doc=None if "min_doc" in said else override.min_doc)


def _near(asked: str, given: Given, here: Path) -> Read | None:
    """The file that can be found before the target is."""
    if given.file is not None:
        return named(here / given.file)
    if not given.search:
        return None
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111  no error where there is none
    return nearest((*_of_folder(asked, here, home), *upwards(here, home)))


def _of_folder(asked: str, here: Path, home: Path) -> Iterator[Path]:
    """The folder of the project that a folder or a module file belongs to; a wheel belongs to none."""
    path = Path(os.path.normpath(here / asked))
    if is_path(asked) and path.suffix != ".whl":
        above = upwards(path if os.path.isdir(path) else path.parent, home)  # noqa: PTH112  False where nobody may look
        yield from islice(filter(is_project, above), 1)


def _of_editable(target: Target) -> Read | None:
    """The file of the project that a target is the editable install of."""
    if target.kind is not TargetKind.PACKAGE or target.distribution is None:
        return None
    source = metadata.source_folder(target.distribution)
    return nearest((source,)) if source else None


def _chosen(target: Target, given: Given, config: Config) -> Target:
    """The same, with the true reason for its interpreter."""
    return replace(target, interpreter=_said_by(target.interpreter, given, config))


def _said_by(interpreter: Interpreter, given: Given, config: Config) -> Interpreter:
    if config.python is None or "python" in given.said:
        return interpreter
    return replace(interpreter, chosen=f"python in {config.source}")
