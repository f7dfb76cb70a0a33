"""What a way to check a package is, where it runs, and what becomes of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Run, measure

LIMIT = 1800.0
"""Seconds after which a way is given up."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a way has no time for a package: it would be the time of something else."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how everything is run: the same for all."""

    python: Path
    """Of the environment that has the packages and the peers."""
    site: Path
    """Where that environment has them."""
    env: Mapping[str, str]
    work: Path
    """The working folder of every command, and its home."""
    scratch: Path
    """For caches and copies."""

    def run(self, command: Sequence[str], told: str = "", *, sample: bool = False) -> Run:
        """Run `command` once."""
        return measure(command, env=self.env, cwd=self.work, limit=LIMIT, told=told, sample=sample)

    def program(self, name: str) -> str:
        """The path of a command of that environment."""
        return str(self.python.with_name(name))


def environment(python: Path, home: Path) -> dict[str, str]:
    """Everybody gets the same: the activated environment, an empty home, byte code allowed."""
    folder = python.parent
    return {
        "PATH": f"{folder}{os.pathsep}{os.defpath}",
        "VIRTUAL_ENV": str(folder.parent),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
    }


def nothing() -> None:
    """For ways that need no preparation."""


def ended_well(run: Run) -> str | Refused:
    """For commands that say nothing but 0."""
    return "" if run.code == 0 else Refused(ending(run))


def ending(run: Run) -> str:
    """How a run ended that should not have ended so, in a few words."""
    if run.code < 0:
        return f"not done after {LIMIT:g} s" if run.seconds >= LIMIT else f"ended by signal {-run.code}"
    last = next((line.strip() for line in reversed(f"{run.output}\n{run.errors}".splitlines()) if line.strip()), "")
    return f"exit code {run.code}: {last[:80]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One command to measure on one package."""

    name: str
    command: tuple[str, ...]
    told: str = ""
    """Its standard input."""
    before: Callable[[], None] = nothing
    """What happens before each run and is not measured."""
    judge: Callable[[Run], str | Refused] = ended_well
    """What it has found, in a few words; Refused where it did not do its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A way that cannot be gone here, so that its row is there all the same."""

    name: str
    why: Refused
