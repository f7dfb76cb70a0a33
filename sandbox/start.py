"""How the tree's first process comes to be where `__main__` cannot just fork it.

A fresh interpreter is started where nothing may be forked. A launcher is needed where the target's Python has no way to
the kernel (no `_ctypes`): then the supervisor runs under another Python, whose child confines itself and becomes the
target's by execve(2). All layers outlive that call.
"""

from __future__ import annotations

import marshal
import os
import posix
import signal
import socket
import struct
import sys

from . import confine, root
from .imports import die_with_parent, say_last_words
from .protocol import MARSHAL_VERSION, Channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from .protocol import Setup

OPTIONS = ["-I", "-S", "-B"]
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
ELF, INTERPRETER_HEADER, HEADER_SIZE = b"\x7fELF\x02", 3, 56


def fresh() -> tuple[socket.socket, int]:
    """Start a new interpreter: our end of its channel, and its number."""
    ours, theirs = socket.socketpair()
    theirs.set_inheritable(True)
    command = [sys.executable, *OPTIONS, PROGRAM, "root", str(theirs.fileno()), "alone"]
    pid = posix.posix_spawn(sys.executable, command, os.environ, setsigdef=[signal.SIGINT])
    theirs.close()
    return ours, pid


def launch(setup: Setup, interpreter: str, *, alone: bool) -> tuple[socket.socket, int]:
    """The same, with a launcher: it is confined before `interpreter` starts."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        channel = Channel(theirs.detach())
        try:
            become([interpreter, *OPTIONS, PROGRAM, "root"], channel, setup, alone=alone)
        except BaseException as error:
            say_last_words(channel, error)
        finally:
            os._exit(1)
    theirs.close()
    return ours, pid


def become(command: list[str], channel: Channel, setup: Setup, *, alone: bool) -> NoReturn:
    """Life of the launcher."""
    call = confine.kernel_calls()
    die_with_parent(call, setup["supervisor"])
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which the supervisor has no use for
    root.say_nothing()
    held = root.hold(channel, setup, call)
    channel.send({"m": "launch"})
    os.set_inheritable(channel.descriptor, True)
    told = marshal.dumps({**held}, MARSHAL_VERSION).hex()
    os.execv(command[0], [*command, str(channel.descriptor), "alone" if alone else "forks", told])  # noqa: S606


def programs(interpreter: str) -> list[str]:
    """What the kernel must be allowed to execute to start it: the file, and the loader that it names (elf(5))."""
    path = os.path.realpath(interpreter)
    return [path, os.path.realpath(loader(path))]


def loader(path: str) -> str:
    """The dynamic loader of a 64-bit program; the program itself if it names none."""
    with open(path, "rb") as file:
        head = file.read(64)
        if not head.startswith(ELF):
            return path
        start, size, count = struct.unpack_from("=Q", head, 32)[0], *struct.unpack_from("=HH", head, 54)
        file.seek(start)
        table = file.read(size * count)
        for at in range(0, len(table) - HEADER_SIZE + 1, size):
            if struct.unpack_from("=I", table, at)[0] == INTERPRETER_HEADER:
                offset, _, _, length = struct.unpack_from("=QQQQ", table, at + 8)
                file.seek(offset)
                return os.fsdecode(file.read(length).rstrip(b"\0"))
    return path
