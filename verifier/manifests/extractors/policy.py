"""What the configuration lays down for the lane of a module: targets are intent, and never come from prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.manifests import provenance
from verifier.manifests.model import Json, Signal
from verifier.manifests.settings import Lane
from verifier.model import Confidence

TARGETS, COVERAGE = "performance.sla_targets", "testing.coverage_target"


def targets(lane: str | None, lanes: Mapping[str, Lane]) -> tuple[Signal, ...]:
    """What is aimed at in a lane, by its canonical name: nothing where the policy says nothing."""
    if lane is None or lane not in lanes:
        return ()
    return tuple(_signal(field, value, lane) for field, value in _aims(lanes[lane]))


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
