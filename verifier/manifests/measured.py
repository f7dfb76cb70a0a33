"""Numbers that a manifest calls measured, held against the artifacts that its provenance names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from msgspec import UNSET

from verifier.manifests import layout, provenance
from verifier.manifests.compose import ORIGINS
from verifier.manifests.extractors.observed import (
    AVAILABILITY,
    COVERAGE,
    COVERED_AT,
    OBSERVED,
    PREFIXES,
    VIOLATION,
    misses,
)
from verifier.manifests.model import Json
from verifier.manifests.provenance import Kind, Pointer
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.readers.coverage import CoverageReading, together
from verifier.manifests.readers.tests import TestsReading, summary_of
from verifier.manifests.resolve import METRICS, Resolver
from verifier.manifests.sources import moment, written
from verifier.model import Problem

TIMED = re.compile(rf"({'|'.join(PREFIXES.values())})_({'|'.join(METRICS)})_ms")
NO_NUMBERS = frozenset({"observed_at", "env_fingerprint", "provenance", "confidence", "reasons"})
"""What stands beside the numbers in `performance.observed`."""
Doubt: TypeAlias = tuple[str, str]
"""A field, and what is wrong with a number in it."""


def doubts(manifest: Json, resolver: Resolver) -> Iterator[Doubt]:
    """Every number that its artifact does not have, or has otherwise."""
    observed = layout.value_at(manifest, OBSERVED)
    if isinstance(observed, dict):
        yield from _of_performance(observed, resolver)
    yield from _of_targets(layout.value_at(manifest, VIOLATION), observed, resolver)
    covered = layout.value_at(manifest, COVERAGE)
    if covered is not UNSET:
        origin = layout.value_at(manifest, layout.field_of((ORIGINS, COVERAGE, "provenance")))
        yield from _of_coverage(covered, _pointers(origin), resolver)
        yield from _of_its_time(layout.value_at(manifest, COVERED_AT), _pointers(origin), resolver)


def _pointers(value: layout.Value) -> list[Pointer]:
    found = (provenance.parse(each) for each in (value if isinstance(value, list) else ()) if isinstance(each, str))
    return [pointer for pointer in found if pointer]


# --- performance ------------------------------------------------------------------------------------------------------


def _of_performance(observed: dict[str, Json], resolver: Resolver) -> Iterator[Doubt]:
    pointers = _pointers(observed.get("provenance"))
    for metric in sorted(observed.keys() - NO_NUMBERS):
        numbers = sorted({number for pointer in pointers for number in _measured(metric, pointer, resolver)})
        if not numbers:
            yield OBSERVED, f"{metric}: its provenance names no artifact that has it"
        elif observed[metric] not in numbers:
            told = " or ".join(map(str, numbers))
            yield OBSERVED, f"{metric} is {observed[metric]}, and its artifact has {told}"
    yield from _of_circumstances(observed, pointers, resolver)


def _measured(metric: str, pointer: Pointer, resolver: Resolver) -> Iterator[float]:
    """What an artifact has for a metric: one number for each entrypoint; of tests, that of the module's own."""
    timed = TIMED.fullmatch(metric)
    if timed and pointer.kind is Kind.BENCH and pointer.name == timed[2]:
        reading = resolver.bench(pointer)
        if isinstance(reading, BenchReading):
            those = (times for times in reading.entrypoints if PREFIXES[times.kind] == timed[1])
            yield from (getattr(times, f"{timed[2]}_ms") for times in those)
    elif metric.startswith(AVAILABILITY) and pointer.kind is Kind.TESTS:
        availability = summary_of(resolver.artifacts.cases.own.get(resolver.place.path, ())).availability
        yield from [availability] if isinstance(availability, float) else []


def _of_circumstances(observed: dict[str, Json], pointers: list[Pointer], resolver: Resolver) -> Iterator[Doubt]:
    """When it was measured, and on what: of several artifacts the oldest one counts."""
    found = [resolver.bench(pointer) for pointer in pointers if pointer.kind is Kind.BENCH]
    measurements = [reading for reading in found if isinstance(reading, BenchReading)]
    if any(observed.get("env_fingerprint", each.fingerprint) != each.fingerprint for each in measurements):
        yield OBSERVED, "env_fingerprint is not that of its artifact"
    reports = [resolver.artifacts.tests for pointer in pointers if pointer.kind is Kind.TESTS]
    times = [each.observed_at for each in (*measurements, *reports) if isinstance(each, BenchReading | TestsReading)]
    oldest = min((when for when in times if isinstance(when, datetime)), default=None)
    when = moment(str(observed.get("observed_at")), resolver.artifacts.now)
    if oldest and (isinstance(when, Problem) or written(when) != written(oldest)):
        yield OBSERVED, f"observed_at is not that of its artifact: {written(oldest)}"


def _of_targets(judged: layout.Value, observed: layout.Value, resolver: Resolver) -> Iterator[Doubt]:
    """Whether a target is missed follows from the number and the target."""
    lanes = resolver.repository.settings.lanes
    targets = lanes[resolver.lane].sla_targets if isinstance(resolver.lane, str) and resolver.lane in lanes else {}
    for metric, is_missed in sorted(judged.items()) if isinstance(judged, dict) else ():
        number = observed.get(metric) if isinstance(observed, dict) else None
        target = targets.get(metric)
        if not isinstance(number, int | float) or target is None:
            yield VIOLATION, f"{metric}: there is no such target, or no such number"
        elif misses(metric, number, target) is not is_missed:
            yield VIOLATION, f"{metric} is {number}, and {target} is aimed at"


# --- coverage ---------------------------------------------------------------------------------------------------------


def _of_coverage(covered: Json, pointers: list[Pointer], resolver: Resolver) -> Iterator[Doubt]:
    paths = [resolver.shown(pointer.path) for pointer in pointers if pointer.kind is Kind.COVERAGE]
    files = [resolver.artifacts.files(path).own.get(resolver.place.path, ()) for path in paths if path is not None]
    percents = [together(those).percent for those in files if those]
    if not percents:
        yield COVERAGE, f"{covered} percent: its provenance names no report that has lines of it"
    elif covered not in percents:
        yield COVERAGE, f"{covered} percent, and its report has {percents[0]}"


def _of_its_time(said: layout.Value, pointers: list[Pointer], resolver: Resolver) -> Iterator[Doubt]:
    readings = [resolver.coverage(pointer) for pointer in pointers if pointer.kind is Kind.COVERAGE]
    times = [each.observed_at for each in readings if isinstance(each, CoverageReading)]
    known = {written(when) for when in times if isinstance(when, datetime)}
    if known and said not in known:
        yield COVERED_AT, f"it is not that of its report: {min(known)}"
