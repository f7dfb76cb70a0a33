"""All modules are judged, or those of a branch: what it has changed, and what it has broken elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.manifests.enriched import INIT, MODULE, TEXT, run, tell, world, write
from tests.unit.manifests.judged import closed
from verifier.errors import UserError
from verifier.manifests import judging
from verifier.manifests.judging import Run, run_since
from verifier.manifests.known import Known
from verifier.manifests.repository import MANIFEST

OTHER = "tax-rates"
LANES = """[tool.enrich.lanes.L1-candidate]
coverage-target = 85
min-score = 50
without = ["apis", "freshness", "coverage", "targets"]
"""
HIGH = "[tool.enrich.thresholds]\ncomponents = 'high'\n"
ASKED = '{"contract": "manifest/1", "matrix": {"lane": "L1-candidate"}}'
Git = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path, git: Git) -> Path:
    """Two modules that were enriched, all gates open, on `main`; a branch begins there."""
    for module in (MODULE, OTHER):
        write(tmp_path / module / "__init__.py", INIT)
        write(tmp_path / module / "README.md", TEXT)
        write(tmp_path / module / MANIFEST, ASKED)
    write(tmp_path / "pyproject.toml", LANES)
    run(tmp_path)
    git("init", "-q", "-b", "main")
    commit(git, "base")
    git("checkout", "-q", "-b", "branch")
    return tmp_path


def commit(git: Git, message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", message)


def judged(root: Path) -> Run:
    there = world(root)
    return judging.run(there.repository.places, there, tell)


def since(root: Path, ref: str = "main") -> Run:
    there = world(root)
    return run_since(ref, there.repository.places, there, Known(None, there.repository), tell)


def states(found: Run) -> dict[str, dict[str, str]]:
    return {each.module: closed(each) for each in found.judged}


def said(root: Path, module: str, text: str) -> None:
    """Change what a module's text says, so that its manifest does not hold any more."""
    write(root / module / "README.md", TEXT.replace("12 components", text))


def broken_on_main(root: Path, git: Git) -> None:
    """A module that does not hold is on `main`, and a second branch begins there."""
    git("checkout", "-q", "main")
    said(root, OTHER, "16 components")
    commit(git, "broken")
    git("checkout", "-q", "-b", "second")


def test_what_was_enriched_passes(root: Path) -> None:
    found = judged(root)
    assert (states(found), found.is_open) == ({MODULE: {}, OTHER: {}}, True)


def test_a_closed_gate_and_a_useless_waiver_close_a_run(root: Path) -> None:
    waiver = f'[[tool.enrich.waivers]]\nmodule = "{OTHER}"\ngate = "schema"\nreason = "none"\nuntil = 2030-01-01\n'
    write(root / "pyproject.toml", LANES + waiver)
    found = judged(root)
    assert ([each.why for each in found.useless], found.is_open) == (["the gate is not closed"], False)
    said(root, MODULE, "14 components")
    write(root / "pyproject.toml", LANES)
    found = judged(root)
    assert (states(found)[MODULE], found.is_open) == ({"idempotency": "failed"}, False)


def test_a_branch_that_changes_nothing_is_open(root: Path) -> None:
    found = since(root)
    assert (found.judged, found.left_alone, found.is_open) == ((), 2, True)


@pytest.mark.parametrize("is_committed", [True, False])
def test_what_a_branch_has_changed_is_judged(is_committed: bool, root: Path, git: Git) -> None:
    said(root, MODULE, "14 components")
    if is_committed:
        commit(git, "changed")
    found = since(root)
    assert (states(found), found.left_alone) == ({MODULE: {"idempotency": "failed"}}, 1)
    assert closed(found.before[MODULE]) == {}


def test_a_new_module_is_judged(root: Path) -> None:
    write(root / "new" / MANIFEST, "{")
    found = since(root)
    assert ([*states(found)], found.before) == (["new"], {})


def test_what_was_broken_before_is_no_fault_of_a_branch(root: Path, git: Git) -> None:
    broken_on_main(root, git)
    write(root / MODULE / "notes.txt", "")
    found = since(root)
    assert (states(found), found.left_alone) == ({MODULE: {}}, 1)
    assert states(judged(root)) == {MODULE: {}, OTHER: {"idempotency": "failed"}}


