"""Whatever a JSON document holds: it is sorted, checked, migrated and brought back, and never breaks anything."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.manifests.generations import lane_of, shape_of
from verifier.manifests.migrate import Migration, migrate, unmigrate
from verifier.manifests.model import Absent
from verifier.manifests.schema import Keys, check
from verifier.model import Problem

KEYS = Keys(
    features=frozenset({"a.b", "c"}),
    capabilities=frozenset({"stream"}),
    tags=frozenset({"lane:*", "flat"}),
    lanes=frozenset({"L0-research", "L1-candidate", "L2-integration", "L3-production"}),
)
POINTER = "claude.me:§Features:L12"
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["a.b", "c", "stream", "flat", "L2", "lane:l2-integration", "L9", "high", POINTER, "bench:/a.json#p95", "a:b",
     "2025-01-31T12:00:00Z", "x" * 130, "shop.cart", "import_error"]
)  # fmt: skip
names = st.sampled_from(
    ["module", "dependencies", "schema_version", "matrix", "layout", "identity", "lane", "description", "features",
     "tags", "components", "apis", "apis_pending", "performance", "testing", "_provenance", "x_legacy", "x_legacy_2",
     "contract", "sla_targets", "observed", "latency_p95_ms", "availability", "observed_at", "provenance", "confidence",
     "reasons", "coverage_target", "coverage_observed", "capabilities", "doc_ok", "import_verified", "Cart", "code",
     "detail", "performance.sla_targets"]
) | words  # fmt: skip
plain = st.none() | st.booleans() | st.integers(-5, 20_000) | st.floats(allow_nan=False, allow_infinity=False) | words
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
origin = st.fixed_dictionaries(
    {"provenance": st.just([POINTER]), "confidence": st.just("high"), "reasons": st.just(["pattern:H2"])}
)
legacy = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["description", "features", "tags", "apis", "performance", "testing", "matrix"], values),
        "sla_targets": values,
    },
)
manifests = st.fixed_dictionaries(
    {"schema_version": words, "module": words | st.dictionaries(names, words, max_size=2)},
    optional={
        "dependencies": st.lists(words, max_size=2) | st.dictionaries(words, words, max_size=2),
        "matrix": values | st.fixed_dictionaries({"lane": values, "gates_profile": values}),
        "layout": values,
        "description": values | st.just("x" * 130),
        "features": values | st.lists(words, max_size=3),
        "tags": values | st.lists(words, max_size=3),
        "components": values,
        "apis": values | st.dictionaries(names, values, max_size=3),
        "apis_pending": values | st.dictionaries(names, values, max_size=3),
        "performance": values
        | st.fixed_dictionaries(
            {}, optional={"sla_targets": values | st.dictionaries(names, values, max_size=3), "observed": values}
        ),
        "testing": values | st.fixed_dictionaries({}, optional={"coverage_observed": values, "observed_at": values}),
        "_provenance": values | st.dictionaries(names, origin | values, max_size=4),
        "x_legacy": values | legacy,
        "x_legacy_2": values | legacy,
        "contract": values | st.just("manifest/1"),
    },
)


def at(document: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        document = document[key]
    return document


def written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


@settings(deadline=None)
@given(values | manifests)
def test_any_document_has_a_shape_or_a_problem(document: Any) -> None:
    found = shape_of(document)
    assert not isinstance(found, Problem) or found.what
    assert isinstance(lane_of(document), str | Absent)


@settings(deadline=None)
@given(values | manifests)
def test_any_document_keeps_the_contract_or_it_is_said_where_not(document: Any) -> None:
    found = check(document, KEYS, file="m.json")
    assert all(str(each) and each.path.startswith("$") for each in found)


@settings(deadline=None)
@given(manifests, st.booleans())
def test_what_is_migrated_keeps_the_contract_and_nothing_is_dropped(document: dict[str, Any], apart: bool) -> None:
    found = migrate(document, KEYS, apart=apart)
    if isinstance(found, Problem):
        return
    assert check(found.document, KEYS, file="m.json") == ()
    for step in found.steps:
        if step.aside:
            assert step.aside[1:] == step.at
            assert at(found.document, step.aside) == at(document, step.at)
    again = migrate(found.document, KEYS, apart=apart)
    assert again == Migration(document=found.document)


@settings(deadline=None)
@given(manifests, st.booleans())
def test_a_migration_is_undone_to_the_byte(document: dict[str, Any], apart: bool) -> None:
    before = written(document)
    found = migrate(document, KEYS, apart=apart)
    assert written(document) == before
    if isinstance(found, Migration):
        assert written(unmigrate(found)) == before
