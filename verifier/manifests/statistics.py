"""What samples come to: percentiles and spread of one entrypoint. Those of several are never put together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from verifier.manifests.model import Json

NANOSECOND = 1e-9
DIGITS = 6
"""Significant ones are shown: no clock tells more."""


def samples_of(rounds: Sequence[int], calls: int) -> list[float]:
    """The mean of each round of so many `calls`, in seconds, as pytest-benchmark has samples; rounds in nanoseconds."""
    return [each * NANOSECOND / calls for each in rounds]


def summary(samples: Sequence[float]) -> dict[str, Json]:
    """The statistics of samples in seconds, in milliseconds. There must be one at least.

    Percentiles lie between samples, on a straight line: the 50th is the median.
    """
    ordered = sorted(samples)
    return {
        "p50_ms": _shown(statistics.median(ordered)),
        "p95_ms": _shown(percentile(ordered, 95)),
        "p99_ms": _shown(percentile(ordered, 99)),
        "stddev_ms": _shown(statistics.stdev(ordered) if len(ordered) > 1 else 0),
        "rounds": len(ordered),
    }


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The percentile of samples that are sorted, between the two closest ones."""
    below, beyond = divmod(percent * (len(ordered) - 1), 100)
    if not beyond:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * beyond / 100


def _shown(seconds: float) -> float:
    return float(f"{seconds * 1000:.{DIGITS}g}")
