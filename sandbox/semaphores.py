"""Named semaphores, of which `multiprocessing` makes its locks: given in the scratch folder instead of `/dev/shm`.

The C library makes a file there, links it to its name, maps it, and takes the name away (sem_open(3)). To refuse that
would break modules that make a lock at import, and `/dev/shm` is everybody's. So the supervisor does in the process's
place what was asked for, and hands over the open file. It acts on its own copy of the path, in a folder that no module
can write to: a caller that changes its memory meanwhile, or leaves links about, changes nothing.
"""

from __future__ import annotations

import errno
import fcntl
import os

from . import kernel
from .attempts import as_int, path_of

PLACE = "/dev/shm/"  # noqa: S108  a name to compare with
MARK = "sem."
FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL


def names(thread: int, call: str | None, arguments: tuple[int, ...]) -> tuple[str, ...] | None:
    """The semaphores that a call is about, the goal last; None if it is about anything else."""
    places = CALLS.get(call or "")
    if places is None:
        return None
    found = [path_of(thread, arguments, *place) or "" for place in places]
    short = tuple(path[len(PLACE) :] for path in found if path.startswith(PLACE + MARK))
    return short if len(short) == len(found) and not any("/" in name for name in short) else None


CALLS: dict[str, tuple[tuple[int | None, int | None], ...]] = {
    "open": ((None, 0),),
    "openat": ((0, 1),),
    "link": ((None, 0), (None, 1)),
    "linkat": ((0, 1), (2, 3)),
    "unlink": ((None, 0),),
    "unlinkat": ((0, 1),),
}
FLAGS_ARGUMENT = {"open": 1, "openat": 2}


class Call:
    """A held-back call on semaphores, to be answered in `folder`."""

    def __init__(self, listener: int, ident: int, call: str, arguments: tuple[int, ...], folder: str) -> None:
        self._listener = listener
        self._ident = ident
        self._call = call
        self._arguments = arguments
        self._folder = folder

    def answer(self, short: tuple[str, ...]) -> tuple[int, int]:
        """Do what was asked for: the value that the call returns, and its error or 0."""
        own = [self._folder + "/" + name for name in short]
        try:
            os.makedirs(self._folder, exist_ok=True)
            if self._call in FLAGS_ARGUMENT:
                flags = as_int(self._arguments[FLAGS_ARGUMENT[self._call]]) & FLAGS
                return self._hand_over(os.open(own[0], flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)), 0
            if self._call.startswith("link"):
                os.link(own[0], own[1])
            else:
                os.unlink(own[0])
        except OSError as refused:
            return 0, refused.errno or errno.EPERM
        return 0, 0

    def _hand_over(self, descriptor: int) -> int:
        """The number that the open file gets in the caller."""
        wanted = bytearray(kernel.added_descriptor(self._ident, descriptor))
        try:
            return int(fcntl.ioctl(self._listener, kernel.NOTIFY_ADD_DESCRIPTOR, wanted, True))
        finally:
            os.close(descriptor)
