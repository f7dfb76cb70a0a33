"""The hard boundary: nothing of the target runs in the tool's process. An audit hook is the witness."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "fixtures" / "packages"
WITNESS = """
import json, sys
target = sys.argv[1]
ran = []

def hook(event, arguments):
    if event == "exec":
        ran.append(arguments[0].co_filename)
    elif event == "import" and arguments[1]:
        ran.append(arguments[1])

sys.addaudithook(hook)
from verifier.apis import verify
report = verify([target])
files = {name: str(getattr(module, "__file__", "")) for name, module in sys.modules.items()}
modules = [name for name, file in files.items() if file.startswith(sys.argv[2])]
print(json.dumps([len(report.targets[0].verdicts), ran, modules]))
"""


def watch(target: str, inside: Path, cwd: Path) -> tuple[int, list[str], list[str]]:
    """APIs found, files whose code ran in the tool's process, modules of the target loaded there."""
    command = [sys.executable, "-P", "-c", WITNESS, target, str(inside)]
    done = subprocess.run(
        command, cwd=cwd, env={"PATH": os.defpath}, capture_output=True, encoding="utf-8", timeout=120, check=True
    )
    apis, ran, modules = json.loads(done.stdout)
    return apis, ran, modules


@pytest.mark.parametrize("case", ["clean", "with_sitecustomize", "named_verifier", "has_json_module", "lazy_works"])
def test_no_code_of_a_folder_runs_in_the_tool(case: str, tmp_path: Path) -> None:
    copy = tmp_path / case
    shutil.copytree(PACKAGES / case, copy)
    target = json.loads((copy / "expected.json").read_text(encoding="utf-8"))["target"]
    apis, ran, modules = watch(target, copy, copy)
    assert apis > 0
    assert ran, "the witness saw nothing at all"
    assert [file for file in ran if file.startswith(str(copy))] == []
    assert modules == []


def test_no_code_of_an_installed_package_with_native_parts_runs_in_the_tool(tmp_path: Path) -> None:
    apis, ran, modules = watch("hypothesis.strategies", tmp_path, tmp_path)
    assert apis > 0
    assert [file for file in ran if "/hypothesis/" in file] == []
    assert modules == []
