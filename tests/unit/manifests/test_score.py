"""Points are earned, missed with what would earn them, or not asked for; and what is shown was earned."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.manifests.enriched import edit, repository, run, world
from tests.unit.manifests.judged import LANE, LENIENT, covered, flaw, module, performance
from verifier.manifests.evidence import Evidence
from verifier.manifests.findings import Finding, Flaw
from verifier.manifests.formats import text
from verifier.manifests.gates import GATES, State, judge
from verifier.manifests.judging import scores
from verifier.manifests.model import Absent, Json
from verifier.manifests.past import Scored
from verifier.manifests.score import COMPONENTS, Part, Score, score, shown, shown_lost

CODES = tuple(each.code for each in COMPONENTS)
BARE = dict.fromkeys(("description", "features", "tags", "components", "apis", "performance", "testing"))
OLD = performance(observed_at="2024-01-01T12:00:00Z")


def found_anew(*names: str, pending: tuple[str, ...] = (), flaws: tuple[Finding, ...] = ()) -> Evidence:
    """A module whose imports have just shown these names."""
    anew: dict[str, Json] = {"apis": {name: {} for name in names}, "apis_pending": {name: {} for name in pending}}
    return replace(module(), anew=anew, findings=flaws)


LOST: dict[str, tuple[Evidence, str, Fraction]] = {
    "a breach of the contract": (module(LANE, flaw(Flaw.CONTRACT)), "schema", Fraction(20)),
    "a word of no vocabulary": (module(LANE, flaw(Flaw.VOCABULARY, "tags")), "schema", Fraction(20)),
    "one of ten origins": (module(LANE, flaw(Flaw.UNEXPLAINED)), "provenance", Fraction(15, 10)),
    "a pointer to nothing": (module(LANE, flaw(Flaw.DANGLING, "_provenance.tags")), "provenance", Fraction(15, 10)),
    "no feature": (module(features=None), "features", Fraction(15)),
    "a feature without evidence": (module(LANE, flaw(Flaw.UNSUPPORTED, "features")), "features", Fraction(15)),
    "no API": (module(apis=None), "apis", Fraction(15)),
    "no import": (replace(module(), imported=Absent("no")), "apis", Fraction(15)),
    "a pending API": (found_anew("buy", "sell", pending=("ask",)), "apis", Fraction(5)),
    "an API that does not import": (found_anew("buy", flaws=(flaw(Flaw.UNVERIFIED, "apis"),)), "apis", Fraction(15, 2)),
    "an API that nobody has listed": (found_anew("buy", "sell", "ask"), "apis", Fraction(5)),
    "no target": (module(performance={"observed": performance()["observed"]}), "targets", Fraction(10)),
    "a target of one's own": (module(LANE, flaw(Flaw.DIFFERS, "performance.sla_targets")), "targets", Fraction(10)),
    "an old measurement": (module(performance=OLD), "freshness", Fraction(15)),
    "no measurement": (module(performance={"sla_targets": {"latency_p95_ms": 1}}), "freshness", Fraction(15)),
    "too little coverage": (module(testing=covered(coverage_observed=84.99)), "coverage", Fraction(10)),
    "no coverage": (module(testing=covered(coverage_observed=None)), "coverage", Fraction(10)),
}


def test_the_weights_sum_to_100() -> None:
    assert [(each.code, each.weight) for each in COMPONENTS] == [
        ("schema", 20),
        ("provenance", 15),
        ("features", 15),
        ("apis", 15),
        ("targets", 10),
        ("freshness", 15),
        ("coverage", 10),
    ]
    assert sum(each.weight for each in COMPONENTS) == 100


def test_a_perfect_module_has_100_points_and_loses_nothing() -> None:
    found = score(module())
    assert found.points == 100
    assert found.missed == ()


@pytest.mark.parametrize("seen", [module(LENIENT, **BARE), flaw(Flaw.UNREADABLE, ""), flaw(Flaw.GENERATION, "")])
def test_an_empty_module_has_none_and_is_told_what_would_earn_each(seen: Evidence | Finding) -> None:
    found = score(seen)
    assert found.points == 0
    assert {part.code for part in found.missed} == {*CODES}
    assert all(part.why and part.fix for part in found.missed)


@pytest.mark.parametrize(("seen", "code", "lost"), LOST.values(), ids=LOST)
def test_what_is_missing_costs_its_points_and_is_told(seen: Evidence, code: str, lost: Fraction) -> None:
    found = score(seen)
    parts = {part.code: part for part in found.missed}
    assert found.lost(parts[code]) == lost
    assert parts[code].why
    assert parts[code].fix
    assert parts.keys() == {code}


def test_what_the_lane_does_without_is_left_out_and_the_rest_is_scaled() -> None:
    research = replace(LENIENT, without=("apis", "features", "targets", "freshness", "coverage"))
    seen = module(research, apis=None, features=None, performance=None, testing=None)
    assert [part.code for part in score(seen).parts if part.applies] == ["schema", "provenance"]
    assert score(seen).points == 100
    broken = replace(seen, findings=(flaw(Flaw.CONTRACT),))
    assert score(broken).points == Fraction(100 * 15, 35)
    assert score(broken).lost(score(broken).missed[0]) == Fraction(100 * 20, 35)


def test_a_component_and_the_gate_of_its_name_do_not_contradict() -> None:
    for seen, *_ in LOST.values():
        states = {each.gate: each.state for each in judge(seen).results}
        for part in score(seen).parts:
            if part.code in {"freshness", "coverage"}:
                assert (part.earned == part.weight) == (states[part.code] is State.PASSED)
    assert {"schema", "apis", "freshness", "coverage", "provenance"} == {*CODES} & {gate.code for gate in GATES}


def test_what_is_shown_is_rounded_against_the_module() -> None:
    assert (shown(Fraction(8999, 100)), shown(Fraction(90)), shown(Fraction(1, 3))) == (89.9, 90.0, 0.3)
    assert (shown_lost(Fraction(1, 100)), shown_lost(Fraction(10)), shown_lost(Fraction(0))) == (0.1, 10.0, 0.0)


def test_the_cheapest_step_comes_first_and_of_the_cheapest_what_earns_most() -> None:
    seen = module(features=None, performance=None, testing=covered(coverage_observed=None))
    assert [part.code for part in score(seen).missed] == ["freshness", "targets", "features", "coverage"]


# --- properties -------------------------------------------------------------------------------------------------------

SHARES = st.fractions(0, 1, max_denominator=50)


def made(shares: list[Fraction], applies: list[bool]) -> Score:
    rows = zip(COMPONENTS, shares, applies, strict=True)
    return Score(
        parts=tuple(
            Part(code=each.code, weight=each.weight, earned=each.weight * share, applies=does)
            for each, share, does in rows
        )
    )


@given(
    st.lists(SHARES, min_size=7, max_size=7),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(0, 6),
    SHARES,
)
def test_a_score_is_within_0_and_100_and_earning_more_never_lowers_it(
    shares: list[Fraction], applies: list[bool], at: int, more: Fraction
) -> None:
    asked = [True, True, *applies]
    found = made(shares, asked)
    assert 0 <= found.points <= 100
    assert found.points + sum(found.lost(part) for part in found.parts) == 100
    better = [*shares]
    better[at] = max(better[at], more)
    assert made(better, asked).points >= found.points


@given(st.sets(st.sampled_from(list(Flaw)), max_size=6), st.sampled_from(["apis", "features", "components"]))
def test_what_speaks_against_a_module_never_raises_its_score(kinds: set[Flaw], field: str) -> None:
    findings = [flaw(kind, field) for kind in sorted(kinds, key=lambda kind: kind.code)]
    points = [score(module(LANE, *findings[:count])).points for count in range(len(findings) + 1)]
    assert points == sorted(points, reverse=True)


# --- what it was ------------------------------------------------------------------------------------------------------


def scored(root: Path, now: str) -> Scored:
    there = world(root, now)
    (found,) = scores(there.repository.places, there, lambda done, total, name: None)
    return found


def test_the_ledger_knows_what_the_score_was(tmp_path: Path) -> None:
    repository(tmp_path)
    assert scored(tmp_path, "2025-01-01T12:00:00Z").past == ()
    run(tmp_path, "2025-02-01T12:00:00Z")
    (tmp_path / "mcp-server" / "README.md").unlink()
    run(tmp_path, "2025-03-01T12:00:00Z")
    found = scored(tmp_path, "2025-03-02T12:00:00Z")
    assert [(each.timestamp, each.points) for each in found.past] == [
        ("2025-02-01T12:00:00Z", Fraction(60)),
        ("2025-03-01T12:00:00Z", Fraction(45)),
    ]
    assert found.score.points == 45
    assert "was: 60 (2025-02-01), 45 (2025-03-01)\n" in text.scores([found])
    edit(tmp_path, lambda document: document.update(title="another"))
    assert scored(tmp_path, "2025-03-02T12:00:00Z") == found


def test_a_ledger_that_cannot_be_trusted_knows_nothing(tmp_path: Path) -> None:
    run(repository(tmp_path))
    file = tmp_path / "manifests" / ".ledger" / "mcp-server.ndjson"
    file.write_bytes(file.read_bytes()[:-2])
    assert scored(tmp_path, "2025-03-02T12:00:00Z").past == ()
