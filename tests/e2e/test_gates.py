"""`enrich gates` and `enrich score` through the real command: what is whole is open, and each lack closes a gate."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.e2e.shop import INIT, TEXT, all_bytes, write
from tests.e2e.test_audit import BENCH, POLICY, command
from tests.repositories import commit, git
from verifier.manifests.repository import MANIFEST
from verifier.resources import load_schema

NOW = "1706875200"
"""Two days after what was measured."""
WHOLE = INIT.replace('"ghost", ', "").replace("from shop.cart import Cart\n", "").replace(', "Cart"', "")
REPORT = {
    "meta": {"timestamp": "2024-01-31T12:00:00"},
    "files": {"shop/__init__.py": {"summary": {"num_statements": 10, "covered_lines": 9}}},
}
WAIVERS = "[[tool.enrich.waivers]]\nmodule = 'shop'\n"
LENIENT = f"{POLICY}min-score = 0\n"
Run = Callable[..., subprocess.CompletedProcess[str]]
Change = Callable[[Path, Run], object]


@pytest.fixture(scope="module")
def environment(scrubbed: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """A fixed day, and nothing of what the developer has cached."""
    return {**scrubbed, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("caches")), "SOURCE_DATE_EPOCH": NOW}


@pytest.fixture(scope="module")
def prepared(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module that has all that can be had, in a repository of git."""
    root = tmp_path_factory.mktemp("prepared") / "repository"
    write(root / "shop" / "__init__.py", WHOLE)
    write(root / "shop" / "README.md", TEXT)
    write(root / "shop" / MANIFEST, '{"contract": "manifest/1", "matrix": {"lane": "L2-integration"}}')
    write(root / "pyproject.toml", POLICY)
    write(root / "bench" / "manifest" / "shop.json", json.dumps(BENCH))
    write(root / "coverage.json", json.dumps(REPORT))
    assert command(root, environment, "--all").returncode == 0
    assert command(root, environment, "observe", "--all").returncode == 0
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


@pytest.fixture
def root(prepared: Path, tmp_path: Path) -> Path:
    """A copy, to change something in."""
    return shutil.copytree(prepared, tmp_path / "repository")


@pytest.fixture
def enrich(root: Path, environment: Mapping[str, str]) -> Run:
    """Run the command at the root of the copy."""
    return lambda *options, **more: command(root, {**environment, **more}, *options)


