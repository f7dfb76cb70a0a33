"""Code that is compiled ahead of its import is what the import would have made, and is given out once."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.node import Node
from sandbox.popular import Popular
from tests.sandbox.conftest import Run
from verifier.resources import sandbox_program

Package = Callable[..., Path]
PROBE = """
import os, sys
from _frozen_importlib import ModuleSpec, module_from_spec
sandbox, folder, between = sys.argv[1:]
package = module_from_spec(ModuleSpec("_probe", None, is_package=True))
package.__path__ = [sandbox]
sys.modules["_probe"] = package
from _probe.codes import Codes
from _probe.replay import ImportSystem
sys.path.insert(0, folder)
codes = Codes(ImportSystem([os.path.dirname(os.__file__)]))
if between.startswith("before:"):
    exec(between.partition(":")[2])
codes.learn([folder + each for each in ("/gone.py", "", "/broken.py", "/shared.py")])
exec(between if not between.startswith("before:") else "")
made = []
sys.addaudithook(lambda event, _: made.append(event) if event in ("compile", "marshal.loads", "code.__new__") else None)
import shared
first, value = bool(made), shared.f()
import importlib
importlib.reload(shared)
del made[:]
importlib.reload(shared)
again = bool(made)
try:
    import broken
except SyntaxError as error:
    print(first, value, again, shared.f.__code__.co_filename == shared.__file__)
"""
SHARED = "def f():\n    return 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A module to share, and one that cannot be."""
    (tmp_path / "shared.py").write_text(SHARED, encoding="utf-8")
    (tmp_path / "broken.py").write_text("x = (\n", encoding="utf-8")
    return tmp_path


def probe(python: str, folder: Path, between: str = "") -> list[str]:
    """Whether the first import makes code, what it shows, whether the last one does, and whether its file is right."""
    command = [python, "-I", "-S", "-B", "-c", PROBE, str(sandbox_program().parent), str(folder), between]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()


def test_code_is_given_out_once(python: str, folder: Path) -> None:
    assert probe(python, folder) == ["False", "1", "True", "True"]


CHANGE = "with open(folder + '/shared.py', 'w') as file: file.write('def f():\\n    return 22\\n')"


def test_what_has_changed_since_is_not_what_was_made(python: str, folder: Path) -> None:
    assert probe(python, folder, CHANGE) == ["True", "22", "True", "True"]


def test_where_there_is_bytecode_nothing_is_made(python: str, folder: Path) -> None:
    subprocess.run([python, "-I", "-S", "-m", "py_compile", str(folder / "shared.py")], check=True)
    assert probe(python, folder) == ["True", "1", "True", "True"]


def test_code_that_warns_is_made_by_who_is_to_be_warned(python: str, folder: Path) -> None:
    (folder / "shared.py").write_text(f'{SHARED}x = "\\d"\n', encoding="utf-8")
    assert probe(python, folder) == ["True", "1", "True", "True"]


def test_where_the_import_system_was_changed_nothing_is_made(python: str, folder: Path) -> None:
    assert probe(python, folder, "before:sys.path.append('elsewhere')") == ["True", "1", "True", "True"]


SAYS = """
import sys
made = []
sys.addaudithook(lambda event, _: made.append(event) if event == "compile" else None)
import demo.shared
raise RuntimeError("made" if made else "shared")
"""


@pytest.mark.parametrize("replay", [True, False])
def test_what_several_modules_load_is_made_for_the_others(
    replay: bool, own_python: str, package: Package, run: Run
) -> None:
    leaves = {f"demo__leaf{number:02}": SAYS for number in range(40)}
    folder = package(demo="", demo__shared=SHARED, **leaves)
    told = run(own_python, folder, ["demo", *[name.replace("__", ".", 1) for name in leaves]], replay=replay).results
    said = {each.failure.message for each in told.values() if each.failure}
    assert said == ({"made", "shared"} if replay else {"made"})


def test_what_is_said_to_be_loaded_may_be_anything() -> None:
    popular = Popular("/scratch")
    for used in (None, 1, [None, 3, "/a.txt", "/scratch/a.py", "/a.py", "/b.py"], ["/b.py", "/scratch/a.py", "/a.txt"]):
        popular.note(used)
    node = Node.__new__(Node)
    node.known_popular = 0
    assert (popular.news_for(node), popular.news_for(node)) == (["/b.py"], [])
    popular.note(["/b.py", "/a.py"])
    assert popular.news_for(node) == ["/a.py"]
