"""What the sandbox says, as values.

Half of it was written by a process that has run foreign code, so nothing is taken on trust: a field that has not its
shape makes the module `tampered`, and never an error of ours.
"""

from __future__ import annotations

import inspect
import re
import signal
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from msgspec.structs import replace

from verifier.model import Answer, Effect, Ending, Failure, Frame, How, ImportResult, Isolation, Kind, Trail

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Event: TypeAlias = Mapping[str, Json]
Places: TypeAlias = tuple[str, ...]
"""Folders of the search path, the longest first, so that of two nested ones the inner one counts."""

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
SCRATCH = re.compile(r"[^\s'\"]*/verify-apis-[^/\s'\"]+/scratch/\d+")
ENDINGS: Mapping[str, tuple[str, str]] = {
    Ending.TIMEOUT: ("Timeout", "did not end in time"),
    Ending.MEMORY: ("MemoryLimit", "took more memory than allowed"),
    Ending.DISK: ("DiskLimit", "stored more than allowed"),
}
NO_TRAILS: Mapping[Json, Trail] = MappingProxyType({})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class MalformedError(Exception):
    """A field has not the shape that the contract gives it."""


def isolation(event: Event) -> Isolation:
    """The layers that the root of the tree has tried, before it ran anything foreign."""
    layers = as_dict(event["layers"])
    abi = layers.get("landlock")
    return Isolation(
        landlock=abi if isinstance(abi, int) else None,
        seccomp=layers.get("seccomp") is True,
        notify=layers.get("notify") is True,
        rlimits=tuple(as_text(name) for name in as_list(layers.get("rlimits"))),
        audit=layers.get("audit") is True,
    )


def trail(event: Event, known: Mapping[Json, Trail]) -> Trail:
    """What imports depend on from here on, which goes on from one that is `known`."""
    told = event.get("used")
    paths = tuple(path for path in told if isinstance(path, str)) if isinstance(told, list) else ()
    is_whole = isinstance(told, list) and len(paths) == len(told)
    return Trail(after=known.get(event["after"]), used=paths, is_whole=is_whole)


def result(event: Event, places: Places = (), trails: Mapping[Json, Trail] = NO_TRAILS) -> ImportResult:
    """One module's result; what does not have its shape is a tampered one.

    Files below `places` (the search path) are named relative to them: `requests/api.py`.
    """
    module = as_text(event["module"])
    try:
        return replace(_result(module, event, places), trail=trails.get(event.get("trail")))
    except (MalformedError, KeyError, ValueError) as wrong:
        failure = Failure(type="Tampered", message=f"its process sent something malformed: {wrong}")
        return ImportResult(module=module, ending=Ending.TAMPERED, failure=failure, answers={})


def _result(module: str, event: Event, places: Places) -> ImportResult:
    ending = Ending(as_text(event["ending"]))
    exports = event.get("exports")
    random = event.get("random") is True
    return ImportResult(
        module=module,
        ending=ending,
        failure=_failure(ending, event, places),
        origin=None if event.get("origin") is None else as_text(event.get("origin")),
        exports=None if exports is None else tuple(as_text(name) for name in as_list(exports)),
        odd_exports=event.get("odd") is True,
        answers={
            name: _answer(as_dict(shown), places, random=random)
            for name, shown in as_dict(event.get("names") or {}).items()
        },
        effects=effects(event, places),
    )


def _failure(ending: Ending, event: Event, places: Places) -> Failure | None:
    if ending is Ending.DONE:
        return None
    if ending is Ending.RAISED:
        return failure(as_dict(event["failure"]), places)
    if ending is Ending.DIED:
        return death(event.get("status"))
    if ending is Ending.TAMPERED:
        return Failure(type="Tampered", message=f"its process broke the protocol: {event.get('why')}")
    kind, how = ENDINGS[ending]
    return Failure(type=kind, message=f"the import {how}")


def failure(shown: Mapping[str, Json], places: Places = ()) -> Failure:
    """An exception as the child describes it, without what differs from run to run."""
    missing, variable = shown.get("missing"), shown.get("variable")
    frames = [as_list(frame) for frame in as_list(shown.get("frames"))]
    return Failure(
        type=plain(as_text(shown["type"])),
        message=plain(as_text(shown["message"]), places),
        frames=tuple(Frame(file=relative(as_text(file), places), line=as_int(line)) for file, line in frames),
        missing=None if missing is None else as_text(missing),
        exits=shown.get("exits") is True,
        variable=None if variable is None else as_text(variable),
        after_import=shown.get("after_import") is True,
    )


