"""What `enrich` makes of whole repositories: fixtures/manifests/<case>/, found and not listed.

A case has `command.json` (what it shows, and the options of each command in order), the repository `before/`, and what
is expected: `output.txt`, all that the commands print, with their exit codes (`!` is stderr), and `after/`, the files
that are new or different then. `make golden` writes both; they are reviewed as code.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.repositories import CASES, copied, environment, files, transcript


def write(case: Path, told: str, after: Mapping[str, bytes]) -> None:
    """Make this what is expected."""
    (case / "output.txt").write_text(told, encoding="utf-8")
    shutil.rmtree(case / "after", ignore_errors=True)
    for name, data in after.items():
        path = case / "after" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_repository_becomes_what_its_case_expects(
    case: Path, tmp_path: Path, scrubbed: Mapping[str, str], request: pytest.FixtureRequest
) -> None:
    root = copied(case / "before", tmp_path / "repository")
    before = files(root)
    told = transcript(case, root, env=environment(scrubbed))
    after = files(root)
    changed = {name: data for name, data in after.items() if data != before.get(name)}
    if request.config.getoption("--golden"):
        write(case, told, changed)
    assert told == (case / "output.txt").read_text(encoding="utf-8")
    assert changed == files(case / "after")
    assert before.keys() <= after.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_what_it_shows(case: Path) -> None:
    said = json.loads((case / "command.json").read_text(encoding="utf-8"))
    assert said.keys() == {"about", "commands"}
    assert said["about"].endswith(".")
