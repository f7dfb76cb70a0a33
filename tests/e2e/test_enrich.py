"""`enrich` through the real command: what evidence says, and nothing else, stands in a manifest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.shop import CART, INIT, OLD, TEXT, Run, all_bytes, manifest, write
from verifier.manifests.repository import MANIFEST


def test_fields_are_what_evidence_says(repository: Path, enrich: Run) -> None:
    done = enrich("--all", SOURCE_DATE_EPOCH="1700000000")
    assert (done.returncode, done.stderr) == (0, "")
    found = manifest(repository, "shop")
    assert (found["title"], found["matrix"]) == ("kept", {"lane": "L2-integration", "own": 1})
    assert found["features"] == ["data.validation", "task.queue"]
    assert (found["components"], found["tags"]) == (12, ["lane:L2-integration"])
    derived = "2023-11-14T22:13:20Z"
    assert found["performance"] == {"sla_targets": {"latency_p95_ms": 250.0}, "derived_at": derived}
    assert found["testing"] == {"coverage_target": 85}
    assert str(found["description"]).startswith(
        "The module shop provides data.validation and task.queue. It consists of"
    )
    origins = found["_provenance"]
    assert isinstance(origins, dict)
    assert origins["features"]["provenance"][0] == "README.md:§Task queue:L5"


def test_apis_are_verified_or_pending(repository: Path, enrich: Run) -> None:
    enrich("--all")
    found = manifest(repository, "shop")
    apis, pending = found["apis"], found["apis_pending"]
    assert isinstance(apis, dict)
    assert isinstance(pending, dict)
    assert (sorted(apis), sorted(pending)) == (["Cart", "buy"], ["ghost"])
    assert (apis["buy"]["module"], apis["buy"]["capabilities"]) == ("shop", ["stream"])
    assert pending["ghost"]["reasons"][0]["code"] == "unresolved"
    assert list(manifest(repository, "shop/cart")["apis"]) == ["Cart"]  # type: ignore[call-overload]
    assert "apis" not in manifest(repository, "mcp-server")


def test_a_second_run_changes_nothing(repository: Path, enrich: Run) -> None:
    enrich("--all")
    before = all_bytes(repository)
    done = enrich("--all", SOURCE_DATE_EPOCH="1", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert (done.returncode, done.stdout) == (0, "3 unchanged\n")
    assert all_bytes(repository) == before
    for how in ("--check", "--dry-run"):
        for which in (["--all"], ["--module", "shop/cart"]):
            done = enrich(*which, how)
            assert (done.returncode, done.stdout) == (0, "")


def test_what_only_a_ledger_would_tell_is_said(repository: Path, enrich: Run) -> None:
    enrich("--all")
    write(repository / "shop" / "__init__.py", f"{INIT}# the same\n")
    found = [enrich("--module", "shop", how) for how in ("--check", "--dry-run")]
    assert [(done.returncode, done.stdout) for done in found] == [(1, ""), (0, "")]
    assert {done.stderr for done in found} == {"shop: what it rests on, in its ledger alone\n"}
    assert enrich("--module", "shop").stdout == "shop: what it rests on\n1 written\n"


def test_a_dry_run_shows_a_diff_that_git_takes_and_writes_nothing(repository: Path, enrich: Run) -> None:
    before = all_bytes(repository)
    then = {"SOURCE_DATE_EPOCH": "1700000000"}
    done = enrich("--all", "--dry-run", **then)
    assert (done.returncode, enrich("--all", "--check").returncode) == (0, 1)
    assert all_bytes(repository) == before
    applied = subprocess.run(["git", "apply", "-"], cwd=repository, input=done.stdout, encoding="utf-8", check=False)
    assert applied.returncode == 0
    shown = {name: data for name, data in all_bytes(repository).items() if name.endswith(MANIFEST)}
    for name, data in before.items():
        (repository / name).write_bytes(data)
    enrich("--all", **then)
    assert {name: data for name, data in all_bytes(repository).items() if name.endswith(MANIFEST)} == shown


def test_what_has_lost_its_evidence_goes(repository: Path, enrich: Run) -> None:
    enrich("--all")
    write(repository / "shop" / "README.md", "# Shop\n")
    write(repository / "shop" / "__init__.py", CART)
    done = enrich("--module", "shop")
    assert done.stdout.startswith("shop: apis, apis_pending, components, description, features\n")
    found = manifest(repository, "shop")
    assert sorted(found) == ["_provenance", "apis", "contract", "matrix", "performance", "tags", "testing", "title"]


def test_an_older_manifest_is_refused_and_does_not_stop_the_rest(repository: Path, enrich: Run) -> None:
    old = write(repository / "shop" / "cart" / MANIFEST, '{"schema_version": "1", "module": "cart", "tags": ["fast"]}')
    done = enrich("--all")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "1 refused, 1 unchanged, 1 written")
    assert "older generation" in done.stderr
    assert "enrich migrate" in done.stderr
    assert old.read_text(encoding="utf-8").startswith('{"schema_version"')


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ([], 2, "give --module NAME, or --all"),
        (["--all", "--module", "shop"], 2, "give --module NAME, or --all"),
        (["--module", "art"], 3, "no module is called 'art'"),
        (["--all", "--root", "nowhere"], 2, "there is no such folder"),
        (["--all", "--root", "shop/cart"], 3, "no folder here has a module.manifest.json"),
    ],
)
def test_bad_usage_is_told(options: list[str], code: int, words: str, enrich: Run) -> None:
    done = enrich(*options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr


@pytest.mark.parametrize("how", [["--dry-run"], []])
def test_a_reader_that_has_gone_is_no_error(how: list[str], repository: Path, scrubbed: Mapping[str, str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.enrich", "--all", *how],
        cwd=repository, env=dict(scrubbed), stdout=theirs, stderr=subprocess.PIPE, encoding="utf-8", check=False,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")
    written = ["apis" in manifest(repository, module) for module in ("shop", "shop/cart")]
    assert written == ([False, False] if how else [True, True])


def test_a_broken_manifest_is_told_with_its_place(repository: Path, enrich: Run) -> None:
    write(repository / "shop" / MANIFEST, '{"a": 1,}')
    done = enrich("--module", "shop")
    assert done.returncode == 2
    assert f"shop/{MANIFEST}" in done.stderr
    assert os.fspath(repository) not in done.stdout


# --- older manifests, and ways back -----------------------------------------------------------------------------------


def test_an_older_manifest_is_migrated_and_nothing_is_lost(repository: Path, enrich: Run) -> None:
    old = write(repository / "shop" / "cart" / MANIFEST, json.dumps(OLD, indent=4) + "\n")
    before = old.read_bytes()
    assert enrich("migrate", "--module", "shop/cart", "--dry-run").stdout.startswith(f"--- a/shop/cart/{MANIFEST}")
    assert old.read_bytes() == before
    done = enrich("migrate", "--all")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 unchanged, 1 written")
    found = manifest(repository, "shop/cart")
    assert found["matrix"] == {"lane": "L2-integration", "gates_profile": "x"}
    assert found["x_legacy"] == {"description": "Carts.", "tags": ["fast", "old"], "matrix": {"lane": "L2"}}
    assert enrich("validate").returncode == 0
    assert enrich("--module", "shop/cart").returncode == 0
    assert manifest(repository, "shop/cart")["tags"] == ["lane:L2-integration"]
    assert enrich("revert", "shop/cart", "--to", "0").returncode == 0
    assert json.loads(old.read_bytes()) == OLD


def test_a_ledger_gives_back_the_enriched_fields(repository: Path, enrich: Run) -> None:
    empty = (repository / "shop" / MANIFEST).read_bytes()
    enrich("--all")
    written = (repository / "shop" / MANIFEST).read_bytes()
    (repository / "shop" / MANIFEST).write_bytes(empty)
    assert enrich("replay", "--all").stdout.splitlines()[-1] == "2 unchanged, 1 written"
    assert (repository / "shop" / MANIFEST).read_bytes() == written


def test_the_last_change_of_a_field_is_taken_back(repository: Path, enrich: Run) -> None:
    enrich("--all")
    write(repository / "shop" / "README.md", TEXT.replace("12 components", "14 components"))
    enrich("--module", "shop")
    assert manifest(repository, "shop")["components"] == 14
    assert enrich("revert", "shop", "--field", "components").stdout == "shop: components\n1 written\n"
    assert manifest(repository, "shop")["components"] == 12


def test_what_breaks_the_contract_is_told_with_place_and_remedy(repository: Path, enrich: Run) -> None:
    broken = '{"contract": "manifest/1", "features": ["fast cars"], "components": -1}'
    done = enrich("validate", os.fspath(write(repository / "shop" / MANIFEST, broken)))
    assert done.returncode == 1
    for words in ('$.features[0]: "fast cars"', "$.components: -1", "fix: "):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["revert", "shop"], 2, "give --to SEQ, or --field F"),
        (["revert", "shop", "--to", "9"], 2, "there is no record 9"),
        (["revert", "shop", "--field", "title"], 2, "no record has changed title"),
        (["migrate"], 2, "give --module NAME, or --all"),
        (["validate", "gone.json"], 2, "it cannot be read"),
    ],
)
def test_bad_usage_of_the_others_is_told(options: list[str], code: int, words: str, enrich: Run) -> None:
    done = enrich(*options)
    assert done.returncode == code
    assert words in done.stderr


def test_a_field_is_explained(enrich: Run) -> None:
    enrich("--all", SOURCE_DATE_EPOCH="1700000000")
    told = enrich("explain", "shop", "features").stdout
    assert told.startswith('features: ["data.validation", "task.queue"]\n  confidence ')
    for line in (
        "  from       README.md:§Task queue:L5\n",
        "  seen       task.queue: H2 at README.md:§Task queue:L5, 'Task queue'; nothing spoke against it\n",
        "set by features, 2023-11-14T22:13:20Z",
        "  again      enrich --module shop --dry-run\n",
    ):
        assert line in told
    whole = enrich("explain", "shop").stdout
    assert [line.partition(":")[0] for line in whole.splitlines() if not line.startswith(" ") and line] == [
        "description", "features", "tags", "components", "apis", "apis_pending", "performance.sla_targets",
        "performance.derived_at", "testing.coverage_target",
    ]  # fmt: skip


def test_what_was_never_enriched_cannot_be_explained(enrich: Run) -> None:
    done = enrich("explain", "shop", "features")
    assert (done.returncode, "no enriched field features" in done.stderr) == (3, True)


def test_another_lane_is_settled_in_one_run(repository: Path, enrich: Run) -> None:
    policy = repository / "pyproject.toml"
    write(policy, policy.read_text(encoding="utf-8") + "[tool.enrich.lanes.L3-production]\n")
    enrich("--all")
    file = repository / "shop" / MANIFEST
    write(file, file.read_text(encoding="utf-8").replace('"lane": "L2-integration"', '"lane": "L3-production"'))
    done = enrich("--all")
    assert (done.returncode, done.stderr) == (0, "")
    found = manifest(repository, "shop")
    assert (found["tags"], "performance" in found, "testing" in found) == (["lane:L3-production"], False, False)
    assert enrich("--all").stdout == "3 unchanged\n"


def test_what_nobody_has_described_gets_a_draft(repository: Path, enrich: Run) -> None:
    before = all_bytes(repository)
    assert enrich("scaffold", "--all", "--dry-run").stdout.count("--- /dev/null\n+++ b/") == 4
    assert all_bytes(repository) == before
    done = enrich("scaffold", "--module", "shop/cart", "--core")
    made = [f"shop/cart/{name}" for name in ("claude.me", "contracts/contracts.md", "tests/matrix.md")]
    assert sorted(all_bytes(repository).keys() - before.keys()) == made
    said = [f"shop/cart: {name}" for name in ("claude.me", "matrix.md", "contracts.md")]
    assert (done.returncode, done.stdout.splitlines()) == (0, [*said, "3 written"])
    assert {**all_bytes(repository), **before} == all_bytes(repository), "nothing is written over"
    assert enrich("scaffold", "--module", "shop/cart", "--core").stdout == "1 skipped\n"
    assert "warning: shop/cart/claude.me: it is a draft" in enrich("--all").stderr


@pytest.mark.parametrize("command", [["--all"], ["migrate", "--all"], ["validate"], ["explain", "shop"]])
def test_a_vocabulary_that_is_broken_is_told_once(command: list[str], repository: Path, enrich: Run) -> None:
    write(repository / "pyproject.toml", '[tool.enrich]\nvocabulary = "words"\n')
    write(repository / "words" / "features.json", "[]")
    done = enrich(*command)
    assert (done.returncode, done.stdout, done.stderr.count("error: ")) == (2, "", 1)
    assert "words/features.json" in done.stderr
