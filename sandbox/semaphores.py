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
from .attempts import as_int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .attempts import Call

PLACE = "/dev/shm/"  # noqa: S108  a name to compare with
MARK = "sem."
FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL
FLAGS_ARGUMENT = {"open": 1, "openat": 2}
CALLS = {*FLAGS_ARGUMENT, "link", "linkat", "unlink", "unlinkat"}


def names(call: Call) -> list[str] | None:
    """The semaphores that a call is about, the goal first; None if it is about anything else as well."""
    if call.name not in CALLS:
        return None
    short = [path[len(PLACE) :] for path in call.paths if path and path.startswith(PLACE + MARK)]
    return short if len(short) == len(call.paths) and not any("/" in name for name in short) else None


def answer(listener: int, call: Call, short: list[str], folder: str) -> tuple[int, int]:
    """Do in `folder` what was asked for: the value that the call returns, and its error or 0."""
    goal, *source = [folder + "/" + name for name in short]
    try:
        os.makedirs(folder, exist_ok=True)
        if call.name in FLAGS_ARGUMENT:
            flags = as_int(call.arguments[FLAGS_ARGUMENT[call.name]]) & FLAGS
            return hand_over(listener, call, os.open(goal, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)), 0
        if source:
            os.link(source[0], goal)
        else:
            os.unlink(goal)
    except OSError as refused:
        return 0, refused.errno or errno.EPERM
    return 0, 0


def hand_over(listener: int, call: Call, descriptor: int) -> int:
    """The number that the open file gets in the caller."""
    wanted = bytearray(kernel.added_descriptor(call.ident, descriptor))
    try:
        return int(fcntl.ioctl(listener, kernel.NOTIFY_ADD_DESCRIPTOR, wanted, True))
    finally:
        os.close(descriptor)
