"""For people at a terminal: one line a module where all is well, else what is closed and how to open it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from verifier.manifests.extractors.description import counted
from verifier.manifests.gates import GATES, Judged, Result, State, Useless
from verifier.manifests.judging import Run
from verifier.manifests.past import Scored
from verifier.manifests.score import shown, shown_lost
from verifier.manifests.settings import FILE


def gates(run: Run) -> str:
    """The modules by path, the waivers that waive nothing, and a summary in the last line."""
    parts = ["".join(f"{line}\n" for line in _module(each)) for each in run.judged]
    parts += [_waiver(each) for each in run.useless]
    return "".join(parts) + _summary(run)


def _module(found: Judged) -> Iterator[str]:
    closed, points = found.closed, f"score {shown(found.score.points):g}"
    if not closed:
        yield f"{found.module}: open ({points})"
    else:
        yield f"{found.module}: {len(closed)} of {counted(len(found.results), 'gate')} closed ({points})"
    told = _once(closed)
    for name, each in told:
        yield f"  {name} ({each.state}): {each.why}"
        yield f"    where: {each.where}"
        yield f"    fix:   {each.fix}"
    for each in found.results:
        yield from _excused(each, found.cause(each))


def _once(closed: Sequence[Result]) -> list[tuple[str, Result]]:
    """The gates with what closes them; what closes all of them is told once."""
    first = closed[:1]
    if len(closed) > 1 and len({(each.state, each.why) for each in closed}) == 1:
        return [("every gate", each) for each in first]
    return [(each.gate, each) for each in closed]


def _excused(result: Result, cause: str) -> Iterator[str]:
    if cause and result.is_closed:
        yield f"  {result.gate} (follows from {cause}): {result.why}"
    elif result.waiver:
        yield f"  {result.gate} (waived until {result.waiver.until}: {result.waiver.reason}): {result.why}"
    elif result.is_old:
        yield f"  {result.gate} (closed before): {result.why}"
    elif result.state is State.PASSED and result.why:
        yield f"  {result.gate} (warning): {result.why}"


def _waiver(useless: Useless) -> str:
    waiver = useless.waiver
    what = f"the waiver of '{waiver.gate}' for {waiver.module} waives nothing: {useless.why}"
    return f"{what}\n    where: {FILE}\n    fix:   take it out of `[[tool.enrich.waivers]]`\n"


def _summary(run: Run) -> str:
    closed = [each for each in run.judged if each.closed]
    by_gate = Counter(result.gate for each in closed for result in each.closed)
    head = f"{len(run.judged) - len(closed)} of {counted(len(run.judged), 'module')} open"
    told = [f"{gate.code} {by_gate[gate.code]}" for gate in GATES if by_gate[gate.code]]
    waivers = [counted(len(run.useless), "waiver") + " for nothing"] if run.useless else []
    since = [f"{run.left_alone} not touched since {run.since}"] if run.since else []
    return "; ".join([head, *([f"closed: {', '.join(told)}"] if told else []), *waivers, *since]) + "\n"


def scores(scored: Sequence[Scored]) -> str:
    """The modules, the lowest score first: what each has lost, the cheapest next step, and what the score was."""
    width = max(len(each.module) for each in scored)
    return "".join(f"{line}\n" for each in ranked(scored) for line in _score(each, width))


def ranked(scored: Sequence[Scored]) -> list[Scored]:
    """The lowest score first."""
    return sorted(scored, key=lambda each: (each.score.points, each.module))


def _score(found: Scored, width: int) -> Iterator[str]:
    missed = found.score.missed
    lost = ", ".join(f"{part.code} {shown_lost(found.score.lost(part)):g}" for part in missed)
    yield f"{shown(found.score.points):5.1f}  {found.module:{width}}  lost: {lost or 'nothing'}"
    if missed:
        first = missed[0]
        yield f"       {first.code}: {first.why}"
        yield f"       next: {first.fix}"
    if found.past:
        yield "       was: " + ", ".join(f"{shown(each.points):g} ({each.timestamp[:10]})" for each in found.past)
