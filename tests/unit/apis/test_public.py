"""Which names a module advertises, and on what basis."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.apis.written import names, surface, symbol, write
from verifier.model import Basis, Evidence, Guard, Kind, Surface

LONG = "x" * 90


def bases(shown: Surface) -> dict[str, Basis]:
    return {each.name: each.basis for each in shown.symbols}


def test_all_decides_where_there_is_one(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "__all__ = ['_a', 'b']\n_a = b = c = 1\nfrom .sub import d", "pkg/sub.py": "d = 1"}
    assert bases(surface(tmp_path, files)) == {"_a": Basis.ALL, "b": Basis.ALL}


def test_definitions_are_public_and_private_ones_are_not(tmp_path: Path) -> None:
    files = {"pkg.py": "class A: ...\ndef b(): ...\nc = 1\n_d = 1\n__e__ = 1\nimport os\nfrom sys import path"}
    assert bases(surface(tmp_path, files)) == dict.fromkeys(("A", "b", "c"), Basis.DEFINITION)


def test_an_explicit_import_is_a_reexport(tmp_path: Path) -> None:
    files = {"pkg.py": "import os as os\nfrom sys import path as path\nfrom sys import argv as arguments\nimport json"}
    assert bases(surface(tmp_path, files)) == dict.fromkeys(("os", "path"), Basis.REEXPORT)


def test_a_package_shows_what_it_imports_from_its_own_modules(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .a import x, _y\nfrom pkg.a import z\nfrom . import a\nimport os\nimport pkg.b",
        "pkg/a.py": "x = _y = z = 1",
        "pkg/b.py": "",
    }
    assert bases(surface(tmp_path, files)) == dict.fromkeys(("a", "x", "z"), Basis.PACKAGE_IMPORT)


def test_a_module_that_is_no_package_does_not_show_what_it_imports(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/a.py": "x = 1", "pkg/b.py": "from .a import x\nfrom pkg import a"}
    assert names(surface(tmp_path, files, of="pkg.b")) == []


def test_another_package_in_the_same_namespace_is_not_its_own(tmp_path: Path) -> None:
    files = {
        "ns/one/__init__.py": "from ns.two import x\nfrom ns.one.a import y",
        "ns/one/a.py": "y = 1",
        "ns/two/__init__.py": "x = 1",
    }
    assert names(surface(tmp_path, files, of="ns.one")) == ["y"]


def test_star_imports_of_own_modules_are_followed_along_their_chain(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .a import *",
        "pkg/a.py": "from .b import *\nfrom .c import *\ndef in_a(): ...\nimport os",
        "pkg/b.py": "__all__ = ['in_b', '_in_b']\nin_b = _in_b = not_in_b = 1",
        "pkg/c.py": "from .a import *\nin_c = 1\n_in_c = 2",
    }
    assert bases(surface(tmp_path, files)) == dict.fromkeys(("in_a", "in_b", "in_c"), Basis.REEXPORT)


def test_star_imports_of_others_advertise_nothing(tmp_path: Path) -> None:
    write(tmp_path / "site", {"other.py": "a = 1\n_b = 2"})
    shown = surface(tmp_path / "own", {"pkg.py": "from other import *"}, tmp_path / "site")
    assert names(shown) == []


def test_a_star_import_never_asks_a_getattr(tmp_path: Path) -> None:
    lazy = "def __getattr__(name):\n    if name == 'lazy':\n        return 1\nx = 1"
    files = {"pkg/__init__.py": "from .a import *", "pkg/a.py": lazy}
    assert names(surface(tmp_path, files)) == ["x"]
    assert bases(surface(tmp_path, files, of="pkg.a")) == {"lazy": Basis.LAZY, "x": Basis.DEFINITION}


def test_joined_lists_are_read_from_their_modules(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from . import a\n__all__ = ['x'] + a.__all__\n__all__.remove('gone')\nx = 1",
        "pkg/a.py": "from .b import *\nfrom . import b\n__all__ = ['y', 'gone'] + b.__all__\ny = gone = 1",
        "pkg/b.py": "__all__ = ['z']\nz = 1",
    }
    shown = surface(tmp_path, files)
    assert (names(shown), shown.computed_exports) == (["x", "y", "z"], False)


@pytest.mark.parametrize("sub", ["__all__ = make()", "x = 1", "def broken(:"])
def test_a_joined_list_that_cannot_be_read_leaves_it_to_the_import(tmp_path: Path, sub: str) -> None:
    files = {"pkg/__init__.py": "from . import a\n__all__ = ['x'] + a.__all__", "pkg/a.py": sub}
    assert surface(tmp_path, files).computed_exports


def test_lists_that_join_each_other_come_to_an_end(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/a.py": "from . import b\n__all__ = ['x'] + b.__all__",
        "pkg/b.py": "from . import a\n__all__ = ['y'] + a.__all__",
    }
    assert names(surface(tmp_path, files, of="pkg.a")) == ["x", "y"]


@pytest.mark.parametrize(
    "text",
    [
        "for x in range(3): pass",
        "with open('f') as x: pass",
        "x = 1\ndel x",
        "x: int",
        "if __name__ == '__main__':\n    x = 1",
        "if TYPE_CHECKING:\n    class x: ...",
        "(x := 1)",
        "def f():\n    global x\n    x = 1",
        "try:\n    import x\nexcept ImportError:\n    x = None",
    ],
)
def test_a_name_is_not_public_by(tmp_path: Path, text: str) -> None:
    assert "x" not in names(surface(tmp_path, {"pkg.py": text}))


@pytest.mark.parametrize("text", ["x = 1\ndel x", "x: int", "for x in a: pass"])
def test_but_all_makes_any_name_public(tmp_path: Path, text: str) -> None:
    assert names(surface(tmp_path, {"pkg.py": f"__all__ = ['x']\n{text}"})) == ["x"]


def test_a_function_that_stands_in_for_a_fast_one_is_public(tmp_path: Path) -> None:
    files = {"pkg.py": "try:\n    from fast import f\nexcept ImportError:\n    def f(): ..."}
    assert bases(surface(tmp_path, files)) == {"f": Basis.DEFINITION}


def test_a_name_for_type_checkers_is_public_where_it_is_said_so(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "if TYPE_CHECKING:\n    from .a import x as x\n    from .a import y",
        "pkg/a.py": "x = y = 1",
        "pkg/b.py": "__all__ = ['z']\nif TYPE_CHECKING:\n    z = 1",
    }
    assert symbol(tmp_path, files, "x").guard is Guard.TYPE_CHECKING
    assert symbol(tmp_path, files, "z", of="pkg.b").guard is Guard.TYPE_CHECKING
    assert names(surface(tmp_path, files)) == ["x"]


# --- lazy modules, stubs, compiled modules ----------------------------------------------------------------------------


def test_lazy_names_are_found_where_their_table_says(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": f"""
            TABLE = {{"f": ".a", "C": ("pkg.a", "D"), "sub": "pkg.sub", "g": "a.g"}}
            def __getattr__(name):
                '''{LONG}'''
                if name in TABLE:
                    return load(TABLE[name])
        """,
        "pkg/a.py": f"def f():\n    '''{LONG}'''\nclass D: ...\ndef g(): ...",
        "pkg/sub.py": "'''A module.'''",
    }
    shown = surface(tmp_path, files)
    found = {
        each.name: (each.kind, each.defined_in, each.doc_chars) for each in shown.symbols if each.basis is Basis.LAZY
    }
    assert found == {
        "f": (Kind.FUNCTION, "pkg.a", 90),
        "C": (Kind.CLASS, "pkg.a", 0),
        "sub": (Kind.MODULE, "pkg.sub", 9),
        "g": (Kind.FUNCTION, "pkg.a", 0),
    }
    assert shown.answers_lazily


def test_lazy_names_that_only_type_checkers_import_are_found_by_these_imports(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": """
            if TYPE_CHECKING:
                from .a import f
            def __getattr__(name):
                if name == "f":
                    return load(name)
        """,
        "pkg/a.py": "def f(): ...",
    }
    shown = symbol(tmp_path, files, "f")
    assert (shown.basis, shown.defined_in) == (Basis.LAZY, "pkg.a")


def test_attach_stub_serves_what_the_stub_imports(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, _ = lazy.attach_stub(__name__, __file__)",
        "pkg/__init__.pyi": "from os import path\nfrom . import sub\nfrom .sub import f",
        "pkg/sub.py": "def f(): ...",
    }
    assert {each.name: (each.basis, each.kind) for each in surface(tmp_path, files).symbols} == {
        "f": (Basis.LAZY, Kind.FUNCTION),
        "sub": (Basis.LAZY, Kind.MODULE),
    }


def test_attach_stub_may_give_all(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "import lazy_loader as l\n__getattr__, __dir__, __all__ = l.attach_stub(__name__, __file__)",
        "pkg/__init__.pyi": "from .sub import f",
        "pkg/sub.py": "def f(): ...",
    }
    shown = surface(tmp_path, files)
    assert (bases(shown), shown.computed_exports) == ({"f": Basis.ALL}, False)


def test_a_replaced_module_keeps_the_names_of_its_source(tmp_path: Path) -> None:
    shown = surface(tmp_path, {"pkg.py": "import sys\nx = 1\nsys.modules[__name__] = Lazy()"})
    assert (names(shown), shown.answers_lazily) == (["x"], True)


def test_what_only_the_stub_names_is_told_apart(tmp_path: Path) -> None:
    files = {"pkg.py": "x = 1\n_hidden = 1", "pkg.pyi": "import os\nx: int\ny: int\ndef z() -> None: ...\n_w: int"}
    shown = surface(tmp_path, files)
    assert bases(shown) == {"x": Basis.DEFINITION, "y": Basis.STUB, "z": Basis.STUB}
    only = next(each for each in shown.symbols if each.name == "z")
    assert (only.file, only.line, only.evidence) == (
        "pkg.pyi", 4, (Evidence(observer="griffe", what="definition", line=4),)
    )  # fmt: skip


def test_a_stub_speaks_for_a_compiled_module(tmp_path: Path) -> None:
    files = {
        "pkg.so": "",
        "pkg.pyi": f"from x import y\nfrom x import z as z\ndef f(): ...\ndef g():\n    '''{LONG}'''",
    }
    shown = surface(tmp_path, files)
    assert bases(shown) == dict.fromkeys(("f", "g", "z"), Basis.STUB)
    assert {each.name: each.doc_chars for each in shown.symbols} == {"f": None, "g": 90, "z": None}
    assert (shown.listed_by_runtime, shown.symbols[0].file) == (False, "pkg.pyi")


def test_all_of_a_stub_decides_for_a_compiled_module(tmp_path: Path) -> None:
    assert bases(surface(tmp_path, {"pkg.so": "", "pkg.pyi": "__all__ = ['x']\nx: int\ny: int"})) == {"x": Basis.ALL}


def test_a_compiled_module_without_a_stub_is_listed_by_the_import(tmp_path: Path) -> None:
    assert surface(tmp_path, {"pkg.so": ""}) == Surface(module="pkg", listed_by_runtime=True)


def test_a_stub_alone_is_what_there_is(tmp_path: Path) -> None:
    assert bases(surface(tmp_path, {"pkg.pyi": "def f() -> None: ..."})) == {"f": Basis.STUB}


@pytest.mark.parametrize("file", ["pkg.py", "pkg.pyi"])
def test_a_module_that_cannot_be_read_is_a_problem(tmp_path: Path, file: str) -> None:
    shown = surface(tmp_path, {file: "def f(:"})
    assert shown.problem is not None
    assert (shown.symbols, shown.problem.line) == ((), 1)
