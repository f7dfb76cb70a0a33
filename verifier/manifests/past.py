"""The score of a module at the end of each run that its ledger knows: what was recorded then had just been shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests import ledger
from verifier.manifests.audit import claimed
from verifier.manifests.case import Case
from verifier.manifests.evidence import Evidence, evidence_of
from verifier.manifests.findings import Finding
from verifier.manifests.layout import keys_of
from verifier.manifests.ledger import Record, Stamp
from verifier.manifests.model import Absent, Json
from verifier.manifests.score import Score, score
from verifier.manifests.sources import moment
from verifier.model import Problem

MOST = 10
"""So many runs are told, the last ones."""


class Past(Struct, frozen=True, kw_only=True):
    """The end of a run."""

    timestamp: str
    sha: str | None
    points: Fraction


class Scored(Struct, frozen=True, kw_only=True):
    """The score of a module now, and what it was."""

    module: str
    where: str
    """Its manifest, or what cannot be read."""
    lane: str | Absent
    score: Score
    past: tuple[Past, ...]
    """The oldest first; of the fields that ledgers have, by today's policy."""


def scored(case: Case | Finding, stamp: Stamp) -> Scored:
    """The score of a module now, and at the end of earlier runs."""
    if isinstance(case, Finding):
        lane = Absent("it cannot be read")
        return Scored(module=case.module, where=case.where, lane=lane, score=score(case), past=())
    now = evidence_of(case, stamp)
    past = tuple(_past(case.records, now))
    return Scored(module=now.module, where=now.where, lane=now.lane, score=score(now), past=past)


def _past(records: Sequence[Record], now: Evidence) -> Iterator[Past]:
    by_time = sorted(records, key=lambda record: (record.timestamp, record.place))
    runs = [(timestamp, [*those]) for timestamp, those in groupby(by_time, key=lambda record: record.timestamp)]
    for at in range(max(0, len(runs) - MOST), len(runs)):
        timestamp, those = runs[at]
        when = moment(timestamp, now.now)
        if not isinstance(when, Problem):
            known = [record for _, earlier in runs[: at + 1] for record in earlier]
            points = score(_as_recorded(known, when, now)).points
            yield Past(timestamp=timestamp, sha=those[-1].sha, points=points)


def _as_recorded(records: Sequence[Record], when: datetime, now: Evidence) -> Evidence:
    """What there was to judge a module by when a run had written this: nothing spoke against it."""
    fields = ledger.replay(records)
    manifest: dict[str, Json] = {}
    for field, value in fields.items():
        _put(manifest, keys_of(field), value)
    imported = ""  # whatever it was called then: its APIs were verified
    return replace(
        now, manifest=manifest, claims=claimed(manifest), findings=(), imported=imported, anew=fields, due=(), now=when
    )


def _put(within: dict[str, Json], keys: Sequence[str], value: Json) -> None:
    *above, last = keys
    for key in above:
        inner = within.get(key)
        within[key] = inner = inner if isinstance(inner, dict) else {}
        within = inner
    within[last] = value
