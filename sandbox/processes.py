"""Processes from outside: what they hold, and how they are ended."""

from __future__ import annotations

import os
import signal
import time

PAGE = os.sysconf("SC_PAGE_SIZE")
BLOCK = 512
ENTRY = 64 << 10
"""What an entry counts for at least: it takes an inode, and the supervisor's time, which walks over all of them."""
DELETED, IN_MEMORY = " (deleted)", "/memfd:"


def held(pid: int | None) -> int:
    """Bytes that a process holds: memory, shared memory too, and files that have no name, so that only it has them."""
    return resident(pid) + nameless(pid)


def resident(pid: int | None) -> int:
    """Bytes of memory that are in use, shared ones included; 0 if it cannot be told."""
    if pid is None:
        return 0
    try:
        with open("/proc/%d/statm" % pid, encoding="ascii") as numbers:
            return int(numbers.read().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return 0


def threads_of(pid: int | None) -> int:
    """How many threads a process has; 0 if it cannot be told."""
    try:
        return len(os.listdir("/proc/%s/task" % pid))
    except OSError:
        return 0


def nameless(pid: int | None) -> int:
    """Bytes in the open files that have been deleted, or never had a name (memfd_create(2))."""
    folder = "/proc/%s/fd" % pid
    total = 0
    try:
        for number in os.listdir(folder):
            path = folder + "/" + number
            link = os.readlink(path)
            if link.endswith(DELETED) or link.startswith(IN_MEMORY):
                total += os.stat(path).st_blocks * BLOCK
    except OSError:
        pass  # it has ended, or closed one meanwhile
    return total


def stored(folder: str) -> int:
    """Bytes of disk that everything below a folder takes; many small entries count, too."""
    total = 0
    try:
        for entry in os.scandir(folder):
            total += max(entry.stat(follow_symlinks=False).st_blocks * BLOCK, ENTRY)
            if entry.is_dir(follow_symlinks=False):
                total += stored(entry.path)
    except (OSError, RecursionError):
        pass
    return total


def kill(pid: int | None) -> None:
    """End a process that may have ended already."""
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def await_end(pid: int | None) -> int | None:
    """How a child has ended (waitpid(2)) that is about to; None if it goes on, or is no child."""
    deadline = time.monotonic() + 1
    try:
        while pid is not None and time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return status
            time.sleep(0.001)
    except ChildProcessError:
        pass
    return None


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
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    return [number for number in numbers if parent_of(number) == os.getpid()]


def is_child(pid: int, parent: int | None) -> bool:
    """Whether the process is a child of the other; taken on trust where the system does not tell."""
    return parent_of(pid) == parent or not os.path.isdir("/proc/self")


def parent_of(pid: int) -> int | None:
    """The number of a process's parent; None if it has ended, or where the system does not tell."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None
