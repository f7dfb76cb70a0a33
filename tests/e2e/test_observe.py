"""`enrich observe` through the real command: a number stands in a manifest if an artifact has it, and only then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.shop import Run, all_bytes, manifest, write
from verifier.manifests.model import Json
from verifier.manifests.readers.bench import fingerprint
from verifier.manifests.repository import MANIFEST

FACTS: dict[str, Json] = {"python": "3.11.7", "processors": 2}
POINTERS = [*(f"bench:/bench/manifest/shop.json#{each}" for each in ("p50", "p95", "p99")), "pytest:summary"]
TIMES = {"p50_ms": 100.5, "p95_ms": 300, "p99_ms": 400, "stddev_ms": 1, "rounds": 200}
FILE = {"executed_lines": [1], "missing_lines": [2], "summary": {"num_statements": 2, "covered_lines": 1}}
JUNIT = """<testsuite timestamp="2025-01-31T12:30:00Z">
<testcase classname="tests.shop.test_buy" name="a"/>
<testcase classname="tests.shop.test_buy" name="b"><skipped/></testcase>
<testcase classname="tests.shop.cart.test_cart" name="c"><failure/></testcase></testsuite>"""


def artifact(module: str, **said: object) -> str:
    environment = {"facts": FACTS, "sha256": fingerprint(FACTS)}
    whole = {"contract": "bench/1", "module": module, "observed_at": "2025-01-31T12:00:00Z", "confined": True}
    return json.dumps({**whole, "env_fingerprint": environment, "entrypoints": {"shop.buy": TIMES}, **said})


@pytest.fixture
def measured(repository: Path) -> Path:
    """The repository with all artifacts."""
    table = '[tool.enrich]\nelsewhere = {"*" = ["tests/{path}"]}\n'
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    write(repository / "pyproject.toml", f'{table}{text}environment = "{fingerprint(FACTS)}"\n')
    write(repository / "bench" / "manifest" / "shop.json", artifact("shop"))
    when = {"timestamp": "2025-01-31T12:15:00"}
    files = {"shop/__init__.py": FILE, "shop/cart/__init__.py": FILE, "setup.py": FILE}
    write(repository / "coverage.json", json.dumps({"meta": when, "files": files}))
    write(repository / "junit.xml", JUNIT)
    return repository


def test_numbers_are_those_of_the_artifacts(measured: Path, enrich: Run) -> None:
    assert enrich("--all").returncode == 0
    done = enrich("observe", "--all")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "shop: performance.observed, performance.sla_violation, testing.coverage_observed, testing.observed_at",
        "shop/cart: performance.observed, testing.coverage_observed, testing.observed_at",
        "1 unchanged, 2 written",
    ]
    found = manifest(measured, "shop")
    assert isinstance(performance := found["performance"], dict)
    assert performance["observed"] == {
        "latency_p50_ms": 100.5,
        "latency_p95_ms": 300,
        "latency_p99_ms": 400,
        "availability": 100.0,
        "observed_at": "2025-01-31T12:00:00Z",
        "env_fingerprint": fingerprint(FACTS),
        "confidence": "medium",
        "provenance": POINTERS,
    }
    assert performance["sla_violation"] == {"latency_p95_ms": True}
    assert found["testing"] == {
        "coverage_target": 85,
        "coverage_observed": 50.0,
        "observed_at": "2025-01-31T12:15:00Z",
    }
    assert manifest(measured, "shop/cart")["performance"]["observed"]["availability"] == 0.0  # type: ignore[index]
    assert (enrich("validate").returncode, enrich("audit").returncode) == (0, 0)


def test_a_second_run_and_the_other_command_change_nothing(measured: Path, enrich: Run) -> None:
    enrich("--all")
    enrich("observe", "--all")
    before = all_bytes(measured)
    for options in (["observe", "--all"], ["--all"], ["observe", "--module", "shop"]):
        done = enrich(*options, TZ="Asia/Tokyo", PYTHONHASHSEED="7")
        assert done.returncode == 0
        assert "written" not in done.stdout
    for how in ("--check", "--dry-run"):
        assert (enrich("observe", "--all", how).returncode, enrich("--all", how).stdout) == (0, "")
    assert all_bytes(measured) == before


def test_the_order_of_the_commands_does_not_matter(measured: Path, enrich: Run) -> None:
    kept = all_bytes(measured)
    enrich("--all")
    enrich("observe", "--all")
    one = manifest(measured, "shop")
    for name in ("shop", "shop/cart", "mcp-server"):
        (measured / name / MANIFEST).write_bytes(kept[f"{name}/{MANIFEST}"])
    for path in (measured / "manifests" / ".ledger").rglob("*.ndjson"):
        path.unlink()
    enrich("observe", "--all")
    enrich("--all")
    other = manifest(measured, "shop")
    for each in (one, other):
        del each["performance"]["derived_at"]  # type: ignore[attr-defined]
    assert one == other


def test_a_dry_run_and_a_check_write_nothing(measured: Path, enrich: Run) -> None:
    before = all_bytes(measured)
    done = enrich("observe", "--all", "--dry-run")
    assert (done.returncode, done.stdout.startswith("--- a/shop/cart/")) == (0, False)
    assert '+    "latency_p95_ms": 300' in done.stdout.replace("      ", "    ")
    assert enrich("observe", "--all", "--check").returncode == 1
    assert all_bytes(measured) == before


def test_what_cannot_be_used_is_told_and_is_no_number(measured: Path, enrich: Run) -> None:
    write(measured / "bench" / "manifest" / "shop.json", artifact("shop", observed_at="2999-01-01T00:00:00Z"))
    write(measured / "bench" / "manifest" / "gone.json", artifact("gone"))
    write(measured / "coverage.json", "NaN")
    done = enrich("observe", "--all", "--fail-on-warn")
    assert done.returncode == 1
    for words in (
        "warning: bench/manifest/gone.json: there is no module 'gone'",
        "warning: shop: bench/manifest/shop.json: it is from the future: 2999-01-01T00:00:00Z",
        "warning: coverage.json: is no JSON: NaN is no number",
    ):
        assert words in done.stderr
    observed = manifest(measured, "shop")["performance"]["observed"]  # type: ignore[index]
    assert [name for name in observed if name.endswith("_ms")] == []
    assert "testing" not in manifest(measured, "shop")


def test_measuring_needs_no_import(measured: Path, enrich: Run) -> None:
    write(measured / "shop" / "__init__.py", "while True: pass\n")
    write(measured / "bench" / "manifest" / "shop.json", artifact("shop"))
    assert enrich("observe", "--module", "shop").returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [([], 2, "give --module NAME, or --all"), (["--module", "art"], 3, "no module is called 'art'")],
)
def test_bad_usage_is_told(options: list[str], code: int, words: str, enrich: Run) -> None:
    done = enrich("observe", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr


def test_an_explanation_names_the_command_to_see_it_again(measured: Path, enrich: Run) -> None:
    enrich("observe", "--all")
    told = enrich("explain", "shop", "performance.observed").stdout
    assert "bench:/bench/manifest/shop.json#p95" in told
    assert "again      enrich observe --module shop --dry-run" in told
