"""For code scanning: a log in SARIF 2.1.0 (OASIS, with errata 1). Each gate is a rule, each closed one a result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from verifier.manifests.formats.text import ranked
from verifier.manifests.gates import GATES, Judged, Useless
from verifier.manifests.judging import Run
from verifier.manifests.model import Json
from verifier.manifests.past import Scored
from verifier.manifests.score import COMPONENTS, Part, shown_lost
from verifier.manifests.settings import FILE
from verifier.resources import tool_version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""What the paths of a log are relative to: the root of the repository."""
WAIVER = "waiver"
RULES: Mapping[str, str] = {
    **{gate.code: gate.asks for gate in GATES},
    WAIVER: "every waiver is needed, and has not expired",
}


def gates(run: Run) -> str:
    """Each closed gate is an error. One that is waived is suppressed; what was closed before is `unchanged`."""
    results = [found for each in run.judged for found in _module(each, is_branch=bool(run.since))]
    return _log(RULES, [*results, *map(_waiver, run.useless)])


def _module(found: Judged, *, is_branch: bool) -> Iterator[dict[str, Json]]:
    for each in found.results:
        if each.does_pass or found.cause(each):
            continue
        told = _result(found.module, each.gate, f"{each.state}: {each.why}. {each.fix}", each.where)
        if each.waiver:
            reason = f"until {each.waiver.until}: {each.waiver.reason}"
            told["suppressions"] = [{"kind": "external", "justification": reason}]
        if is_branch:
            told["baselineState"] = "unchanged" if each.is_old else "new"
        yield told


def _waiver(found: Useless) -> dict[str, Json]:
    waiver = found.waiver
    what = f"the waiver of '{waiver.gate}' waives nothing: {found.why}"
    return _result(waiver.module, WAIVER, f"{what}. take it out of `[[tool.enrich.waivers]]`", FILE)


def scores(scored: Sequence[Scored]) -> str:
    """Each component that has lost points is a note."""
    rules = {component.code: component.asks for component in COMPONENTS}
    return _log(rules, [_part(each, part) for each in ranked(scored) for part in each.score.missed])


def _part(found: Scored, part: Part) -> dict[str, Json]:
    told = f"{shown_lost(found.score.lost(part)):g} points lost: {part.why}. {part.fix}"
    return _result(found.module, part.code, told, found.where, level="note")


# --- the shape of a log -----------------------------------------------------------------------------------------------


def _log(rules: Mapping[str, str], results: Sequence[dict[str, Json]]) -> str:
    codes = [*rules]
    driver: dict[str, Json] = {
        "name": "verify-apis",
        "version": tool_version(),
        "rules": [{"id": code, "shortDescription": {"text": asks}} for code, asks in rules.items()],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [{"ruleIndex": codes.index(str(each["ruleId"])), **each} for each in results],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=True) + "\n"


def _result(module: str, rule: str, told: str, where: str, level: str = "error") -> dict[str, Json]:
    """`where` may have a line: then it ends with `:3`."""
    path, _, line = where.rpartition(":")
    artifact: Json = {"uri": quote(path if line.isdecimal() else where), "uriBaseId": ROOT}
    region: dict[str, Json] = {"region": {"startLine": int(line)}} if path and line.isdecimal() else {}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": f"{module}: {told}"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, **region}}],
        "partialFingerprints": {"module/gate": f"{module}/{rule}"},
    }
