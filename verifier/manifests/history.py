"""What a run would change, before anything is written: the plan for one module, its diff, and ways back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from verifier.errors import UserError
from verifier.manifests import layout, ledger
from verifier.manifests.layout import same
from verifier.manifests.ledger import Change, Record, Stamp, Step
from verifier.manifests.model import Json, Place, Source
from verifier.model import Confidence

if TYPE_CHECKING:
    from verifier.manifests.layout import Value

ODD = re.compile(r'[\x00-\x1f\x7f"\\]')
ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class File(Struct, frozen=True, kw_only=True):
    """A file as it was read, and as it is to be. None: there is none."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def changes(self) -> bool:
        """It has to be written."""
        return self.before != self.after


class Edit(Struct, frozen=True, kw_only=True):
    """What a run would do to one module."""

    manifest: File
    ledger: File
    steps: tuple[Step, ...] = ()
    """The records that it adds."""

    @property
    def changes(self) -> bool:
        """There is something to write."""
        return self.manifest.changes or self.ledger.changes


class State(Struct, frozen=True, kw_only=True):
    """A module's manifest and ledger as they lie there."""

    place: Place
    ledger: Path
    manifest: bytes | None
    recorded: bytes | None

    @property
    def records(self) -> tuple[Record, ...]:
        """What the ledger holds. Raises UserError if anything is wrong with it."""
        return ledger.sound(self.recorded, self.place.shown(self.ledger))

    @property
    def document(self) -> layout.Document:
        """What the manifest holds, an empty object where there is none. Raises UserError if it is no JSON object."""
        found = layout.EMPTY if self.manifest is None else self.manifest
        return layout.read(found, self.place.shown(self.place.manifest))


def plan(state: State, changes: Iterable[Change], stamp: Stamp) -> Edit:
    """What has to be written so that the manifest holds these changes and its ledger says so.

    Where branches have met, the fields that `changes` does not name are reconciled as well. Raises UserError for a file
    that cannot be understood.
    """
    records, document = state.records, state.document
    wanted = {change.field: change for change in (*reconciled(records, document.value), *changes)}
    steps = _due(records, document.value, wanted)
    after = layout.changed(document, {field: change.value for field, change in wanted.items()})
    is_none = state.manifest is None and all(change.value is UNSET for change in wanted.values())
    recorded = (state.recorded or b"") + ledger.append(records, steps, stamp) if steps else state.recorded
    return Edit(
        manifest=File(path=state.place.manifest, before=state.manifest, after=None if is_none else after),
        ledger=File(path=state.ledger, before=state.recorded, after=recorded),
        steps=steps,
    )


def reconciled(records: Sequence[Record], value: Json) -> tuple[Change, ...]:
    """What the fields are to hold that branches disagree on: what the manifest has, else what came last."""
    branches = ledger.branches(records)
    if len(branches) < 2:
        return ()
    last = ledger.replay(records)
    found: list[Change] = []
    for field in sorted({name for branch in branches for name in branch}):
        held = [_get(branch, field) for branch in branches]
        if not all(same(held[0], other) for other in held):
            now = layout.value_at(value, field)
            chosen = now if any(same(now, other) for other in held) else _get(last, field)
            found.append(_as_recorded(records, field, chosen))
    return tuple(found)


def reverted(records: Sequence[Record], seq: int, shown: str) -> tuple[Change, ...]:
    """The changes that take every field back to where it was after record `seq`; 0 is before the first.

    Raises UserError if there is no such record.
    """
    last = max((record.seq for record in records), default=0)
    if not 0 <= seq <= last:
        raise UserError(f"there is no record {seq}", where=shown, fix=f"name one of 0 to {last}: see `enrich explain`")
    now, then = ledger.replay(records), _state(records, seq)
    return tuple(
        _reverting([record for record in records if record.seq <= seq], field, then[field])
        for field in sorted(then)
        if not same(_get(now, field), then[field])
    )


def reverted_field(records: Sequence[Record], field: str, shown: str) -> tuple[Change, ...]:
    """The change that takes back the last one of a field. Raises UserError if there was none."""
    moves = [record for record in records if record.field == field and not record.stays]
    if not moves:
        known = ", ".join(sorted({record.field for record in records})) or "none"
        raise UserError(f"no record has changed {field}", where=shown, fix=f"name one of those that were: {known}")
    return (_reverting([record for record in records if record.place < moves[-1].place], field, moves[-1].old),)


