"""What files say, by what they hold: a file that is read again after a change brings only itself up to date."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import count
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from verifier.apis.facts import Definition, Exports, Facts, Import, LazyName
from verifier.apis.source import facts_of, read_bytes
from verifier.model import Problem


class Packed(Struct, frozen=True, kw_only=True, array_like=True):
    """What one file says, in the shape in which it is kept."""

    definitions: dict[int, Definition]
    """By their places among all bindings, as are the imports."""
    imports: dict[int, Import]
    module: str
    is_package: bool
    doc_chars: int
    exports: Exports | None
    lazy: tuple[LazyName, ...]
    lazy_from_stub: bool
    answers_lazily: bool
    open_ended: bool
    incidental: frozenset[str]
    deleted: frozenset[str]
    certain: frozenset[str]
    problem: Problem | None = None
    """Why nobody could read it; all else says nothing then."""


KEPT = tuple(each.name for each in fields(Packed) if each.name not in {"definitions", "imports", "problem"})


class FactsCache:
    """Reads files like `source.read_facts`, and those it knows already no more than their bytes."""

    def __init__(self, data: bytes | None) -> None:
        self._known = _decode(data) if data else {}
        self._used: dict[str, msgspec.Raw] = {}
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
        key = f"{blake2b(data, digest_size=16).hexdigest()} {module} {is_package:d}{is_stub:d}{in_depth:d}"
        if key in self._known and (found := _unpack(self._known[key])) is not None:
            self._used[key] = self._known[key]
            return found
        said = facts_of(data, module, is_package=is_package, is_stub=is_stub, in_depth=in_depth)
        self._used[key] = msgspec.Raw(msgspec.msgpack.encode(_pack(said, module)))
        return said

    @property
    def has_grown(self) -> bool:
        """Whether it has read what it did not know."""
        return not self._used.keys() <= self._known.keys()

    def encode(self) -> bytes:
        """All that was read, as bytes."""
        return msgspec.msgpack.encode(self._used)


def _decode(data: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.msgpack.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return {}


def _pack(said: Facts | Problem, module: str) -> Packed:
    problem = said if isinstance(said, Problem) else None
    said = Facts(module=module, is_package=False) if isinstance(said, Problem) else said
    return Packed(
        problem=problem,
        definitions={at: each for at, each in enumerate(said.bindings) if isinstance(each, Definition)},
        imports={at: each for at, each in enumerate(said.bindings) if isinstance(each, Import)},
        **{name: getattr(said, name) for name in KEPT},
    )


def _unpack(raw: msgspec.Raw) -> Facts | Problem | None:
    try:
        packed = msgspec.msgpack.decode(raw, type=Packed)
    except msgspec.MsgspecError:
        return None
    if packed.problem is not None:
        return packed.problem
    return Facts(bindings=tuple(_in_order(packed)), **{name: getattr(packed, name) for name in KEPT})


def _in_order(packed: Packed) -> Iterator[Definition | Import]:
    for at in count():
        binding = packed.definitions.get(at) or packed.imports.get(at)
        if binding is None:
            return
        yield binding
