"""What is laid down for a lane."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.policy import targets
from verifier.manifests.settings import Lane

OWN = {"L2": Lane(spellings=("two",), sla_targets={"latency_p95_ms": 250, "availability": 99.5}, coverage_target=85)}


def test_targets_come_from_the_policy_alone() -> None:
    sla, coverage = targets("L2", OWN)
    assert (sla.field, sla.value) == ("performance.sla_targets", {"availability": 99.5, "latency_p95_ms": 250})
    assert (coverage.field, coverage.value) == ("testing.coverage_target", 85)
    assert sla.provenance == coverage.provenance == ("policy:lane:L2",)


@pytest.mark.parametrize("lane", [None, "L3", "two"])
def test_where_nothing_is_laid_down_there_is_no_target(lane: str | None) -> None:
    assert targets(lane, OWN) == ()


def test_a_lane_without_targets_has_none() -> None:
    assert targets("L2", {"L2": Lane()}) == ()
