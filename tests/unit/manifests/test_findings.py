"""Each flaw has one code, in the code, the schema and docs/audit.md, whose table `pytest --golden` writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from verifier.manifests.findings import Audited, Finding, Flaw, as_json, as_text, each_once, finding, owner
from verifier.resources import load_schema

PAGE = Path(__file__).parents[3] / "docs" / "audit.md"
TABLE = re.compile(r"(?<=<!-- codes -->\n).*?(?=<!-- /codes -->)", re.DOTALL)


def found(flaw: Flaw, field: str, what: str = "no", where: str = "shop/m.json") -> Finding:
    return finding(flaw, "shop", field, what, where)


SOME = (
    found(Flaw.DIFFERS, "components"),
    found(Flaw.DANGLING, "_provenance.features", "first"),
    found(Flaw.DANGLING, "_provenance.features", "second"),
    found(Flaw.TAMPERED, "", "one", "shop.ndjson:3"),
    found(Flaw.TAMPERED, "", "other", "shop.ndjson:3"),
    found(Flaw.EDITED, "components"),
    found(Flaw.CONTRACT, "matrix"),
)


def test_the_documentation_and_the_schema_have_every_code(request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = ["| code | it means that | remedy |", "|---|---|---|"]
    remedies = {flaw: flaw.remedy.format(module="MODULE", enrich="enrich") for flaw in Flaw}
    rows += [f"| `{flaw.code}` | {flaw.meaning} | {remedy} |" for flaw, remedy in remedies.items()]
    expected = TABLE.sub(lambda _: "\n".join(rows) + "\n", page)
    if request.config.getoption("--golden"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected
    assert len(rows) > 10
    codes = load_schema("audit")["$defs"]["finding"]["properties"]["code"]["enum"]
    assert codes == [flaw.code for flaw in Flaw]


def test_a_finding_is_told_once_a_field_and_flaw_and_each_of_a_file() -> None:
    assert [(each.field, each.flaw, each.what) for each in each_once(SOME)] == [
        ("", Flaw.TAMPERED, "one"),
        ("", Flaw.TAMPERED, "other"),
        ("_provenance.features", Flaw.DANGLING, "first (1 more)"),
        ("components", Flaw.EDITED, "no"),
        ("components", Flaw.DIFFERS, "no"),
        ("matrix", Flaw.CONTRACT, "no"),
    ]


def test_an_origin_is_about_its_field() -> None:
    assert owner("_provenance.performance\\.sla_targets") == "performance.sla_targets"
    assert (owner("components"), owner("_provenance"), owner("")) == ("components", "_provenance", "")


AUDITED = (
    Audited(module="core", holds=("tags",)),
    Audited(module="shop", holds=("apis",), findings=each_once(SOME[:2])),
)


def test_what_was_measured_is_composed_by_another_command() -> None:
    assert found(Flaw.DIFFERS, "components").fix == "`enrich --module shop` composes it anew"
    for field in ("performance.observed", "_provenance.performance\\.observed"):
        assert found(Flaw.DIFFERS, field).fix == "`enrich observe --module shop` composes it anew"


def test_people_read_findings_by_module_and_a_summary() -> None:
    assert as_text(AUDITED) == (
        "shop\n"
        "  _provenance.features: first (dangling)\n"
        "    where: shop/m.json\n"
        "    fix:   point to what is there: `enrich --module shop` does so for the fields that it composes\n"
        "  components: no (differs)\n"
        "    where: shop/m.json\n"
        "    fix:   `enrich --module shop` composes it anew\n"
        "\n"
        "2 fields of 2 modules hold; 2 do not\n"
    )
    assert as_text(AUDITED[:1]) == "1 field of 1 module holds; 0 do not\n"
    assert as_text([Audited(module="shop", findings=SOME[3:4])]).splitlines()[1:] == [
        "  one (tampered)",
        "    where: shop.ndjson:3",
        "    fix:   take the ledger back from git: nobody writes it but enrich",
        "",
        "0 fields of 1 module hold; 1 does not",
    ]


def test_machines_read_what_the_schema_says() -> None:
    document = json.loads(as_json(AUDITED))
    schema = load_schema("audit")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    assert document["totals"] == {"modules": 2, "holding": 2, "wrong": 2}
    all_of_them = json.loads(as_json([Audited(module="shop", findings=each_once(SOME))]))
    assert all_of_them["totals"] == {"modules": 1, "holding": 0, "wrong": len({"", "features", "components", "matrix"})}
    assert document["modules"]["shop"]["findings"][1]["code"] == "differs"
    assert document["modules"]["core"] == {"holds": ["tags"], "findings": []}
