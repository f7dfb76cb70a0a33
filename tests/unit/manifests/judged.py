"""A module that nothing speaks against, as gates and score see it: each test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from verifier.manifests.audit import claimed
from verifier.manifests.evidence import Evidence
from verifier.manifests.findings import Finding, Flaw, finding
from verifier.manifests.gates import Judged, Result, judge
from verifier.manifests.settings import Lane

MODULE, WHERE = "shop", "shop/module.manifest.json"
NOW = datetime(2025, 2, 1, 12, tzinfo=UTC)
LANE = Lane(sla_targets={"latency_p95_ms": 250}, coverage_target=85)
LENIENT = replace(LANE, min_score=0)
"""No gate is closed for want of points."""
MANIFEST: dict[str, Any] = {
    "contract": "manifest/1",
    "description": "It is a shop.",
    "features": ["task.queue"],
    "tags": ["lane:L2-integration"],
    "components": 12,
    "apis": {"buy": {}, "sell": {}},
    "performance": {
        "sla_targets": {"latency_p95_ms": 250},
        "observed": {"latency_p95_ms": 90.5, "observed_at": "2025-01-31T12:00:00Z"},
    },
    "testing": {"coverage_target": 85, "coverage_observed": 91.5, "observed_at": "2025-01-30T12:00:00Z"},
}


def module(policy: Lane = LANE, *findings: Finding, **manifest: Any) -> Evidence:
    """A module with these fields; one that is None is not there."""
    fields = {name: value for name, value in {**MANIFEST, **manifest}.items() if value is not None}
    return Evidence(
        module=MODULE,
        where=WHERE,
        manifest=fields,
        lane="L2-integration",
        policy=policy,
        claims=claimed(fields),
        findings=findings,
        imported="shop",
        anew={"apis": fields.get("apis", {})},
        due=(),
        now=NOW,
    )


def performance(**said: Any) -> dict[str, Any]:
    """`performance` with something else in `observed`."""
    return {**MANIFEST["performance"], "observed": {**MANIFEST["performance"]["observed"], **said}}


def covered(**said: Any) -> dict[str, Any]:
    """`testing` with something else; what is None is not there."""
    return {name: value for name, value in {**MANIFEST["testing"], **said}.items() if value is not None}


def flaw(kind: Flaw, field: str = "components") -> Finding:
    """Something that an audit has found."""
    return finding(kind, MODULE, field, "no", WHERE)


def closed(found: Judged) -> dict[str, str]:
    """The gates that are closed, each with its state."""
    return {each.gate: each.state.value for each in found.closed}


def result(seen: Evidence | Finding, gate: str) -> Result:
    """What became of one gate."""
    return next(each for each in judge(seen).results if each.gate == gate)
