"""Which sources several processes of the tree have loaded: the next ones will, too."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .node import Node

SUFFIX = ".py"
OFTEN = 2
MOST = 5000
MOST_AT_ONCE = 500


class Popular:
    """Counts what processes say that they have loaded, which may be anything."""

    def __init__(self, scratch: str) -> None:
        self._scratch = scratch
        self._times: dict[str, int] = {}
        self._often: list[str] = []

    def note(self, used: object) -> None:
        """A process has loaded this, and none of those that it was forked from had."""
        for path in used if type(used) is list else ():
            if type(path) is not str or not path.endswith(SUFFIX) or path.startswith(self._scratch):
                continue
            self._times[path] = self._times.get(path, 0) + 1
            if self._times[path] == OFTEN and len(self._often) < MOST:
                self._often.append(path)

    def news_for(self, node: Node) -> list[str]:
        """Those that a process, or one that it was forked from, has not been told of."""
        news = self._often[node.known_popular : node.known_popular + MOST_AT_ONCE]
        node.known_popular += len(news)
        return news
