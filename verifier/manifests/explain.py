"""Why a field holds what it holds: where it comes from, what spoke against it, and what the ledger says of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET, Struct

from verifier.manifests import layout
from verifier.manifests.compose import MEASURED, ORIGINS, OURS
from verifier.manifests.extractors.features import FIELD as FEATURES
from verifier.manifests.extractors.features import WHY, Mention
from verifier.manifests.history import State
from verifier.manifests.ledger import Record
from verifier.manifests.model import Json

WIDEST = 100


class Explained(Struct, frozen=True, kw_only=True):
    """One field, with all that is known of how it came to be."""

    field: str
    value: Json
    confidence: str
    reasons: tuple[str, ...]
    provenance: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was found, and what spoke for or against it."""
    records: tuple[Record, ...] = ()
    """Those of the ledger, the first one first."""


def explain(state: State, mentions: Sequence[Mention]) -> tuple[Explained, ...]:
    """Every enriched field of a manifest. `mentions` are those of features in its sources as they are now."""
    manifest, records = state.document.value, state.records
    return tuple(
        Explained(
            field=field,
            value=value,
            confidence=str(_of_origin(manifest, field, "confidence")),
            reasons=tuple(map(str, _list(_of_origin(manifest, field, "reasons")))),
            provenance=tuple(map(str, _list(_of_origin(manifest, field, "provenance")))),
            notes=tuple(_notes(mentions)) if field == FEATURES else (),
            records=tuple(record for record in records if record.field == field),
        )
        for field in OURS
        if (value := layout.value_at(manifest, field)) is not UNSET
    )


def _of_origin(manifest: Json, field: str, name: str) -> Json:
    found = layout.value_at(manifest, layout.field_of((ORIGINS, field, name)))
    return "" if found is UNSET else found


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _notes(mentions: Iterable[Mention]) -> Iterator[str]:
    """Each mention, with the kind of place and what spoke against it."""
    for each in sorted(mentions):
        against = "; ".join(WHY.get(code, code) for code in each.against)
        told = f"against it: {against}" if against else "nothing spoke against it"
        yield f"{each.key}: {each.pattern} at {each.pointer}, {each.phrase!r}; {told}"


def rendered(found: Explained, path: str) -> str:
    """For people: one field, and how to see it again."""
    value = json.dumps(found.value, ensure_ascii=False)
    lines = [f"{found.field}: {value if len(value) <= WIDEST else value[: WIDEST - 1] + '…'}"]
    lines += [f"  confidence {found.confidence}, {', '.join(found.reasons)}"] if found.confidence else []
    lines += [f"  from       {pointer}" for pointer in found.provenance]
    lines += [f"  seen       {note}" for note in found.notes]
    lines += [f"  ledger     {_record(record)}" for record in found.records]
    command = "enrich observe" if found.field in MEASURED else "enrich"
    lines += [f"  again      {command} --module {path} --dry-run"]
    return "\n".join(lines) + "\n"


def _record(record: Record) -> str:
    did = "what it rests on changed" if record.stays else "removed" if record.new is UNSET else "set"
    at = f", at commit {record.sha[:12]}" if record.sha else ""
    return f"{record.seq}: {did} by {record.extractor}, {record.timestamp}{at}"
