"""Processes that each do one piece of work: started in order, some at the same time, ended with the run."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import current_process, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import IO, Generic, Self, TypeVar, cast

from msgspec import Struct

from verifier.apis import runner
from verifier.model import Refused

MOST_WAITING = 200
"""Results that are there, and wait for one before them; each keeps a file open."""
STOP = frozenset({signal.SIGINT, signal.SIGTERM})
GOODBYE_SECONDS = 2 * runner.GOODBYE_SECONDS

T = TypeVar("T")


class Work(Struct, Generic[T], frozen=True, kw_only=True):
    """Pieces of work that do not need each other."""

    names: Sequence[str]
    """What people call each piece."""
    do: Callable[[int, int], T]
    """Does a piece, by its number, with so many imports at a time. Its value has to be picklable."""
    failed: Callable[[int, Refused], T]
    """The value of a piece whose process has died, or met a bug of ours."""


class _Worker(Struct, frozen=True):
    """A process that does one piece, and the file for its value."""

    number: int
    process: BaseProcess
    file: IO[bytes]


class Workers(Generic[T]):
    """Starts them in order, no more than there may be at a time; ends them all with the context.

    There may be `jobs` imports in all; `tell` is told how many pieces are done, of how many, and which is at hand.
    """

    def __init__(self, work: Work[T], jobs: int, tell: Callable[[int, int, str], None]) -> None:
        self._work, self._jobs, self._tell = work, jobs, tell
        self._ahead = deque(range(len(work.names)))
        self._running: dict[int, _Worker] = {}
        self._ended: dict[int, tuple[IO[bytes], int]] = {}

    def __enter__(self) -> Self:
        self._start(0)
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._running.values():
            worker.process.terminate()
        for worker in self._running.values():
            worker.process.join(GOODBYE_SECONDS)
            worker.process.kill()
            worker.process.join()

    def value(self, number: int) -> T:
        """The value of a piece, when it is there; those before it must have been asked for."""
        self._start(number)
        while number not in self._ended:
            for sentinel in wait(self._running):
                worker = self._running.pop(cast("int", sentinel))
                self._ended[worker.number] = worker.file, _code(worker.process)
            self._start(number)
        found = _read(*self._ended.pop(number), self._work.names[number])
        return self._work.failed(number, found) if isinstance(found, Refused) else cast("T", found)

    def _start(self, number: int) -> None:
        while self._ahead and len(self._running) < self._jobs and self._ahead[0] < number + MOST_WAITING:
            worker = self._started(self._ahead.popleft())
            self._running[worker.process.sentinel] = worker
        names = self._work.names
        done = len(names) - len(self._ahead) - len(self._running)
        for oldest in list(self._running.values())[:1]:
            self._tell(done, len(names), names[oldest.number])

    def _started(self, number: int) -> _Worker:
        at_once = min(self._jobs, len(self._running) + len(self._ahead) + 1)
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is read
        do = partial(self._work.do, number, self._jobs // at_once)
        process = get_context("fork").Process(target=_work, args=(do, self._work.names[number], file), daemon=True)
        with _held(STOP):
            process.start()
        return _Worker(number, process, file)


def is_worker() -> bool:
    """Whether this is one of these processes, which start none themselves."""
    return current_process().daemon


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


def _read(file: IO[bytes], code: int, name: str) -> object:
    """What a process has written of itself; a refusal where it has died before it could."""
    with file:
        file.seek(0)
        try:
            return pickle.load(file)  # noqa: S301  a file without a name, which our own process has written
        except (EOFError, pickle.UnpicklingError):  # less than all of it is there
            return _dead(name, code)


def _dead(name: str, code: int) -> Refused:
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return Refused(
        what=f"the process that looked at {name} was ended {how}",
        fix="see whether the machine has run out of memory; try it alone, or with fewer --jobs",
    )


# --- within such a process --------------------------------------------------------------------------------------------


def _work(do: Callable[[], object], name: str, file: IO[bytes]) -> None:
    """Life of a process: do it, write what became of it, end. SIGTERM stops it, and it goes with its parent."""
    threading.Thread(target=_go_with_parent, daemon=True).start()  # which no signal goes to: they are held yet
    signal.signal(signal.SIGINT, _pass)  # a terminal sends it to all; the parent decides
    signal.signal(signal.SIGTERM, _stop)
    with suppress(KeyboardInterrupt):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
        file.write(pickle.dumps(_done(do, name)))
        file.flush()


def _done(do: Callable[[], object], name: str) -> object:
    try:
        return do()
    except Exception as bug:  # noqa: BLE001  the others must not suffer; the command tells of it as a bug
        return Refused(what=f"{type(bug).__name__}: {bug}", where=name, trace=traceback.format_exc())


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
