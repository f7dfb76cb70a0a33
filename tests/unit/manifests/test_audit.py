"""An audit says nothing of a manifest that holds, and names the field and the flaw of each that does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.manifests.enriched import (
    MODULE,
    TEXT,
    audited,
    edit,
    flaws,
    ledger,
    manifest,
    repository,
    run,
    write,
)
from verifier.manifests.audit import POINTERS
from verifier.manifests.compose import FIELDS, ORIGINS, OURS
from verifier.manifests.findings import owner
from verifier.resources import load_schema

ENRICHED = tuple(field for field in FIELDS if not field.startswith("apis"))
"""The fields that the module has."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that was enriched."""
    run(repository(tmp_path))
    return tmp_path


def test_what_was_just_enriched_holds(root: Path) -> None:
    found = audited(root)
    assert (found.module, found.holds, found.findings) == (MODULE, ENRICHED, ())


def test_what_is_not_said_cannot_be_wrong(tmp_path: Path) -> None:
    found = audited(repository(tmp_path))
    assert (found.holds, found.findings) == ((), ())


def test_fields_of_the_users_and_the_form_of_the_file_are_theirs(root: Path) -> None:
    edit(root, lambda document: document.update(title="another", owner={"team": "a"}, features_of_old=["fast"]))
    assert flaws(root) == set()


def test_an_empty_field_says_nothing(tmp_path: Path) -> None:
    repository(tmp_path)
    edit(tmp_path, lambda document: document.update(features=[], apis={}))
    assert flaws(tmp_path) == set()


def set_of(field: str, value: object) -> Callable[[dict[str, Any]], object]:
    """An edit of one place; a name that ends with `-` is taken away."""

    def change(document: dict[str, Any]) -> None:
        *above, last = field.split("/")
        inner = document
        for key in above:
            inner = inner.setdefault(key, {})
        if last.endswith("-"):
            del inner[last[:-1]]
        else:
            inner[last] = value

    return change


BY_HAND = {
    "a value": (set_of("components", 13), {("components", "edited"), ("components", "differs")}),
    "a word": (
        set_of("features", ["batch.processing", "data.validation", "task.queue"]),
        {("features", "edited"), ("features", "unsupported")},
    ),
    "one word less": (set_of("features", ["task.queue"]), {("features", "edited"), ("features", "differs")}),
    "a confidence": (
        set_of("_provenance/components/confidence", "high"),
        {("_provenance.components", "edited"), ("_provenance.components", "differs")},
    ),
    "a line": (
        set_of("_provenance/components/provenance", ["README.md:§Server:L1"]),
        {("_provenance.components", "edited"), ("_provenance.components", "differs")},
    ),
    "a line that is not there": (
        set_of("_provenance/components/provenance", ["README.md:§Server:L99"]),
        {("_provenance.components", code) for code in ("edited", "differs", "dangling")},
    ),
    "a way out": (
        set_of("_provenance/components/provenance", ["../../etc/hosts:§:L1"]),
        {("_provenance.components", code) for code in ("edited", "differs", "dangling")},
    ),
    "no pointer": (
        set_of("_provenance/components/provenance", ["I know it"]),
        {("_provenance.components", code) for code in ("edited", "differs", "dangling", "contract")},
    ),
    "a field that is gone": (
        set_of("components-", None),
        {("components", "edited"), ("_provenance.components", "orphaned")},
    ),
    "an origin that is gone": (
        set_of("_provenance/components-", None),
        {("components", "unexplained"), ("_provenance.components", "edited"), ("_provenance.components", "differs")},
    ),
    "an origin of nothing": (
        set_of("_provenance/mood", {"provenance": ["importcheck"], "confidence": "high", "reasons": ["a:b"]}),
        {("_provenance.mood", "orphaned"), ("_provenance.mood", "dangling")},
    ),
    "a target": (
        set_of("performance/sla_targets/latency_p95_ms", 1.0),
        {("performance.sla_targets", "edited"), ("performance.sla_targets", "differs")},
    ),
    "an API": (
        set_of("apis", {"buy": {}}),
        {("apis", code) for code in ("unrecorded", "contract", "unexplained", "unverified")},
    ),
    "another lane": (
        set_of("matrix/lane", "L3-production"),
        {
            ("tags", "unsupported"),
            ("tags", "differs"),
            ("_provenance.tags", "dangling"),
            ("_provenance.tags", "differs"),
            ("performance.sla_targets", "unsupported"),
            ("_provenance.performance\\.sla_targets", "dangling"),
            ("performance.derived_at", "unsupported"),
            ("_provenance.performance\\.derived_at", "dangling"),
            ("testing.coverage_target", "unsupported"),
            ("_provenance.testing\\.coverage_target", "dangling"),
        },
    ),
}


