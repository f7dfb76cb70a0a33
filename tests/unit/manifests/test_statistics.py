"""Statistics are those of the samples of one entrypoint, and agree with pytest-benchmark's to the last digit shown."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_benchmark.stats import Stats

from verifier.manifests.statistics import percentile, samples_of, summary

ROUNDS = st.lists(st.integers(1, 10**12), min_size=1, max_size=60)


def theirs(samples: list[float]) -> tuple[float, float, int]:
    """Median, standard deviation and rounds, as pytest-benchmark has them of the same samples."""
    found = Stats()  # type: ignore[no-untyped-call]
    for each in samples:
        found.update(each)  # type: ignore[no-untyped-call]
    return shown(found.median), shown(found.stddev), found.rounds


def shown(seconds: float) -> float:
    return float(f"{seconds * 1000:.6g}")


@pytest.mark.parametrize("size", [1, 2, 5, 20, 99, 100, 1000])
@pytest.mark.parametrize("calls", [1, 3, 17, 1000])
def test_they_agree_with_pytest_benchmark_on_times_as_they_are(size: int, calls: int) -> None:
    chance = random.Random(size * calls)
    samples = samples_of([int(chance.lognormvariate(12, 1)) + 1 for _ in range(size)], calls)
    found = summary(samples)
    assert (found["p50_ms"], found["stddev_ms"], found["rounds"]) == theirs(samples)


@given(ROUNDS, st.integers(1, 10**6))
def test_they_agree_with_pytest_benchmark_on_any_samples(rounds: list[int], calls: int) -> None:
    samples = samples_of(rounds, calls)
    found = summary(samples)
    assert (found["p50_ms"], found["stddev_ms"], found["rounds"]) == theirs(samples)


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=60))
def test_percentiles_are_those_of_the_standard_library(samples: list[float]) -> None:
    samples.sort()
    known = statistics.quantiles(samples, n=100, method="inclusive")
    assert [percentile(samples, percent) for percent in (95, 99)] == pytest.approx([known[94], known[98]], rel=1e-12)


@given(ROUNDS, st.integers(1, 10**6))
def test_percentiles_are_in_order_whatever_the_order_of_samples(rounds: list[int], calls: int) -> None:
    samples = samples_of(rounds, calls)
    found = summary(samples)
    p50, p95, p99 = (found[f"p{percent}_ms"] for percent in (50, 95, 99))
    assert isinstance(p50, float)
    assert 0 < p50 <= p95 <= p99  # type: ignore[operator]
    assert summary(samples[::-1]) == found


def test_one_sample_has_no_spread() -> None:
    assert summary([0.0025]) == {"p50_ms": 2.5, "p95_ms": 2.5, "p99_ms": 2.5, "stddev_ms": 0.0, "rounds": 1}


def test_times_are_those_of_a_call_in_milliseconds() -> None:
    assert summary(samples_of([1000, 2000, 3000], 1000))["p50_ms"] == 2e-06
    assert summary(samples_of([1_234_567_890], 1))["p50_ms"] == 1234.57
