"""What a fresh interpreter says of one module: the truth that everything else is measured against.

Unlike the tool itself this is not confined: it really imports packages, each time in an empty temporary folder.
"""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = """
import sys
answer_to, module, names = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
sys.argv = ["-c"]
answer = {"error": None, "message": "", "has": {}}
try:
    __import__(module)
    found = sys.modules[module]
except BaseException as error:
    answer["error"] = type(error).__name__
    try:
        answer["message"] = str(error)[:300]
    except BaseException:
        pass
else:
    for name in names:
        try:
            __import__(module, None, None, [name])
            getattr(found, name)
        except BaseException as error:
            answer["has"][name] = False
        else:
            answer["has"][name] = True
import os
os.write(answer_to, ascii(answer).encode())
os._exit(0)
"""
"""Needs `sys` alone before the import, and nothing of the module after it. Ends at once: a thread that the module has
left behind keeps nobody waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """One module in one fresh interpreter."""

    error: str | None
    """The exception's class; `Exited`, `Crashed`, `Timeout` where the process ended without one; None if it imports."""
    message: str = ""
    has: Mapping[str, bool] = field(default_factory=dict)
    """Whether `from module import name` succeeds, for each name that was asked for: a submodule counts."""


def ask(python: Path, module: str, names: Sequence[str] = (), *, seconds: float = 60.0) -> Fresh:
    """Import `module` under `python -I -B` in an empty folder with an empty home, and look up `names`."""
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [str(python.absolute()), "-I", "-B", "-c", PROGRAM, str(answer.fileno()), module, *names],
            cwd=empty,
            env={"PATH": os.defpath, "HOME": empty, "TMPDIR": empty, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(answer.fileno(),),
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return Fresh(error="Timeout", message=f"longer than {seconds:g} s")
        finally:
            _end_session(process)
        answer.seek(0)
        return _told(answer.read().decode("ascii"), code)


def _end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill what the module may have started, and itself if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _told(answer: str, code: int) -> Fresh:
    if not answer:
        return Fresh(error="Crashed" if code < 0 else "Exited", message=f"exit code {code}")
    told = ast.literal_eval(answer)
    return Fresh(error=told["error"], message=told["message"], has=told["has"])
