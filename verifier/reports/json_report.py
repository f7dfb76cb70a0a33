"""The report as JSON, after `schema/report.schema.json`. The same input gives the same bytes."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterable

import msgspec

from verifier.codes import Code
from verifier.model import (
    THERE,
    GradedEffect,
    Isolation,
    ModuleVerdict,
    Outcome,
    Reason,
    Refused,
    Report,
    Status,
    TargetReport,
    Verdict,
)
from verifier.resources import tool_version

CONTRACT = "report/1"
NESTED = slice(len("[\n  [\n"), -len("\n  ]\n]"))


def render(report: Report) -> str:
    """One JSON document with a line break at its end."""
    return (
        head()
        + "".join(item(draw(each), number) for number, each in enumerate(report.targets))
        + tail(len(report.targets), ())
    )


def head() -> str:
    """The document up to its targets."""
    said = {"contract": CONTRACT, "tool": {"name": "verify-apis", "version": tool_version()}}
    return f'{_json(said)[:-2]},\n  "targets": ['


def draw(shown: TargetReport) -> str:
    """One target."""
    return _json([[_target(shown)]], cut=NESTED)


def item(drawn: str, number: int) -> str:
    """The target that `draw` has drawn, in its place: its number begins with 0."""
    return f",\n{drawn}" if number else f"\n{drawn}"


def tail(count: int, refused: Iterable[Outcome]) -> str:
    """The rest of the document, after so many targets: those that were not looked at, and a line break at the end."""
    rest = _json({"refused": [_refused(each.asked, each.refused, each) for each in refused if each.refused]})
    return ("\n  ]" if count else "]") + "," + rest[1:] + "\n"


def _json(value: object, *, cut: slice = slice(None)) -> str:
    """The value as `json.dumps` draws it with an indent of 2, which takes five times as long."""
    try:
        drawn = msgspec.json.format(msgspec.json.encode(value), indent=2)
    except UnicodeEncodeError:  # half of a character, as in the name of a file that is no text
        return json.dumps(value, indent=2)[cut]
    text = str(memoryview(drawn)[cut], "utf-8")  # of megabytes, each copy is felt
    if not text.isascii():
        text = text.encode("ascii", ESCAPED).decode("ascii")
    return text.replace("\x7f", "\\u007f")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


ESCAPED = "verify-apis: as in JSON"
codecs.register_error(ESCAPED, _escaped)


def _refused(asked: str, refused: Refused, outcome: Outcome) -> dict[str, object]:
    return {
        "asked": asked,
        "what": refused.what,
        "where": refused.where,
        "fix": refused.fix,
        "exit": 0 if outcome.is_passed_over else outcome.exit.value,
    }


def _target(shown: TargetReport) -> dict[str, object]:
    interpreter = shown.target.interpreter
    return {
        "name": shown.target.name,
        "version": shown.target.version,
        "kind": shown.target.kind.value,
        "configuration": shown.configuration,
        "interpreter": {
            "version": interpreter.version,
            "implementation": interpreter.implementation,
            "platform": interpreter.platform,
        },
        "isolation": _isolation(shown.isolation),
        "startup": {"effects": [_effect(seen) for seen in shown.startup]},
        "totals": _totals(shown),
        "modules": {each.module.name: _module(each) for each in shown.modules},
        "apis": {each.symbol.path: _symbol(each) | {"reasons": []} for each in shown.verdicts if each.verified},
        "apis_pending": {each.symbol.path: _pending(each) for each in shown.verdicts if not each.verified},
        "causes": [
            {
                "code": cause.code.code,
                "what": cause.what,
                "where": cause.where,
                "remedy": cause.remedy,
                "apis": cause.apis,
                "modules": cause.modules,
            }
            for cause in shown.causes
        ],
    }


def _isolation(isolation: Isolation) -> dict[str, object]:
    return {
        "layers": {
            "landlock": None if isolation.landlock is None else f"v{isolation.landlock}",
            "seccomp": isolation.seccomp,
            "notify": isolation.notify,
            "rlimits": list(isolation.rlimits),
            "audit": isolation.audit,
        },
        "native_code_confined": isolation.native_code_confined,
    }


def _totals(shown: TargetReport) -> dict[str, object]:
    pending = [verdict for verdict in shown.verdicts if not verdict.verified]
    codes = Counter(code for verdict in pending for code in {reason.code for reason in verdict.reasons})
    return {
        "modules": len(shown.modules),
        "imported": sum(each.status is Status.IMPORTED for each in shown.modules),
        "apis": len(shown.verdicts),
        "verified": len(shown.verdicts) - len(pending),
        "pending": len(pending),
        "by_reason": {code.code: codes[code] for code in Code if codes[code]},
        "left_out": {
            "private": shown.left_out.private,
            "tests": shown.left_out.tests,
            "mains": shown.left_out.mains,
            "excluded": shown.left_out.excluded,
        },
    }


def _module(shown: ModuleVerdict) -> dict[str, object]:
    failure = shown.failure
    return {
        "file": shown.module.shown,
        "kind": shown.module.kind,
        "status": shown.status,
        "error": None if failure is None else {"type": failure.type, "message": failure.message},
        "effects": [_effect(seen) for seen in shown.effects],
    }


def _effect(seen: GradedEffect) -> dict[str, object]:
    return {
        "kind": seen.effect.kind,
        "target": seen.effect.target,
        "grade": seen.grade,
        "rule": seen.rule,
        "stopped": seen.stopped,
        "seen_by": list(seen.effect.seen_by),
    }


def _symbol(verdict: Verdict) -> dict[str, object]:
    symbol = verdict.symbol
    return {
        "module": symbol.module,
        "name": symbol.name,
        "kind": verdict.kind,
        "basis": symbol.basis,
        "defined_in": symbol.defined_in,
        "file": symbol.file,
        "line": symbol.line,
        "doc_ok": verdict.doc_ok,
        "doc_chars": verdict.doc_chars or 0,
        "import_verified": verdict.import_verified,
        "provenance": _provenance(verdict),
        "confidence": verdict.confidence,
        "notes": list(verdict.notes),
    }


def _pending(verdict: Verdict) -> dict[str, object]:
    return _symbol(verdict) | {
        "needs_docs": not verdict.doc_ok,
        "reasons": [_reason(reason) for reason in verdict.reasons],
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {"code": reason.code.code, "detail": reason.detail}


def _provenance(verdict: Verdict) -> list[str]:
    """Who saw what, and where."""
    symbol = verdict.symbol
    return [
        *(f"{each.observer}:{each.what}@{_line(symbol.file, each.line)}" for each in symbol.evidence),
        *([f"importcheck:{verdict.answer.how}@{symbol.module}"] if verdict.answer.how in THERE else ()),
    ]


def _line(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file
