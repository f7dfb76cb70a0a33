"""What was measured of a module, and whether that is what was aimed at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from verifier.manifests import provenance
from verifier.manifests.compose import MEASURED, ORDER
from verifier.manifests.model import Json, Signal, Source, Withheld
from verifier.manifests.readers.bench import BenchReading, Times
from verifier.manifests.sources import written
from verifier.model import Confidence

OBSERVED, VIOLATION, COVERAGE, COVERED_AT = MEASURED
AVAILABILITY = "availability"
PREFIXES = {"call": "latency", "import": "import"}
"""What the time of a call is called, and that of an import."""
METRICS = ("p50", "p95", "p99")
FEWEST, MANY = 20, 100
"""Rounds: with fewer than these there is no 95th percentile to speak of; from these on there is a 99th, too."""
TIMED = re.compile(r"(?:latency|import)_\w+_ms")


class Measured(Struct, frozen=True, kw_only=True):
    """A percentage, as a report has it of one module."""

    percent: float
    observed_at: datetime
    """The report's own time, in UTC."""
    source: Source


class _Part(Struct, frozen=True, kw_only=True):
    """What one artifact has to say."""

    numbers: dict[str, Json]
    provenance: tuple[str, ...]
    confidence: Confidence
    reasons: tuple[str, ...]
    observed_at: datetime
    source: Source


def observed(bench: BenchReading | None, tests: Measured | None) -> Signal | None:
    """How fast a module is, and how often it does what its tests ask for; None where nobody has measured.

    Each number is of one entrypoint, the slowest one: those of several are never put together. Its time is that of the
    older artifact, its confidence the lower one.
    """
    parts = [*([_timed(bench)] if bench else []), *([_available(tests)] if tests else [])]
    if not parts:
        return None
    confidence = least(part.confidence for part in parts)
    pointers = sorted(pointer for part in parts for pointer in part.provenance)
    value: dict[str, Json] = {name: number for part in parts for name, number in part.numbers.items()}
    value |= {
        "observed_at": written(min(part.observed_at for part in parts)),
        "provenance": [*pointers],
        "confidence": confidence.value,
    }
    return Signal(
        field=OBSERVED,
        value=dict(sorted(value.items())),
        provenance=tuple(pointers),
        confidence=confidence,
        reasons=tuple(sorted({reason for part in parts for reason in part.reasons})),
        sources=tuple(sorted(part.source for part in parts)),
    )


def _timed(bench: BenchReading) -> _Part:
    chosen = [*_slowest(bench.entrypoints)]
    taken = [(times, metric) for times in chosen for metric in METRICS if metric != METRICS[-1] or times.rounds >= MANY]
    numbers: dict[str, Json] = {
        f"{PREFIXES[times.kind]}_{metric}_ms": getattr(times, f"{metric}_ms") for times, metric in taken
    }
    sure = [Confidence.LOW if times.rounds < FEWEST else Confidence.HIGH for times in chosen]
    loose = () if bench.is_confined else ("bench:unconfined",)
    return _Part(
        numbers={**numbers, "env_fingerprint": bench.fingerprint},
        provenance=tuple({provenance.bench(f"/{bench.source.path}", metric): None for _, metric in taken}),
        confidence=least([*sure, Confidence.MEDIUM if loose else Confidence.HIGH]),
        reasons=(*(f"bench:{times.name}" for times in chosen), *loose),
        observed_at=bench.observed_at,
        source=bench.source,
    )


def _slowest(entrypoints: Iterable[Times]) -> Iterator[Times]:
    """Of the calls the one with the highest 95th percentile, and of the imports."""
    for kind in PREFIXES:
        if those := [times for times in entrypoints if times.kind == kind]:
            yield max(those, key=lambda times: (times.p95_ms, times.name))


def _available(tests: Measured) -> _Part:
    return _Part(
        numbers={AVAILABILITY: tests.percent},
        provenance=(provenance.tests(),),
        confidence=Confidence.MEDIUM,
        reasons=("pytest:passed",),
        observed_at=tests.observed_at,
        source=tests.source,
    )


def violation(found: Signal, targets: Mapping[str, float], lane: str, environment: str | None) -> Signal | None:
    """For each target that has an observation, whether it is missed; None where there is none.

    `environment` is the fingerprint of the one that the targets of the lane are meant for. What was timed in another
    one, or where nobody has said which, is less sure.
    """
    numbers = found.value if isinstance(found.value, dict) else {}
    judged: dict[str, Json] = {}
    for metric, target in sorted(targets.items()):
        number = numbers.get(metric)
        if isinstance(number, int | float) and (is_missed := misses(metric, number, target)) is not None:
            judged[metric] = is_missed
    if not judged:
        return None
    where = _where(numbers.get("env_fingerprint"), environment) if any(map(TIMED.fullmatch, judged)) else ""
    cap = Confidence.HIGH if where in {"", "same"} else Confidence.MEDIUM
    return Signal(
        field=VIOLATION,
        value=judged,
        provenance=tuple(sorted((*found.provenance, provenance.policy("lane", lane)))),
        confidence=least([found.confidence, cap]),
        reasons=(*((f"env:{where}",) if where else ()), "policy:lane"),
        sources=found.sources,
    )


def misses(metric: str, number: float, target: float) -> bool | None:
    """Whether a number misses its target; None for a metric of which nobody knows whether more is better."""
    if metric.startswith(AVAILABILITY):
        return number < target
    return number > target if TIMED.fullmatch(metric) else None


def _where(fingerprint: Json, environment: str | None) -> str:
    if environment is None:
        return "unnamed"
    return "same" if fingerprint == environment else "other"


def covered(found: Measured) -> tuple[Signal, ...]:
    """How much of a module its tests have run, and when."""
    values: dict[str, Json] = {COVERAGE: found.percent, COVERED_AT: written(found.observed_at)}
    return tuple(
        Signal(
            field=field,
            value=value,
            provenance=(provenance.coverage(f"/{found.source.path}"),),
            confidence=Confidence.HIGH,
            reasons=("coverage:lines",),
            sources=(found.source,),
        )
        for field, value in values.items()
    )


def unusable(field: str, pointer: str, why: str) -> Withheld:
    """A number that an artifact may have, and that cannot be taken from it."""
    return Withheld(field=field, value=None, provenance=(pointer,), why=why)


def least(confidences: Iterable[Confidence]) -> Confidence:
    """The lowest of them."""
    return min(confidences, key=ORDER.index)
