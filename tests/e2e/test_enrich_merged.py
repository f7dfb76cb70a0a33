"""Two branches that enriched the same module, merged by git itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.shop import TEXT, Run, manifest, write
from verifier.manifests.repository import MANIFEST

ATTRIBUTES = "manifests/.ledger/**/*.ndjson merge=union -text\nmodule.manifest.json merge=enrich\n"
Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def git(repository: Path, scrubbed: Mapping[str, str]) -> Git:
    """Run git in the repository, which it knows, with our driver."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        names = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
        names |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
        return subprocess.run(
            ["git", *command], cwd=repository, env={**scrubbed, **names}, capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    write(repository / ".gitattributes", ATTRIBUTES)
    write(repository / ".gitignore", "__pycache__/\n")
    run("init", "-q", "-b", "main")
    run("config", "merge.enrich.driver", f"{sys.executable} -P -m verifier.cli.enrich merge %O %A %B")
    return run


def commit(git: Git) -> None:
    """All that is there."""
    git("add", "-A")
    assert git("commit", "-q", "-m", "More").returncode == 0


def branched(repository: Path, enrich: Run, git: Git, *, own: tuple[str, str] = ("kept", "kept")) -> None:
    """Two branches: each has another text, the module enriched by it, and a field of its users' own."""
    enrich("--all")
    commit(git)
    git("branch", "other")
    for branch, text, title in (("other", "14 components", own[1]), ("main", "13 components", own[0])):
        git("checkout", "-q", branch)
        write(repository / "shop" / "README.md", TEXT.replace("12 components", text))
        file = repository / "shop" / MANIFEST
        write(file, file.read_text(encoding="utf-8").replace('"kept"', json.dumps(title)))
        assert enrich("--all").returncode == 0
        commit(git)


def test_git_merges_without_a_question_and_the_next_run_reconciles(repository: Path, enrich: Run, git: Git) -> None:
    branched(repository, enrich, git)
    done = git("merge", "--no-edit", "-X", "theirs", "other")
    assert done.returncode == 0, done.stdout
    assert manifest(repository, "shop")["components"] == 13, "ours, until the next run"
    assert enrich("--all").returncode == 0
    assert manifest(repository, "shop")["components"] == 14, "as the merged text says"
    assert enrich("--all").stdout == "3 unchanged\n"
    assert enrich("replay", "--all").stdout == "3 unchanged\n"


def test_a_conflict_in_the_users_own_fields_is_theirs(repository: Path, enrich: Run, git: Git) -> None:
    branched(repository, enrich, git, own=("mine", "yours"))
    done = git("merge", "--no-edit", "other")
    assert done.returncode == 1
    text = (repository / "shop" / MANIFEST).read_text(encoding="utf-8")
    assert text.count("<<<<<<<") == 1
    assert text.partition("<<<<<<<")[2].partition(">>>>>>>")[0].count("\n") == 4
    refused = enrich("--module", "shop")
    assert (refused.returncode, "git has left a conflict in it" in refused.stderr) == (2, True)


def test_a_driver_that_is_set_up_wrongly_says_so(repository: Path, enrich: Run) -> None:
    done = enrich("merge", "gone", "gone", "gone")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'fix:   git config merge.enrich.driver "enrich merge %O %A %B"' in done.stderr
