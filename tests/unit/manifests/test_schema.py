"""A manifest keeps its contract, or every breach is told."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from verifier.manifests.schema import RULES, Keys, Violation, check, contract, json_path
from verifier.resources import load_schema

KEYS = Keys(
    features=frozenset({"cart.total", "http.client"}),
    capabilities=frozenset({"stream"}),
    tags=frozenset({"lane:L2-integration", "constellation:*"}),
    lanes=frozenset({"L2-integration"}),
)
ORIGIN = {"provenance": ["claude.me:§Features:L12"], "confidence": "high", "reasons": ["pattern:H2+UL"]}
API = {
    "module": "shop.cart",
    "capabilities": ["stream"],
    "doc_ok": True,
    "import_verified": True,
    "provenance": ["ast:cart.py:L3", "importcheck:shop.cart.Cart"],
    "confidence": "high",
}
PENDING = {"module": "shop.cart", "reasons": [{"code": "import_error", "detail": "No module named 'tax'"}]}
WHOLE: dict[str, Any] = {
    "contract": "manifest/1",
    "module": {"its": "users' own"},
    "description": "x" * 160,
    "features": ["cart.total", "http.client"],
    "tags": ["constellation:north", "lane:L2-integration"],
    "components": 3,
    "matrix": {"lane": "L2-integration", "gates_profile": 7},
    "apis": {"Cart": API},
    "apis_pending": {"shop.cart.Tax": PENDING},
    "performance": {
        "sla_targets": {"latency_p95_ms": 250, "availability": 99.9, "throughput_per_s": 10},
        "observed": {
            "latency_p95_ms": 12.5,
            "observed_at": "2025-01-31T12:00:00Z",
            "env_fingerprint": "0" * 64,
            "provenance": ["bench:/bench/manifest/shop.json#p95"],
            "confidence": "high",
        },
        "derived_at": "2025-01-31T12:00:00+01:00",
        "notes": ["its users' own"],
    },
    "testing": {"coverage_target": 85, "coverage_observed": 81.5, "observed_at": "2025-01-31T12:00:00Z"},
    "_provenance": {
        name: dict(ORIGIN)
        for name in (
            "description", "features", "tags", "components", "performance.sla_targets", "testing.coverage_target",
            "testing.coverage_observed",
        )
    },
    "x_legacy": {"description": "Too short."},
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole manifest with another value at a place; `...` takes the place away."""
    document = copy.deepcopy(WHOLE)
    *above, last = path.split("/")
    inner: Any = document
    for key in above:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document


def breaches(document: Any) -> list[tuple[str, str]]:
    return [(each.path, each.rule) for each in check(document, KEYS, file="m.json")]


def test_the_contract_is_a_schema_with_and_without_words() -> None:
    Draft202012Validator.check_schema(load_schema("manifest"))
    Draft202012Validator.check_schema(contract(KEYS))


def test_a_whole_manifest_keeps_it() -> None:
    assert breaches(WHOLE) == []


@pytest.mark.parametrize("document", [{}, {"module": "shop", "dependencies": {}, "features": [], "apis": {}}])
def test_defaults_and_what_is_not_ours_need_nothing(document: Any) -> None:
    assert breaches(document) == []


@pytest.mark.parametrize("inner", ["nan", [], {"deep": [None]}])
@pytest.mark.parametrize("field", ["x_legacy", "matrix", "module", "x-sorted", "performance_metadata"])
def test_what_is_not_ours_may_be_anything(field: str, inner: Any) -> None:
    assert breaches({**WHOLE, field: inner}) == []


