"""Which files libcst must read: those that hold what griffe does not see, and no others."""

from __future__ import annotations

from textwrap import dedent

import pytest

from verifier.apis import triage

HOLDS_SOMETHING = {
    "a condition": "if x:\n    y = 1",
    "an attempt": "try:\n    import a\nexcept ImportError:\n    a = None",
    "a loop": "for x in range(3): pass",
    "a context": "with a() as b:\n    pass",
    "a condition over lines": "if (\n    x\n):\n    y = 1",
    "else of type checking": "if TYPE_CHECKING:\n    import a\nelse:\n    a = 1",
    "a condition under type checking": "if TYPE_CHECKING:\n    if x:\n        import a\n    import b\n",
    "another kind of type checking": "if not TYPE_CHECKING:\n    import a",
    "a deletion": "x = 1\ndel x",
    "a deletion after something": "x = 1; del x",
    "unpacking": "a, b = 1, 2",
    "unpacking in brackets": "(a, b) = 1, 2",
    "unpacking over lines": "(\n    a,\n    b,\n) = 1, 2",
    "a name and an item": "a = b[0] = 1",
    "an explicit re-export": "from x import y as y",
    "an explicit re-export in a list": "from x import (\n    z,\n    y as y,\n)",
    "a module under its own name": "import y as y",
    "a list and more": "__all__ = ['a'] + b",
    "a list that grows": "__all__ = ['a']\n__all__ += ['b']",
    "a list with something else": "__all__ = ['a', b]",
    "a call": "__all__ = make()",
    "a module getattr": "def __getattr__(name): ...",
    "a getattr from elsewhere": "__getattr__, __dir__, __all__ = attach(__name__)",
    "a part of its own package": "import pkg.other",
    "several imports": "import os, pkg.other",
}
HOLDS_NOTHING = {
    "definitions": "class A:\n    if x:\n        y = 1\ndef f():\n    for x in y: pass",
    "values": "a = 1\nb = c = d[0]\ne: int = 2\nf = g(h=1, i=2)\nj = (k, l)",
    "comparisons": "a = b == c, d == e",
    "a list of strings": "__all__ = [\n    'a',  # why\n    \"b\",\n]",
    "a tuple of strings": "__all__: tuple[str, ...] = ('a', 'b')",
    "imports": "import os, sys\nfrom x import y as z\nimport a.b as b\nimport other.pkg.sub\nfrom . import x",
    "type checking": "if TYPE_CHECKING:\n    import a\n\n    from b import c\nd = 1",
    "prose": '"""\nif you want it\nfor all\nwith care\n"""',
    "a comment": "# if x: y",
    "names that begin like statements": "iffy = 1\nformat(1)\nwithout = 2\ndelete = 3\nmatching = 4",
    "a getattr of a class": "class A:\n    def __getattr__(self, name): ...",
}


@pytest.mark.parametrize("text", HOLDS_SOMETHING.values(), ids=HOLDS_SOMETHING)
def test_libcst_reads_a_file_that_holds(text: str) -> None:
    assert triage.needs_libcst(text, "pkg.mod", is_package=False)


@pytest.mark.parametrize("text", HOLDS_NOTHING.values(), ids=HOLDS_NOTHING)
def test_libcst_is_spared_a_file_of(text: str) -> None:
    assert not triage.needs_libcst(text, "pkg.mod", is_package=False)


@pytest.mark.parametrize(
    "text", ["from . import b", "from pkg.mod import b", "from ..mod import b", "import a; from . import b"]
)
def test_a_package_that_imports_from_itself_is_read(text: str) -> None:
    assert triage.needs_libcst(text, "pkg.mod", is_package=True)


def test_a_package_that_imports_from_its_modules_is_not_read() -> None:
    assert not triage.needs_libcst("from .a import b\nfrom pkg.mod.a import c", "pkg.mod", is_package=True)


@pytest.mark.parametrize(
    "text", ["from .a import (\n    b,\n)", "import b", "class b: ...", "def b(): ...", "b = 1", "b: int = 1"]
)
def test_a_name_that_is_bound_for_types_and_otherwise_needs_libcst(text: str) -> None:
    types = "if TYPE_CHECKING:\n    from .c import (\n        b,\n        d,\n    )\n"
    assert triage.needs_libcst(f"{text}\n{types}", "pkg", is_package=False)
    assert not triage.needs_libcst(f"{text}\n{types.replace('b,', 'e,')}", "pkg", is_package=False)


@pytest.mark.parametrize(
    "text", ["sys.modules[__name__] = Lazy()", "sys.modules[__name__].__class__ = Lazy", "_this.__class__ = Lazy"]
)
def test_a_module_that_puts_something_in_its_place_is_seen(text: str) -> None:
    assert triage.replaces_itself(text)


@pytest.mark.parametrize(
    "text",
    ["this = sys.modules[__name__]", "class A:\n    def f(self):\n        self.__class__ = B", "x.__class__ == y"],
)
def test_a_module_that_stays_itself_is_left_alone(text: str) -> None:
    assert not triage.replaces_itself(text)


def test_names_bound_in_passing_are_those_of_walrus_and_global() -> None:
    text = dedent("""
        print(a := 1)
        def f():
            global b, c
            b = c = 1
    """)
    assert triage.bound_in_passing(text) == {"a", "b", "c"}
