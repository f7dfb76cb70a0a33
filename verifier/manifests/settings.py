"""The table `[tool.enrich]`: where manifests, sources and ledgers lie, and what holds for the modules of a lane."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.model import Confidence
from verifier.resources import load_schema

FILE, TABLE = "pyproject.toml", "enrich"
Text = Annotated[str, Meta(min_length=1)]
Below = Annotated[str, Meta(min_length=1, pattern=r"\A(?!/|\.\.(?:/|$)|[\s\S]*(?:/\.\.(?:/|$)|\\))")]
"""A path below the root of a repository, with `/`."""

Subject = Literal["apis", "features", "targets", "freshness", "coverage"]
"""What a module may lack where its lane says so."""
GateName = Literal["schema", "apis", "freshness", "coverage", "vocabulary", "provenance", "idempotency", "score"]
STRICT = "L2-integration"
"""The lane whose modules may lack nothing."""


class Lane(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What holds for the modules of a lane."""

    spellings: tuple[Text, ...] = ()
    """Other ways to write its name, in any case."""
    sla_targets: Mapping[str, float] = field(default_factory=dict)
    """By metric, with the unit in its name: `latency_p95_ms`."""
    coverage_target: Literal[70, 80, 85, 90, 95] | None = None
    """Percent."""
    fresh_days: Annotated[int, Meta(ge=1, le=3650)] = 14
    """For so many days a measurement counts as fresh."""
    warn_days: Annotated[int, Meta(ge=1, le=3650)] = 10
    """From so many days on there is a warning."""
    min_score: Annotated[int, Meta(ge=0, le=100)] = 90
    """The least score of a module."""
    without: tuple[Subject, ...] = ()
    """What a module may lack; what it has must hold all the same."""
    environment: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")] | None = None
    """The fingerprint of the environment that targets are meant for."""


LANES: Mapping[str, Lane] = {
    "L0-research": Lane(spellings=("L0", "research", "experimental")),
    "L1-candidate": Lane(spellings=("L1", "candidate")),
    "L2-integration": Lane(spellings=("L2", "integration")),
    "L3-production": Lane(spellings=("L3", "production")),
}


class Waiver(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A gate that may be closed for one module, for a while."""

    module: Text
    """The path of the module."""
    gate: GateName
    reason: Text
    until: date
    """The last day that it holds, in UTC."""


class Settings(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """How a repository keeps its manifests. Paths are relative to its root.

    The types accept what `schema/enrich.schema.json` does, without loading what reads schemas; that tells the mistakes.
    """

    manifests: Below | None = None
    """The tree of manifests; None where they stand beside the code."""
    ledger: Below = "manifests/.ledger"
    exclude: tuple[Text, ...] = ()
    context: tuple[Text, ...] = ("claude.me", "README.md")
    vocabulary: Below | None = None
    python: Text | None = None
    import_roots: tuple[Text, ...] = ("src", ".")
    bench: Below = "bench/manifest"
    benchmarks: Below = "benchmarks.yml"
    coverage: Below = "coverage.json"
    tests: Below = "junit.xml"
    elsewhere: Mapping[str, tuple[Below, ...]] = field(default_factory=dict)
    """What belongs to a module beside its folder, by its path: see `belonging.py`."""
    thresholds: Mapping[str, Confidence] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=lambda: LANES)
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        if STRICT in self.lanes and self.lanes[STRICT].without:
            raise ValueError(f"modules of {STRICT} may lack nothing")


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
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as broken:
        raise _refused(table, file, str(broken)) from broken
    return replace(settings, lanes={name: _with_spellings(name, lane) for name, lane in settings.lanes.items()})


def _with_spellings(name: str, lane: Lane) -> Lane:
    """What people usually write for a lane goes without saying."""
    known = LANES.get(name)
    return replace(lane, spellings=known.spellings) if known and not lane.spellings else lane


def _refused(table: Any, file: Path, otherwise: str) -> UserError:
    """All mistakes of a table; `otherwise` is what to say where its schema finds none."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  takes as long to load as all the rest

    plain = json.loads(json.dumps(table, default=str))  # TOML has dates of its own, which no schema knows
    mistakes = sorted(
        f"tool.{TABLE}{error.json_path[1:]}: {error.message}"
        for error in Draft202012Validator(load_schema("enrich")).iter_errors(plain)
    ) or [f"tool.{TABLE}: {otherwise}"]
    what = "there is a mistake" if len(mistakes) == 1 else f"there are {len(mistakes)} mistakes"
    return UserError("\n  ".join((f"{what} in the configuration", *mistakes)), where=str(file), fix="correct it")
