"""The first process of the tree: it confines itself, lets `site` start up, and forks a tree for each batch of modules.

The order matters: `.pth` lines and `sitecustomize` are code of the target's environment, and the prelude is the user's
own, so they run when every layer holds.
"""

from __future__ import annotations

import posix
import sys

from . import confine, observe
from .answers import describe
from .codes import Codes
from .imports import FEWEST_TO_SHARE, Tree, die_with_parent, settle_in
from .kernel import PR_SET_NO_NEW_PRIVS
from .protocol import VERSION
from .replay import ImportSystem
from .share import Sharing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    from .kernel import KernelCalls
    from .protocol import Channel, Setup

    class Layers(TypedDict):
        """What holds: names of limits, Landlock's ABI, and whether there are the others."""

        rlimits: list[str]
        landlock: int | None
        seccomp: bool
        notify: bool
        audit: bool


SURVEYED = ((3, 9), (3, 10), (3, 11), (3, 12), (3, 13))
"""Versions whose standard library was surveyed (tests/sandbox/test_replay.py)."""
PRELUDE = "prelude"
"""What tracebacks call it."""


def run(channel: Channel, setup: Setup, held: Layers | None = None, *, alone: bool = False) -> None:
    """Serve batches until the supervisor is gone (EOFError).

    `held` is what holds already, where a launcher has come before; `alone` is a root that forks no tree.
    """
    call = None if "ctypes" in setup["without"] else confine.kernel_calls()
    die_with_parent(call, setup["supervisor"])
    held = held or hold(channel, setup, call)
    channel.send({"m": "held", "layers": held})
    channel.receive()
    sys.path.extend(setup["added_path"])
    observer = observe.Observer(channel, setup)
    try:
        start_site(observer, setup["home"], setup["environment"])
        hold_forks = held["seccomp"] and not held["notify"]
        tree = Tree(channel, observer, call, setup, hold_forks)
        run_prelude(tree, setup["prelude"])
    except BaseException as error:
        observer.listening = False
        channel.send({"m": "no_start", "failure": describe(error)})
        return
    observer.forget()
    channel.send({"m": "ready", "used": observer.uses.fetch()})
    may_share = not alone and may_be_shared(setup)
    while True:
        modules = channel.receive()["modules"]
        if alone:
            tree.work(modules)
        else:
            if may_share and len(modules) >= FEWEST_TO_SHARE:
                system = ImportSystem(setup["standard_library"])
                tree.codes, tree.sharing = Codes(system), Sharing(setup["standard_library"], system)
            tree.spawn(tree.work, modules)
            tree.join()
        channel.send({"m": "done"})


def may_be_shared(setup: Setup) -> bool:
    """Whether modules of the standard library may be imported once for many.

    So they may where all of them were surveyed, and no code of the user's has changed how they are imported.
    """
    known = sys.implementation.name == "cpython" and sys.version_info[:2] in SURVEYED
    return known and not setup["prelude"] and "replay" not in setup["without"]


def hold(channel: Channel, setup: Setup, call: KernelCalls | None) -> Layers:
    """Apply every layer that there is, and try each: what is reported is what was seen to refuse.

    `setup["without"]` names layers to do without, so that the ways of other platforms can be tried on this one.
    """
    without = setup["without"]
    cpu = max([setup["cpu"], *[each["cpu"] for each in setup["overrides"].values()]])
    limits = confine.limit_resources(cpu, setup["memory"])
    layers: Layers = {"rlimits": limits, "landlock": None, "seccomp": False, "notify": False, "audit": True}
    if call is None:
        return layers
    call.prctl(PR_SET_NO_NEW_PRIVS, 1)
    confine.drop_capabilities(call)
    abi = 0 if "landlock" in without else confine.landlock_abi(call)
    if abi:
        grants = [(path, confine.READ) for path in setup["readable"]]
        grants += [(path, confine.READ_DIR) for path in setup["listed"]]
        grants += [(path, confine.EXECUTE | confine.READ_FILE) for path in setup["programs"]]
        grants += [(path, confine.WRITE) for path in (setup["scratch"], "/dev/null")]
        confine.restrict_files(call, abi, grants)
        layers["landlock"] = abi if confine.files_are_held(setup["outside"]) else None
    if "seccomp" not in without:
        listener = confine.filter_calls(call, abi, "notify" not in without, may_execute=bool(setup["programs"]))
        if listener is not None:
            send_descriptor(channel, listener)
        confine.refuse_messages(call)
        layers["seccomp"] = confine.calls_are_held(setup["outside"])
        layers["notify"] = listener is not None and confine.forks_are_held()
    return layers


def send_descriptor(channel: Channel, descriptor: int) -> None:
    """Hand the listener to the supervisor and forget it here."""
    import _socket  # noqa: PLC0415

    sock = _socket.socket(fileno=channel.descriptor)
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptor.to_bytes(4, sys.byteorder))
    sock.sendmsg([b'{"v":%d,"m":"listener"}\n' % VERSION], [rights])
    sock.detach()
    posix.close(descriptor)
    channel.receive()


def say_nothing() -> None:
    """Nothing to read on the standard streams, and nobody who hears what is written there."""
    null = posix.open("/dev/null", posix.O_RDWR)
    for descriptor in (0, 1, 2):
        posix.dup2(null, descriptor)
    posix.close(null)


def start_site(observer: observe.Observer, home: str, environment: dict[str, str]) -> None:
    """What the interpreter does at its start: `.pth` lines and `sitecustomize` run, confined and watched.

    `environment` is what the user adds to ours, which comes last and wins.
    """
    import os.path  # noqa: PLC0415
    import site  # noqa: PLC0415

    os.environ.update(environment)
    settle_in(home)
    observer.start(os.path.realpath)
    observer.listening = True
    site.main()
    observer.listening = False


def run_prelude(tree: Tree, source: str) -> None:
    """Run the user's code in a namespace of its own, if there is any, watched like an import."""
    if source:
        tree.channel.send({"m": "prelude"})
        namespace: dict[str, object] = {"__name__": PRELUDE}
        tree.watch(lambda: exec(compile(source, PRELUDE, "exec", dont_inherit=True), namespace))  # noqa: S102
