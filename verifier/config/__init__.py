"""What a run may be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypedDict

from msgspec import Struct, field


class Range(Struct, frozen=True):
    """The values that a number may have, and what it counts."""

    least: float
    most: float
    unit: str

    def holds(self, number: float) -> bool:
        """Whether the number is one of them; NaN never is."""
        return self.least <= number <= self.most


TIMEOUT = Range(0.1, 86_400, "seconds")
MEMORY = Range(64, 1 << 20, "MiB")
JOBS = Range(1, 1024, "imports at the same time")
MIN_DOC = Range(0, 1_000_000, "characters")


class Override(Struct, frozen=True, kw_only=True):
    """What holds for the modules that one of the patterns fits (`fnmatch`); None where nothing else holds."""

    modules: tuple[str, ...]
    timeout: float | None = None
    min_doc: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    def fits(self, module: str) -> bool:
        """Whether it is about this module."""
        return any(fnmatchcase(module, pattern) for pattern in self.modules)


class Config(Struct, frozen=True, kw_only=True):
    """The settings of one run of `verify`.

    Raises ValueError if a number is out of its range, or a variable of the environment may not be set.
    """

    python: str | None = None
    """An interpreter's path, or a version such as `3.12`; None to find one."""
    include_private: bool = False
    include_tests: bool = False
    exclude: tuple[str, ...] = ()
    """Patterns (`fnmatch`) of the names of modules to leave out; a package takes all below it along."""
    min_doc: int = 80
    """Characters that an own docstring needs, after `inspect.cleandoc`; 0 or more."""
    strict: bool = False
    """Warnings are findings."""
    timeout: float = 30.0
    """Seconds of wall clock that the import of one module may take."""
    memory: int = 4096
    """MiB of memory that one import may hold."""
    jobs: int = 2
    """Imports that run at the same time."""
    isolation: Literal["auto", "kernel"] = "auto"
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the environment in which modules are imported, beside those that the sandbox sets."""
    prelude: str = ""
    """Python code that runs in the sandbox before the first import."""
    overrides: tuple[Override, ...] = ()
    """What holds for some modules only; a later one wins."""
    replay: bool = True
    """The standard library may be imported once for many modules; False to import it for each."""
    cache: Path | None = None
    """The folder that evidence is kept in; None to keep none."""
    believing: bool = False
    """Modules that do not speak of what has changed are believed not to notice it (`apis/notice.py`)."""
    source: str | None = None
    """The configuration file that this comes from, as shown to people."""

    def __post_init__(self) -> None:
        times = [self.timeout, *(one.timeout for one in self.overrides if one.timeout is not None)]
        lengths = [self.min_doc, *(one.min_doc for one in self.overrides if one.min_doc is not None)]
        ranged: Mapping[Range, Sequence[float]] = {
            TIMEOUT: times,
            MIN_DOC: lengths,
            MEMORY: [self.memory],
            JOBS: [self.jobs],
        }
        if not all(limit.holds(number) for limit, numbers in ranged.items() for number in numbers):
            raise ValueError("a limit is out of its range")
        if refused := [
            why for env in self._environments() for name, text in env.items() if (why := refusal(name, text))
        ]:
            raise ValueError(refused[0])

    def _environments(self) -> Iterator[Mapping[str, str]]:
        yield self.env
        yield from (one.env for one in self.overrides)

    def timeout_of(self, module: str) -> float:
        """The seconds that the import of this module may take."""
        own = [one.timeout for one in self.overrides if one.timeout is not None and one.fits(module)]
        return own[-1] if own else self.timeout

    def min_doc_of(self, module: str) -> int:
        """The characters that a docstring of this module needs."""
        own = [one.min_doc for one in self.overrides if one.min_doc is not None and one.fits(module)]
        return own[-1] if own else self.min_doc

    def env_of(self, module: str) -> dict[str, str]:
        """The variables that are set just before the import of this module."""
        return {name: text for one in self.overrides if one.fits(module) for name, text in one.env.items()}


class Said(TypedDict, total=False):
    """What a configuration file or a command line says: fields of `Config`, none of which it must name."""

    python: str
    include_private: bool
    include_tests: bool
    exclude: tuple[str, ...]
    min_doc: int
    strict: bool
    timeout: float
    memory: int
    jobs: int
    isolation: Literal["auto", "kernel"]
    env: Mapping[str, str]
    prelude: str
    overrides: tuple[Override, ...]
    replay: bool
    cache: Path | None
    believing: bool


class Given(Struct, frozen=True, kw_only=True):
    """What the command line says; a configuration file is to be asked for the rest."""

    said: Said
    file: Path | None = None
    """The configuration file that it names; None to look for one."""
    search: bool = True
    """False to use no configuration file at all."""


class Asked(Struct, frozen=True, kw_only=True):
    """The targets of a run: each by itself, and lists of them."""

    targets: tuple[str, ...] = ()
    requirements: tuple[Path, ...] = ()
    """Files in the format of pip."""
    all_installed: bool = False
    """Every distribution of the environment."""


# --- variables of the environment -------------------------------------------------------------------------------------

SET_BY_THE_SANDBOX = frozenset(
    {"HOME", "LANG", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "TMPDIR"}
)
FOR_THE_SANDBOX = "XDG_"
READ_AT_THE_START = re.compile(r"PYTHON[A-Z0-9]*|LD_\w+")
"""By the interpreter and by the dynamic linker: the modules come later."""


def refusal(name: str, text: str) -> str | None:
    """Why a variable may not be set to this text; None if it may."""
    if not name or "=" in name or "\0" in name:
        return f"{name!r} is not the name of a variable"
    if name in SET_BY_THE_SANDBOX or name.startswith(FOR_THE_SANDBOX):
        return f"the sandbox itself sets {name}"
    if READ_AT_THE_START.fullmatch(name):
        return f"{name} is read when a program starts, so it would come too late"
    if "\0" in text:
        return "a null character ends the value of a variable"
    return None
