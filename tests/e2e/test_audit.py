"""`enrich audit` through the real command: what holds is left in peace, and each planted lie is found."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator

from tests.e2e.shop import CART, INIT, OLD, TEXT, all_bytes, write
from verifier.manifests.model import Json
from verifier.manifests.readers.bench import fingerprint
from verifier.manifests.repository import MANIFEST
from verifier.resources import load_schema

LEDGER = Path("manifests", ".ledger", "shop.ndjson")
POLICY = "[tool.enrich.lanes.L2-integration]\nsla-targets = {latency_p95_ms = 250}\ncoverage-target = 85\n"
ATTRIBUTES = re.compile(r"```gitattributes\n(.*?)```", re.DOTALL)
DOCUMENTED = Path(__file__).parents[2] / "docs" / "ledger.md"
FACTS: dict[str, Json] = {"python": "3.11"}
BENCH = {
    "contract": "bench/1",
    "module": "shop",
    "observed_at": "2024-01-31T12:00:00Z",
    "env_fingerprint": {"facts": FACTS, "sha256": fingerprint(FACTS)},
    "entrypoints": {"shop.buy": {"p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3, "stddev_ms": 0, "rounds": 50}},
}
OBSERVED = {
    "latency_p95_ms": 2.5,
    "observed_at": "2024-01-31T12:00:00Z",
    "provenance": ["bench:/bench/manifest/shop.json#p95"],
    "confidence": "high",
}
COVERED = {"provenance": ["coverage:/coverage.json"], "confidence": "high", "reasons": ["coverage:measured"]}
Run = Callable[..., subprocess.CompletedProcess[str]]
Lie = Callable[[Path], object]


def command(root: Path, environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run `enrich` at the root of a repository."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.enrich", *options],
        cwd=root, capture_output=True, encoding="utf-8", check=False, env=dict(environment),
    )  # fmt: skip


@pytest.fixture(scope="module")
def environment(scrubbed: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Without what the developer has cached."""
    return {**scrubbed, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("caches"))}


