"""What the configuration lays down for the lane of a module: targets are intent, and never come from prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.manifests import layout, provenance
from verifier.manifests.model import Json, Signal
from verifier.manifests.settings import Lane
from verifier.model import Confidence

TARGETS, DERIVED, COVERAGE = "performance.sla_targets", "performance.derived_at", "testing.coverage_target"


def targets(lane: str | None, lanes: Mapping[str, Lane], manifest: Json, now: str) -> tuple[Signal, ...]:
    """What is aimed at in a lane, by its canonical name, and since when: nothing where the policy says nothing.

    `manifest` is what stands there: as long as the targets are the same, so is the time.
    """
    if lane is None or lane not in lanes:
        return ()
    aims = dict(_aims(lanes[lane]))
    if TARGETS in aims:
        since = layout.value_at(manifest, DERIVED)
        is_same = layout.same(layout.value_at(manifest, TARGETS), aims[TARGETS]) and isinstance(since, str)
        aims[DERIVED] = str(since) if is_same else now
    return tuple(_signal(field, value, lane) for field, value in aims.items())


def _aims(lane: Lane) -> Iterator[tuple[str, Json]]:
    if lane.sla_targets:
        yield TARGETS, dict(sorted(lane.sla_targets.items()))
    if lane.coverage_target is not None:
        yield COVERAGE, lane.coverage_target


def _signal(field: str, value: Json, lane: str) -> Signal:
    return Signal(
        field=field,
        value=value,
        provenance=(provenance.policy("lane", lane),),
        confidence=Confidence.HIGH,
        reasons=("policy:lane",),
    )
