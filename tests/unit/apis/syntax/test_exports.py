"""`__all__` in every form, and what of it only the import can tell."""

from __future__ import annotations

import pytest

from tests.unit.apis.syntax.parsed import facts
from verifier.apis.facts import Exports
from verifier.model import Guard


def exports(text: str, *, is_package: bool = True) -> Exports:
    found = facts(text, is_package=is_package).exports
    assert found is not None
    return found


def listed(text: str) -> list[str]:
    found = exports(text)
    assert not found.computed
    return [entry.name for entry in found.listed]


LISTS = {
    "a list": "__all__ = ['a', 'b']",
    "a tuple": "__all__ = 'a', 'b'",
    "a set": "__all__ = {'a', 'b'}",
    "a sum": "__all__ = ['a'] + ['b']",
    "a list that is added to": "__all__ = ['a']\n__all__ += ['b']",
    "a list that is extended": "__all__ = ['a']\n__all__.extend(('b',))",
    "a list that is appended to": "__all__ = ['a']\n__all__.append('b')",
    "a list that something is put into": "__all__ = ['a']\n__all__.insert(0, 'b')",
    "a list that something is taken from": "__all__ = ['a', 'c', 'b']\n__all__.remove('c')",
    "a list that is put in order": "__all__ = ['a', 'b']\n__all__.sort()",
    "a sorted list": "__all__ = sorted(['a', 'b'])",
    "an annotated list": "__all__: list[str] = ['a', 'b']",
    "a list with itself": "__all__ = ['a']\n__all__ = __all__ + ['b']",
    "a variable": "names = ['a', 'b']\n__all__ = names",
    "an unpacked variable": "names = ('a',)\n__all__ = [*names, 'b']",
    "the keys of a table": "table = {'a': 1, 'b': 2}\n__all__ = list(table)",
    "the keys of a table, said so": "table = {'a': 1, 'b': 2}\n__all__ = list(table.keys())",
    "a name that comes twice": "__all__ = ['a', 'b', 'a']",
    "strings in parts": "__all__ = ['a', ('b' '')]",
    "the last of two": "__all__ = ['c']\n__all__ = ['a', 'b']",
    "a list under a condition": "if c:\n    __all__ = ['a']\nelse:\n    __all__ = ['b']",
}
COMPUTED = {
    "a comprehension": "__all__ = [n for n in globals()]",
    "a call": "__all__ = make()",
    "a call in a sum": "__all__ = ['a'] + make()",
    "a variable that is not known": "__all__ = ['a', *others]",
    "an entry that is not known": "__all__ = ['a', b.__name__]",
    "what a loop appends": "__all__ = ['a']\nfor n in b:\n    __all__.append(n)",
    "what a decorator appends": "__all__ = ['a']\ndef public(f):\n    __all__.append(f.__name__)\n    return f",
    "a slice that is set": "__all__ = ['a']\n__all__[:] = b",
    "one of several targets": "x, __all__ = make()",
    "a variable that goes round": "a = a + ['b']\n__all__ = a",
    "an entry that is taken by place": "__all__ = ['a', 'b']\n__all__.pop()",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_all_is_read_from(text: str) -> None:
    assert sorted(listed(text)) == ["a", "b"]


@pytest.mark.parametrize("text", COMPUTED.values(), ids=COMPUTED)
def test_all_is_computed_by(text: str) -> None:
    assert exports(text).computed


def test_the_literal_part_of_a_computed_list_is_kept() -> None:
    assert [entry.name for entry in exports("__all__ = ['a'] + make()").listed] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "from . import sub\n__all__ = sub.__all__",
        "from . import sub as other\n__all__ = other.__all__",
        "from .sub import *\n__all__ = sub.__all__",
        "import pkg.sub\n__all__ = pkg.sub.__all__",
        "from .sub import __all__ as names\n__all__ = [*names]",
        "from .sub import __all__",
        "from . import sub\n__all__ = list(sub.__all__)",
        "from . import sub\n__all__ = []\n__all__.extend(sub.__all__)",
    ],
)
def test_the_list_of_a_submodule_is_joined(text: str) -> None:
    found = exports(text)
    assert (found.joined, found.computed) == (("pkg.sub",), False)


def test_a_module_that_is_no_package_has_no_submodule_to_join() -> None:
    assert exports("__all__ = sub.__all__", is_package=False).computed


def test_what_is_removed_is_removed_from_joined_lists_too() -> None:
    text = (
        "from . import sub\n__all__ = ['b'] + sub.__all__\n__all__.remove('a')\n__all__.remove('b')\n__all__ += ['b']"
    )
    found = exports(text)
    assert (found.removed, [entry.name for entry in found.listed]) == (frozenset({"a"}), ["b"])


@pytest.mark.parametrize(
    ("entry", "shown"), [("1", "1"), ("b'a'", "b'a'"), ("('a', 'b')", "('a', 'b')"), ("1.5", "1.5")]
)
def test_an_entry_that_is_no_string_is_kept_out_and_told(entry: str, shown: str) -> None:
    found = exports(f"__all__ = ['a', {entry}]")
    assert [each.name for each in found.listed] == ["a"]
    assert [(each.what, each.line) for each in found.odd] == [(f"{shown} in __all__ is no string", 1)]


def test_two_strings_that_a_missing_comma_fuses_are_one_name() -> None:
    assert listed("__all__ = [\n    'first'\n    'second',\n]") == ["firstsecond"]


def test_an_entry_under_a_condition_is_marked() -> None:
    found = exports("__all__ = ['a']\nif x:\n    __all__ += ['b', 'a']")
    assert {entry.name: entry.guard for entry in found.listed} == {"a": Guard.NONE, "b": Guard.CONDITION}


def test_the_line_is_where_all_begins() -> None:
    assert exports("\nx = 1\n__all__ = ['a']\n__all__ += ['b']").line == 2


def test_another_list_is_not_all() -> None:
    assert facts("all = ['a']\nother.__all__ = ['b']").exports is None
