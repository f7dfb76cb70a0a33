"""What is laid down for a lane."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.policy import targets
from verifier.manifests.model import Json
from verifier.manifests.settings import Lane

OWN = {"L2": Lane(spellings=("two",), sla_targets={"latency_p95_ms": 250, "availability": 99.5}, coverage_target=85)}

NOW, THEN = "2024-05-01T12:00:00Z", "2023-05-01T12:00:00Z"


def test_targets_come_from_the_policy_alone() -> None:
    sla, coverage, derived = targets("L2", OWN, {}, NOW)
    assert (derived.field, derived.value) == ("performance.derived_at", NOW)
    assert (sla.field, sla.value) == ("performance.sla_targets", {"availability": 99.5, "latency_p95_ms": 250})
    assert (coverage.field, coverage.value) == ("testing.coverage_target", 85)
    assert sla.provenance == coverage.provenance == ("policy:lane:L2",)


@pytest.mark.parametrize("lane", [None, "L3", "two"])
def test_where_nothing_is_laid_down_there_is_no_target(lane: str | None) -> None:
    assert targets(lane, OWN, {}, NOW) == ()


def test_a_lane_without_targets_has_none() -> None:
    assert targets("L2", {"L2": Lane()}, {}, NOW) == ()


@pytest.mark.parametrize(
    ("performance", "since"),
    [
        ({"sla_targets": {"availability": 99.5, "latency_p95_ms": 250.0}, "derived_at": THEN}, THEN),
        ({"sla_targets": {"availability": 99.5, "latency_p95_ms": 300.0}, "derived_at": THEN}, NOW),
        ({"sla_targets": {"availability": 99.5, "latency_p95_ms": 250.0}}, NOW),
        ({"sla_targets": {"availability": 99.5, "latency_p95_ms": 250.0}, "derived_at": 3}, NOW),
    ],
)
def test_the_time_is_that_of_the_targets(performance: Json, since: str) -> None:
    own = {"L2": Lane(sla_targets={"latency_p95_ms": 250.0, "availability": 99.5})}
    (_, derived) = targets("L2", own, {"performance": performance}, NOW)
    assert derived.value == since
