"""Python's own reporter: an audit hook (PEP 578) that tells of every attempt as it happens.

It is a witness, not a wall: it lives in the process that it watches. Each attempt is sent before the call goes on, so
that a module that ends the process is seen as well.
"""

from __future__ import annotations

import _thread
import posix
import sys
from time import sleep

from .uses import LISTINGS, Uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from .protocol import Channel, Setup

    Attempt = tuple[str, str, bool]
    """Kind, target, and whether it stays within the scratch folder."""

count_threads = _thread._count
WRITE_FLAGS = posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT | posix.O_TRUNC | posix.O_APPEND
MOST = 300
PATIENCE, PAUSE_SECONDS = 20, 0.01
LONGEST = 400
# event: (kind, index of the path, index of the folder descriptor that a relative path starts from)
PATHS: dict[str, tuple[str, int, int | None]] = {
    "os.remove": ("delete", 0, 1),
    "os.rmdir": ("delete", 0, 1),
    "shutil.rmtree": ("delete", 0, 1),
    "os.mkdir": ("mkdir", 0, 2),
    "os.symlink": ("link", 1, 2),
    "os.truncate": ("write", 0, None),
    "os.chmod": ("metadata", 0, 2),
    "os.chown": ("metadata", 0, 3),
    "os.utime": ("metadata", 0, 3),
    "os.setxattr": ("metadata", 0, None),
    "os.removexattr": ("metadata", 0, None),
    "os.chflags": ("metadata", 0, None),
    "sqlite3.connect": ("write", 0, None),
}
MOVES = {"os.rename": "rename", "os.link": "link"}
ADDRESSES = {
    "socket.connect": ("connect", 1),
    "socket.bind": ("bind", 1),
    "socket.sendto": ("send", 1),
    "socket.sendmsg": ("send", 1),
    "socket.getaddrinfo": ("resolve", 0),
    "socket.gethostbyname": ("resolve", 0),
    "socket.gethostbyaddr": ("resolve", 0),
    "socket.sethostname": ("kernel", 0),
}
PROGRAMS = {"subprocess.Popen": "spawn", "os.system": "spawn", "os.posix_spawn": "spawn", "os.exec": "exec"}
SHELLS = {"/bin/sh", "sh"}
# what needs no look at the arguments, by event
PLAIN = {
    "os.fork": ("fork", ""),
    "os.forkpty": ("fork", ""),
    "os.kill": ("signal", "kill"),
    "os.killpg": ("signal", "killpg"),
    "signal.pthread_kill": ("signal", "pthread_kill"),
    "sys.addaudithook": ("trace", "sys.addaudithook"),
}
IN_MEMORY = {":memory:", ""}
SHARED_MEMORY = "/dev/shm"  # noqa: S108  a name to compare with
OWN_PROCESS, OTHER_PROCESS = "/proc/self/", "/proc/<other>/"
PRIVATE_TO_PROCESS = {
    "environ",
    "mem",
    "maps",
    "smaps",
    "fd",
    "cwd",
    "root",
    "exe",
    "stack",
    "syscall",
    "auxv",
    "cmdline",
}
NO_EFFECT = {"/dev/null", "/dev/tty", "/dev/stdout", "/dev/stderr"}


