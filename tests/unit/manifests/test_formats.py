"""What became of gates and scores, as people, programs and CI read it: drawn from the same values."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from sarif_pydantic import Sarif

from tests.unit.manifests.judged import LANE, LENIENT, MODULE, NOW, WHERE, covered, flaw, module, performance
from verifier.cli.gates import Format
from verifier.manifests.findings import Flaw
from verifier.manifests.formats import GATES, SCORES
from verifier.manifests.formats.markdown import MOST
from verifier.manifests.gates import GATES as TABLE
from verifier.manifests.gates import Useless, judge
from verifier.manifests.judging import Run
from verifier.manifests.past import Past, Scored
from verifier.manifests.readers.tests import Outcome, TestsReading, read
from verifier.manifests.score import COMPONENTS, score
from verifier.manifests.settings import Waiver
from verifier.resources import load_schema

OPEN = replace(judge(module()), module="core")
OLD = module(
    LENIENT, performance=performance(observed_at="2025-01-01T12:00:00Z"), testing=covered(coverage_observed=None)
)
CLOSED = judge(OLD)
UNREADABLE = replace(judge(flaw(Flaw.UNREADABLE, "")), module="tax")
WAIVER = Waiver(module=MODULE, gate="coverage", reason="it is new", until=date(2025, 3, 1))
WAIVED = replace(
    CLOSED, results=tuple(replace(each, waiver=WAIVER) if each.gate == "coverage" else each for each in CLOSED.results)
)
BEFORE = replace(CLOSED, results=tuple(replace(each, is_old=each.gate == "freshness") for each in CLOSED.results))
FOLLOWED = judge(replace(module(LANE, flaw(Flaw.UNVERIFIED, "apis"), flaw(Flaw.DIFFERS, "apis")), anew={}))
"""Names that are not there any more, and a run that would take them out."""
EMPTY = Run(judged=(OPEN,))
WHOLE = Run(judged=(OPEN, WAIVED, UNREADABLE), useless=(Useless(waiver=WAIVER, why="there is no such module"),))
BRANCH = Run(
    judged=(OPEN, CLOSED),
    since="main",
    before={"core": replace(CLOSED, module="core"), MODULE: judge(module())},
    left_alone=7,
)
RUNS = {
    "open": EMPTY,
    "all there is": WHOLE,
    "a branch": BRANCH,
    "before": Run(judged=(BEFORE,), since="v1"),
    "what follows": Run(judged=(FOLLOWED,)),
    "none": Run(judged=(), since="v1"),
}
SCORED = (
    Scored(module="core", where="core/module.manifest.json", lane="L2-integration", score=score(module()), past=()),
    Scored(
        module=MODULE,
        where=WHERE,
        lane="L2-integration",
        score=score(OLD),
        past=(Past(timestamp="2025-01-01T12:00:00Z", sha="0a1b", points=Fraction(4599, 100)),),
    ),
)


def test_there_is_a_format_for_each_that_can_be_asked_for() -> None:
    assert [*GATES] == [each.value for each in Format]
    assert [*SCORES] == [each.value for each in Format]


def test_people_read_one_line_where_all_is_well() -> None:
    assert GATES["text"](EMPTY) == "core: open (score 100)\n1 of 1 module open\n"


def test_people_read_what_is_closed_and_how_to_open_it() -> None:
    assert GATES["text"](WHOLE) == (
        "core: open (score 100)\n"
        "shop: 1 of 8 gates closed (score 75)\n"
        "  freshness (failed): it was measured at 2025-01-01T12:00:00Z, and was fresh until 2025-01-15T12:00:00Z\n"
        f"    where: {WHERE}\n"
        "    fix:   `enrich bench --module shop`, then `enrich observe --module shop`\n"
        "  coverage (waived until 2025-03-01: it is new): its coverage was not measured\n"
        "tax: 8 of 8 gates closed (score 0)\n"
        "  every gate (not evaluated): no\n"
        f"    where: {WHERE}\n"
        "    fix:   mend that: nothing else was looked at\n"
        "the waiver of 'coverage' for shop waives nothing: there is no such module\n"
        "    where: pyproject.toml\n"
        "    fix:   take it out of `[[tool.enrich.waivers]]`\n"
        "1 of 3 modules open; closed: schema 1, apis 1, freshness 2, coverage 1, vocabulary 1, provenance 1, "
        "idempotency 1, score 1; 1 waiver for nothing\n"
    )


def test_people_read_what_was_closed_before_and_what_will_be() -> None:
    soon = judge(module(performance=performance(observed_at="2025-01-20T12:00:00Z")))
    told = GATES["text"](Run(judged=(soon, BEFORE), since="main", left_alone=2))
    assert "shop: open (score 100)\n  freshness (warning): it is fresh until 2025-02-03T12:00:00Z\n" in told
    assert "  freshness (closed before): it was measured at 2025-01-01T12:00:00Z" in told
    assert told.endswith("; 2 not touched since main\n")


def test_people_read_what_follows_from_what() -> None:
    told = GATES["text"](Run(judged=(FOLLOWED,)))
    assert told.startswith("shop: 1 of 8 gates closed (score 85)\n  apis (failed): ")
    assert "  idempotency (follows from apis): apis: no\n  score (follows from apis): 85 of 100" in told
    assert told.endswith("; closed: apis 1\n")


def test_a_reviewer_reads_what_got_better_and_what_got_worse() -> None:
    assert GATES["markdown"](BRANCH) == (
        "### Gates: 1 of 2 modules closed\n"
        "\n"
        "- Worse than on `main`: `shop` closed freshness; `shop` closed coverage; `shop` score 100 → 75\n"
        "- Better than on `main`: `core` opened freshness\n"
        "- 7 modules not touched\n"
        "\n"
        "| module | gate | why it is closed | what opens it |\n"
        "|---|---|---|---|\n"
        "| `shop` | freshness | failed: it was measured at 2025-01-01T12:00:00Z, and was fresh until "
        "2025-01-15T12:00:00Z | `enrich bench --module shop`, then `enrich observe --module shop` |\n"
        "| `shop` | coverage | not evaluated: its coverage was not measured | "
        "`coverage run -m pytest && coverage json`, then `enrich observe --module shop` |\n"
    )
    assert GATES["markdown"](EMPTY) == "### Gates: all open\n"
    assert GATES["markdown"](WHOLE).startswith("### Gates: 2 of 3 modules closed, 1 waiver for nothing\n")
    assert GATES["markdown"](replace(EMPTY, useless=WHOLE.useless)).startswith("### Gates: all open, 1 waiver for")
    new = Run(judged=(CLOSED,), since="main")
    assert "- Worse than on `main`: `shop` has closed gates: freshness, coverage\n" in GATES["markdown"](new)
    assert GATES["markdown"](WHOLE).endswith(
        "- The waiver of coverage for `shop` in `pyproject.toml` waives nothing: there is no such module\n"
        "- Waived until 2025-03-01: coverage of `shop`, it is new\n"
    )


def test_nothing_in_a_name_or_a_reason_breaks_the_table() -> None:
    odd = judge(module(LENIENT, replace(flaw(Flaw.CONTRACT), what="a|b\n<script>`x`")))
    (row,) = (line for line in GATES["markdown"](Run(judged=(odd,))).splitlines() if "schema" in line)
    assert row.replace("\\|", "").count("|") == 5
    assert "<script" not in row


def test_a_long_table_is_cut_and_says_so() -> None:
    many = tuple(replace(CLOSED, module=f"m{number:02}") for number in range(MOST))
    told = GATES["markdown"](Run(judged=many))
    assert (told.count("\n| `m"), f"… and {MOST} more" in told) == (MOST, True)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_programs_read_what_the_schema_says(run: Run) -> None:
    document = json.loads(GATES["json"](run))
    schema = load_schema("gates")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert [*document["modules"]] == [each.module for each in run.judged]
    assert document["totals"]["closed"] == sum(1 for each in run.judged if each.closed)


def test_programs_read_scores_as_their_schema_says() -> None:
    document = json.loads(SCORES["json"](SCORED))
    Draft202012Validator.check_schema(load_schema("score"))
    Draft202012Validator(load_schema("score")).validate(document)
    assert [*document["modules"]] == [MODULE, "core"]
    assert document["modules"][MODULE]["past"] == [{"timestamp": "2025-01-01T12:00:00Z", "sha": "0a1b", "score": 45.9}]
    assert (document["modules"][MODULE]["score"], document["modules"][MODULE]["next"]) == (75.0, "freshness")


# --- SARIF ------------------------------------------------------------------------------------------------------------


def log(text: str) -> dict[str, Any]:
    """The one run of a log, which is one of the standard: its models know all that is in it."""
    document = json.loads(text)
    model = Sarif.model_validate(document)
    assert json.loads(model.model_dump_json(by_alias=True, exclude_none=True, exclude_unset=True)) == document
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    found: dict[str, Any] = run
    return found


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_code_scanning_reads_the_gates_that_are_closed(run: Run) -> None:
    told = [each for each in log(GATES["sarif"](run))["results"] if each["ruleId"] != "waiver"]
    counted = [each for each in told if "suppressions" not in each and each.get("baselineState") != "unchanged"]
    closed = [f"{each.module}/{result.gate}" for each in run.judged for result in each.closed]
    assert [each["partialFingerprints"]["module/gate"] for each in counted] == closed
    assert all((each["level"], "baselineState" in each) == ("error", bool(run.since)) for each in told)


def test_code_scanning_reads_what_is_waived_and_what_waives_nothing() -> None:
    told = {each["partialFingerprints"]["module/gate"]: each for each in log(GATES["sarif"](WHOLE))["results"]}
    assert told["shop/coverage"]["suppressions"] == [
        {"kind": "external", "justification": "until 2025-03-01: it is new"}
    ]
    assert told["shop/waiver"]["message"]["text"] == (
        "shop: the waiver of 'coverage' waives nothing: there is no such module. take it out of "
        "`[[tool.enrich.waivers]]`"
    )


@pytest.mark.parametrize(
    ("where", "place"),
    [
        (WHERE, {"artifactLocation": {"uri": WHERE, "uriBaseId": "%SRCROOT%"}}),
        ("a b/ü#.json", {"artifactLocation": {"uri": "a%20b/%C3%BC%23.json", "uriBaseId": "%SRCROOT%"}}),
        ("l.ndjson:3", {"artifactLocation": {"uri": "l.ndjson", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 3}}),
    ],
)
def test_code_scanning_finds_the_place(where: str, place: dict[str, Any]) -> None:
    found = judge(module(LENIENT, replace(flaw(Flaw.TAMPERED), where=where)))
    (told,) = log(GATES["sarif"](Run(judged=(found,))))["results"]
    assert told["locations"] == [{"physicalLocation": place}]


def test_code_scanning_reads_the_points_that_are_lost() -> None:
    told = log(SCORES["sarif"](SCORED))["results"]
    assert [(each["ruleId"], each["level"]) for each in told] == [("freshness", "note"), ("coverage", "note")]
    assert told[1]["message"]["text"].startswith("shop: 10 points lost: its coverage was not measured. `coverage run")


# --- JUnit ------------------------------------------------------------------------------------------------------------


def test_ci_reads_the_points_that_are_lost(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text(SCORES["junit"](SCORED), encoding="utf-8")
    found = read(tmp_path / "junit.xml", "junit.xml", now=NOW)
    assert isinstance(found, TestsReading)
    failed = {(case.where, case.name) for case in found.cases if case.outcome is Outcome.FAILED}
    assert failed == {(MODULE, "freshness"), (MODULE, "coverage")}
    assert len(found.cases) == 2 * len(COMPONENTS)


@pytest.mark.parametrize("run", [each for each in RUNS.values() if each.judged])
def test_ci_reads_a_report_of_tests(run: Run, tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text(GATES["junit"](run), encoding="utf-8")
    found = read(tmp_path / "junit.xml", "junit.xml", now=NOW)
    assert isinstance(found, TestsReading)
    outcomes = {(case.where, case.name): case.outcome for case in found.cases if case.where}
    closed = {(each.module, result.gate): result for each in run.judged for result in each.closed}
    bad = {key for key, outcome in outcomes.items() if outcome in {Outcome.FAILED, Outcome.ERROR}}
    assert bad >= {*closed}
    assert len(found.cases) == len(TABLE) * len(run.judged) + len(run.useless)


def test_what_xml_cannot_hold_is_replaced(tmp_path: Path) -> None:
    odd = judge(module(LENIENT, replace(flaw(Flaw.CONTRACT), what="a\x00\ud800<b&\ufffe")))
    (tmp_path / "junit.xml").write_text(GATES["junit"](Run(judged=(odd,))), encoding="utf-8")
    assert isinstance(read(tmp_path / "junit.xml", "junit.xml", now=NOW), TestsReading)


def test_people_read_scores_the_lowest_first_with_the_next_step() -> None:
    assert SCORES["text"](SCORED) == (
        " 75.0  shop  lost: freshness 15, coverage 10\n"
        "       freshness: it was measured at 2025-01-01T12:00:00Z, and was fresh until 2025-01-15T12:00:00Z\n"
        "       next: `enrich bench --module shop`, then `enrich observe --module shop`\n"
        "       was: 45.9 (2025-01-01)\n"
        "100.0  core  lost: nothing\n"
    )
    assert SCORES["markdown"](SCORED).endswith(
        "| `shop` | 75.0 | freshness 15, coverage 10 "
        "| `enrich bench --module shop`, then `enrich observe --module shop` |\n"
        "| `core` | 100.0 |  |  |\n"
    )
