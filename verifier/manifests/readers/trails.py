"""What imports depend on, as far as it lies in a repository."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from verifier.model import Interpreter, Trail


class Within:
    """Which of the paths that imports depend on are in the repository, and none of the interpreter's."""

    def __init__(self, root: Path, interpreter: Interpreter) -> None:
        self._roots = tuple(f"{name}/" for name in {str(root), os.path.realpath(root)})
        prefixes = (interpreter.prefix, interpreter.base_prefix)
        self._others = tuple(f"{name}/" for each in prefixes for name in {str(each), os.path.realpath(each)})
        self._known: dict[int, frozenset[str] | None] = {}

    def used(self, trails: Iterable[Trail | None], but: Path) -> tuple[str, ...] | None:
        """The paths of all `trails`, sorted, `but` for the folder itself; None if one of them is not known whole."""
        found: set[str] = set()
        for trail in trails:
            paths = self._of(trail)
            if paths is None:
                return None
            found |= paths
        return tuple(sorted(found - {str(but), os.path.realpath(but)}))

    def _of(self, trail: Trail | None) -> frozenset[str] | None:
        """Trails share their beginnings, and may be longer than Python's stack is deep."""
        waiting: list[Trail] = []
        at = trail
        while at is not None and id(at) not in self._known:
            waiting.append(at)
            at = at.after
        paths = self._known[id(at)] if at is not None else frozenset[str]() if trail is not None else None
        for each in reversed(waiting):
            own = frozenset(filter(self._is_here, each.used))
            paths = paths | own if paths is not None and each.is_whole else None
            self._known[id(each)] = paths
        return paths

    def _is_here(self, path: str) -> bool:
        return path.startswith(self._roots) and not path.startswith(self._others)