def rebuilt(state: State) -> Edit:
    """What has to be written so that the manifest holds the fields as its ledger says, and no record is added."""
    fields: dict[str, Value] = dict.fromkeys((record.field for record in state.records), UNSET)
    after = layout.changed(state.document, {**fields, **ledger.replay(state.records)})
    return Edit(
        manifest=File(path=state.place.manifest, before=state.manifest, after=after if fields else state.manifest),
        ledger=File(path=state.ledger, before=state.recorded, after=state.recorded),
    )


def differing(records: Sequence[Record], value: Json) -> tuple[str, ...]:
    """The recorded fields that the manifest does not hold as its ledger says, sorted."""
    fields = ledger.replay(records)
    names = sorted({record.field for record in records})
    return tuple(name for name in names if not same(_get(fields, name), layout.value_at(value, name)))


def diff(file: File, root: Path) -> str:
    """What would change, as `git apply` takes it; empty if nothing would."""
    if not file.changes:
        return ""
    name = file.path.relative_to(root).as_posix()
    before, after = _lines(file.before), _lines(file.after)
    old = "/dev/null" if file.before is None else _header(f"a/{name}")
    new = "/dev/null" if file.after is None else _header(f"b/{name}")
    body = [*difflib.unified_diff(before, after)][2:]
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body)
    return f"--- {old}\n+++ {new}\n" + "".join(ended)


def _due(records: Sequence[Record], value: Json, wanted: Mapping[str, Change]) -> tuple[Step, ...]:
    """The records that are missing: of what the file does not hold, the ledger does not say, or new sources tell."""
    branches = ledger.branches(records)
    standing = {record.field: record for record in records}
    return tuple(
        step
        for field in sorted(wanted)
        for step in _step(wanted[field], layout.value_at(value, field), branches, standing.get(field))
    )


def _step(change: Change, now: Value, branches: Sequence[Mapping[str, Json]], last: Record | None) -> Iterator[Step]:
    said = [_get(branch, change.field) for branch in branches]
    others = [each for each in (now, *said) if not same(each, change.value)]
    if others:
        yield Step(change=change, old=others[0])
    elif last is not None and _basis(change) != (last.extractor, last.confidence, last.reasons, last.sources):
        yield Step(change=change, stays=True)


def _basis(change: Change) -> tuple[str, Confidence, tuple[str, ...], dict[str, str]]:
    sources = {source.path: source.digest for source in change.sources}
    return change.extractor, change.confidence, change.reasons, sources


def _state(records: Sequence[Record], seq: int) -> dict[str, Value]:
    """Every recorded field as it was after record `seq`; where the first record of one came later, as that found it."""
    fields: dict[str, Value] = {}
    for record in records:
        if record.seq <= seq and not record.stays:
            fields[record.field] = record.new
        elif not record.stays:
            fields.setdefault(record.field, record.old)
    return fields


def _reverting(records: Sequence[Record], field: str, value: Value) -> Change:
    change = _as_recorded(records, field, value)
    return Change(
        field=field,
        value=value,
        extractor="revert",
        confidence=change.confidence,
        reasons=change.reasons,
        sources=change.sources,
    )


def _as_recorded(records: Sequence[Record], field: str, value: Value) -> Change:
    """The change that has this value, on the grounds of the last record that says so."""
    moves = [record for record in records if record.field == field]
    for record in reversed(moves):
        if not record.stays and same(record.new, value):
            sources = tuple(Source(path, digest) for path, digest in sorted(record.sources.items()))
            return Change(
                field=field,
                value=value,
                extractor=record.extractor,
                confidence=record.confidence,
                reasons=record.reasons,
                sources=sources,
            )
    return Change(field=field, value=value, extractor="revert", confidence=Confidence.LOW, reasons=("unrecorded",))


def _get(fields: Mapping[str, Json], name: str) -> Value:
    return fields[name] if name in fields else UNSET  # noqa: SIM401  None is a value


def _lines(data: bytes | None) -> list[str]:
    """Lines as git counts them: only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", (data or b"").decode())


def _header(name: str) -> str:
    """A path as git writes it in a diff: quoted where it must be; where it holds a space, its end is marked."""
    if ODD.search(name):
        return '"' + ODD.sub(lambda odd: ESCAPES.get(odd[0], f"\\{ord(odd[0]):03o}"), name) + '"'
    return f"{name}\t" if " " in name else name
