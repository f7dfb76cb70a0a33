"""What is known of each name, put together over all files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.apis.written import names, statics, surface, symbol, write
from verifier.model import Basis, Evidence, Guard, Kind, Surface

LONG = "x" * 90


def bases(shown: Surface) -> dict[str, Basis]:
    return {each.name: each.basis for each in shown.symbols}


def test_a_reexport_has_the_kind_and_docstring_of_its_definition(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .a import renamed as f",
        "pkg/a.py": "from ._b import *\nfrom ._b import original as renamed",
        "pkg/_b.py": f"def original():\n    '''{LONG}'''",
    }
    shown = symbol(tmp_path, files, "f")
    assert (shown.kind, shown.defined_in, shown.doc_chars) == (Kind.FUNCTION, "pkg._b", 90)
    assert (shown.file, shown.line) == ("pkg/__init__.py", 1)


def test_a_reexport_from_elsewhere_is_followed_to_its_definition(tmp_path: Path) -> None:
    write(
        tmp_path / "site", {"other/__init__.py": "from .deep import C", "other/deep.py": f"class C:\n    '''{LONG}'''"}
    )
    files = {"pkg.py": "__all__ = ['C']\nfrom other import C"}
    (shown,) = surface(tmp_path / "own", files, tmp_path / "site").symbols
    assert (shown.kind, shown.defined_in, shown.doc_chars) == (Kind.CLASS, "other.deep", 90)


def test_a_submodule_is_a_module_with_its_own_docstring(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from . import sub", "pkg/sub.py": f"'''{LONG}'''"}
    shown = symbol(tmp_path, files, "sub")
    assert (shown.kind, shown.defined_in, shown.doc_chars) == (Kind.MODULE, "pkg.sub", 90)


def test_a_listed_submodule_is_a_module_though_nothing_imports_it(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "__all__ = ['sub']", "pkg/sub.py": ""}
    assert symbol(tmp_path, files, "sub").kind is Kind.MODULE


def test_a_function_hides_the_submodule_of_its_name(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .f import f",
        "pkg/f.py": "def f(): ...",
        "pkg/g.py": "__all__ = ['f']\nfrom . import f",
    }
    assert symbol(tmp_path, files, "f").kind is Kind.FUNCTION
    assert symbol(tmp_path, files, "f", of="pkg.g").kind is Kind.FUNCTION


@pytest.mark.parametrize("binding", ["old = new", "from . import a\nold = a.new", "from .a import new\nold = new"])
def test_an_alias_of_a_function_is_that_function(tmp_path: Path, binding: str) -> None:
    new = f"def new():\n    '''{LONG}'''\n"
    files = {
        "pkg/__init__.py": "",
        "pkg/a.py": new,
        "pkg/b.py": f"__all__ = ['old']\n{new if binding == 'old = new' else ''}{binding}",
    }
    shown = symbol(tmp_path, files, "old", of="pkg.b")
    assert (shown.kind, shown.doc_chars) == (Kind.FUNCTION, 90)


def test_an_alias_of_a_value_is_a_value_of_its_own(tmp_path: Path) -> None:
    files = {"pkg.py": f"a = 1\n'''{LONG}'''\nb = a"}
    assert (symbol(tmp_path, files, "b").kind, symbol(tmp_path, files, "b").doc_chars) == (Kind.VALUE, 0)


def test_a_name_from_compiled_code_is_not_known(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from ._fast import f", "pkg/_fast.so": ""}
    shown = symbol(tmp_path, files, "f")
    assert (shown.kind, shown.defined_in, shown.doc_chars) == (Kind.UNKNOWN, "pkg._fast", None)


def test_a_name_from_all_of_compiled_code_is_not_known(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "__all__ = ['f']\nfrom ._fast import *", "pkg/_fast.so": ""}
    assert symbol(tmp_path, files, "f").defined_in == "pkg._fast"


def test_a_fallback_that_can_be_read_speaks_for_compiled_code(tmp_path: Path) -> None:
    text = f"try:\n    from pkg._fast import f\nexcept ImportError:\n    def f():\n        '''{LONG}'''"
    files = {"pkg/__init__.py": text, "pkg/_fast.so": ""}
    shown = symbol(tmp_path, files, "f")
    assert (shown.defined_in, shown.doc_chars, shown.guard) == ("pkg", 90, Guard.NONE)


def test_a_ghost_is_known_by_its_line_alone(tmp_path: Path) -> None:
    shown = symbol(tmp_path, {"pkg.py": "__all__ = [\n    'real',\n    'ghost',\n]\nreal = 1"}, "ghost")
    assert (shown.kind, shown.defined_in, shown.doc_chars, shown.line) == (Kind.UNKNOWN, None, None, 3)
    assert [each.what for each in shown.evidence] == ["__all__"]


def test_circles_of_aliases_come_to_an_end(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from .a import x", "pkg/a.py": "from .b import x", "pkg/b.py": "from pkg.a import x"}
    assert symbol(tmp_path, files, "x").kind is Kind.UNKNOWN


def test_a_circle_through_a_star_does_not_hide_the_definition(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "__all__ = ['f']\nfrom .a import *\nfrom .b import *",
        "pkg/a.py": "__all__ = ['f']\ndef f(): ...",
        "pkg/b.py": "from pkg import f\ng = 1",
    }
    assert symbol(tmp_path, files, "f").defined_in == "pkg.a"


def test_an_inherited_docstring_is_not_its_own(tmp_path: Path) -> None:
    files = {"pkg.py": f"class A:\n    '''{LONG}'''\nclass B(A): ..."}
    assert symbol(tmp_path, files, "B").doc_chars == 0


def test_every_symbol_says_who_saw_what_and_where(tmp_path: Path) -> None:
    files = {"pkg.py": "__all__ = ['f']\nif a:\n    pass\ndef f(): ..."}
    assert symbol(tmp_path, files, "f").evidence == (
        Evidence(observer="griffe", what="definition", line=4),
        Evidence(observer="libcst", what="definition", line=4),
        Evidence(observer="griffe", what="__all__", line=1),
        Evidence(observer="libcst", what="__all__", line=1),
    )


def test_a_condition_passes_through_a_star_import(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from .a import *", "pkg/a.py": "if x:\n    y = 1\nz = 1"}
    assert (symbol(tmp_path, files, "y").guard, symbol(tmp_path, files, "z").guard) == (Guard.CONDITION, Guard.NONE)


def test_a_ghost_that_is_listed_under_a_condition_is_marked(tmp_path: Path) -> None:
    files = {"pkg.py": "__all__ = ['a']\na = 1\nif x:\n    __all__ += ['ghost']"}
    assert symbol(tmp_path, files, "ghost").guard is Guard.CONDITION


# --- what the import has to complete ----------------------------------------------------------------------------------


def test_a_computed_list_comes_with_all_that_it_may_hold(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from .a import *\nfrom . import b\nx = 1\n__all__ = ['x'] + [n for n in dir()]",
        "pkg/a.py": f"def f():\n    '''{LONG}'''",
        "pkg/b.py": "",
        "pkg/c.py": "",
    }
    shown = surface(tmp_path, files)
    found = {each.name: (each.basis, each.kind) for each in shown.candidates if not each.name.startswith("_")}
    assert found == {
        "a": (Basis.ALL, Kind.MODULE),
        "b": (Basis.ALL, Kind.MODULE),
        "c": (Basis.ALL, Kind.MODULE),
        "f": (Basis.ALL, Kind.FUNCTION),
    }
    assert (names(shown), shown.computed_exports) == (["x"], True)


def test_a_list_that_is_spelled_out_leaves_nothing_to_complete(tmp_path: Path) -> None:
    shown = surface(tmp_path, {"pkg.py": "__all__ = ['x']\nx = y = 1"})
    assert (shown.candidates, shown.computed_exports) == ((), False)


def test_a_computed_list_may_name_all_that_is_bound_or_listed(tmp_path: Path) -> None:
    text = "__all__ = ['ghost', *a]\nimport os\nfor i in a: pass\ndef f(): ...\n_x = y = 1\ndel y\nif no:\n    import t"
    shown = surface(tmp_path, {"pkg.py": text})
    candidates = {symbol.name for symbol in shown.candidates}
    assert (names(shown), candidates) == (["ghost"], {"__all__", "os", "i", "f", "_x", "y", "t"})


def test_own_modules_that_are_not_listed_are_read_for_those_that_are(tmp_path: Path) -> None:
    found = statics(tmp_path, {"pkg/__init__.py": "from ._a import x", "pkg/_a.py": "x = 1"})
    assert (list(found.surfaces), names(found.surfaces["pkg"])) == (["pkg"], ["x"])


def test_nothing_of_the_target_runs(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom .a import x", "pkg/a.py": "x = 1 / 0"}
    assert (names(surface(tmp_path, files)), (tmp_path / "ran").exists()) == (["x"], False)


def test_it_is_known_from_which_files_each_surface_was_read(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from pkg.a import x",
        "pkg/a.py": "from pkg.b import *",
        "pkg/b.py": "from pkg.c import x",
        "pkg/c.py": "x = y = 1",
        "pkg/d.py": "from pkg.b import *\nfrom pkg.c import y\n__all__ = ['x']",
        "pkg/e.py": "z = 1",
    }
    read = statics(tmp_path, files).files
    shown = {name: sorted(Path(file).stem for file in of) for name, of in read.items()}
    assert shown == {
        "pkg": ["__init__", "a", "b", "c"],
        "pkg.a": ["a", "b"],
        "pkg.b": ["b"],
        "pkg.c": ["c"],
        "pkg.d": ["b", "c", "d"],
        "pkg.e": ["e"],
    }
