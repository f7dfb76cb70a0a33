"""What the last run has left: a module that nothing has changed for since is passed over, and nothing of it is read.

It lies in the user's cache. Whatever is wrong with it, it counts as empty: then every module is looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import blake2b, sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from verifier.apis.cache.key import tool
from verifier.apis.cache.states import State, States, state_of
from verifier.apis.cache.store import Store
from verifier.manifests import settings, vocabulary
from verifier.manifests.enriched import Enriched
from verifier.manifests.history import File
from verifier.manifests.model import Candidate, Place, Withheld
from verifier.manifests.repository import Repository
from verifier.resources import vocabularies


class Last(Struct, frozen=True, kw_only=True):
    """What the last run had to say of a module, beside what it wrote."""

    withheld: tuple[Withheld, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()


class _Kept(Struct, frozen=True, array_like=True):
    """As it is stored. Paths have numbers, and the states that they were in."""

    basis: str
    paths: tuple[str, ...]
    states: tuple[State, ...]
    modules: dict[str, tuple[Last, tuple[int, ...]]]
    queue: State | None
    """Of the review queue; None if it was not made."""


NOTHING = _Kept("", (), (), {}, None)


class Known:
    """What is known of the modules of a repository; nothing where there is no cache."""

    def __init__(self, cache: Path | None, repository: Repository) -> None:
        self._store = Store(cache) if cache else None
        self._repository = repository
        self._name = f"{blake2b(os.fsencode(repository.root), digest_size=20).hexdigest()}.modules"
        self._noted: dict[str, tuple[Last, Mapping[str, State]]] = {}
        self._fresh: dict[int, State] = {}
        self._queue: State | None = None

    def of(self, place: Place) -> Last | None:
        """What the last run had to say of a module, if all that it was composed from is as it was; else None."""
        return self._standing(place)[0]

    def uses(self, place: Place) -> tuple[str, ...] | None:
        """The paths that a module was composed from in the last run, if all of them are as they were; else None."""
        last, used = self._standing(place)
        return None if last is None else tuple(self._kept.paths[at] for at in used)

    def _standing(self, place: Place) -> tuple[Last | None, tuple[int, ...]]:
        last, used = self._kept.modules.get(place.path, (None, ()))
        return (last, used) if all(map(self._is_same, used)) else (None, ())

    def has_queue(self, path: Path) -> bool:
        """Whether the review queue at `path` is as the last run has made it."""
        return self._kept.queue is not None and self._now.of(str(path)).digest == self._kept.queue.digest

    def note_queue(self, content: bytes | None) -> None:
        """Remember what the review queue holds that was made of all modules."""
        self._queue = state_of(content)

    def note(self, found: Enriched) -> None:
        """Remember what became of a module whose manifest and ledger hold what they are to hold."""
        self._noted.pop(found.place.path, None)
        if self._store is None or found.edit is None or found.used is None:
            return
        own = {str(file.path): _state_of(file) for file in (found.edit.manifest, found.edit.ledger)}
        last = Last(withheld=found.withheld, candidates=found.candidates, warnings=found.warnings)
        self._noted[found.place.path] = last, {**found.used, **own}

    def keep(self) -> None:
        """Keep all of it for the next run."""
        if self._store is None or not (self._noted or self._fresh or self._queue):
            return
        modules = {**dict(self._carried()), **self._noted}
        states = {path: state for _, used in modules.values() for path, state in used.items()}
        numbers = {path: number for number, path in enumerate(states)}
        kept = _Kept(
            basis=self._basis,
            paths=tuple(states),
            states=tuple(states.values()),
            modules={name: (last, tuple(numbers[path] for path in used)) for name, (last, used) in modules.items()},
            queue=self._queue or (None if self._noted else self._kept.queue),
        )
        self._store.save(self._name, msgspec.msgpack.encode(kept))

    def _carried(self) -> Iterator[tuple[str, tuple[Last, Mapping[str, State]]]]:
        """What was known before. It may hold no more: that is found out when somebody asks."""
        for name, (last, used) in self._kept.modules.items():
            if name in self._repository.paths:
                yield name, (last, {self._kept.paths[at]: self._fresh.get(at, self._kept.states[at]) for at in used})

    def _is_same(self, number: int) -> bool:
        was, now = self._kept.states[number], self._now.of(self._kept.paths[number])
        if now is not was and now.digest == was.digest and now.signature:
            self._fresh[number] = now  # which spares the next run the reading
        return now.digest == was.digest

    @cached_property
    def _kept(self) -> _Kept:
        data = self._store.load(self._name) if self._store else None
        try:
            kept = msgspec.msgpack.decode(data, type=_Kept) if data else NOTHING
        except msgspec.MsgspecError:
            return NOTHING
        return kept if kept.basis == self._basis else NOTHING

    @cached_property
    def _now(self) -> States:
        return States(dict(zip(self._kept.paths, self._kept.states, strict=True)), None)

    @cached_property
    def _basis(self) -> str:
        """What all modules depend on: the tool, the settings, the vocabularies, and which modules there are."""
        root, own = self._repository.root, self._repository.settings.vocabulary
        folders = (vocabularies(), *((root / own,) if own else ()))
        files = (root / settings.FILE, *(folder / f"{name}.json" for folder in folders for name in vocabulary.FILES))
        parts = (tool(), sorted(self._repository.paths), [*map(_digest, files)])
        return sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _state_of(file: File) -> State:
    """The state of a file that holds what it is to hold; as the system tells of it now, if it still holds that."""
    due, now = state_of(file.after), States({}, None).of(str(file.path))
    return now if now.digest == due.digest else due


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
