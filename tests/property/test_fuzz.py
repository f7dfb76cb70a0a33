"""The fuzzer runs, on few inputs: `make fuzz` feeds it a million."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


@pytest.mark.parametrize("reader", ["supervisor", "wire", "exports"])
def test_a_reader_of_foreign_data_comes_to_a_result(reader: str) -> None:
    command = [sys.executable, str(FUZZ), "--count", "2000", "--seed", "7", "--only", reader]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "2,000 inputs, no error" in done.stdout
