"""observe: folds what artifacts have measured into manifests. Nothing is imported, and nothing is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests import layout, writer
from verifier.manifests import provenance as pointers
from verifier.manifests.compose import MEASURED, ORIGINS, Composed, compose, is_sure
from verifier.manifests.enriched import Enriched, refused
from verifier.manifests.extractors.observed import (
    COVERAGE,
    METRICS,
    OBSERVED,
    Measured,
    covered,
    observed,
    unusable,
    violation,
)
from verifier.manifests.generations import lane_of
from verifier.manifests.history import plan
from verifier.manifests.ledger import Stamp
from verifier.manifests.measurements import Measurements, OfAll, place_of_bench
from verifier.manifests.model import Absent, Json, Place, Signal
from verifier.manifests.pipeline import keep_contract, of_ours
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.repository import Repository
from verifier.model import Problem

T = TypeVar("T")


def observe(chosen: Sequence[Place], repository: Repository, stamp: Stamp) -> Iterator[Enriched]:
    """What there is to write for each of the `chosen` modules. Nothing is written.

    What belongs to no module is warned of with the first one. Raises UserError for what is wrong with the vocabularies.
    """
    measurements = Measurements(repository, now=datetime.fromisoformat(stamp.timestamp))
    keys, stray = repository.keys, tuple(measurements.stray())
    for place in chosen:
        try:
            state = writer.look(place, repository.ledgers)
            manifest = of_ours(state, apart=repository.apart)
            found, warnings = _composed(place, manifest, measurements, repository)
            edit = plan(state, found.changes, stamp)
            if edit.changes:
                keep_contract(edit, place, keys)
        except UserError as error:
            yield replace(refused(place, error), warnings=stray)
        else:
            yield Enriched(place=place, edit=edit, withheld=found.withheld, warnings=(*stray, *warnings))
        stray = ()


def _composed(
    place: Place, manifest: Json, measurements: Measurements, repository: Repository
) -> tuple[Composed, tuple[str, ...]]:
    """What the artifacts come to that are of a module, and what somebody has to look at."""
    bench, tests, coverage = measurements.bench(place), measurements.tests(place), measurements.coverage(place)
    said = (
        (OBSERVED, pointers.bench(f"/{place_of_bench(place, repository)}", METRICS[0]), bench),
        (OBSERVED, pointers.tests(), tests),
        (COVERAGE, pointers.coverage(f"/{repository.settings.coverage}"), coverage),
    )
    signals = [*_of_performance(_there(bench), _there(tests), manifest, repository)]
    if report := _there(coverage):
        signals += covered(report)
    withheld = [unusable(field, pointer, each.what) for field, pointer, each in said if isinstance(each, Problem)]
    found = compose(signals, withheld, manifest, repository.settings.thresholds, MEASURED)
    of_all = (each.what for _, _, each in said if isinstance(each, OfAll))
    own = (each.what for _, _, each in said if isinstance(each, Problem) and not isinstance(each, OfAll))
    unsure = (f"{each.field}: {each.why}" for each in found.withheld if each not in withheld)
    told = (f"{place.path}: {each}" for each in (*own, *unsure, *_lost(said, manifest)))
    return found, (*of_all, *told)


def _of_performance(
    bench: BenchReading | None, tests: Measured | None, manifest: Json, repository: Repository
) -> Iterator[Signal]:
    """What was observed; and against the targets, if it is sure enough to stand beside them."""
    settings = repository.settings
    found = observed(bench, tests)
    if found is None:
        return
    yield found
    lane = lane_of(manifest, repository.spellings)
    if isinstance(lane, str) and lane in settings.lanes and is_sure(found, settings.thresholds):
        policy = settings.lanes[lane]
        if judged := violation(found, policy.sla_targets, lane, policy.environment):
            yield judged


def _there(found: T | Absent | Problem) -> T | None:
    return None if isinstance(found, Absent | Problem) else found


def _lost(said: Iterable[tuple[str, str, object]], manifest: Json) -> Iterator[str]:
    """What a manifest has from artifacts that are not there any more."""
    for field, pointer, found in said:
        had = layout.value_at(manifest, layout.field_of((ORIGINS, field, "provenance")))
        artifact = pointer.partition("#")[0]
        if isinstance(found, Absent) and isinstance(had, list) and any(str(each).startswith(artifact) for each in had):
            yield f"{field} loses what was measured: {found.why}"
