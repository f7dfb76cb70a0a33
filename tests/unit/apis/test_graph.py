"""Who imports whom: order, closures, circles, and the failure that explains another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.unit.apis.written import statics
from verifier.apis.graph import Graph


def graph(folder: Path, files: Mapping[str, str]) -> Graph:
    return Graph(statics(folder, files))


def package(**modules: str) -> dict[str, str]:
    """A package with an empty `__init__.py` and these modules."""
    return {"pkg/__init__.py": ""} | {f"pkg/{name}.py": text for name, text in modules.items()}


def test_a_closure_holds_what_is_imported_and_the_parents(tmp_path: Path) -> None:
    found = graph(
        tmp_path, package(a="from . import b", b="import pkg.c.d", d="") | {"pkg/c/__init__.py": "", "pkg/c/d.py": ""}
    )
    assert found.closure("pkg.a") == {"pkg", "pkg.a", "pkg.b", "pkg.c", "pkg.c.d"}
    assert found.closure("pkg.d") == {"pkg", "pkg.d"}


def test_what_the_parent_imports_is_in_the_closure(tmp_path: Path) -> None:
    found = graph(tmp_path, {"pkg/__init__.py": "from . import a", "pkg/a.py": "", "pkg/b.py": ""})
    assert found.closure("pkg.b") == {"pkg", "pkg.a", "pkg.b"}


def test_private_modules_are_on_the_way(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import _b", _b="from . import c", c=""))
    assert found.closure("pkg.a") == {"pkg", "pkg.a", "pkg._b", "pkg.c"}


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    from . import b",
        "if TYPE_CHECKING:\n    from . import b",
        "if __name__ == '__main__':\n    from . import b",
        "import os",
    ],
)
def test_an_import_that_does_not_happen_is_no_edge(tmp_path: Path, text: str) -> None:
    assert graph(tmp_path, package(a=text, b="")).closure("pkg.a") == {"pkg", "pkg.a"}


@pytest.mark.parametrize(
    "text",
    [
        "from . import b",
        "from .b import x",
        "import pkg.b",
        "import pkg.b as c",
        "from pkg import b",
        "from .b import *",
        "try:\n    from . import b\nexcept ImportError:\n    pass",
        "import os, pkg.b",
    ],
)
def test_an_import_that_happens_is_an_edge(tmp_path: Path, text: str) -> None:
    assert "pkg.b" in graph(tmp_path, package(a=text, b="x = 1")).closure("pkg.a")


def test_what_is_imported_comes_first(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b", b="from . import c", c=""))
    assert found.order() == (("pkg",), ("pkg.c",), ("pkg.b",), ("pkg.a",))


def test_the_modules_of_a_circle_come_together(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b", b="from . import c", c="from . import a", d="from . import a"))
    assert found.order() == (("pkg",), ("pkg.a", "pkg.b", "pkg.c"), ("pkg.d",))


def test_a_circle_is_told_from_each_of_its_modules(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b", b="from . import c", c="from . import a"))
    assert found.cycle("pkg.b") == ("pkg.b", "pkg.c", "pkg.a")


def test_the_shortest_circle_is_told(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b, c", b="from . import c", c="from . import a"))
    assert found.cycle("pkg.a") == ("pkg.a", "pkg.c")


def test_a_module_outside_of_a_circle_has_none(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b", b="from . import a", c="from . import a"))
    assert found.cycle("pkg.c") == ()


def test_a_package_and_a_module_that_only_needs_its_siblings_are_no_circle(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from . import a", "pkg/a.py": "from . import b\nfrom .b import x", "pkg/b.py": "x = 1"}
    assert graph(tmp_path, files).cycle("pkg.a") == ()


def test_a_module_that_asks_its_package_for_a_name_is_in_a_circle_with_it(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from . import a\nx = 1", "pkg/a.py": "from . import x"}
    assert graph(tmp_path, files).cycle("pkg.a") == ("pkg.a", "pkg")


def test_a_failure_is_explained_by_the_one_below_it(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import b", b="from . import c", c="import missing", d="import missing"))
    assert found.roots(["pkg.a", "pkg.b", "pkg.c", "pkg.d"]) == {
        "pkg.a": "pkg.c",
        "pkg.b": "pkg.c",
        "pkg.c": "pkg.c",
        "pkg.d": "pkg.d",
    }


def test_a_failure_does_not_pass_through_a_module_that_imports(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        package(a="from . import b", b="try:\n    from . import c\nexcept ImportError: pass", c="import missing"),
    )
    assert found.roots(["pkg.a", "pkg.c"]) == {"pkg.a": "pkg.a", "pkg.c": "pkg.c"}


def test_of_two_causes_the_first_by_name_is_told(tmp_path: Path) -> None:
    found = graph(tmp_path, package(a="from . import z, y", y="import missing", z="import missing"))
    assert found.roots(["pkg.z", "pkg.a", "pkg.y"])["pkg.a"] == "pkg.y"


def test_a_circle_that_fails_has_one_root(tmp_path: Path) -> None:
    found = graph(tmp_path, package(b="from .c import x", c="from .b import y"))
    assert found.roots(["pkg.c", "pkg.b"]) == {"pkg.b": "pkg.b", "pkg.c": "pkg.b"}


def test_a_parent_that_fails_explains_all_below_it(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from . import bad",
        "pkg/bad.py": "import missing",
        "pkg/other.py": "",
        "pkg/a/__init__.py": "",
        "pkg/a/b.py": "",
    }
    names = ["pkg", "pkg.bad", "pkg.other", "pkg.a", "pkg.a.b"]
    assert graph(tmp_path, files).roots(names) == dict.fromkeys(names, "pkg.bad")


def test_without_failures_there_are_no_roots(tmp_path: Path) -> None:
    assert graph(tmp_path, package(a="")).roots([]) == {}
