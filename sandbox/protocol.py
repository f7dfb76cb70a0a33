"""How the processes of the sandbox talk: JSON lines towards the host, marshal frames away from it.

What comes from a process that has run foreign code is data of unknown shape, so it travels as JSON and is parsed by
somebody else. What goes to such a process comes from the supervisor, so `marshal` will do: it is built in, and every
module that the sandbox loads is one whose missing import the target could no longer show.
"""

from __future__ import annotations

import _socket
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypedDict

    class Override(TypedDict):
        """What holds for one module: wall clock and CPU time in seconds, variables of the environment."""

        timeout: float
        cpu: int
        environment: dict[str, str]

    class Conditions(TypedDict):
        """What holds for all imports: paths, CPU time in seconds, memory in MiB, names of layers to do without.

        `environment`, `prelude` (source text) and `overrides` (by module) are what the user configured.
        """

        added_path: list[str]
        standard_library: list[str]
        readable: list[str]
        listed: list[str]
        cpu: int
        memory: int
        without: list[str]
        environment: dict[str, str]
        prelude: str
        overrides: dict[str, Override]

    class Setup(Conditions):
        """What the root is told first: the conditions, its places, and what its launcher may execute."""

        programs: list[str]
        scratch: str
        outside: str
        home: str
        supervisor: int

    class Task(TypedDict):
        """What to call, and how often: at most so many `rounds`, for so many `seconds`.

        `path` leads to it within `module`; None asks how long the import has taken. `setup` is the module and path of
        what returns the arguments; None where they are given.
        """

        module: str
        path: str | None
        setup: tuple[str, str] | None
        arguments: Sequence[Any]
        keywords: dict[str, Any]
        rounds: int
        seconds: float

    class Question(TypedDict):
        """What the supervisor asks about a module: these names, and with `list` those that it shows by itself.

        With a `task` it also asks how long something takes.
        """

        nonce: str
        names: tuple[str, ...]
        list: bool
        task: Task | None


VERSION = 1
MARSHAL_VERSION = 4  # which every Python since 3.4 reads: the two ends may run different ones
LENGTH = 4
CMSG_FD_SPACE = _socket.CMSG_SPACE(4)
EVERY = 1 << 16


class Escapes(dict[int, str]):
    """What stands in a JSON string for a character, by its code; for `str.translate`."""

    def __missing__(self, code: int) -> str:
        if code < 0x10000:
            return "\\u%04x" % code
        code -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))


ESCAPES = Escapes({code: chr(code) for code in range(32, 127)})


def quote(text: str) -> str:
    """`text` as a JSON string in ASCII."""
    # docstrings are many and long, and have seldom anything else to be escaped
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if not (text.isascii() and text.isprintable()):
        text = text.translate(ESCAPES)
    return '"' + text + '"'


def to_json(value: object) -> str:
    """`value` (None, bool, int, str, and lists, tuples and dicts of them) as JSON text.

    Looks at exact types only: nothing that foreign code made is ever asked for its own idea of itself.
    """
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return "%d" % value
    if type(value) is str:
        return quote(value)
    if type(value) is dict:
        return "{" + ",".join([quote(key) + ":" + to_json(item) for key, item in value.items()]) + "}"
    if type(value) is list or type(value) is tuple:
        return "[" + ",".join([to_json(item) for item in value]) + "]"
    raise TypeError(type(value))


class Channel:
    """One end of the socket between a process of the tree and the supervisor; the process's end."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, message: dict[str, object]) -> None:
        """One dict as a line of JSON. Raises OSError if the supervisor is gone."""
        data = (to_json({"v": VERSION, **message}) + "\n").encode("ascii")
        while data:
            data = data[posix.write(self.descriptor, data) :]

    def receive(self) -> Any:
        """The next frame's value. Raises EOFError if the supervisor is gone."""
        return self._frame(b"")

    def receive_with_descriptor(self) -> tuple[Any, int]:
        """The next frame's value and the descriptor that came with it."""
        sock = _socket.socket(fileno=self.descriptor)
        try:
            data, ancillary, _, _ = sock.recvmsg(EVERY, CMSG_FD_SPACE)
        finally:
            sock.detach()
        for level, kind, payload in ancillary:
            if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
                return self._frame(data), int.from_bytes(payload[:4], sys.byteorder)
        raise EOFError("no descriptor came")

    def _frame(self, start: bytes) -> Any:
        head = start[:LENGTH] + self._read(LENGTH - len(start[:LENGTH]))
        size = int.from_bytes(head, "big")
        body = start[LENGTH:]
        return marshal.loads(body + self._read(size - len(body)))  # noqa: S302  the supervisor made it

    def _read(self, size: int) -> bytes:
        parts = []
        while size > 0:
            part = posix.read(self.descriptor, min(size, EVERY))
            if not part:
                raise EOFError("the supervisor is gone")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Give the descriptor back."""
        posix.close(self.descriptor)


def frame(value: Any) -> bytes:
    """A value for `Channel.receive`: four bytes of length, then marshal data."""
    body = marshal.dumps(value, MARSHAL_VERSION)
    return len(body).to_bytes(LENGTH, "big") + body
