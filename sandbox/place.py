"""The sandbox's own folder among the temporary files, and those that a run has left that was killed outright."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time

PREFIX = "verify-apis-run-"
YOUNG = 10.0
"""Seconds in which a folder may not be locked yet."""


def make() -> tuple[str, int]:
    """A new folder, and the descriptor whose lock says that somebody is at work there, as long as it is open."""
    clear_stale(tempfile.gettempdir())
    place = os.path.realpath(tempfile.mkdtemp(prefix=PREFIX))
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return place, descriptor


def clear_stale(folder: str) -> None:
    """Remove what runs have left whose supervisor was killed: their folders are ours, and nobody holds the lock."""
    try:
        names = [name for name in os.listdir(folder) if name.startswith(PREFIX)]
    except OSError:
        return
    for name in names:
        if is_stale(path := os.path.join(folder, name)):
            shutil.rmtree(path, ignore_errors=True)


def is_stale(path: str) -> bool:
    """Whether a folder was left behind."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        state = os.fstat(descriptor)
        own = state.st_uid == os.geteuid() and stat.S_IMODE(state.st_mode) == 0o700
        if not own or time.time() - state.st_mtime < YOUNG:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
