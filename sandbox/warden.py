"""What the kernel's listener asks about the processes of the tree, and where it tells of what they tried."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .census import Census
    from .node import Node


class Warden:
    """Knows who may fork now, and who may become another program: a launcher, if there is one.

    `hear(node)` reads what a process has said by now.
    """

    def __init__(self, census: Census, root: Node, hear: Callable[[Node], None], *, may_launch: bool) -> None:
        self._census = census
        self._root = root
        self._hear = hear
        self._may_launch = may_launch

    def allow_fork(self, pid: int) -> bool:
        """Whether the process was promised this fork."""
        node = self._census.by_pid.get(pid)
        if node is None or not node.may_fork:
            return False
        node.may_fork = False
        return True

    def allow_exec(self, pid: int) -> bool:
        """Whether the process is the launcher, whose last call it is."""
        return self._may_launch and self._root.state == "booting" and self._census.by_pid.get(pid) is self._root

    def semaphores_of(self, pid: int) -> str | None:
        """The folder for the semaphores of the process."""
        node = self._node_of(pid)
        return self._census.semaphores_of(node) if node else None

    def refused(self, pid: int, kind: str, target: str, *, contained: bool) -> None:
        """The kernel refused a call, or the listener answered it in its place."""
        node = self._node_of(pid)
        if node is None or (node is self._root and node.state == "booting"):  # the self-test
            return
        if node.alive():
            self._hear(node)  # what the audit hook says of a call was sent before the call: let it come first here, too
        node.note_refusal(kind, target, contained=contained)

    def _node_of(self, pid: int) -> Node | None:
        """The process of the tree with this number; it may act before we have read its hello."""
        if pid not in self._census.by_pid:
            for node in self._census.all():
                if node.state == "booting":
                    self._hear(node)
        return self._census.by_pid.get(pid)
