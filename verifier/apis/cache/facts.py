"""What files say, by what they hold: a file that is read again after a change brings only itself up to date."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from verifier.apis.cache import ahead
from verifier.apis.cache.ahead import Source
from verifier.apis.cache.digest import blake2b
from verifier.apis.cache.states import DIGEST
from verifier.apis.facts import Facts
from verifier.apis.source import facts_of, read_bytes
from verifier.model import Problem


class FactsCache:
    """Reads files like `source.read_facts`, and those it knows already no more than their bytes."""

    def __init__(self, data: bytes | None) -> None:
        self._known = _decode(data) if data else {}
        self._ahead: dict[str, msgspec.Raw] = {}
        self._used: dict[str, msgspec.Raw] = {}
        self._decoder: msgspec.msgpack.Decoder[Facts | Problem] = msgspec.msgpack.Decoder(Facts | Problem)
        self.paths: set[str] = set()
        """The files that were read."""

    def read(
        self, path: Path, module: str, *, is_package: bool, is_stub: bool = False, in_depth: bool = True
    ) -> Facts | Problem:
        """What the file says; or why nobody could read it."""
        self.paths.add(str(path))
        data = read_bytes(path)
        if isinstance(data, Problem):
            return data
        key = _key(_digest(data), module, is_package=is_package, is_stub=is_stub, in_depth=in_depth)
        raw = self._known.get(key) or self._ahead.get(key)
        if raw is not None and (found := self._unpack(raw)) is not None:
            self._used[key] = raw
            return found
        said = facts_of(data, module, is_package=is_package, is_stub=is_stub, in_depth=in_depth)
        self._used[key] = _pack(said)
        return said

    def read_ahead(self, sources: Sequence[Source], jobs: int) -> None:
        """Read those that are not known, over `jobs` processors, where that pays; nothing is used before it is read."""
        unknown = [source for source in sources if not self._knows(source)] if self._known else sources
        found = ahead.read_ahead(unknown, _said_by, jobs)
        self._ahead = {key: msgspec.Raw(said) for key, said in found.items()}

    def _knows(self, source: Source) -> bool:
        data = read_bytes(source.path)
        how = {"is_package": source.is_package, "is_stub": source.is_stub}
        return not isinstance(data, bytes) or _key(_digest(data), source.module, **how) in self._known

    def before(self, digest: str, module: str) -> Facts | Problem | None:
        """What the source of a package said when its bytes had this digest; None if nobody knows."""
        raw = self._known.get(_key(digest, module, is_package=True))
        return self._unpack(raw) if raw else None

    def _unpack(self, raw: msgspec.Raw) -> Facts | Problem | None:
        try:
            return self._decoder.decode(raw)
        except msgspec.MsgspecError:
            return None

    @property
    def has_grown(self) -> bool:
        """Whether it has read what it did not know."""
        return not self._used.keys() <= self._known.keys()

    def encode(self, *, all_read: bool) -> bytes:
        """All that was read, as bytes; with what is known of other files, where not all were read."""
        read = {_file(key) for key in self._used}
        others = {} if all_read else {key: raw for key, raw in self._known.items() if _file(key) not in read}
        return msgspec.msgpack.encode(others | self._used)


def _key(digest: str, module: str, *, is_package: bool, is_stub: bool = False, in_depth: bool = True) -> str:
    return f"{digest} {module} {is_package:d}{is_stub:d}{in_depth:d}"


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=DIGEST).hexdigest()


def _said_by(sources: Sequence[Source]) -> dict[str, bytes]:
    """What the files say, packed, by key."""
    cache = FactsCache(None)
    for each in sources:
        cache.read(each.path, each.module, is_package=each.is_package, is_stub=each.is_stub)
    return {key: bytes(said) for key, said in cache._used.items()}


def _file(key: str) -> str:
    """What of a key says which file is meant, whatever it holds."""
    return key.partition(" ")[2]


def _decode(data: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.msgpack.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return {}


def _pack(said: Facts | Problem) -> msgspec.Raw:
    """The facts as bytes, without what is of use while a file is read only."""
    kept = replace(said, bodies=()) if isinstance(said, Facts) else said
    return msgspec.Raw(msgspec.msgpack.encode(kept))
