"""Between the host and the tree: it hands out work and permission, keeps the clocks, and cleans up.

It never runs code of the target. It is the subreaper of everything below it, so nothing outlives it, and it goes when
the host goes. What a process of the tree says counts only in the state in which it may be said; all else is tampering.
"""

from __future__ import annotations

import json
import os
import select
import socket

from .census import Census
from .host import Host
from .limits import TICK, Limits
from .listener import Listener
from .node import ALLOWED, Tampered, text
from .popular import Popular
from .processes import await_end, is_child, kill, threads_of
from .protocol import VERSION
from .turns import Turns
from .warden import Warden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .host import Questions, Settings, Words
    from .node import Message, Node
    from .protocol import Setup

CHUNK = 1 << 16
THREADS = ("thread", "native_thread")


class Supervisor:
    """One batch of modules after the other, over one root."""

    def __init__(self, host: Host, sock: socket.socket, root_pid: int, settings: Settings, setup: Setup) -> None:
        self.host = host
        self.settings = settings
        self.setup = setup
        self.questions: Questions | None = None
        self.listener: Listener | None = None
        self.census = Census(setup["scratch"])
        self.popular = Popular(setup["scratch"])
        self.statuses: dict[int, int] = {}
        self.unexplained: list[Node] = []
        self.turns = Turns(settings["jobs"])
        self.limits = Limits(settings["timeout"], settings["memory"], setup["scratch"], setup["overrides"])
        self.told: set[str] = set()
        self.withdrawn: set[str] = set()
        self.over = False
        self.root_done = False
        self.no_start: dict[str, object] = {}
        self.root = self.add(sock, None)
        self.census.know(self.root, root_pid)
        self.root.may_be_killed = True

    def add(self, sock: socket.socket, parent: Node | None) -> Node:
        """Listen to a new process, which has only so long to show itself."""
        node = self.census.welcome(sock, parent)
        self.limits.start_clock(node)
        return node

    def greet(self) -> None:
        """Tell the root what it must know."""
        self.root.send({**self.setup, "home": self.root.home})

    @property
    def started(self) -> bool:
        """Whether the interpreter has come up, with all that its environment runs at its start."""
        return self.root.state not in ("booting", "starting")

    # --- the loop

    def serve(self) -> None:
        """Until the host has what it wants, or is gone."""
        self.census.poll.register(self.host.descriptor, select.POLLIN)
        self.take_questions(self.host.lines())
        while not (self.over or self.host.gone):
            for descriptor, _ in self.census.poll.poll(TICK * 1000):
                if descriptor == self.host.descriptor:
                    self.take_questions(self.host.hear())
                elif self.listener and descriptor == self.listener.descriptor:
                    self.listener.serve()
                elif descriptor in self.census.nodes:
                    self.hear(self.census.nodes[descriptor])
            self.grant()
            self.watch()
            if self.root_done and len(self.census.nodes) == 1 and not self.over:
                self.finish()

    def take_questions(self, lines: list[Words]) -> None:
        """All questions come in one line; the processes that wait for theirs go on."""
        for line in lines:
            self.questions = questions = line["questions"]
            for node in self.census.all():
                if node.state == "asked":
                    self.question(node, questions)

    def hear(self, node: Node) -> None:
        """What a process of the tree has to say."""
        try:
            data = self.receive(node)
            if not data:
                self.gone(node)
                return
            for line in node.lines(data):
                self.handle(node, line)
        except BlockingIOError:
            return  # it was heard out of turn: see `refused`
        except Tampered as reason:
            self.end(node, "tampered", str(reason))

    def receive(self, node: Node) -> bytes:
        """The next bytes; the root sends its listener along once."""
        try:
            if node is self.root and self.listener is None and node.state == "booting":
                data, descriptors, _, _ = socket.recv_fds(node.sock, CHUNK, 1, socket.MSG_DONTWAIT)
                for descriptor in descriptors:
                    warden = Warden(self.census, self.root, self.hear, may_launch=bool(self.setup["programs"]))
                    self.listener = Listener(descriptor, self.setup["scratch"], warden)
                    self.census.poll.register(descriptor, select.POLLIN)
                return data
            return node.sock.recv(CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            raise
        except OSError:
            return b""

    def handle(self, node: Node, line: bytes) -> None:
        """Act on one line, if it is JSON and may be said now."""
        try:
            message = json.loads(line)
            version, kind = message.get("v"), text(message, "m")
        except (ValueError, AttributeError, RecursionError) as broken:
            raise Tampered("a line that is no message") from broken
        if version != VERSION:
            raise Tampered("version %r of the protocol" % (version,))
        if kind not in ALLOWED[node.state]:
            raise Tampered("%r while %s" % (kind, node.state))
        getattr(self, "on_" + kind)(node, message)

    # --- messages

    def on_hello(self, node: Node, message: Message) -> None:
        """A forked process has begun."""
        pid = message.get("pid")
        if node.parent is None or type(pid) is not int:
            raise Tampered("an unasked hello")
        self.census.know(node, pid)
        node.may_be_killed = is_child(pid, node.parent.pid)  # it may have ended by now, or never have been
        node.state, node.deadline = "idle", None

    def on_listener(self, node: Node, message: Message) -> None:
        """The filter of the root is in place, and we can hear it."""
        node.send(None)

    def on_launch(self, node: Node, message: Message) -> None:
        """The launcher is confined, and is about to become the target's interpreter."""
        self.only_root(node)
        self.greet()

    def on_held(self, node: Node, message: Message) -> None:
        """The root is confined; only now may code of the target's environment run."""
        self.only_root(node)
        layers = message.get("layers")
        if type(layers) is not dict:
            raise Tampered("no layers")
        self.host.tell({"event": "held", "layers": layers})
        if self.settings["isolation"] == "kernel" and not (layers["landlock"] and layers["seccomp"]):
            self.finish()
        else:
            node.state = "starting"
            self.limits.start_clock(node)
            node.send(None)

    def on_ready(self, node: Node, message: Message) -> None:
        """The interpreter has started up."""
        self.only_root(node)
        node.state, node.deadline = "idle", None
        self.take_uses(node, message)
        self.host.tell({"event": "started", "effects": node.effects, "trail": node.trail})
        node.effects = []  # what the environment does at its start is no module's doing
        node.send({"modules": self.settings["modules"]})

    def on_prelude(self, node: Node, message: Message) -> None:
        """It is about to run the user's own code."""
        self.only_root(node)
        self.no_start = {"prelude": True}
        self.limits.start_clock(node)

    def on_no_start(self, node: Node, message: Message) -> None:
        """The lines of a `.pth` file, `sitecustomize` or the prelude did not come through."""
        self.only_root(node)
        self.no_start["failure"] = message.get("failure")

    def only_root(self, node: Node) -> None:
        """Nobody else may say this."""
        if node is not self.root:
            raise Tampered("it is not the root")

    def on_begin(self, node: Node, message: Message) -> None:
        """It is about to import a module."""
        node.module, node.state = text(message, "module"), "importing"
        self.host.tell({"event": "begin", "module": node.module})
        self.limits.start_clock(node)

    def on_effect(self, node: Node, message: Message) -> None:
        """Somebody in there saw something: Python's audit hook, or pictures before and after."""
        kind, target, where, witness = (text(message, key) for key in ("kind", "target", "where", "seen_by"))
        if witness not in ("audit", "picture"):
            raise Tampered("witness %r" % witness)
        node.note_attempt(kind, target, where, witness, contained=message.get("contained") is True)

    def on_loaded(self, node: Node, message: Message) -> None:
        """The module is in `sys.modules`."""
        self.watch_disk()
        self.take_uses(node, message)
        node.state, node.deadline = "idle", None

    def take_uses(self, node: Node, message: Message) -> None:
        """What it depends on, from now on."""
        self.popular.note(message.get("used"))
        node.trail = self.host.tell_uses(node.trail, message.get("used"))

    def on_failed(self, node: Node, message: Message) -> None:
        """The import raised."""
        self.take_uses(node, message)
        self.result(node, "raised", failure=message.get("failure"))
        node.state, node.deadline = "idle", None

    def on_imported(self, node: Node, message: Message) -> None:
        """It wants to be asked about a module."""
        node.module, node.state, node.deadline = text(message, "module"), "asked", None
        if self.questions is not None:
            self.question(node, self.questions)

    def question(self, node: Node, questions: Questions) -> None:
        """Ask: the nonce ties the answer to this question."""
        node.nonce = os.urandom(8).hex()
        names, listing, task = questions.get(node.module or "", ((), False, None))
        node.state = "answering"
        self.limits.start_clock(node)
        node.send({"nonce": node.nonce, "names": tuple(names), "list": listing, "task": task})

    def on_answer(self, node: Node, message: Message) -> None:
        """What the module shows."""
        if message.get("nonce") != node.nonce or message.get("module") != node.module:
            raise Tampered("an answer to another question")
        if threads_of(node.pid) > 1 and not any(seen["kind"] in THREADS for seen in node.effects):
            raise Tampered("a thread that it does not tell of")
        self.take_uses(node, message)
        shown = {key: message.get(key) for key in ("origin", "exports", "odd", "names", "random", "measured")}
        self.result(node, "done", **shown)
        node.state, node.deadline, node.nonce = "idle", None, None

    def on_withdrawn(self, node: Node, message: Message) -> None:
        """It ends without a result, and leaves its modules to a process above: see `grant`."""
        listed = message.get("modules")
        named = {name for name in listed if type(name) is str} if type(listed) is list else set()
        if named & self.withdrawn:
            raise Tampered("it withdraws once more")
        self.withdrawn |= named
        node.module, node.state, node.deadline = None, "idle", None

    def on_fork(self, node: Node, message: Message) -> None:
        """It wants a child, and does nothing until it has one."""
        node.state = "waiting"
        self.turns.wait_to_fork(node)

    def on_forked(self, node: Node, message: Message) -> None:
        """The child is there."""
        node.may_fork = False

    def on_reaped(self, node: Node, message: Message) -> None:
        """How a child has ended: it is our only source for the exit status."""
        pid, status = message.get("pid"), message.get("status")
        if type(pid) is not int or type(status) is not int:
            raise Tampered("no status")
        self.statuses[pid] = status
        self.limits.has_ended(pid)

    def on_resume(self, node: Node, message: Message) -> None:
        """Its children have ended; it wants to go on itself."""
        node.state = "waiting"
        self.turns.wait_to_resume(node)

    def on_done(self, node: Node, message: Message) -> None:
        """The root has nothing left to do."""
        self.only_root(node)
        self.root_done = True

    def on_bug(self, node: Node, message: Message) -> None:
        """Our own code failed in there: by itself, or because foreign code has put its hands on it."""
        if node.state != "booting":
            raise Tampered("it broke down")
        self.host.tell({"event": "bug", "failure": message.get("failure")})

    # --- permission

    def grant(self) -> None:
        """Let as many processes run as there may be; who resumes is told what processes below have left to it."""
        while turn := self.turns.next():
            node, may_fork = turn
            node.state = "idle"
            if may_fork:
                self.grant_fork(node)
            else:
                self.turns.begin(node)
                again = self.withdrawn - self.told
                node.send([name for name in self.settings["modules"] if name in again])

    def grant_fork(self, node: Node) -> None:
        """A channel for the child, made by us, and permission for one fork."""
        ours, theirs = socket.socketpair()
        codes = self.popular.news_for(node)
        child = self.add(ours, node)
        self.turns.begin(child)
        node.may_fork = True
        node.send_with_channel({"home": child.home, "codes": codes}, theirs)

    # --- clocks and ends

    def watch(self) -> None:
        """End what takes too long or too much, and what has closed its channel and goes on."""
        if not self.limits.is_due():
            return
        for node, ending in self.limits.overdrawn(self.census.all()):
            self.end(node, ending, "")
        self.watch_disk()
        for node in self.limits.overdue():
            self.has_cut_its_line(node)

    def watch_disk(self) -> None:
        """End what has stored too much."""
        for node in self.limits.fullest(self.census.all()):
            self.end(node, "disk", "")

    def end(self, node: Node, ending: str, why: str) -> None:
        """Kill a process; its end is told when its channel closes."""
        node.ending = node.ending or (ending, why)
        node.deadline = None
        if node.may_be_killed:
            kill(node.pid)
        else:
            self.gone(node)

    def gone(self, node: Node) -> None:
        """A process has ended, by itself or by us."""
        self.census.part_with(node)
        self.turns.end(node)
        if node.pid not in self.statuses:
            self.limits.expect_end(node)
        if node.ending:
            self.result(node, node.ending[0], why=node.ending[1], state=node.state)
        elif node.state in ("importing", "answering"):
            self.unexplained.append(node)
        if node is self.root and not self.over:
            self.root_is_gone()

    def root_is_gone(self) -> None:
        """Nobody else reaps the root, and nothing more can come."""
        status = await_end(self.root.pid)
        if status is None:
            self.has_cut_its_line(self.root)
        elif self.root.pid:
            self.statuses[self.root.pid] = status
        self.finish()

    def has_cut_its_line(self, node: Node) -> None:
        """A process has closed its channel and goes on."""
        if node.may_be_killed:
            kill(node.pid)
        if node in self.unexplained:
            self.unexplained.remove(node)
            self.result(node, "tampered", why="it closed its channel and went on")

    def result(self, node: Node, ending: str, **details: object) -> None:
        """What is known of the module that the process was at; the root may have come to none yet."""
        if node.module is None:
            if node is self.root:
                self.no_start["ending"] = ending
            return
        self.told.add(node.module)
        known = {"module": node.module, "ending": ending, "effects": node.effects, "trail": node.trail}
        self.host.tell({"event": "module", **known, **details})

    def finish(self) -> None:
        """All is done, or nothing more can come."""
        for node in [each for each in self.unexplained if each.module not in self.told]:
            self.result(node, "died", status=self.statuses.get(node.pid) if node.pid else None)
        self.over = True

    def close(self) -> None:
        """Give back what is open."""
        self.census.close()
        if self.listener:
            os.close(self.listener.descriptor)