BROKEN = [
    ("contract", "manifest/2", "$.contract", "const"),
    ("description", "x" * 119, "$.description", "minLength"),
    ("description", "x" * 361, "$.description", "maxLength"),
    ("description", 7, "$.description", "type"),
    ("features", ["http.client", "cart.total"], "$.features", "sorted"),
    ("features", ["cart.total", "cart.total"], "$.features", "uniqueItems"),
    ("features", ["cart.total", "checkout"], "$.features[1]", "vocabulary"),
    ("tags", ["flat"], "$.tags[0]", "vocabulary"),
    ("tags", ["constellation:"], "$.tags[0]", "vocabulary"),
    ("tags", ["lane:L2-integration2"], "$.tags[0]", "vocabulary"),
    ("components", -1, "$.components", "minimum"),
    ("components", True, "$.components", "type"),
    ("matrix/lane", "L2", "$.matrix.lane", "vocabulary"),
    ("apis/Cart/module", "shop-cart", "$.apis.Cart.module", "pattern"),
    ("apis/Cart/module", "shop.cart\n", "$.apis.Cart.module", "pattern"),
    ("apis/Cart/import_verified", False, "$.apis.Cart.import_verified", "const"),
    ("apis/Cart/doc_ok", 1, "$.apis.Cart.doc_ok", "const"),
    ("apis/Cart/provenance", [], "$.apis.Cart.provenance", "minItems"),
    ("apis/Cart/provenance", ["trust me"], "$.apis.Cart.provenance[0]", "format"),
    ("apis/Cart/confidence", "sure", "$.apis.Cart.confidence", "enum"),
    ("apis/Cart/confidence", ..., "$.apis.Cart.confidence", "required"),
    ("apis/Cart/capabilities", ["fly"], "$.apis.Cart.capabilities[0]", "vocabulary"),
    ("apis/Cart/score", 1, "$.apis.Cart.score", "additionalProperties"),
    ("apis/no name", API, '$.apis["no name"]', "pattern"),
    ("apis/shop.cart.Tax", API, '$.apis["shop.cart.Tax"]', "apart"),
    ("apis_pending/shop.cart.Tax/reasons", [], '$.apis_pending["shop.cart.Tax"].reasons', "minItems"),
    ("performance/sla_targets/latency_p95_ms", 0, "$.performance.sla_targets.latency_p95_ms", "exclusiveMinimum"),
    ("performance/sla_targets/latency_p95_ms", 10001, "$.performance.sla_targets.latency_p95_ms", "maximum"),
    ("performance/sla_targets/latency_p95_ms", "fast", "$.performance.sla_targets.latency_p95_ms", "type"),
    ("performance/sla_targets/availability", 100.5, "$.performance.sla_targets.availability", "maximum"),
    ("performance/sla_targets/throughput_per_s", "high", "$.performance.sla_targets.throughput_per_s", "type"),
    ("performance/observed/observed_at", ..., "$.performance.observed.observed_at", "required"),
    ("performance/observed/observed_at", "yesterday", "$.performance.observed.observed_at", "format"),
    ("performance/observed/provenance", ["policy:lane:L2"], "$.performance.observed.provenance[0]", "pattern"),
    ("performance/derived_at", "2025-02-30T12:00:00Z", "$.performance.derived_at", "format"),
    ("testing/coverage_target", 81, "$.testing.coverage_target", "enum"),
    ("testing/coverage_observed", 100.1, "$.testing.coverage_observed", "maximum"),
    ("testing/observed_at", ..., "$.testing.coverage_observed", "dependentRequired"),
    ("_provenance/features/confidence", "sure", "$._provenance.features.confidence", "enum"),
    ("_provenance/features/reasons", ["because"], "$._provenance.features.reasons[0]", "pattern"),
    *((f"_provenance/{field}", ..., f"$.{field}", "provenance") for field in WHOLE["_provenance"]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "path", "rule"), BROKEN)
def test_each_rule_fires_where_it_is_broken_and_nowhere_else(place: str, value: Any, path: str, rule: str) -> None:
    assert breaches(changed(place, value)) == [(path, rule)]


def test_without_provenance_each_field_is_told() -> None:
    paths = [path for path, rule in breaches(changed("_provenance", ...)) if rule == "provenance"]
    assert len(paths) == len(WHOLE["_provenance"])