def edit(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest by hand."""
    document = json.loads((root / "shop" / MANIFEST).read_text(encoding="utf-8"))
    change(document)
    write(root / "shop" / MANIFEST, json.dumps(document, indent=2))


def document(done: subprocess.CompletedProcess[str], contract: str) -> dict[str, Any]:
    """What was printed as JSON."""
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(load_schema(contract)).validate(found)
    return found


def closed(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The gates of the shop that are closed, each with its state."""
    found = document(done, "gates")
    gates = found["modules"]["shop"]["gates"]
    those = {gate: gates[gate]["state"] for gate in found["modules"]["shop"]["closed"]}
    assert done.returncode == int(bool(those))
    return those


def by_hand(change: Callable[[dict[str, Any]], object]) -> Change:
    return lambda root, enrich: edit(root, change)


def text(file: str, old: str, new: str) -> Change:
    def change(root: Path, enrich: Run) -> None:
        before = (root / file).read_text(encoding="utf-8")
        assert old in before
        write(root / file, before.replace(old, new))

    return change


def removed(file: str) -> Change:
    return lambda root, enrich: (root / file).unlink()


def observed(change: Change) -> Change:
    """The same, and then `enrich observe`."""

    def both(root: Path, enrich: Run) -> None:
        change(root, enrich)
        assert enrich("observe", "--all").returncode == 0

    return both


def in_performance(**said: object) -> Change:
    return by_hand(lambda found: found["performance"]["observed"].update(said))


def without_lane(root: Path, enrich: Run) -> None:
    def change(found: dict[str, Any]) -> None:
        del found["matrix"]
        found["tags"].remove("lane:L2-integration")

    edit(root, change)
    assert enrich("--all").returncode == 0


FAILED, NOT = "failed", "not evaluated"
BENCH_FILE, LEDGER = "bench/manifest/shop.json", "manifests/.ledger/shop.ndjson"
NO_API = '"""A shop, with data validation of orders and a task queue for payments."""'
CLOSING: dict[str, tuple[Change, dict[str, str]]] = {
    "a breach of the contract": (in_performance(confidence="sure"), {"schema": FAILED}),
    "an API that is not there any more": (text("shop/__init__.py", "def buy", "def buy_now"), {"apis": FAILED}),
    "no API": (
        lambda root, enrich: (write(root / "shop" / "__init__.py", NO_API), enrich("--all")),
        {"apis": NOT},
    ),
    "an API that the manifest calls verified": (
        by_hand(lambda found: found["apis"].update(sell=found["apis"]["buy"])),
        {"apis": FAILED},
    ),
    "a number that its artifact does not have": (
        text(BENCH_FILE, '"p95_ms": 2.5', '"p95_ms": 2.25'),
        {"freshness": FAILED},
    ),
    "a verdict on targets that does not follow": (
        by_hand(lambda found: found["performance"]["sla_violation"].update(latency_p95_ms=True)),
        {"freshness": FAILED},
    ),
    "no measurement": (observed(removed(BENCH_FILE)), {"freshness": NOT}),
    "a measurement that is gone": (removed(BENCH_FILE), {"freshness": FAILED}),
    "too little coverage": (
        observed(text("coverage.json", '"covered_lines": 9', '"covered_lines": 8')),
        {"coverage": FAILED},
    ),
    "a coverage that nobody has measured": (
        text("coverage.json", '"covered_lines": 9', '"covered_lines": 10'),
        {"coverage": FAILED},
    ),
    "a coverage of another day": (text("coverage.json", "2024-01-31", "2024-01-30"), {"coverage": FAILED}),
    "no coverage": (observed(removed("coverage.json")), {"coverage": NOT}),
    "a word that is not canonical": (
        by_hand(lambda found: found["matrix"].update(lane="L2")),
        {"vocabulary": FAILED},
    ),
    "a field that nobody knows the source of": (
        by_hand(lambda found: found["_provenance"].pop("components")),
        {"provenance": FAILED},
    ),
    "a text that says something else": (
        text("shop/README.md", "12 components", "14 components"),
        {"idempotency": FAILED},
    ),
    "a ledger that was changed": (text(LEDGER, '"new":12,', '"new":13,'), {"idempotency": FAILED}),
    "no ledger": (removed(LEDGER), {"idempotency": FAILED}),
    "no lane": (
        observed(without_lane),
        {"freshness": NOT, "coverage": NOT, "score": NOT},
    ),
}


def test_what_has_all_is_open_and_has_100_points_and_nothing_is_written(root: Path, enrich: Run) -> None:
    before = all_bytes(root)
    gates, score = enrich("gates"), enrich("score")
    assert (gates.returncode, gates.stderr, gates.stdout) == (0, "", "shop: open (score 100)\n1 of 1 module open\n")
    assert (score.returncode, score.stderr) == (0, "")
    assert score.stdout == "100.0  shop  lost: nothing\n       was: 100 (2024-02-02)\n"
    assert all_bytes(root) == before


@pytest.mark.parametrize(("change", "expected"), CLOSING.values(), ids=CLOSING)
def test_what_is_wrong_or_lacking_closes_its_gates(
    change: Change, expected: dict[str, str], root: Path, enrich: Run
) -> None:
    write(root / "pyproject.toml", LENIENT)
    change(root, enrich)
    assert closed(enrich("gates", "--format", "json")) == expected


def test_points_that_are_lost_close_the_last_gate(root: Path, enrich: Run) -> None:
    write(root / "shop" / "README.md", "# Shop\n\nThe shop consists of 12 components.\n")
    assert enrich("--all").returncode == 0
    assert closed(enrich("gates", "--format", "json")) == {"score": "failed"}
    found = document(enrich("score", "--format", "json"), "score")["modules"]["shop"]
    assert (found["score"], found["next"]) == (85.0, "features")


def test_a_measurement_gets_old_by_itself(enrich: Run) -> None:
    later = str(int(NOW) + 13 * 24 * 60 * 60)
    assert closed(enrich("gates", "--format", "json", SOURCE_DATE_EPOCH=later)) == {"freshness": "failed"}
    assert enrich("--all", "--check", SOURCE_DATE_EPOCH=later).returncode == 0


def test_what_cannot_be_read_closes_every_gate(root: Path, enrich: Run) -> None:
    write(root / "shop" / MANIFEST, "{")
    assert set(closed(enrich("gates", "--format", "json")).values()) == {"not evaluated"}
    done = enrich("gates")
    assert (done.returncode, done.stdout.count("where: ")) == (1, 1)
    assert "  every gate (not evaluated): it is no JSON" in done.stdout


def test_a_waiver_opens_a_gate_until_it_is_over(root: Path, enrich: Run) -> None:
    write(root / "shop" / "README.md", TEXT.replace("12 components", "14 components"))
    waiver = f"{WAIVERS}gate = 'idempotency'\nreason = 'soon'\nuntil = '2024-02-03'\n"
    write(root / "pyproject.toml", POLICY + waiver)
    assert enrich("gates").stdout.startswith("shop: open (score 100)\n  idempotency (waived until 2024-02-03: soon): ")
    done = enrich("gates", SOURCE_DATE_EPOCH=str(int(NOW) + 2 * 24 * 60 * 60))
    assert done.returncode == 1
    assert "the waiver of 'idempotency' for shop waives nothing: it held until 2024-02-03\n" in done.stdout
    write(root / "shop" / "README.md", TEXT)
    done = enrich("gates")
    assert (done.returncode, "waives nothing: the gate is not closed" in done.stdout) == (1, True)


def test_of_a_branch_what_it_has_changed_and_what_it_has_broken_elsewhere_is_judged(root: Path, enrich: Run) -> None:
    write(root / "core" / "__init__.py", WHOLE.replace('"""A shop', '"""A core'))
    write(root / "core" / MANIFEST, '{"contract": "manifest/1"}')
    write(root / "shop" / "__init__.py", f"import core\n{WHOLE}")
    assert enrich("--all").returncode == 0
    commit(root)
    assert enrich("gates", "--module", "shop").returncode == 0
    git(root, "checkout", "-q", "-b", "branch")
    assert enrich("gates", "--since", "main").stdout == "0 of 0 modules open; 2 not touched since main\n"
    write(root / "core" / "__init__.py", f"import nothing_of_the_kind\n{WHOLE}")
    done = enrich("gates", "--since", "main", "--format", "json")
    found = document(done, "gates")["modules"]
    assert done.returncode == 1
    assert found["shop"]["closed"] == ["apis"]
    assert (found["shop"]["closed_before"], found["shop"]["score_before"]) == ([], 100.0)
    assert {"apis", "freshness"} <= {*found["core"]["closed"]}
    told = enrich("gates", "--since", "main", "--format", "markdown").stdout
    assert told.startswith("### Gates: 2 of 2 modules closed\n\n- Worse than on `main`: ")
    assert "`shop` closed apis; `shop` score" in told


def test_what_is_said_does_not_depend_on_chance(root: Path, enrich: Run) -> None:
    write(root / "shop" / "README.md", "# Shop\n")
    for form in ("text", "json", "markdown", "junit", "sarif"):
        one = enrich("gates", "--format", form)
        other = enrich("gates", "--format", form, PYTHONHASHSEED="7", TZ="Asia/Tokyo")
        assert one.stdout == other.stdout
        assert str(root) not in one.stdout


def test_what_is_said_goes_to_files_as_well(root: Path, enrich: Run) -> None:
    write(root / "shop" / "README.md", "# Shop\n")
    also = [option for form in ("json", "sarif", "junit", "markdown") for option in ("--also", f"{form}={form}.txt")]
    done = enrich("gates", *also)
    assert (done.returncode, done.stderr) == (1, "")
    for form in ("json", "sarif", "junit", "markdown"):
        assert (root / f"{form}.txt").read_text(encoding="utf-8") == enrich("gates", "--format", form).stdout


@pytest.mark.parametrize(
    ("also", "words"),
    [
        ("html=a.txt", "'html=a.txt' is not FORMAT=FILE"),
        ("json", "'json' is not FORMAT=FILE"),
        ("json=", "'json=' is not FORMAT=FILE"),
        ("json=nowhere/a.txt", "it cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_told(also: str, words: str, enrich: Run) -> None:
    done = enrich("gates", "--also", also)
    assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True), done.stderr


def test_a_branch_is_judged_by_what_it_can_reach(root: Path, enrich: Run) -> None:
    for module, imports in (("core", ""), ("till", "import core\n"), ("lone", "")):
        write(root / module / "__init__.py", f"{imports}{WHOLE}")
        write(root / module / MANIFEST, '{"contract": "manifest/1"}')
    write(root / "pyproject.toml", LENIENT)
    assert enrich("--all").returncode == 0
    commit(root)
    write(root / "core" / "__init__.py", "1 / 0\n")
    modules = document(enrich("gates", "--since", "main", "--format", "json"), "gates")["modules"]
    assert {name: found["closed"] for name, found in modules.items()}["till"] == ["apis"]
    assert {*modules} == {"core", "till"}
    write(root / "core" / "__init__.py", WHOLE)
    assert enrich("gates", "--since", "main").stdout == "0 of 0 modules open; 4 not touched since main\n"


def test_a_sample_bounds_what_may_be_wrong(root: Path, enrich: Run) -> None:
    done = enrich("audit", "--sample", "5", "--seed", "3")
    assert (done.returncode, done.stdout) == (
        0,
        "5 of 5 sampled claims hold (seed 3); with 95 % confidence fewer than 45.1 % of all 12 claims are wrong\n",
    )
    edit(root, lambda found: found["features"].insert(0, "batch.processing"))
    done = enrich("audit", "--sample", "1000", "--json")
    found = document(done, "audit")
    assert (done.returncode, found["sample"]["of"], found["sample"]["wrong"]) == (1, 12, 1)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["gates", "--module", "art"], 3, "no module is called 'art'"),
        (["gates", "--root", "bench"], 3, f"no folder here has a {MANIFEST}"),
        (
            ["gates", "--since", "nowhere"],
            2,
            "nobody knows where the branch left 'nowhere': the repository has no such",
        ),
        (["gates", "--format", "html"], 2, "'html' is not one of"),
        (["gates", "--module", "shop", "--all"], 2, "give --module NAME, or --all"),
        (["score", "--format", "html"], 2, "'html' is not one of"),
        (["audit", "--sample", "0"], 2, "x>=1"),
    ],
)
def test_what_cannot_be_judged_is_no_success(options: list[str], code: int, words: str, enrich: Run) -> None:
    done = enrich(*options)
    assert (done.returncode, done.stdout, words in done.stderr) == (code, "", True), done.stderr


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[tool.enrich.lanes.L2-integration]\nwithout = ['apis']\n", "lanes['L2-integration'].without"),
        (f"{WAIVERS}gate = 'all'\nreason = 'x'\nuntil = 2024-02-03\n", "'all' is not one of"),
        (f"{WAIVERS}gate = 'apis'\nuntil = 2024-02-03\n", "'reason' is a required"),
        (f"{WAIVERS}gate = 'apis'\nreason = 'x'\nuntil = '2024-02-30'\n", "date"),
    ],
)
def test_a_configuration_that_is_wrong_is_told(table: str, words: str, root: Path, enrich: Run) -> None:
    write(root / "pyproject.toml", table)
    done = enrich("gates")
    assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True), done.stderr
    assert done.stderr.startswith("error: there is a mistake in the configuration\n")
