"""Measurements are read, or it is said why not: each fault has its own message."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from verifier.manifests.model import Absent
from verifier.manifests.readers.bench import BenchReading, Times, fingerprint, read
from verifier.model import Problem
from verifier.resources import load_schema

NOW = datetime(2025, 2, 1, tzinfo=UTC)
FACTS: dict[str, Any] = {"python": "3.11.7", "processors": 2, "turbo": None}
TOTAL = {"p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3.0, "stddev_ms": 0, "rounds": 50}
ARTIFACT: dict[str, Any] = {
    "contract": "bench/1",
    "module": "services/shop",
    "observed_at": "2025-01-31T13:00:00+01:00",
    "env_fingerprint": {"facts": FACTS, "sha256": fingerprint(FACTS)},
    "entrypoints": {"shop.total": {**TOTAL, "unit": "ms"}, "shop.cart.add": TOTAL},
}


def read_text(folder: Path, text: str) -> BenchReading | Absent | Problem:
    path = folder / "shop.json"
    path.write_text(text, encoding="utf-8")
    return read(path, "bench/shop.json", module="services/shop", now=NOW)


def told(folder: Path, place: str, value: Any) -> str:
    document = copy.deepcopy(ARTIFACT)
    *above, last = place.split("/")
    inner = document
    for key in above:
        inner = inner[key]
    inner[last] = value
    found = read_text(folder, json.dumps(document))
    assert isinstance(found, Problem)
    return found.what


def test_the_contract_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema("bench"))


def test_a_sound_artifact_is_read(tmp_path: Path) -> None:
    found = read_text(tmp_path, json.dumps(ARTIFACT))
    assert isinstance(found, BenchReading)
    assert found.observed_at == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert [each.name for each in found.entrypoints] == ["shop.cart.add", "shop.total"]
    assert found.entrypoints[1] == Times(name="shop.total", p50_ms=1, p95_ms=2.5, p99_ms=3.0, stddev_ms=0, rounds=50)
    assert found.source.path == "bench/shop.json"


def test_none_is_absent(tmp_path: Path) -> None:
    found = read(tmp_path / "no.json", "bench/no.json", module="m", now=NOW)
    assert found == Absent("there is no bench/no.json")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("entrypoints/shop.total/p50_ms", -1, '$.entrypoints["shop.total"].p50_ms: -1 is negative'),
        ("entrypoints/shop.total/stddev_ms", -0.5, '$.entrypoints["shop.total"].stddev_ms: -0.5 is negative'),
        ("entrypoints/shop.total/p50_ms", 0, '.p50_ms: 0: it must be more than 0'),
        ("entrypoints/shop.total/unit", "s", '.unit: its unit "s" disagrees with the names, which say ms'),
        ("entrypoints/shop.total/p95_s", 1, ".p95_s: 1: no such field belongs here"),
        ("entrypoints/shop.total/rounds", 0, ".rounds: 0: it must be 1 or more"),
        ("entrypoints/shop.total/p95_ms", 0.5, "shop.total: its percentiles are not in order"),
        ("entrypoints", {}, "$.entrypoints: {}: it has 0 fields, and 1 are the least"),
        ("observed_at", "2025-02-01T00:00:01Z", "it is from the future: 2025-02-01T00:00:01Z"),
        ("observed_at", "2025-01-31", "$.observed_at: \"2025-01-31\": it is no date-time"),
        ("module", "services/cart", "it is about the module 'services/cart', not about 'services/shop'"),
        ("env_fingerprint/facts/python", "3.12.1", "the hash of its environment is not that of the facts"),
        ("contract", "bench/2", "$.contract"),
    ],
)  # fmt: skip
def test_each_fault_has_its_own_message(place: str, value: Any, message: str, tmp_path: Path) -> None:
    assert message in told(tmp_path, place, value)


def test_what_it_says_of_how_it_was_made_is_read(tmp_path: Path) -> None:
    times = {**TOTAL, "kind": "import"}
    sources = {"services/shop/__init__.py": "0" * 64}
    said = {**ARTIFACT, "confined": True, "sources": sources, "entrypoints": {"shop": times}}
    found = read_text(tmp_path, json.dumps(said))
    assert isinstance(found, BenchReading)
    assert (found.is_confined, found.sources, found.entrypoints[0].kind) == (True, sources, "import")
    silent = read_text(tmp_path, json.dumps(ARTIFACT))
    assert isinstance(silent, BenchReading)
    assert (silent.is_confined, silent.sources, silent.entrypoints[0].kind) == (False, {}, "call")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused_at_reading(word: str, tmp_path: Path) -> None:
    found = read_text(tmp_path, json.dumps(ARTIFACT).replace("2.5", word))
    assert isinstance(found, Problem)
    assert word in found.what


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", '{"contract": "bench/1"}'])
def test_what_is_no_artifact_is_a_problem(text: str, tmp_path: Path) -> None:
    assert isinstance(read_text(tmp_path, text), Problem)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    document = {**ARTIFACT, "module": "other", "observed_at": "2026-01-01T00:00:00Z"}
    found = read_text(tmp_path, json.dumps(document))
    assert isinstance(found, Problem)
    assert "other" in found.what
    assert "future" in found.what
