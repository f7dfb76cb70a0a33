"""A user's JSON file keeps its bytes but for the fields that change."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from verifier.errors import UserError
from verifier.manifests import layout
from verifier.manifests.layout import Value
from verifier.manifests.model import Json

FILE = b"""{
  "module": "shop",
  "ratio": 1.0, "big": 1e3,
  "x_mine": {"b": 1,
     "a": [ 1,2 ]},
  "tags": ["a", "b"],
  "performance": {
    "note": "\\u00e9"
  }
}
"""


def after(data: bytes | str, fields: dict[str, Value]) -> str:
    data = data if isinstance(data, bytes) else data.encode()
    return layout.changed(layout.read(data, "m.json"), fields).decode()


def test_nothing_changed_is_not_one_byte_changed() -> None:
    value = layout.read(FILE, "m.json").value
    assert after(FILE, {"tags": ["a", "b"], "ratio": value["ratio"], "performance.gone": UNSET}) == FILE.decode()


def test_a_field_is_replaced_in_its_place() -> None:
    assert after(FILE, {"tags": ["c"]}) == FILE.decode().replace('["a", "b"]', '["c"]')


def test_a_number_keeps_its_spelling_until_its_value_changes() -> None:
    assert after(FILE, {"big": 1000.0}) == FILE.decode()
    assert after(FILE, {"ratio": 1}) == FILE.decode().replace("1.0", "1")


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        pytest.param('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"tags": [\n\t\t"x"\n\t]\n}', id="tabs"),
        pytest.param('{\n    "a": 1\n}\n', '{\n    "a": 1,\n    "tags": [\n        "x"\n    ]\n}\n', id="four spaces"),
        pytest.param('{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "tags": [\r\n    "x"\r\n  ]\r\n}\r\n', id="CRLF"),
        pytest.param('{\n"a": 1\n}\n', '{\n"a": 1,\n"tags": [\n"x"\n]\n}\n', id="lines without indentation"),
        pytest.param('{"a":1}', '{"a":1,"tags":["x"]}', id="compact"),
        pytest.param('{"a": 1}\n', '{"a": 1, "tags": ["x"]}\n', id="one line"),
        pytest.param('{ "a" : 1 }', '{ "a" : 1, "tags" : ["x"] }', id="airy"),
        pytest.param("{}\n", '{\n  "tags": [\n    "x"\n  ]\n}\n', id="empty"),
        pytest.param('\ufeff{"a":1}', '\ufeff{"a":1,"tags":["x"]}', id="byte order mark"),
        pytest.param(
            '{"_provenance": {}, "z": 1, "module": "m"}',
            '{"_provenance": {}, "z": 1, "module": "m", "tags": ["x"]}',
            id="behind the closest before it",
        ),
        pytest.param('{"apis": {}, "z": 1}', '{"tags": ["x"], "apis": {}, "z": 1}', id="before the closest behind it"),
    ],
)
def test_a_new_field_is_laid_out_as_the_rest(before: str, behind: str) -> None:
    assert after(before, {"tags": ["x"]}) == behind
    assert after(behind, {"tags": UNSET}) == (before if before != "{}\n" else "{}\n")


def test_a_new_field_in_an_object_that_is_not_there_makes_it_and_goes_with_it() -> None:
    made = after('{\n  "a": 1\n}\n', {"performance.sla_targets": {"p": 1}, "performance.derived_at": "d"})
    assert json.loads(made)["performance"] == {"sla_targets": {"p": 1}, "derived_at": "d"}
    assert after(made, {"performance.sla_targets": UNSET, "performance.derived_at": UNSET}) == '{\n  "a": 1\n}\n'


def test_what_is_removed_leaves_the_others_as_they_are() -> None:
    assert after('{"a": 1, "b": 2, "c": 3}', {"b": UNSET}) == '{"a": 1, "c": 3}'
    assert after('{"a": 1, "b": 2}', {"a": UNSET}) == '{"b": 2}'
    assert after('{\n  "a": 1\n}', {"a": UNSET}) == "{}"


@pytest.mark.parametrize(
    ("before", "behind"),
    [('{"a": "é"}', '{"a": "ü"}'), ('{"a": "\\u00e9"}', '{"a": "\\u00fc"}'), ('{"a": "\\\\u00e9"}', '{"a": "ü"}')],
    ids=["as it is", "escaped", "a backslash is no escape"],
)
def test_letters_beyond_ascii_are_written_as_the_file_does(before: str, behind: str) -> None:
    assert after(before, {"a": "ü"}) == behind


def test_half_a_surrogate_pair_survives() -> None:
    assert after('{"a": "\\ud800", "b": 1}', {"b": "\udfff"}) == '{"a": "\\ud800", "b": "\\udfff"}'


def test_a_long_line_is_broken() -> None:
    assert after('{\n  "tags": ["x"]\n}', {"tags": ["y" * 60, "z" * 60]}).count("\n") == 5


def test_a_key_with_a_dot_has_a_name() -> None:
    field = layout.field_of(["_provenance", "performance.sla_targets"])
    assert field == "_provenance.performance\\.sla_targets"
    assert json.loads(after("{}", {field: 1})) == {"_provenance": {"performance.sla_targets": 1}}


@given(st.lists(st.text(), min_size=1))
def test_a_name_of_keys_is_read_back(keys: list[str]) -> None:
    assert layout.keys_of(layout.field_of(keys)) == tuple(keys)


@pytest.mark.parametrize(
    ("data", "what", "where"),
    [
        (b'{"a": 1,\n "b": }', "no JSON", "m.json:2:7"),
        (b'{"a": 1} x', "no JSON", "m.json:1:10"),
        (b"", "no JSON", "m.json:1:1"),
        (b"[1]", "no object", "m.json:1:1"),
        (b'{"a": "\xff"}', "no UTF-8", "m.json:1:8"),
        (b'\xef\xbb\xbf{"a": "\xff"}', "no UTF-8", "m.json:1:"),
        ('{"a": 1}'.encode("utf-16"), "no UTF-8", "m.json:1:1"),
        (b'{"a": {"b": 1,\n"\\u0062": 2}}', 'the key "b" stands there twice', "m.json:2:1"),
        (b'{"a": [0, {"b": 1, "c": {}, "b": 2}]}', 'the key "b" stands there twice', "m.json:1:29"),
        (b'{"a": NaN}', "NaN", "m.json"),
        (b'{"a": 1e999}', "1e999", "m.json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number", "m.json"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply", "m.json"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> other\n}', "git has left a conflict", "m.json"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(data: bytes, what: str, where: str) -> None:
    with pytest.raises(UserError) as refused:
        layout.read(data, "m.json")
    assert what in refused.value.what
    assert refused.value.where.startswith(where)
    assert refused.value.fix


def test_a_field_within_what_is_no_object_is_refused() -> None:
    with pytest.raises(UserError, match="performance is no object") as refused:
        after('{\n "performance": null}', {"performance.sla_targets": 1})
    assert refused.value.where == "m.json:2:17"


KEYS = st.text(max_size=3) | st.sampled_from(["tags", "features", "apis", "performance", "_provenance"])
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=5)
SPACES = st.sampled_from(["", " ", "\n", "\r\n", "\t", "\n  ", "\n\n\t", "\r"])
STRING = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s",:\[\]{}]+|[,:\[\]{}]')


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """An object, laid out in one of the usual ways or in none at all."""
    value = draw(OBJECTS)
    if draw(st.booleans()):
        tokens = STRING.findall(json.dumps(value, ensure_ascii=draw(st.booleans())))
        text = "".join(draw(SPACES) + token for token in tokens) + draw(SPACES)
    else:
        indent = draw(st.sampled_from([None, "", " ", "    ", "\t"]))
        text = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=indent) + draw(SPACES)
        text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from([b"", layout.MARK])) + text.encode()


def expected(value: dict[str, Json], keys: tuple[str, ...], new: Value) -> None:
    """What a change means, without any text."""
    below = value.get(keys[0])
    if len(keys) == 1:
        if new is UNSET:
            value.pop(keys[0], None)
        else:
            value[keys[0]] = new
    elif isinstance(below, dict):
        was = bool(below)
        expected(below, keys[1:], new)
        if was and not below:
            del value[keys[0]]
    elif new is not UNSET:
        value[keys[0]] = {}
        made = value[keys[0]]
        assert isinstance(made, dict)
        expected(made, keys[1:], new)


@given(files(), st.lists(KEYS, min_size=1, max_size=3), JSON | st.just(UNSET))
def test_a_change_changes_what_it_says_and_nothing_else(data: bytes, keys: list[str], new: Value) -> None:
    field = layout.field_of(keys)
    document = layout.read(data, "m.json")
    wanted = json.loads(document.text)
    try:
        result = layout.changed(document, {field: new})
    except UserError:
        assert layout.value_at(document.value, field) is UNSET
        return
    again = layout.read(result, "m.json")
    expected(wanted, tuple(keys), new)
    assert layout.same(again.value, wanted)
    assert layout.changed(again, {field: new}) == result
    assert result.startswith(layout.MARK) == data.startswith(layout.MARK)
    if layout.same(layout.value_at(document.value, field), new):
        assert result == data
    elif len(keys) == 1:  # what stands before and behind the change is as it was
        kept = [key for key in document.value if key != keys[0]]
        assert [key for key in again.value if key != keys[0]] == kept


@given(files(), JSON)
def test_what_is_added_and_removed_again_leaves_no_trace(data: bytes, new: Json) -> None:
    document = layout.read(data, "m.json")
    if "tags" not in document.value and document.value:
        there = layout.changed(document, {"tags": new})
        assert layout.changed(layout.read(there, "m.json"), {"tags": UNSET}) == data


@given(files(), st.dictionaries(KEYS, JSON, max_size=4), st.randoms())
def test_the_order_of_changes_does_not_matter(data: bytes, fields: dict[str, Json], chance: object) -> None:
    document = layout.read(data, "m.json")
    names = {layout.field_of([key]): value for key, value in fields.items()}
    assert layout.changed(document, names) == layout.changed(document, dict(reversed(names.items())))
