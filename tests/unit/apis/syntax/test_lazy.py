"""The names that a module `__getattr__` serves, in every form in which its source spells them out."""

from __future__ import annotations

import pytest

from tests.unit.apis.syntax.parsed import facts
from verifier.apis.facts import LazyName


def lazy(text: str) -> list[str]:
    return sorted(each.name for each in facts(text).lazy)


def sources(text: str) -> dict[str, tuple[str | None, str | None]]:
    return {each.name: (each.module, each.attribute) for each in facts(text).lazy}


BRANCHES = {
    "a comparison": "if name == 'a' or name == 'b':\n        return 1",
    "a comparison the other way": "if 'a' == name:\n        return 1\n    elif 'b' == name:\n        return 2",
    "a refusal of all others": "if name != 'a' and name != 'b':\n        raise AttributeError\n    return 1",
    "a tuple": "if name in ('a', 'b'):\n        return 1",
    "a table": "if name in TABLE:\n        return load(TABLE[name])",
    "a table that others are not in": "if name not in TABLE:\n        raise AttributeError(name)\n    return 1",
    "a table that is asked": "try:\n        return load(TABLE[name])\n    except KeyError:\n        raise E",
    "a table that is asked politely": "where = TABLE.get(name)\n    if where is None:\n        raise AttributeError",
    "cases": "match name:\n        case 'a' | 'b':\n            return 1\n    raise AttributeError",
    "a list": "if name in LIST:\n        return 1",
    "a frozen set": "if name in FROZEN:\n        return 1",
}


@pytest.mark.parametrize("body", BRANCHES.values(), ids=BRANCHES)
def test_a_module_getattr_serves_the_names_of(body: str) -> None:
    tables = "TABLE = {'a': '.x', 'b': '.y'}\nLIST = ['a', 'b']\nFROZEN = frozenset({'a', 'b'})\n"
    assert lazy(f"{tables}def __getattr__(name):\n    {body}") == ["a", "b"]


@pytest.mark.parametrize("test", ["name == 'gone'", "name in ('gone', 'lost')", "name in GONE"])
def test_a_name_for_which_it_only_raises_is_not_served(test: str) -> None:
    text = f"GONE = ['gone']\ndef __getattr__(name):\n    if {test}:\n        raise AttributeError('removed')"
    assert lazy(text) == []


def test_a_name_that_it_warns_about_is_served() -> None:
    text = "def __getattr__(name):\n    if name == 'old':\n        warn('old')\n        return new\n    raise E"
    assert lazy(text) == ["old"]


def test_another_variable_than_its_parameter_is_none_of_its_names() -> None:
    assert lazy("def __getattr__(name):\n    if mode == 'a':\n        return 1") == []


def test_the_getattr_of_a_class_serves_nothing() -> None:
    assert lazy("class A:\n    def __getattr__(self, name):\n        if name == 'a':\n            return 1") == []


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("'.sub'", ("pkg.sub", "a")),
        ("'other.sub'", ("other.sub", "a")),
        ("'.sub:thing'", ("pkg.sub", "thing")),
        ("('.sub', 'thing')", ("pkg.sub", "thing")),
        ("make()", (None, None)),
    ],
)
def test_a_table_says_where_its_names_come_from(value: str, source: tuple[str | None, str | None]) -> None:
    text = f"TABLE = {{'a': {value}}}\ndef __getattr__(name):\n    if name in TABLE:\n        return load(TABLE[name])"
    assert sources(text) == {"a": source}


def test_a_branch_says_where_its_name_comes_from() -> None:
    text = "def __getattr__(name):\n    if name == 'a':\n        from .sub import a\n        return a"
    assert sources(text) == {"a": ("pkg.sub", "a")}


def test_a_table_that_is_turned_around_serves_its_values() -> None:
    text = """
        MODULES = {"sub": ["a", "b"]}
        TABLE = {name: module for module, names in MODULES.items() for name in names}
        def __getattr__(name):
            if name in TABLE:
                return load(TABLE[name])
    """
    assert sources(text) == {"a": ("sub", "a"), "b": ("sub", "b")}


ATTACH = {
    "the function": "from lazy_loader import attach\n{} = attach({})",
    "the module": "import lazy_loader as lazy\n{} = lazy.attach({})",
    "another name": "from lazy_loader import attach as _attach\n{} = _attach({})",
    "a copy of its own": "from pkg._shared import lazy\n{} = lazy.attach({})",
}
ARGUMENTS = "__name__, submodules=['m'], submod_attrs={'n': ['a', 'b']}"


@pytest.mark.parametrize("text", ATTACH.values(), ids=ATTACH)
def test_attach_is_known_by(text: str) -> None:
    found = facts(text.format("__getattr__, __dir__, _", ARGUMENTS))
    assert set(found.lazy) == {
        LazyName(name="m", module="pkg.m"),
        LazyName(name="a", module="pkg.n", attribute="a"),
        LazyName(name="b", module="pkg.n", attribute="b"),
    }
    assert (found.exports, found.answers_lazily) == (None, True)


def test_attach_may_give_all() -> None:
    exports = facts(f"import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach({ARGUMENTS})").exports
    assert exports is not None
    assert (sorted(entry.name for entry in exports.listed), exports.computed) == (["a", "b", "m"], False)


def test_attach_takes_its_arguments_from_variables_too() -> None:
    text = (
        "from lazy_loader import attach\nS = {'m'}\nA = {'n': N}\nN = ['a']\n__getattr__, *_ = attach(__name__, S, A)"
    )
    assert lazy(text) == ["a", "m"]


@pytest.mark.parametrize(("targets", "from_stub"), [("__getattr__, *_", None), ("__getattr__, __dir__, __all__", True)])
def test_attach_stub_leaves_the_names_to_the_stub(targets: str, from_stub: bool | None) -> None:
    found = facts(f"import lazy_loader as lazy\n{targets} = lazy.attach_stub(__name__, __file__)")
    assert found.lazy_from_stub
    assert (found.exports and found.exports.from_stub) is from_stub


def test_another_call_is_not_attach() -> None:
    found = facts("__getattr__ = make(__name__, submodules=['m'])")
    assert (found.lazy, found.answers_lazily) == ((), True)
