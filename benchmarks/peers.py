"""The other ways to check a package, each as its users run it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import Run
from ways import Place, Refused, Way, ending

FRESH, FORKED, ONE_PROCESS = "fresh interpreters", "bare fork tree", "one process"
EFFECTS, GRIFFE = "import-effects", "griffe dump"
INTERROGATE, STUBTEST, PYRIGHT, RUFF = "interrogate", "stubtest", "pyright --verifytypes", "ruff"
PEERS = (FRESH, FORKED, ONE_PROCESS, EFFECTS, GRIFFE, INTERROGATE, STUBTEST, PYRIGHT, RUFF)
RUFF_OPTIONS = ("--isolated", "--no-cache", "--output-format", "concise", "--select", "D,F822")
"""The rules on docstrings, and on names of `__all__` that are not there."""
AT_A_TIME = "2"
"""As many as `verify-apis` runs where nobody says otherwise."""
WALK = """
import sys
for name in sys.stdin.read().split():
    try:
        __import__(name)
    except BaseException:
        pass
"""
MEANINGS = (
    ("No py.typed file found", "no py.typed"),
    ("not checking stubs", "it does not type-check"),
    ("failed to find stubs", "no stubs"),
    ("RecursionError", "crash: RecursionError"),
    ("Traceback (most recent call last)", "crash"),
)
"""What a peer says that has not done its work, and what that means in a few words."""


def peers(package: str, modules: Sequence[str], place: Place) -> list[Way]:
    """All of them; those that import one module at a time are given `modules`."""
    folder = str(place.site / package)
    return [
        fresh(modules, place),
        forked(modules, place),
        one_process(modules, place),
        each_alone(EFFECTS, [place.program("import-effects"), "--quiet", "{}"], modules, codes=(0, 123)),
        Way(name=GRIFFE, command=(place.program("griffe"), "dump", package, "-o", "griffe.json"), judge=answered("")),
        Way(
            name=INTERROGATE,
            command=(place.program("interrogate"), folder),
            judge=answered(r"actual: ([\d.]+%)", codes=(0, 1)),
        ),
        Way(
            name=STUBTEST,
            command=(str(place.python), "-m", "mypy.stubtest", package),
            judge=answered(r"^(?:Found \d+ errors?|Success)", codes=(0, 1), refusal="not checking stubs"),
        ),
        Way(
            name=PYRIGHT,
            command=(place.program("pyright"), "--verifytypes", package, "--ignoreexternal"),
            judge=answered(r"^Type completeness score: ([\d.]+%)", codes=(0, 1), refusal="No py.typed file found"),
        ),
        Way(
            name=RUFF,
            command=(place.program("ruff"), "check", *RUFF_OPTIONS, folder),
            judge=answered(r"^(?:Found \d+ errors?|All checks passed)", codes=(0, 1)),
        ),
    ]


def fresh(modules: Sequence[str], place: Place) -> Way:
    """One interpreter a module: the truth, unconfined. That some modules fail is no failure of the way."""
    return each_alone(FRESH, [str(place.python), "-I", "-c", "import {}"], modules, codes=(0, 123))


def each_alone(name: str, command: Sequence[str], modules: Sequence[str], *, codes: Sequence[int]) -> Way:
    """The command once for each module, two at a time. `xargs` ends with 123 where one of them ended with 1 to 125."""
    return Way(
        name=name,
        command=("xargs", "-P", AT_A_TIME, "-I", "{}", *command),
        told="\n".join(modules),
        judge=lambda run: f"{len(modules)} modules" if run.code in codes else Refused(ending(run)),
    )


def forked(modules: Sequence[str], place: Place) -> Way:
    """As `verify-apis` imports them, and nothing else."""
    program = str(Path(__file__).with_name("forked.py"))
    return Way(
        name=FORKED,
        command=(str(place.python), "-I", program, AT_A_TIME),
        told="\n".join(modules),
        judge=answered(f"^({len(modules)} modules)$"),
    )


def one_process(modules: Sequence[str], place: Place) -> Way:
    """Every module in the same interpreter, whatever happens. Unconfined, and modules hide each other's faults."""
    return Way(name=ONE_PROCESS, command=(str(place.python), "-I", "-c", WALK), told="\n".join(modules))


def answered(
    pattern: str, *, codes: Sequence[int] = (0,), refusal: str | None = None
) -> Callable[[Run], str | Refused]:
    """A judge that wants `pattern` in what a peer prints, one of `codes`, and not the words of a `refusal`."""

    def judge(run: Run) -> str | Refused:
        said = f"{run.output}\n{run.errors}"
        found = re.search(pattern, said, re.MULTILINE)
        if run.code in codes and found and (refusal is None or refusal not in said):
            return found[found.lastindex or 0]
        return Refused(next((meaning for words, meaning in MEANINGS if words in said), ending(run)))

    return judge
