"""The full loop, as CI runs it: verify, measure, observe, judge, over the repository of Nordkai once it was mended.

Each `run:` step of the workflow and of the action is run for real, in a clean checkout. Then regressions are planted,
and each closes the gate that is about it, and no other.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sarif_pydantic import Sarif

from tests.jobs import ACTION, REPOSITORY, Ended, Job, document, inputs_of, steps_of
from tests.repositories import FIXTURES, MONOREPO, PATIENCE, command, commit, git
from verifier.manifests.repository import MANIFEST
from verifier.resources import load_schema

WORKFLOW = REPOSITORY / ".github" / "workflows" / "gates.yml"
TESTS = "python -m coverage run -m pytest -q --junit-xml=junit.xml && python -m coverage json -q"
INPUTS = {"inputs.verify": ".", "inputs.tests": TESTS}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a step sees: a Python of its own comes first, and pip installs what is pinned here."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    apart = ("VIRTUAL_ENV", "PYTHON", "GIT_", "COV_", "COVERAGE_", "PYTEST_")
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith(apart)},
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_CONSTRAINT": str(REPOSITORY / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("caches")),
        "LC_ALL": "C.UTF-8",
    }


def enrich(root: Path, env: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """The real command of this checkout, with the interpreter of the job."""
    return subprocess.run(
        command(*options), cwd=root, env=dict(env), stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def origin(env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The monorepo, mended and enriched, on `main`. Nothing in it was measured."""
    root = tmp_path_factory.mktemp("origin") / "nordkai"
    shutil.copytree(MONOREPO, root)
    shutil.copytree(FIXTURES / "mended", root, dirs_exist_ok=True)
    for options in (["migrate", "--all"], ["--all"]):
        done = enrich(root, env, *options)
        assert done.returncode == 0, done.stderr
    git(root, "init", "-q", "-b", "main")
    commit(root, "mended")
    return root


