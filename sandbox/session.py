"""One run of the supervisor: make a place, start, and leave nothing behind, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket

from . import confine, kernel, place
from .host import Host
from .processes import sweep
from .readable import readable
from .supervisor import Supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Sequence
    from types import TracebackType

    from .host import Questions, Settings
    from .protocol import Setup


def run(sock: _socket.socket, root_pid: int) -> None:
    """Life of the supervisor over a root that was forked; settings are the host's first line."""
    with Session() as session:
        session.serve(socket.socket(fileno=sock.detach()), root_pid, session.settings["modules"], session.setup())
        session.end()


def run_by_starting(ways: list[str]) -> None:
    """The same over roots that are started here: with a launcher (`launch`), or one for each module (`fresh`)."""
    from . import start  # noqa: PLC0415  loads what else only the root loads

    with Session() as session:
        modules, interpreter = session.settings["modules"], session.settings["interpreter"]
        for batch in [[module] for module in modules] if "fresh" in ways else [modules]:
            if session.host.gone:
                break
            setup = session.setup(start.programs(interpreter) if "launch" in ways else [])
            sock, pid = start.launch(setup, interpreter, alone="fresh" in ways) if setup["programs"] else start.fresh()
            session.serve(sock, pid, batch, setup)
            session.clear()
        session.end()


class Session:
    """The supervisor's place on disk, and its host."""

    def __init__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the host decides
        call = confine.kernel_calls()
        if call is not None:
            call.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        self.host = Host()
        self.settings = self.host.settings()
        own = os.path.dirname(os.path.abspath(__file__))  # a warning shows the line of its caller, which may be ours
        self._readable, mixed = readable([own, *self.settings["readable"]])
        self._listed = [*mixed, *self.settings["listed"]]
        self.place, self._lock = place.make()
        self.scratch, self.outside = self.place + "/scratch", self.place + "/outside"
        self.started = False
        self.no_start: dict[str, object] = {}
        self._questions: Questions | None = None

    def __enter__(self) -> Session:  # noqa: PYI034  Self is newer than the oldest target
        os.mkdir(self.scratch, 0o700)
        os.mkdir(self.outside, 0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sweep()
        shutil.rmtree(self.place, ignore_errors=True)
        for folder in self.settings["unpacked"] if self.host.is_dead() else ():
            shutil.rmtree(folder, ignore_errors=True)
        os.close(self._lock)

    def serve(self, sock: socket.socket, root_pid: int, modules: list[str], setup: Setup) -> None:
        """One supervisor over one root. A launcher knows its set-up; what it becomes asks for it."""
        settings: Settings = {**self.settings, "modules": modules}
        supervisor = Supervisor(self.host, sock, root_pid, settings, setup)
        supervisor.questions = self._questions
        if not setup["programs"]:
            supervisor.greet()
        supervisor.serve()
        supervisor.close()
        self.started = self.started or supervisor.started
        self.no_start = supervisor.no_start or self.no_start
        self._questions = supervisor.questions

    def setup(self, programs: Sequence[str] = ()) -> Setup:
        """What the root must know; `programs` are what its launcher may execute."""
        settings = self.settings
        return {
            "added_path": settings["added_path"],
            "standard_library": settings["standard_library"],
            "readable": self._readable,
            "listed": self._listed,
            "programs": list(programs),
            "scratch": self.scratch,
            "outside": self.outside,
            "home": "",  # the supervisor makes one, and tells it with the rest
            "supervisor": os.getpid(),
            "cpu": settings["cpu"],
            "memory": settings["memory"],
            "without": settings["without"],
            "environment": settings["environment"],
            "prelude": settings["prelude"],
            "overrides": settings["overrides"],
        }

    def clear(self) -> None:
        """End what is left of a root, and empty its place."""
        sweep()
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.mkdir(self.scratch, 0o700)

    def end(self) -> None:
        """Tell the host that all is done."""
        self.host.tell({"event": "end", "started": self.started, "no_start": self.no_start})