class Observer:
    """Sends `{"m": "effect", …}` for each new attempt while `listening`."""

    def __init__(self, channel: Channel, setup: Setup) -> None:
        self.channel = channel
        self.scratch = setup["scratch"]
        self.listening = False
        self._readable = tuple([place.rstrip("/") + "/" for place in (self.scratch, *setup["readable"])])
        self._listed = {place.rstrip("/") for place in setup["listed"]}
        self._seen: set[Attempt] = set()
        self._ours = __file__.rpartition("/")[0] + "/"
        self._standard_library = (*setup["standard_library"], "<")
        self.uses = Uses(self.scratch, setup["standard_library"])
        self._getframe = sys._getframe
        self._realpath: Callable[[str], str]  # from `start` on

    def start(self, realpath: Callable[[str], str]) -> None:
        """Install the hook; it cannot be taken away again."""
        self._realpath = realpath
        sys.addaudithook(self._hook)

    def forget(self) -> None:
        """From now on what was seen before is told again: it is somebody else who does it."""
        self._seen.clear()

    def left_threads(self) -> int:
        """Python threads that are alive beside the main one."""
        return count_threads()

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.listening:
            self.uses.note(event, arguments)
            attempt = self._attempt(event, arguments)
            if attempt is not None:
                self._tell(attempt, self._where())

    def _attempt(self, event: str, arguments: tuple[object, ...]) -> Attempt | None:
        attempt = None
        if event == "open":
            attempt = self._opened(*arguments)
        elif event in LISTINGS:
            attempt = self._read(arguments[0], listing=True)
        elif event in PATHS:
            kind, index, folder = PATHS[event]
            attempt = self._path(kind, arguments[index], arguments[folder : folder + 1] if folder else ())
        elif event in MOVES:
            source, goal, *folders = arguments
            attempt = self._path(MOVES[event], goal, folders[1:])
            if attempt is not None and attempt[2]:  # what leaves its place may lie outside, too
                attempt = self._path(MOVES[event], source, folders[:1])
        elif event in ADDRESSES:
            kind, index = ADDRESSES[event]
            attempt = self._address(kind, arguments[index])
        elif event in PROGRAMS:
            attempt = PROGRAMS[event], program_name(event, arguments), False
        elif event in PLAIN:
            attempt = (*PLAIN[event], False)
        return attempt

    def _opened(self, path: object, mode: object, flags: object) -> Attempt | None:
        writes = type(mode) is str and any(char in mode for char in "wax+")
        if not writes and not (type(flags) is int and flags & WRITE_FLAGS):
            return self._read(path)
        return self._path("write", path)

    def _read(self, path: object, *, listing: bool = False) -> Attempt | None:
        """An attempt to read what is there, and is not for an import to read."""
        if type(path) is int or (type(path) is str and path.startswith(self._readable) and is_plain(path)):
            return None
        attempt = self._path("read", "." if path is None else path)
        if attempt is None or attempt[2]:
            return None
        place = attempt[1]
        try:
            posix.stat(path if type(path) is bytes or type(path) is str else ".")
        except (OSError, ValueError):
            return None
        if place.startswith(OTHER_PROCESS):
            return attempt if place.rpartition("/")[2] in PRIVATE_TO_PROCESS else None
        return None if (place + "/").startswith(self._readable) or (listing and place in self._listed) else attempt

    def _path(self, kind: str, path: object, folder: Sequence[object] = ()) -> Attempt | None:
        if type(path) is bytes:
            path = path.decode("utf-8", "surrogateescape")
        listening, self.listening = self.listening, False
        try:
            if type(path) is int:
                path = posix.readlink("/proc/self/fd/%d" % path)
            elif type(path) is not str or path in NO_EFFECT or path in IN_MEMORY:
                return None
            elif folder and type(folder[0]) is int and folder[0] >= 0 and not path.startswith("/"):
                path = posix.readlink("/proc/self/fd/%d" % folder[0]) + "/" + path
            place = self._realpath(path)
        except (OSError, ValueError):
            place = text(path)
        finally:
            self.listening = listening
        return (kind, *shown(place, self.scratch, posix.getpid()))

    def _address(self, kind: str, address: object) -> Attempt | None:
        if address is None:
            return None
        if type(address) is tuple and len(address) > 1 and type(address[1]) is int:
            return kind, "%s:%d" % (text(address[0]), address[1]), False
        return kind, text(address), False

    def tell_changes(self, changes: list[tuple[str, str]]) -> None:
        """Report what pictures of the process show."""
        for kind, target in changes:
            self._tell((kind, target, False), where="", witness="picture")

    def _tell(self, attempt: Attempt, where: str, witness: str = "audit") -> None:
        if attempt in self._seen or len(self._seen) >= MOST:
            return
        self._seen.add(attempt)
        kind, target, contained = attempt
        told = {"kind": kind, "target": target[:LONGEST], "contained": contained, "where": where, "seen_by": witness}
        self.channel.send({"m": "effect", **told})

    def tell_threads(self, before: int) -> None:
        """Report Python threads that an import has left running; one that is about to end may take a moment."""
        if stay(count_threads, before, PATIENCE, PAUSE_SECONDS):
            self._tell(("thread", "", False), where="")

    def _where(self) -> str:
        """`file:line` of the innermost frame outside the standard library and the import system."""
        frame: FrameType | None = self._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith(self._ours) and ("-packages" in file or not file.startswith(self._standard_library)):
                return "%s:%d" % (file, frame.f_lineno)
            frame = frame.f_back
        return ""


def stay(count: Callable[[], int], before: int, tries: int, pause: float) -> bool:
    """Whether there are more threads than before, and stay: one that is about to end may take a moment."""
    for _ in range(tries):
        if count() <= before:
            return False
        sleep(pause)
    return True


def is_plain(path: str) -> bool:
    """Whether a path leads where it seems to: not up again, and not to a process."""
    return ".." not in path and not path.startswith("/proc/")


def shown(path: str, scratch: str, process: int) -> tuple[str, bool]:
    """An absolute path without what differs from run to run, and whether it lies below the scratch folder.

    `process` is the number of the one that uses it.
    """
    if path.startswith(scratch + "/"):
        return stable(path[len(scratch) :]), True
    if path.startswith(SHARED_MEMORY + "/"):
        return SHARED_MEMORY, False  # the C library makes up names there
    parts = path.split("/", 3)
    if len(parts) == 4 and parts[1] == "proc" and parts[2].isdigit():
        return (OWN_PROCESS if parts[2] == "%d" % process else OTHER_PROCESS) + parts[3], False
    return path, False


def stable(path: str) -> str:
    """A path in the scratch folder without what differs from run to run: `<scratch>/.cache/matplotlib`.

    The first component is the process's own folder; temporary names are random.
    """
    parts = path.split("/")[2:4]
    if not parts or not parts[0].startswith("."):
        return "<scratch>"
    return "/".join(["<scratch>", *parts])


def program_name(event: str, arguments: tuple[object, ...]) -> str:
    """The name of the program that is to be started; its arguments often carry random file names."""
    if event == "os.system":
        line = text(arguments[0]).split()
        return line[0].rpartition("/")[2] if line else ""
    program, words = arguments[0], arguments[1]
    if event == "subprocess.Popen":
        if (type(words) is list or type(words) is tuple) and words:
            program = words[0]
            if len(words) > 2 and text(words[1]) == "-c" and text(program) in SHELLS:
                program = text(words[2]).split(" ")[0]
        else:
            program = text(words).split(" ")[0]
    return text(program).rpartition("/")[2]


def text(value: object) -> str:
    """`value` as text without asking it: only exact built-in types are looked into."""
    if type(value) is str:
        return value
    if type(value) is bytes:
        return value.decode("utf-8", "backslashreplace")
    if type(value) is int:
        return "%d" % value
    return "?"
