"""The project passes its own gate."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_api_of_the_tool_exists(
    tmp_path: Path, verify_apis: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = verify_apis(str(ROOT / "verifier"), "--json", "--python", sys.executable, cwd=tmp_path)
    (target,) = json.loads(done.stdout)["targets"]
    assert {cause["code"] for cause in target["causes"]} <= {"needs_docs"}
    assert done.returncode == 0
    assert {"verifier.verify", "verifier.Config"} <= target["apis"].keys() | target["apis_pending"].keys()
