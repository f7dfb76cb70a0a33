"""The same input gives the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "fixtures" / "packages"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("case", ["peer_matrix", "parent_fails", "writes_below_home", "all_forms"])
def test_a_folder_verified_twice_gives_the_same_bytes(case: str, tmp_path: Path, verify_apis: Command) -> None:
    world = tmp_path / case
    shutil.copytree(PACKAGES / case, world, ignore=shutil.ignore_patterns("__pycache__"))
    once, again = (verify_apis(f"./fx_{case}", "--json", cwd=world).stdout for _ in range(2))
    assert once == again
    assert once


@pytest.mark.parametrize("name", ["jsonschema", "hypothesis", "asyncio"])
def test_an_installed_package_verified_twice_gives_the_same_bytes(
    name: str, tmp_path: Path, verify_apis: Command
) -> None:
    once, again = (verify_apis(name, "--json", "--python", sys.executable, cwd=tmp_path).stdout for _ in range(2))
    assert once == again
    assert once


def test_one_worker_and_many_give_the_same_bytes(tmp_path: Path, verify_apis: Command) -> None:
    one, four = (verify_apis("jsonschema", "--json", "-j", jobs, cwd=tmp_path).stdout for jobs in ("1", "4"))
    assert one == four


@pytest.mark.parametrize("name", ["hypothesis", "rich", "asyncio"])
def test_replay_changes_nothing_for_an_installed_package(name: str, tmp_path: Path, verify_apis: Command) -> None:
    ask = (name, "--json", "--python", sys.executable)
    replayed, imported = (verify_apis(*ask, *how, cwd=tmp_path).stdout for how in ((), ("--no-replay",)))
    assert replayed == imported
    assert replayed
