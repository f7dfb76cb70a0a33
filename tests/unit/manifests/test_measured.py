"""A number that a manifest calls measured is in the artifact that its provenance names, or it is a finding."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.manifests.enriched import MODULE, audited, edit, flaws, ledger, observe, repository, run, write
from tests.unit.manifests.test_bench import ARTIFACT
from tests.unit.manifests.test_coverage import REPORT, summary

REPORTS = Path(__file__).parents[3] / "fixtures" / "reports"
BENCH = f"bench/manifest/{MODULE}.json"
OBSERVED, COVERED, VIOLATION = "performance.observed", "testing.coverage_observed", "performance.sla_violation"


def measured(root: Path, **observed: object) -> None:
    edit(root, lambda document: document["performance"]["observed"].update(observed))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An enriched module with all artifacts, folded into its manifest."""
    repository(tmp_path)
    table = f'[tool.enrich]\nelsewhere = {{"{MODULE}" = ["tests"]}}\n'
    write(tmp_path / "pyproject.toml", table + (tmp_path / "pyproject.toml").read_text(encoding="utf-8"))
    run(tmp_path)
    times = {"p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3.0, "stddev_ms": 0, "rounds": 50}
    write(tmp_path / BENCH, json.dumps({**ARTIFACT, "module": MODULE, "entrypoints": {"m.f": times}}))
    files = {f"{MODULE}/__init__.py": {**summary(8, 6), "executed_lines": [1] * 6}}
    write(tmp_path / "coverage.json", json.dumps({**REPORT, "files": files}))
    shutil.copy(REPORTS / "junit-xunit2.xml", tmp_path / "junit.xml")
    observe(tmp_path)
    return tmp_path


def test_what_the_artifacts_have_holds(root: Path) -> None:
    assert audited(root).findings == ()
    assert {OBSERVED, VIOLATION, COVERED, "testing.observed_at"} <= set(audited(root).holds)


@pytest.mark.parametrize(
    "said",
    [
        {"latency_p95_ms": 2.4},
        {"latency_p50_ms": 2.5},
        {"import_p50_ms": 1},
        {"availability": 100},
        {"latency_p99_ms": 3.0},
        {"throughput": 3},
        {"env_fingerprint": "0" * 64},
        {"observed_at": "2025-01-31T12:00:01Z"},
    ],
    ids="".join,
)
def test_another_number_is_found(said: dict[str, object], root: Path) -> None:
    measured(root, **said)
    assert flaws(root) == {(OBSERVED, "edited"), (OBSERVED, "unmeasured")}


def test_a_number_that_no_command_has_put_there_is_found(root: Path) -> None:
    ledger(root).unlink()
    assert {field for field, flaw in flaws(root) if flaw == "unrecorded"} >= {OBSERVED, VIOLATION, COVERED}


@pytest.mark.parametrize("judged", [{"latency_p95_ms": True}, {"latency_p99_ms": False}, {"throughput": True}])
def test_a_judgement_that_does_not_follow_is_found(judged: dict[str, bool], root: Path) -> None:
    edit(root, lambda document: document["performance"].update(sla_violation=judged))
    assert flaws(root) == {(VIOLATION, "edited"), (VIOLATION, "unmeasured")}


def without(root: Path, name: str) -> None:
    (root / name).unlink()


def of_another(root: Path, _: str) -> None:
    write(root / BENCH, json.dumps(ARTIFACT))


@pytest.mark.parametrize(("name", "how"), [(BENCH, without), ("junit.xml", without), ("another module's", of_another)])
def test_a_number_without_an_artifact_is_found(name: str, how: Callable[[Path, str], None], root: Path) -> None:
    how(root, name)
    assert {(OBSERVED, "unmeasured"), (OBSERVED, "dangling"), (OBSERVED, "moved")} <= flaws(root)


def test_coverage_without_a_report_is_found(root: Path) -> None:
    (root / "coverage.json").unlink()
    assert {(COVERED, "unmeasured"), (COVERED, "moved")} <= flaws(root)


def test_other_coverage_is_found(root: Path) -> None:
    edit(root, lambda document: document["testing"].update(coverage_observed=85.0))
    told = {each.flaw.code: each.what for each in audited(root).findings}
    assert told["unmeasured"] == "85.0 percent, and its report has 75.0"


@pytest.mark.parametrize("files", [{"other/a.py": summary(8, 6)}, {}])
def test_coverage_of_other_modules_counts_for_nothing(files: dict[str, Any], root: Path) -> None:
    write(root / "coverage.json", json.dumps({**REPORT, "files": files}))
    assert (COVERED, "unmeasured") in flaws(root)