@pytest.fixture(scope="module")
def prepared(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three modules, enriched, with a measurement that is in the manifest."""
    root = tmp_path_factory.mktemp("prepared") / "repository"
    write(root / "shop" / "__init__.py", INIT)
    write(root / "shop" / "README.md", TEXT)
    write(root / "shop" / "cart" / "__init__.py", CART)
    write(root / "mcp-server" / "__init__.py", CART)
    write(root / "shop" / MANIFEST, '{\n  "contract": "manifest/1",\n  "matrix": {"lane": "L2-integration"}\n}\n')
    write(root / "shop" / "cart" / MANIFEST, '{"contract": "manifest/1"}')
    write(root / "mcp-server" / MANIFEST, '{"contract": "manifest/1"}')
    write(root / "pyproject.toml", POLICY)
    write(root / "bench" / "manifest" / "shop.json", json.dumps(BENCH))
    assert command(root, environment, "--all").returncode == 0
    return root


@pytest.fixture
def root(prepared: Path, tmp_path: Path) -> Path:
    """A copy, to plant a lie in."""
    return shutil.copytree(prepared, tmp_path / "repository")


@pytest.fixture
def enrich(root: Path, environment: Mapping[str, str]) -> Run:
    """Run the command at the root of the copy."""
    return lambda *options, **more: command(root, {**environment, **more}, *options)


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, set[tuple[str, str]]]:
    """Field and code of each finding, by module, of what was printed with `--json`."""
    assert done.stderr == ""
    document = json.loads(done.stdout)
    Draft202012Validator(load_schema("audit")).validate(document)
    assert done.returncode == int(bool(document["totals"]["wrong"]))
    return {
        module: {(one["field"], one["code"]) for one in found["findings"]}
        for module, found in document["modules"].items()
        if found["findings"]
    }


# --- what holds -------------------------------------------------------------------------------------------------------


def test_what_was_enriched_holds_and_nothing_is_written(root: Path, enrich: Run) -> None:
    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (root, *root.rglob("*"))}

    before, times = all_bytes(root), state()
    done = enrich("audit")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "10 fields of 3 modules hold; 0 do not\n")
    assert enrich("audit", "shop/cart", "mcp-server").stdout == "1 field of 2 modules holds; 0 do not\n"
    assert (all_bytes(root), state()) == (before, times)


def test_what_it_says_does_not_depend_on_time_or_chance(root: Path, enrich: Run) -> None:
    write(root / "shop" / "README.md", "# Shop\n")
    one = enrich("audit", "--json")
    other = enrich("audit", "--json", SOURCE_DATE_EPOCH="1800000000", PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    assert one.stdout == other.stdout
    assert str(root) not in one.stdout


def test_it_waits_for_no_writer(root: Path, enrich: Run) -> None:
    with FileLock(root / "manifests" / ".ledger" / ".lock"):
        assert enrich("audit", "mcp-server").returncode == 0


@pytest.mark.parametrize(
    "steps",
    [
        [("revert", "shop", "--to", "0")],
        [("revert", "shop", "--to", "0"), ("--all",)],
        [("revert", "shop", "--field", "components"), ("--all",)],
        [("replay", "--all")],
        [("migrate", "--all")],
    ],
    ids=lambda steps: " ".join(word for step in steps for word in step),
)
def test_what_other_commands_have_written_holds(steps: list[tuple[str, ...]], enrich: Run) -> None:
    assert [enrich(*step).returncode for step in steps] == [0] * len(steps)
    assert findings(enrich("audit", "--json")) == {}


def test_what_was_reverted_holds_when_the_sources_say_it_again(root: Path, enrich: Run) -> None:
    last = len((root / LEDGER).read_bytes().splitlines())
    write(root / "shop" / "README.md", TEXT.replace("12 components", "14 components"))
    assert enrich("--all").returncode == 0
    assert enrich("revert", "shop", "--to", str(last)).returncode == 0
    assert ("components", "differs") in findings(enrich("audit", "--json"))["shop"]
    write(root / "shop" / "README.md", TEXT)
    assert findings(enrich("audit", "--json")) == {"shop": {("features", "moved")}}  # last seen in the other text
    assert enrich("--all").returncode == 0
    assert findings(enrich("audit", "--json")) == {}


def test_a_manifest_that_was_migrated_and_then_enriched_holds(root: Path, enrich: Run) -> None:
    old = {**OLD, "performance": {"notes": "kept", "sla_targets": {"latency_p95_ms": 1}}}
    write(root / "shop" / "cart" / MANIFEST, json.dumps(old))
    (root / "manifests" / ".ledger" / "shop" / "cart.ndjson").unlink()
    assert findings(enrich("audit", "--json")) == {"shop/cart": {("", "generation")}}
    assert enrich("migrate", "--all").returncode == 0
    assert findings(enrich("audit", "--json")) == {}
    assert enrich("--all").returncode == 0
    assert findings(enrich("audit", "--json")) == {}
    found = json.loads((root / "shop" / "cart" / MANIFEST).read_text(encoding="utf-8"))
    found["matrix"]["gates_profile"] = "of the users"
    write(root / "shop" / "cart" / MANIFEST, json.dumps({key: found[key] for key in found if key != "x_legacy"}))
    assert findings(enrich("audit", "--json")) == {}


def test_two_branches_that_git_has_merged_hold_when_they_are_reconciled(root: Path, enrich: Run) -> None:
    def git(*options: str, check: bool = True) -> None:
        named = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *named, *options], cwd=root, check=check, capture_output=True)

    advice = ATTRIBUTES.search(DOCUMENTED.read_text(encoding="utf-8"))
    assert advice
    write(root / ".gitattributes", advice[1])
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "base")
    for branch, count in (("theirs", 14), ("ours", 16)):
        git("checkout", "-q", "-b", branch, "main" if branch == "theirs" else "theirs~1")
        write(root / "shop" / "README.md", TEXT.replace("12 components", f"{count} components"))
        assert enrich("--all").returncode == 0
        git("commit", "-q", "-a", "-m", branch)
    git("merge", "-q", "theirs", check=False)
    git("checkout", "--ours", "--", f"shop/{MANIFEST}", "shop/README.md")
    found = findings(enrich("audit", "--json"))
    assert {("components", "unreconciled"), ("description", "unreconciled")} <= found["shop"]
    assert {code for _, code in found["shop"]} <= {"unreconciled", "moved"}
    assert enrich("--all").returncode == 0
    assert findings(enrich("audit", "--json")) == {}


# --- lies -------------------------------------------------------------------------------------------------------------


def edit(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of the shop by hand."""
    document = json.loads((root / "shop" / MANIFEST).read_text(encoding="utf-8"))
    change(document)
    write(root / "shop" / MANIFEST, json.dumps(document, indent=2))


def with_measurement(root: Path) -> None:
    """A number by hand, as its artifact has it."""
    edit(root, lambda found: found["performance"].update(observed=OBSERVED))


def by_hand(change: Callable[[dict[str, Any]], object]) -> Lie:
    return lambda root: edit(root, change)


def of_origin(field: str, **said: object) -> Lie:
    return by_hand(lambda found: found["_provenance"][field].update(said))


def text(old: str, new: str, file: str = "shop/README.md") -> Lie:
    def change(root: Path) -> None:
        before = (root / file).read_text(encoding="utf-8")
        assert old in before
        write(root / file, before.replace(old, new))

    return change


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Lie:
    def apply(root: Path) -> None:
        file = root / LEDGER
        file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))

    return apply


