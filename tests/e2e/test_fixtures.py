"""Every package under fixtures/packages/, through the real command, compared with its expected.json.

Cases are found, not listed. What a case may do to the world it does to its own folder, of which each run gets a copy.
"""

from __future__ import annotations

import json
import select
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest

REPOSITORY = Path(__file__).parents[2]
CASES = tuple(sorted(path for path in (REPOSITORY / "fixtures" / "packages").iterdir() if path.is_dir()))
GIVEN = {"about", "target", "args"}
COMPARED = {"exit", "verified", "pending", "causes", "modules", "effects"}
NOTHING_TO_CHECK = 3

Picture: TypeAlias = dict[str, tuple[str, int, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case after one run of the command on a copy of it."""

    expected: dict[str, Any]
    done: subprocess.CompletedProcess[str]
    before: Picture
    after: Picture
    called: bool
    """Somebody has reached the ports that the case was given."""

    @property
    def report(self) -> dict[str, Any]:
        """The report on the one target."""
        (target,) = json.loads(self.done.stdout)["targets"]
        return dict(target)


def picture(folder: Path) -> Picture:
    """Everything below `folder`: mode, time of the last change in nanoseconds, content."""
    return {
        str(path.relative_to(folder)): (
            stat.filemode(path.lstat().st_mode),
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (folder, *folder.rglob("*"))
    }


@contextmanager
def listeners() -> Iterator[tuple[int, Callable[[], bool]]]:
    """A port of the loopback interface with a TCP and a UDP listener, and whether anybody has called."""
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        yield port, lambda: bool(select.select([tcp, udp], [], [], 0)[0])


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def outcome(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    verify_apis: Callable[..., subprocess.CompletedProcess[str]],
) -> Outcome:
    """One run a case: the tests below look at it from different sides."""
    case: Path = request.param
    copy = tmp_path_factory.mktemp("world") / case.name
    shutil.copytree(case, copy, ignore=shutil.ignore_patterns("__pycache__"))
    expected = json.loads((copy / "expected.json").read_text(encoding="utf-8"))
    with listeners() as (port, anybody_called):
        for file in copy.rglob("port.txt"):
            file.write_text(f"{port}\n", encoding="utf-8")
        before = picture(copy)
        done = verify_apis(expected["target"], "--json", "--python", sys.executable, *expected["args"], cwd=copy)
        return Outcome(expected=expected, done=done, before=before, after=picture(copy), called=anybody_called())


def effects_of(module: dict[str, Any]) -> list[list[str]]:
    """Kind and grade of each of a module's effects, as expected.json lists them."""
    return [list(pair) for pair in sorted({(effect["kind"], effect["grade"]) for effect in module["effects"]})]


def told(report: dict[str, Any]) -> dict[str, object]:
    """The report on one target in the shape of an expected.json, but for the exit code."""
    return {
        "verified": sorted(report["apis"]),
        "pending": {
            name: sorted(reason["code"] for reason in api["reasons"]) for name, api in report["apis_pending"].items()
        },
        "causes": sorted({cause["code"] for cause in report["causes"]}),
        "modules": {name: module["status"] for name, module in report["modules"].items()},
        "effects": {name: effects for name, module in report["modules"].items() if (effects := effects_of(module))},
    }


def test_the_case_is_judged_as_its_expectation_says(outcome: Outcome) -> None:
    if outcome.expected["exit"] == NOTHING_TO_CHECK:
        assert outcome.done.returncode == NOTHING_TO_CHECK, outcome.done.stderr
    else:
        assert outcome.done.stdout, outcome.done.stderr
        shown = {"exit": outcome.done.returncode, **told(outcome.report)}
        assert shown == {key: outcome.expected[key] for key in COMPARED}


def test_the_world_is_as_it_was(outcome: Outcome) -> None:
    assert outcome.after == outcome.before


def test_nobody_was_called(outcome: Outcome) -> None:
    assert not outcome.called


def test_no_traceback_reaches_the_user(outcome: Outcome) -> None:
    assert "Traceback" not in outcome.done.stderr


def test_the_report_follows_its_schema(outcome: Outcome) -> None:
    schema = json.loads((REPOSITORY / "schema" / "report.schema.json").read_text(encoding="utf-8"))
    if outcome.expected["exit"] != NOTHING_TO_CHECK:
        jsonschema.Draft202012Validator(schema).validate(json.loads(outcome.done.stdout))


def test_the_expectation_says_all_that_is_compared(outcome: Outcome) -> None:
    assert outcome.expected.keys() == GIVEN | COMPARED
