"""Modules of one run do not suffer from each other, and nothing is concluded where nobody could look."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from verifier.apis import runner
from verifier.apis.targets.target import interpreter_at
from verifier.errors import Exit, NotConfined, NothingToCheck, UserError
from verifier.manifests.batch import enrich_each
from verifier.manifests.enriched import Enriched
from verifier.manifests.ledger import Stamp
from verifier.manifests.pipeline import World
from verifier.manifests.readers.apis import Verify
from verifier.manifests.repository import MANIFEST, Repository, find_modules
from verifier.manifests.settings import Settings
from verifier.model import Target, TargetReport

OLD = '{"contract": "manifest/1", "components": 3}'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two packages with a module each, whose manifests say what nobody can show, and a folder that is no package."""
    for name in ("a", "b", "no-name"):
        (folder := tmp_path / name).mkdir()
        (folder / MANIFEST).write_text(OLD, encoding="utf-8")
        (folder / "__init__.py").write_text("", encoding="utf-8")
    return Repository(root=tmp_path, settings=Settings(), places=find_modules(tmp_path, Settings()))


def run(repository: Repository, verify: Verify) -> dict[str, Enriched]:
    """What becomes of each module."""
    world = World(
        repository=repository,
        interpreter=interpreter_at(repository.root, sys.executable, runner.ask),
        verify=verify,
        jobs=2,
        stamp=Stamp(timestamp="2024-05-01T12:00:00Z", sha=None),
    )
    found = enrich_each(repository.places, None, lambda: world, lambda done, total, name: None)
    return {each.place.path: each for each in found}


@pytest.mark.parametrize("error", [UserError("what", fix="that"), NotConfined("what", fix="that")])
def test_a_module_is_refused_where_nobody_could_look(error: UserError, repository: Repository) -> None:
    def verify(target: Target, jobs: int) -> TargetReport:
        raise error

    found = run(repository, verify)
    for name in ("a", "b"):
        assert (found[name].edit, found[name].exit) == (None, error.exit)
        assert (found[name].refused.what, found[name].refused.fix) == ("what", "that")  # type: ignore[union-attr]
    assert found["no-name"].edit


def test_that_there_is_no_api_is_an_answer(repository: Repository) -> None:
    def verify(target: Target, jobs: int) -> TargetReport:
        raise NothingToCheck("nothing")

    found = run(repository, verify)
    assert all(each.edit and each.edit.changes for each in found.values())


def test_a_process_that_dies_takes_its_own_modules_along_and_no_others(repository: Repository) -> None:
    def verify(target: Target, jobs: int) -> TargetReport:
        if target.name == "a":
            os.kill(os.getpid(), signal.SIGKILL)
        raise NothingToCheck("nothing")

    found = run(repository, verify)
    assert (found["a"].edit, found["a"].exit) == (None, Exit.BUG)
    assert "SIGKILL" in found["a"].refused.what  # type: ignore[union-attr]
    assert found["b"].edit


def test_a_bug_of_ours_is_told_with_its_trace(repository: Repository) -> None:
    def verify(target: Target, jobs: int) -> TargetReport:
        raise ZeroDivisionError(target.name)

    found = run(repository, verify)
    assert "ZeroDivisionError: b" in found["b"].refused.trace  # type: ignore[union-attr]
    assert (found["b"].exit, bool(found["no-name"].edit)) == (Exit.BUG, True)