def test_what_was_measured_or_composed_just_now_is_no_change_of_a_branch(root: Path, git: Git) -> None:
    broken_on_main(root, git)
    document = json.loads((root / OTHER / MANIFEST).read_text(encoding="utf-8"))
    write(root / OTHER / MANIFEST, json.dumps(document, indent=1))
    write(root / "bench" / "manifest" / f"{OTHER}.json", "{}")
    assert states(since(root)) == {}
    commit(git, "both")
    assert [*states(since(root))] == [OTHER]


def test_a_module_that_a_branch_has_touched_is_judged_as_a_whole(root: Path, git: Git) -> None:
    broken_on_main(root, git)
    write(root / OTHER / "notes.txt", "")
    assert states(since(root)) == {OTHER: {"idempotency": "failed"}}


def test_what_a_branch_has_broken_elsewhere_counts_and_nothing_else_there(root: Path, git: Git) -> None:
    broken_on_main(root, git)
    write(root / "pyproject.toml", LANES.replace('"targets"]', "]").replace("min-score = 50", "min-score = 90"))
    found = since(root)
    assert states(found) == {MODULE: {"score": "failed"}, OTHER: {"score": "failed"}}
    assert [each.gate for each in found.judged[1].results if each.is_old] == ["idempotency"]


def test_a_gate_that_is_closed_for_another_reason_than_before_counts(root: Path, git: Git) -> None:
    broken_on_main(root, git)
    write(root / "pyproject.toml", LANES + HIGH)
    assert states(since(root)) == {MODULE: {"idempotency": "failed"}, OTHER: {"idempotency": "failed"}}


def test_what_could_not_be_read_before_is_no_fault_of_a_branch(root: Path, git: Git) -> None:
    git("checkout", "-q", "main")
    write(root / OTHER / MANIFEST, "{")
    commit(git, "broken")
    git("checkout", "-q", "-b", "second")
    assert since(root).is_open
    assert states(judged(root))[OTHER]["schema"] == "not evaluated"


def test_a_waiver_that_a_branch_takes_away_is_missed(root: Path, git: Git) -> None:
    waiver = f'[[tool.enrich.waivers]]\nmodule = "{OTHER}"\ngate = "idempotency"\nreason = "x"\nuntil = 2030-01-01\n'
    write(root / "pyproject.toml", LANES + waiver)
    broken_on_main(root, git)
    assert since(root).is_open
    write(root / "pyproject.toml", LANES)
    assert states(since(root)) == {OTHER: {"idempotency": "failed"}}


def test_neither_the_repository_nor_its_index_is_touched(root: Path, git: Git) -> None:
    said(root, MODULE, "14 components")
    before = git("status", "--porcelain"), (root / ".git" / "index").read_bytes(), sorted(root.rglob("*"))
    since(root)
    assert (git("status", "--porcelain"), (root / ".git" / "index").read_bytes(), sorted(root.rglob("*"))) == before


def test_a_repository_below_the_top_of_git_is_one_too(root: Path, git: Git) -> None:
    below = root / "below"
    below.mkdir()
    for name in (MODULE, OTHER, "manifests", "pyproject.toml"):
        git("mv", name, f"below/{name}")
    commit(git, "moved")
    git("branch", "-f", "main")
    said(below, MODULE, "14 components")
    found = since(below)
    assert (states(found), found.left_alone) == ({MODULE: {"idempotency": "failed"}}, 1)
    assert closed(found.before[MODULE]) == {}


@pytest.mark.parametrize(
    ("ref", "why"),
    [("nowhere", "no such commit"), ("--all", "no such commit"), ("alone", "no commit is known")],
)
def test_who_cannot_tell_where_the_branch_began_says_so(ref: str, why: str, root: Path, git: Git) -> None:
    git("checkout", "-q", "--orphan", "alone")
    commit(git, "alone")
    git("checkout", "-q", "branch")
    with pytest.raises(UserError, match=why):
        since(root, ref)


def test_outside_of_git_no_branch_is_known(tmp_path: Path) -> None:
    write(tmp_path / MODULE / MANIFEST, ASKED)
    with pytest.raises(UserError, match="it is in no git repository"):
        since(tmp_path)
