"""What imports depend on: the files that they ran, read or looked for, and the folders that they listed.

With these the host knows when what an import showed once still holds. It is told of every path once in a process and
its children. The standard library belongs to the interpreter, and the scratch folder is gone afterwards: both are left
out.
"""

from __future__ import annotations

import posix
from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

getcwd = posix.getcwd
MOST = 20_000
LONGEST = 4096
LISTINGS = {"os.listdir", "os.scandir"}
BYTECODE = "/__pycache__/"
OF_INSTALLED = "-packages"


class Uses:
    """Takes note of events of the audit hook. What it has noted since the last time is to be fetched."""

    def __init__(self, scratch: str, standard_library: Iterable[str]) -> None:
        self._seen: set[str] = set()
        self._new: list[str] = []
        self._scratch = scratch + "/"
        self._standard_library = tuple([place.rstrip("/") + "/" for place in standard_library])

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take note of what an event says of a file or a folder."""
        if event == "exec":  # of a module that has a `.pyc`, nobody opens the source
            code = arguments[0]
            path: object = code.co_filename if type(code) is CodeType else None
        elif event == "open" or event in LISTINGS:
            path = "." if arguments[0] is None else arguments[0]
        elif event == "import":  # the file of an extension module
            path = arguments[1]
        else:
            return
        if type(path) is str and path not in self._seen:
            self._add(path)
        elif type(path) is bytes:
            self._add(path.decode("utf-8", "surrogateescape"))

    def fetch(self) -> list[str] | None:
        """The absolute paths since the last time; None once there were too many to tell."""
        new, self._new = self._new, []
        return new if len(self._seen) < MOST else None

    def _add(self, path: str) -> None:
        if len(self._seen) >= MOST:
            return
        self._seen.add(path)
        if path.startswith("<") or BYTECODE in path or len(path) > LONGEST:
            return
        place = path if path.startswith("/") else getcwd() + "/" + path
        if ".." not in place:
            if place.startswith(self._scratch):
                return
            if place.startswith(self._standard_library) and OF_INSTALLED not in place:
                return
        self._new.append(place)
