"""The processes of the tree that have a channel, each with a folder of its own."""

from __future__ import annotations

import os
import select
import shutil

from .node import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket


class Census:
    """Processes by the descriptor of their channel, and by number; their homes are below `scratch`."""

    def __init__(self, scratch: str) -> None:
        self.poll = select.poll()
        self.nodes: dict[int, Node] = {}
        self.by_pid: dict[int, Node] = {}
        self._scratch = scratch
        self._homes = 0

    def welcome(self, sock: socket.socket, parent: Node | None) -> Node:
        """A new process: listen to it."""
        self._homes += 1
        home = "%s/%d" % (self._scratch, self._homes)
        os.mkdir(home, 0o700)
        node = Node(sock, parent, home)
        sock.setblocking(True)
        self.nodes[sock.fileno()] = node
        self.poll.register(sock, select.POLLIN)
        return node

    def all(self) -> list[Node]:
        """Those that are here now, whatever becomes of them meanwhile."""
        return list(self.nodes.values())

    def know(self, node: Node, pid: int) -> None:
        """Remember the process's number."""
        node.pid = pid
        self.by_pid[pid] = node

    def part_with(self, node: Node) -> None:
        """Its channel is closed: its folder goes, too. Its number stays known, for what the kernel has yet to tell."""
        self.poll.unregister(node.sock)
        del self.nodes[node.sock.fileno()]
        node.sock.close()
        shutil.rmtree(node.home, ignore_errors=True)

    def semaphores_of(self, node: Node) -> str:
        """A folder beside the scratch folder, where no module can write."""
        return "%s/semaphores/%s" % (os.path.dirname(self._scratch), os.path.basename(node.home))

    def close(self) -> None:
        """Close all channels."""
        for node in self.nodes.values():
            node.sock.close()
