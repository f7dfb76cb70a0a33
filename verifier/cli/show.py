"""How a run gets to the screen: reports to stdout, progress and errors to stderr."""

from __future__ import annotations

import os
import sys
import time

import typer

from verifier.errors import UserError
from verifier.model import Outcome, Refused, Target, TargetReport
from verifier.reports import json_report, summary, text

COLOURS = {
    text.Tone.TITLE: {"bold": True},
    text.Tone.GOOD: {"fg": "green"},
    text.Tone.BAD: {"fg": "red", "bold": True},
    text.Tone.WARNING: {"fg": "yellow"},
    text.Tone.QUIET: {"dim": True},
}
QUIET_SECONDS, REFRESH_SECONDS = 1.0, 0.1
WIDEST, BAR = 78, 20
OUR_BUG = "this is a bug in verify-apis: please report it with the lines above"


class ReaderGone(Exception):
    """Nobody reads our stdout any more."""


class Show:
    """The reports of one run, each when it is there, and what is to say at the end."""

    def __init__(self, *, as_json: bool, verbose: bool, in_brief: bool) -> None:
        self._as_json, self._verbose, self._in_brief = as_json, verbose, in_brief and not verbose
        self._paint = painter()
        self._shown = 0
        self._told: set[str] = set()

    def draw(self, shown: TargetReport) -> str:
        """A report as text, or as the part of the JSON that it is."""
        if self._as_json:
            return json_report.draw(shown)
        if self._in_brief:
            return text.draw_in_brief(shown, paint=self._paint)
        return text.draw(shown, paint=self._paint, verbose=self._verbose)

    def begin(self) -> None:
        """What comes before all reports."""
        if self._as_json:
            write(json_report.head())

    def show(self, outcome: Outcome) -> None:
        """One target's report, or why there is none."""
        if outcome.refused:
            self._refuse(outcome, outcome.refused)
        elif self._as_json:
            write(json_report.item(outcome.drawn, self._shown))
        else:
            between = "\n" if self._shown and not self._in_brief else ""
            write(between + outcome.drawn)
        self._shown += not outcome.refused

    def _refuse(self, outcome: Outcome, refused: Refused) -> None:
        """Once, since one configuration file may count for several targets; nothing of what nobody has named."""
        words = told(refused)
        if not outcome.is_passed_over and words not in self._told:
            typer.echo(words, err=True)
        self._told.add(words)

    def end(self, outcomes: list[Outcome]) -> None:
        """What comes after all reports."""
        if self._as_json:
            write(json_report.tail(self._shown, outcomes))
        elif len(outcomes) > 1:
            write("\n" + summary.render(outcomes, self._paint))


class Progress:
    """One line on the terminal for work that takes longer than a second."""

    def __init__(self) -> None:
        self._next = time.monotonic() + QUIET_SECONDS
        self._shown = False

    def of_modules(self, target: Target, done: int, total: int, module: str) -> None:
        """Show how far the one target has come."""
        self._show(f"{target.name}: {done} of {total} modules, {module}")

    def of_targets(self, done: int, total: int, target: str) -> None:
        """Show how many targets are done."""
        self._show(f"{done} of {total} targets, {target}")

    def of_packages(self, done: int, total: int, package: str) -> None:
        """Show how many packages are done."""
        self._show(f"{_bar(done, total)} {done} of {total} packages, {package}")

    def _show(self, line: str) -> None:
        if sys.stderr.isatty() and time.monotonic() > self._next:
            self._next = time.monotonic() + REFRESH_SECONDS
            self._shown = True
            sys.stderr.write(f"\r\x1b[K{line[:WIDEST]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def told(refused: Refused) -> str:
    """For people: what was refused, and that it is our bug where it is."""
    words = str(UserError(refused.what, where=refused.where, fix=refused.fix))
    return f"{refused.trace.rstrip()}\n{words}\n{OUR_BUG}" if refused.trace else words


def _bar(done: int, total: int) -> str:
    full = BAR * done // total
    return f"[{'#' * full}{'.' * (BAR - full)}]"


def painter() -> text.Paint:
    """Colours on a terminal whose user has not refused them, and else text as it is."""
    return _paint if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text.no_paint


def _paint(words: str, tone: text.Tone) -> str:
    return typer.style(words, **COLOURS[tone])  # type: ignore[arg-type]  # one dict serves several parameters


def write(output: str) -> None:
    """Write to stdout, whatever its encoding. Raises ReaderGone where nobody reads it: that is not our error."""
    try:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(output if output.isascii() else output.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError as broken:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ReaderGone from broken
