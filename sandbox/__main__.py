"""The program that the tool starts under the target's interpreter: `python -I -S -B sandbox/__main__.py`.

It forks at once. The child becomes the root of the tree, with as few modules loaded as can be; the parent becomes the
supervisor, which never runs code of the target and may load what it likes. The parts are loaded under a private name,
and nothing of them stays on `sys.path` or in `sys.modules` of the child. They import `__future__`; this file does not,
so that it can tell whether somebody else has done so before: hence its annotations are such that 3.9 can evaluate them.
"""

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; that one loads more
import _socket
import marshal
import posix
import sys
from _frozen_importlib import ModuleSpec, module_from_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import NoReturn

    from .protocol import Channel, Setup
    from .root import Layers

PRIVATE = "_verify_apis_sandbox"
SUPERVISOR_END, ROOT_END = 0, 1
LOADED_BEFORE = frozenset(sys.modules)


def private_package(folder: str) -> None:
    """Make the parts importable as `_verify_apis_sandbox.*` without touching `sys.path`."""
    package = module_from_spec(ModuleSpec(PRIVATE, None, is_package=True))
    package.__path__ = [folder]
    sys.modules[PRIVATE] = package


def part(name: str) -> "ModuleType":
    """One part of the sandbox."""
    __import__(PRIVATE + "." + name)
    return sys.modules[PRIVATE + "." + name]


def leave_no_footprint(folder: str) -> None:
    """Take what only we have loaded out of sight: the target must find what a fresh interpreter would find."""
    for name in sys.modules.keys() - LOADED_BEFORE:
        if name.partition(".")[0] in (PRIVATE, "__future__"):
            del sys.modules[name]
    sys.path_importer_cache.pop(folder, None)
    main = type(sys)("__main__")
    main.__dict__["__builtins__"] = __builtins__
    kept.append(sys.modules["__main__"])
    sys.modules["__main__"] = main
    sys.argv[:] = ["-c"]


kept: "list[ModuleType]" = []


def be_root(sock: _socket.socket, folder: str, *, held: "Layers | None" = None, alone: bool = False) -> "NoReturn":
    """Life of the tree's first process; see `root.run`."""
    channel: Channel = part("protocol").Channel(sock.detach())
    run, say_last_words = part("root").run, part("imports").say_last_words
    setup: Setup = channel.receive()
    if held is None:
        part("root").say_nothing()
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)  # whoever runs us in the background ignores it
    leave_no_footprint(folder)
    try:
        run(channel, setup, held, alone=alone)
    except EOFError:
        pass
    except BaseException as error:
        say_last_words(channel, error)
    posix._exit(0)


def fork(folder: str) -> None:
    """Fork into root and supervisor."""
    ends = _socket.socketpair()
    pid = posix.fork()
    if pid == 0:
        _socket.close(ends[SUPERVISOR_END].detach())
        be_root(_socket.socket(fileno=ends[ROOT_END].detach()), folder)
    _socket.close(ends[ROOT_END].detach())
    part("session").run(ends[SUPERVISOR_END], pid)


def main(words: "list[str]") -> None:
    """Without words, fork at once. `launch` and `fresh` are ways to start roots, which are told `root` and more."""
    folder = __file__.rpartition("/")[0]
    private_package(folder)
    if not words:
        fork(folder)
    elif words[0] != "root":
        part("session").run_by_starting(words)
    else:
        sock = _socket.socket(fileno=int(words[1]))
        held = marshal.loads(bytes.fromhex(words[3])) if len(words) > 3 else None  # noqa: S302  `start` wrote it
        be_root(sock, folder, held=held, alone=words[2] == "alone")


main(sys.argv[1:])
