"""Where the parts that are no Python modules of ours lie: the one place that knows a checkout from a wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _HERE / "_data" / name
    return installed if installed.is_dir() else _HERE.parent / name


def sandbox_program() -> Path:
    """The program that runs under the target's interpreter."""
    return _folder("sandbox") / "__main__.py"
