"""One cause closes one gate: which closed gate follows from another that is closed for the same thing. Pure.

A name that is not there any more fails `apis`; that a run would take it out, and that its pointer leads to nothing,
follows from it. What follows is told, and does not count: what it follows from keeps the module closed. Where that is
waived, it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from verifier.manifests.extractors.apis import PENDING, VERIFIED
from verifier.manifests.extractors.observed import COVERAGE, COVERED_AT, OBSERVED, VIOLATION
from verifier.manifests.extractors.policy import TARGETS
from verifier.manifests.score import Score

BEHIND: Mapping[str, frozenset[str]] = {
    VERIFIED: frozenset({PENDING, "description", "features", "tags"}),
    PENDING: frozenset({VERIFIED, "description", "features", "tags"}),
    "features": frozenset({"description", "tags"}),
    "components": frozenset({"description"}),
    TARGETS: frozenset({VIOLATION}),
    OBSERVED: frozenset({VIOLATION}),
    COVERAGE: frozenset({COVERED_AT}),
    COVERED_AT: frozenset({COVERAGE}),
}
"""The fields that come to something else where a field does."""
Earlier: TypeAlias = Sequence[tuple[str, frozenset[str]]]
"""Gates that do not pass, in the order of the table, each with the fields that it is about."""


def cause_of(fields: frozenset[str], earlier: Earlier) -> str:
    """The first of the `earlier` gates that is about any of these `fields`; empty if not all come from there."""
    behind = {gate: own.union(*(BEHIND.get(field, frozenset()) for field in own)) for gate, own in earlier}
    if not fields or not fields <= frozenset().union(*behind.values()):
        return ""
    return next(gate for gate, reached in behind.items() if reached & fields)


def cause_of_score(score: Score, least: int, earlier: Earlier) -> str:
    """The first of the `earlier` gates that cost points; empty if the score were too low without them as well."""
    codes = [gate for gate, _ in earlier]
    causes = {part.code: part.code if part.code in codes else cause_of(part.fields, earlier) for part in score.missed}
    owed = sum(score.lost(part) for part in score.missed if causes[part.code])
    if not owed or score.points + owed < least:
        return ""
    return next(code for code in codes if code in causes.values())
