"""Whatever TOML can hold, the reader of the table makes settings or mistakes of it, and never an error of its own."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from verifier.config import Config
from verifier.config.table import KEYS, OVERRIDE_KEYS, read_table

keys = st.sampled_from([*KEYS, *OVERRIDE_KEYS, "HOME", "DEMO_URL", "LD_X", "PYTHONX"]) | st.text(max_size=8)
plain = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(min_value=0, max_value=200),
    st.integers(min_value=10**5000, max_value=10**5001),
    st.floats(),
    st.floats(min_value=0, max_value=100),
    st.text(max_size=8),
    st.dates(),
    st.times(),
    st.datetimes(),
)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
environments = st.dictionaries(keys, st.text(max_size=4) | values, max_size=3)
override = st.fixed_dictionaries(
    {},
    optional={
        key: {"env": environments, "modules": st.lists(st.text(max_size=4), max_size=2)}.get(key, values)
        for key in OVERRIDE_KEYS
    },
)
near = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS, values),
        "env": environments,
        "overrides": st.lists(override | values, max_size=3) | values,
        "timeout": st.floats() | st.integers(),
        "jobs": st.integers(),
        "exclude": st.lists(st.text(max_size=4) | values, max_size=2),
    },
)


@given(values | near | st.dictionaries(keys, values, max_size=5))
def test_any_value_becomes_settings_or_mistakes(value: Any) -> None:
    said, mistakes = read_table(value)
    if not mistakes:
        config = Config(**said)
        assert config.timeout_of("demo") > 0
        assert config.min_doc_of("demo") >= 0
        assert all(isinstance(text, str) for text in config.env_of("demo").values())
    assert all(mistake.key.startswith("tool.verify-apis") and mistake.what for mistake in mistakes)


@given(near)
def test_what_is_read_is_what_was_said(table: dict[str, Any]) -> None:
    said, mistakes = read_table(table)
    if not mistakes:
        assert {key.replace("_", "-") for key in said} == set(table)
