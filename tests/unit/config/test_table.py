"""What `[tool.verify-apis]` says, and what is wrong with it: everything at once, each with its key."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from verifier.config import Config, Override
from verifier.config.table import KEYS, read_table

WHOLE = """
env = { DEMO_URL = "memory://", "dotted.name" = "" }
prelude = "import demo"
exclude = ["demo.migrations.*"]
min-doc = 40
strict = true
timeout = 7
memory = 512
jobs = 3
include-private = true
include-tests = false
python = "3.12"

[[overrides]]
modules = ["demo.slow", "demo.slow.*"]
timeout = 0.5
min-doc = 0
env = { DEMO_SLOW = "1" }
"""


def mistakes(text: str) -> dict[str, str]:
    """What is wrong with the table, by key without what they all begin with."""
    _, found = read_table(tomllib.loads(text))
    return {each.key.removeprefix("tool.verify-apis").removeprefix("."): each.what for each in found}


def test_every_key_is_read() -> None:
    said, found = read_table(tomllib.loads(WHOLE))
    assert found == ()
    assert said == {
        "env": {"DEMO_URL": "memory://", "dotted.name": ""},
        "prelude": "import demo",
        "exclude": ("demo.migrations.*",),
        "min_doc": 40,
        "strict": True,
        "timeout": 7,
        "memory": 512,
        "jobs": 3,
        "include_private": True,
        "include_tests": False,
        "python": "3.12",
        "overrides": (Override(modules=("demo.slow", "demo.slow.*"), timeout=0.5, min_doc=0, env={"DEMO_SLOW": "1"}),),
    }
    assert {key.replace("-", "_") for key in KEYS} == set(said)


def test_what_is_said_are_settings() -> None:
    said, _ = read_table(tomllib.loads(WHOLE))
    assert Config(**said).timeout_of("demo.slow.part") == 0.5


def test_an_empty_table_says_nothing() -> None:
    assert read_table({}) == ({}, ())


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("min_doc = 3", "min_doc", "did you mean 'min-doc'?"),
        ("Timeout = 3", "Timeout", "did you mean 'timeout'?"),
        ("excludes = []", "excludes", "did you mean 'exclude'?"),
        ("colour = 3", "colour", "there is no such key"),
        ('"odd key" = 3', '"odd key"', "there is no such key"),
        ("isolation = 'auto'", "isolation", "there is no such key"),
        ("min-doc = true", "min-doc", "an integer was due, not a boolean"),
        ("min-doc = 80.0", "min-doc", "an integer was due, not a float"),
        ("min-doc = -1", "min-doc", "from 0 to 1,000,000 was due, not -1"),
        ("timeout = '5'", "timeout", "a number was due, not a string"),
        ("timeout = 0", "timeout", "from 0.1 to 86,400 was due, not 0"),
        ("timeout = nan", "timeout", "was due, not nan"),
        ("timeout = inf", "timeout", "was due, not inf"),
        ("timeout = 1979-05-27", "timeout", "a number was due, not a date or a time"),
        (f"jobs = 0x{'f' * 5000}", "jobs", "was due, not what it is"),
        ("memory = 63", "memory", "MiB from 64"),
        ("strict = 1", "strict", "true or false was due, not an integer"),
        ("prelude = ['import demo']", "prelude", "a string was due, not an array"),
        ("python = ' '", "python", "names nothing"),
        ("exclude = 'demo'", "exclude", "an array of strings was due, not a string"),
        ("exclude = ['demo', 3]", "exclude[1]", "a string was due, not an integer"),
        ("exclude = ['']", "exclude[0]", "names nothing"),
        ("env = 'A=B'", "env", "a table of strings was due, not a string"),
        ("env.DEBUG = true", "env.DEBUG", "a string was due, not a boolean"),
        ("env.HOME = '/srv'", "env.HOME", "the sandbox itself sets HOME"),
        ("env.LD_PRELOAD = 'x'", "env.LD_PRELOAD", "too late"),
        ("env.A = \"\\u0000\"", "env.A", "null"),
        ("env = {'' = 'x'}", 'env.""', "not the name of a variable"),
        ("overrides = {modules = ['a']}", "overrides", "an array of tables was due, not a table"),
        ("overrides = [3]", "overrides[0]", "a table was due, not an integer"),
        ("overrides = [{}]", "overrides[0].modules", "for which modules"),
        ("overrides = [{modules = []}]", "overrides[0].modules", "for which modules"),
        ("overrides = [{modules = ['a'], jobs = 2}]", "overrides[0].jobs", "there is no such key"),
        ("overrides = [{modules = ['a'], env.HOME = ''}]", "overrides[0].env.HOME", "the sandbox itself sets HOME"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_key(text: str, key: str, words: str) -> None:
    found = mistakes(text)
    assert list(found) == [key]
    assert words in found[key]


def test_all_mistakes_are_told() -> None:
    text = "timeout = 0\njobs = 'x'\nenv.A = 1\nenv.B = 2\n[[overrides]]\ntimeout = 0\n[[overrides]]\nmodule = []\n"
    assert set(mistakes(text)) == {
        *("timeout", "jobs", "env.A", "env.B", "overrides[0].modules", "overrides[0].timeout"),
        *("overrides[1].module", "overrides[1].modules"),
    }


@pytest.mark.parametrize("value", [3, "x", [], True, None])
def test_what_is_no_table_is_told(value: Any) -> None:
    _, (mistake,) = read_table(value)
    assert "a table was due" in mistake.what


def test_a_value_of_the_wrong_type_is_not_repeated() -> None:
    _, found = read_table({"env": {"TOKEN": ["hunter2"]}, "prelude": 31337})
    assert not any("hunter2" in mistake.what or "31337" in mistake.what for mistake in found)
