"""Of an artifact that does not hold for a module as it is now no number is taken; each fault has its own message."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.manifests.enriched import INIT, MODULE, NOW, edit, manifest, observe, repository, run, world, write
from tests.unit.manifests.test_bench import ARTIFACT
from verifier.manifests import layout
from verifier.manifests.measurements import Measurements, source_digests
from verifier.manifests.model import Absent
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.repository import MANIFEST
from verifier.model import Problem

WHEN = "2025-01-31T12:00:00"
SOURCE = f'{INIT}\n\ndef total():\n    """All."""\n    return 1\n'
COVERED = {"executed_lines": [1, 4], "missing_lines": [6], "summary": {"num_statements": 3, "covered_lines": 2}}
COVERAGE = {"meta": {"timestamp": WHEN}, "files": {f"{MODULE}/__init__.py": COVERED}}
CASES = '<testcase classname="tests.test_server" name="{}"/>'
FAILED = f'<testcase classname="{MODULE}.t" name="x"><failure/></testcase>'
JUNIT = f'<testsuite timestamp="{WHEN}">{CASES.format("a") * 3}{FAILED}</testsuite>'
BENCH = f"bench/manifest/{MODULE}.json"
OBSERVED, COVERAGE_OBSERVED = "performance.observed", "testing.coverage_observed"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An enriched module with all artifacts; its tests lie elsewhere."""
    repository(tmp_path)
    table = f'[tool.enrich]\nelsewhere = {{"{MODULE}" = ["tests"]}}\n'
    write(tmp_path / "pyproject.toml", table + (tmp_path / "pyproject.toml").read_text(encoding="utf-8"))
    write(tmp_path / MODULE / "__init__.py", SOURCE)
    write(tmp_path / "tests" / "test_server.py", "def test(): pass\n")
    run(tmp_path)
    write(tmp_path / BENCH, json.dumps(bench()))
    write(tmp_path / "coverage.json", json.dumps(COVERAGE))
    write(tmp_path / "junit.xml", JUNIT)
    return tmp_path


def bench(**said: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ARTIFACT), "module": MODULE, "entrypoints": {"m.f": TIMES}, **said}


TIMES = {"p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3.0, "stddev_ms": 0.5, "rounds": 50}


def held(root: Path, field: str) -> Any:
    return layout.value_at(json.loads(manifest(root).read_text(encoding="utf-8")), field)


def test_all_artifacts_become_numbers(root: Path) -> None:
    assert observe(root) == ()
    assert {key: held(root, OBSERVED)[key] for key in ("latency_p95_ms", "availability", "observed_at")} == {
        "latency_p95_ms": 2.5,
        "availability": 75.0,
        "observed_at": "2025-01-31T12:00:00Z",
    }
    assert held(root, "performance.sla_violation") == {"latency_p95_ms": False}
    assert (held(root, COVERAGE_OBSERVED), held(root, "testing.observed_at")) == (66.67, "2025-01-31T12:00:00Z")


def test_a_second_run_and_any_order_of_the_two_commands_change_nothing(root: Path, tmp_path: Path) -> None:
    observe(root)
    before = manifest(root).read_bytes()
    observe(root, now="2025-03-01T00:00:00Z")
    run(root, now="2025-03-01T00:00:00Z")
    observe(root, now="2025-03-01T00:00:00Z")
    assert manifest(root).read_bytes() == before
    for path in (manifest(root), root / "manifests" / ".ledger" / f"{MODULE}.ndjson"):
        path.unlink()
    write(manifest(root), '{"title": "kept", "contract": "manifest/1", "matrix": {"lane": "L2-integration"}}')
    observe(root)
    run(root)
    assert json.loads(manifest(root).read_bytes()) == json.loads(before)


def later(path: Path, than: Path) -> None:
    """Let a file be written after another one."""
    now = than.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(now, now))


def renew(path: Path) -> None:
    """Let a file be newer than all others."""
    os.utime(path, (2e9, 2e9))


def rewrite(root: Path, name: str, **said: Any) -> None:
    write(root / name, json.dumps({**json.loads((root / name).read_bytes()), **said}))


def times(root: Path, **said: Any) -> None:
    rewrite(root, BENCH, entrypoints={"m.f": {**TIMES, **said}})


def second(root: Path) -> None:
    write(root / "bench/manifest/again.json", json.dumps(bench()))


def of_another_state(root: Path) -> None:
    rewrite(root, BENCH, sources={f"{MODULE}/__init__.py": "0" * 64})


def with_a_file_that_is_new(root: Path) -> None:
    rewrite(root, BENCH, sources=source_digests(world(root).repository.places[0], world(root).repository))
    write(root / MODULE / "new.py", "")


