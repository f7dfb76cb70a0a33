"""Where the parts that are no Python modules of ours lie: the one place that knows a checkout from a wheel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

_HERE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _HERE / "_data" / name
    return installed if installed.is_dir() else _HERE.parent / name


def sandbox_program() -> Path:
    """The program that runs under the target's interpreter."""
    return _folder("sandbox") / "__main__.py"


def load_schema(name: str) -> dict[str, Any]:
    """One of our contracts (`manifest`, `report`, …) as JSON Schema."""
    return cast("dict[str, Any]", json.loads((_folder("schema") / f"{name}.schema.json").read_text(encoding="utf-8")))


def vocabularies() -> Path:
    """The folder of the vocabularies that come with the tool."""
    return _folder("vocab")


def tool_version() -> str:
    """The version of the installed tool."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  it brings half of `email` along

    try:
        return version("verify-apis")
    except PackageNotFoundError:
        return "unknown"
