"""Processes that each look at one target: started in order, some at the same time, ended with the run."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import IO, Self, cast

import msgspec
from msgspec import Struct

from verifier.apis import graph, runner
from verifier.errors import Exit
from verifier.model import Outcome, Refused

Look = Callable[[int, int], Outcome]
Tell = Callable[[int, int, str], None]
MOST_WAITING = 200
"""Reports that are drawn, and wait for one before them; each keeps a file open."""
STOP = frozenset({signal.SIGINT, signal.SIGTERM})
GOODBYE_SECONDS = 2 * runner.GOODBYE_SECONDS


class _Worker(Struct, frozen=True):
    """A process that looks at one target, and the file for what becomes of it."""

    number: int
    process: BaseProcess
    file: IO[bytes]


class Workers:
    """Starts them in order, no more than there may be at a time; ends them all with the context.

    `names` are those of the targets; `look` looks at one by its number, with so many imports at a time; there may
    be `jobs` imports in all; `tell` is told how many targets are done, of how many, and which is at hand.
    """

    def __init__(
        self,
        names: Sequence[str],
        look: Callable[[int, int], Outcome],
        jobs: int,
        tell: Callable[[int, int, str], None],
    ) -> None:
        self._names, self._look, self._jobs, self._tell = names, look, jobs, tell
        self._ahead = deque(range(len(names)))
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
        return _read(*self._ended.pop(number), self._names[number])

    def _start(self, number: int) -> None:
        while self._ahead and len(self._running) < self._jobs and self._ahead[0] < number + MOST_WAITING:
            worker = self._started(self._ahead.popleft())
            self._running[worker.process.sentinel] = worker
        done = len(self._names) - len(self._ahead) - len(self._running)
        for oldest in list(self._running.values())[:1]:
            self._tell(done, len(self._names), self._names[oldest.number])

    def _started(self, number: int) -> _Worker:
        at_once = min(self._jobs, len(self._running) + len(self._ahead) + 1)
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is read
        look = partial(self._look, number, self._jobs // at_once)
        process = get_context("fork").Process(target=_work, args=(look, self._names[number], file), daemon=True)
        with _held(STOP):
            process.start()
        return _Worker(number, process, file)


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