BAD_BENCHES = {
    "broken": (lambda root: write(root / BENCH, "{"), f"{BENCH}: is no JSON"),
    "future": (lambda root: rewrite(root, BENCH, observed_at="2025-03-01T00:00:00Z"), "it is from the future"),
    "older": (lambda root: later(root / MODULE / "__init__.py", root / BENCH), "older than its source"),
    "of another state": (of_another_state, f"older than its source: {MODULE}/__init__.py changed later"),
    "without a file": (with_a_file_that_is_new, f"older than its source: {MODULE}/new.py changed later"),
    "NaN": (lambda root: write(root / BENCH, json.dumps(bench()).replace("2.5", "NaN")), "NaN is no number"),
    "negative": (lambda root: times(root, p50_ms=-1), "p50_ms: -1 is negative"),
    "unit": (lambda root: times(root, unit="s"), 'its unit "s" disagrees with the names'),
    "another's": (lambda root: rewrite(root, BENCH, module="other"), "it is about the module 'other'"),
    "two": (second, f"bench/manifest/again.json claims to be of {MODULE}, and one is all that a module has"),
}


@pytest.mark.parametrize(("harm", "message"), BAD_BENCHES.values(), ids=BAD_BENCHES)
def test_no_number_comes_from_a_measurement_that_does_not_hold(harm: Any, message: str, root: Path) -> None:
    observe(root)
    harm(root)
    renew(root / "junit.xml")
    assert message in " ".join(observe(root))
    assert "availability" in held(root, OBSERVED)
    assert not any("latency" in name for name in held(root, OBSERVED))


def of_no_test(root: Path) -> None:
    write(root / "junit.xml", "<testsuite/>")


def skipped(root: Path) -> None:
    run_elsewhere = '<testcase classname="other.t" name="y"/>'
    own = f'<testcase classname="{MODULE}.t" name="x"><skipped/></testcase>'
    write(root / "junit.xml", f'<testsuite timestamp="{WHEN}">{own}{run_elsewhere}</testsuite>')


def claimed_twice(root: Path) -> None:
    write(root / "other" / MANIFEST, '{"contract": "manifest/1"}')
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("elsewhere = {", 'elsewhere = {"other" = ["tests"], '))


BAD_TESTS = {
    "zero": (of_no_test, "junit.xml: no test was run"),
    "skipped": (skipped, "all 1 tests of it were skipped"),
    "broken": (lambda root: write(root / "junit.xml", "<"), "junit.xml: is no XML"),
    "timeless": (lambda root: write(root / "junit.xml", JUNIT.replace("timestamp", "x")), "does not say when"),
    "older": (lambda root: later(root / MODULE / "__init__.py", root / "junit.xml"), "older than its source"),
    "older tests": (lambda root: later(root / "tests/test_server.py", root / "junit.xml"), "older than its source"),
    "disputed": (claimed_twice, f"junit.xml: tests/test_server may be of {MODULE} or of other"),
}


@pytest.mark.parametrize(("harm", "message"), BAD_TESTS.values(), ids=BAD_TESTS)
def test_no_number_comes_from_a_test_run_that_does_not_hold(harm: Any, message: str, root: Path) -> None:
    observe(root)
    harm(root)
    renew(root / BENCH)
    assert message in " ".join(observe(root))
    assert "latency_p95_ms" in held(root, OBSERVED)
    assert "availability" not in held(root, OBSERVED)


def lines(root: Path, *numbers: int) -> None:
    file = {**COVERED, "missing_lines": [*numbers]}
    rewrite(root, "coverage.json", files={f"{MODULE}/__init__.py": file})


BAD_COVERAGE = {
    "broken": (lambda root: write(root / "coverage.json", "[]"), "coverage.json: is no report of coverage.py"),
    "beyond the end": (lambda root: lines(root, 99), f"of another state of the repository: it has line 99 of {MODULE}"),
    "blank": (lambda root: lines(root, 2), "of another state of the repository: nothing can be run in line 2"),
    "gone": (
        lambda root: rewrite(root, "coverage.json", files={f"{MODULE}/gone.py": COVERED}),
        f"of another state of the repository: {MODULE}/gone.py is not there",
    ),
    "older": (lambda root: later(root / MODULE / "__init__.py", root / "coverage.json"), "older than its source"),
    "timeless": (lambda root: rewrite(root, "coverage.json", meta={}), "it does not say when it was made"),
    "future": (lambda root: rewrite(root, "coverage.json", meta={"timestamp": "2026-01-01"}), "from the future"),
}


@pytest.mark.parametrize(("harm", "message"), BAD_COVERAGE.values(), ids=BAD_COVERAGE)
def test_no_number_comes_from_coverage_that_does_not_hold(harm: Any, message: str, root: Path) -> None:
    observe(root)
    harm(root)
    assert message in " ".join(observe(root))
    assert held(root, COVERAGE_OBSERVED) is held(root, "testing.observed_at")


