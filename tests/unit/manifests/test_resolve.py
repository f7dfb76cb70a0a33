"""A pointer leads to something, or it is said why not: each kind in its own way."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from msgspec import structs

from tests.unit.building import module, symbol
from tests.unit.manifests.enriched import INIT, MODULE, NOW, TEXT, repository, world, write
from tests.unit.manifests.test_bench import ARTIFACT
from verifier.codes import Code
from verifier.manifests.artifacts import Artifacts
from verifier.manifests.model import Absent
from verifier.manifests.readers.apis import Apis
from verifier.manifests.resolve import Resolver
from verifier.model import Answer, Confidence, How, Reason, Verdict

REPORTS = Path(__file__).parents[3] / "fixtures" / "reports"
THERE = Verdict(
    symbol=symbol("demo.Cart"),
    answer=Answer(how=How.DICT),
    import_verified=True,
    doc_ok=True,
    confidence=Confidence.HIGH,
)
GHOST = Verdict(
    symbol=symbol("demo.ghost"),
    answer=Answer(how=How.MISSING),
    import_verified=False,
    doc_ok=True,
    confidence=Confidence.HIGH,
    reasons=(Reason(code=Code.UNRESOLVED, detail="no such name"),),
)
IMPORTED = Apis(
    name="demo",
    base="",
    modules=(module("demo"),),
    verdicts=(THERE, GHOST),
)


def resolver(root: Path, found: Apis | Absent = IMPORTED) -> Resolver:
    there = world(root).repository
    artifacts = Artifacts(there, datetime.fromisoformat(NOW))
    return Resolver(there.places[0], artifacts, lane="L2-integration", found=found)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A module with a text of several sections, source, and all artifacts."""
    repository(tmp_path)
    write(tmp_path / MODULE / "README.md", f"{TEXT}\n```\n# no heading\n```\n")
    write(tmp_path / "docs" / "all: of it.md", "Before any heading.\n\n# Use `it`\n\nThis is how.\n")
    write(tmp_path / MODULE / "cart.py", f"{INIT}x = 1")
    write(tmp_path / "bench" / "b.json", json.dumps({**ARTIFACT, "module": MODULE}))
    write(tmp_path / "bench" / "other.json", json.dumps(ARTIFACT))
    shutil.copy(REPORTS / "coverage.json", tmp_path / "coverage.json")
    shutil.copy(REPORTS / "junit-xunit2.xml", tmp_path / "junit.xml")
    return tmp_path


@pytest.mark.parametrize(
    "pointer",
    [
        "README.md:§Server:L3",
        "README.md:§Task queue:L5-8",
        "/docs/all%3A of it.md:§:L1",
        "/docs/all%3A of it.md:§Use :L5",
        "../docs/all%3A of it.md:§Use :L3",
        "ast:__init__.py",
        "ast:cart.py:L1-2",
        f"ast:/{MODULE}/cart.py:L2",
        "importcheck",
        "importcheck:demo",
        "importcheck:demo.Cart",
        "bench:/bench/b.json#p95",
        "bench:../bench/b.json#stddev",
        "coverage:/coverage.json",
        "pytest:summary",
        "policy:lane:L2-integration",
        "policy:tags:manifest",
    ],
)
def test_what_is_there_resolves(pointer: str, root: Path) -> None:
    assert resolver(root).wrong_with(pointer) == ""


@pytest.mark.parametrize(
    ("pointer", "why"),
    [
        ("README.md", "none of the forms"),
        ("NONE.md:§Server:L3", f"there is no {MODULE}/NONE.md"),
        ("README.md:§Other:L3", "it stands under 'Server'"),
        ("README.md:§Server:L4", "nothing that can be read stands there"),
        ("README.md:§Task queue:L11", "nothing that can be read stands there"),
        ("README.md:§Task queue:L8-99", "nothing that can be read stands there"),
        ("../../x.md:§X:L1", "it leads out of the repository"),
        ("/../x.md:§X:L1", "it leads out of the repository"),
        ("ast:../../x.py", "it leads out of the repository"),
        ("ast:none.py", f"there is no {MODULE}/none.py"),
        ("ast:cart.py:L2-3", "it has 2 lines"),
        ("ast:../docs", "../docs is no file"),
        ("importcheck:demo.ghost", "no import has shown that"),
        ("importcheck:other", "no import has shown that"),
        ("git:HEAD@0a1b2c3", "it is in no git repository"),
        ("bench:/bench/b.json#p42", "a measurement has p50, p95, p99, stddev"),
        ("bench:/bench/none.json#p95", "there is no bench/none.json"),
        ("bench:/bench/other.json#p95", "it is about the module 'services/shop'"),
        ("bench:/../b.json#p95", "it leads out of the repository"),
        ("coverage:/none.json", "there is no none.json"),
        ("coverage:/junit.xml", "/junit.xml is no report of coverage"),
        ("policy:lane:L9", "no such lane is configured"),
        ("policy:weather:fine", "the configuration lays down no such thing"),
    ],
)
def test_what_is_not_there_is_told(pointer: str, why: str, root: Path) -> None:
    assert why in resolver(root).wrong_with(pointer)


def test_the_lane_has_to_be_that_of_the_module(root: Path) -> None:
    write(root / "pyproject.toml", "[tool.enrich.lanes.L2-integration]\n[tool.enrich.lanes.L3-production]\n")
    assert resolver(root).wrong_with("policy:lane:L2-integration") == ""
    assert resolver(root).wrong_with("policy:lane:L3-production").endswith("of the module: L2-integration")


def test_what_could_not_be_imported_shows_nothing(root: Path) -> None:
    assert resolver(root, Absent("it cannot be imported")).wrong_with("importcheck") == "it cannot be imported"


def test_an_api_that_the_import_does_not_have_is_not_shown_by_it(root: Path) -> None:
    lost = structs.replace(IMPORTED, verdicts=())
    assert resolver(root, lost).wrong_with("importcheck:demo.Cart") == "no import has shown that"


def test_a_summary_of_tests_has_to_be_there(root: Path) -> None:
    (root / "junit.xml").unlink()
    assert resolver(root).wrong_with("pytest:summary") == "there is no junit.xml"


def test_a_commit_is_one_of_the_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root))
    named = ("-c", "user.name=A", "-c", "user.email=a@b.example")
    for command in (["init", "-q"], [*named, "commit", "-q", "--allow-empty", "-m", "a"], ["branch", "beef"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, encoding="ascii", check=True)
    sha = head.stdout.strip()
    assert resolver(root).wrong_with(f"git:HEAD@{sha}") == resolver(root).wrong_with(f"git:HEAD@{sha[:9]}") == ""
    for other in ("0" * 40, "beef"):
        assert resolver(root).wrong_with(f"git:HEAD@{other}") == "the repository has no such commit"