def test_an_unknown_reason_of_a_pending_api_is_told() -> None:
    wrong = changed("apis_pending/Tax", {"module": "shop.tax", "reasons": [{"code": "bored", "detail": ""}]})
    assert breaches(wrong) == [("$.apis_pending.Tax.reasons[0].code", "vocabulary")]


def test_each_rule_is_shown_by_an_example() -> None:
    assert {rule for *_, rule in BROKEN} | {"minProperties"} == set(RULES)


@pytest.mark.parametrize("name", ["manifest", "bench", "review"])
def test_each_keyword_of_a_contract_has_a_rule(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert keywords(schema) <= {*RULES, *PLAIN}
    validators = {*Draft202012Validator.VALIDATORS, "x-sorted", "x-apart"}
    assert keywords(schema) & validators <= {*RULES, "x-sorted", "x-apart", *APPLIED}


APPLIED = {"properties", "patternProperties", "propertyNames", "items", "allOf", "if", "$ref"}
PLAIN = {
    *APPLIED,
    "$schema",
    "$defs",
    "$comment",
    "title",
    "description",
    "then",
    "x-sorted",
    "x-apart",
    "x-vocabulary",
}


def keywords(schema: Any) -> set[str]:
    """The keywords of a schema and of those in it."""
    found = set(schema)
    for key in ("properties", "patternProperties", "$defs"):
        for inner in schema.get(key, {}).values():
            found |= keywords(inner)
    for key in ("items", "propertyNames", "additionalProperties", "if", "then"):
        if isinstance(schema.get(key), dict):
            found |= keywords(schema[key])
    for inner in schema.get("allOf", ()):
        found |= keywords(inner)
    return found


def test_all_breaches_are_told_at_once_in_one_order() -> None:
    document: dict[str, Any] = {
        "tags": ["b", "a"],
        "features": "x",
        "apis": {"B": {}, "A": {"module": "m"}},
        "description": "short",
    }
    told = check(document, KEYS, file="m.json")
    backwards = json.loads(json.dumps(dict(reversed(list(document.items())))))
    assert check(backwards, KEYS, file="m.json") == told
    assert [each.path for each in told] == sorted(each.path for each in told)
    assert {each.at[0] for each in told} == set(document)


@pytest.mark.parametrize("field", ["performance", "testing", "apis", "apis_pending", "_provenance"])
def test_an_object_that_is_none_breaks_one_rule(field: str) -> None:
    assert breaches({field: None}) == [(f"$.{field}", "type")]


def test_breaches_in_a_list_are_told_in_its_order() -> None:
    document = changed("features", [f"no{index:02}" for index in range(12)])
    assert [path for path, _ in breaches(document)] == [f"$.features[{index}]" for index in range(12)]


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_what_is_no_object_is_told(document: Any) -> None:
    assert breaches(document) == [("$", "type")]


def test_a_breach_says_file_place_value_rule_and_remedy() -> None:
    (told,) = check(changed("apis/Cart/confidence", "sure"), KEYS, file="shop/module.manifest.json")
    assert str(told) == (
        'shop/module.manifest.json: $.apis.Cart.confidence: "sure": '
        'it must be one of ["high", "medium", "low"] (enum)\n  fix: choose one of these'
    )


def test_a_long_value_is_shortened_and_a_missing_one_is_called_so() -> None:
    (told,) = check(changed("description", "x" * 400), KEYS, file="m.json")
    assert len(told.value) < 70
    assert "400 characters" in told.what
    (told,) = check(changed("performance/observed/confidence", ...), KEYS, file="m.json")
    assert told.value == "(missing)"


def test_paths_quote_what_needs_quotes() -> None:
    assert json_path(("apis", "a.b", 0, "ü", "c")) == '$.apis["a.b"][0]["ü"].c'
    assert isinstance(check([], KEYS, file="m")[0], Violation)
