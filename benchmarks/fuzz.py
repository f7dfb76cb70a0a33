"""Random and mutated inputs for what reads foreign data: it must come to a result, and never to an error of ours.

    python benchmarks/fuzz.py [--count 1000000] [--seed 0] [--only supervisor]

- `supervisor`: bytes on the channel of a process of the tree, in each state that it can be in;
- `wire`: what the supervisor passes on, as the host makes results of it;
- `exports`: source files around `__all__`, as both observers read them.

Prints a line for each reader, and stops with the input that broke it.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from sandbox.host import Host  # noqa: E402
from sandbox.node import ALLOWED, Node  # noqa: E402
from sandbox.supervisor import Supervisor  # noqa: E402
from verifier.apis import wire  # noqa: E402
from verifier.apis.facts import Facts  # noqa: E402
from verifier.apis.source import read_facts  # noqa: E402
from verifier.model import Failure, ImportResult, Problem  # noqa: E402

MESSAGES: tuple[dict[str, Any], ...] = (
    {"v": 1, "m": "hello", "pid": 4194303},
    {"v": 1, "m": "begin", "module": "demo"},
    {"v": 1, "m": "effect", "kind": "write", "target": "x", "where": "", "contained": True, "seen_by": "audit"},
    {"v": 1, "m": "loaded"},
    {"v": 1, "m": "failed", "module": "demo", "failure": {"type": "E", "message": "", "frames": [["f", 1]]}},
    {"v": 1, "m": "imported", "module": "demo"},
    {"v": 1, "m": "answer", "module": "demo", "nonce": "00", "names": {"x": {"how": "dict"}}, "random": False},
    *(
        {"v": 1, "m": kind}
        for kind in ("fork", "forked", "resume", "done", "prelude", "ready", "held", "listener", "launch", "bug")
    ),
    {"v": 1, "m": "no_start", "failure": {"type": "E", "message": "", "frames": [["f", 1]]}},
    {"v": 1, "m": "reaped", "pid": 1, "status": 0},
)
NAMES: dict[str, Any] = {
    "a": {"how": "dict", "kind": "class", "doc": "x"},
    "b": {"how": "raised", "failure": {"type": "E", "message": "m", "frames": []}},
}
EVENT: dict[str, Any] = {
    "event": "module", "module": "demo", "ending": "done", "origin": "/x.py", "exports": ["a"], "odd": False,
    "names": NAMES, "random": False, "status": 9, "why": "x",
    "failure": {"type": "E", "message": "m", "frames": [["f", 1]], "missing": "x", "exits": False, "variable": "X"},
    "effects": [{"kind": "w", "target": "t", "contained": True, "seen_by": ["audit"], "where": ""}],
}  # fmt: skip
NO_START: dict[str, Any] = {"prelude": True, "failure": EVENT["failure"], "ending": "timeout"}
SOURCES = (
    "__all__ = ['a', 'b']\n", "__all__ += x.__all__\n", "__all__.extend(['c'])\n", "__all__: list[str] = []\n",
    "__all__ = tuple(n for n in dir() if n)\n", "__all__.remove('a')\n", "from .x import *\n", "class A: 'doc'\n",
    "from .x import __all__ as y\n", "__all__.append('d')\n", "if x:\n    __all__ = ['a'] + y.__all__\n",
    "__all__ = [*a, f'c', b'd', 'e' 'f']\n",
    "__getattr__, __dir__, __all__ = lazy.attach(__name__, ['a'], {'b': ['c']})\n",
    "def __getattr__(name):\n    if name in __all__:\n        return 1\n",
    "try:\n    import a\nexcept E:\n    a = None\n", "del a\n", "\\\n", "#", "'", "(", "\x00", "é", "\t",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "x" * 300,
    "\udcff",
    [],
    [[]],
    {},
    {"a": {}},
    ["a", 1],
    float("inf"),
)


def main() -> int:
    """Feed each reader."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=1_000_000, help="inputs for each reader")
    options.add_argument("--seed", type=int, default=0, help="the same seed, the same inputs")
    options.add_argument("--only", choices=READERS, help="one reader")
    chosen = options.parse_args()
    for name in [chosen.only] if chosen.only else READERS:
        start = time.monotonic()
        READERS[name](random.Random(chosen.seed), chosen.count)
        print(f"{name}: {chosen.count:,} inputs, no error, {time.monotonic() - start:.0f} s", flush=True)
    return 0


