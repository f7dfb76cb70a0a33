"""The settings of a run: what they refuse, and what holds for one module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.imports import home_environment
from verifier.apis.runner import CLEAN_ENVIRONMENT
from verifier.config import Config, Override, refusal


def test_what_the_sandbox_sets_nobody_else_can() -> None:
    ours = {*CLEAN_ENVIRONMENT, *home_environment("/home")}
    assert {name for name in ours if refusal(name, "x") is None} == set()


@pytest.mark.parametrize("name", ["", "A=B", "A\0", "XDG_RUNTIME_DIR", "PYTHONPATH", "PYTHONHASHSEED", "LD_PRELOAD"])
def test_a_variable_that_could_not_take_effect_is_refused(name: str) -> None:
    assert refusal(name, "x") is not None


@pytest.mark.parametrize("name", ["DJANGO_SETTINGS_MODULE", "PYTHON_DOTENV", "HOMEPAGE", "lower", "É"])
def test_any_other_variable_may_be_set(name: str) -> None:
    assert refusal(name, "text = with anything\nin it") is None


def test_a_value_has_no_null_character() -> None:
    assert refusal("DEMO", "a\0b") is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"timeout": 0.0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"memory": 1},
        {"memory": 1 << 60},
        {"jobs": 0},
        {"min_doc": -1},
        {"env": {"HOME": "/srv"}},
        {"overrides": (Override(modules=("demo",), timeout=-1.0),)},
        {"overrides": (Override(modules=("demo",), env={"TMPDIR": "/srv"}),)},
    ],
    ids=str,
)
def test_settings_that_could_not_hold_cannot_be_made(fields: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"range|sandbox"):
        Config(**fields)


LATER = Config(
    timeout=5.0,
    overrides=(
        Override(modules=("demo.*",), timeout=10.0, env={"A": "1", "B": "1"}),
        Override(modules=("demo.slow", "demo.slow.*"), min_doc=0, env={"B": "2"}),
        Override(modules=("demo.slow.er",), timeout=20.0),
    ),
)


def test_of_overrides_that_say_different_things_the_later_one_counts() -> None:
    assert [LATER.timeout_of(name) for name in ("demo", "demo.slow", "demo.slow.er")] == [5.0, 10.0, 20.0]
    assert [LATER.min_doc_of(name) for name in ("demo", "demo.other", "demo.slow.er")] == [80, 80, 0]


def test_the_variables_of_overrides_add_up() -> None:
    assert LATER.env_of("demo") == {}
    assert LATER.env_of("demo.other") == {"A": "1", "B": "1"}
    assert LATER.env_of("demo.slow.er") == {"A": "1", "B": "2"}
