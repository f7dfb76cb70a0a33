"""Whatever comes from the sandbox, the host makes a result of it and never an error of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from verifier.apis import wire
from verifier.model import Ending

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
endings = st.sampled_from([ending.value for ending in Ending]) | json_values
failures = st.fixed_dictionaries({"type": json_values, "message": json_values, "frames": json_values})
answers = st.fixed_dictionaries({"how": json_values})
fields = st.fixed_dictionaries(
    {"event": st.just("module"), "module": st.just("demo"), "ending": endings},
    optional={
        "failure": json_values | failures,
        "names": json_values | st.dictionaries(st.text(max_size=5), answers, max_size=3),
        "effects": json_values,
        "exports": json_values,
        "origin": json_values,
        "random": json_values,
        "status": json_values,
        "why": json_values,
    },
)


@given(fields)
def test_any_event_becomes_a_result(event: dict[str, object]) -> None:
    result = wire.result(event)  # type: ignore[arg-type]  # any shape may come
    assert result.module == "demo"
    assert (result.failure is None) == (result.ending is Ending.DONE)


@given(st.text())
def test_a_message_is_made_plain_once(text: str) -> None:
    assert wire.plain(wire.plain(text)) == wire.plain(text)
