"""However the tool is ended, nothing of a run stays: no process, and nothing on disk."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.processes import processes_of

POINTS = 20
PATIENCE = 20.0
"""Seconds within which all must be gone: far more than it takes."""
SOURCE = """
import os, time
os.makedirs(os.path.expanduser("~/.cache/demo"))
open(os.path.expanduser("~/.cache/demo/file"), "w").close()
time.sleep({pause})
def made(): ...
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder for the temporary files of a run."""
    (place := tmp_path / "place").mkdir()
    return place


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A package that never comes to its end."""
    (folder := tmp_path / "hanging").mkdir()
    (folder / "__init__.py").write_text("import time\ntime.sleep(1000)\n")
    return folder


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose modules store things, and some of which take their time: a run of a second or so."""
    folder = tmp_path_factory.mktemp("target") / "demo"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for number in range(12):
        (folder / f"part{number}.py").write_text(SOURCE.format(pause=0.1 if number % 2 else 0))
    return folder


def start(target: Path, place: Path, scrubbed: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The real command, with `place` for its temporary files: so each of its processes can be told by that name."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "verifier.cli.verify_apis", str(target), "--no-cache", "--python", sys.executable],
        env={**scrubbed, "TMPDIR": str(place)},
        cwd=place.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def assert_all_gone(place: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        left = processes_of(place), [*place.iterdir()]
        if left == ([], []):
            return
        assert time.monotonic() < deadline, left


def end_at(process: subprocess.Popen[bytes], seconds: float, how: signal.Signals) -> bool:
    """Send the signal after so long; whether the run was still going on."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        process.wait(PATIENCE)
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_stays_wherever_the_tool_is_ended(
    how: signal.Signals, target: Path, place: Path, scrubbed: Mapping[str, str]
) -> None:
    chance = random.Random(how)
    whole = time.monotonic()
    assert start(target, place, scrubbed).wait(PATIENCE) in (0, 1)
    whole = time.monotonic() - whole
    points = POINTS if how is signal.SIGKILL else POINTS // 4
    while points:  # a run that has come to its end before, as one does on a machine that is less busy by then, is none
        points -= end_at(start(target, place, scrubbed), chance.uniform(0, whole), how)
    assert_all_gone(place)


def test_an_unpacked_wheel_goes_with_the_tool(place: Path, tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("demo/__init__.py", "import time\ntime.sleep(1000)\n")
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr("demo-1.0.dist-info/RECORD", "")
        archive.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    process = start(wheel, place, scrubbed)
    deadline = time.monotonic() + PATIENCE
    while not [*place.glob("*/scratch/2")]:
        assert time.monotonic() < deadline
    assert len([*place.iterdir()]) == 2
    process.kill()
    process.wait()
    assert_all_gone(place)


def test_the_supervisor_s_own_death_ends_its_tree(hanging: Path, place: Path, scrubbed: Mapping[str, str]) -> None:
    process = start(hanging, place, scrubbed)
    deadline = time.monotonic() + PATIENCE
    while len(below := [pid for pid in processes_of(place) if pid != process.pid]) < 3:
        assert time.monotonic() < deadline, below
    os.kill(min(below), signal.SIGKILL)
    assert process.wait(PATIENCE) not in (0, 1)
    while left := processes_of(place):
        assert time.monotonic() < deadline, left


def test_what_a_killed_supervisor_has_left_the_next_run_removes(
    target: Path, place: Path, scrubbed: Mapping[str, str]
) -> None:
    left, young, foreign = (place / f"verify-apis-run-{name}" for name in ("left", "young", "foreign"))
    for folder in (left, young, foreign):
        (folder / "scratch").mkdir(parents=True)
        folder.chmod(0o700)
    (place / "other").mkdir()
    foreign.chmod(0o755)
    for folder in (left, foreign, place / "other"):
        os.utime(folder, (0, 0))
    assert start(target, place, scrubbed).wait(PATIENCE) in (0, 1)
    assert sorted(place.iterdir()) == sorted([young, foreign, place / "other"])


def test_a_run_leaves_the_folders_of_others_at_work_alone(
    target: Path, hanging: Path, place: Path, scrubbed: Mapping[str, str]
) -> None:
    process = start(hanging, place, scrubbed)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (homes := [*place.glob("*/scratch/2")]):
            assert time.monotonic() < deadline
        os.utime(homes[0].parents[1], (0, 0))
        assert start(target, place, scrubbed).wait(PATIENCE) in (0, 1)
        assert homes[0].is_dir()
    finally:
        process.kill()
        process.wait()