def no_start(shown: Json, places: Places = ()) -> Failure:
    """Why no module was tried: `.pth` lines and `sitecustomize` are code of the environment, the prelude the user's."""
    told = shown if isinstance(shown, dict) else {}
    in_prelude = told.get("prelude") is True
    what = "the prelude" if in_prelude else "the interpreter's start-up"
    try:
        error = failure(as_dict(told["failure"]), places)
    except (MalformedError, KeyError, ValueError):
        known = ENDINGS.get(str(told.get("ending")))
        kind, how = known or ("NoStart", "did not come through")
        message = what if in_prelude else f"{what} (.pth files, sitecustomize)"
        return Failure(type=kind, message=f"{message} {how}", in_prelude=in_prelude)
    return replace(error, message=f"{what} failed: {error.message}", in_prelude=in_prelude)


def death(status: Json) -> Failure:
    """How a process ended that never answered, from the status of waitpid(2)."""
    if not isinstance(status, int):
        return Failure(type="Died", message="the process ended during the import")
    if status & 0x7F == 0:
        return Failure(
            type="Exited", message=f"the process ended with status {status >> 8} during the import", exits=True
        )
    try:
        name = signal.Signals(status & 0x7F).name
    except ValueError:
        name = f"signal {status & 0x7F}"
    if name == "SIGXCPU":
        return Failure(type="Timeout", message="the import used more CPU time than allowed")
    return Failure(type="Crashed", message=f"the process was ended by {name} during the import")


def _answer(shown: Mapping[str, Json], places: Places, *, random: bool) -> Answer:
    how = How(as_text(shown["how"]))
    told, doc = shown.get("failure"), shown.get("doc")
    return Answer(
        how=How.FABRICATED if how is How.LAZY and random else how,
        kind=Kind(as_text(shown.get("kind", "unknown"))),
        is_none=shown.get("none") is True,
        doc_chars=None if doc is None else len(inspect.cleandoc(as_text(doc))),
        failure=None if told is None else failure(as_dict(told), places),
    )


def effects(event: Event, places: Places) -> tuple[Effect, ...]:
    """The attempts that an event tells of, each once, in an order of their own."""
    return tuple(sorted({_effect(as_dict(seen), places) for seen in as_list(event.get("effects"))}, key=repr))


def _effect(seen: Mapping[str, Json], places: Places) -> Effect:
    return Effect(
        kind=as_text(seen["kind"]),
        target=plain(as_text(seen["target"])),
        contained=seen.get("contained") is True,
        seen_by=tuple(sorted(as_text(witness) for witness in as_list(seen["seen_by"]))),
        where=relative(as_text(seen["where"]), places),
    )


def complete(
    results: Mapping[str, ImportResult], modules: Iterable[str], why: Failure | None
) -> dict[str, ImportResult]:
    """A result for each module: one below a package that failed was not tried, since it would fail the same way.

    `why` says what kept the rest from being reached, if anything did.
    """
    known = dict(results)
    for module in sorted(modules):
        if module not in known:
            known[module] = _not_tried(module, known, why)
    return known


def _not_tried(module: str, known: Mapping[str, ImportResult], why: Failure | None) -> ImportResult:
    parent = "" if why else module.rpartition(".")[0]
    while parent and (parent not in known or known[parent].ending is Ending.DONE):
        parent = parent.rpartition(".")[0]
    if not parent:
        lost = Failure(type="NotReached", message="the sandbox ended before it came to this module")
        return ImportResult(module=module, ending=Ending.NOT_REACHED, failure=why or lost, answers={})
    above = known[parent]
    # a fresh interpreter would show the same exception here; of a package that hangs or dies nobody has seen the rest
    ending = Ending.RAISED if above.ending is Ending.RAISED else Ending.NOT_REACHED
    return ImportResult(
        module=module,
        ending=ending,
        failure=above.failure,
        culprit=above.culprit or parent,
        answers={},
        effects=above.effects,
        trail=above.trail,
    )


def plain(text: str, places: Places = ()) -> str:
    """Text without what differs from run to run and from machine to machine.

    That is: addresses of objects, scratch folders, the folders of the search path, control characters.
    """
    for place in places:
        text = text.replace(f"{place}/", "")
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", SCRATCH.sub("<scratch>", ADDRESS.sub("0x…", text)))


def relative(file: str, places: Places) -> str:
    """The file as people know it: relative to the folder of the search path that it is below."""
    inside = next((place for place in places if file.startswith(f"{place}/")), "")
    return file[len(inside) + 1 :] if inside else file


def as_text(value: Json) -> str:
    """A string. Raises MalformedError."""
    if not isinstance(value, str):
        raise MalformedError(f"a string was due, not {type(value).__name__}")
    return value


def as_int(value: Json) -> int:
    """An integer. Raises MalformedError."""
    if not isinstance(value, int):
        raise MalformedError(f"a number was due, not {type(value).__name__}")
    return value


def as_list(value: Json) -> list[Json]:
    """A list. Raises MalformedError."""
    if not isinstance(value, list):
        raise MalformedError(f"a list was due, not {type(value).__name__}")
    return value


def as_dict(value: Json) -> dict[str, Json]:
    """An object. Raises MalformedError."""
    if not isinstance(value, dict):
        raise MalformedError(f"an object was due, not {type(value).__name__}")
    return value
