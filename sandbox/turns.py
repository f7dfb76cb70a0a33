"""Whose turn it is: so many imports run at the same time and no more."""


class Turns:
    """Turns of the processes of the tree. One that waits for its children has none."""

    def __init__(self, jobs):
        self._free = jobs
        self._resume = []
        self._fork = []

    def begin(self, node):
        """From now on the process runs."""
        node.running = True
        self._free -= 1

    def end(self, node):
        """It waits, or has ended."""
        if node.running:
            node.running = False
            self._free += 1

    def wait_to_fork(self, node):
        """It wants a child; the child's turn it will be."""
        self.end(node)
        self._fork.append(node)

    def wait_to_resume(self, node):
        """Its children have ended, and it wants to go on itself."""
        self._resume.append(node)

    def next(self):
        """(process, whether it may fork) whose turn has come, or None. Work that has begun goes first."""
        for queue, may_fork in ((self._resume, False), (self._fork, True)):
            queue[:] = [node for node in queue if node.alive()]
            if queue and self._free > 0:
                return queue.pop(0), may_fork
        return None
