"""The examples of docs/configuration.md are run: what stands there is what the command does."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from verifier.config.table import KEYS, OVERRIDE_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, re.DOTALL)
GOOD = [table for table, said in EXAMPLES if not said]
BAD = [(table, said) for table, said in EXAMPLES if said]
DOC = (
    '    """It is documented at length, so that nothing but its import can speak against it: no check may object."""\n'
)
PROJECT = {
    # what of Django the examples call
    "django.py": "import os\nready = False\ndef setup():\n    global ready\n"
    '    __import__(os.environ["DJANGO_SETTINGS_MODULE"])\n    ready = True\n',
    "demo/__init__.py": "",
    "demo/settings.py": "_DEBUG = False\n",
    "demo/models.py": "import django as _django\n_django.ready or 1 / 0\nclass Model:\n" + DOC,
    "demo/legacy.py": "def old():\n" + DOC,
    "demo/migrations/__init__.py": "",
    "demo/migrations/first.py": "_done = True\n",
}
WORKER = "import os as _os\n_os.environ['DEMO_QUEUE']\ndef work():\n" + DOC
Command = Callable[..., subprocess.CompletedProcess[str]]


def project(folder: Path, table: str) -> Path:
    """A folder with the demo project and this configuration."""
    files = {**PROJECT, **({"demo/worker.py": WORKER} if "demo.worker" in table else {}), "pyproject.toml": table}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_there_are_examples_of_both_sorts() -> None:
    assert (len(GOOD), len(BAD)) == (2, 1)


@pytest.mark.parametrize("table", GOOD)
def test_an_example_makes_the_demo_project_importable(table: str, tmp_path: Path, verify_apis: Command) -> None:
    folder = project(tmp_path, table)
    assert verify_apis("./demo", "--strict", "--no-config", cwd=folder).returncode == 1
    done = verify_apis("./demo", "--strict", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  config    pyproject.toml\n" in done.stdout


@pytest.mark.parametrize(("table", "said"), BAD)
def test_an_example_of_mistakes_is_what_is_said_of_it(
    table: str, said: str, tmp_path: Path, verify_apis: Command
) -> None:
    done = verify_apis("./demo", cwd=project(tmp_path, table))
    assert (done.returncode, done.stderr) == (2, said)


def test_every_key_is_documented() -> None:
    assert {key for key in (*KEYS, *OVERRIDE_KEYS) if f"`{key}`" not in PAGE} == set()
