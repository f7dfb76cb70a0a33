"""Numbers that a manifest calls measured, held against the artifacts that its provenance names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import UNSET

from verifier.manifests import layout, provenance
from verifier.manifests.compose import ORIGINS
from verifier.manifests.findings import MEASURED
from verifier.manifests.model import Json
from verifier.manifests.provenance import Kind, Pointer
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.readers.coverage import CoverageReading
from verifier.manifests.readers.tests import TestsReading
from verifier.manifests.resolve import METRICS, Resolver
from verifier.manifests.sources import moment, written
from verifier.model import Problem

OBSERVED, COVERAGE = MEASURED
LATENCY = re.compile(rf"latency_({'|'.join(METRICS)})_ms")
AVAILABILITY = "availability"
NO_NUMBERS = frozenset({"observed_at", "env_fingerprint", "provenance", "confidence", "reasons"})
"""What stands beside the numbers in `performance.observed`."""
Doubt: TypeAlias = tuple[str, str]
"""A field, and what is wrong with a number in it."""


def doubts(manifest: Json, resolver: Resolver) -> Iterator[Doubt]:
    """Every number that its artifact does not have, or has otherwise."""
    observed = layout.value_at(manifest, OBSERVED)
    if isinstance(observed, dict):
        yield from _of_performance(observed, resolver)
    covered = layout.value_at(manifest, COVERAGE)
    if covered is not UNSET:
        origin = layout.value_at(manifest, layout.field_of((ORIGINS, COVERAGE, "provenance")))
        yield from _of_coverage(covered, _pointers(origin), resolver)


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
    measurements = {pointer.path: resolver.bench(pointer) for pointer in pointers if pointer.kind is Kind.BENCH}
    for reading in measurements.values():
        if isinstance(reading, BenchReading):
            yield from _of_circumstances(observed, reading, resolver)


def _measured(metric: str, pointer: Pointer, resolver: Resolver) -> Iterator[float]:
    """What an artifact has for a metric: one number for each entrypoint; of tests, of all and of the module's own."""
    latency = LATENCY.fullmatch(metric)
    if latency and pointer.kind is Kind.BENCH and pointer.name == latency[1]:
        reading = resolver.bench(pointer)
        if isinstance(reading, BenchReading):
            yield from (getattr(times, f"{latency[1]}_ms") for times in reading.entrypoints)
    elif metric.startswith(AVAILABILITY) and pointer.kind is Kind.TESTS:
        found = resolver.artifacts.tests
        if isinstance(found, TestsReading):
            summaries = (found.summary, found.of(resolver.place.path))
            yield from (each.availability for each in summaries if isinstance(each.availability, float))


def _of_circumstances(observed: dict[str, Json], reading: BenchReading, resolver: Resolver) -> Iterator[Doubt]:
    """When it was measured, and on what."""
    if observed.get("env_fingerprint", reading.fingerprint) != reading.fingerprint:
        yield OBSERVED, "env_fingerprint is not that of its artifact"
    when = moment(str(observed.get("observed_at")), resolver.artifacts.now)
    if isinstance(when, Problem) or written(when) != written(reading.observed_at):
        yield OBSERVED, f"observed_at is not that of its artifact: {written(reading.observed_at)}"


# --- coverage ---------------------------------------------------------------------------------------------------------


def _of_coverage(covered: Json, pointers: list[Pointer], resolver: Resolver) -> Iterator[Doubt]:
    readings = [resolver.coverage(pointer) for pointer in pointers if pointer.kind is Kind.COVERAGE]
    folders = [place.path for place in resolver.repository.places]
    known = [each.by_folder(folders).get(resolver.place.path) for each in readings if isinstance(each, CoverageReading)]
    percents = [lines.percent for lines in known if lines is not None]
    if not percents:
        yield COVERAGE, f"{covered} percent: its provenance names no report that has lines of it"
    elif covered not in percents:
        yield COVERAGE, f"{covered} percent, and its report has {percents[0]}"
