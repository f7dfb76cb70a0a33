"""What several kinds of tests share: the real command in a scrubbed environment, and golden files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
PATIENCE = 120.0
"""Seconds after which the command counts as hung."""


LONGEST = ("e2e/test_hostile.py", "e2e/test_loop.py")
"""Files whose tests share much that takes long: a worker that began with one of them last would end last, and alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONGEST))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden` writes the golden files instead of comparing with them."""
    parser.addoption("--golden", action="store_true", help="rewrite the golden files; review them as code")


@pytest.fixture(scope="session")
def scrubbed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment in which nothing of the developer's own settings can change a result."""
    return {
        "PATH": os.defpath,
        "HOME": str(tmp_path_factory.mktemp("home")),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }


@pytest.fixture(scope="session")
def verify_apis(scrubbed: Mapping[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The real command: `verify_apis("./package", "--json", cwd=folder)`, without a cache unless one is named.

    `-P` keeps the working directory off the tool's own `sys.path`, as it is for an installed console script.
    """

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        anew = [] if {"--cache-dir", "--help", "--version", "cache"} & {*arguments} else ["--no-cache"]
        return subprocess.run(
            [sys.executable, "-P", "-m", "verifier.cli.verify_apis", *arguments, *anew],
            cwd=cwd,
            env=dict(scrubbed),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden/, or write that file under `--golden`."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--golden"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check
