"""Each gate is closed by what it is about and by the lack of it, and by nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from msgspec.structs import replace

from tests.unit.manifests.judged import LANE, LENIENT, MODULE, NOW, closed, covered, flaw, module, performance, result
from verifier.manifests.compose import MEASURED, OURS
from verifier.manifests.evidence import Evidence
from verifier.manifests.findings import Finding, Flaw
from verifier.manifests.gates import GATES, State, Useless, judge, waived
from verifier.manifests.grounds import OF_LEDGERS
from verifier.manifests.model import Absent
from verifier.manifests.settings import GateName, Subject, Waiver
from verifier.resources import load_schema

CODES = tuple(gate.code for gate in GATES)
UNREADABLE = flaw(Flaw.UNREADABLE, "")
BARE = dict.fromkeys(("description", "features", "tags", "components", "apis", "performance", "testing"))
"""A manifest that says nothing."""
ONLY: dict[str, Evidence] = {
    "schema": module(LENIENT, flaw(Flaw.CONTRACT)),
    "apis": module(LENIENT, flaw(Flaw.UNVERIFIED, "apis")),
    "freshness": module(LENIENT, performance=performance(observed_at="2025-01-01T12:00:00Z")),
    "coverage": module(LENIENT, testing=covered(coverage_observed=84.99)),
    "vocabulary": module(LENIENT, flaw(Flaw.VOCABULARY, "features")),
    "provenance": module(LENIENT, flaw(Flaw.DANGLING, "_provenance.components")),
    "idempotency": replace(module(LENIENT), due=("components",)),
    "score": module(features=None),
}
"""Modules that fail one gate."""
WITHOUT: dict[str, Evidence | Finding] = {
    "schema": UNREADABLE,
    "apis": module(LENIENT, apis=None),
    "freshness": module(LENIENT, performance={"sla_targets": {"latency_p95_ms": 250}}),
    "coverage": module(LENIENT, testing={"coverage_target": 85}),
    "vocabulary": module(LENIENT, features=None, tags=None, apis=None),
    "provenance": module(LENIENT, **BARE),
    "idempotency": replace(module(LENIENT), due=Absent("the ledger cannot be trusted")),
    "score": replace(module(), lane=Absent("it names no lane"), policy=Absent("it names no lane")),
}
"""Modules that lack what a gate needs."""


def test_a_module_that_nothing_speaks_against_passes_every_gate() -> None:
    assert [(each.gate, each.state) for each in judge(module()).results] == [(code, State.PASSED) for code in CODES]


@pytest.mark.parametrize("code", CODES)
def test_what_a_gate_is_about_closes_it_and_no_other(code: str) -> None:
    assert closed(judge(ONLY[code])) == {code: "failed"}
    found = result(ONLY[code], code)
    assert all((found.why, found.where, found.fix))


@pytest.mark.parametrize("code", CODES)
def test_the_lack_of_what_it_needs_closes_a_gate(code: str) -> None:
    assert closed(judge(WITHOUT[code]))[code] == "not evaluated"
    found = result(WITHOUT[code], code)
    assert all((found.why, found.where, found.fix))


def test_no_gate_passes_where_nobody_could_look() -> None:
    assert closed(judge(UNREADABLE)) == dict.fromkeys(CODES, "not evaluated")


def test_a_manifest_that_says_nothing_passes_only_what_is_about_the_file() -> None:
    assert CODES[1:6] == tuple(closed(judge(module(LENIENT, **BARE))))


@pytest.mark.parametrize("kind", [each for each in Flaw if each not in {Flaw.UNREADABLE, Flaw.GENERATION}])
def test_every_flaw_that_an_audit_may_find_closes_the_gates_that_name_it(kind: Flaw) -> None:
    naming = {gate.code for gate in GATES if kind in gate.flaws}
    fields = {"freshness": MEASURED[:2], "coverage": MEASURED[2:]}
    assert naming
    for code in naming:
        for field in fields.get(code, OURS):
            assert closed(judge(module(LENIENT, flaw(kind, field)))) == {code: "failed"}


def test_every_number_that_was_not_measured_closes_a_gate() -> None:
    assert all(closed(judge(module(LENIENT, flaw(Flaw.UNMEASURED, field)))) for field in MEASURED)


def test_names_of_gates_are_the_same_everywhere() -> None:
    assert get_args(GateName) == CODES
    enrich, gates = load_schema("enrich"), load_schema("gates")
    assert enrich["$defs"]["waiver"]["properties"]["gate"]["enum"] == [*CODES]
    assert enrich["$defs"]["lane"]["properties"]["without"]["items"]["enum"] == [*get_args(Subject)]
    assert gates["$defs"]["gate"]["enum"] == [*CODES]
    assert [*gates["$defs"]["module"]["properties"]["gates"]["properties"]] == [*CODES]


# --- single gates -----------------------------------------------------------------------------------------------------


def test_apis_are_not_believed_where_nothing_could_be_imported() -> None:
    seen = replace(module(LENIENT), imported=Absent("it cannot be imported"))
    assert closed(judge(seen)) == {"apis": "not evaluated"}


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(module(LENIENT, apis=None), imported=Absent("there is no folder")), "make it a package"),
        (replace(module(LENIENT, apis=None), anew={"apis": {"buy": {}}}), "`enrich --module shop`"),
        (replace(module(LENIENT, apis=None), anew={"apis_pending": {"buy": {}}}), "mend what `apis_pending` lists"),
    ],
)
def test_without_apis_it_is_told_how_to_get_some(seen: Evidence, words: str) -> None:
    assert closed(judge(seen)) == {"apis": "not evaluated"}
    assert words in result(seen, "apis").fix


@pytest.mark.parametrize(
    ("seconds", "state", "warns"),
    [
        (10 * 86400, State.PASSED, False),
        (10 * 86400 + 1, State.PASSED, True),
        (14 * 86400, State.PASSED, True),
        (14 * 86400 + 1, State.FAILED, True),
        (-1, State.FAILED, True),
    ],
)
def test_a_measurement_is_fresh_for_so_many_days(seconds: int, state: State, warns: bool) -> None:
    measured = (NOW - timedelta(seconds=seconds)).isoformat()
    found = result(module(performance=performance(observed_at=measured)), "freshness")
    assert (found.state, bool(found.why)) == (state, warns)


def test_the_days_are_those_of_the_lane() -> None:
    old = performance(observed_at="2025-01-01T12:00:00Z")
    assert closed(judge(module(replace(LENIENT, fresh_days=31), performance=old))) == {}
    assert closed(judge(module(replace(LENIENT, fresh_days=30), performance=old))) == {"freshness": "failed"}


@pytest.mark.parametrize("when", ["2025-01-01T12:00:00Z", "2026-01-01T12:00:00Z", "yesterday", 5, None])
def test_coverage_gets_old_as_well(when: object) -> None:
    assert closed(judge(module(LENIENT, testing=covered(observed_at=when)))) == {"freshness": "failed"}


@pytest.mark.parametrize("observed", [{}, {"observed_at": "2025-01-31T12:00:00Z", "confidence": "high"}, "fast", None])
def test_without_a_number_nothing_was_measured(observed: object) -> None:
    seen = module(LENIENT, performance={"sla_targets": {"latency_p95_ms": 250}, "observed": observed})
    assert closed(judge(seen)) == {"freshness": "not evaluated"}


def test_a_coverage_that_is_just_the_target_is_enough() -> None:
    assert closed(judge(module(testing=covered(coverage_observed=85)))) == {}


@pytest.mark.parametrize(
    "said",
    [{"coverage_target": None}, {"coverage_observed": "91"}, {"coverage_observed": True}, {"coverage_target": "85"}],
)
def test_a_coverage_that_cannot_be_compared_is_not_enough(said: dict[str, object]) -> None:
    assert closed(judge(module(LENIENT, testing=covered(**said)))) == {"coverage": "not evaluated"}


def test_the_score_has_to_be_reached_exactly() -> None:
    seen = module(testing=covered(coverage_observed=84))
    assert closed(judge(seen)) == {"coverage": "failed"}
    strict = replace(seen, policy=replace(LENIENT, min_score=91))
    assert {each.gate for each in judge(strict).results if not each.does_pass} == {"coverage", "score"}


# --- what a lane does without -----------------------------------------------------------------------------------------

RESEARCH = replace(LENIENT, without=("apis", "freshness", "coverage"))


def test_a_lane_may_let_modules_lack_something() -> None:
    seen = module(RESEARCH, apis=None, performance=None, testing=None)
    assert closed(judge(seen)) == {}
    states = {each.gate: each.state for each in judge(seen).results}
    assert {code for code in CODES if states[code] is State.NOT_APPLICABLE} == {"apis", "freshness", "coverage"}


@pytest.mark.parametrize("code", ["apis", "freshness", "coverage"])
def test_what_is_there_has_to_hold_all_the_same(code: str) -> None:
    assert closed(judge(replace(ONLY[code], policy=RESEARCH))) == {code: "failed"}


def test_what_nobody_could_find_out_is_not_lacking() -> None:
    assert closed(judge(replace(module(RESEARCH), imported=Absent("no")))) == {"apis": "not evaluated"}


@pytest.mark.parametrize("code", ["schema", "vocabulary", "provenance", "idempotency", "score"])
def test_nothing_else_can_be_lacking(code: str) -> None:
    assert code not in get_args(Subject)


# --- what follows from what -------------------------------------------------------------------------------------------


def test_one_cause_closes_one_gate() -> None:
    gone = flaw(Flaw.UNVERIFIED, "apis"), flaw(Flaw.DANGLING, "apis"), flaw(Flaw.DIFFERS, "apis")
    seen = replace(module(LANE, *gone), due=("features", "tags", "apis", "apis_pending"), anew={})
    found = judge(seen)
    assert closed(found) == {"apis": "failed"}
    causes = {each.gate: found.cause(each) for each in found.results if not each.does_pass}
    assert causes == {"apis": "", "provenance": "apis", "idempotency": "apis", "score": "apis"}


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        (Flaw.CONTRACT, "performance.observed.confidence", {"schema"}),
        (Flaw.VOCABULARY, "components", {"vocabulary"}),
        (Flaw.UNEXPLAINED, "_provenance.components", {"provenance"}),
        (Flaw.UNEXPLAINED, "description", {"provenance", "idempotency"}),
    ],
)
def test_it_follows_only_what_is_about_the_same_field(first: Flaw, other: str, expected: set[str]) -> None:
    edited = "performance.observed" if other.startswith("performance") else "components"
    assert {*closed(judge(module(LENIENT, flaw(first, other), flaw(Flaw.EDITED, edited))))} == expected


def test_two_things_that_are_wrong_with_one_field_are_two() -> None:
    seen = module(LENIENT, flaw(Flaw.CONTRACT, "tags"), flaw(Flaw.VOCABULARY, "tags"))
    assert closed(judge(seen)) == {"schema": "failed", "vocabulary": "failed"}


def test_what_is_wrong_with_more_than_the_cause_counts() -> None:
    seen = replace(module(LENIENT, flaw(Flaw.UNVERIFIED, "apis")), due=("apis", "components"))
    assert closed(judge(seen)) == {"apis": "failed", "idempotency": "failed"}


@pytest.mark.parametrize("kind", OF_LEDGERS)
def test_what_is_wrong_with_a_ledger_follows_from_nothing(kind: Flaw) -> None:
    seen = module(LENIENT, flaw(Flaw.UNVERIFIED, "apis"), flaw(kind, "apis"))
    assert closed(judge(seen)) == {"apis": "failed", "idempotency": "failed"}


def test_a_score_that_is_too_low_without_the_other_gates_counts() -> None:
    old = performance(observed_at="2025-01-01T12:00:00Z")
    assert closed(judge(module(performance=old))) == {"freshness": "failed"}
    assert closed(judge(module(performance=old, features=None))) == {"freshness": "failed", "score": "failed"}


def test_where_the_cause_is_waived_what_follows_counts() -> None:
    seen = replace(module(LENIENT, flaw(Flaw.UNVERIFIED, "apis")), due=("apis",))
    (found,), useless = waived([judge(seen)], [waiver("apis")], KNOWN, TODAY)
    assert (closed(found), useless) == ({"idempotency": "failed"}, ())
    (found,), useless = waived([judge(seen)], [waiver("apis"), waiver("idempotency")], KNOWN, TODAY)
    assert (closed(found), useless) == ({}, ())


# --- waivers ----------------------------------------------------------------------------------------------------------

TODAY = date(2025, 2, 1)
KNOWN = frozenset({MODULE, "core"})


def waiver(gate: GateName = "coverage", module: str = MODULE, until: date = TODAY) -> Waiver:
    return Waiver(module=module, gate=gate, reason="it is being rewritten", until=until)


def told(useless: tuple[Useless, ...]) -> list[str]:
    return [each.why for each in useless]


def test_a_waiver_excuses_one_gate_of_one_module_to_its_last_day() -> None:
    (found,), useless = waived([judge(ONLY["coverage"])], [waiver()], KNOWN, TODAY)
    assert (closed(found), useless) == ({}, ())
    state = next(each for each in found.results if each.gate == "coverage")
    assert (state.state, state.waiver) == (State.FAILED, waiver())


def test_a_waiver_excuses_what_could_not_be_evaluated() -> None:
    (found,), useless = waived([judge(WITHOUT["coverage"])], [waiver()], KNOWN, TODAY)
    assert (closed(found), useless) == ({}, ())


def test_a_waiver_that_has_expired_excuses_nothing_and_is_a_failure() -> None:
    (found,), useless = waived([judge(ONLY["coverage"])], [waiver(until=date(2025, 1, 31))], KNOWN, TODAY)
    assert (closed(found), told(useless)) == ({"coverage": "failed"}, ["it held until 2025-01-31"])


@pytest.mark.parametrize(
    ("waivers", "why"),
    [
        ([waiver("schema")], ["the gate is not closed"]),
        ([waiver(), waiver("coverage", until=date(2025, 3, 1))], ["another one waives the gate"]),
        ([waiver(module="shopp")], ["there is no such module"]),
        ([waiver(module="core")], []),
        ([waiver(), waiver(until=date(2024, 1, 1))], ["it held until 2024-01-01"]),
    ],
)
def test_a_waiver_that_waives_nothing_is_a_failure(waivers: list[Waiver], why: list[str]) -> None:
    assert told(waived([judge(ONLY["coverage"])], waivers, KNOWN, TODAY)[1]) == why


def test_a_gate_that_does_not_apply_needs_no_waiver() -> None:
    seen = module(RESEARCH, testing=None)
    assert told(waived([judge(seen)], [waiver()], KNOWN, TODAY)[1]) == ["the gate is not closed"]
