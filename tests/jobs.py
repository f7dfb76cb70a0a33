"""Jobs of GitHub, as far as a machine without GitHub can run them: each `run:` step, one after the other.

What the three actions of others do is done by who calls: a clean checkout, a Python, and looking at what is uploaded.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

REPOSITORY = Path(__file__).parents[1]
WORKFLOWS = tuple(sorted((REPOSITORY / ".github" / "workflows").glob("*.yml")))
ACTION = REPOSITORY / ".github" / "actions" / "gates" / "action.yml"
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
PATIENCE = 300
"""Seconds after which a step counts as hung."""


class Step(Struct, frozen=True, kw_only=True):
    """A step that runs a script. Expressions are not filled in."""

    name: str
    script: str
    env: Mapping[str, str]
    folder: str


class Ended(Struct, frozen=True, kw_only=True):
    """What became of a step."""

    step: Step
    code: int
    said: str
    summary: str
    """What it has put into the summary of the job."""


class Job(Struct, kw_only=True):
    """A job at work."""

    workspace: Path
    """A clean checkout."""
    temp: Path
    """An empty folder of the job's own."""
    env: Mapping[str, str]
    context: Mapping[str, str]
    """What expressions stand for: `inputs.root`."""

    def run(self, step: Step) -> Ended:
        """Run a step in the shell that GitHub documents for `shell: bash`."""
        script, summary = self.temp / "step.sh", self.temp / "summary.md"
        script.write_text(self.filled(step.script), encoding="utf-8")
        summary.write_text("", encoding="utf-8")
        env = {
            **self.env,
            **{name: self.filled(value) for name, value in step.env.items()},
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / self.filled(step.folder), env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Ended(step=step, code=done.returncode, said=done.stdout, summary=summary.read_text(encoding="utf-8"))

    def run_all(self, steps: tuple[Step, ...]) -> tuple[Ended, ...]:
        """Run steps up to the first that fails, as GitHub does."""
        ended: list[Ended] = []
        for step in steps:
            ended.append(self.run(step))
            if ended[-1].code:
                break
        return tuple(ended)

    def filled(self, text: str) -> str:
        """A text with its expressions filled in. Raises KeyError for one that nobody has said anything of."""
        return EXPRESSION.sub(lambda found: self.context[found[1]], text)


def document(file: Path) -> dict[Any, Any]:
    """A workflow or an action."""
    found: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def steps_of(file: Path) -> tuple[Step, ...]:
    """The `run:` steps of an action, or of the one job of a workflow."""
    found = document(file)
    if "runs" in found:
        return tuple(_steps(found["runs"]["steps"], {}))
    (job,) = found["jobs"].values()
    return tuple(_steps(job["steps"], job.get("defaults", {}).get("run", {})))


def _steps(steps: list[dict[str, Any]], defaults: Mapping[str, str]) -> Iterator[Step]:
    for step in steps:
        if "run" in step:
            folder = step.get("working-directory", defaults.get("working-directory", "."))
            name = step.get("name", step["run"])
            yield Step(name=name, script=step["run"], env=step.get("env", {}), folder=folder)


def inputs_of(file: Path) -> dict[str, str]:
    """What the inputs of a workflow or an action are where nobody gives them, as expressions name them."""
    found = document(file)
    # YAML 1.1 takes the key `on` for a truth value
    said = found["inputs"] if "inputs" in found else found[True]["workflow_call"]["inputs"]
    return {f"inputs.{name}": each.get("default", "") for name, each in said.items()}