@pytest.mark.parametrize(
    ("name", "field"), [(BENCH, OBSERVED), ("junit.xml", OBSERVED), ("coverage.json", COVERAGE_OBSERVED)]
)
def test_what_has_lost_its_artifact_goes_and_that_is_told(name: str, field: str, root: Path) -> None:
    observe(root)
    (root / name).unlink()
    assert observe(root) == (f"{MODULE}: {field} loses what was measured: there is no {name}",)
    assert observe(root) == ()
    assert ("latency_p95_ms" in held(root, OBSERVED)) is (name != BENCH)
    assert ("availability" in held(root, OBSERVED)) is (name != "junit.xml")


def test_nothing_is_said_of_what_was_never_measured(tmp_path: Path) -> None:
    run(repository(tmp_path))
    before = manifest(tmp_path).read_bytes()
    assert observe(tmp_path) == ()
    assert manifest(tmp_path).read_bytes() == before


def test_a_manifest_that_breaks_its_contract_is_left_alone_where_there_is_nothing_to_write(tmp_path: Path) -> None:
    text = '{"contract": "manifest/1", "components": 3}'
    write(manifest(repository(tmp_path)), text)
    assert observe(tmp_path) == ()
    assert manifest(tmp_path).read_text(encoding="utf-8") == text


def test_what_belongs_to_no_module_is_told(root: Path) -> None:
    write(root / "bench/manifest/gone.json", json.dumps({**bench(), "module": "gone"}))
    write(root / "bench/manifest/x/odd.json", "[]")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("elsewhere = {", "elsewhere = {nobody = [], "))
    assert observe(root) == (
        "`elsewhere` in [tool.enrich]: there is no module 'nobody'",
        "bench/manifest/x/odd.json: it names no module",
        "bench/manifest/gone.json: there is no module 'gone'",
    )
    assert held(root, OBSERVED)["latency_p95_ms"] == 2.5


def test_numbers_below_the_threshold_are_withheld_and_judge_nothing(root: Path) -> None:
    times(root, rounds=5)
    told = observe(root)
    assert told == (f"{MODULE}: {OBSERVED}: its confidence is low, and medium is the least",)
    assert held(root, OBSERVED) is held(root, "performance.sla_violation")


# --- in git -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def committed(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, committed together, with times of files that say nothing."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(root, "init", "-q")
    commit(root)
    for name in (BENCH, "coverage.json", "junit.xml"):
        os.utime(root / name, (1, 1))
    return root


def git(root: Path, *arguments: str) -> None:
    named = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
    subprocess.run(["git", *named, *arguments], cwd=root, capture_output=True, check=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "more")


def measurements(root: Path) -> Measurements:
    return Measurements(world(root).repository, datetime.fromisoformat(NOW))


def test_what_is_committed_together_belongs_together(committed: Path) -> None:
    (place,) = world(committed).repository.places
    found = measurements(committed)
    assert isinstance(found.bench(place), BenchReading)
    assert not any(isinstance(each, Absent | Problem) for each in (found.tests(place), found.coverage(place)))


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_source_that_changed_after_the_artifact_was_committed_makes_it_stale(
    is_committed: bool, committed: Path
) -> None:
    write(committed / MODULE / "__init__.py", f"{SOURCE}\n# later\n")
    if is_committed:
        commit(committed)
    (place,) = world(committed).repository.places
    found = measurements(committed)
    for each in (found.bench(place), found.tests(place), found.coverage(place)):
        assert isinstance(each, Problem)
        assert each.what.endswith(f"it is older than its source: {MODULE}/__init__.py changed later")


def test_where_the_history_is_cut_off_nobody_can_tell(committed: Path, tmp_path: Path) -> None:
    write(committed / "note", "later")
    commit(committed)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", committed.as_uri(), str(clone))
    (place,) = world(clone).repository.places
    found = measurements(clone).coverage(place)
    assert isinstance(found, Problem)
    assert "the history of the repository is cut off" in found.what


def test_a_measurement_that_notes_its_sources_needs_no_history(committed: Path, tmp_path: Path) -> None:
    shutil.rmtree(committed / ".git")
    there = world(committed).repository
    rewrite(committed, BENCH, sources=source_digests(there.places[0], there))
    later(committed / MODULE / "__init__.py", committed / BENCH)
    assert isinstance(measurements(committed).bench(there.places[0]), BenchReading)


def test_what_people_wrote_beside_the_numbers_is_kept(root: Path) -> None:
    edit(root, lambda document: document["performance"].update(note="ours"))
    observe(root)
    assert held(root, "performance.note") == "ours"