def each(*lies: Lie) -> Lie:
    def apply(root: Path) -> None:
        for lie in lies:
            lie(root)

    return apply


def removed(file: Path) -> Lie:
    return lambda root: (root / file).unlink()


def flipped(where: float) -> Lie:
    def apply(root: Path) -> None:
        data = bytearray((root / LEDGER).read_bytes())
        data[int(where * (len(data) - 1))] ^= 1
        (root / LEDGER).write_bytes(data)

    return apply


def measured(**said: object) -> Lie:
    return by_hand(lambda found: found["performance"].update(observed={**OBSERVED, **said}))


def covered(found: dict[str, Any]) -> None:
    found["testing"].update(coverage_observed=85.0, observed_at="2024-01-31T12:00:00Z")
    found["_provenance"]["testing.coverage_observed"] = COVERED


LIES: dict[str, tuple[Lie, set[tuple[str, str]]]] = {
    "an API that does not import": (
        by_hand(lambda found: found["apis"].update(sell=found["apis"]["buy"])),
        {("apis", "unverified"), ("apis", "edited")},
    ),
    "a pending API among the verified": (
        by_hand(lambda found: (found["apis"].update(ghost=found["apis"]["buy"]), found["apis_pending"].pop("ghost"))),
        {("apis", "unverified"), ("apis", "edited"), ("apis_pending", "edited")},
    ),
    "an API that imports no more": (
        text('"""A shop', 'import nothing_of_the_kind\n"""A shop', "shop/__init__.py"),
        {("apis", "unverified"), ("apis", "moved"), ("apis_pending", "differs")},
    ),
    "an API that was removed": (
        text("def buy", "def buy_now", "shop/__init__.py"),
        {("apis", "unverified"), ("apis_pending", "differs")},
    ),
    "a feature without evidence": (
        by_hand(lambda found: found["features"].insert(0, "batch.processing")),
        {("features", "unsupported"), ("features", "edited")},
    ),
    "a feature whose sentence is gone": (
        each(text("## Task queue\n", "## Notes\n"), text("- A task queue that takes payments\n", "")),
        {("features", "unsupported"), ("features", "moved"), ("_provenance.features", "dangling")},
    ),
    "a number that the text states no more": (
        text("12 components", "14 components"),
        {("components", "differs"), ("components", "moved"), ("description", "differs")},
    ),
    "a measurement without an artifact": (
        each(with_measurement, removed(Path("bench", "manifest", "shop.json"))),
        {("performance.observed", "unmeasured"), ("performance.observed", "dangling")},
    ),
    "a measurement that its artifact does not have": (
        measured(latency_p95_ms=1.5),
        {("performance.observed", "unmeasured")},
    ),
    "a coverage without a report": (by_hand(covered), {("testing.coverage_observed", "unmeasured")}),
    "an edited description": (
        by_hand(lambda found: found.update(description=found["description"].replace("12", "20"))),
        {("description", "edited"), ("description", "differs")},
    ),
    "a pointer to another line": (
        of_origin("components", provenance=["README.md:§Task queue:L5"]),
        {("_provenance.components", "edited"), ("_provenance.components", "differs")},
    ),
    "a pointer under another heading": (
        of_origin("components", provenance=["README.md:§Task queue:L3"]),
        {("_provenance.components", "dangling")},
    ),
    "a pointer out of the repository": (
        of_origin("components", provenance=["../../README.md:§Shop:L3"]),
        {("_provenance.components", "dangling"), ("_provenance.components", "edited")},
    ),
    "a raised confidence": (
        of_origin("components", confidence="high"),
        {("_provenance.components", "differs"), ("_provenance.components", "edited")},
    ),
    "a source that has moved": (
        lambda root: (root / "shop" / "README.md").rename(root / "shop" / "ABOUT.md"),
        {("components", "moved"), ("components", "unsupported"), ("_provenance.features", "dangling")},
    ),
    "another policy": (
        text("= 250}", "= 500}", "pyproject.toml"),
        {("performance.sla_targets", "differs")},
    ),
    "a lane without a policy": (
        text("L2-integration]", "L3-production]", "pyproject.toml"),
        {("performance.sla_targets", "unsupported"), ("_provenance.testing\\.coverage_target", "dangling")},
    ),
    "a first byte of the ledger": (flipped(0), {("", "tampered")}),
    "a byte of the ledger": (flipped(0.37), {("", "tampered")}),
    "the last byte of the ledger": (flipped(1), {("", "tampered")}),
    "a record less": (lines(lambda found: found[:3] + found[4:]), {("", "tampered")}),
    "the last record less": (lines(lambda found: found[:-1]), {("testing.coverage_target", "unrecorded")}),
    "no ledger": (removed(LEDGER), {("apis", "unrecorded"), ("description", "unrecorded")}),
    "a manifest that is no JSON": (text('"apis": {', '"apis": ', f"shop/{MANIFEST}"), {("", "unreadable")}),
}


