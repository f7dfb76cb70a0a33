"""What a call that the kernel held back was about, read from outside of the process that made it (proc(5)).

What is read from the memory of the caller may change while we look. It serves the report and never the decision.
"""

from __future__ import annotations

import os
import struct

from .observe import NO_EFFECT, shown

AT_FDCWD = -100
LONGEST_PATH = 4096
LONGEST_ADDRESS = 128
UNIX, INET, INET6 = 1, 2, 10
FORKS = {"fork", "vfork", "clone"}
SIGNALS = {"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"}
KINDS = {
    **dict.fromkeys(FORKS, "fork"),
    **dict.fromkeys(SIGNALS, "signal"),
    "pidfd_send_signal": "signal",
    "connect": "connect",
    "bind": "bind",
    "sendto": "send",
    "socket": "socket",
}
ADDRESS_ARGUMENT = {"connect": (1, 2), "bind": (1, 2), "sendto": (4, 5)}
# call: (kind, places of paths in its arguments: that of the folder's descriptor or None, that of the path or None). Of
# two paths the goal comes first.
PATHS: dict[str, tuple[str, tuple[tuple[int | None, int | None], ...]]] = {
    **dict.fromkeys(("open", "creat", "truncate", "mknod"), ("write", ((None, 0),))),
    **dict.fromkeys(("openat", "mknodat"), ("write", ((0, 1),))),
    **dict.fromkeys(("unlink", "rmdir"), ("delete", ((None, 0),))),
    "unlinkat": ("delete", ((0, 1),)),
    "mkdir": ("mkdir", ((None, 0),)),
    "mkdirat": ("mkdir", ((0, 1),)),
    "rename": ("rename", ((None, 1), (None, 0))),
    **dict.fromkeys(("renameat", "renameat2"), ("rename", ((2, 3), (0, 1)))),
    "symlink": ("link", ((None, 1),)),
    "symlinkat": ("link", ((1, 2),)),
    "link": ("link", ((None, 1), (None, 0))),
    "linkat": ("link", ((2, 3), (0, 1))),
    **dict.fromkeys(
        (
            "chmod", "chown", "lchown", "utime", "utimes", "setxattr", "lsetxattr", "removexattr", "lremovexattr",
        ),
        ("metadata", ((None, 0),)),
    ),
    **dict.fromkeys(
        ("fchmodat", "fchmodat2", "fchownat", "futimesat", "utimensat", "setxattrat", "removexattrat"),
        ("metadata", ((0, 1),)),
    ),
    **dict.fromkeys(("fchmod", "fchown", "fsetxattr", "fremovexattr"), ("metadata", ((0, None),))),
    "execve": ("exec", ((None, 0),)),
    "execveat": ("exec", ((0, 1),)),
}  # fmt: skip


class Call:
    """A call that the kernel holds back: its number there, who makes it, its name and arguments, the paths it is about.

    A path is absolute, and None where it cannot be read.
    """

    def __init__(self, ident: int, thread: int, name: str, arguments: tuple[int, ...]) -> None:
        self.ident = ident
        self.thread = thread
        self.process = process_of(thread)
        self.name = name
        self.arguments = arguments
        self.paths = [self._path(*place) for place in PATHS[name][1]] if name in PATHS else []

    def _path(self, folder: int | None, path: int | None) -> str | None:
        name = ""
        if path is not None:
            name = os.fsdecode(memory(self.thread, self.arguments[path], LONGEST_PATH).partition(b"\0")[0])
            if not name and folder is None:
                return None
        if not name.startswith("/"):
            descriptor = AT_FDCWD if folder is None else as_int(self.arguments[folder])
            start = "cwd" if descriptor == AT_FDCWD else "fd/%d" % descriptor
            try:
                base = os.readlink("/proc/%d/%s" % (self.thread, start))
            except OSError:
                return None
            name = os.path.join(base, name) if name else base
        own = name.replace("/proc/self/", "/proc/%d/" % self.thread, 1) if name.startswith("/proc/self/") else name
        return own if own in NO_EFFECT else os.path.realpath(own)


def attempt(call: Call, scratch: str) -> tuple[str, str, bool]:
    """Kind and target of a call, as far as they can be told, and whether it stays below `scratch`."""
    name = call.name
    if name in PATHS:
        kind = PATHS[name][0]
        targets = [shown(path, scratch, call.process) for path in call.paths if path is not None]
        target, contained = next((each for each in targets if not each[1]), targets[0] if targets else ("", False))
        return kind, os.path.basename(target) if kind == "exec" else target, contained
    if name == "socket":
        return "socket", "family %d" % (call.arguments[0] & 0xFFFFFFFF), False
    if name in ADDRESS_ARGUMENT:
        pointer, length = (call.arguments[index] for index in ADDRESS_ARGUMENT[name])
        return KINDS[name], address(memory(call.thread, pointer, min(length, LONGEST_ADDRESS))), False
    return (KINDS[name], "", False) if name in KINDS else ("kernel", name, False)


def as_int(argument: int) -> int:
    """The C `int` in the low half of a register."""
    low = argument & 0xFFFFFFFF
    return low - (1 << 32) if low & (1 << 31) else low


def process_of(thread: int) -> int:
    """The process that a thread belongs to; 0 if it has ended."""
    try:
        with open("/proc/%d/status" % thread, encoding="ascii", errors="replace") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("Tgid:"))
    except (OSError, StopIteration, ValueError):
        return 0


def memory(thread: int, pointer: int, length: int) -> bytes:
    """Bytes of the caller's memory, fewer at the end of what is mapped; empty if they cannot be read."""
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
