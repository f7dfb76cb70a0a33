"""What is to be measured: `benchmarks.yml`, after `schema/benchmarks.schema.json`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from msgspec import Struct, field

from verifier.errors import UserError
from verifier.manifests.model import Absent
from verifier.manifests.schema import check_as
from verifier.manifests.sources import content_of, yaml_of
from verifier.model import Problem

ROUNDS, SECONDS = 100, 5.0


class Entrypoint(Struct, frozen=True, order=True):
    """Something that can be called."""

    module: str
    """Dotted, as it is imported."""
    path: str
    """What leads to it within the module: `Cart.total`."""

    def __str__(self) -> str:
        return f"{self.module}:{self.path}"


class Task(Struct, frozen=True, kw_only=True):
    """What is called, and how."""

    entrypoint: Entrypoint
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    setup: Entrypoint | None = None
    """What returns the arguments; None where they are given."""
    rounds: int = ROUNDS
    seconds: float = SECONDS


class Benchmarks(Struct, frozen=True, kw_only=True):
    """What the file says."""

    tasks: Mapping[str, Task] = field(default_factory=dict)
    """By the path of the module."""
    safe: tuple[Entrypoint, ...] = ()
    """What may be called without arguments, in the order of the file."""


def read(path: Path, shown: str, modules: Collection[str]) -> Benchmarks:
    """The tasks in the file at `path`, which `shown` is in the repository; none where there is no such file.

    `modules` are the paths of all modules. Raises UserError with all mistakes at once.
    """
    content = content_of(path, shown)
    if isinstance(content, Absent):
        return Benchmarks()
    document = content if isinstance(content, Problem) else yaml_of(content.data)
    if isinstance(document, Problem):
        at = f":{document.line}" if document.line else ""
        raise UserError(f"it {document.what}", where=f"{shown}{at}", fix="correct it")
    wrong = [f"{each.path}: {each.value}: {each.what}" for each in check_as("benchmarks", document, file=shown)]
    said = cast("dict[str, Any]", document)
    if mistakes := wrong or [*_mistakes(said, modules)]:
        raise UserError("\n  ".join(("it is no list of what to measure", *mistakes)), where=shown, fix="correct it")
    return Benchmarks(
        tasks={module: _task(task) for module, task in said.get("modules", {}).items()},
        safe=tuple(map(_entrypoint, said.get("safe", []))),
    )


def _mistakes(said: Mapping[str, Any], modules: Collection[str]) -> Iterator[str]:
    """What no schema can say."""
    for module, task in said.get("modules", {}).items():
        if module not in modules:
            yield f"modules: there is no module '{module}'"
        if "setup" in task and task.keys() & {"arguments", "keywords"}:
            yield f"modules.{module}: its arguments are given, and made by a set-up: leave one of the two out"


def _task(said: Mapping[str, Any]) -> Task:
    return Task(
        entrypoint=_entrypoint(said["entrypoint"]),
        arguments=tuple(said.get("arguments", ())),
        keywords=said.get("keywords", {}),
        setup=_entrypoint(said["setup"]) if "setup" in said else None,
        rounds=said.get("rounds", ROUNDS),
        seconds=float(said.get("seconds", SECONDS)),
    )


def _entrypoint(text: str) -> Entrypoint:
    module, _, path = text.partition(":")
    return Entrypoint(module, path)
