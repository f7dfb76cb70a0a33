"""Finds out what the modules of a package need of the standard library, and has it recorded where that pays.

A process of the tree that is about to fork a child for each of many modules lets a few of them come first, and each
tells what it has loaded. If that is much, a child records it and takes over the rest; if anything is not as it should
be, that child ends, and all goes on without.
"""

from __future__ import annotations

import posix
import sys

from .record import NEVER_FIRST, Recorder, Unfit, is_excluded
from .replay import Replayer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .imports import Tree
    from .replay import ImportSystem

TRIED = 4
LEAST_SAVED, COST_OF_RECORDING = 400, 4
"""Imports of the library that must be saved so that it pays; what the recording of a module costs, as imports."""
SECONDS = 20
"""So long may the recording take."""
MOST_TOLD = 60_000  # what a pipe holds without a reader
READY = "ready"
modules = sys.modules
signal: Any = modules["_signal"]
set_alarm = signal.alarm


class Sharing:
    """To be made when `site` has run and nothing of the target has."""

    def __init__(self, folders: list[str], system: ImportSystem) -> None:
        self._folders = folders
        self._tops = tops(folders)
        self._system = system

    def rest(self, tree: Tree, wanted: list[str]) -> list[str]:
        """Have some modules checked, or all where sharing pays; the others are given back."""
        tried = wanted[:: len(wanted) // TRIED][:TRIED]
        left = [name for name in wanted if name not in tried]
        pipes = [self.spawn(tree, self.check, name) for name in tried]
        tree.join()
        told = [{name for name in hear(pipe) if self.may_be_shared(name)} for pipe in pipes]
        needed = sorted(set().union(*told))
        saved = sum(map(len, told)) * len(left) // len(told)
        if saved > LEAST_SAVED + COST_OF_RECORDING * len(needed) and self._system.is_steady():
            is_ready = hear(self.spawn(tree, self.take_over, needed, left), wait=True) == [READY]
            tree.join()
            withdrawn: list[str] = tree.ask({"m": "resume"})
            return withdrawn if is_ready else left
        tree.ask({"m": "resume"})
        return left

    def spawn(self, tree: Tree, task: Callable[..., None], *arguments: object) -> int:
        """Fork a child that has something to tell: where to hear it."""
        ours, theirs = posix.pipe()

        def work() -> None:
            posix.close(ours)
            task(tree, theirs, *arguments)

        tree.spawn(work)
        posix.close(theirs)
        return ours

    def may_be_shared(self, name: str) -> bool:
        """Whether this, which may be any text, is a module of the library that is not loaded here, and fit for it."""
        is_library = name.partition(".")[0] in self._tops
        return is_library and name not in modules and name not in NEVER_FIRST and not is_excluded(name)

    # --- in children

    def check(self, tree: Tree, pipe: int, name: str) -> None:
        """Check one module, and tell what is loaded of the library."""
        tree.work([name])
        tell(pipe, [each for each in list(modules) if type(each) is str and each.partition(".")[0] in self._tops])

    def take_over(self, tree: Tree, pipe: int, needed: list[str], left: list[str]) -> None:
        """Have the library at hand, say so, and check what is left; or end at once."""
        set_alarm(SECONDS)
        try:
            self.record(tree, needed)
        except BaseException:
            return
        set_alarm(0)
        tell(pipe, [READY])
        tree.work(left)

    def record(self, tree: Tree, names: list[str]) -> None:
        """Record these modules, and replay them from now on. Raises Unfit if that may not be done here."""
        cached, recorder, seen = set(sys.path_importer_cache), Recorder(self._folders), Seen()
        channel, tree.observer.channel = tree.observer.channel, seen  # type: ignore[assignment]
        tree.watch(lambda: recorder.record(names))
        tree.observer.channel = channel
        for entry in set(sys.path_importer_cache) - cached:
            del sys.path_importer_cache[entry]
        Replayer(recorder, self._system).install(tree.withdraw)
        if seen.messages or not self._system.is_steady():
            raise Unfit


class Seen:
    """Takes what the observer tells."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    def send(self, message: dict[str, object]) -> None:
        """In place of `Channel.send`."""
        self.messages.append(message)


def tops(folders: list[str]) -> frozenset[str]:
    """The names of the standard library's modules and packages, without what is below these."""
    found = set(sys.builtin_module_names)
    for place in [each + below for each in folders for below in ("", "/lib-dynload")]:
        try:
            found.update([entry.partition(".")[0] for entry in posix.listdir(place)])
        except OSError:  # noqa: PERF203
            pass
    return frozenset(found)


def tell(pipe: int, lines: list[str]) -> None:
    """Write lines into a pipe that nobody reads yet."""
    try:
        posix.write(pipe, "\n".join(lines).encode("utf-8", "replace")[:MOST_TOLD])
        posix.close(pipe)
    except OSError:
        pass  # foreign code may have closed it


def hear(pipe: int, *, wait: bool = False) -> list[str]:
    """The lines in a pipe; there are none where nobody has told anything, nor will if we do not wait."""
    posix.set_blocking(pipe, wait)
    try:
        return posix.read(pipe, MOST_TOLD).decode("utf-8", "replace").split("\n")
    except BlockingIOError:
        return []
    finally:
        posix.close(pipe)
