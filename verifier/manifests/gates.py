"""The gates: a table of what has to be so before a module is merged, and what waives one for a while. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests import grounds
from verifier.manifests.causes import cause_of, cause_of_score
from verifier.manifests.evidence import Evidence
from verifier.manifests.findings import Finding, Flaw
from verifier.manifests.grounds import Answer, Ground, Question
from verifier.manifests.model import Absent
from verifier.manifests.score import Score, score, shown, shown_lost
from verifier.manifests.settings import Waiver


class State(StrEnum):
    """What became of a gate. The last two close it."""

    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"
    """The module has no such thing, and its lane allows that."""
    FAILED = "failed"
    NOT_EVALUATED = "not evaluated"
    """What it needs was not there."""


class Gate(Struct, frozen=True, kw_only=True):
    """A row of the table."""

    code: str
    asks: str
    """For people: what has to be so."""
    needs: str
    """For people: without this it is not evaluated."""
    example: str
    """For people: something that closes it."""
    flaws: frozenset[Flaw] = frozenset()
    """What an audit may find that closes it."""
    may_follow: bool = False
    """It asks what other gates ask as well, and may be closed because of them."""
    question: Question


class Result(Struct, frozen=True, kw_only=True):
    """What became of a gate for a module."""

    gate: str
    state: State
    why: str = ""
    """What closes it; of one that has passed, what there is to know."""
    where: str = ""
    fix: str = ""
    details: tuple[str, ...] = ()
    """All that closes it, where `why` tells of the first alone."""
    fields: frozenset[str] = frozenset()
    """The fields that do not hold, where it is fields that close it."""
    waiver: Waiver | None = None
    is_old: bool = False
    """It was closed for the same reasons where the branch began, and the branch has not touched the module."""

    @property
    def does_pass(self) -> bool:
        """Nothing speaks against the module."""
        return self.state in {State.PASSED, State.NOT_APPLICABLE}

    @property
    def is_closed(self) -> bool:
        """It does not pass, and nothing excuses that."""
        return not self.does_pass and self.waiver is None and not self.is_old


class Judged(Struct, frozen=True, kw_only=True):
    """What became of a module."""

    module: str
    lane: str | Absent
    score: Score
    least: int = 0
    """The points that its lane asks for."""
    results: tuple[Result, ...]
    """One for each gate, in the order of the table."""

    @property
    def closed(self) -> tuple[Result, ...]:
        """The gates that keep it from being merged, but for those that only follow from another of them."""
        return tuple(each for each in self.results if each.is_closed and not self.cause(each))

    def cause(self, result: Result) -> str:
        """The gate that a failed one follows from: it is closed for the same thing, and not waived; empty if none."""
        if result.state is not State.FAILED or result.gate not in FOLLOWING:
            return ""
        before = self.results[: self.results.index(result)]
        earlier = [(each.gate, each.fields) for each in before if not each.does_pass and each.waiver is None]
        if result.gate == SCORE:
            return cause_of_score(self.score, self.least, earlier)
        return cause_of(result.fields, earlier)


class Useless(Struct, frozen=True, kw_only=True):
    """A waiver that waives nothing."""

    waiver: Waiver
    why: str


def judge(seen: Evidence | Finding) -> Judged:
    """Every gate, and the score. Of a module that cannot be read, which is a finding, no gate is evaluated."""
    if isinstance(seen, Finding):
        unseen = tuple(_unseen(gate, seen) for gate in GATES)
        return Judged(module=seen.module, lane=Absent(seen.what), score=score(seen), results=unseen)
    results = tuple(_result(gate, seen) for gate in GATES)
    least = 0 if isinstance(seen.policy, Absent) else seen.policy.min_score
    return Judged(module=seen.module, lane=seen.lane, score=score(seen), least=least, results=results)


def _unseen(gate: Gate, why: Finding) -> Result:
    return Result(gate=gate.code, state=State.NOT_EVALUATED, why=why.what, where=why.where, fix=why.fix)


def _result(gate: Gate, seen: Evidence) -> Result:
    ground = gate.question(seen)
    state = STATES[ground.answer]
    if ground.answer is Answer.ABSENT and grounds.may_lack(gate.code, seen):
        state = State.NOT_APPLICABLE
    return Result(
        gate=gate.code,
        state=state,
        why=ground.why,
        where=ground.where,
        fix=ground.fix,
        details=ground.details,
        fields=ground.fields,
    )


SCORE = "score"
STATES = {
    Answer.YES: State.PASSED,
    Answer.NO: State.FAILED,
    Answer.ABSENT: State.NOT_EVALUATED,
    Answer.UNKNOWN: State.NOT_EVALUATED,
}


def _score_is_enough(seen: Evidence) -> Ground:
    """The score is what the lane asks for, or more."""
    if isinstance(seen.policy, Absent):
        why = f"nobody knows what is enough: {seen.policy.why}"
        return Ground(answer=Answer.UNKNOWN, why=why, where=seen.where, fix=grounds.SET_LANE)
    found = score(seen)
    if found.points >= seen.policy.min_score:
        return grounds.YES
    lost = ", ".join(f"{part.code} {shown_lost(found.lost(part)):g}" for part in found.missed)
    why = f"{shown(found.points):g} of 100 points, and {seen.policy.min_score} are the least; lost: {lost}"
    fix = f"`enrich score --module {seen.module}` shows the cheapest next step"
    return Ground(answer=Answer.NO, why=why, where=seen.where, fix=fix)


GATES: tuple[Gate, ...] = (
    Gate(
        code="schema",
        asks="the manifest keeps its contract",
        needs="a manifest of the present generation that can be read",
        example="`components` is a text",
        flaws=frozenset({Flaw.CONTRACT}),
        question=grounds.schema_is_kept,
    ),
    Gate(
        code="apis",
        asks="every name in `apis` is verified now, by an import; what the manifest says of that does not count",
        needs="`apis`, and an import",
        example="a name that was removed since",
        flaws=frozenset({Flaw.UNVERIFIED}),
        question=grounds.apis_import,
    ),
    Gate(
        code="freshness",
        asks="what was measured is what its artifact has, and not older than `fresh-days` of the lane",
        needs="`performance.observed`, and a lane that is configured",
        example="a measurement of a month ago",
        flaws=frozenset({Flaw.UNMEASURED}),
        question=grounds.measured_lately,
    ),
    Gate(
        code="coverage",
        asks="`testing.coverage_observed` is what its report has, and `testing.coverage_target` or more",
        needs="both numbers",
        example="84 percent where 85 are the target",
        flaws=frozenset({Flaw.UNMEASURED}),
        question=grounds.covered_enough,
    ),
    Gate(
        code="vocabulary",
        asks="no feature, tag, capability or lane is a word that the vocabularies do not have",
        needs="a feature, a tag or an API",
        example="the lane is called `L2`, and not by its canonical name",
        flaws=frozenset({Flaw.VOCABULARY}),
        question=grounds.words_are_canonical,
    ),
    Gate(
        code="provenance",
        asks="every enriched field says where it comes from, and that is there",
        needs="an enriched field",
        example="a pointer to a file that was renamed",
        flaws=frozenset({Flaw.UNEXPLAINED, Flaw.DANGLING, Flaw.ORPHANED}),
        may_follow=True,
        question=grounds.provenance_resolves,
    ),
    Gate(
        code="idempotency",
        asks="the ledger is whole, the manifest holds what it says, and a fresh run would write nothing",
        needs="a ledger that can be trusted",
        example="a number that the context file states otherwise by now",
        flaws=frozenset((*grounds.OF_LEDGERS, *grounds.OF_RUNS)),
        may_follow=True,
        question=grounds.runs_change_nothing,
    ),
    Gate(
        code=SCORE,
        asks="the score is `min-score` of the lane, or more",
        needs="a lane that is configured",
        example="89.9 points where 90 are the least",
        may_follow=True,
        question=_score_is_enough,
    ),
)
FOLLOWING = frozenset(gate.code for gate in GATES if gate.may_follow)


# --- waivers ----------------------------------------------------------------------------------------------------------


def waived(
    judged: Sequence[Judged], waivers: Sequence[Waiver], modules: frozenset[str], today: date
) -> tuple[tuple[Judged, ...], tuple[Useless, ...]]:
    """What became of modules with these waivers; and those that waive nothing: each is a failure of its own.

    `modules` are all that the repository has; of a waiver for one that was not judged nothing is said.
    """
    lasting = {_key(each): each for each in reversed(waivers) if each.until >= today}
    found = tuple(
        replace(
            each, results=tuple(_waived(result, lasting.get((each.module, result.gate))) for result in each.results)
        )
        for each in judged
    )
    used = {_key(result.waiver): result.waiver for each in found for result in each.results if result.waiver}
    names = {each.module for each in judged}
    useless = (
        Useless(waiver=each, why=_why_useless(each, modules, today, used.get(_key(each))))
        for each in waivers
        if used.get(_key(each)) is not each and (each.module in names or each.module not in modules)
    )
    return found, tuple(useless)


def _key(waiver: Waiver) -> tuple[str, str]:
    return waiver.module, waiver.gate


def _waived(result: Result, waiver: Waiver | None) -> Result:
    return replace(result, waiver=waiver) if waiver and result.is_closed else result


def _why_useless(waiver: Waiver, modules: frozenset[str], today: date, other: Waiver | None) -> str:
    if waiver.module not in modules:
        return "there is no such module"
    if waiver.until < today:
        return f"it held until {waiver.until}"
    return "another one waives the gate" if other else "the gate is not closed"
