"""How long a call or an import takes, measured in the sandbox: samples, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from verifier.apis import effects, wire
from verifier.apis.heard import Heard
from verifier.apis.runner import WITHOUT_LAYERS, Sandbox
from verifier.config import Config
from verifier.model import Ending, Failure, Grade, Isolation, Problem, Target

SLACK = 2.0
"""So many times as long as it is measured for a call has before it counts as hung: it is calibrated before."""
WHY = {
    "prints": "it prints, and writing would be measured with it",
    "lazy": "it returns a generator or a coroutine: the call alone runs nothing of it",
}


class Call(Struct, frozen=True, kw_only=True):
    """What is measured, and how often."""

    module: str
    path: str | None
    """What leads to it within the module: `Cart.total`; None for the import of the module."""
    setup: tuple[str, str] | None = None
    """The module and the path of what returns the arguments; None where they are given."""
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    rounds: int
    seconds: float
    """No round begins later than so many seconds after the first one."""


class Samples(Struct, frozen=True, kw_only=True):
    """What the rounds have taken."""

    rounds: tuple[int, ...]
    """Nanoseconds, in the order in which they were measured; at least one."""
    calls: int
    """So many in each round."""
    isolation: Isolation


def time_call(target: Target, call: Call, config: Config, *, confined: bool = True) -> Samples | Problem:
    """The samples of a call under the target's interpreter, or of one import: that is a fresh one each time.

    Raises NotConfined and SandboxError as imports do.
    """
    patient = replace(config, jobs=1, timeout=max(config.timeout, SLACK * call.seconds))
    with Sandbox(target, [call.module], patient, without=() if confined else WITHOUT_LAYERS) as sandbox:
        heard = sandbox.time(call.module, _task(call))
    if call.module in heard.late:
        return Problem(what=f"it did not come to an end within {patient.timeout:g} seconds")
    result = wire.complete(heard.results, [call.module], heard.why)[call.module]
    if result.ending is not Ending.DONE:
        return Problem(what=f"its import failed: {_told(result.failure)}")
    refused = _refused(heard, call.module)
    return Problem(what=refused) if refused else samples_in(heard, call.module)


def samples_in(heard: Heard, module: str) -> Samples | Problem:
    """What was measured in a module, or why nothing was; that was written by a process that has run foreign code."""
    try:
        return _samples(wire.as_dict(heard.measured.get(module)), heard)
    except (wire.MalformedError, KeyError):
        return Problem(what="its process sent something malformed")


def _task(call: Call) -> dict[str, object]:
    return {
        "module": call.module,
        "path": call.path,
        "setup": call.setup,
        "arguments": call.arguments,
        "keywords": dict(call.keywords),
        "rounds": call.rounds,
        "seconds": call.seconds,
    }


def _refused(heard: Heard, module: str) -> str:
    """What it has tried in vain: then what was measured is not what it does."""
    for effect in heard.results[module].effects:
        graded = effects.judge(effect, heard.confined_by)
        if graded.grade is Grade.FORBIDDEN and graded.stopped:
            return f"it tried to {effect.kind} {effect.target}, and was not let: that is not what it does unconfined"
    return ""


def _samples(said: Mapping[str, wire.Json], heard: Heard) -> Samples | Problem:
    if "why" in said:
        why = wire.as_text(said["why"])
        failure = wire.failure(wire.as_dict(said["failure"]), heard.places) if why == "raises" else None
        return Problem(what=f"it raises {_told(failure)}" if failure else WHY.get(why, why))
    rounds = tuple(wire.as_int(each) for each in wire.as_list(said["samples"]))
    calls = wire.as_int(said["calls"])
    if not rounds or min(rounds) <= 0 or calls < 1 or any(isinstance(each, bool) for each in rounds):
        raise wire.MalformedError("samples that no clock could have told")
    return Samples(rounds=rounds, calls=calls, isolation=heard.confined_by)


def _told(failure: Failure | None) -> str:
    if failure is None:
        return "nobody knows why"
    last = failure.frames[-1:]
    where = f" ({last[0].file}:{last[0].line})" if last else ""
    return f"{failure.type}: {failure.message}{where}"
