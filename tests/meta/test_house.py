"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
TOOL = tuple(sorted((REPOSITORY / "verifier").rglob("*.py")))
SANDBOX = tuple(sorted((REPOSITORY / "sandbox").rglob("*.py")))
LONGEST = 400
DICTIONARIES = {"verifier/model.py"}
"""Looked up in, not read from top to bottom."""
MAY_START_PROCESSES = {
    "verifier/apis/runner.py",
    "verifier/apis/workers.py",
    "verifier/manifests/readers/git.py",
}
MACHINE = re.compile(
    r"/(?:home|Users)/(?!me\b)\w|/(?:root|work)/\w|(?:https?|file)://\S+/simple\b|--(?:extra-)?index-url"
)
"""Home folders (but for that of `me`) and package indexes: what holds on one machine only has no place here."""


def shown(path: Path) -> str:
    """A test's id: the path as the repository has it."""
    return path.relative_to(REPOSITORY).as_posix()


def imported(file: Path) -> Iterator[str]:
    """The top-level name of every absolute import in `file`, wherever it stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def repository_files() -> list[Path]:
    """Every file that is tracked, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True)
    return [path for name in done.stdout.split("\0") if name and (path := REPOSITORY / name).is_file()]


def test_no_file_names_somebodys_machine() -> None:
    found = [
        f"{shown(path)}: {match[0]}"
        for path in repository_files()
        for match in MACHINE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize("file", [*TOOL, *SANDBOX], ids=shown)
def test_a_file_can_be_read_in_one_sitting(file: Path) -> None:
    assert shown(file) in DICTIONARIES or len(file.read_text(encoding="utf-8").splitlines()) < LONGEST


@pytest.mark.parametrize("file", SANDBOX, ids=shown)
def test_the_sandbox_needs_the_standard_library_alone(file: Path) -> None:
    assert set(imported(file)) <= sys.stdlib_module_names


@pytest.mark.parametrize("file", SANDBOX, ids=shown)
def test_the_sandbox_is_valid_python_3_9(file: Path) -> None:
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("file", TOOL, ids=shown)
def test_only_the_runner_and_the_batch_start_processes(file: Path) -> None:
    if shown(file) not in MAY_START_PROCESSES:
        assert not {"subprocess", "ctypes", "multiprocessing"} & set(imported(file))


def pins() -> dict[str, str]:
    """Name and version of each line of constraints.txt."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def requirements() -> list[Requirement]:
    """What pyproject.toml names: to run, to develop, to build."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    named = (
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    )
    return [Requirement(text) for text in named]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_each_dependency_is_pinned_to_a_version_that_the_project_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def make_targets() -> set[str]:
    """The Makefile's own names."""
    return set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_readme_names_the_two_commands() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert {"make run", "make test"} <= set(re.findall(r"^make \w+", readme, re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml"])
def test_every_make_command_that_is_written_down_exists(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`|run: )make ([a-z]+)", text, re.MULTILINE)) <= make_targets()


def test_the_gate_runs_the_readmes_test_command() -> None:
    commands = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"make lint", "make test"} <= set(commands)


def test_no_command_postpones_its_annotations() -> None:
    commands = [path for path in TOOL if ".command(" in (text := path.read_text(encoding="utf-8")) and "typer" in text]
    assert len(commands) > 5
    assert [shown(path) for path in commands if "__future__" in path.read_text(encoding="utf-8")] == []
