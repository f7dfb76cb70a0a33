"""For programs: the contracts `schema/gates.schema.json` and `schema/score.schema.json`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from verifier.manifests.formats.text import ranked
from verifier.manifests.gates import GATES, Judged, Result
from verifier.manifests.judging import Run
from verifier.manifests.model import Absent, Json
from verifier.manifests.past import Scored
from verifier.manifests.score import Part, Score, shown, shown_lost
from verifier.manifests.settings import Waiver


def gates(run: Run) -> str:
    """The contract `gates/1`."""
    closed = Counter(result.gate for each in run.judged for result in each.closed)
    number = sum(1 for each in run.judged if each.closed)
    document: dict[str, Json] = {
        "contract": "gates/1",
        "since": run.since or None,
        "totals": {
            "modules": len(run.judged),
            "open": len(run.judged) - number,
            "closed": number,
            "left_alone": run.left_alone,
            "by_gate": {gate.code: closed[gate.code] for gate in GATES if closed[gate.code]},
        },
        "modules": {each.module: _module(each, run.before.get(each.module)) for each in run.judged},
        "useless_waivers": [{**_waiver(each.waiver), "why": each.why} for each in run.useless],
    }
    return _dumped(document)


def _module(found: Judged, before: Judged | None) -> Json:
    return {
        "lane": _lane(found.lane),
        "score": shown(found.score.points),
        "score_before": shown(before.score.points) if before else None,
        "closed": [each.gate for each in found.closed],
        "closed_before": [each.gate for each in before.closed] if before else None,
        "gates": {each.gate: _result(each, found.cause(each)) for each in found.results},
    }


def _result(result: Result, cause: str) -> Json:
    return {
        "state": result.state.value,
        "why": result.why,
        "where": result.where,
        "fix": result.fix,
        "follows_from": cause or None,
        "waiver": _waiver(result.waiver) if result.waiver else None,
        "closed_before": result.is_old,
    }


def _waiver(waiver: Waiver) -> dict[str, Json]:
    return {
        "module": waiver.module,
        "gate": waiver.gate,
        "reason": waiver.reason,
        "until": waiver.until.isoformat(),
    }


def scores(scored: Sequence[Scored]) -> str:
    """The contract `score/1`."""
    modules: dict[str, Json] = {each.module: _scored(each) for each in ranked(scored)}
    return _dumped({"contract": "score/1", "modules": modules})


def _scored(found: Scored) -> Json:
    missed = found.score.missed
    return {
        "lane": _lane(found.lane),
        "score": shown(found.score.points),
        "components": {part.code: _part(part, found.score) for part in found.score.parts},
        "next": missed[0].code if missed else None,
        "past": [{"timestamp": each.timestamp, "sha": each.sha, "score": shown(each.points)} for each in found.past],
    }


def _part(part: Part, score: Score) -> Json:
    return {
        "weight": part.weight,
        "applies": part.applies,
        "earned": shown(part.earned),
        "lost": shown_lost(score.lost(part)),
        "why": part.why,
        "fix": part.fix,
    }


def _lane(lane: str | Absent) -> str | None:
    return None if isinstance(lane, Absent) else lane


def _dumped(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"
