"""The fork tree: every module is imported as a fresh interpreter would import it, at a fraction of the cost.

A process of the tree has imported the packages above the modules that it is to check. What these packages have loaded
already is answered for in place, since `import` would do nothing more in a fresh interpreter either. For each other
module, or package with modules below, a child is forked; the last task is done in place.

What runs here shares its process with foreign code. So all that is used after an import was captured before it, and
objects are looked at through the slots of the built-in types, never through what their own classes say.
"""

from __future__ import annotations

import builtins
import gc
import posix
import sys

from . import confine
from .answers import describe, look
from .kernel import PR_SET_PDEATHSIG
from .measure import clock, measure
from .pictures import Pictures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .codes import Codes
    from .kernel import KernelCalls
    from .observe import Observer
    from .protocol import Channel, Question, Setup
    from .share import Sharing

    Task = tuple[str, list[str]]

import_ = builtins.__import__
modules = sys.modules
SIGKILL = 9
FEWEST_TO_SHARE = 30
"""Modules to check; with fewer it cannot pay."""


class Tree:
    """One process of the tree.

    With `hold_forks` nobody tells the forks of the tree from those of a module: so a process that will fork no more
    gives the right up before it imports.
    """

    def __init__(
        self, channel: Channel, observer: Observer, call: KernelCalls | None, setup: Setup, hold_forks: bool
    ) -> None:
        import os  # noqa: PLC0415  loaded by site long ago

        self.channel = channel
        self.observer = observer
        self.call = call
        self.cpu = setup["cpu"]
        self.overrides = setup["overrides"]
        self.environ = os.environ
        self.hold_forks = hold_forks
        self.pictures = Pictures()
        self.pid = posix.getpid()
        self.children: list[int] = []
        self.left: list[str] = []
        """What this process has still to answer for itself."""
        self.sharing: Sharing | None = None
        self.codes: Codes | None = None
        self.home = setup["home"]
        self.took = 0
        """Nanoseconds that the imports here, and in the processes above, have taken."""

    def work(self, wanted: list[str]) -> None:
        """Check all `wanted` modules: some here, some in children."""
        while wanted:
            wanted = self.answer_loaded(wanted)
            others = plan(wanted)
            if self.sharing and len(others) > 1 and len(wanted) >= FEWEST_TO_SHARE:
                sharing, self.sharing = self.sharing, None
                wanted = sharing.rest(self, wanted)
                continue
            last = others.pop() if others else None
            for head, members in others:
                self.spawn(self.check, head, members)
            if others:
                self.join()
                self.ask({"m": "resume"})
            wanted = self.step(*last) if last else []

    def withdraw(self) -> None:
        """End, since what is shown here may not be what a fresh interpreter shows: it is to be looked at once more."""
        self.channel.send({"m": "withdrawn", "modules": self.left})
        posix._exit(0)

    def check(self, head: str, members: list[str]) -> None:
        """Do one task."""
        self.work(self.step(head, members))

    def answer_loaded(self, wanted: list[str]) -> list[str]:
        """Answer for what the parents have loaded; the rest is given back."""
        self.left = wanted[:]
        rest = []
        for name in wanted:
            if modules.get(name) is None:
                rest.append(name)
            else:
                self.answer(name)
        return rest

    def step(self, head: str, members: list[str]) -> list[str]:
        """Import `head` here; the members that are still to be checked, none if it failed."""
        self.left = members
        self.channel.send({"m": "begin", "module": head})
        own = self.overrides.get(head)
        confine.allow_cpu(own["cpu"] if own else self.cpu)
        if self.call and self.hold_forks and members == [head]:
            confine.refuse_forks(self.call)
        try:
            if own:
                self.environ.update(own["environment"])  # the packages above may have changed what that does
            self.took += self.watch(lambda: load(head))
        except BaseException as error:
            failure = describe(error)
            self.channel.send({"m": "failed", "module": head, "failure": failure, "used": self.observer.uses.fetch()})
            return []
        self.channel.send({"m": "loaded", "used": self.observer.uses.fetch()})
        if head in members:
            self.answer(head)
        return [name for name in members if name != head]

    def answer(self, name: str) -> None:
        """Say that the module is here, take the questions on it, answer them."""
        question: Question = self.ask({"m": "imported", "module": name})
        shown = self.watch(lambda: look(name, question))
        task = question["task"]
        if task is not None:
            shown["measured"] = self.watch(lambda: measure(task, self.home, self.took))
        self.channel.send({**shown, "used": self.observer.uses.fetch()})
        self.left = [other for other in self.left if other != name]

    def watch(self, work: Callable[[], Any]) -> Any:
        """Let foreign code run, and tell of what it does."""
        threads, before = self.observer.left_threads(), self.pictures.take()
        self.observer.listening = True
        try:
            return work()
        finally:
            self.observer.listening = False
            self.observer.tell_threads(threads)
            self.observer.tell_changes(self.pictures.changes(before))

    def ask(self, message: dict[str, object]) -> Any:
        """Send a message that has a reply; the reply."""
        self.channel.send(message)
        return self.channel.receive()

    def spawn(self, task: Callable[..., None], *arguments: Any) -> None:
        """Fork a child for one task, when the supervisor lets us."""
        self.channel.send({"m": "fork"})
        reply, descriptor = self.channel.receive_with_descriptor()
        if self.codes:
            self.codes.learn(reply["codes"])
        gc.freeze()  # a collection in the child would touch, and so copy, every page with objects of ours
        pid = posix.fork()
        if pid == 0:
            self.become_child(descriptor, reply["home"], task, arguments)
        posix.close(descriptor)
        self.children.append(pid)
        self.channel.send({"m": "forked", "pid": pid})
        self.reap(posix.WNOHANG)

    def become_child(self, descriptor: int, home: str, task: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Life of a forked process; it never returns."""
        try:
            self.channel.close()
            self.channel.descriptor = descriptor
            self.children = []
            die_with_parent(self.call, self.pid)
            self.pid = posix.getpid()
            self.home = home
            settle_in(home)
            self.channel.send({"m": "hello", "pid": self.pid})
            task(*arguments)
        except BaseException as error:
            say_last_words(self.channel, error)
        finally:
            posix._exit(0)

    def join(self) -> None:
        """Wait for all children: what is done in place may end this process, and they would end with it."""
        while self.children:
            self.reap(0)

    def reap(self, options: int) -> None:
        """Tell how children have ended."""
        for pid in self.children[:]:
            ended, status = posix.waitpid(pid, options)
            if ended:
                self.children.remove(pid)
                self.channel.send({"m": "reaped", "pid": pid, "status": status})


def load(name: str) -> int:
    """Import a module, as the statement does; how many nanoseconds that took."""
    began = clock()
    import_(name)
    ended = clock()
    modules[name]
    return ended - began


def plan(wanted: list[str]) -> list[Task]:
    """Tasks `(head, members)`, the largest last: a head is a member, or the first package above it not yet loaded."""
    tasks: dict[str, list[str]] = {}
    for name in wanted:
        tasks.setdefault(first_unloaded(name), []).append(name)
    return sorted(tasks.items(), key=lambda task: len(task[1]))


def first_unloaded(name: str) -> str:
    """The first of `a`, `a.b`, `a.b.c` that is not in `sys.modules`."""
    at = name.find(".")
    while at > 0:
        if modules.get(name[:at]) is None:
            return name[:at]
        at = name.find(".", at + 1)
    return name


def settle_in(home: str) -> None:
    """Make `home` this process's folder, in every way that programs find one."""
    import os  # noqa: PLC0415  loaded by site long ago

    posix.chdir(home)
    os.environ.update(home_environment(home))


def home_environment(home: str) -> dict[str, str]:
    """The environment variables that say where a program may write."""
    return {
        "HOME": home,
        "TMPDIR": home,
        "XDG_CACHE_HOME": home + "/.cache",
        "XDG_CONFIG_HOME": home + "/.config",
        "XDG_DATA_HOME": home + "/.local/share",
        "XDG_STATE_HOME": home + "/.local/state",
    }


def die_with_parent(call: KernelCalls | None, parent: int) -> None:
    """Let the kernel end this process when its parent ends (PR_SET_PDEATHSIG holds for one fork only)."""
    if call is not None:
        call.prctl(PR_SET_PDEATHSIG, SIGKILL)
    if posix.getppid() != parent:
        posix._exit(1)


def say_last_words(channel: Channel, error: BaseException) -> None:
    """An error of our own code: the supervisor passes it on as a bug."""
    try:
        channel.send({"m": "bug", "failure": shown(error)})
    except BaseException:
        posix._exit(1)


def shown(error: BaseException) -> dict[str, object] | None:
    """The error as data, if foreign code lets us have a look at it."""
    try:
        return describe(error)
    except BaseException:
        return None
