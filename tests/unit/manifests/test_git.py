"""git is asked, or it is said why it could not be."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.manifests.model import Absent
from verifier.manifests.readers import git
from verifier.manifests.readers.git import GitReading, Owners, changed_since, owners_of, read, read_owners
from verifier.model import Problem

WHEN = datetime(2025, 1, 31, 12, tzinfo=UTC)
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Run:
    """git as a user would run it, with a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    own = {**os.environ, "GIT_COMMITTER_DATE": WHEN.isoformat(), "GIT_AUTHOR_DATE": WHEN.isoformat()}

    def started(folder: Path, *arguments: str) -> str:
        named = ["-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always"]
        done = subprocess.run(["git", *named, *arguments], cwd=folder, env=own, capture_output=True, check=True)
        return done.stdout.decode()

    return started


@pytest.fixture
def repository(tmp_path: Path, run: Run) -> Path:
    """One commit of two modules."""
    root = tmp_path / "monorepo"
    for path in ("shop/cart.py", "shop/a b/ü.py", "tax/rate.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n", encoding="utf-8")
    run(root, "init", "-q", "-b", "main")
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "first")
    return root


def reading(root: Path) -> GitReading:
    found = read(root)
    assert isinstance(found, GitReading)
    return found


def test_a_clean_repository_has_a_commit_and_nothing_that_changed(repository: Path, run: Run) -> None:
    found = reading(repository)
    assert found.head == run(repository, "rev-parse", "HEAD").strip()
    assert found.branch == "main"
    assert found.changed == ()
    assert found.is_dirty(["shop", "tax/rate.py", "."]) is False


def test_what_changed_is_dirty_and_its_neighbour_is_not(repository: Path) -> None:
    (repository / "shop/a b/ü.py").write_text("x = 2\n", encoding="utf-8")
    (repository / "shop2").mkdir()
    (repository / "shop2/new.py").touch()
    found = reading(repository)
    assert found.changed == ("shop/a b/ü.py", "shop2/")
    assert found.is_dirty(["shop"]) is True
    assert found.is_dirty(["shop/a b/ü.py"]) is True
    assert found.is_dirty(["shop2/new.py"]) is True
    assert found.is_dirty(["shop/cart.py", "tax"]) is False


def test_staged_and_removed_files_are_dirty(repository: Path, run: Run) -> None:
    run(repository, "rm", "-q", "tax/rate.py")
    assert reading(repository).is_dirty(["tax"]) is True


def test_paths_are_relative_to_a_root_below_that_of_the_repository(repository: Path) -> None:
    (repository / "shop/cart.py").write_text("x = 2\n", encoding="utf-8")
    (repository / "tax/rate.py").write_text("x = 2\n", encoding="utf-8")
    assert reading(repository / "shop").changed == ("cart.py",)


def test_reading_changes_no_byte_of_the_repository(repository: Path) -> None:
    os.utime(repository / "shop/cart.py", (1, 1))  # so that git would like to refresh its index
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    reading(repository)
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_no_program_that_the_repository_names_is_started(repository: Path, run: Run) -> None:
    program = repository / ".git/acts.sh"
    program.write_text("#!/bin/sh\ntouch " + str(repository / "acted") + "\n", encoding="utf-8")
    program.chmod(0o755)
    run(repository, "config", "core.fsmonitor", str(program))
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(program, hooks / hook)
    assert reading(repository).changed == ()
    assert not (repository / "acted").exists()


