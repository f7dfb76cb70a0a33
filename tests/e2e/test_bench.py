"""`enrich bench` through the real command: what it measures becomes an artifact, and `observe` makes numbers of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.e2e.shop import CART, INIT, LONG, Run, all_bytes, manifest, write
from verifier.manifests.readers.bench import fingerprint
from verifier.manifests.repository import MANIFEST
from verifier.resources import load_schema

SLOW = f'''

def total(items, rate=1):
    """All of it. {LONG}"""
    return sum(items) * rate
'''
TASK = """
modules:
  shop:
    entrypoint: shop:total
    arguments: [[1, 2, 3]]
    keywords: {rate: 2}
    rounds: 30
safe: ["shop.cart:Cart"]
"""


@pytest.fixture
def shop(repository: Path) -> Path:
    """The repository with something to measure."""
    write(repository / "shop" / "__init__.py", INIT.replace('"ghost", ', "") + SLOW)
    write(repository / "benchmarks.yml", TASK)
    return repository


def artifact(root: Path, module: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "bench" / "manifest" / f"{module}.json").read_text(encoding="utf-8"))
    Draft202012Validator(load_schema("bench")).validate(found)
    return found


def test_a_task_becomes_an_artifact_and_that_a_number(shop: Path, enrich: Run) -> None:
    done = enrich("bench", "--module", "shop")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "shop: shop.json\n1 written\n")
    found = artifact(shop, "shop")
    times = found["entrypoints"]["shop:total"]
    assert (times["kind"], times["rounds"], found["confined"]) == ("call", 30, True)
    assert 0 < times["p50_ms"] <= times["p95_ms"] <= times["p99_ms"]
    facts = found["env_fingerprint"]["facts"]
    assert {"python", "implementation", "processor", "cores", "system", "kernel", "allocator", "gil"} <= facts.keys()
    assert found["env_fingerprint"]["sha256"] == fingerprint(facts)
    assert sorted(found["sources"]) == ["shop/__init__.py"]
    done = enrich("observe", "--module", "shop")
    assert (done.returncode, done.stderr) == (0, "")
    observed = manifest(shop, "shop")["performance"]["observed"]  # type: ignore[index]
    assert observed["latency_p95_ms"] == times["p95_ms"]
    assert observed["env_fingerprint"] == found["env_fingerprint"]["sha256"]
    assert manifest(shop, "shop")["performance"]["sla_violation"] == {"latency_p95_ms": False}  # type: ignore[index]


def test_a_setup_may_lie_in_another_folder_than_the_module(shop: Path, enrich: Run) -> None:
    write(shop / "src" / "app" / "__init__.py", "def run(items): return sorted(items)\n")
    write(shop / "src" / "app" / MANIFEST, '{"contract": "manifest/1"}')
    write(shop / "benches" / "app.py", "def prepare(): return ([3, 1, 2],), {}\n")
    write(shop / "benchmarks.yml", "modules: {src/app: {entrypoint: 'app:run', setup: 'benches.app:prepare'}}\n")
    done = enrich("bench", "--module", "src/app")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(artifact(shop, "src/app")["entrypoints"]) == ["app:run"]


def test_without_a_task_what_is_verified_and_safe_is_called(shop: Path, enrich: Run) -> None:
    enrich("--all")
    done = enrich("bench", "--module", "shop/cart")
    assert (done.returncode, done.stdout) == (0, "shop/cart: cart.json\n1 written\n")
    assert list(artifact(shop, "shop/cart")["entrypoints"]) == ["shop.cart:Cart"]


def test_without_either_imports_are_measured_and_never_called_latency(shop: Path, enrich: Run) -> None:
    done = enrich("bench", "--module", "shop/cart")
    assert (done.returncode, done.stdout) == (0, "shop/cart: cart.json\n1 written\n")
    ((name, times),) = artifact(shop, "shop/cart")["entrypoints"].items()
    assert (name, times["kind"], times["rounds"]) == ("shop.cart", "import", 20)
    enrich("observe", "--module", "shop/cart")
    observed = manifest(shop, "shop/cart")["performance"]["observed"]  # type: ignore[index]
    assert {key for key in observed if key.endswith("_ms")} == {"import_p50_ms", "import_p95_ms"}


def test_what_is_not_confined_is_loud_and_recorded(shop: Path, enrich: Run) -> None:
    done = enrich("bench", "--module", "shop", "--unconfined")
    assert done.returncode == 0
    assert done.stderr == "warning: --unconfined: what is measured may write, connect and start programs as you may\n"
    assert artifact(shop, "shop")["confined"] is False
    assert artifact(shop, "shop")["env_fingerprint"]["facts"]["confinement"] == "none"
    enrich("observe", "--module", "shop")
    origin = manifest(shop, "shop")["_provenance"]["performance.observed"]  # type: ignore[index]
    assert (origin["confidence"], origin["reasons"]) == ("medium", ["bench:shop:total", "bench:unconfined"])


def test_where_the_kernel_confines_nothing_that_is_told_and_recorded(shop: Path, enrich: Run) -> None:
    done = enrich("bench", "--module", "shop", VERIFY_APIS_WITHOUT="landlock,seccomp")
    assert (done.returncode, done.stderr) == (0, "warning: shop: the kernel does not confine it here\n")
    assert artifact(shop, "shop")["confined"] is False


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise ValueError('no')", "shop:total: it raises ValueError: no"),
        ("print(1)", "shop:total: it prints"),
        ("import os; os.remove('/etc/hostname')", "shop:total: it "),
        ("while True: pass", "shop:total: it "),
    ],
)
def test_what_cannot_be_measured_is_refused_and_keeps_what_there_was(
    body: str, words: str, shop: Path, enrich: Run
) -> None:
    enrich("bench", "--module", "shop")
    before = all_bytes(shop)
    text = (shop / "pyproject.toml").read_text(encoding="utf-8")
    write(shop / "pyproject.toml", f"[tool.verify-apis]\ntimeout = 1\n{text}")
    write(shop / "benchmarks.yml", TASK.replace("rounds: 30", "seconds: 0.2"))
    write(shop / "shop" / "__init__.py", f"def total(items, rate=1):\n    {body}\n")
    done = enrich("bench", "--all")
    assert (done.returncode, done.stdout.splitlines()[-1].split(", ")[0]) == (2, "1 refused")
    assert words in done.stderr
    name = "bench/manifest/shop.json"
    assert all_bytes(shop)[name] == before[name]
    told = enrich("observe", "--module", "shop").stderr
    assert "it is older than its source: shop/__init__.py changed later" in told


def test_mistakes_are_told_before_anything_runs(shop: Path, enrich: Run) -> None:
    write(shop / "benchmarks.yml", "modules: {gone: {entrypoint: 'shop:total'}}\n")
    write(shop / "shop" / "__init__.py", "while True: pass\n")
    done = enrich("bench", "--all")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no module 'gone'" in done.stderr


def test_what_is_no_module_of_python_has_nothing_to_measure(shop: Path, enrich: Run) -> None:
    done = enrich("bench", "--module", "mcp-server")
    assert done.returncode == 2
    assert "there is nothing to measure: it cannot be imported: 'mcp-server' is no name in Python" in done.stderr


def test_what_is_measured_as_it_is_now_is_not_measured_again(shop: Path, enrich: Run) -> None:
    assert enrich("bench", "--all").stdout.endswith("\n1 skipped, 2 written\n")
    before = all_bytes(shop)
    done = enrich("bench", "--all", "--only-changed-sources")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "3 skipped\n")
    assert all_bytes(shop) == before
    write(shop / "shop" / "cart" / "__init__.py", CART + "\n")
    write(shop / "benchmarks.yml", "modules: {shop: {entrypoint: 'shop:buy'}}\nsafe: ['shop.cart:Cart']\n")
    done = enrich("bench", "--all", "--only-changed-sources")
    assert (done.returncode, done.stdout) == (0, "shop: shop.json\nshop/cart: cart.json\n1 skipped, 2 written\n")


def test_what_was_measured_long_ago_is_measured_again(shop: Path, enrich: Run) -> None:
    long_ago = "1706875200"
    enrich("bench", "--module", "shop", SOURCE_DATE_EPOCH=long_ago)
    after = str(int(long_ago) + 10 * 24 * 60 * 60)
    again = ("bench", "--module", "shop", "--only-changed-sources")
    assert enrich(*again, SOURCE_DATE_EPOCH=after).stdout == "1 skipped\n"
    assert enrich(*again, SOURCE_DATE_EPOCH=str(int(after) + 1)).stdout.endswith("1 written\n")


def test_a_module_that_cannot_be_read_stops_no_other(shop: Path, enrich: Run) -> None:
    enrich("bench", "--all")
    write(shop / "shop" / MANIFEST, "{")
    done = enrich("bench", "--all", "--only-changed-sources")
    assert (done.returncode, done.stdout, "it is no JSON" in done.stderr) == (2, "1 refused, 2 skipped\n", True)


def test_of_all_modules_those_without_code_are_passed_over(shop: Path, enrich: Run) -> None:
    write(shop / "portal" / MANIFEST, '{"contract": "manifest/1"}')
    done = enrich("bench", "--all")
    assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "2 skipped, 2 written")
    done = enrich("bench", "--module", "portal")
    assert (done.returncode, "there is nothing to measure" in done.stderr) == (2, True)
