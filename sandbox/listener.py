"""The kernel's reporter: what the tree tried and was refused, also by C code (seccomp_unotify(2)).

What is read from the memory of the caller may change while we look. It serves the report and never the decision.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SIZE_OF_NOTIFICATION = 80
FORKS = {"fork", "vfork", "clone"}
SIGNALS = {"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"}
KINDS = {
    **dict.fromkeys(FORKS, "fork"),
    **dict.fromkeys(SIGNALS, "signal"),
    "pidfd_send_signal": "signal",
    "execve": "exec",
    "execveat": "exec",
    "connect": "connect",
    "bind": "bind",
    "sendto": "send",
    "socket": "socket",
    "truncate": "write",
}
METADATA = ("chmod", "chown", "utim", "xattr")
ADDRESS_ARGUMENT = {"connect": (1, 2), "bind": (1, 2), "sendto": (4, 5)}
LONGEST_ADDRESS = 128
UNIX, INET, INET6 = 1, 2, 10


class Listener:
    """Answers the calls that the filter holds back.

    `allow_fork(process)` says whether a process of the tree may fork now; `report(process, kind, target)` is told of
    each refused call.
    """

    def __init__(
        self, descriptor: int, allow_fork: Callable[[int], bool], report: Callable[[int, str, str], None]
    ) -> None:
        self.descriptor = descriptor
        self._allow_fork = allow_fork
        self._report = report

    def serve(self) -> None:
        """Answer one waiting call."""
        data = bytearray(SIZE_OF_NOTIFICATION)
        try:
            fcntl.ioctl(self.descriptor, kernel.NOTIFY_RECEIVE, data, True)
        except OSError as gone:
            if gone.errno in (errno.ENOENT, errno.EINTR):  # the caller was killed in the meantime
                return
            raise
        ident, thread, call, arguments = kernel.notification(data)
        process = process_of(thread)
        refuse = not self._may(process, call, arguments)
        if refuse:
            self._tell(process, *attempt(thread, call, arguments))  # while the caller waits: its next words come later
        try:
            fcntl.ioctl(
                self.descriptor, kernel.NOTIFY_SEND, bytearray(kernel.notification_reply(ident, errno.EPERM * refuse))
            )
        except OSError as gone:
            if gone.errno not in (errno.ENOENT, errno.EINTR):
                raise

    def _tell(self, process: int, kind: str, target: str) -> None:
        if target != NAME_SERVICE_CACHE:
            self._report(process, kind, target)

    def _may(self, process: int, call: str | None, arguments: tuple[int, ...]) -> bool:
        if call in FORKS:
            return self._allow_fork(process)
        return call in SIGNALS and call != "tkill" and arguments[0] == process


# any look-up of a user by the C library asks for it; the module has no say in that
NAME_SERVICE_CACHE = "/var/run/nscd/socket"


def process_of(thread: int) -> int:
    """The process that a thread belongs to; 0 if it has ended."""
    try:
        with open("/proc/%d/status" % thread, encoding="ascii", errors="replace") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("Tgid:"))
    except (OSError, StopIteration, ValueError):
        return 0


def attempt(thread: int, call: str | None, arguments: tuple[int, ...]) -> tuple[str, str]:
    """Kind and target of a refused call, as far as it can be told."""
    kind = KINDS.get(call or "")
    if kind is None:
        return ("metadata", "") if any(word in (call or "") for word in METADATA) else ("kernel", call or "?")
    if call == "socket":
        return kind, "family %d" % (arguments[0] & 0xFFFFFFFF)
    if call in ADDRESS_ARGUMENT:
        pointer, length = (arguments[index] for index in ADDRESS_ARGUMENT[call])
        return kind, address(memory(thread, pointer, min(length, LONGEST_ADDRESS)))
    return kind, ""


def memory(thread: int, pointer: int, length: int) -> bytes:
    """Bytes of the caller's memory; empty if it cannot be read."""
    try:
        with open("/proc/%d/mem" % thread, "rb", buffering=0) as source:
            source.seek(pointer)
            return source.read(length)
    except (OSError, ValueError, OverflowError):
        return b""


def address(data: bytes) -> str:
    """A `struct sockaddr` as people write it."""
    if len(data) < 2:
        return ""
    family = struct.unpack_from("=H", data)[0]
    if family == UNIX:
        path = data[2:]
        return "@" + path[1:].decode("utf-8", "replace") if path[:1] == b"\0" else os.fsdecode(path.split(b"\0")[0])
    if family == INET and len(data) >= 8:
        return "%d.%d.%d.%d:%d" % (*data[4:8], struct.unpack_from("!H", data, 2)[0])
    if family == INET6 and len(data) >= 24:
        import socket  # noqa: PLC0415

        return "%s:%d" % (socket.inet_ntop(socket.AF_INET6, data[8:24]), struct.unpack_from("!H", data, 2)[0])
    return "family %d" % family