def test_a_number_as_its_artifact_has_it_holds_once_it_is_recorded(root: Path, enrich: Run) -> None:
    with_measurement(root)
    assert findings(enrich("audit", "--json")) == {"shop": {("performance.observed", "unrecorded")}}
    enrich("observe", "--all")
    assert findings(enrich("audit", "--json")) == {}


@pytest.mark.parametrize(("lie", "expected"), LIES.values(), ids=LIES)
def test_a_lie_is_found(lie: Lie, expected: set[tuple[str, str]], root: Path, enrich: Run) -> None:
    lie(root)
    found = findings(enrich("audit", "--json"))
    assert expected <= found["shop"]
    assert "mcp-server" not in found


def test_a_lie_is_told_with_place_and_remedy(root: Path, enrich: Run) -> None:
    edit(root, lambda found: found["features"].insert(0, "batch.processing"))
    done = enrich("audit")
    assert done.returncode == 1
    assert done.stdout.startswith("shop\n  features: ")
    for line in (
        "(edited)\n",
        "  features: nothing speaks for batch.processing (unsupported)\n",
        f"    where: shop/{MANIFEST}\n",
        "let `enrich --module shop` take it out\n",
        "\n\n9 fields of 3 modules hold; 1 does not\n",
    ):
        assert line in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["audit", "art"], 3, "no module is called 'art'"),
        (["audit", "--root", "bench"], 3, f"no folder here has a {MANIFEST}"),
        (["audit", "--root", "nowhere"], 2, "there is no such folder"),
    ],
)
def test_nothing_to_audit_is_no_success(options: list[str], code: int, words: str, enrich: Run) -> None:
    done = enrich(*options)
    assert (done.returncode, done.stdout, words in done.stderr) == (code, "", True)


def test_settings_that_cannot_be_read_are_no_success(root: Path, enrich: Run) -> None:
    write(root / "pyproject.toml", "[tool.enrich]\nledgers = 1\n")
    done = enrich("audit")
    assert (done.returncode, done.stdout) == (2, "")
    assert "tool.enrich" in done.stderr
