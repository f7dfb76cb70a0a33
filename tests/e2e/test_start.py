"""What an answer from the cache does without, so that it is there at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = Path(sys.executable).with_name("verify-apis")
HEAVY = {"griffe", "libcst", "importlab", "networkx", "multiprocessing", "tempfile", "_hashlib", "jsonschema", "rich"}


def loaded(package: Path, env: Mapping[str, str]) -> set[str]:
    """The modules that a run over `package` has loaded, as Python tells (`-X importtime`)."""
    timed = {**env, "PYTHONPROFILEIMPORTTIME": "1"}
    command = [str(COMMAND), str(package), "--min-doc", "1"]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, encoding="utf-8", check=False, env=timed)
    assert done.returncode == 0, done.stderr
    lines = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {name for name in lines if name in HEAVY}


def test_what_reads_and_imports_is_loaded_where_there_is_something_to_read(
    scrubbed: Mapping[str, str], tmp_path: Path
) -> None:
    package = tmp_path / "demo"
    package.mkdir()
    package.joinpath("__init__.py").write_text('"""Demo."""\n\n\ndef run():\n    """Runs."""\n', encoding="utf-8")
    env = {**scrubbed, "XDG_CACHE_HOME": str(tmp_path / "caches")}
    assert loaded(package, env) >= {"griffe", "tempfile"}
    assert loaded(package, env) == set()
