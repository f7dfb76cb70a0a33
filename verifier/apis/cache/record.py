"""What one run has seen of a target, with all that this depended on: so that the next run knows what still holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from verifier.apis.cache.states import NEVER, State, States
from verifier.apis.runner import Imports, Question
from verifier.model import Effect, Ending, ImportResult, Isolation, Module, ModuleList, Surface, Trail


class Step(Struct, frozen=True, array_like=True):
    """A part of a trail: the number of the step before, -1 for none, and the numbers of the paths that it adds."""

    after: int
    used: tuple[int, ...]


class Start(Struct, frozen=True, array_like=True):
    """What the start of the interpreter has shown, and the step that it ended with."""

    isolation: Isolation
    effects: tuple[Effect, ...]
    step: int


class Entry(Struct, frozen=True, array_like=True):
    """What the import of one module has shown, with the file that was to be found, the question, and the last step."""

    question: Question
    step: int
    result: ImportResult
    file: str | None
    is_believed: bool = False
    """Something has changed since that it depends on, and most likely does not matter to it."""


class Static(Struct, frozen=True, array_like=True):
    """What the sources of all modules say, and the numbers of the paths that this was read from."""

    surfaces: dict[str, Surface]
    graph: dict[str, tuple[str, ...]] | None
    """Whom each module imports, if anybody has asked."""
    used: tuple[int, ...]
    files: dict[str, tuple[int, ...]]
    """Of these, by module, the files that its surface was read from."""


class Record(Struct, frozen=True, array_like=True):
    """Evidence on one target. Paths have numbers, and the states that they were in."""

    paths: tuple[str, ...]
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    listed: ModuleList
    tree: tuple[int, ...]
    """The folders of the target: a module may look for what is not there, and nobody can see that."""
    start: Start | None
    entries: dict[str, Entry]
    static: Static | None


class Read(Struct, frozen=True, kw_only=True):
    """What sources were seen to say, as far as it holds."""

    surfaces: Mapping[str, Surface]
    """Of all modules; or, where files have changed, of those that were read from others."""
    is_whole: bool
    graph: Mapping[str, tuple[str, ...]] | None
    """Whom each module imports, if that holds and anybody has asked."""
    used: tuple[str, ...]
    """The paths that all this was read from, and more."""
    files: Callable[[], Mapping[str, frozenset[str]]]
    """Those that each surface was read from."""


class Held(Struct, frozen=True, kw_only=True):
    """What of a record still holds."""

    imports: Imports | None = None
    questions: Mapping[str, Question] = field(default_factory=dict)
    """What each of the imported modules was asked."""
    read: Read | None = None
    is_outdated: bool = False
    """Files have other time stamps than the record has, and hold the same."""

    @property
    def results(self) -> Mapping[str, ImportResult]:
        """What imports have shown."""
        return self.imports.results if self.imports else {}

    def is_asked_otherwise(self, module: str, question: Question) -> bool:
        """Whether a module was imported, and asked something else."""
        return module in self.questions and self.questions[module] != question


class Doubtful(Struct, frozen=True, kw_only=True):
    """What the import of a module showed before something changed that it depends on, and the paths that did."""

    question: Question
    result: ImportResult
    changed: frozenset[str]

    def used(self) -> Iterator[str]:
        """All that it depends on."""
        trail = self.result.trail
        while trail is not None:
            yield from trail.used
            trail = trail.after


def is_seen(module: str, results: Mapping[str, ImportResult]) -> bool:
    """Whether `results` say what the import of a module comes to: it may fail as a package above it does."""
    above = (module[:at] for at, sign in enumerate(module) if sign == ".")
    return module in results or any(name in results and results[name].ending is Ending.RAISED for name in above)


def encode(record: Record) -> bytes:
    """A record as bytes."""
    return msgspec.msgpack.encode(record, enc_hook=os.fspath)


def decode(data: bytes) -> Record | None:
    """A record from bytes; None if they are none."""
    try:
        return msgspec.msgpack.decode(data, type=Record, dec_hook=lambda kind, value: kind(value))
    except msgspec.MsgspecError:
        return None


class Walked(NamedTuple):
    """A trail, and the numbers of those of its paths that have changed."""

    trail: Trail | None
    changed: frozenset[int]


NOWHERE = Walked(None, frozenset())


class Recalled:
    """A record, and which of its paths are in the same state."""

    def __init__(self, record: Record, states: States) -> None:
        self._record = record
        pairs = [(states.of(path), state) for path, state in zip(record.paths, record.states, strict=True)]
        self._same = [was.digest != NEVER and now.digest == was.digest for now, was in pairs]
        self._is_outdated = any(now.signature and now.signature != was.signature for now, was in pairs)
        self._tree_is_same = self._are_same(record.tree)

    @property
    def listed(self) -> ModuleList | None:
        """The modules of the target, where its folders have the same entries."""
        return self._record.listed if self._tree_is_same else None

    @property
    def tree(self) -> tuple[str, ...]:
        """The folders of the target, where they have the same entries; else nothing."""
        return tuple([self._record.paths[number] for number in self._record.tree]) if self._tree_is_same else ()

    @property
    def listed_before(self) -> tuple[Module, ...]:
        """The modules that the target had."""
        return self._record.listed.modules

    def what_holds(self, modules: tuple[Module, ...]) -> Held:
        """What the record says of `modules`, as far as all that it depended on is in the same state."""
        record, start = self._record, self._start
        held = Held(is_outdated=self._is_outdated, read=self._read(modules))
        if start is None:
            return held
        files = {module.name: str(module.file) for module in modules}
        entries = {
            name: entry
            for name, entry in record.entries.items()
            if self._tree_is_same and self._holds(entry) and files.get(name, entry.file) == entry.file
        }
        return replace(
            held,
            imports=Imports(
                isolation=start.isolation,
                startup=start.effects,
                trail=self._walked[start.step].trail,
                results={name: self._result(entry) for name, entry in entries.items()},
            ),
            questions={name: entry.question for name, entry in entries.items()},
        )

    def _read(self, modules: tuple[Module, ...]) -> Read | None:
        """What sources say. Where anything but a source that was read has changed, names may be found elsewhere."""
        record, static = self._record, self._record.static
        if static is None or modules != record.listed.modules:
            return None
        changed = {number for number in static.used if not self._same[number]}
        concerned = {name for name, files in static.files.items() if not changed.isdisjoint(files)} if changed else ()
        if not changed.issubset([number for name in concerned for number in static.files[name]]):
            return None
        return Read(
            surfaces={name: surface for name, surface in static.surfaces.items() if name not in concerned},
            is_whole=not changed,
            graph=None if changed else static.graph,
            used=tuple([record.paths[number] for number in static.used]),
            files=lambda: {
                name: frozenset([record.paths[number] for number in files])
                for name, files in static.files.items()
                if name not in concerned
            },
        )

    def in_doubt(self, modules: tuple[Module, ...]) -> Mapping[str, Doubtful]:
        """What the record says of those of the `modules` of which it does not hold."""
        record = self._record
        if self._start is None:
            return {}
        tree = frozenset(number for number in record.tree if not self._same[number])
        files = {module.name: str(module.file) for module in modules}
        return {
            name: Doubtful(
                question=entry.question,
                result=self._result(entry),
                changed=frozenset(record.paths[number] for number in self._walked[entry.step].changed | tree),
            )
            for name, entry in record.entries.items()
            if name in files and files[name] == entry.file and not (self._tree_is_same and self._holds(entry))
        }

    @property
    def _start(self) -> Start | None:
        """The start of the interpreter, if it would show the same: nothing else holds without it."""
        start = self._record.start
        return None if start is None or self._walked[start.step].changed else start

    def _are_same(self, numbers: Iterable[int]) -> bool:
        return all(self._same[number] for number in numbers)

    def _holds(self, entry: Entry) -> bool:
        return not entry.is_believed and not self._walked[entry.step].changed

    def _result(self, entry: Entry) -> ImportResult:
        return replace(entry.result, trail=self._walked[entry.step].trail)

    @cached_property
    def _walked(self) -> tuple[Walked, ...]:
        """The trails that end with each step."""
        walked: list[Walked] = []
        for step in self._record.steps:
            before = walked[step.after] if step.after >= 0 else NOWHERE
            used = tuple([self._record.paths[path] for path in step.used])
            changed = before.changed | {path for path in step.used if not self._same[path]}
            walked.append(Walked(Trail(after=before.trail, used=used), changed))
        return tuple(walked)