@pytest.fixture(scope="module")
def checkout(origin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout") / "nordkai"
    subprocess.run(["git", "clone", "-q", str(origin), str(root)], check=True)
    return root


@pytest.fixture(scope="module")
def job(checkout: Path, env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A job of the workflow, as a repository calls it."""
    prepare = "python -m pip install --quiet coverage pytest"
    called = {**inputs_of(WORKFLOW), **INPUTS, "inputs.prepare": prepare, "inputs.tool": str(REPOSITORY)}
    context = {**called, "github.base_ref": ""}
    return Job(workspace=checkout, temp=tmp_path_factory.mktemp("job"), env=env, context=context)


@pytest.fixture(scope="module")
def ended(job: Job) -> tuple[Ended, ...]:
    """Each step of the workflow, run."""
    return job.run_all(steps_of(WORKFLOW))


# --- the workflow and the action --------------------------------------------------------------------------------------


def test_every_step_of_the_workflow_ends_well_and_all_gates_are_open(ended: tuple[Ended, ...], job: Job) -> None:
    assert [each.step.name for each in ended if each.code == 0] == [each.name for each in steps_of(WORKFLOW)], ended[-1]
    assert ended[-1].summary == "### Gates: all open\n"
    assert ended[-1].said.endswith("29 of 29 modules open\n")
    gates = json.loads((job.temp / "gates" / "gates.json").read_text(encoding="utf-8"))
    Draft202012Validator(load_schema("gates")).validate(gates)
    assert gates["totals"] == {"modules": 29, "open": 29, "closed": 0, "left_alone": 0, "by_gate": {}}
    Sarif.model_validate_json((job.temp / "gates" / "gates.sarif").read_text(encoding="utf-8"))
    assert 'failures="0" errors="0"' in (job.temp / "gates" / "gates.xml").read_text(encoding="utf-8")


def test_modules_of_the_strict_lane_were_measured(ended: tuple[Ended, ...], checkout: Path) -> None:
    for module in ("freight/core", "freight/labels", "libs/core", "libs/geo", "tools/fleetctl"):
        manifest = json.loads((checkout / module / MANIFEST).read_text(encoding="utf-8"))
        assert manifest["matrix"]["lane"] == "L2-integration"
        assert manifest["testing"]["coverage_observed"] == 100
        assert {"latency_p95_ms", "import_p95_ms"} & manifest["performance"]["observed"].keys()


def test_what_the_workflow_uploads_is_there(ended: tuple[Ended, ...], job: Job) -> None:
    (found,) = document(WORKFLOW)["jobs"].values()
    (upload,) = (step for step in found["steps"] if "upload-artifact" in step.get("uses", ""))
    job.context = {**job.context, "runner.temp": str(job.temp)}
    assert all((job.workspace / path).exists() for path in job.filled(upload["with"]["path"]).split())


def test_the_action_runs_what_the_workflow_runs() -> None:
    workflow = {step.name: step for step in steps_of(WORKFLOW)}
    action = {step.name: step for step in steps_of(ACTION)}
    assert [name for name in workflow if name != "Prepare"] == [*action]
    assert all(
        (step.script, {*step.env}) == (workflow[name].script, {*workflow[name].env}) for name, step in action.items()
    )


def test_the_action_judges_a_pull_request_by_what_it_has_changed(
    ended: tuple[Ended, ...], job: Job, origin: Path, env: Mapping[str, str], tmp_path: Path
) -> None:
    """What its first step installs is what the workflow has installed."""
    root = tmp_path / "nordkai"
    subprocess.run(["git", "clone", "-q", str(origin), str(root)], check=True)
    git(root, "checkout", "-q", "-b", "branch")
    write(root / "libs/retry/__init__.py", "class Breaker", "class Switch")
    write(root / "tests/test_house.py", "retry.Breaker", "retry.Switch")
    commit(root, "a ghost")
    context = {**inputs_of(ACTION), "inputs.tests": TESTS, "github.action_path": str(ACTION.parent)}
    action = Job(workspace=root, temp=tmp_path / "temp", env=env, context={**context, "github.base_ref": "main"})
    install, *steps = steps_of(ACTION)
    assert Path(action.filled(install.env["TOOL"])).resolve() == REPOSITORY
    (action.temp / "gates").mkdir(parents=True)
    (action.temp / "verify-apis").symlink_to(job.temp / "verify-apis")
    judged = action.run_all(tuple(steps))
    assert [each.code for each in judged] == [0] * 5 + [1], judged[-1]
    told = judged[-1].summary
    assert told.startswith(
        "### Gates: 1 of 1 module closed\n\n- Worse than on `origin/main`: `libs/retry` closed apis\n"
    )
    assert "| `libs/retry` | apis | failed: " in told
    assert "has no attribute 'Breaker' | " in told
    assert "`enrich --module libs/retry`" in told


# --- planted regressions ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured(ended: tuple[Ended, ...], checkout: Path) -> Path:
    """The checkout with all that the job has measured, committed: what is true there."""
    commit(checkout, "measured")
    return checkout


def write(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit(root: Path, module: str, change: Callable[[dict[str, Any]], object]) -> None:
    file = root / module / MANIFEST
    found = json.loads(file.read_text(encoding="utf-8"))
    change(found)
    file.write_text(json.dumps(found, indent=2), encoding="utf-8")


class Planted:
    """A place to plant something in: a copy of what was measured, and the real command in it."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self.root = root
        self.env = env

    def run(self, *options: str) -> None:
        done = enrich(self.root, self.env, *options)
        assert done.returncode == 0, done.stderr

    def gates(self, *options: str) -> dict[str, list[str]]:
        """The gates that are closed, by module; and the exit code is right."""
        done = enrich(self.root, self.env, "gates", *options, "--format", "json")
        modules = json.loads(done.stdout)["modules"]
        closed = {module: found["closed"] for module, found in modules.items() if found["closed"]}
        assert done.returncode == int(bool(closed)), done.stderr
        return closed


Plant = Callable[[Planted, str], object]
"""Plants something in a module."""


def less_coverage(at: Planted, module: str) -> None:
    write(at.root / "tests/test_house.py", '    assert clock.now("NOOSL") is None\n', "")
    write(at.root / "tests/test_house.py", '    assert clock._zone("NOOSL") == "UTC"\n', "")
    subprocess.run(TESTS, shell=True, cwd=at.root, env=dict(at.env), check=True, capture_output=True)
    at.run("observe", "--all")


def old_measurement(at: Planted, module: str) -> None:
    file = at.root / f"bench/manifest/{module}.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    found["observed_at"] = (datetime.now(UTC) - timedelta(days=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
    file.write_text(json.dumps(found), encoding="utf-8")
    at.run("observe", "--module", module)


def no_feature_any_more(at: Planted, module: str) -> None:
    (at.root / module / "README.md").write_text("# Labels\n", encoding="utf-8")
    at.run("--module", module)


def said(file: str, old: str, new: str) -> Plant:
    return lambda at, module: write(at.root / file.format(module=module), old, new)


def edited(change: Callable[[dict[str, Any]], object]) -> Plant:
    return lambda at, module: edit(at.root, module, change)


# Those come first that run commands: these would put right what is planted by hand.
PLANTS: dict[str, tuple[str, str, Plant]] = {
    "coverage below its target": ("coverage", "libs/clock", less_coverage),
    "a measurement of long ago": ("freshness", "services/identity", old_measurement),
    "a text that names no feature any more": ("score", "freight/labels", no_feature_any_more),
    "a name that is gone": ("apis", "libs/retry", said("{module}/__init__.py", "class Breaker", "class Switch")),
    "an import that writes": (
        "apis",
        "libs/core",
        said("{module}/settings.py", '"""Settings."""\n', '"""Settings."""\nopen(__file__ + ".bak", "w").close()\n'),
    ),
    "a dependency that nobody has declared": (
        "apis",
        "services/gateway",
        said("{module}/door.py", '"""One door."""\n', '"""One door."""\nimport nordkai_doors\n'),
    ),
    "a number that was never measured": (
        "freshness",
        "services/billing",
        edited(lambda found: found["performance"]["observed"].update(latency_p95_ms=0.5)),
    ),
    "a measurement that is gone": (
        "freshness",
        "freight/tracking",
        lambda at, module: (at.root / f"bench/manifest/{module}.json").unlink(),
    ),
    "a tag in free text": (
        "vocabulary",
        "tools/fleetctl",
        edited(lambda found: found.update(tags=sorted([*found["tags"], "fast"]))),
    ),
    "a number that was changed by hand": (
        "idempotency",
        "libs/geo",
        edited(lambda found: found.update(components=30)),
    ),
    "a number without provenance": (
        "provenance",
        "freight/core",
        edited(lambda found: found["_provenance"].pop("components")),
    ),
    "a source that was renamed": (
        "provenance",
        "services/dispatch",
        lambda at, module: (at.root / module / "claude.me").rename(at.root / module / "notes.me"),
    ),
    "a text that says something else": (
        "idempotency",
        "freight/booking",
        said("{module}/claude.me", "7 components", "9 components"),
    ),
    "a ledger that was changed": (
        "idempotency",
        "freight/customs",
        said("manifests/.ledger/{module}.ndjson", '"new":4,', '"new":5,'),
    ),
    "a breach of the contract": (
        "schema",
        "freight/quotes",
        edited(lambda found: found["performance"]["observed"].update(confidence="sure")),
    ),
}


@pytest.fixture
def planted(measured: Path, env: Mapping[str, str], tmp_path: Path) -> Planted:
    return Planted(shutil.copytree(measured, tmp_path / "nordkai", symlinks=True), env)


@pytest.mark.parametrize(("gate", "module", "plant"), PLANTS.values(), ids=PLANTS)
def test_a_regression_closes_the_gate_that_is_about_it(gate: str, module: str, plant: Plant, planted: Planted) -> None:
    plant(planted, module)
    assert planted.gates("--module", module) == {module: [gate]}


def test_of_all_regressions_at_once_each_closes_its_gate_and_no_other_one_is_closed(planted: Planted) -> None:
    for _, module, plant in PLANTS.values():
        plant(planted, module)
    assert planted.gates() == {module: [gate] for gate, module, _ in PLANTS.values()}
