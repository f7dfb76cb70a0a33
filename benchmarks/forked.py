"""A fork tree and nothing else: what imports take at least, where modules share nothing but the packages above them.

    python -I benchmarks/forked.py JOBS < names of modules

Each process has imported the packages above its modules, and forks a child for each that it has not loaded. Unconfined,
and nobody looks at what comes of an import: how many modules were come to is all that it prints.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    Pipe = tuple[int, int]

MOST = 1 << 16
"""Modules: what a pipe holds without a reader."""


def main() -> None:
    """Come to all modules, and say to how many."""
    names = sys.stdin.read().split()
    turns, ends = os.pipe(), os.pipe()
    os.write(turns[1], b"." * int(sys.argv[1]))
    told = os.dup(1)
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    work(names, turns, ends)
    os.write(told, b"%d modules\n" % len(os.read(ends[0], MOST)))


def work(wanted: list[str], turns: Pipe, ends: Pipe) -> None:
    """Come to these modules: those that are loaded need nothing more."""
    tasks: dict[str, list[str]] = {}
    for name in wanted:
        if name in sys.modules:
            os.write(ends[1], b".")
        else:
            tasks.setdefault(first_unloaded(name), []).append(name)
    gc.freeze()
    children = []
    for head, members in tasks.items():
        os.read(turns[0], 1)
        child = os.fork()
        if child == 0:
            step(head, members, turns, ends)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def step(head: str, members: list[str], turns: Pipe, ends: Pipe) -> NoReturn:
    """Life of a child: import a module, or the first package above those that it is to come to."""
    try:
        try:
            __import__(head)
        except BaseException:  # noqa: BLE001  whatever a module does, the others are come to
            os.write(ends[1], b"." * len(members))
            members = []
        finally:
            os.write(turns[1], b".")
        work(members, turns, ends)
    finally:
        os._exit(0)


def first_unloaded(name: str) -> str:
    """The first of `a`, `a.b`, `a.b.c` that is not loaded."""
    parts = name.split(".")
    heads = [".".join(parts[:length]) for length in range(1, len(parts))]
    return next((head for head in heads if head not in sys.modules), name)


if __name__ == "__main__":
    main()
