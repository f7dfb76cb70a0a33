"""What the child writes is JSON that says what was meant, whatever the names and messages hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sandbox import protocol

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_the_encoder_and_a_json_parser_agree(value: object) -> None:
    text = protocol.to_json(value)
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == value
