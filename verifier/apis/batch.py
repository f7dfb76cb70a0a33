"""Several targets in one run: each in a process of its own, some at the same time, told in their order.

The processes are forked, so that what all of them need is loaded, and asked of an interpreter, once; each ends with its
target, so that memory does not grow with their number, and one that dies takes nothing along.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import IO, Protocol, Self, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from verifier.apis import graph, runner, verify_one
from verifier.apis.configured import interpreter_here
from verifier.apis.judge import outcome
from verifier.apis.source import load_observer
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


MOST_WAITING = 200
"""Reports that are drawn, and wait for one before them; each keeps a file open."""
STOP = frozenset({signal.SIGINT, signal.SIGTERM})
GOODBYE_SECONDS = 2 * runner.GOODBYE_SECONDS


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
    load_observer()
    if any(each.of is None for each in wanted):
        with suppress(UserError):  # whoever needs it will tell
            interpreter_here(given, ask)
    gc.freeze()
    with _Workers(wanted, given, draw, ask, progress) as workers:
        for number in range(len(wanted)):
            yield workers.outcome(number)


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


# --- the processes ----------------------------------------------------------------------------------------------------


class _Worker(Struct, frozen=True):
    """A process that looks at one target, and the file for what becomes of it."""

    number: int
    process: BaseProcess
    file: IO[bytes]


class _Workers:
    """Starts them in order, no more than there may be at a time; ends them all with the context."""

    def __init__(self, wanted: Sequence[Wanted], given: Given, draw: Draw, ask: Ask, progress: Progress) -> None:
        self._wanted = wanted
        self._given, self._draw, self._ask, self._progress = given, draw, ask, progress
        self._jobs = given.said.get("jobs", Config().jobs)
        self._ahead = deque(range(len(wanted)))
        self._running: dict[int, _Worker] = {}
        self._ended: dict[int, tuple[IO[bytes], int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._running.values():
            worker.process.terminate()
        for worker in self._running.values():
            worker.process.join(GOODBYE_SECONDS)
            worker.process.kill()
            worker.process.join()

    def outcome(self, number: int) -> Outcome:
        """What has become of a target, when it has; those before it must have been asked for."""
        self._start(number)
        graph.load_library()  # what most of them need, too, while the first ones are at work
        while number not in self._ended:
            for sentinel in wait(self._running):
                worker = self._running.pop(cast("int", sentinel))
                self._ended[worker.number] = worker.file, _code(worker.process)
            self._start(number)
        return _read(*self._ended.pop(number), self._wanted[number].asked)

    def _start(self, number: int) -> None:
        while self._ahead and len(self._running) < self._jobs and self._ahead[0] < number + MOST_WAITING:
            worker = self._started(self._ahead.popleft())
            self._running[worker.process.sentinel] = worker
        self._tell()

    def _started(self, number: int) -> _Worker:
        at_once = min(self._jobs, len(self._running) + len(self._ahead) + 1)
        given = replace(self._given, said={**self._given.said, "jobs": self._jobs // at_once})
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is read
        look = partial(_look_at, self._wanted[number], partial(verify_one, given=given, ask=self._ask), self._draw)
        process = get_context("fork").Process(target=_work, args=(look, self._wanted[number].asked, file), daemon=True)
        with _held(STOP):
            process.start()
        return _Worker(number, process, file)

    def _tell(self) -> None:
        done = len(self._wanted) - len(self._ahead) - len(self._running)
        for oldest in list(self._running.values())[:1]:
            self._progress.of_targets(done, len(self._wanted), self._wanted[oldest.number].asked)


@contextmanager
def _held(signals: Iterable[signal.Signals]) -> Iterator[None]:
    """Signals that come meanwhile come afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _code(process: BaseProcess) -> int:
    """The exit code of a process that has ended; what it held of ours is let go."""
    process.join()
    code = process.exitcode or 0
    process.close()
    return code


def _read(file: IO[bytes], code: int, asked: str) -> Outcome:
    with file:
        file.seek(0)
        try:
            return msgspec.convert(json.load(file), Outcome)
        except ValueError:  # less than all of it is there
            return _dead(asked, code)


def _dead(asked: str, code: int) -> Outcome:
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    refused = Refused(
        what=f"the process that looked at {asked} was ended {how}",
        fix="see whether the machine has run out of memory; try it alone, or with fewer --jobs",
    )
    return Outcome(asked=asked, exit=Exit.BUG, refused=refused)


# --- within such a process --------------------------------------------------------------------------------------------


def _work(look: Callable[[], Outcome], asked: str, file: IO[bytes]) -> None:
    """Life of a process: look, write what became of it, end. SIGTERM stops it, and it goes with its parent."""
    threading.Thread(target=_go_with_parent, daemon=True).start()  # which no signal goes to: they are held yet
    signal.signal(signal.SIGINT, _pass)  # a terminal sends it to all; the parent decides
    signal.signal(signal.SIGTERM, _stop)
    with suppress(KeyboardInterrupt):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        # a path may hold what is no text, which only this encoder can write
        file.write(json.dumps(msgspec.to_builtins(_looked(look, asked))).encode("ascii"))
        file.flush()


def _looked(look: Callable[[], Outcome], asked: str) -> Outcome:
    try:
        return look()
    except Exception as bug:  # noqa: BLE001  the others must not suffer; the command tells of it as a bug
        refused = Refused(what=f"{type(bug).__name__}: {bug}", where=asked, trace=traceback.format_exc())
        return Outcome(asked=asked, exit=Exit.BUG, refused=refused)


def _pass(*_: object) -> None:
    pass


def _stop(*_: object) -> None:
    """Leave as after an interrupt: all that was begun is cleaned up. Once: not in the middle of that."""
    signal.signal(signal.SIGTERM, _pass)
    raise KeyboardInterrupt


def _go_with_parent() -> None:
    """End at once when the parent has: the sandbox sees that, and cleans up."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
