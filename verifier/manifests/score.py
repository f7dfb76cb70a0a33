"""The score of a manifest (MQI), 0 to 100: a table of what earns how many points. Pure, and exact: no float in it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests.evidence import Evidence
from verifier.manifests.extractors.apis import PENDING, VERIFIED
from verifier.manifests.findings import Finding, Flaw, owner
from verifier.manifests.grounds import (
    MENDED_BY_A_RUN,
    Answer,
    Ground,
    Question,
    apis_import,
    contract_is_kept,
    covered_enough,
    features_are_there,
    may_lack,
    measured_lately,
    provenance_resolves,
    targets_are_there,
)
from verifier.manifests.model import Json

FULL = 100
NONE, ALL = Fraction(0), Fraction(1)
COMMAND, EDIT, WORK = 1, 2, 3
"""What a step costs: a command, an edit, work on code, tests or texts."""
Earned: TypeAlias = tuple[Fraction, Ground]
"""Which part of the points, 0 to 1; and what to do where that is not all."""


class Component(Struct, frozen=True, kw_only=True):
    """A row of the table."""

    code: str
    weight: int
    asks: str
    """For people: what earns the points."""
    earn: Callable[[Evidence], Earned]
    effort: int


class Part(Struct, frozen=True, kw_only=True):
    """What became of a component."""

    code: str
    weight: int
    earned: Fraction
    """Points, 0 to `weight`."""
    applies: bool = True
    """False where the module has no such thing, and its lane allows that."""
    why: str = ""
    """What is missing; empty if all points are earned."""
    fix: str = ""
    fields: frozenset[str] = frozenset()
    """The fields of the manifest that do not hold."""
    effort: int = COMMAND


class Score(Struct, frozen=True, kw_only=True):
    """The score of a module, with all that it is made of."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> Fraction:
        """0 to 100: what is earned of all that applies."""
        return sum((part.earned for part in self.parts if part.applies), NONE) * self._scale

    @property
    def missed(self) -> tuple[Part, ...]:
        """What is still to be earned, the cheapest first; of those that cost the same, what earns most."""
        missed = (part for part in self.parts if self.lost(part))
        return tuple(sorted(missed, key=lambda part: (part.effort, -self.lost(part))))

    def lost(self, part: Part) -> Fraction:
        """How many points of the score a part has not earned."""
        return (part.weight - part.earned) * self._scale if part.applies else NONE

    @property
    def _scale(self) -> Fraction:
        return Fraction(FULL, sum(part.weight for part in self.parts if part.applies))


def shown(points: Fraction) -> float:
    """Points with one decimal, rounded down: nothing is shown that was not earned."""
    return floor(points * 10) / 10


def shown_lost(points: Fraction) -> float:
    """Points that were lost with one decimal, rounded up: what is lost is always shown."""
    return ceil(points * 10) / 10


def score(seen: Evidence | Finding) -> Score:
    """The score of a module. One that cannot be read, which is a finding, has earned nothing."""
    return Score(parts=tuple(_part(each, seen) for each in COMPONENTS))


def _part(component: Component, seen: Evidence | Finding) -> Part:
    nothing = Part(code=component.code, weight=component.weight, earned=NONE, effort=component.effort)
    if isinstance(seen, Finding):
        return replace(nothing, why=seen.what, fix=seen.fix, effort=EDIT)
    share, ground = component.earn(seen)
    if ground.answer is Answer.ABSENT and may_lack(component.code, seen):
        return replace(nothing, applies=False)
    earned = share * component.weight
    if share == ALL:
        return replace(nothing, earned=earned)
    return replace(nothing, earned=earned, why=ground.why, fix=ground.fix, fields=ground.fields)


# --- what is earned ---------------------------------------------------------------------------------------------------


def _whole(question: Question) -> Callable[[Evidence], Earned]:
    """All, if the answer is yes."""

    def earn(seen: Evidence) -> Earned:
        ground = question(seen)
        return (ALL if ground.answer is Answer.YES else NONE), ground

    return earn


def _provenance(seen: Evidence) -> Earned:
    """The part of the enriched fields that say where they come from, so that it can be found."""
    wrong = {owner(each.field) for each in seen.of(Flaw.UNEXPLAINED, Flaw.DANGLING)}
    good = [field for field in seen.claims if field not in wrong]
    return _ratio(len(good), len(seen.claims)), provenance_resolves(seen)


def _apis(seen: Evidence) -> Earned:
    """The part of all public names, and of those that the manifest lists, that are in `apis` and were verified now."""
    ground = apis_import(seen)
    if ground.answer in {Answer.ABSENT, Answer.UNKNOWN}:
        return NONE, ground
    listed, now = _names(seen.manifest.get(VERIFIED)), _names(seen.anew.get(VERIFIED))
    good, every = listed & now, listed | now | _names(seen.anew.get(PENDING))
    if ground.answer is Answer.YES:
        why = f"{len(good)} of {len(every)} public names are verified and documented, and stand in `apis`"
        fix = "mend what `apis_pending` lists, then " + MENDED_BY_A_RUN.format(module=seen.module)
        ground = replace(ground, why=why, fix=fix)
    return _ratio(len(good), len(every)), ground


def _names(value: Json) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _ratio(good: int, every: int) -> Fraction:
    return Fraction(good, every) if every else NONE


COMPONENTS: tuple[Component, ...] = (
    Component(
        code="schema",
        weight=20,
        asks="the contract is kept, with the words of the vocabularies, by a manifest that says something",
        earn=_whole(contract_is_kept),
        effort=EDIT,
    ),
    Component(
        code="provenance",
        weight=15,
        asks="enriched fields say where they come from, and that is there (in proportion)",
        earn=_provenance,
        effort=COMMAND,
    ),
    Component(
        code="features",
        weight=15,
        asks="there is a feature, all are canonical, and all have evidence",
        earn=_whole(features_are_there),
        effort=WORK,
    ),
    Component(
        code="apis",
        weight=15,
        asks="public names stand in `apis`, documented, and are verified now (in proportion)",
        earn=_apis,
        effort=WORK,
    ),
    Component(
        code="targets",
        weight=10,
        asks="there are targets, those of the lane's policy",
        earn=_whole(targets_are_there),
        effort=EDIT,
    ),
    Component(
        code="freshness",
        weight=15,
        asks="what was measured is what its artifact has, and fresh (14 days, where the lane says nothing else)",
        earn=_whole(measured_lately),
        effort=COMMAND,
    ),
    Component(
        code="coverage",
        weight=10,
        asks="the coverage that was measured is at the target or above it",
        earn=_whole(covered_enough),
        effort=WORK,
    ),
)
"""The weights sum to 100."""
