"""Wall time and peak memory of one command."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One command, or the medians of several runs of it."""

    seconds: float
    """Wall clock."""
    megabytes: float
    """Largest resident set of a single process among the command and what it has waited for, in MiB."""
    code: int
    output: str
    """Its standard output."""
    errors: str
    """Its standard error."""


def measure(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, limit: float = 600.0) -> Measured:
    """Run `command` once. It is killed after `limit` seconds; its code is then negative."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        alarm = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
        return Measured(
            seconds=seconds,
            megabytes=usage.ru_maxrss / 1024,
            code=process.returncode,
            output=_text(output),
            errors=_text(errors),
        )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def median_of(runs: Sequence[Measured]) -> Measured:
    """Median time and memory; code and outputs of the last run."""
    return Measured(
        seconds=median(run.seconds for run in runs),
        megabytes=median(run.megabytes for run in runs),
        code=runs[-1].code,
        output=runs[-1].output,
        errors=runs[-1].errors,
    )
