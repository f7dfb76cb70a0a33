"""What has changed since an artifact was made. Git tells of one that is committed, else the times of files do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from verifier.manifests.model import Absent
from verifier.manifests.readers import git
from verifier.model import Problem


class Changes:
    """The changes in the repository at `root`; those since one artifact are looked up once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, frozenset[str] | Absent | Problem] = {}

    def since(self, artifact: str, files: Iterable[str]) -> tuple[str, ...] | Problem:
        """Those of the `files` that are not what they were when the artifact was made, sorted.

        All are paths of the repository. Times of the artifact's own are not looked at: what it says of when it was made
        is in another zone as often as not, and a file that is committed together with what it measured is no older.
        """
        if artifact not in self._known:
            self._known[artifact] = git.changed_since(self._root, artifact)
        changed = self._known[artifact]
        if isinstance(changed, Problem):
            return changed
        if isinstance(changed, Absent):
            made = self._time(artifact)
            return tuple(sorted(file for file in files if self._time(file) > made))
        return tuple(sorted(changed.intersection(files)))

    def _time(self, path: str) -> float:
        """When a file was last written; one that is not there has changed just now."""
        try:
            return (self._root / path).stat().st_mtime_ns
        except OSError:
            return float("inf")