def test_variables_of_a_hook_do_not_lead_to_another_repository(
    repository: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    assert reading(repository).changed == ()


def test_a_detached_head_has_a_commit_and_no_branch(repository: Path, run: Run) -> None:
    run(repository, "checkout", "-q", "--detach")
    found = reading(repository)
    assert found.branch == Absent("HEAD is detached")
    assert len(found.head) == 40


def test_a_shallow_clone_has_a_commit_and_no_history(repository: Path, tmp_path: Path, run: Run) -> None:
    (repository / "tax/rate.py").write_text("x = 2\n", encoding="utf-8")
    run(repository, "commit", "-qam", "second")
    run(tmp_path, "clone", "-q", "--depth=1", repository.as_uri(), "clone")
    found = reading(tmp_path / "clone")
    assert found.is_shallow
    assert found.head == reading(repository).head
    history = changed_since(tmp_path / "clone", "tax/rate.py")
    assert isinstance(history, Problem)
    assert "cut off" in history.what


def test_a_submodule_is_another_repository(repository: Path, tmp_path: Path, run: Run) -> None:
    outer = tmp_path / "outer"
    (outer / "own").mkdir(parents=True)
    (outer / "own/a.py").touch()
    run(outer, "init", "-q")
    run(outer, "submodule", "--quiet", "add", repository.as_uri(), "vendor/inner")
    run(outer, "add", "-A")
    run(outer, "commit", "-q", "-m", "with a submodule")
    found = reading(outer)
    why = Absent("vendor/inner is a repository of its own")
    assert found.submodules == ("vendor/inner",)
    assert found.is_dirty(["vendor/inner/shop"]) == found.head_of("vendor/inner/shop") == why
    assert found.head_of("own") == found.head
    assert found.is_dirty(["own"]) is False
    assert reading(outer / "vendor/inner").head == reading(repository).head


def test_a_folder_in_no_repository_is_absent(tmp_path: Path) -> None:
    assert read(tmp_path) == Absent("it is in no git repository")
    assert read(tmp_path / "nowhere") == Absent("there is no such folder")


def test_a_repository_without_a_commit_is_absent(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "init", "-q")
    assert read(tmp_path) == Absent("there is no commit yet")


def test_a_bare_repository_is_absent(tmp_path: Path, run: Run) -> None:
    run(tmp_path, "init", "-q", "--bare")
    assert read(tmp_path) == Absent("there is no work tree")


def test_without_git_it_is_absent(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert read(repository) == Absent("there is no git")


def test_a_broken_repository_is_absent_with_what_git_says(repository: Path) -> None:
    (repository / ".git/index").write_bytes(b"broken")
    found = read(repository)
    assert isinstance(found, Absent)
    assert found.why.startswith("git refuses: ")


def test_what_has_changed_since_a_file_was_committed(repository: Path, run: Run) -> None:
    (repository / "report.json").write_text("{}", encoding="utf-8")
    (repository / "shop/cart.py").write_text("x = 2\n", encoding="utf-8")
    run(repository, "add", "-A")
    run(repository, "commit", "-q", "-m", "measured")
    assert changed_since(repository, "report.json") == frozenset()
    (repository / "shop/a b/ü.py").write_text("x = 2\n", encoding="utf-8")
    run(repository, "commit", "-q", "-a", "-m", "later")
    (repository / "tax/rate.py").unlink()
    assert changed_since(repository, "report.json") == frozenset({"shop/a b/ü.py", "tax/rate.py"})
    assert changed_since(repository / "shop", "cart.py") == frozenset({"a b/ü.py"})


def test_a_file_that_no_commit_has_as_it_is_tells_nothing_of_changes(repository: Path, tmp_path: Path) -> None:
    (repository / "new.json").touch()
    assert changed_since(repository, "new.json") == Absent("it is in no commit")
    (repository / "tax/rate.py").write_text("x = 2\n", encoding="utf-8")
    assert changed_since(repository, "tax/rate.py") == Absent("it differs from its last commit")
    assert changed_since(tmp_path, "x") == Absent("it is in no git repository")


# --- CODEOWNERS -------------------------------------------------------------------------------------------------------

DOCUMENTED = r"""
# the default
*       @global-owner1 @org/global-owner2
*.js    @js-owner #this is a comment
*.go docs@example.com
/build/logs/ @doctocat
docs/*  mail@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @logs
/apps/github
/with\ blank/ @blank
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@global-owner1", "@org/global-owner2")),
        ("a/b/x.js", ("@js-owner",)),
        ("x.jsx", ("@global-owner1", "@org/global-owner2")),
        ("a/x.go", ("docs@example.com",)),
        ("build/logs/a/b", ("@logs",)),
        ("docs/a.md", ("@doctocat",)),
        ("deep/apps/x", ("@octocat",)),
        ("apps", ("@global-owner1", "@org/global-owner2")),
        ("scripts/x", ("@doctocat", "@octocat")),
        ("a/scripts/x", ("@global-owner1", "@org/global-owner2")),
        ("deep/logs/x", ("@logs",)),
        ("apps/github/x", ()),
        ("apps/github", ()),
        ("apps/github2", ("@octocat",)),
        ("with blank/x", ("@blank",)),
    ],
)
def test_the_last_line_that_fits_counts(path: str, owners: tuple[str, ...]) -> None:
    found = owners_of(DOCUMENTED, "CODEOWNERS")
    assert found.problems == ()
    assert found.of(path) == owners


def test_a_star_is_not_about_what_is_deeper() -> None:
    found = owners_of("docs/* @a", "CODEOWNERS")
    assert found.of("docs/a.md") == ("@a",)
    assert found.of("docs/build/a.md") == found.of("x/docs/a.md") == ()


def test_lines_that_nobody_can_use_are_told_and_skipped() -> None:
    found = owners_of("* @a\n!x @b\n[Section] @c\n\\#x @d\n*.py nobody\n", "CODEOWNERS")
    assert [problem.line for problem in found.problems] == [2, 3, 4, 5]
    assert found.of("x") == found.of("x.py") == ("@a",)


def test_the_first_of_its_places_counts(tmp_path: Path) -> None:
    assert read_owners(tmp_path) == Absent("there is no CODEOWNERS file")
    for name in reversed(git.CODEOWNERS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"* @of/{name[0].strip('.') or 'github'}\n", encoding="utf-8")
        found = read_owners(tmp_path)
        assert not isinstance(found, Absent | Problem)
        assert found.file == name
    assert isinstance(found, Owners)
