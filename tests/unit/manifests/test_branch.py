"""What a branch has changed, and which modules nothing of that can reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.manifests.enriched import INIT, TEXT, tell, world, write
from verifier.manifests.batch import enrich_each
from verifier.manifests.branch import Branch, branch_since, out_of_reach, touched
from verifier.manifests.known import Known
from verifier.manifests.repository import MANIFEST, Repository, find_modules
from verifier.manifests.settings import load
from verifier.manifests.writer import writing

ONE, OTHER = "mcp-server", "tax-rates"
ASKED = '{"contract": "manifest/1"}'
Git = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path, git: Git) -> Path:
    """Two modules that were enriched, with what that run has noted; a branch begins there."""
    root = tmp_path
    for module in (ONE, OTHER):
        write(root / module / "__init__.py", INIT)
        write(root / module / "README.md", TEXT)
        write(root / module / MANIFEST, ASKED)
    write(root / "pyproject.toml", "[tool.enrich]\nvocabulary = 'words'\n")
    write(root / "words" / "features.json", "{}")
    noted(root)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "base")
    git("checkout", "-q", "-b", "branch")
    return root


def noted(root: Path) -> None:
    """Enrich every module, and note what each rests on."""
    there = world(root)
    known = known_of(there.repository)
    with writing(root, there.repository.ledgers, wait=1, tell=print) as writer:
        for each in enrich_each(there.repository.places, None, lambda: there, tell):
            assert each.edit, each.refused
            writer.write(each.edit)
            known.note(each)
    known.keep()


def known_of(repository: Repository) -> Known:
    return Known(repository.root.with_name(f"{repository.root.name}-cache"), repository)


def spared(root: Path) -> set[str]:
    repository = world(root).repository
    return {*out_of_reach(branch_since(root, "main"), repository, known_of(repository))}


def test_nothing_reaches_a_module_where_nothing_has_changed(root: Path) -> None:
    assert spared(root) == {ONE, OTHER}


@pytest.mark.parametrize("is_committed", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        lambda root: write(root / ONE / "README.md", TEXT + "\nMore.\n"),
        lambda root: write(root / ONE / "__init__.py", INIT + "\n"),
        lambda root: (root / ONE / "README.md").unlink(),
        lambda root: write(root / ONE / "claude.me", "# Another\n"),
        lambda root: write(root / ONE / "more.py", ""),
        lambda root: write(root / ONE / MANIFEST, ASKED),
    ],
    ids=["a text", "code", "a text goes", "a text comes", "code comes", "a manifest"],
)
def test_a_change_reaches_what_rests_on_it(
    change: Callable[[Path], object], is_committed: bool, root: Path, git: Git
) -> None:
    change(root)
    if is_committed:
        git("add", "-A")
        git("commit", "-q", "-m", "change")
    assert spared(root) == {OTHER}


def test_what_was_noted_of_another_state_is_not_believed(root: Path, git: Git) -> None:
    git("checkout", "-q", "main")
    write(root / ONE / "README.md", TEXT + "\nMore.\n")
    git("commit", "-q", "-a", "-m", "later")
    git("checkout", "-q", "-b", "second")
    write(root / "notes.txt", "")
    assert spared(root) == {OTHER}


def test_what_nothing_is_known_of_may_be_reached(root: Path) -> None:
    repository = world(root).repository
    assert out_of_reach(branch_since(root, "main"), repository, Known(None, repository)) == frozenset()


@pytest.mark.parametrize(
    "file",
    [
        "pyproject.toml",
        "words/features.json",
        "coverage.json",
        "junit.xml",
        f"new/{MANIFEST}",
        "json.py",
        "new/json.py",
    ],
)
def test_what_concerns_all_modules_reaches_all(file: str, root: Path) -> None:
    write(root / file, '{"$extends": true}' if file.endswith(".json") else "")
    assert spared(root) == set()


def test_a_module_that_goes_reaches_all(root: Path) -> None:
    (root / ONE / MANIFEST).unlink()
    assert spared(root) == set()


def test_what_a_link_leads_to_is_what_a_module_rests_on(root: Path, git: Git) -> None:
    write(root / "texts" / "README.md", TEXT)
    (root / ONE / "README.md").unlink()
    (root / ONE / "README.md").symlink_to("../texts/README.md")
    noted(root)
    git("add", "-A")
    git("commit", "-q", "-m", "linked")
    git("branch", "-f", "main")
    assert spared(root) == {ONE, OTHER}
    repository, only = world(root).repository, frozenset({"texts/README.md"})
    branch = Branch(base="main", committed=only, changed=only, come_or_gone=frozenset())
    assert out_of_reach(branch, repository, known_of(repository)) == {OTHER}


def test_a_file_that_has_gone_reaches_what_has_listed_its_folder(root: Path) -> None:
    repository, only = world(root).repository, frozenset({f"{ONE}/gone.txt"})
    branch = Branch(base="main", committed=only, changed=only, come_or_gone=only)
    assert out_of_reach(branch, repository, known_of(repository)) == {OTHER}


def test_a_file_belongs_to_the_innermost_module_that_it_is_about(tmp_path: Path) -> None:
    for path in ("shop", "shop/cart", "core"):
        write(tmp_path / "tree" / path / MANIFEST, ASKED)
    write(tmp_path / "pyproject.toml", '[tool.enrich]\nmanifests = "tree"\n')
    settings = load(tmp_path)
    repository = Repository(root=tmp_path, settings=settings, places=find_modules(tmp_path, settings))
    belongs = {
        "shop/a/b.py": {"shop"},
        "shop/cart/c.py": {"shop/cart"},
        "shop": set(),
        "shopping/a.py": set(),
        f"tree/core/{MANIFEST}": {"core"},
        "manifests/.ledger/shop/cart.ndjson": {"shop/cart"},
        "bench/manifest/core.json": {"core"},
        "pyproject.toml": set(),
    }
    for file, modules in belongs.items():
        only = frozenset({file})
        branch = Branch(base="", committed=only, changed=only, come_or_gone=frozenset())
        assert {*touched(branch, repository)} == modules
