"""Wall time, CPU time and peak memory of one command and of all that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tree import below, resident

BETWEEN_SAMPLES = 0.01
"""Seconds. What lives for less may be missed."""
SHARE = 9
"""A pause is at least so many times as long as a sample takes, so that sampling does not slow what it looks at."""
SAMPLED = 60.0
"""Seconds after which nobody samples any more: so the time of what takes much longer may count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of a command came to."""

    seconds: float
    """Wall clock."""
    cpu: float
    """User and system seconds of the command and of every process that it, or one below it, has waited for."""
    code: int
    """Its exit code; negative where a signal ended it, as one does after the time limit."""
    output: str
    """Its standard output."""
    errors: str
    """Its standard error."""
    peak: float | None = None
    """MiB that the whole process tree held at its largest sample (see `tree.resident`); None if nobody sampled."""


@dataclass(slots=True)
class _Watch:
    peak: float | None = None


def measure(  # noqa: PLR0913  what a process is started with
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    limit: float = 600.0,
    told: str = "",
    sample: bool = False,
) -> Run:
    """Run `command` once, with `told` on its standard input. All of it is killed after `limit` seconds.

    With `sample` its memory is watched for a minute, which costs it some time: a run of less is none to time.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, _holding(told) as given:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(env), cwd=cwd, stdin=given, stdout=output, stderr=errors, start_new_session=True
        )
        alarm = threading.Timer(limit, _kill_tree, (process.pid,))
        alarm.start()
        with _watching(process.pid, sample=sample) as watch:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
        return Run(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            code=process.returncode,
            output=_text(output),
            errors=_text(errors),
            peak=watch.peak,
        )


@contextmanager
def _holding(text: str) -> Iterator[IO[bytes]]:
    """A file with `text`, to be read from its start."""
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        yield file


@contextmanager
def _watching(pid: int, *, sample: bool) -> Iterator[_Watch]:
    """Sample the memory of the tree below `pid` for as long as the context lasts."""
    watch, over = _Watch(), threading.Event()

    def look() -> None:
        pause, end = BETWEEN_SAMPLES, time.perf_counter() + SAMPLED
        while not over.wait(pause) and time.perf_counter() < end:
            begin = time.perf_counter()
            held = [resident(each) for each in (pid, *below(pid))]
            watch.peak = max(watch.peak or 0.0, sum(held))
            pause = max(BETWEEN_SAMPLES, SHARE * (time.perf_counter() - begin))

    thread = threading.Thread(target=look)
    if sample and Path("/proc/self/statm").exists():
        thread.start()
    try:
        yield watch
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()


def _kill_tree(pid: int) -> None:
    """Parents first: none goes on after its child. Not by a signal to the group: peers start sessions of their own."""
    for each in (pid, *below(pid)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
