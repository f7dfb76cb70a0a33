"""What a process of the tree may take: time, memory and disk, watched from outside."""

from __future__ import annotations

import time

from . import confine
from .processes import held, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .node import Node
    from .protocol import Override

TICK = 0.1
DISK = 256 * confine.MIB
"""What all processes may have stored at a time; a module that needs a cache of that size has no business to fill it."""
WORKING = ("starting", "importing", "answering")
PATIENCE = 1.0
"""Seconds for which a process may go on that has closed its channel; one that has ended is reaped long before."""


class Limits:
    """`seconds` of wall clock for each import, MiB of `memory`, and the disk below `scratch`.

    `overrides` are by module, and may give it another time.
    """

    def __init__(self, seconds: float, memory: int, scratch: str, overrides: dict[str, Override]) -> None:
        self._seconds = seconds
        self._overrides = overrides
        self._memory = memory * confine.MIB
        self._scratch = scratch
        self._next = 0.0
        self._leaving: dict[int, tuple[Node, float]] = {}

    def start_clock(self, node: Node) -> None:
        """From now on the process has its seconds, or those of its module, for what it does."""
        own = self._overrides.get(node.module or "")
        node.deadline = time.monotonic() + (own["timeout"] if own else self._seconds)

    def is_due(self) -> bool:
        """Whether it is time to look again."""
        now = time.monotonic()
        due = now >= self._next
        if due:
            self._next = now + TICK
        return due

    def overdrawn(self, nodes: Iterable[Node]) -> Iterator[tuple[Node, str]]:
        """The processes that must end, and why."""
        now = time.monotonic()
        for node in nodes:
            if node.deadline is not None and now > node.deadline:
                yield node, "timeout"
            elif node.running and held(node.pid) > self._memory:
                yield node, "memory"

    def fullest(self, nodes: Iterable[Node]) -> list[Node]:
        """Of those at work the one that has stored most, if all have stored too much."""
        if stored(self._scratch) <= DISK:
            return []
        at_work = [node for node in nodes if node.state in WORKING and not node.ending]
        return sorted(at_work, key=lambda node: stored(node.home))[-1:]

    # --- those that have closed their channel

    def expect_end(self, node: Node) -> None:
        """The process should end now."""
        if node.pid is not None:
            self._leaving[node.pid] = node, time.monotonic() + PATIENCE

    def has_ended(self, pid: int) -> None:
        """It has."""
        self._leaving.pop(pid, None)

    def overdue(self) -> list[Node]:
        """Those that have not, each once."""
        now = time.monotonic()
        late = [pid for pid, (_, deadline) in self._leaving.items() if now > deadline]
        return [self._leaving.pop(pid)[0] for pid in late]
