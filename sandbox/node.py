"""A process of the tree as the supervisor sees it, and what it may say in which state."""

from __future__ import annotations

import socket

from .protocol import frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    Message = dict[str, object]

    class Effect(TypedDict):
        """An attempt of a module, and who has seen it: `audit`, `kernel`."""

        kind: str
        target: str
        where: str
        contained: bool
        seen_by: list[str]


MOST = 500
OF_FILES = {"write", "delete", "mkdir", "rename", "link", "metadata"}
LONGEST_LINE = 32 << 20
FAMILIES = {
    **dict.fromkeys(("spawn", "fork", "exec"), "processes"),
    **dict.fromkeys(("connect", "bind", "send", "resolve", "socket"), "network"),
}
# what a process of the tree may say, by state
ALLOWED: dict[str, set[str]] = {
    "booting": {"hello", "listener", "launch", "held", "bug"},
    "starting": {"effect", "prelude", "ready", "no_start", "bug"},
    "idle": {"begin", "imported", "fork", "forked", "reaped", "resume", "done", "withdrawn", "bug"},
    "importing": {"effect", "loaded", "failed", "withdrawn", "bug"},
    "asked": set(),
    "answering": {"effect", "answer", "withdrawn", "bug"},
    "waiting": set(),
}


class Tampered(Exception):
    """A process of the tree said something that it had no business to say."""


class Node:
    """A process of the tree, as the supervisor sees it."""

    def __init__(self, sock: socket.socket, parent: Node | None, home: str) -> None:
        self.sock = sock
        self.parent = parent
        self.home = home
        self.pid: int | None = None
        self.may_be_killed = False
        self.state = "booting"
        self.module: str | None = None
        self.deadline: float | None = None
        self.running = False
        self.may_fork = False
        self.ending: tuple[str, str] | None = None
        self.nonce: str | None = None
        self.buffer = b""
        self.effects: list[Effect] = list(parent.effects) if parent else []
        self.trail: int = parent.trail if parent else 0
        self.known_popular: int = parent.known_popular if parent else 0

    def alive(self) -> bool:
        """Whether its channel is open."""
        return self.sock.fileno() >= 0

    def note_attempt(self, kind: str, target: str, where: str, witness: str, *, contained: bool) -> None:
        """Its own process tells of an attempt, or of a change."""
        self.effects.append(
            {"kind": kind, "target": target, "where": where, "contained": contained, "seen_by": [witness]}
        )

    def note_refusal(self, kind: str, target: str, *, contained: bool) -> None:
        """The kernel refused a call: another witness to what Python's hook saw, or something that only it has seen."""
        known = match(self.effects, kind, target)
        if known is None:
            if len(self.effects) < MOST:
                self.effects.append(
                    {"kind": kind, "target": target, "where": "", "contained": contained, "seen_by": ["kernel"]}
                )
        elif "kernel" not in self.effects[known]["seen_by"]:
            seen = self.effects[known]
            self.effects[known] = {**seen, "seen_by": [*seen["seen_by"], "kernel"]}

    def lines(self, data: bytes) -> list[bytes]:
        """The lines that are whole with these bytes. Raises Tampered if one has no end."""
        *whole, self.buffer = (self.buffer + data).split(b"\n")
        if len(self.buffer) > LONGEST_LINE:
            raise Tampered("an endless line")
        return whole

    def send(self, value: object) -> None:
        """A frame for the process; it may be gone."""
        try:
            self.sock.sendall(frame(value))
        except OSError:
            pass

    def send_with_channel(self, value: object, end: socket.socket) -> None:
        """The same with an end of a channel, which is not ours from then on."""
        try:
            socket.send_fds(self.sock, [frame(value)], [end.fileno()])
        except OSError:
            pass
        end.close()


def text(message: Message, key: str) -> str:
    """A string of a message."""
    value = message.get(key)
    if type(value) is not str:
        raise Tampered("no %s" % key)
    return value


def match(effects: list[Effect], kind: str, target: str) -> int | None:
    """Index of the attempt that a refused call belongs to; None if it is new.

    Of files the one with the same path; else the last of its kind, or of its family: Python names hosts and programs as
    the module does, and the kernel as it sees them.
    """
    backwards = range(len(effects) - 1, -1, -1)
    kinds = [each["kind"] for each in effects]
    if kind in OF_FILES:
        found = [index for index in backwards if kinds[index] in OF_FILES and effects[index]["target"] == target]
    else:
        family = FAMILIES.get(kind, kind)
        found = [index for index in backwards if kinds[index] == kind]
        found += [index for index in backwards if FAMILIES.get(kinds[index], kinds[index]) == family]
    return next(iter(found), None)
