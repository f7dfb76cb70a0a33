"""A process of the tree as the supervisor sees it, and what it may say in which state."""

import socket

from .protocol import frame

LONGEST_LINE = 32 << 20
FAMILIES = {
    **dict.fromkeys(("spawn", "fork", "exec"), "processes"),
    **dict.fromkeys(("connect", "bind", "send", "resolve", "socket"), "network"),
}
# what a process of the tree may say, by state
ALLOWED = {
    "booting": {"hello", "listener", "held", "ready", "no_start", "effect", "bug"},
    "idle": {"begin", "imported", "fork", "forked", "reaped", "resume", "done", "bug"},
    "importing": {"effect", "loaded", "failed", "bug"},
    "asked": set(),
    "answering": {"effect", "answer", "bug"},
    "waiting": set(),
}


class Tampered(Exception):
    """A process of the tree said something that it had no business to say."""


class Node:
    """A process of the tree, as the supervisor sees it."""

    def __init__(self, sock, parent, home):
        self.sock = sock
        self.parent = parent
        self.home = home
        self.pid = None
        self.state = "booting"
        self.module = None
        self.deadline = None
        self.running = False
        self.may_fork = False
        self.ending = None
        self.nonce = None
        self.buffer = b""
        self.effects = list(parent.effects) if parent else []

    def alive(self):
        """Whether its channel is open."""
        return self.sock.fileno() >= 0

    def note_refusal(self, kind, target):
        """The kernel refused a call: another witness to what Python's hook saw, or something that only it has seen."""
        known = match(self.effects, kind)
        if known is None:
            unheard = {"kind": kind, "target": target, "where": "", "contained": False}
            self.effects.append(dict(unheard, seen_by=["kernel"]))
        elif "kernel" not in self.effects[known]["seen_by"]:
            seen = self.effects[known]
            self.effects[known] = dict(seen, seen_by=[*seen["seen_by"], "kernel"])

    def lines(self, data):
        """The lines that are whole with these bytes. Raises Tampered if one has no end."""
        *whole, self.buffer = (self.buffer + data).split(b"\n")
        if len(self.buffer) > LONGEST_LINE:
            raise Tampered("an endless line")
        return whole

    def send(self, value):
        """A frame for the process; it may be gone."""
        try:
            self.sock.sendall(frame(value))
        except OSError:
            pass

    def send_with_descriptor(self, value, descriptor):
        """The same with a descriptor."""
        try:
            socket.send_fds(self.sock, [frame(value)], [descriptor])
        except OSError:
            pass


def text(message, key):
    """A string of a message."""
    value = message.get(key)
    if type(value) is not str:
        raise Tampered("no %s" % key)
    return value


def match(effects, kind):
    """Index of the attempt that a refused call belongs to: the last of its kind, or else of its family; None if new."""
    family = FAMILIES.get(kind, kind)
    backwards = range(len(effects) - 1, -1, -1)
    same = [index for index in backwards if effects[index]["kind"] == kind]
    akin = [index for index in backwards if FAMILIES.get(effects[index]["kind"], effects[index]["kind"]) == family]
    return next(iter(same + akin), None)
