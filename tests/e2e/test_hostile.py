"""The hostile fixtures all at once: as somebody without privileges, and with layers of the sandbox taken away.

What a fixture tries is bounded, and goes to its own folder, to loopback ports that it is given, or nowhere at all. So
it may come through where a layer is missing; it then says so by failing to import.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_fixtures import CASES, COMPARED, REPOSITORY, effects_of, listeners, picture, told
from tests.processes import processes_of

THROUGH = "it went through"
SPIES = ("tells_environment", "exports_environment")
LIMITS = ("--timeout", "1", "--memory", "150")
NOBODY = 65534
SHARED = Path("/dev/shm/verify-apis-fixture")
LAYERS = ("landlock", "seccomp", "notify", "landlock,seccomp", "ctypes", "fork")
WHOLE = ("", "ctypes", "fork")
"""What may be missing without any attempt coming through, or going unseen."""
Reports = Mapping[str, dict[str, Any]]


def expectation(case: Path) -> dict[str, Any]:
    return dict(json.loads((case / "expected.json").read_text(encoding="utf-8")))


def tries_something(case: Path) -> bool:
    """Whether it is one that acts, or does not end by itself."""
    expected = expectation(case)
    others = {"import_timeout", "import_memory", "import_exited", "import_crashed", "tampered"}
    acts = bool(expected["effects"] or others & set(expected["causes"]) or case.name in SPIES)
    takes_long = "import_disk" in expected["causes"]
    return acts and not takes_long and set(expected["args"][::2]) <= set(LIMITS)


HOSTILE = tuple(case for case in CASES if tries_something(case))
BY_PACKAGE = {expectation(case)["target"].removeprefix("./"): expectation(case) for case in HOSTILE}
TRYING = tuple(
    name
    for case, name in zip(HOSTILE, BY_PACKAGE, strict=True)
    if BY_PACKAGE[name]["causes"] and any(THROUGH in file.read_text(encoding="utf-8") for file in case.rglob("*.py"))
)


def tool(user: int | None) -> list[str]:
    """How this user can run the tool: another interpreter of the same version may be needed, and will do."""
    for python in (sys.executable, shutil.which("python3", path=os.defpath)):
        command = [str(python), "-P", "-m", "verifier.cli.verify_apis"]
        with suppress(OSError):
            done = subprocess.run(
                [*command, "--version"], env=environment(), user=user, capture_output=True, check=False
            )
            if done.returncode == 0:
                return command
    pytest.skip("no interpreter that an unprivileged user may run has what the tool needs")


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(REPOSITORY), *(entry for entry in sys.path if entry.endswith("-packages"))])
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": path, "SECRET_OF_THE_PARENT": "hush_hush"}


def run(world: Path, *, without: str = "", user: int | None = None) -> Reports:
    """Hostile packages through one command, each a target; a report by package.

    All of them, where nothing may come through; else those that tell whether it has.
    """
    chosen = {name: case for case, name in zip(HOSTILE, BY_PACKAGE, strict=True) if without in WHOLE or name in TRYING}
    for case in chosen.values():
        shutil.copytree(case, world / "cases" / case.name, ignore=shutil.ignore_patterns("__pycache__"))
    place = world / "place"
    place.mkdir()
    with listeners() as (port, anybody_called):
        for file in world.rglob("port.txt"):
            file.write_text(f"{port}\n", encoding="utf-8")
        if user is not None:
            for path in (world, *world.rglob("*")):
                os.chown(path, user, user)
        command = tool(user)
        before = picture(world / "cases")
        done = subprocess.run(
            [*command, *(f"./{case.name}/{name}" for name, case in chosen.items()),
             "--python", command[0], "--json", "--no-cache", *LIMITS],
            env=environment() | {"TMPDIR": str(place), "VERIFY_APIS_WITHOUT": without},
            cwd=world / "cases", user=user, group=user, extra_groups=None if user is None else [],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        untouched = picture(world / "cases") == before and not anybody_called() and not SHARED.exists()
    SHARED.unlink(missing_ok=True)
    assert "Traceback" not in done.stderr, done.stderr
    assert "hush_hush" not in done.stdout + done.stderr
    assert untouched or without not in WHOLE
    assert [path.name for path in place.iterdir()] == []
    assert processes_of(place) == []
    reports = {target["name"]: target for target in json.loads(done.stdout)["targets"]}
    assert reports.keys() == chosen.keys()
    return reports


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reports]:
    """The reports without the given layers. Two are made at a time, since most of the time is spent in waiting.

    Where files are not confined, what all may write to is written to: nobody else must be looking at it meanwhile.
    """
    made = {}
    for confined in (True, False):
        with ThreadPoolExecutor(2) as pool:
            for without in ("", *LAYERS):
                if (without in WHOLE) is confined:
                    made[without] = pool.submit(run, tmp_path_factory.mktemp("world"), without=without)
    return lambda without: made[without].result()


def otherwise(reports: Reports) -> dict[str, object]:
    """What the reports say otherwise than expected, with what was expected."""
    expected = {name: {key: BY_PACKAGE[name][key] for key in COMPARED - {"exit"}} for name in BY_PACKAGE}
    return {name: (told(reports[name]), expected[name]) for name in expected if told(reports[name]) != expected[name]}


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 80
    assert len(TRYING) >= 50


@pytest.mark.skipif(os.geteuid() != 0, reason="is nobody special already")
def test_somebody_without_privileges_is_told_the_same() -> None:
    with tempfile.TemporaryDirectory() as world:  # pytest's own folders are for its user alone
        assert otherwise(run(Path(world), user=NOBODY)) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody can be kept from what is his own")
def test_a_target_that_may_not_be_looked_at_is_said_to_be_so() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o700)
        Path(place, "demo").mkdir()
        command = tool(NOBODY)
        done = subprocess.run(
            [*command, f"{place}/demo", "--python", command[0]],
            env=environment(), user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: this cannot be read: Permission denied\n")


@pytest.mark.parametrize("without", WHOLE)
def test_nothing_is_lost_without(without: str, reports: Callable[[str], Reports]) -> None:
    assert otherwise(reports(without)) == {}


@pytest.mark.parametrize("without", LAYERS)
def test_the_controls_are_verified_whatever_is_missing(without: str, reports: Callable[[str], Reports]) -> None:
    for name, report in reports(without).items():
        controls = {api for api in BY_PACKAGE[name]["verified"] if api.startswith(f"{name}.sound.")}
        assert controls <= set(report["apis"]), name


def outcome(report: dict[str, Any], expected: dict[str, Any]) -> str:
    """What became of the attempts of one package: the words of the table."""
    module = next(name for name in expected["modules"] if name.endswith(".acts"))
    failed = report["modules"][module]["error"] or {}
    came_through = THROUGH in failed.get("message", "") or failed.get("type") == "Exited"
    wanted = {kind for kind, grade in expected["effects"].get(module, ()) if grade == "forbidden"}
    seen = wanted <= {kind for kind, _ in effects_of(report["modules"][module])}
    return ("**not contained**" if came_through else "refused") + ("" if seen else ", not seen")


@pytest.mark.skipif(os.geteuid() != 0, reason="it was measured as root, whom no file's mode keeps from anything")
def test_what_is_missing_without_each_layer_is_as_documented(
    reports: Callable[[str], Reports], golden: Callable[[str, str], None]
) -> None:
    rows = {name: [outcome(reports(without)[name], BY_PACKAGE[name]) for without in ("", *LAYERS)] for name in TRYING}
    lines = ["| attempt | " + " | ".join(f"`{without or 'all'}`" for without in ("", *LAYERS)) + " |"]
    lines += ["| --- |" + " --- |" * (len(LAYERS) + 1)]
    for name, cells in sorted(rows.items()):
        if set(cells) != {"refused"}:
            about = BY_PACKAGE[name]["about"].partition(". ")[0].rstrip(".")
            lines.append(f"| {about} | " + " | ".join(cells) + " |")
    golden("confinement.md", "\n".join(lines) + "\n")
