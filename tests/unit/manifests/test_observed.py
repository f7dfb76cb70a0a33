"""What was measured becomes a number with its provenance; and a target is missed, met, or not judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from verifier.manifests.extractors.observed import Measured, covered, misses, observed, violation
from verifier.manifests.model import Signal, Source
from verifier.manifests.readers.bench import BenchReading, Times
from verifier.model import Confidence

ARTIFACT, REPORT = Source("bench/manifest/shop.json", "0" * 64), Source("junit.xml", "1" * 64)
EARLY, LATE = datetime(2025, 1, 30, tzinfo=UTC), datetime(2025, 1, 31, tzinfo=UTC)
TOTAL = Times(name="shop.total", p50_ms=1.0, p95_ms=2.0, p99_ms=3.0, stddev_ms=0.1, rounds=100)
BENCH = BenchReading(source=ARTIFACT, observed_at=LATE, fingerprint="f" * 64, entrypoints=(TOTAL,), is_confined=True)
TESTS = Measured(percent=99.5, observed_at=EARLY, source=REPORT)


def signal(bench: BenchReading | None = BENCH, tests: Measured | None = None) -> Signal:
    found = observed(bench, tests)
    assert found is not None
    return found


def value(found: Signal | None) -> dict[str, Any]:
    assert found is not None
    assert isinstance(found.value, dict)
    return found.value


def test_nothing_is_observed_where_nobody_has_measured() -> None:
    assert observed(None, None) is None


def test_a_measurement_becomes_numbers_with_all_that_they_depend_on() -> None:
    found = signal()
    pointers = [f"bench:/bench/manifest/shop.json#{metric}" for metric in ("p50", "p95", "p99")]
    assert found.value == {
        "latency_p50_ms": 1.0,
        "latency_p95_ms": 2.0,
        "latency_p99_ms": 3.0,
        "observed_at": "2025-01-31T00:00:00Z",
        "env_fingerprint": "f" * 64,
        "provenance": pointers,
        "confidence": "high",
    }
    assert [*found.provenance] == pointers
    assert (found.confidence, found.reasons, found.sources) == (Confidence.HIGH, ("bench:shop.total",), (ARTIFACT,))


def test_of_several_entrypoints_the_slowest_speaks_alone() -> None:
    slow = replace(TOTAL, name="shop.add", p50_ms=0.5, p95_ms=9.0, p99_ms=9.5)
    found = signal(replace(BENCH, entrypoints=(slow, TOTAL)))
    assert [value(found)[f"latency_{metric}_ms"] for metric in ("p50", "p95", "p99")] == [0.5, 9.0, 9.5]
    assert found.reasons == ("bench:shop.add",)


def test_an_import_is_never_a_latency() -> None:
    imported = replace(TOTAL, name="shop", kind="import", p95_ms=50.0, p99_ms=60.0)
    found = value(signal(replace(BENCH, entrypoints=(imported,))))
    assert found["import_p95_ms"] == 50.0
    assert not any(name.startswith("latency") for name in found)
    both = value(signal(replace(BENCH, entrypoints=(imported, TOTAL))))
    assert (both["import_p95_ms"], both["latency_p95_ms"]) == (50.0, 2.0)


@pytest.mark.parametrize(
    ("rounds", "confidence", "has_99"),
    [
        (19, Confidence.LOW, False),
        (20, Confidence.HIGH, False),
        (99, Confidence.HIGH, False),
        (100, Confidence.HIGH, True),
    ],
)
def test_few_rounds_are_not_enough(rounds: int, confidence: Confidence, has_99: bool) -> None:
    found = signal(replace(BENCH, entrypoints=(replace(TOTAL, rounds=rounds),)))
    assert (found.confidence, "latency_p99_ms" in value(found)) == (confidence, has_99)
    assert any(pointer.endswith("p99") for pointer in found.provenance) is has_99


def test_what_was_not_confined_is_less_sure_and_says_so() -> None:
    found = signal(replace(BENCH, is_confined=False))
    assert (found.confidence, found.reasons) == (Confidence.MEDIUM, ("bench:shop.total", "bench:unconfined"))


def test_tests_alone_say_how_often_it_works() -> None:
    found = signal(None, TESTS)
    assert found.value == {
        "availability": 99.5,
        "observed_at": "2025-01-30T00:00:00Z",
        "provenance": ["pytest:summary"],
        "confidence": "medium",
    }
    assert (found.reasons, found.sources) == (("pytest:passed",), (REPORT,))


def test_together_they_are_as_old_as_the_older_and_as_sure_as_the_less_sure_one() -> None:
    found = signal(BENCH, TESTS)
    assert (value(found)["observed_at"], found.confidence) == ("2025-01-30T00:00:00Z", Confidence.MEDIUM)
    assert (value(found)["availability"], value(found)["latency_p95_ms"]) == (99.5, 2.0)
    assert found.reasons == ("bench:shop.total", "pytest:passed")
    assert [*found.provenance] == value(found)["provenance"] == sorted(found.provenance)
    assert found.sources == (ARTIFACT, REPORT)


@pytest.mark.parametrize(
    ("metric", "number", "target", "expected"),
    [
        ("latency_p95_ms", 2.0, 2.0, False),
        ("latency_p95_ms", 2.1, 2.0, True),
        ("import_p95_ms", 2.1, 2.0, True),
        ("availability", 99.0, 99.0, False),
        ("availability_pct", 98.9, 99.0, True),
        ("throughput", 1.0, 2.0, None),
    ],
)
def test_less_time_and_more_availability_is_better(
    metric: str, number: float, target: float, expected: bool | None
) -> None:
    assert misses(metric, number, target) is expected


TARGETS = {"latency_p95_ms": 1.5, "latency_p50_ms": 1, "latency_p99_9_ms": 5, "throughput": 7}


def test_each_target_with_a_number_is_judged() -> None:
    found = violation(signal(), TARGETS, "L2", "f" * 64)
    assert found is not None
    assert found.value == {"latency_p50_ms": False, "latency_p95_ms": True}
    assert (found.confidence, found.reasons) == (Confidence.HIGH, ("env:same", "policy:lane"))
    assert found.provenance == (*signal().provenance, "policy:lane:L2")
    assert violation(signal(), {"throughput": 7}, "L2", None) is None


@pytest.mark.parametrize(("environment", "reason"), [("0" * 64, "env:other"), (None, "env:unnamed")])
def test_times_of_another_environment_are_less_sure(environment: str | None, reason: str) -> None:
    found = violation(signal(), TARGETS, "L2", environment)
    assert found is not None
    assert (found.confidence, found.reasons) == (Confidence.MEDIUM, (reason, "policy:lane"))


def test_tests_depend_on_no_environment_that_a_target_is_meant_for() -> None:
    found = violation(signal(None, TESTS), {"availability": 99.9}, "L2", "0" * 64)
    assert found is not None
    assert (found.value, found.reasons) == ({"availability": True}, ("policy:lane",))


def test_coverage_has_the_time_of_its_report() -> None:
    percent, when = covered(replace(TESTS, source=Source("c.xml", "2" * 64)))
    assert (percent.field, percent.value) == ("testing.coverage_observed", 99.5)
    assert (when.field, when.value) == ("testing.observed_at", "2025-01-30T00:00:00Z")
    assert percent.provenance == when.provenance == ("coverage:/c.xml",)
