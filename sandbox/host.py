"""The supervisor's end of its two pipes to the host: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Optional, TypedDict

    from .protocol import Conditions, Task

    class Settings(Conditions):
        """What the host says first: times in seconds."""

        modules: list[str]
        unpacked: list[str]
        timeout: float
        jobs: int
        isolation: str
        interpreter: str

    Questions = dict[str, tuple[Sequence[str], bool, Optional[Task]]]
    """By module: the names to ask for, whether to ask for the public ones too, and what to measure."""

    class Words(TypedDict):
        """What the host says later."""

        questions: Questions


CHUNK = 1 << 16


class Host:
    """The tool that started us. It has gone when its pipe ends."""

    def __init__(self) -> None:
        self.descriptor = sys.stdin.fileno()
        self.gone = False
        self._parent = os.getppid()
        self._buffer = b""
        self._trails = 0

    def is_dead(self) -> bool:
        """Whether it has ended without ending us: what it had unpacked is then ours to remove."""
        return os.getppid() != self._parent

    def hear(self) -> list[Words]:
        """The lines that have come so far, after one more read; it blocks where nothing has come."""
        data = os.read(self.descriptor, CHUNK)
        self.gone = self.gone or not data
        self._buffer += data
        return self.lines()

    def lines(self) -> list[Words]:
        """The lines that have come so far, as values."""
        *whole, self._buffer = self._buffer.split(b"\n")
        return [json.loads(line) for line in whole]

    def settings(self) -> Settings:
        """What the host says first. Raises SystemExit if it goes without a word."""
        while b"\n" not in self._buffer:
            data = os.read(self.descriptor, CHUNK)
            if not data:
                raise SystemExit(1)
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        settings: Settings = json.loads(line)
        return settings

    def tell(self, event: dict[str, object]) -> None:
        """One line to the host."""
        sys.stdout.buffer.write(json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()

    def tell_uses(self, trail: int, used: object) -> int:
        """What the imports of a process depend on has grown beyond `trail`: the number of what it is now."""
        if used == []:
            return trail
        self._trails += 1
        self.tell({"event": "trail", "trail": self._trails, "after": trail, "used": used})
        return self._trails
