"""What lies under fixtures/: complete, bounded, and in step with itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.repositories import MONOREPO
from verifier.codes import Code
from verifier.manifests import settings
from verifier.manifests.repository import find_modules

PACKAGES = Path(__file__).parents[2] / "fixtures" / "packages"
ENVIRONMENTS = PACKAGES.with_name("environments")
CASES = tuple(sorted(path for path in PACKAGES.iterdir() if path.is_dir()))
ALL_CASES = (*CASES, *sorted(path for path in ENVIRONMENTS.iterdir() if path.is_dir()))
MATRIX = "fx_peer_matrix"
PARTS = tuple(sorted(path for path in (PACKAGES / "peer_matrix" / MATRIX).iterdir() if path.is_dir()))
FILES = tuple(path for path in PACKAGES.parent.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
LARGEST = 100_000


def expectation(case: Path) -> dict[str, Any]:
    """The case's expected.json."""
    return dict(json.loads((case / "expected.json").read_text(encoding="utf-8")))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def alone(part: Path) -> Path:
    """The package that shows alone what `part` shows in the matrix: `f01_ghost_in_all` → `fx_ghost_in_all`."""
    name = part.name.partition("_")[2]
    return PACKAGES / name / f"fx_{name}"


def test_every_code_is_shown_by_a_case() -> None:
    assert {code.code for code in Code} - {code for case in CASES for code in expectation(case)["causes"]} == set()


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_a_case_expects_known_codes_only(case: Path) -> None:
    expected = expectation(case)
    codes = {*expected["causes"], *(code for reasons in expected["pending"].values() for code in reasons)}
    assert codes <= {code.code for code in Code}


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_a_case_says_what_it_shows(case: Path) -> None:
    assert len(expectation(case)["about"]) > len(case.name)


def test_no_file_of_a_case_is_large() -> None:
    assert [path.name for path in FILES if path.stat().st_size > LARGEST] == []


def test_the_monorepo_has_more_than_25_modules_and_is_small() -> None:
    assert len(find_modules(MONOREPO, settings.load(MONOREPO))) > 25
    assert sum(path.stat().st_size for path in FILES if path.is_relative_to(MONOREPO)) < 150_000


def test_the_monorepo_has_what_its_readme_says() -> None:
    rows = re.findall(r"^\|.*\| (.*) \|$", (MONOREPO / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    places = [place for row in rows for place in re.findall(r"`([\w/-]+)`", row)]
    assert len(places) > 25
    assert [place for place in places if not (MONOREPO / place).is_dir()] == []


def test_the_peer_matrix_has_fifteen_faults_and_a_control() -> None:
    assert [part.name[:3] for part in PARTS] == [f"f{number:02}" for number in range(1, 17)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_of_the_peer_matrix_is_the_case_that_stands_alone(part: Path) -> None:
    assert contents(part) == contents(alone(part))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
@pytest.mark.parametrize("key", ["pending", "modules", "effects"])
def test_the_peer_matrix_expects_of_each_part_what_its_case_expects(part: Path, key: str) -> None:
    case, below = alone(part), f"{MATRIX}.{part.name}"
    expected = {name.replace(case.name, below, 1): value for name, value in expectation(case.parent)[key].items()}
    whole = expectation(PACKAGES / "peer_matrix")[key]
    assert {name: value for name, value in whole.items() if f"{name}.".startswith(f"{below}.")} == expected
