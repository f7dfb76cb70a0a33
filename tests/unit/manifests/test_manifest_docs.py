"""docs/manifest.md says what the schema says; `pytest --golden` of this file writes its table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verifier.manifests import generations, provenance
from verifier.manifests.schema import json_path
from verifier.resources import load_schema

PAGE = Path(__file__).parents[3] / "docs" / "manifest.md"
TABLE = re.compile(r"(?<=<!-- fields -->\n).*?(?=<!-- /fields -->)", re.DOTALL)
SCHEMA = load_schema("manifest")
WORDS = {
    "type": "{}",
    "const": "`{}`",
    "minLength": "from {} characters",
    "maxLength": "to {} characters",
    "minimum": "from {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "to {}",
    "pattern": "`{}`",
    "format": "{}",
    "minItems": "{} or more",
    "uniqueItems": "each once",
    "x-sorted": "sorted",
    "x-vocabulary": "of the vocabulary `{}`",
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**resolved(SCHEMA["$defs"][name]), **schema} if name else schema


def rules(schema: dict[str, Any]) -> str:
    """The rules of a field in words."""
    told = [WORDS[key].format(json.dumps(value).strip('"')) for key, value in schema.items() if key in WORDS]
    if "enum" in schema:
        told.append("one of " + ", ".join(f"`{value}`" for value in schema["enum"]))
    within = {f"`{pattern}`": inner for pattern, inner in schema.get("patternProperties", {}).items()}
    others = schema.get("additionalProperties")
    if within and isinstance(others, dict):
        within["others"] = others
    if "items" in schema:
        within["each"] = schema["items"]
    told += [f"{name} ({', '.join(rules(resolved(inner)).split('; '))})" for name, inner in within.items()]
    return "; ".join(told)


def fields(schema: dict[str, Any], above: str = "") -> Iterator[str]:
    """A row for each field that the schema speaks of."""
    for name, inner in schema.get("properties", {}).items():
        field, whole = f"{above}{name}", resolved(inner)
        required = "required; " if above and name in schema.get("required", ()) else ""
        told = f"{required}{rules(whole)}".replace("\\\\", "\\").replace("|", "\\|")
        yield f"| `{field}` | {whole['description']} | {told} |".replace("|  |", "| |")
        yield from fields(whole, f"{field}.")
        if isinstance(each := whole.get("additionalProperties"), dict):
            yield from fields(resolved(each), f"{field}.*.")
        if isinstance(each := whole.get("items"), dict):
            yield from fields(resolved(each), f"{field}[].")


def test_the_table_has_every_field_with_its_rules(request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = ["| field | what it says | rules |", "|---|---|---|", *fields(SCHEMA)]
    expected = TABLE.sub(lambda _: "\n".join(rows) + "\n", page)
    if request.config.getoption("--golden"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected
    assert len(rows) > 40


def test_the_table_of_pointers_is_that_of_their_grammar() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in (provenance.__doc__ or "").splitlines() if line.startswith("| `")]
    assert len(rows) == len(provenance.Kind)
    assert all(row in page for row in rows)


def test_fields_that_need_provenance_and_generations_are_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for entry in SCHEMA["allOf"]:
        assert f"`{json_path(entry['$comment'].split('/')[1:])[2:]}`" in page
    for generation in generations.Generation:
        assert f"\n| `{generation}` | " in page
    assert all(f"`{'.'.join(place)}`" in page for place in generations.PLACES)
    assert all(f"`{key}`" in page for key in generations.OF_THE_FIRST)
