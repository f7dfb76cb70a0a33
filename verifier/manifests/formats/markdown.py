"""For the summary of a job: what a reviewer reads in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.manifests.extractors.description import counted
from verifier.manifests.formats.text import ranked
from verifier.manifests.gates import Judged, State
from verifier.manifests.judging import Run
from verifier.manifests.past import Scored
from verifier.manifests.score import shown, shown_lost
from verifier.manifests.settings import FILE

MOST = 20
"""So many rows of a table are told, and of the others how many there are."""


def gates(run: Run) -> str:
    """The verdict, which gate is closed and what opens it, and what a branch has made better or worse."""
    closed = [(each, result) for each in run.judged for result in each.closed]
    modules = len({each.module for each, _ in closed})
    verdict = f"{modules} of {counted(len(run.judged), 'module')} closed" if modules else "all open"
    waivers = f", {counted(len(run.useless), 'waiver')} for nothing" if run.useless else ""
    lines = [f"### Gates: {verdict}{waivers}", ""]
    lines += [*_changes(run)]
    if closed:
        rows = [(each.module, result.gate, f"{result.state}: {result.why}", result.fix) for each, result in closed]
        lines += [*_table(("module", "gate", "why it is closed", "what opens it"), rows), ""]
    lines += [
        f"- The waiver of {each.waiver.gate} for {_code(each.waiver.module)} in `{FILE}` waives nothing: {each.why}"
        for each in run.useless
    ]
    lines += [
        f"- Waived until {result.waiver.until}: {result.gate} of {_code(each.module)}, {_cell(result.waiver.reason)}"
        for each in run.judged
        for result in each.results
        if result.waiver
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _changes(run: Run) -> Iterator[str]:
    """Of a branch: what got better, and what got worse."""
    if not run.since:
        return
    better, worse = [], []
    for each in run.judged:
        better_here, worse_here = _compared(each, run.before.get(each.module))
        better += [f"{_code(each.module)} {told}" for told in better_here]
        worse += [f"{_code(each.module)} {told}" for told in worse_here]
    told = (("Worse", worse), ("Better", better))
    yield from (f"- {name} than on `{run.since}`: {'; '.join(_most(those))}" for name, those in told if those)
    yield f"- {counted(run.left_alone, 'module')} not touched"
    yield ""


def _compared(now: Judged, before: Judged | None) -> tuple[list[str], list[str]]:
    """What got better, and what got worse, for a module. One that nothing is known of was not there, or unreadable.

    Where a gate was not evaluated, as for want of numbers that nobody commits, it is not better to be measured now.
    """
    if before is None:
        return [], [f"has closed gates: {_names(now)}"] if now.closed else []
    was, is_now = {each.gate for each in before.closed}, {each.gate for each in now.closed}
    unknown = {each.gate for each in before.results if each.state is State.NOT_EVALUATED}
    opened = [f"opened {each.gate}" for each in before.closed if each.gate not in is_now | unknown]
    shut = [f"closed {each.gate}" for each in now.closed if each.gate not in was]
    more = 0 if unknown else now.score.points - before.score.points
    points = [f"score {shown(before.score.points):g} → {shown(now.score.points):g}"]
    return [*opened, *(points if more > 0 else [])], [*shut, *(points if more < 0 else [])]


def _names(found: Judged) -> str:
    return ", ".join(each.gate for each in found.closed)


def _most(told: Sequence[str]) -> list[str]:
    return [*told[:MOST], *([f"{len(told) - MOST} more"] if len(told) > MOST else [])]


def scores(scored: Sequence[Scored]) -> str:
    """The modules, the lowest score first, with the cheapest next step of each."""
    rows = []
    for each in ranked(scored):
        lost = ", ".join(f"{part.code} {shown_lost(each.score.lost(part)):g}" for part in each.score.missed)
        step = each.score.missed[0].fix if each.score.missed else ""
        rows.append((each.module, f"{shown(each.score.points):.1f}", lost, step))
    return "\n".join(["### Scores", "", *_table(("module", "score", "lost", "next step"), rows)]) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for name, *cells in rows[:MOST]:
        yield f"| {' | '.join((_code(name), *map(_cell, cells)))} |"
    if len(rows) > MOST:
        yield ""
        yield f"… and {len(rows) - MOST} more"


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    """What would end a cell, or begin markup of its own, is escaped."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
