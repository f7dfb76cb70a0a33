"""What the configuration lays down for the lane of a module: targets are intent, and never come from prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.manifests import provenance
from verifier.manifests.model import Json, Signal
from verifier.manifests.settings import Lane
from verifier.model import Confidence

TARGETS, COVERAGE = "performance.sla_targets", "testing.coverage_target"


def canonical_lane(written: str, lanes: Mapping[str, Lane]) -> str | None:
    """The lane that is meant: its name or one of its spellings, in any case, with or without `lane:`; None for none."""
    wanted = _plain(written)
    return next((name for name, lane in lanes.items() if wanted in map(_plain, (name, *lane.spellings))), None)


def _plain(text: str) -> str:
    return text.strip().lower().removeprefix("lane:").strip().replace("_", "-").replace(" ", "-")


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
