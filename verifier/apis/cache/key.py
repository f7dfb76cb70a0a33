"""What evidence depends on beside files: the tool, the interpreter, the machine, the settings."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from msgspec.structs import replace

from verifier.apis.cache.digest import blake2b
from verifier.apis.cache.states import BYTECODE
from verifier.apis.runner import WITHOUT
from verifier.config import Config
from verifier.model import Target, TargetKind
from verifier.resources import sandbox_program

OBSERVERS = ("griffe", "libcst")


def key_of(target: Target, config: Config) -> str:
    """The key of all evidence on `target` under these settings; evidence under another key says nothing about it."""
    parts = (
        *tool(),
        *os.uname(),
        os.getuid(),
        os.cpu_count(),
        os.environ.get(WITHOUT, ""),
        replace(target.interpreter, builtin_modules=frozenset()),  # which its build has said, and in no order
        *_places(target),
        config.include_private,
        config.include_tests,
        config.exclude,
        config.timeout,
        config.memory,
        config.isolation,
        config.replay,
        sorted(config.env.items()),
        config.prelude,
        config.overrides,
    )
    return blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=20).hexdigest()


def _places(target: Target) -> tuple[object, ...]:
    """A wheel is unpacked somewhere else each time."""
    if target.kind is TargetKind.WHEEL:
        return target.name, target.version, [root.name for root in target.roots], os.path.realpath(target.asked)
    return target.roots, target.added_path


@cache
def tool() -> tuple[object, ...]:
    """The tool: its very code, with what reads sources for it, and the Python that runs both."""
    own = [folder for folder, _, _ in os.walk(Path(__file__).parents[2]) if not folder.endswith(BYTECODE)]
    folders = [*own, str(sandbox_program().parent)]
    code = [
        (entry.name, found.st_size, found.st_mtime_ns)
        for folder in sorted(folders)
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        if entry.name.endswith(".py") and (found := entry.stat())
    ]
    return sys.version, tuple(code), tuple(_installed(name) for name in OBSERVERS)


def _installed(name: str) -> tuple[str, ...]:
    """The entries of the folder that holds a library which are about it: its metadata has the version in its name."""
    spec = PathFinder.find_spec(name)
    if spec is None or spec.origin is None:
        return ()
    return tuple(sorted(path.name for path in Path(spec.origin).parents[1].glob(f"{name}*")))
