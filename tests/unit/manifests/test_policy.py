"""Lanes as people write them, and what is laid down for them."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.policy import canonical_lane, targets
from verifier.manifests.settings import LANES, Lane

OWN = {"L2": Lane(spellings=("two",), sla_targets={"latency_p95_ms": 250, "availability": 99.5}, coverage_target=85)}


@pytest.mark.parametrize(
    "written", ["L2", "l2", "lane:L2", "lane:l2-integration", "L2-integration", " Lane: L2_Integration ", "INTEGRATION"]
)
def test_a_lane_has_many_spellings(written: str) -> None:
    assert canonical_lane(written, LANES) == "L2-integration"


@pytest.mark.parametrize("written", ["", "L9", "lane:", "L2x", "production-like"])
def test_what_is_no_lane_is_none(written: str) -> None:
    assert canonical_lane(written, LANES) is None


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
