"""The table `[tool.enrich]`: where manifests, sources and ledgers lie, and what holds for the modules of a lane."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.model import Confidence
from verifier.resources import load_schema

FILE, TABLE = "pyproject.toml", "enrich"


class Lane(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What holds for the modules of a lane."""

    spellings: tuple[str, ...] = ()
    """Other ways to write its name, in any case."""
    sla_targets: Mapping[str, float] = field(default_factory=dict)
    """By metric, with the unit in its name: `latency_p95_ms`."""
    coverage_target: int | None = None
    """Percent."""
    fresh_days: int = 14
    """For so many days a measurement counts as fresh."""


LANES: Mapping[str, Lane] = {
    "L0-research": Lane(spellings=("L0", "research", "experimental")),
    "L1-candidate": Lane(spellings=("L1", "candidate")),
    "L2-integration": Lane(spellings=("L2", "integration")),
    "L3-production": Lane(spellings=("L3", "production")),
}


class Settings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """How a repository keeps its manifests. Paths are relative to its root."""

    manifests: str | None = None
    """The tree of manifests; None where they stand beside the code."""
    ledger: str = "manifests/.ledger"
    exclude: tuple[str, ...] = ()
    context: tuple[str, ...] = ("claude.me", "README.md")
    vocabulary: str | None = None
    python: str | None = None
    import_roots: tuple[str, ...] = ("src", ".")
    bench: str = "bench/manifest"
    coverage: str = "coverage.json"
    tests: str = "junit.xml"
    thresholds: Mapping[str, Confidence] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=lambda: LANES)


def load(root: Path) -> Settings:
    """The settings of the repository at `root`; those that hold by default where it has none.

    Raises UserError, with all mistakes at once, if the file cannot be read or the table is wrong.
    """
    file = root / FILE
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as broken:
        raise UserError(f"it cannot be read: {broken}", where=str(file), fix="correct it") from broken
    table = document.get("tool", {}).get(TABLE, {})
    _check(table, file)
    settings = msgspec.convert(table, Settings)
    return replace(settings, lanes={name: _with_spellings(name, lane) for name, lane in settings.lanes.items()})


def _with_spellings(name: str, lane: Lane) -> Lane:
    """What people usually write for a lane goes without saying."""
    known = LANES.get(name)
    return replace(lane, spellings=known.spellings) if known and not lane.spellings else lane


def _check(table: Any, file: Path) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  takes as long to load as all the rest

    mistakes = sorted(
        f"tool.{TABLE}{error.json_path[1:]}: {error.message}"
        for error in Draft202012Validator(load_schema("enrich")).iter_errors(table)
    )
    if mistakes:
        what = "there is a mistake" if len(mistakes) == 1 else f"there are {len(mistakes)} mistakes"
        raise UserError("\n  ".join((f"{what} in the configuration", *mistakes)), where=str(file), fix="correct it")
