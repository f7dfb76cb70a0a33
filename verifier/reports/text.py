"""The report for people: a summary, what confined the imports, and what is pending by cause, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

from verifier.codes import Severity
from verifier.model import (
    Cause,
    Grade,
    Isolation,
    ModuleList,
    Report,
    Status,
    Target,
    TargetKind,
    TargetReport,
    Verdict,
)

MOST_EXAMPLES = 3
PICTURE = ("picture",)
MOST_NOTES = 5


class Tone(StrEnum):
    """What a piece of text means; the command decides how that looks."""

    TITLE = "title"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    QUIET = "quiet"


Paint = Callable[[str, Tone], str]


def no_paint(text: str, _: Tone) -> str:
    """Text as it is."""
    return text


def render(report: Report, *, paint: Paint = no_paint, verbose: bool = False) -> str:
    """The whole report, one block for each target."""
    return "\n".join(draw(target, paint=paint, verbose=verbose) for target in report.targets)


def _target(shown: TargetReport, paint: Paint, verbose: bool) -> Iterator[str]:
    yield _summary(shown, paint)
    yield from _facts(shown, paint)
    for cause in shown.causes:
        yield ""
        yield from _cause(cause, paint)
    notes = list(_notes(shown))
    if notes:
        yield ""
        yield from (paint(f"noted: {note}", Tone.QUIET) for note in notes)
    if verbose:
        yield ""
        yield from (_api(verdict, paint) for verdict in shown.verdicts)


def draw(shown: TargetReport, *, paint: Paint = no_paint, verbose: bool = False) -> str:
    """All about one target."""
    return "\n".join(_target(shown, paint, verbose)) + "\n"


def draw_in_brief(shown: TargetReport, *, paint: Paint = no_paint) -> str:
    """One line for a target, and the root causes of what is found."""
    causes = (cause for cause in shown.causes if shown.strict or cause.code.severity is Severity.ERROR)
    lines = (f"  {line}" for cause in causes for line in _cause(cause, paint))
    return "\n".join((_summary(shown, paint), *lines)) + "\n"


def _summary(shown: TargetReport, paint: Paint) -> str:
    verified = sum(verdict.verified for verdict in shown.verdicts)
    total = len(shown.verdicts)
    name = f"{shown.target.name} {shown.target.version or ''}".strip()
    counts = f"{verified} of {total} {plural('API', total)} verified, {total - verified} pending"
    return f"{paint(name, Tone.TITLE)}: {paint(counts, Tone.GOOD if verified == total else Tone.WARNING)}"


def _facts(shown: TargetReport, paint: Paint) -> Iterator[str]:
    interpreter = shown.target.interpreter
    facts = {
        "python": f"{interpreter.version}, {interpreter.path} ({interpreter.chosen})",
        "files": _files(shown.target),
        "config": shown.configuration or "none",
        "modules": _modules(shown),
        "isolation": isolation_line(shown.isolation),
    }
    for label, fact in facts.items():
        yield f"  {paint(f'{label:<10}', Tone.QUIET)}{fact}"


def _files(target: Target) -> str:
    if target.kind is TargetKind.WHEEL:  # what it is unpacked to is gone by now
        return target.asked
    return ", ".join(str(place) for root in target.roots for place in root.locations) or "none"


def _modules(shown: TargetReport) -> str:
    imported = sum(each.status is Status.IMPORTED for each in shown.modules)
    return f"{imported} of {len(shown.modules)} import{_left_out(shown.left_out)}"


def _left_out(left_out: ModuleList) -> str:
    counts = {
        "private": left_out.private,
        "test": left_out.tests,
        "__main__": left_out.mains,
        "excluded": left_out.excluded,
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f" (left out: {told})" if told else ""


def isolation_line(isolation: Isolation) -> str:
    """The layers that were active, as measured: never more than that."""
    layers = [f"landlock:v{isolation.landlock}"] if isolation.landlock is not None else []
    layers += ["seccomp"] if isolation.seccomp else []
    layers += ["notify"] if isolation.notify else []
    layers += ["rlimits"] if isolation.rlimits else []
    layers += ["audit"] if isolation.audit else []
    told = ", ".join(layers) or "none"
    return told if isolation.native_code_confined else f"{told}; native code was not confined"


def _cause(cause: Cause, paint: Paint) -> Iterator[str]:
    error = cause.code.severity is Severity.ERROR
    mark = paint("x", Tone.BAD) if error else paint("!", Tone.WARNING)
    yield f"{mark} {cause.what} {paint(f'[{cause.code.code}]', Tone.QUIET)}: {_sinks(cause)}"
    told = "apis" if cause.apis else "module"
    for label, fact in (("where", cause.where), (told, _examples(cause)), ("fix", cause.remedy)):
        yield f"    {paint(f'{label:<7}', Tone.QUIET)}{fact}"


def _sinks(cause: Cause) -> str:
    apis = f"{cause.apis} {plural('API', cause.apis)}"
    return f"{cause.modules} {plural('module', cause.modules)}, {apis}"


def _examples(cause: Cause) -> str:
    shown = ", ".join(cause.examples[:MOST_EXAMPLES])
    more = (cause.apis or cause.modules) - MOST_EXAMPLES
    return f"{shown} and {more} more" if more > 0 else shown


def _notes(shown: TargetReport) -> Iterator[str]:
    """Effects that were noted, each once, with the number of modules that have it; those on the process in one line."""
    for seen in shown.startup:
        yield f"{seen.described}: at the start (.pth files, sitecustomize, prelude)"
    noted: Counter[str] = Counter()
    left: set[str] = set()
    modules_with_left = 0
    for module in shown.modules:
        effects = [seen for seen in module.effects if seen.grade is Grade.NOTED]
        on_process = {seen.effect.kind for seen in effects if seen.effect.seen_by == PICTURE}
        noted.update(seen.described for seen in effects if seen.effect.kind not in on_process)
        left |= on_process
        modules_with_left += bool(on_process)
    for note, count in noted.most_common(MOST_NOTES):
        yield f"{note}: {count} {plural('module', count)}"
    if len(noted) > MOST_NOTES:
        yield f"{len(noted) - MOST_NOTES} more kinds of effects, see --json"
    if left:
        kinds = ", ".join(sorted(kind.replace("_", " ") for kind in left))
        yield f"changed in its own process ({kinds}): {modules_with_left} {plural('module', modules_with_left)}"


def _api(verdict: Verdict, paint: Paint) -> str:
    if verdict.verified:
        return f"{paint('ok', Tone.GOOD)} {verdict.symbol.path}"
    errors = any(reason.code.severity is Severity.ERROR for reason in verdict.reasons)
    mark = paint("x ", Tone.BAD) if errors else paint("! ", Tone.WARNING)
    reasons = "; ".join(f"{reason.code.code}: {reason.detail}" for reason in verdict.reasons)
    return f"{mark} {verdict.symbol.path}  {paint(reasons, Tone.QUIET)}"


def plural(word: str, count: int) -> str:
    """The word as it goes with that number."""
    return word if count == 1 else f"{word}s"
