"""Every environment under fixtures/environments/: what its `.pth` lines and `sitecustomize` do when it starts.

Cases are found, not listed. Each is installed into a virtual environment of its own, where the real command then
checks the one package that all of them have.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_fixtures import listeners, picture, told
from tests.processes import processes_of

REPOSITORY = Path(__file__).parents[2]
CASES = tuple(sorted(path for path in (REPOSITORY / "fixtures" / "environments").iterdir() if path.is_dir()))
COMPARED = {"exit", "verified", "pending", "causes", "modules", "start"}


def install(case: Path, folder: Path) -> Path:
    """The interpreter of a new environment that has what the case has."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    shutil.copytree(case / "site", site, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "bin" / "python"


def at_start(report: dict[str, Any]) -> list[list[str]]:
    """Kind and grade of what was done before any import."""
    return [
        list(pair) for pair in sorted({(effect["kind"], effect["grade"]) for effect in report["startup"]["effects"]})
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_environment_is_confined_and_told_of(case: Path, tmp_path: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    python = install(case, tmp_path / "environment")
    place = tmp_path / "place"
    place.mkdir()
    with listeners() as (port, anybody_called):
        for file in tmp_path.rglob("port.txt"):
            file.write_text(f"{port}\n", encoding="utf-8")
        before = picture(tmp_path / "environment")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "verifier.cli.verify_apis", "fx_installed", "--no-cache",
             "--python", str(python), "--json", *expected["args"]],
            env={"PATH": os.defpath, "HOME": str(tmp_path), "TMPDIR": str(place), "SECRET_OF_THE_PARENT": "hush_hush"},
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert picture(tmp_path / "environment") == before
        assert not anybody_called()
    assert "hush_hush" not in done.stdout + done.stderr
    assert (list(place.iterdir()), processes_of(place)) == ([], [])
    assert done.stdout, done.stderr
    (report,) = json.loads(done.stdout)["targets"]
    shown = {"exit": done.returncode, **told(report), "start": at_start(report)}
    assert {key: shown[key] for key in sorted(COMPARED)} == {key: expected.get(key) for key in sorted(COMPARED)}
