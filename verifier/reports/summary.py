"""What a run over several targets has come to, for people: how many there are of each kind, and which want a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.errors import Exit
from verifier.model import Outcome
from verifier.reports.text import Paint, Tone, no_paint, plural

WIDEST = 40


def render(outcomes: Sequence[Outcome], paint: Paint = no_paint) -> str:
    """Totals, then the targets with findings, those that could not be looked at, and those with nothing to check."""
    return "\n".join(_lines(outcomes, paint)) + "\n"


def _lines(outcomes: Sequence[Outcome], paint: Paint) -> Iterator[str]:
    apis, verified = sum(each.apis for each in outcomes), sum(each.verified for each in outcomes)
    title = paint(f"{len(outcomes)} {plural('target', len(outcomes))}", Tone.TITLE)
    yield f"{title}: {verified} of {apis} {plural('API', apis)} verified, {apis - verified} pending"
    sound = sum(each.exit is Exit.OK for each in outcomes)
    yield paint(f"  {sound} with nothing to object", Tone.GOOD)
    found = [each for each in outcomes if each.exit is Exit.FINDING]
    yield from _table(f"{len(found)} with findings", [(_named(each), _findings(each)) for each in found], paint)
    refused = [each for each in outcomes if each.refused and not each.is_passed_over]
    yield from _table(
        f"{len(refused)} could not be looked at",
        [(each.asked, each.refused.what if each.refused else "") for each in refused],
        paint,
    )
    if empty := [each for each in outcomes if each.is_passed_over or (each.exit is Exit.NOTHING and not each.refused)]:
        yield paint(f"  {len(empty)} with nothing to check: {', '.join(each.asked for each in empty)}", Tone.QUIET)


def _table(head: str, rows: list[tuple[str, str]], paint: Paint) -> Iterator[str]:
    """Names and what there is to say of each, one below the other; nothing where there are none."""
    if rows:
        yield paint(f"  {head}:", Tone.BAD)
        width = min(WIDEST, max(len(name) for name, _ in rows))
        yield from (f"    {name:<{width}}  {told}" for name, told in rows)


def _named(each: Outcome) -> str:
    return f"{each.name} {each.version or ''}".strip()


def _findings(each: Outcome) -> str:
    pending = f"{each.apis - each.verified} of {each.apis} {plural('API', each.apis)} pending"
    return f"{each.errors} {plural('error', each.errors)}, {pending}" if each.errors else pending
