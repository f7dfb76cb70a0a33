"""A cache of evidence: what sources say by what they hold, what imports show by the state of all that they depend on.

No verdict is kept: each run judges anew. Whatever is wrong with the cache, it counts as empty.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from verifier.apis.cache.facts import FactsCache
from verifier.apis.cache.key import key_of
from verifier.apis.cache.record import Doubtful, Held, Recalled, decode, encode
from verifier.apis.cache.states import BYTECODE, DIGEST, State, States
from verifier.apis.cache.store import Store
from verifier.apis.cache.write import Seen, make_record
from verifier.apis.facts import Facts
from verifier.config import Config
from verifier.model import Module, ModuleList, Problem, Target, TargetKind


class Cache:
    """The evidence on one target. Where the configuration names no folder there is none."""

    def __init__(self, target: Target, config: Config) -> None:
        self._began_ns = time.time_ns()
        self._target = target
        self._aside = target.added_path[0] if target.kind is TargetKind.WHEEL else None
        self._store = Store(config.cache) if config.cache else None
        self._key = key_of(target, config) if self._store else ""
        self._known: Mapping[str, State] = {}

    @cached_property
    def _recalled(self) -> Recalled | None:
        data = self._store.load(f"{self._key}.record") if self._store else None
        record = decode(self._renamed(data, back=True)) if data else None
        if record is None:
            return None
        self._known = dict(zip(record.paths, record.states, strict=False))
        with suppress(IndexError, ValueError):  # bytes of the right shape that nobody has written here
            return Recalled(record, self._states())
        return None

    @property
    def listed(self) -> ModuleList | None:
        """The modules of the target, where that is known."""
        return self._recalled.listed if self._recalled else None

    def what_holds(self, modules: tuple[Module, ...]) -> Held:
        """What earlier runs have seen of `modules`, and would be seen again."""
        return self._recalled.what_holds(modules) if self._recalled else Held()

    def in_doubt(self, modules: tuple[Module, ...]) -> Mapping[str, Doubtful]:
        """What earlier runs have seen of those of the `modules` of which it does not hold."""
        return self._recalled.in_doubt(modules) if self._recalled else {}

    @property
    def listed_before(self) -> tuple[Module, ...]:
        """The modules that the target had when it was last seen."""
        return self._recalled.listed_before if self._recalled else ()

    def source_before(self, path: str, module: str) -> str | None:
        """What the `__init__` of a package held when it was last seen; None if nobody knows."""
        digest = self._known[path].digest[: 2 * DIGEST]
        said = self.facts.before(digest, module)
        return said.text if isinstance(said, Facts) else None

    @cached_property
    def facts(self) -> FactsCache:
        """Reads files, or knows what they say."""
        return FactsCache(self._store.load(f"{self._key}.facts") if self._store else None)

    def read(self, path: Path, module: str, **how: bool) -> Facts | Problem:
        """What a file says (`source.read_facts`). What is known of files is loaded when the first one is read."""
        return self.facts.read(path, module, **how)

    def keep(self, seen: Seen) -> None:
        """Keep what a run has seen."""
        if self._store is None:
            return
        tree = (self._recalled and self._recalled.tree) or sorted(_folders(self._target))
        record = make_record(seen, tree, self._began_ns, self._states(), self._aside)
        self._store.save(f"{self._key}.record", self._renamed(encode(record)))
        if self.facts.has_grown:
            self._store.save(f"{self._key}.facts", self.facts.encode(all_read=seen.is_reread))

    def _renamed(self, record: bytes, *, back: bool = False) -> bytes:
        """A record with another name, as long, for the folder that a wheel is unpacked into: that is new each time."""
        if self._aside is None:
            return record
        from verifier.apis.targets.wheel import PREFIX  # noqa: PLC0415  slow, and only wheels need it

        name, kept = self._aside.name.encode(), PREFIX.encode().ljust(len(self._aside.name), b"?")
        return record.replace(kept, name) if back else record.replace(name, kept)

    def _states(self) -> States:
        return States(self._known, self._target.interpreter.cache_tag)


def _folders(target: Target) -> Iterator[str]:
    """Every folder of the target, and the one that a module without a folder is in."""
    seen: set[tuple[int, int] | None] = set()
    for root in target.roots:
        for location in root.locations:
            if location.is_file():
                yield str(location.parent)
            for folder, below, _ in os.walk(location, followlinks=True):
                identity = _identity(folder)
                below[:] = [] if identity in seen else [name for name in below if name != BYTECODE]
                seen.add(identity)
                yield folder


def _identity(folder: str) -> tuple[int, int] | None:
    """The same for all paths to one folder, as links lead to; None where it has gone meanwhile."""
    with suppress(OSError):
        state = Path(folder).stat()
        return state.st_dev, state.st_ino
    return None
