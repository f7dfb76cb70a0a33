"""Interpreters are asked again only where something is another than it was."""

from __future__ import annotations

import os
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.apis.cache.answers import Answers
from verifier.apis.cache.states import UNSETTLED_NS
from verifier.apis.runner import ask
from verifier.apis.targets.interpreter import FACTS


class Asked:
    """Really asks, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, python: Path, program: str) -> str:
        self.times += 1
        return ask(python, program)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def answers(tmp_path: Path, asked: Asked) -> Answers:
    return Answers(tmp_path / "cache", asked)


def settle() -> None:
    """Wait until what was written is old enough to be relied on."""
    end = time.time_ns() + 2 * UNSETTLED_NS
    while time.time_ns() < end:
        pass


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of a virtual environment."""
    venv.create(tmp_path / "venv", symlinks=True)
    settle()
    return tmp_path / "venv" / "bin" / "python"


def test_who_has_answered_is_not_asked_again(python: Path, answers: Answers, asked: Asked) -> None:
    assert answers(python, FACTS) == answers(python, FACTS) == ask(python, FACTS)
    assert asked.times == 1


def retarget(python: Path) -> None:
    python.unlink()
    python.symlink_to(python.parent / "python-copy")
    python.with_name("python-copy").write_bytes(Path(sys.executable).resolve().read_bytes())
    python.with_name("python-copy").chmod(0o755)


def reconfigure(python: Path) -> None:
    with (python.parents[1] / "pyvenv.cfg").open("a") as file:
        file.write("include-system-site-packages = true\n")


def unmake(python: Path) -> None:
    (python.parents[1] / "pyvenv.cfg").unlink()


def make_another(python: Path) -> None:
    (python.parent / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")


@pytest.mark.parametrize("change", [retarget, reconfigure, unmake, make_another])
def test_what_has_changed_is_asked_again(
    python: Path, answers: Answers, asked: Asked, change: Callable[[Path], None]
) -> None:
    answers(python, FACTS)
    change(python)
    settle()
    assert answers(python, FACTS) == ask(python, FACTS)
    assert asked.times == 2


def test_a_launcher_is_asked_each_time(python: Path, answers: Answers, asked: Asked) -> None:
    launcher = python.with_name("launcher")
    launcher.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    launcher.chmod(0o755)
    settle()
    assert answers(launcher, FACTS) == answers(launcher, FACTS) == ask(python, FACTS)
    assert asked.times == 2


def test_a_damaged_answer_is_none(python: Path, answers: Answers, asked: Asked, tmp_path: Path) -> None:
    told = answers(python, FACTS)
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(os.urandom(100))
    assert (answers(python, FACTS), asked.times) == (told, 2)
