"""A number that a manifest calls measured is in the artifact that its provenance names, or it is a finding."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.manifests.enriched import MODULE, audited, edit, flaws, repository, run, write
from tests.unit.manifests.test_bench import ARTIFACT
from tests.unit.manifests.test_coverage import REPORT, summary

REPORTS = Path(__file__).parents[3] / "fixtures" / "reports"
OBSERVED: dict[str, Any] = {
    "latency_p95_ms": 2.5,
    "latency_p50_ms": 1,
    "availability_pct": 44.44,
    "observed_at": "2025-01-31T12:00:00Z",
    "env_fingerprint": ARTIFACT["env_fingerprint"]["sha256"],
    "provenance": ["bench:/bench/b.json#p50", "bench:/bench/b.json#p95", "pytest:summary"],
    "confidence": "high",
}
COVERED = {"provenance": ["coverage:/coverage.json"], "confidence": "high", "reasons": ["coverage:measured"]}


def measured(root: Path, **observed: object) -> None:
    def change(document: dict[str, Any]) -> None:
        document["performance"]["observed"] = {**OBSERVED, **observed}

    edit(root, change)


def covered(root: Path, percent: float, **origin: object) -> None:
    def change(document: dict[str, Any]) -> None:
        document["testing"] |= {"coverage_observed": percent, "observed_at": "2025-01-31T12:00:00Z"}
        document["_provenance"]["testing.coverage_observed"] = {**COVERED, **origin}

    edit(root, change)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An enriched module with all artifacts."""
    run(repository(tmp_path))
    write(tmp_path / "bench" / "b.json", json.dumps({**ARTIFACT, "module": MODULE}))
    files = {f"{MODULE}/__init__.py": summary(8, 6)}
    write(tmp_path / "coverage.json", json.dumps({**REPORT, "files": files}))
    shutil.copy(REPORTS / "junit-xunit2.xml", tmp_path / "junit.xml")
    return tmp_path


def test_what_the_artifacts_have_holds(root: Path) -> None:
    measured(root)
    covered(root, 75.0)
    assert audited(root).findings == ()
    assert {"performance.observed", "testing.coverage_observed"} <= set(audited(root).holds)


def test_all_that_may_be_left_out_may_be_left_out(root: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["performance"]["observed"] = {key: value for key, value in OBSERVED.items() if key[:3] != "env"}

    edit(root, change)
    assert flaws(root) == set()


@pytest.mark.parametrize(
    "said",
    [
        {"latency_p95_ms": 2.4},
        {"latency_p50_ms": 2.5},
        {"availability_pct": 100},
        {"latency_p99_ms": 3.0},
        {"throughput": 3},
        {"env_fingerprint": "0" * 64},
        {"observed_at": "2025-01-31T12:00:01Z"},
    ],
    ids="".join,
)
def test_another_number_is_found(said: dict[str, object], root: Path) -> None:
    measured(root, **said)
    assert flaws(root) == {("performance.observed", "unmeasured")}


def without(root: Path, name: str) -> None:
    (root / name).unlink()


def of_another(root: Path, _: str) -> None:
    write(root / "bench" / "b.json", json.dumps(ARTIFACT))


@pytest.mark.parametrize(
    ("name", "how"), [("bench/b.json", without), ("junit.xml", without), ("another module's", of_another)]
)
def test_a_number_without_an_artifact_is_found(name: str, how: Callable[[Path, str], None], root: Path) -> None:
    measured(root)
    how(root, name)
    assert flaws(root) == {("performance.observed", "unmeasured"), ("performance.observed", "dangling")}


def test_coverage_without_a_report_is_found(root: Path) -> None:
    covered(root, 75.0)
    (root / "coverage.json").unlink()
    field = "testing.coverage_observed"
    assert flaws(root) == {(field, "unmeasured"), (f"_provenance.{field.replace('.', chr(92) + '.')}", "dangling")}


def test_coverage_that_no_report_is_named_for_is_found(root: Path) -> None:
    covered(root, 75.0, provenance=["pytest:summary"])
    assert flaws(root) == {("testing.coverage_observed", "unmeasured")}


def test_other_coverage_is_found(root: Path) -> None:
    covered(root, 85.0)
    (found,) = audited(root).findings
    assert (found.flaw.code, found.what) == ("unmeasured", "85.0 percent, and its report has 75.0")


def test_coverage_of_other_modules_counts_for_nothing(root: Path) -> None:
    covered(root, 75.0)
    write(root / "coverage.json", json.dumps({**REPORT, "files": {"other/a.py": summary(8, 6)}}))
    assert flaws(root) == {("testing.coverage_observed", "unmeasured")}
