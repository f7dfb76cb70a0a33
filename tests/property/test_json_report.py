"""Reports in JSON are drawn as `json` draws them, whatever they hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from verifier.model import Confidence
from verifier.reports import json_report

texts = st.text(st.characters(exclude_categories=()), max_size=6) | st.sampled_from(
    ["\x7f", "é😀", "\udc80", "\x01\b/"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts | st.sampled_from(Confidence),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_it_is_drawn_as_json_draws_it(value: object) -> None:
    assert json_report._json(value) == json.dumps(value, indent=2)


@given(values)
def test_a_part_is_cut_out_wherever_its_letters_come_from(value: object) -> None:
    whole, part = json.dumps([value], indent=2), slice(len("[\n"), -len("\n]"))
    assert json_report._json([value], cut=part) == whole[part]
