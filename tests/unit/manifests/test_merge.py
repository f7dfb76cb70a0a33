"""Two branches that enriched the same module differ in the users' own fields alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.manifests.compose import FIELDS, ORIGINS
from verifier.manifests.layout import value_at
from verifier.manifests.merge import aligned
from verifier.manifests.model import Json

OURS: dict[str, Json] = {
    "title": "a",
    "features": ["x"],
    "performance": {"sla_targets": {"p": 1}, "own": 1},
    ORIGINS: {"features": {}},
}
FIELDS_OF_BOTH = st.sampled_from(["title", "features", "tags", "apis", "owner"])
VALUES: st.SearchStrategy[dict[str, Json]] = st.dictionaries(FIELDS_OF_BOTH, st.integers(0, 3))


def text(document: Json) -> bytes:
    """A manifest as people write it."""
    return json.dumps(document, indent=2).encode() + b"\n"


def test_enriched_fields_are_ours_and_all_others_are_theirs() -> None:
    theirs: Json = {
        "title": "b",
        "tags": ["y"],
        "performance": {"own": 2},
        "more": 1,
        ORIGINS: {"tags": {}, "features": {}},
    }
    found = json.loads(aligned(text(OURS), text(theirs)))
    assert found == {
        "title": "b", "features": ["x"], "performance": {"sla_targets": {"p": 1}, "own": 2}, "more": 1,
        ORIGINS: {"features": {}},
    }  # fmt: skip


def test_what_was_measured_is_ours_as_well() -> None:
    ours: Json = {"performance": {"observed": {"latency_p95_ms": 1}}, "testing": {"coverage_observed": 90.0}}
    theirs: Json = {"performance": {"observed": {"latency_p95_ms": 2}, "own": 1}, "testing": {"own": 1}}
    assert json.loads(aligned(text(ours), text(theirs))) == {
        "performance": {"observed": {"latency_p95_ms": 1}, "own": 1},
        "testing": {"coverage_observed": 90.0, "own": 1},
    }


@pytest.mark.parametrize("broken", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_manifest_is_left_to_git(broken: bytes) -> None:
    assert aligned(broken, text(OURS)) == text(OURS)
    assert aligned(text(OURS), broken) == broken


@given(VALUES, VALUES)
def test_two_sides_agree_afterwards(ours: dict[str, Json], theirs: dict[str, Json]) -> None:
    found = json.loads(aligned(text(ours), text(theirs)))
    for field in FIELDS:
        assert value_at(found, field) == value_at(ours, field)
    assert {key: value for key, value in found.items() if key not in FIELDS} == {
        key: value for key, value in theirs.items() if key not in FIELDS
    }
