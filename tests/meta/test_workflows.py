"""What GitHub runs holds up to an audit: actions are pinned, nothing of a pull request is run as code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.jobs import ACTION, REPOSITORY, WORKFLOWS, document, inputs_of, steps_of

CI, GATES = WORKFLOWS
TOOL = '"$RUNNER_TEMP"/verify-apis/bin/'
PAGE = REPOSITORY / "docs" / "ci.md"
ZIZMOR = Path(sys.executable).with_name("zizmor")


@pytest.mark.parametrize("file", [*WORKFLOWS, ACTION], ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_audit_finds_nothing(file: Path) -> None:
    done = subprocess.run(
        [str(ZIZMOR), "--offline", "--no-progress", "--color=never", str(file)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_audit_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.pull_request.title }}\n",
        encoding="utf-8",
    )
    done = subprocess.run([str(ZIZMOR), "--offline", str(tmp_path / "bad.yml")], capture_output=True, check=False)
    assert done.returncode != 0


def test_our_own_ci_runs_what_the_project_names() -> None:
    (job,) = document(CI)["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run", "make run"]


def test_the_action_has_no_input_that_the_workflow_lacks() -> None:
    assert inputs_of(ACTION).items() <= inputs_of(GATES).items()


def test_examples_of_the_documentation_name_inputs_that_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    called, action, gitlab = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    assert {f"inputs.{name}" for name in called["jobs"]["manifests"]["with"]} <= {*inputs_of(GATES)}
    assert {f"inputs.{name}" for name in action["steps"][-1]["with"]} <= {*inputs_of(ACTION)}
    scripts = [step.script.strip().removeprefix(TOOL) for step in steps_of(ACTION)]
    assert len({*scripts} & {*gitlab["manifests"]["script"]}) == 3


def test_the_recipe_for_any_other_ci_is_what_the_workflow_runs() -> None:
    page = PAGE.read_text(encoding="utf-8")
    recipe = page.partition("<!-- recipe -->\n```sh\n")[2].partition("```\n<!-- /recipe -->")[0].splitlines()
    scripts = [step.script.strip().removeprefix(TOOL) for step in steps_of(ACTION)]
    assert [line for line in recipe if line in scripts] == [recipe[0], *recipe[2:4]]
    assert recipe[1].endswith("--junit-xml=junit.xml && python -m coverage json -q")
    assert recipe[4].startswith("enrich gates --also markdown=")