def mutated_bytes(chance: random.Random, data: bytes) -> bytes:
    """The bytes with some cut out, doubled, or exchanged."""
    for _ in range(chance.randrange(4)):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        middle = chance.choice((b"", data[at:end] * 2, chance.randbytes(end - at), data[end:at:-1], b"\n", b"{", b'"'))
        data = data[:at] + middle + data[end:]
    return data


def mutated(chance: random.Random, value: Any) -> Any:
    """A JSON value with something else somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        return {**value, key: mutated(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], mutated(chance, value[at]), *value[at + 1 :]]
    return copy.deepcopy(chance.choice(ODD))


def fuzz_supervisor(chance: random.Random, count: int) -> None:
    """What a process says: at once, in parts, in any state."""
    with tempfile.TemporaryDirectory() as place, Path(os.devnull).open("w", encoding="ascii") as nowhere:
        sys.stdout, shown = nowhere, sys.stdout  # the host's end of what the supervisor tells
        try:
            line = Line(place)
            for _ in range(count):
                message = chance.choice(MESSAGES)
                changed = mutated(chance, message) if chance.random() < 0.5 else message
                line.state = chance.choice(list(ALLOWED))
                line.say(mutated_bytes(chance, json.dumps(changed).encode() + b"\n" * chance.randrange(3)))
        finally:
            sys.stdout = shown


class Line:
    """A supervisor, and a process that it listens to: a new one when it has enough of the last."""

    def __init__(self, place: str) -> None:
        settings: Any = {"modules": ["demo"], "timeout": 1.0, "memory": 1024, "jobs": 2, "isolation": "auto"}
        setup: Any = {"scratch": place, "programs": [], "overrides": {"demo": {"timeout": 2.0}}}
        root, self._other = socket.socketpair()
        self._supervisor = Supervisor(Host(), root, 0, settings, setup)
        self.state = ""
        self._connect()

    def _connect(self) -> None:
        ours, self._end = socket.socketpair()
        self._end.setblocking(False)
        self._node: Node = self._supervisor.add(ours, self._supervisor.root)

    def say(self, data: bytes) -> None:
        """Let the process say it, in its state."""
        if not self._node.alive() or self._node.ending:
            self._end.close()
            self._connect()
        self._node.state, self._node.module = self.state, "demo"
        self._end.sendall(data)
        checked(lambda: self._supervisor.hear(self._node), (self.state, data))
        with suppress(OSError):
            while self._end.recv(1 << 16):
                pass


def fuzz_wire(chance: random.Random, count: int) -> None:
    """What the supervisor passes on."""
    for _ in range(count):
        event = {**EVENT, "ending": chance.choice(("done", "raised", "died", "timeout", "disk", "tampered"))}
        for _ in range(chance.randrange(1, 4)):
            changed = mutated(chance, event)
            event = changed if isinstance(changed, dict) else event
        told = json.loads(json.dumps({**event, "event": "module", "module": "demo"}))
        result = checked(lambda told=told: wire.result(told, ("/srv",)), told)  # type: ignore[misc]
        if not isinstance(result, ImportResult):
            raise TypeError(type(result))
        start = json.loads(json.dumps(mutated(chance, NO_START)))
        why = checked(lambda start=start: wire.no_start(start, ("/srv",)), start)  # type: ignore[misc]
        if not isinstance(why, Failure):
            raise TypeError(type(why))


def fuzz_exports(chance: random.Random, count: int) -> None:
    """Source files, most of them broken."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "demo.py")
        for _ in range(count):
            text = "".join(chance.choices(SOURCES, k=chance.randrange(1, 4)))
            data = mutated_bytes(chance, text.encode("utf-8", "surrogateescape"))
            path.write_bytes(data)
            facts = checked(lambda: read_facts(path, "demo", is_package=chance.random() < 0.5), data)
            if not isinstance(facts, Facts | Problem):
                raise TypeError(type(facts))


def checked(read: Callable[[], Any], data: object) -> Any:
    """What the reader makes of it; the input is shown where it breaks."""
    try:
        return read()
    except Exception:
        print(f"input {data!r}", file=sys.stderr)
        raise


READERS: dict[str, Callable[[random.Random, int], None]] = {
    "supervisor": fuzz_supervisor,
    "wire": fuzz_wire,
    "exports": fuzz_exports,
}

if __name__ == "__main__":
    sys.exit(main())