@pytest.mark.parametrize(("change", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_what_was_changed_by_hand_is_named(
    change: Callable[[dict[str, Any]], object], expected: set[tuple[str, str]], root: Path
) -> None:
    edit(root, change)
    assert flaws(root) == expected
    assert set(audited(root).holds) == set(ENRICHED) - {owner(field) for field, _ in expected}


def test_a_text_that_says_something_else_now_is_told_for_each_field(root: Path) -> None:
    write(root / MODULE / "README.md", TEXT.replace("12 components", "14 components"))
    assert flaws(root) == {
        ("components", "differs"),
        ("components", "moved"),
        ("description", "differs"),
        ("description", "moved"),
        ("features", "moved"),
    }
    run(root)
    assert flaws(root) == set()


def test_a_feature_whose_sentence_is_gone_has_no_evidence(root: Path) -> None:
    write(root / MODULE / "README.md", TEXT.replace("- **Data validation** of orders as they come\n", ""))
    found = {(each.field, each.flaw.code): each.what for each in audited(root).findings}
    assert found["features", "unsupported"].startswith("nothing speaks for data.validation: two independent kinds")


def test_a_text_that_is_gone_takes_all_with_it(root: Path) -> None:
    (root / MODULE / "README.md").rename(root / MODULE / "OTHER.md")
    found = {(each.field, each.flaw.code): each.what for each in audited(root).findings}
    assert found["features", "moved"] == f"{MODULE}/README.md is gone"
    assert found["_provenance.features", "dangling"].endswith(f"there is no {MODULE}/README.md (2 more)")
    assert found["components", "unsupported"] == "nothing speaks for 12"


def test_a_policy_that_has_changed_is_told(root: Path) -> None:
    write(root / "pyproject.toml", "[tool.enrich.lanes.L2-integration]\ncoverage-target = 90\n")
    gone = {("performance.sla_targets", "unsupported"), ("performance.derived_at", "unsupported")}
    assert flaws(root) == {*gone, ("testing.coverage_target", "differs")}


def test_a_lane_that_is_not_configured_any_more_is_told(root: Path) -> None:
    write(root / "pyproject.toml", "[tool.enrich.lanes.L9]\n")
    assert ("_provenance.tags", "dangling") in flaws(root)
    assert ("matrix", "vocabulary") in flaws(root)


# --- the ledger -------------------------------------------------------------------------------------------------------


def test_any_flipped_byte_of_a_ledger_is_found(root: Path) -> None:
    data = ledger(root).read_bytes()
    for at in range(0, len(data), len(data) // 20):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        ledger(root).write_bytes(flipped)
        assert {code for _, code in flaws(root)} == {"tampered"}, at


def test_every_flaw_of_a_ledger_is_told_with_its_line(root: Path) -> None:
    lines = ledger(root).read_bytes().splitlines(keepends=True)
    ledger(root).write_bytes(b"".join([*lines[:2], b"{}\n", *lines[4:]]))
    shown = f"manifests/.ledger/{MODULE}.ndjson"
    assert [each.where for each in audited(root).findings] == [f"{shown}:3", f"{shown}:4"]
    assert audited(root).holds == ENRICHED


def test_the_latest_records_cannot_be_cut_off(root: Path) -> None:
    whole = ledger(root).read_bytes()
    lines = whole.splitlines(keepends=True)
    ledger(root).write_bytes(b"".join(lines[:-1]))
    assert flaws(root) == {("testing.coverage_target", "unrecorded")}
    ledger(root).write_bytes(whole[:-1])
    assert flaws(root) == {("", "tampered")}
    ledger(root).unlink()
    assert flaws(root) == {(field, "unrecorded") for field in ENRICHED}


def test_a_conflict_is_told_with_what_to_do(root: Path) -> None:
    data = ledger(root).read_bytes()
    ledger(root).write_bytes(b"<<<<<<< HEAD\n" + data + b"=======\n>>>>>>> theirs\n")
    (found,) = audited(root).findings
    assert (found.flaw.code, found.where) == ("conflict", f"manifests/.ledger/{MODULE}.ndjson:1")
    assert "remove the lines of git's marks" in found.fix


def branched(root: Path, texts: tuple[str, str], taken: int) -> None:
    """Two branches that have changed the text, and enriched; then git's union of their ledgers, and all else of one."""
    text, base = root / MODULE / "README.md", {path: path.read_bytes() for path in (manifest(root), ledger(root))}
    sides, lines = [], dict[bytes, None]()
    for day, said in enumerate(texts, 1):
        for path, data in base.items():
            path.write_bytes(data)
        write(text, said)
        run(root, f"2025-02-0{day}T12:00:00Z")
        lines |= dict.fromkeys(ledger(root).read_bytes().splitlines(keepends=True))
        sides.append(manifest(root).read_bytes())
    write(text, texts[taken])
    manifest(root).write_bytes(sides[taken])
    ledger(root).write_bytes(b"".join(lines))


@pytest.mark.parametrize("taken", [0, 1])  # which of the two counts as the last is chance
def test_branches_that_have_met_are_told_until_they_are_reconciled(taken: int, root: Path) -> None:
    branched(root, (TEXT.replace("12 comp", "14 comp"), TEXT.replace("12 comp", "16 comp")), taken)
    assert {code for field, code in flaws(root) if field == "components"} == {"unreconciled"}
    told = next(each for each in audited(root).findings if each.field == "components")
    assert (told.what, told.fix) == ("branches say 14 and 16", f"`enrich --module {MODULE}` reconciles them")
    run(root)
    assert flaws(root) == set()


def test_branches_that_agree_need_no_word(root: Path) -> None:
    branched(root, (TEXT.replace("12 comp", "14 comp"), TEXT.replace("12 comp", "14 comp")), 0)
    assert flaws(root) == set()


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("{", "unreadable", "it is no JSON"),
        ('{"a": 1, "a": 2}', "unreadable", "stands there twice"),
        ('{"module": "server", "schema_version": "1"}', "generation", "of the generation 'later'"),
        ("{}", "generation", "it is empty"),
        ('{"contract": "manifest/9"}', "generation", "this tool knows 'manifest/1'"),
    ],
)
def test_what_cannot_be_audited_is_a_finding(text: str, code: str, words: str, root: Path) -> None:
    write(manifest(root), text)
    (found,) = audited(root).findings
    assert (found.field, found.flaw.code, found.where.partition(":")[0]) == (
        "",
        code,
        f"{MODULE}/{manifest(root).name}",
    )
    assert words in found.what


def test_what_cannot_be_read_is_told_with_its_own_remedy(root: Path) -> None:
    write(manifest(root), "{")
    assert audited(root).findings[0].fix == "mend the JSON there"


def test_a_ledger_that_is_a_link_is_a_finding(root: Path) -> None:
    ledger(root).rename(root / "elsewhere")
    ledger(root).symlink_to(root / "elsewhere")
    assert flaws(root) == {("", "unreadable")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "high", "README.md:§X:L1", "bench:/b#p95"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "provenance"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*above, key)
        yield from places(value[key], (*above, key))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_an_enriched_field_its_change_is_found(data: st.DataObject, root: Path) -> None:
    before = manifest(root).read_bytes()
    document = json.loads(before)
    ours = {field.partition(".")[0] for field in OURS}
    at = data.draw(st.sampled_from([each for each in places(document) if each[0] in {ORIGINS, *ours}]))
    changed = copy.deepcopy(document)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = data.draw(JSON.filter(lambda value: json.dumps(value) != json.dumps(inner[at[-1]])))
    write(manifest(root), json.dumps(changed))
    found = audited(root)
    manifest(root).write_bytes(before)
    assert found.findings
    assert not {owner(each.field) for each in found.findings} & set(found.holds)


def test_every_place_of_the_contract_that_has_pointers_is_looked_at() -> None:
    schema = load_schema("manifest")

    def pointed(node: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        while "$ref" in node:
            node = {
                **schema["$defs"][node["$ref"].rpartition("/")[2]],
                **{k: v for k, v in node.items() if k != "$ref"},
            }
        if node.get("items", {}).get("format") == "provenance" or above[-1:] == ("provenance",):
            yield above
        each = node.get("additionalProperties")
        inner = {**node.get("properties", {}), **({"*": each} if isinstance(each, dict) else {})}
        for key, below in inner.items():
            yield from pointed(below, (*above, key))

    assert set(pointed(schema, ())) == set(POINTERS)
