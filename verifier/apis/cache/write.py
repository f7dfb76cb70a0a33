"""Puts a record together, of what a run has seen and of what it was told by the record before."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from verifier.apis.cache.record import Entry, Record, Start, Static, Step
from verifier.apis.cache.states import NEVER, State, States, changed_since
from verifier.apis.runner import Imports, Question
from verifier.apis.surface import Statics
from verifier.model import Ending, ImportResult, ModuleList, Trail

LASTING = frozenset({Ending.DONE, Ending.RAISED})
"""What another run would show again; what took too long, or ended the process, may have had other reasons."""
FLEETING = frozenset({"MemoryError"})


class Seen(Struct, frozen=True, kw_only=True):
    """What a run has seen in the end, of old and of new."""

    listed: ModuleList
    questions: Mapping[str, Question]
    imports: Imports
    statics: Statics
    used: Iterable[str]
    """The paths that the surfaces were read from."""
    is_reread: bool
    """All files were read, and not only some that have changed."""
    believed: Container[str] = ()
    """The modules whose import was not tried again, though something has changed that it depends on."""


def make_record(seen: Seen, tree: Iterable[str], began_ns: int, now: States, aside: Path | None = None) -> Record:
    """The record of a run.

    `tree` are the folders of the target; `began_ns` is when the run began, in nanoseconds since the epoch; `now` are
    the states of paths in the end; `aside` is a folder that nobody else writes into.
    """
    return _Maker(seen, began_ns, now, aside).record(tree)


class _Maker:
    """Gives numbers to paths and steps."""

    def __init__(self, seen: Seen, began_ns: int, now: States, aside: Path | None) -> None:
        self._seen = seen
        self._aside = f"{aside}{os.sep}" if aside else None
        self._began_ns = began_ns
        self._now = now
        self._numbers: dict[str, int] = {}
        self._states: list[State] = []
        self._steps: list[Step] = []
        self._known: dict[int, int | None] = {}

    def record(self, folders: Iterable[str]) -> Record:
        """All in its place."""
        seen = self._seen
        tree = self._paths(folders)
        step = self._step(seen.imports.trail)
        start = None if step is None else Start(seen.imports.isolation, seen.imports.startup, step)
        entries = dict(self._entries()) if start is not None and tree is not None else {}
        used = self._paths(seen.used)
        static = (
            None
            if used is None
            else Static(
                surfaces=dict(seen.statics.surfaces),
                graph=None if seen.statics.graph is None else dict(seen.statics.graph),
                used=used,
                files={name: self._paths(files) or () for name, files in seen.statics.files.items()},
            )
        )
        return Record(
            paths=tuple(self._numbers),
            states=tuple(self._states),
            steps=tuple(self._steps),
            listed=seen.listed,
            tree=tree or (),
            start=start if tree is not None else None,
            entries=entries,
            static=static,
        )

    def _entries(self) -> Iterable[tuple[str, Entry]]:
        files = {module.name: str(module.file) for module in self._seen.listed.modules}
        for name, result in self._seen.imports.results.items():
            step = self._step(result.trail) if _lasts(result) else None
            if step is not None:
                question = self._seen.questions.get(name, Question())
                shown, file = replace(result, trail=None), files.get(name)
                yield name, Entry(question, step, shown, file, is_believed=name in self._seen.believed)

    def _step(self, trail: Trail | None) -> int | None:
        """The number of the step that a trail ends with; None if it is not whole, or changed while it was walked."""
        if trail is None:
            return None
        if id(trail) not in self._known:
            self._known[id(trail)] = self._new_step(trail)
        return self._known[id(trail)]

    def _new_step(self, trail: Trail) -> int | None:
        after = -1 if trail.after is None else self._step(trail.after)
        used = self._paths(trail.used) if trail.is_whole else None
        if after is None or used is None:
            return None
        self._steps.append(Step(after, used))
        return len(self._steps) - 1

    def _paths(self, paths: Iterable[str]) -> tuple[int, ...] | None:
        """The numbers of paths; None if one of them may have changed since the run began."""
        numbers = [self._number(path) for path in paths]
        return None if -1 in numbers else tuple(numbers)

    def _number(self, path: str) -> int:
        number = self._numbers.get(path)
        if number is None:
            state = self._now.of(path)
            if state.digest == NEVER or self._may_have_changed(path):
                return -1
            number = self._numbers[path] = len(self._numbers)
            self._states.append(state)
        return number

    def _may_have_changed(self, path: str) -> bool:
        is_aside = self._aside is not None and f"{path}{os.sep}".startswith(self._aside)
        return not is_aside and changed_since(path, self._began_ns)


def _lasts(result: ImportResult) -> bool:
    is_fleeting = result.failure is not None and result.failure.type in FLEETING
    return result.ending in LASTING and result.culprit is None and not is_fleeting
