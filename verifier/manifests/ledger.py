"""The ledger of a module: one line for each change of an enriched field, chained by hashes. Bytes in, bytes out.

Each record names the records that it comes after by their hashes, so that the order of lines says nothing: two branches
may both have appended, and git may put their lines together as it likes (`merge=union`). What comes after two records
has reconciled them. A changed, lost or foreign record shows; that the latest were cut off, only the manifest shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from verifier.errors import UserError
from verifier.manifests.layout import STRICT, canonical
from verifier.manifests.model import Json, Source
from verifier.model import Confidence, Problem

if TYPE_CHECKING:
    from verifier.manifests.layout import Value
else:
    Value = Any  # msgspec knows no recursive types

SUFFIX = ".ndjson"
CONFLICT = re.compile(rb"<{7}( |$)|={7}$|>{7}( |$)|\|{7}( |$)")
UNION = "`*.ndjson merge=union -text` in .gitattributes makes git do so by itself"


class Change(Struct, frozen=True, kw_only=True):
    """What a field is to hold, and why. Fields do not lie within each other."""

    field: str
    """Dotted, as `layout.field_of` has it."""
    value: Value
    """UNSET: the field is to go."""
    extractor: str
    confidence: Confidence
    reasons: tuple[str, ...]
    sources: tuple[Source, ...] = ()


class Stamp(Struct, frozen=True, kw_only=True):
    """When, and on which commit: what the records of one run share."""

    timestamp: str
    """RFC 3339, in UTC: `2024-05-01T12:00:00Z`."""
    sha: str | None
    """The commit that was checked out."""


class Step(Struct, frozen=True, kw_only=True):
    """A change that is due."""

    change: Change
    old: Value = UNSET
    """What the field held; UNSET if there was none."""
    stays: bool = False
    """The value stays as it is, and what it rests on has changed."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of one field (`schema/ledger.schema.json`)."""

    seq: int
    """One more than the highest of those that it comes after; 1 for a first one."""
    after: tuple[str, ...]
    """The hashes of the records that nothing had come after yet, sorted: several where branches have met."""
    sha: str | None
    timestamp: str
    field: str
    old: Value = UNSET
    """Not there: there was no such field."""
    new: Value = UNSET
    """Not there: the field was removed. Neither there: the value stayed, and what it rests on changed."""
    extractor: str
    confidence: Confidence
    reasons: tuple[str, ...]
    sources: dict[str, str]
    """SHA-256 by path."""
    hash: str
    """SHA-256 of the record's line without this."""

    @property
    def stays(self) -> bool:
        """It says nothing of the value."""
        return self.old is UNSET and self.new is UNSET

    @property
    def place(self) -> tuple[int, str]:
        """Records sort by this: none stands before one that it comes after."""
        return self.seq, self.hash


class Ledger(Struct, frozen=True, kw_only=True):
    """What a ledger holds."""

    records: tuple[Record, ...] = ()
    """Those whose own hash holds, each once, sorted by `place`."""
    problems: tuple[Problem, ...] = ()
    """All that is wrong, by line. Empty: nothing has been tampered with."""
    conflict: bool = False
    """Git could not put two branches together, and that is the one problem: all else may come of it."""


def path(folder: Path, module: str) -> Path:
    """The ledger of the module with this repository path, in the folder of all ledgers."""
    return folder / f"{'' if module == '.' else module}{SUFFIX}"


def read(data: bytes) -> Ledger:
    """The records of a ledger, and all that is wrong with it. Never raises."""
    *lines, rest = data.replace(b"\r\n", b"\n").split(b"\n")
    marks = [number for number, line in enumerate(lines, 1) if CONFLICT.match(line)]
    if marks:
        return Ledger(problems=(Problem(what="git has left a conflict in it", line=marks[0]),), conflict=True)
    found: dict[str, tuple[int, Record]] = {}
    problems: list[Problem] = []
    if b"\r\n" in data:
        problems.append(Problem(what="its line ends have been made CRLF: `*.ndjson -text` keeps git off", line=1))
    for number, line in enumerate(lines, 1):
        record = _record(line)
        if isinstance(record, str):
            problems.append(Problem(what=record, line=number))
        else:
            found.setdefault(record.hash, (number, record))
    if rest:
        problems.append(Problem(what="the last line has no end", line=len(lines) + 1))
    for number, record in found.values():
        problems += (Problem(what=what, line=number) for what in _unlinked(record, found))
    return Ledger(
        records=tuple(sorted((record for _, record in found.values()), key=lambda record: record.place)),
        problems=tuple(sorted(problems, key=lambda each: each.line or 0)),
    )


