"""Processes from outside: what they hold, and how they are ended."""

from __future__ import annotations

import os
import signal
import time

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int | None) -> int:
    """Bytes of memory that a process holds, shared ones included; 0 if it cannot be told."""
    if pid is None:
        return 0
    try:
        with open("/proc/%d/statm" % pid, encoding="ascii") as numbers:
            return int(numbers.read().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return 0


def kill(pid: int | None) -> None:
    """End a process that may have ended already."""
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def sweep() -> None:
    """End every process below this one: the subreaper inherits all that lose their parent."""
    deadline = time.monotonic() + 5
    while not none_left() and time.monotonic() < deadline:
        for pid in children():
            kill(pid)
        time.sleep(0.001)


def none_left() -> bool:
    """Reap what has ended; whether that was all."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def children() -> list[int]:
    """The processes whose parent is this one."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="ascii", errors="replace") as stat:
                    parent = stat.read().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if parent == str(os.getpid()):
                found.append(int(name))
    return found
