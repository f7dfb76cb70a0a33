"""One run of the supervisor: make a place, start, and leave nothing behind, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile

from . import confine, kernel
from .host import Host
from .processes import kill, sweep
from .readable import readable
from .supervisor import Supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

    from .host import Settings
    from .protocol import Setup


def setup(settings: Settings, scratch: str, outside: str, home: str) -> Setup:
    """What the root must know."""
    own = os.path.dirname(os.path.abspath(__file__))  # a warning shows the line of its caller, which may be ours
    whole, mixed = readable([own, *settings["readable"]])
    return {
        "added_path": settings["added_path"],
        "standard_library": settings["standard_library"],
        "readable": whole,
        "listed": [*mixed, *settings["listed"]],
        "scratch": scratch,
        "outside": outside,
        "home": home,
        "supervisor": os.getpid(),
        "cpu": settings["cpu"],
        "memory": settings["memory"],
        "without": settings["without"],
    }


def run(sock: _socket.socket, root_pid: int) -> None:
    """Life of the supervisor: settings in the host's first line, events out, questions in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the host decides
    call = confine.kernel_calls()
    if call is not None:
        call.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    host = Host()
    settings = host.settings()
    place = os.path.realpath(tempfile.mkdtemp(prefix="verify-apis-"))
    try:
        scratch, outside = place + "/scratch", place + "/outside"
        os.mkdir(scratch, 0o700)
        os.mkdir(outside, 0o700)
        supervisor = Supervisor(host, socket.socket(fileno=sock.detach()), root_pid, settings, scratch)
        supervisor.root.send(setup(settings, scratch, outside, supervisor.root.home))
        supervisor.serve()
    finally:
        kill(root_pid)
        sweep()
        shutil.rmtree(place, ignore_errors=True)
