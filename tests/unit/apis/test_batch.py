"""What a run over several targets ends with, and that an interpreter is asked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.batch import exit_of, remembering
from verifier.errors import Exit
from verifier.model import Outcome, Refused


def outcome(code: Exit, *, refused: bool = False, is_passed_over: bool = False) -> Outcome:
    """A target that would end a run of its own with this code."""
    return Outcome(
        asked="demo", exit=code, is_passed_over=is_passed_over, refused=Refused(what="no") if refused else None
    )


SOUND, FOUND, EMPTY = (outcome(code) for code in (Exit.OK, Exit.FINDING, Exit.NOTHING))
ABSENT = outcome(Exit.NOTHING, refused=True)
BROKEN = outcome(Exit.USAGE, refused=True)
BUG = outcome(Exit.BUG, refused=True)
PASSED_OVER = outcome(Exit.NOTHING, refused=True, is_passed_over=True)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([SOUND, SOUND], Exit.OK),
        ([SOUND, FOUND], Exit.FINDING),
        ([EMPTY, FOUND], Exit.FINDING),
        ([EMPTY, SOUND], Exit.NOTHING),
        ([FOUND, BROKEN], Exit.USAGE),
        ([FOUND, BROKEN, ABSENT], Exit.NOTHING),
        ([ABSENT, BUG, SOUND], Exit.BUG),
        ([PASSED_OVER, SOUND], Exit.OK),
        ([PASSED_OVER, FOUND], Exit.FINDING),
        ([PASSED_OVER], Exit.NOTHING),
    ],
)
def test_a_run_ends_with_the_worst(outcomes: list[Outcome], code: Exit) -> None:
    assert exit_of(outcomes) is code
    assert exit_of(reversed(outcomes)) is code


def test_an_interpreter_is_asked_once() -> None:
    asked: list[Path] = []

    def ask(python: Path, program: str) -> str:
        asked.append(python)
        return program

    remembered = remembering(ask)
    assert [remembered(Path(name), "x") for name in ("a", "b", "a")] == ["x", "x", "x"]
    assert asked == [Path("a"), Path("b")]
