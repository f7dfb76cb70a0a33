"""What griffe sees of one file."""

from __future__ import annotations

from textwrap import dedent

import pytest

from verifier.apis import symbols
from verifier.apis.facts import Definition, Facts, Import
from verifier.model import Guard, Kind


def read(text: str, module: str = "pkg.mod", *, is_package: bool = False, is_stub: bool = False) -> Facts:
    return symbols.read(dedent(text).lstrip("\n"), module, is_package=is_package, is_stub=is_stub)


def defined(facts: Facts, name: str) -> Definition:
    (found,) = facts.by_name[name]
    assert isinstance(found, Definition)
    return found


def imported(facts: Facts, name: str) -> Import:
    (found,) = facts.by_name[name]
    assert isinstance(found, Import)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("class x: pass", Kind.CLASS),
        ("def x(): pass", Kind.FUNCTION),
        ("async def x(): pass", Kind.FUNCTION),
        ("x = 1", Kind.VALUE),
    ],
)
def test_a_definition_has_its_kind(text: str, kind: Kind) -> None:
    assert defined(read(text), "x").kind is kind


def test_a_docstring_is_counted_as_it_is_shown() -> None:
    facts = read('''
        def f():
            """One line.

            Another.
                Indented.
            """
    ''')
    assert defined(facts, "f").doc_chars == len("One line.\n\nAnother.\n    Indented.")


def test_a_definition_without_docstring_has_none_of_its_characters() -> None:
    facts = read('class Base:\n    """Long enough."""\nclass Child(Base): ...')
    assert defined(facts, "Child").doc_chars == 0


def test_a_string_after_a_value_is_its_docstring() -> None:
    facts = read('x = 1\n"""The answer."""\ny = 2')
    assert (defined(facts, "x").doc_chars, defined(facts, "y").doc_chars) == (len("The answer."), 0)


def test_the_implementation_speaks_for_its_overloads() -> None:
    facts = read('''
        from typing import overload
        @overload
        def f(x: int) -> int: """Not this one, which is longer."""
        @overload
        def f(x: str) -> str: ...
        def f(x):
            """This one."""
    ''')
    assert defined(facts, "f").doc_chars == len("This one.")


def test_overloads_in_a_stub_stand_for_themselves() -> None:
    text = """
        from typing import overload
        @overload
        def f(x: int) -> int: ...
        @overload
        def f(x: str) -> str: ...
    """
    assert defined(read(text, is_stub=True), "f").kind is Kind.FUNCTION


def test_the_line_is_that_of_the_name_and_not_of_a_decorator() -> None:
    assert defined(read("import a\n@a.b(\n  1,\n)\nclass x: pass"), "x").line == 5


def test_an_annotation_alone_binds_nothing() -> None:
    assert not defined(read("x: int"), "x").binds


def test_an_annotation_alone_defines_in_a_stub() -> None:
    assert defined(read("x: int", is_stub=True), "x").binds


@pytest.mark.parametrize(
    ("text", "alias"), [("x = y", "y"), ("x = a.b.c", "a.b.c"), ("x = y()", None), ("x = 1", None)]
)
def test_a_plain_alias_names_what_it_stands_for(text: str, alias: str | None) -> None:
    assert defined(read(text), "x").alias_of == alias


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("import os as x", ("os", None)),
        ("import os.path as x", ("os", "path")),
        ("from os import path as x", ("os", "path")),
        ("from . import x", ("pkg", "x")),
        ("from .other import x", ("pkg.other", "x")),
    ],
)
def test_an_import_has_an_absolute_target(text: str, target: tuple[str, str | None]) -> None:
    assert imported(read(text), "x").target == target


def test_a_package_is_where_its_own_relative_imports_begin() -> None:
    assert imported(read("from .other import x", "pkg.sub", is_package=True), "x").target == ("pkg.sub.other", "x")


def test_a_star_import_is_told_with_its_module() -> None:
    facts = read("from .other import *")
    assert [(each.module, each.is_star) for each in facts.imports] == [("pkg.other", True)]


def test_what_stands_under_type_checking_is_marked() -> None:
    facts = read("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import b\nc = 1")
    assert (facts.guard("b"), facts.guard("c")) == (Guard.TYPE_CHECKING, Guard.NONE)


def test_a_plain_list_of_exports_is_read() -> None:
    exports = read('\n__all__ = ["a", "b"]').exports
    assert exports is not None
    assert ([entry.name for entry in exports.listed], exports.line, exports.computed) == (["a", "b"], 1, False)


@pytest.mark.parametrize(
    "text", ["__all__ = make()", "__all__ = ['a', 1]", "__all__ = ['a', *b]", "from a import __all__"]
)
def test_exports_that_are_no_plain_list_are_not_trusted(text: str) -> None:
    exports = read(text).exports
    assert exports is not None
    assert exports.computed


def test_a_module_without_exports_has_none() -> None:
    assert read("a = 1").exports is None


@pytest.mark.parametrize("text", ["def __getattr__(name): ...", "from a import __getattr__"])
def test_a_module_getattr_is_seen(text: str) -> None:
    assert read(text).answers_lazily


def test_the_getattr_of_a_class_is_not_the_module_s() -> None:
    assert not read("class A:\n    def __getattr__(self, name): ...").answers_lazily


def test_names_in_functions_and_classes_are_not_the_module_s() -> None:
    facts = read("class A:\n    b = 1\n    import c\ndef f():\n    global d\n    d = 1")
    assert set(facts.by_name) == {"A", "f"}


def test_text_that_is_no_python_raises() -> None:
    with pytest.raises(SyntaxError):
        read("def f(:")


def test_nothing_is_logged_of_what_cannot_be_rendered(caplog: pytest.LogCaptureFixture) -> None:
    read("x = " + "+".join(["1"] * 2000))
    assert caplog.records == []
