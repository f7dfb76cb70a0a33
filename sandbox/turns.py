"""Whose turn it is: so many imports run at the same time and no more."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .node import Node


class Turns:
    """Turns of the processes of the tree. One that waits for its children has none."""

    def __init__(self, jobs: int) -> None:
        self._free = jobs
        self._resume: list[Node] = []
        self._fork: list[Node] = []

    def begin(self, node: Node) -> None:
        """From now on the process runs."""
        node.running = True
        self._free -= 1

    def end(self, node: Node) -> None:
        """It waits, or has ended."""
        if node.running:
            node.running = False
            self._free += 1

    def wait_to_fork(self, node: Node) -> None:
        """It wants a child; the child's turn it will be."""
        self.end(node)
        self._fork.append(node)

    def wait_to_resume(self, node: Node) -> None:
        """Its children have ended, and it wants to go on itself."""
        self._resume.append(node)

    def next(self) -> tuple[Node, bool] | None:
        """(process, whether it may fork) whose turn has come, or None.

        Work that has begun goes first, and of those that want a child who has asked last, which is one far down: else
        every package of a large tree would have begun, and be there with all that it holds, before the first had ended.
        """
        for queue, may_fork in ((self._resume, False), (self._fork, True)):
            queue[:] = [node for node in queue if node.alive()]
            if queue and self._free > 0:
                return queue.pop(), may_fork
        return None
