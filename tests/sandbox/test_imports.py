"""A module is imported as a fresh interpreter would import it, whatever it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Run
from verifier.model import Ending, How, Kind

Package = Callable[..., Path]


def test_a_good_module_answers_for_its_names(python: str, package: Package, run: Run) -> None:
    folder = package(demo="class Thing: pass\ndef make(): pass\nvalue = None\nimport os\n")
    result = run(python, folder, ["demo"], names={"demo": ("Thing", "make", "value", "os", "ghost")}).results["demo"]
    assert result.ending is Ending.DONE
    assert {name: (answer.how, answer.kind) for name, answer in result.answers.items()} == {
        "Thing": (How.DICT, Kind.CLASS),
        "make": (How.DICT, Kind.FUNCTION),
        "value": (How.DICT, Kind.VALUE),
        "os": (How.DICT, Kind.MODULE),
        "ghost": (How.MISSING, Kind.UNKNOWN),
    }
    assert result.answers["value"].is_none
    assert result.origin == str(folder / "demo" / "__init__.py")
    assert result.effects == ()


def test_siblings_do_not_see_what_each_other_has_loaded(python: str, package: Package, run: Run) -> None:
    folder = package(
        demo="",
        demo__good="import xml.dom.minidom\nfrom demo import late\n",
        demo__late="import xml\nxml.dom\n",
        demo__zlast="import demo.good_not\n",
    )
    results = run(python, folder, ["demo", "demo.good", "demo.late", "demo.zlast"]).results
    assert results["demo.good"].ending is Ending.DONE
    assert results["demo.late"].ending is Ending.RAISED
    assert results["demo.late"].failure is not None
    assert results["demo.late"].failure.type == "AttributeError"
    assert results["demo.zlast"].failure is not None
    assert results["demo.zlast"].failure.missing == "demo.good_not"


def test_the_sandbox_hides_no_missing_import_of_its_own(python: str, package: Package, run: Run) -> None:
    for name in (
        "ctypes",
        "json",
        "socket",
        "importlib",
        "concurrent",
        "logging",
        "threading",
        "struct",
        "__future__",
        "resource",
    ):
        folder = package(demo=f"import sys\nassert {name!r} not in sys.modules, {name!r}\n")
        if name != "resource":  # C code without submodules: its absence could not be told from its presence
            assert run(python, folder, ["demo"]).results["demo"].ending is Ending.DONE


def test_the_program_looks_like_a_fresh_interpreter(python: str, package: Package, run: Run) -> None:
    source = """
import sys
assert sys.argv == ["-c"], sys.argv
assert not hasattr(sys.modules["__main__"], "__file__")
assert not any("sandbox" in entry for entry in sys.path), sys.path
assert not any("verify_apis" in name or name.startswith("sandbox") for name in sys.modules)
"""
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure


@pytest.mark.parametrize(
    ("source", "ending", "kind"),
    [
        ("import sys; sys.exit(0)", Ending.RAISED, "SystemExit"),
        ("import os; os._exit(0)", Ending.DIED, "Exited"),
        ("import os; os.abort()", Ending.DIED, "Crashed"),
        ("class Odd(BaseException): pass\nraise Odd", Ending.RAISED, "Odd"),
        ("raise KeyboardInterrupt", Ending.RAISED, "KeyboardInterrupt"),
        ("def down(n): return down(n + 1)\ndown(0)", Ending.RAISED, "RecursionError"),
        ("this is no python", Ending.RAISED, "SyntaxError"),
    ],
)
def test_a_bad_ending_is_that_module_s_alone(
    python: str, package: Package, run: Run, source: str, ending: Ending, kind: str
) -> None:
    folder = package(demo="", demo__bad=source, demo__good="x = 1")
    results = run(python, folder, ["demo", "demo.bad", "demo.good"]).results
    assert results["demo.bad"].ending is ending
    assert results["demo.bad"].failure is not None
    assert results["demo.bad"].failure.type == kind
    assert results["demo.good"].ending is Ending.DONE


def test_a_module_that_hangs_is_ended_and_the_rest_is_checked(package: Package, run: Run, own_python: str) -> None:
    folder = package(demo="", demo__bad="while True: pass", demo__good="x = 1")
    results = run(own_python, folder, ["demo", "demo.bad", "demo.good"], timeout=1.0).results
    assert results["demo.bad"].ending is Ending.TIMEOUT
    assert results["demo.good"].ending is Ending.DONE


def test_a_module_that_takes_too_much_memory_is_ended(package: Package, run: Run, own_python: str) -> None:
    source = "import mmap\nm = mmap.mmap(-1, 300 << 20)\nfor at in range(0, len(m), 4096): m[at] = 1\nwhile True: pass"
    folder = package(demo="", demo__bad=source, demo__good="x = 1")
    results = run(own_python, folder, ["demo", "demo.bad", "demo.good"], memory=150).results
    assert results["demo.bad"].ending is Ending.MEMORY
    assert results["demo.good"].ending is Ending.DONE


def test_below_a_package_that_raises_every_module_has_its_exception(python: str, package: Package, run: Run) -> None:
    folder = package(demo="import nosuch_dependency", demo__sub="x = 1")
    results = run(python, folder, ["demo", "demo.sub"]).results
    assert results["demo.sub"].ending is Ending.RAISED
    assert results["demo.sub"].culprit == "demo"
    assert results["demo.sub"].failure == results["demo"].failure


def test_below_a_package_that_dies_nothing_was_tried(python: str, package: Package, run: Run) -> None:
    folder = package(demo="import os; os._exit(3)", demo__sub="x = 1")
    results = run(python, folder, ["demo", "demo.sub"]).results
    assert results["demo"].ending is Ending.DIED
    assert results["demo.sub"].ending is Ending.NOT_REACHED


def test_a_lazy_name_is_asked_for_and_a_random_one_too(python: str, package: Package, run: Run) -> None:
    lazy = "def __getattr__(name):\n    if name == 'late': return 1\n    raise AttributeError(name)\n"
    eager = "def __getattr__(name): return 1\n"
    raising = "def __getattr__(name): raise RuntimeError('no')\n"
    folder = package(demo=lazy, demo__eager=eager, demo__raising=raising)
    modules = ["demo", "demo.eager", "demo.raising"]
    results = run(python, folder, modules, names=dict.fromkeys(modules, ("late", "ghost"))).results
    shown = {module: {name: answer.how for name, answer in results[module].answers.items()} for module in modules}
    assert shown == {
        "demo": {"late": How.LAZY, "ghost": How.MISSING},
        "demo.eager": {"late": How.FABRICATED, "ghost": How.FABRICATED},
        "demo.raising": {"late": How.RAISED, "ghost": How.RAISED},
    }


def test_objects_are_not_asked_about_themselves(python: str, package: Package, run: Run) -> None:
    source = """
class Meta(type):
    def __instancecheck__(cls, other): raise SystemExit
    def __getattribute__(cls, name): raise SystemExit
    def __eq__(cls, other): raise SystemExit
    __hash__ = None
class Trap(metaclass=Meta):
    def __getattribute__(self, name): raise SystemExit
    def __repr__(self): raise SystemExit
trap = Trap()
"""
    folder = package(demo=source)
    for listing in (False, True):
        names = {"demo": ("Trap", "trap")}
        result = run(python, folder, ["demo"], names=names, listing=listing).results["demo"]
        kinds = {name: answer.kind for name, answer in result.answers.items()}
        assert kinds.items() >= {"Trap": Kind.CLASS, "trap": Kind.VALUE}.items()
