"""What an import leaves changed in its own process is told, whatever it does to hide that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Run
from verifier.model import Ending

Package = Callable[..., Path]
CHANGES = {
    "a variable": ("import os; os.environ['DEMO'] = 'x'", "environment", "DEMO"),
    "a variable that is gone": ("import os; del os.environ['LANG']", "environment", "LANG"),
    "the directory": ("import os; os.chdir('/')", "directory", ""),
    "the mask": ("import os; os.umask(0o077)", "umask", ""),
    "a handler": ("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)", "handler", "SIGINT"),
    "a path": ("import sys; sys.path.insert(0, '/nowhere')", "path", "sys.path"),
    "another list for the path": ("import sys; sys.path = [*sys.path, 'x']", "path", "sys.path"),
    "a finder": (
        "import sys; sys.meta_path.append(type('F', (), {'find_spec': lambda *a: None}))",
        "finder",
        "sys.meta_path",
    ),
    "a path hook": ("import sys; sys.path_hooks.insert(0, lambda p: 1 / 0)", "finder", "sys.path_hooks"),
    "a finder that is gone": ("import sys; del sys.meta_path[0]", "import_system", "sys.meta_path"),
    "the import function": (
        "import builtins; old = builtins.__import__\nbuiltins.__import__ = lambda *a, **k: old(*a, **k)",
        "import_system",
        "__import__",
    ),
    "a function below it": (
        "import importlib._bootstrap as b; old = b._find_and_load\nb._find_and_load = lambda *a: old(*a)",
        "import_system",
        "_find_and_load",
    ),
    "a builtin": ("import builtins; old = builtins.open\nbuiltins.open = lambda *a: old(*a)", "builtin", "open"),
    "a new builtin": ("import builtins; builtins.shout = print", "builtin", "shout"),
    "a function of os": ("import os; old = os.open\nos.open = lambda *a: old(*a)", "patched", "os.open"),
    "the environment as a whole": ("import os; os.environ = dict(os.environ)", "patched", "os.environ"),
    "a stream": ("import io, sys; sys.stdout = io.StringIO()", "stdio", "sys.stdout"),
    "a hook": ("import sys; sys.excepthook = print", "hook", "sys.excepthook"),
    "tracing": ("import sys; sys.settrace(lambda *a: None)", "trace", "sys.settrace"),
    "profiling": ("import sys; sys.setprofile(lambda *a: None)", "trace", "sys.setprofile"),
    "an open file": ("file = open(__file__)", "descriptor", "file"),
    "an open socket": ("import socket; kept = socket.socketpair()", "descriptor", "socket"),
    "a native thread": (
        "import ctypes as c; libc = c.CDLL(None); libc.pthread_create(c.byref(c.c_ulong()), None, libc.pause, None)",
        "native_thread",
        "",
    ),
    "an exit function": ("import atexit; atexit.register(print)", "atexit", ""),
    "a filter": ("import warnings; warnings.simplefilter('ignore')", "warnings", ""),
    "the locale": ("import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')", "locale", ""),
    "logging": ("import logging; logging.basicConfig()", "logging", "handlers"),
    "the level of the log": ("import logging; logging.getLogger().setLevel(1)", "logging", "level"),
    "how processes start": ("import multiprocessing; multiprocessing.set_start_method('spawn')", "start_method", ""),
    "the recursion limit": ("import sys; sys.setrecursionlimit(5000)", "setting", "recursion limit"),
    "the collector": ("import gc; gc.disable()", "setting", "garbage collector"),
    "a timer": ("import signal; signal.setitimer(signal.ITIMER_REAL, 1000)", "setting", "timer"),
}
BY_THE_LIBRARY = {("atexit", "")}
"""What modules of the standard library do when they are imported: `logging` for one."""
UNDONE = """
import atexit, builtins, gc, importlib, json, locale, logging, os, signal, sys, threading, warnings
os.environ["DEMO"] = "x"; del os.environ["DEMO"]
here = os.getcwd(); os.chdir("/"); os.chdir(here)
os.umask(os.umask(0))
signal.signal(signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN))
sys.path.append("/nowhere"); sys.path.pop()
with open(__file__) as file: file.read()
with warnings.catch_warnings(): warnings.simplefilter("ignore")
gc.disable(); gc.enable()
function = lambda: None
atexit.register(function); atexit.unregister(function)
thread = threading.Thread(target=function); thread.start(); thread.join()
logging.getLogger("demo").addHandler(logging.NullHandler())
"""
HOSTILE = """
import builtins, os, sys
class Odd:
    def __eq__(self, other): os._exit(9)
    def __hash__(self): os._exit(9)
    def __repr__(self): os._exit(9)
    __str__ = __bool__ = __len__ = __iter__ = __getattribute__ = __repr__
class Name(str):
    __eq__ = __hash__ = __str__ = Odd.__eq__
sys.path.append(Odd()); sys.path.append(Name("x"))
sys.meta_path.append(Odd()); sys.path_hooks.append(Odd())
os.environ._data[b"DEMO"] = Odd()
sys.stdout = sys.excepthook = Odd()
builtins.open = Odd()
os.open = Odd()
import logging, warnings
logging.root = Odd()
warnings.filters.append(Odd())
"""


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told(name: str, python: str, package: Package, run: Run) -> None:
    source, kind, target = CHANGES[name]
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    told = {(each.kind, each.target) for each in result.effects if each.seen_by == ("picture",)}
    assert told - BY_THE_LIBRARY == {(kind, target)} - BY_THE_LIBRARY
    assert (kind, target) in told


def test_whoever_traces_is_told_of_however_that_is_done(python: str, package: Package, run: Run) -> None:
    source = "import sys\ntrace = lambda *a: None\nmonitoring = getattr(sys, 'monitoring', None)\n"
    source += "monitoring.use_tool_id(3, 'demo') if monitoring else sys.settrace(trace)\n"
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert [each.kind for each in result.effects] == ["trace"]


def test_what_is_undone_is_no_change(python: str, package: Package, run: Run) -> None:
    result = run(python, package(demo=UNDONE), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    told = {(each.kind, each.target) for each in result.effects if each.seen_by == ("picture",)}
    assert told <= BY_THE_LIBRARY


def test_a_change_in_a_module_s_own_getattr_is_told(own_python: str, package: Package, run: Run) -> None:
    source = "import os\ndef __getattr__(name):\n    os.environ['DEMO'] = name\n    return 1\n"
    result = run(own_python, package(demo=source), ["demo"], names={"demo": ("x",)}).results["demo"]
    assert [(each.kind, each.target) for each in result.effects] == [("environment", "DEMO")]


def test_objects_that_strike_back_change_nothing(python: str, package: Package, run: Run) -> None:
    result = run(python, package(demo=HOSTILE), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    kinds = {each.kind for each in result.effects}
    assert kinds >= {"path", "finder", "environment", "stdio", "hook", "builtin", "patched", "warnings"}


def test_what_is_taken_away_altogether_is_survived(own_python: str, package: Package, run: Run) -> None:
    source = (
        "import os, sys\nfor name in ('meta_path', 'path_hooks', 'path', 'stdout', 'excepthook'): delattr(sys, name)\n"
    )
    result = run(own_python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    assert {"stdio", "hook", "import_system"} <= {each.kind for each in result.effects}


def test_values_of_variables_are_never_told(own_python: str, package: Package, run: Run) -> None:
    result = run(own_python, package(demo="import os; os.environ['DEMO'] = 'hush'"), ["demo"])
    assert "hush" not in repr(result)
