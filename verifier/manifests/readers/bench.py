"""Measurements of a module's entrypoints: an artifact of the contract `schema/bench.schema.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

from msgspec import Struct, field

from verifier.manifests.model import Absent, Json, Source
from verifier.manifests.schema import Violation, check_as
from verifier.manifests.sources import content_of, json_of, moment
from verifier.model import Problem


class Times(Struct, frozen=True, kw_only=True):
    """How long one entrypoint takes."""

    name: str
    kind: Literal["call", "import"] = "call"
    p50_ms: float
    p95_ms: float
    p99_ms: float
    stddev_ms: float
    rounds: int


class BenchReading(Struct, frozen=True, kw_only=True):
    """What an artifact says."""

    source: Source
    observed_at: datetime
    """In UTC."""
    fingerprint: str
    """SHA-256 of what the numbers depend on beside the code."""
    entrypoints: tuple[Times, ...]
    """By name; at least one."""
    is_confined: bool = False
    """It is said that what was measured was confined."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The source files as they were measured: SHA-256 by path; empty where nobody has noted them."""


def read(path: Path, shown: str, *, module: str, now: datetime) -> BenchReading | Absent | Problem:
    """The measurements in the artifact at `path`, which `shown` is in the repository.

    `module` is the path of the module that it has to be about. One from after `now` is a problem, as is all that breaks
    the contract.
    """
    content = content_of(path, shown)
    if isinstance(content, Absent | Problem):
        return content
    document = json_of(content.data)
    if isinstance(document, Problem):
        return document
    if broken := check_as("bench", document, file=shown):
        return _problem(map(_told, broken))
    said = cast("dict[str, Any]", document)
    when = moment(said["observed_at"], now)
    wrong = [*_mistakes(said, module)]
    if wrong or isinstance(when, Problem):
        return _problem([*wrong, *([when.what] if isinstance(when, Problem) else [])])
    return BenchReading(
        source=content.source,
        observed_at=when,
        fingerprint=said["env_fingerprint"]["sha256"],
        entrypoints=tuple(_times(name, said["entrypoints"][name]) for name in sorted(said["entrypoints"])),
        is_confined=said.get("confined") is True,
        sources=said.get("sources", {}),
    )


def fingerprint(facts: Mapping[str, Json]) -> str:
    """The hash of what numbers depend on: of JSON with sorted keys and without blanks."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _times(name: str, said: Mapping[str, Any]) -> Times:
    return Times(name=name, **{key: value for key, value in said.items() if key != "unit"})


def _mistakes(said: Mapping[str, Any], module: str) -> Iterator[str]:
    """What no schema can say."""
    if said["module"] != module:
        yield f"it is about the module '{said['module']}', not about '{module}'"
    environment = said["env_fingerprint"]
    if fingerprint(environment["facts"]) != environment["sha256"]:
        yield "the hash of its environment is not that of the facts beside it: one of the two was edited"
    for name, times in sorted(said["entrypoints"].items()):
        if not times["p50_ms"] <= times["p95_ms"] <= times["p99_ms"]:
            yield f"{name}: its percentiles are not in order"


def _told(broken: Violation) -> str:
    if broken.at[-1:] == ("unit",) and broken.rule == "const":
        return f"{broken.path}: its unit {broken.value} disagrees with the names, which say ms"
    if broken.rule in {"minimum", "exclusiveMinimum"} and broken.value.startswith("-"):
        return f"{broken.path}: {broken.value} is negative"
    return f"{broken.path}: {broken.value}: {broken.what}"


def _problem(wrong: Iterator[str] | list[str]) -> Problem:
    return Problem(what="; ".join(wrong))
