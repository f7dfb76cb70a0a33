"""What tests of the benchmarks are made of: a run that has ended, and a place to run in."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import Run
from ways import Place, environment


def ended(code: int, output: str = "", errors: str = "") -> Run:
    """A run that took a second."""
    return Run(seconds=1.0, cpu=1.0, code=code, output=output, errors=errors)


def place(folder: Path) -> Place:
    """One in which this very interpreter is measured."""
    python = Path(sys.executable)
    return Place(python=python, site=folder, env=environment(python, folder), work=folder, scratch=folder)
