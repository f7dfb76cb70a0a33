"""Several targets in one run: each in a process of its own, some at the same time, told in their order.

The processes are forked, so that what all of them need is loaded, and asked of an interpreter, once; each ends with its
target, so that memory does not grow with their number, and one that dies takes nothing along.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Protocol

from msgspec.structs import replace

from verifier.apis import graph, verify_one
from verifier.apis.configured import interpreter_here
from verifier.apis.judge import outcome
from verifier.apis.source import load_observer, load_observers
from verifier.apis.targets.interpreter import Ask
from verifier.apis.targets.many import Wanted, in_environment, in_file, named, without_repeats
from verifier.codes import Severity
from verifier.config import Asked, Config, Given
from verifier.errors import Exit, UserError
from verifier.model import Outcome, Refused, Report, Target, TargetReport

Draw = Callable[[TargetReport], str]


class Progress(Protocol):
    """Told how far a run has come."""

    def of_modules(self, target: Target, done: int, total: int, module: str) -> None:
        """How many modules of the one target are done, of how many, and which is at hand."""

    def of_targets(self, done: int, total: int, target: str) -> None:
        """How many targets are done, of how many, and which is at hand."""


def targets_of(asked: Asked, given: Given, ask: Ask) -> tuple[Wanted, ...]:
    """All targets that are meant, each once. Raises UserError where nobody can tell what a list holds."""
    return without_repeats(_every(asked, given, ask))


def _every(asked: Asked, given: Given, ask: Ask) -> Iterator[Wanted]:
    yield from named(asked.targets)
    if asked.requirements or asked.all_installed:
        interpreter = interpreter_here(given, ask)
        for file in asked.requirements:
            yield from in_file(file, interpreter)
        if asked.all_installed:
            yield from in_environment(interpreter)


def remembering(ask: Ask) -> Ask:
    """The same, and each interpreter is asked once; also for the processes that are forked later."""
    return cache(ask)


def look_at_each(
    wanted: Sequence[Wanted], given: Given, draw: Draw, ask: Ask, progress: Progress
) -> Generator[Outcome]:
    """What becomes of each target, in their order, and each as soon as those before it are told.

    As many are looked at at a time as there may be imports. However the iterator is left, nothing is left running.
    """
    if len(wanted) == 1:
        yield _look_at(wanted[0], partial(verify_one, given=given, progress=progress.of_modules), draw)
        return
    from verifier.apis.workers import Work, Workers  # noqa: PLC0415  multiprocessing, which one target does without

    load_observer()
    if any(each.of is None for each in wanted):
        with suppress(UserError):  # whoever needs it will tell
            interpreter_here(given, ask)
    gc.freeze()

    def look(number: int, jobs: int) -> Outcome:
        sharing = replace(given, said={**given.said, "jobs": jobs})
        return _look_at(wanted[number], partial(verify_one, given=sharing, ask=ask), draw)

    def failed(number: int, refused: Refused) -> Outcome:
        return Outcome(asked=wanted[number].asked, exit=Exit.BUG, refused=refused)

    jobs = given.said.get("jobs", Config().jobs)
    work = Work(names=[each.asked for each in wanted], do=look, failed=failed)
    with Workers(work, jobs, progress.of_targets) as workers:
        load_observers()  # what most of them need, too, while the first ones are at work
        graph.load_library()
        for number in range(len(wanted)):
            yield workers.value(number)


def _look_at(wanted: Wanted, verify: Callable[[Wanted], TargetReport], draw: Draw) -> Outcome:
    """What becomes of one target. Raises what is a bug of ours, and no UserError."""
    try:
        shown = verify(wanted)
    except UserError as error:
        return Outcome(
            asked=wanted.asked,
            exit=error.exit,
            is_passed_over=wanted.is_listed and error.is_sound,
            refused=Refused(what=error.what, where=error.where, fix=error.fix),
        )
    code = outcome(Report(targets=(shown,)))
    return Outcome(
        asked=wanted.asked,
        exit=code,
        is_passed_over=wanted.is_listed and code is Exit.NOTHING,
        name=shown.target.name,
        version=shown.target.version,
        apis=len(shown.verdicts),
        verified=sum(verdict.verified for verdict in shown.verdicts),
        errors=sum(cause.code.severity is Severity.ERROR for cause in shown.causes),
        drawn=draw(shown),
    )


def exit_of(outcomes: Iterable[Outcome]) -> Exit:
    """The exit code of a run: that of the worst that could not be looked at, else of the worst that was found."""
    counted = [each for each in outcomes if not each.is_passed_over]
    if refused := [each.exit for each in counted if each.refused]:
        return max(refused)
    codes = {each.exit for each in counted}
    if Exit.FINDING in codes:
        return Exit.FINDING
    return Exit.NOTHING if Exit.NOTHING in codes or not codes else Exit.OK
