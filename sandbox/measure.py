"""How long a call takes, as samples: what the supervisor may ask of a module once it is imported.

Like all that runs here it was captured before the import: a clock that the target has replaced is not looked at. The
samples are those of rounds, each of so many calls that it is well above what the clock can tell; who asks divides.
"""

from __future__ import annotations

import builtins
import posix
import sys
from time import perf_counter_ns

from .answers import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from .protocol import Task


def made_lazily() -> list[object]:
    """A generator, a coroutine, and a generator that is asynchronous, none of which has run."""

    async def asynchronous() -> None:
        """Nothing."""

    async def both() -> AsyncIterator[None]:
        yield

    def generator() -> Iterator[None]:
        yield

    coroutine = asynchronous()
    coroutine.close()
    return [generator(), coroutine, both()]


clock = perf_counter_ns
import_ = builtins.__import__
getattr_ = builtins.getattr
range_ = builtins.range
modules = sys.modules
LAZY = tuple(type(each) for each in made_lazily())
"""The types of generators and coroutines."""
SHORTEST = 50_000
"""Nanoseconds that a round takes at least."""
STEPS = 100
"""So many of the smallest steps of the clock a round takes at least."""
READINGS = 1000
SECOND = 1_000_000_000


def measure(task: Task, home: str, took: int) -> dict[str, object]:
    """Samples in nanoseconds, with the number of calls in each; or why there are none.

    `took` is what the import of the module has taken, with the packages above it: the one sample of an import.
    """
    if task["path"] is None:
        return {"samples": [took], "calls": 1}
    try:
        call, arguments, keywords = prepared(task)
        printed, result = quietly(home, lambda: call(*arguments, **keywords))
        if printed:
            return {"why": "prints"}
        if is_lazy(result):
            return {"why": "lazy"}
        return rounds(call, arguments, keywords, task["rounds"], int(task["seconds"] * SECOND))
    except BaseException as error:
        return {"why": "raises", "failure": describe(error)}


def prepared(task: Task) -> tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]:
    """What is called, and with what: a set-up returns both positional and named arguments, or nothing."""
    call = resolved(task["module"], task["path"] or "")
    if task["setup"] is None:
        return call, tuple(task["arguments"]), dict(task["keywords"])
    made = resolved(*task["setup"])()
    if made is None:
        return call, (), {}
    arguments, keywords = made
    return call, tuple(arguments), dict(keywords)


def resolved(module: str, path: str) -> Any:
    """What a dotted path leads to within a module."""
    import_(module)
    value: Any = modules[module]
    for name in path.split("."):
        value = getattr_(value, name)
    return value


def is_lazy(value: object) -> bool:
    """Whether a call has only made something that is still to be run."""
    return any(type(value) is each for each in LAZY)


def quietly(home: str, work: Callable[[], object]) -> tuple[bool, object]:
    """What a first call returns, and whether anything was printed."""
    path = home + "/printed"
    file = posix.open(path, posix.O_RDWR | posix.O_CREAT | posix.O_TRUNC, 0o600)
    before = [posix.dup(descriptor) for descriptor in (1, 2)]
    try:
        for descriptor in (1, 2):
            posix.dup2(file, descriptor)
        result = work()
        for stream in (sys.stdout, sys.stderr):
            flush = getattr_(stream, "flush", None)
            if flush is not None:
                flush()
        return posix.fstat(file).st_size > 0, result
    finally:
        for descriptor, kept in enumerate(before, 1):
            posix.dup2(kept, descriptor)
            posix.close(kept)
        posix.close(file)
        posix.unlink(path)


def rounds(
    call: Callable[..., object], arguments: tuple[Any, ...], keywords: dict[str, Any], most: int, limit: int
) -> dict[str, object]:
    """So many samples, or as many as there is time for: one at least."""

    def run(calls: int) -> int:
        turns = range_(calls)
        began = clock()
        for _ in turns:
            call(*arguments, **keywords)
        return clock() - began

    end = clock() + limit
    calls = enough(run, max(SHORTEST, STEPS * resolution()))
    samples = [run(calls)]
    while len(samples) < most and clock() < end:
        samples.append(run(calls))
    return {"samples": samples, "calls": calls}


def enough(run: Callable[[int], int], least: int) -> int:
    """How many calls take at least so many nanoseconds together.

    The quicker of two runs counts: a process is held up now and then, and a quick call must not pass for a slow one.
    """
    calls = 1
    while True:
        took = min([run(calls), run(calls)])
        if took >= least:
            return calls
        calls = min(10 * calls, calls * least // max(took, 1) + 1)


def resolution() -> int:
    """The smallest step that the clock was seen to make, in nanoseconds."""
    seen = [clock() for _ in range_(READINGS)]
    return min([later - sooner for sooner, later in zip(seen, seen[1:]) if later > sooner] or [1])