def sound(data: bytes | None, shown: str) -> tuple[Record, ...]:
    """The records of a ledger that nothing is wrong with; of None, none. Raises UserError for any other."""
    found = read(data or b"")
    if found.problems:
        first, more = found.problems[0], len(found.problems) - 1
        what = f"this ledger cannot be trusted: {first.what}" + (f" ({more} more)" if more else "")
        fix = "`enrich audit` lists all of it; take the file back from git: nobody writes it but enrich"
        if found.conflict:
            fix = f"remove the lines of git's marks and keep all others, of both sides; {UNION}"
        raise UserError(what, where=f"{shown}:{first.line}", fix=fix)
    return found.records


def append(records: Sequence[Record], steps: Iterable[Step], stamp: Stamp) -> bytes:
    """The lines to add to a ledger with these records. The first one comes after all heads."""
    after = heads(records)
    seq = max((record.seq for record in records), default=0)
    lines = b""
    for seq, step in enumerate(steps, seq + 1):  # noqa: B020
        change = step.change
        entry: dict[str, Json] = {
            "seq": seq,
            "after": [*after],
            "sha": stamp.sha,
            "timestamp": stamp.timestamp,
            "field": change.field,
            "extractor": change.extractor,
            "confidence": change.confidence.value,
            "reasons": [*change.reasons],
            "sources": {source.path: source.digest for source in change.sources},
        }
        if not step.stays:
            entry |= {name: value for name, value in (("old", step.old), ("new", change.value)) if value is not UNSET}
        own = _hash(entry)
        lines += canonical(entry | {"hash": own}) + b"\n"
        after = (own,)
    return lines


def heads(records: Iterable[Record]) -> tuple[str, ...]:
    """The hashes of those that nothing comes after, sorted: one for each branch that has not been reconciled."""
    records = tuple(records)
    return tuple(sorted({record.hash for record in records} - {link for record in records for link in record.after}))


def replay(records: Iterable[Record]) -> dict[str, Json]:
    """The enriched fields, by dotted name: what the latest record says of each."""
    fields: dict[str, Json] = {}
    for record in sorted(records, key=lambda record: record.place):
        if record.new is not UNSET:
            fields[record.field] = record.new
        elif not record.stays:
            fields.pop(record.field, None)
    return fields


def branches(records: Sequence[Record]) -> tuple[dict[str, Json], ...]:
    """The enriched fields as each head has them: one, unless branches have met that nobody has reconciled."""
    ends = heads(records)
    if len(ends) < 2:
        return (replay(records),)
    known = {record.hash: record for record in records}
    return tuple(replay(_up_to(end, known)) for end in ends)


def _up_to(end: str, known: dict[str, Record]) -> list[Record]:
    reached: dict[str, Record] = {}
    waiting = [end]
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached[name] = known[name]
            waiting += known[name].after
    return [*reached.values()]


def _record(line: bytes) -> Record | str:
    """The record that a line holds, or what is wrong with it."""
    try:
        entry = STRICT.decode(line.decode())
    except (ValueError, RecursionError) as broken:
        return f"it is no JSON: {broken.msg if isinstance(broken, json.JSONDecodeError) else broken}"
    try:
        record = msgspec.convert(entry, Record, strict=True)
    except msgspec.ValidationError as broken:
        return f"it is no record: {broken}"
    if canonical(entry) != line:
        return "it is not written as a record is: something has changed it"
    if _hash({name: value for name, value in entry.items() if name != "hash"}) != record.hash:
        return "its hash is not its own: something has changed it"
    return record


def _unlinked(record: Record, known: dict[str, tuple[int, Record]]) -> Iterable[str]:
    """What is wrong with a record's place among the others."""
    before = [known[link][1].seq for link in record.after if link in known]
    for link in record.after:
        if link not in known:
            yield f"it comes after a record that is not there: {link}"
    if len(before) == len(record.after) and record.seq != max(before, default=0) + 1:
        yield f"its number is {record.seq}, and {max(before, default=0) + 1} is next"
    if [*record.after] != sorted(set(record.after)):
        yield "what it comes after is not sorted"


def _hash(entry: dict[str, Json]) -> str:
    return sha256(canonical(entry)).hexdigest()
