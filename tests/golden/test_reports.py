"""What the reports look like. Only what we promise: paths, versions and layers of this machine are replaced.

`make golden` rewrites the files; they are reviewed as code.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "fixtures" / "packages"
Command = Callable[..., subprocess.CompletedProcess[str]]
Golden = Callable[[str, str], None]
MACHINE = (
    (re.compile(r"(?<=  python    ).*"), "<PYTHON>"),
    (re.compile(r"(?<=  files     ).*"), "<FILES>"),
    (re.compile(r"(?<=  isolation ).*"), "<ISOLATION>"),
    (re.compile(r'(?<="interpreter": )\{.*?\}', re.DOTALL), '"<PYTHON>"'),
    (re.compile(r'(?<="isolation": )\{.*?\n      \}', re.DOTALL), '"<ISOLATION>"'),
    (re.compile(r'(?<="version": )"\d[^"]*"'), '"<VERSION>"'),
)


def normalised(text: str, world: Path) -> str:
    """The report without what differs from machine to machine."""
    for pattern, word in MACHINE:
        text = pattern.sub(word, text)
    return text.replace(str(world), "<WORLD>")


@pytest.fixture
def report(tmp_path: Path, verify_apis: Command) -> Callable[..., str]:
    """The report on one fixture package, in the format that the options ask for."""

    def run(case: str, *options: str) -> str:
        world = tmp_path / case
        shutil.copytree(PACKAGES / case, world, ignore=shutil.ignore_patterns("__pycache__"))
        done = verify_apis(f"./fx_{case}", *options, cwd=world)
        assert done.stderr == ""
        return normalised(done.stdout, world)

    return run


def test_the_text_on_a_package_with_every_fault(report: Callable[..., str], golden: Golden) -> None:
    golden("peer_matrix.txt", report("peer_matrix"))


def test_the_text_on_a_clean_package_has_nothing_to_say(report: Callable[..., str], golden: Golden) -> None:
    golden("clean.txt", report("clean"))


def test_the_long_text_lists_every_api(report: Callable[..., str], golden: Golden) -> None:
    golden("reexports.txt", report("reexports", "-v"))


def test_the_text_notes_what_an_import_did_without_harm(report: Callable[..., str], golden: Golden) -> None:
    golden("writes_below_home.txt", report("writes_below_home"))


def test_the_json(report: Callable[..., str], golden: Golden) -> None:
    golden("ghost_in_all.json", report("ghost_in_all", "--json"))
