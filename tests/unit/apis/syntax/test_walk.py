"""What a module binds, on what condition, on which line."""

from __future__ import annotations

import pytest

from tests.unit.apis.syntax.parsed import facts
from verifier.apis.facts import Definition
from verifier.model import Guard, Kind

BOUND_ANYWAY = {
    "in the open": "x = 1",
    "in both branches": "if a:\n    x = 1\nelse:\n    x = 2",
    "in all branches": "if a:\n    x = 1\nelif b:\n    x = 2\nelse:\n    x = 3",
    "by an attempt and its handler": "try:\n    import x\nexcept ImportError:\n    x = None",
    "where the handler gives up": "try:\n    import x\nexcept ImportError:\n    raise SystemExit",
    "where the other branch leaves": "if a:\n    x = 1\nelse:\n    sys.exit(1)",
    "at last": "try:\n    pass\nfinally:\n    x = 1",
    "when all went well": "try:\n    pass\nexcept E:\n    x = 1\nelse:\n    x = 2",
    "at run time": "if TYPE_CHECKING:\n    pass\nelse:\n    x = 1",
    "at run time, said the other way": "if not TYPE_CHECKING:\n    x = 1",
    "always": "if True:\n    x = 1",
    "before a condition": "x = 1\nif a:\n    x = 2",
    "again after its deletion": "x = 1\ndel x\nx = 2",
    "deeper": "if a:\n    if b:\n        x = 1\n    else:\n        x = 2\nelse:\n    x = 3",
}
BOUND_UNDER_A_CONDITION = {
    "in one branch": "if a:\n    x = 1",
    "in some branches": "if a:\n    x = 1\nelif b:\n    x = 2",
    "by an attempt": "try:\n    import x\nexcept ImportError:\n    pass",
    "by a handler": "try:\n    pass\nexcept E:\n    x = 1",
    "by one of two handlers": "try:\n    x = 1\nexcept A:\n    x = 2\nexcept B:\n    pass",
    "in a loop": "for a in b:\n    x = 1",
    "in a loop that may not run": "while a:\n    x = 1",
    "in a context": "with a:\n    x = 1",
    "in a case": "match a:\n    case 1:\n        x = 1",
    "on one line": "if a: x = 1",
    "besides an annotation": "x: int\nif a:\n    x = 1",
}


@pytest.mark.parametrize("text", BOUND_ANYWAY.values(), ids=BOUND_ANYWAY)
def test_a_name_is_bound_anyway(text: str) -> None:
    assert facts(text).guard("x") is Guard.NONE


@pytest.mark.parametrize("text", BOUND_UNDER_A_CONDITION.values(), ids=BOUND_UNDER_A_CONDITION)
def test_a_name_is_bound_under_a_condition(text: str) -> None:
    assert facts(text).guard("x") is Guard.CONDITION


@pytest.mark.parametrize(
    "test", ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING", "MYPY", "False", "0", "TYPE_CHECKING and a"]
)
def test_a_name_is_bound_for_type_checkers_only(test: str) -> None:
    assert facts(f"if {test}:\n    if b:\n        x = 1").guard("x") is Guard.TYPE_CHECKING


@pytest.mark.parametrize("test", ["__name__ == '__main__'", "'__main__' == __name__", "a and __name__ == '__main__'"])
def test_a_script_binds_nothing_in_an_import(test: str) -> None:
    assert "x" not in facts(f"if {test}:\n    x = 1").names


@pytest.mark.parametrize("text", ["x = 1\ndel x", "x = y = 1\ndel (x, y)", "for x in a: b = 1\nx = 1; del x"])
def test_a_deleted_name_is_deleted(text: str) -> None:
    assert "x" in facts(text).deleted


def test_a_name_that_comes_back_is_not_deleted() -> None:
    assert facts("x = 1\ndel x\nx = 2").deleted == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "for x in a: pass",
        "for (y, *x) in a: pass",
        "with a as x: pass",
        "with a as (x, y): pass",
        "match a:\n    case [x, 1]: pass",
    ],
)
def test_a_name_that_a_statement_needs_is_bound_in_passing(text: str) -> None:
    found = facts(text)
    assert ("x" in found.incidental, "x" in found.by_name) == (True, False)


def test_the_name_of_an_exception_does_not_outlive_its_handler() -> None:
    assert "x" not in facts("try:\n    pass\nexcept E as x:\n    pass").names


@pytest.mark.parametrize(
    "text", ["x, y = 1, 2", "(x, [y, *z]) = a", "y = x = 1", "x: int = 1", "class x: ...", "type x = int"]
)
def test_a_name_is_bound_by(text: str) -> None:
    assert facts(text).by_name["x"][0].binds


@pytest.mark.parametrize("text", ["a.x = 1", "a['x'] = 1", "x += 1", "def f():\n    x = 1", "class A:\n    x = 1"])
def test_a_name_is_not_bound_by(text: str) -> None:
    assert "x" not in facts(text).by_name


def test_the_value_that_a_fallback_leaves_comes_after_what_may_override_it() -> None:
    found = facts("x = None\ntry:\n    from fast import x\nexcept ImportError:\n    pass").likeliest("x")
    assert [type(each).__name__ for each in found] == ["Import", "Definition"]


def test_what_is_overridden_for_good_is_no_candidate() -> None:
    (found,) = facts("if a:\n    x = 1\ndef x(): ...").likeliest("x")
    assert isinstance(found, Definition)
    assert found.kind is Kind.FUNCTION


# --- imports ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["import x as x", "from a import x as x", "from .a import y, x as x"])
def test_a_redundant_alias_is_explicit(text: str) -> None:
    assert [each.name for each in facts(text).imports if each.explicit] == ["x"]


@pytest.mark.parametrize("text", ["import x", "from a import x", "from a import y as x", "import a.x as x"])
def test_another_alias_is_not_explicit(text: str) -> None:
    assert [each.explicit for each in facts(text).imports] == [False]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("import a.b.c", ("a", None)),
        ("import a.b as x", ("a", "b")),
        ("import a as x", ("a", None)),
        ("from . import x", ("pkg.sub", "x")),
        ("from .. import x", ("pkg", "x")),
        ("from ..a.b import x", ("pkg.a.b", "x")),
    ],
)
def test_an_import_stands_for_its_target(text: str, target: tuple[str, str | None]) -> None:
    (found,) = facts(text, "pkg.sub").imports
    assert found.target == target


def test_an_import_from_above_the_top_is_left_out() -> None:
    assert facts("from ... import x").imports == ()


# --- lines ------------------------------------------------------------------------------------------------------------


def test_every_binding_has_its_line_without_position_metadata() -> None:
    text = '''
        """Text that says
        import a
        """
        import a
        @deco
        class B(
            a.A,
        ): ...
        if a:
            from c import (
                d,
            )
            def e():
                f = 1
        f = 2
        g: int = 3
        x = 1; y = 2
        if a: z = 1
    '''
    lines = {each.name: each.line for each in facts(text).bindings}
    assert lines == {"a": 4, "B": 6, "d": 10, "e": 13, "f": 15, "g": 16, "x": 17, "y": 17, "z": 18}
