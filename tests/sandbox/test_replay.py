"""A module of the standard library that is put in place looks as if it had been imported; else nothing is shown."""

# ruff: noqa: E501  a probe a line

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.sandbox.conftest import Run
from verifier.apis.runner import WITHOUT
from verifier.model import Ending, Failure, ImportResult, Trail
from verifier.resources import sandbox_program

Package = Callable[..., Path]
Both = Callable[[dict[str, str]], tuple[dict[str, ImportResult], set[str]]]
SURVEY = Path(__file__).with_name("survey.py")
NEEDED = """
import asyncio, concurrent.futures, copy, decimal, email.message, enum, functools, http.client, importlib.metadata
import inspect, json, logging.handlers, pathlib, pickle, platform, random, re, socket, ssl, tempfile, threading, typing, uuid
import unittest, urllib.request, xml.dom.minidom, xml.etree.ElementTree, importlib.util, pkgutil, fractions, queue
"""
FILLERS = {f"demo__{letter}{number}": NEEDED for letter in "az" for number in range(20)}
IS_REPLAYED = "import sys\nreplays = 'Replayer' in sys.modules['_frozen_importlib']._find_spec.__qualname__\n"
REPLAYED, IMPORTED = "replayed: ", "imported: "
ALL_OF_IT = """
import sys
shown = [" ".join(sys.modules)]
for name in list(sys.modules):
    if name not in ("sys", "__main__", "builtins", "_frozen_importlib", "_frozen_importlib_external", __name__) and hasattr(sys.modules[name], "__dict__"):
        shown.append(" ".join([name, *[f"{key}:{type(value).__name__}" for key, value in vars(sys.modules[name]).items()]]))
import zlib
way = "replayed: " if "Replayer" in sys.modules["_frozen_importlib"]._find_spec.__qualname__ else "imported: "
raise RuntimeError(way + " ".join([str(len(shown)), *[format(zlib.crc32(each.encode()), "x") for each in shown]])[:1900])
"""
SAY_WAY = f"""
import sys
way = "{REPLAYED}" if "Replayer" in sys.modules["_frozen_importlib"]._find_spec.__qualname__ else "{IMPORTED}"
raise RuntimeError(way)
"""
LAYS_HANDS: set[str] = set()
LOOKS = {
    "a_package": "import xml",
    "a_module_below": "import xml.dom.minidom",
    "two_below": "import xml.dom.minidom\nimport xml.etree.ElementTree as tree",
    "from_package": "from xml import dom\nfrom xml.dom import minidom",
    "lazy_names": "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor",
    "a_lazy_name": "from concurrent.futures import ThreadPoolExecutor",
    "without_lazy_names": "import concurrent.futures",
    "star": "from email import *\nfrom os.path import *",
    "by_name": "import importlib\nimportlib.import_module('email.mime.text')\nimportlib.import_module('.handlers', 'logging')",
    "found": "import importlib.util\nspecs = [importlib.util.find_spec(each) for each in ('json', 'xml.dom', 'ghost')]\n"
    "assert [each and type(each.loader).__name__ for each in specs] == ['SourceFileLoader'] * 2 + [None], specs",
    "reloaded": "import importlib, json\nold = json.JSONDecoder\nimportlib.reload(json)\n"
    "import json.decoder\nimportlib.reload(json.decoder)\nassert old is not json.decoder.JSONDecoder",
    "own_spec": "import json, sys\nassert json.__spec__.loader.get_source('json')\nassert json.__spec__.name == 'json'",
    "walked": "import pkgutil, xml\nsorted(each.name for each in pkgutil.iter_modules(xml.__path__))",
    "metadata": "import importlib.metadata",
    "asks_before": "import sys\nassert 'ssl' not in sys.modules and sys.modules.get('json') is None\nimport urllib.request",
    "on_a_parent": "import xml\nassert not hasattr(xml, 'dom')\nimport logging\nassert not hasattr(logging, 'handlers')",
    "exits": "import logging, atexit\nassert atexit._ncallbacks() == 1, atexit._ncallbacks()",
    "copies": "import copyreg\nassert not [each for each in copyreg.dispatch_table if each.__module__ == 're']\nimport re\n"
    "assert [each for each in copyreg.dispatch_table if each.__module__ == 're']",
    "machine": "import platform\nassert platform._uname_cache is None\nimport uuid",
    "proper_names": "import _frozen_importlib as f\nold = f.__name__\nimport inspect\nassert old != f.__name__ or 'importlib' in old",
    "loggers": "import logging\nassert 'asyncio' not in logging.root.manager.loggerDict\nimport asyncio\n"
    "assert logging.root.manager.loggerDict['asyncio'] is asyncio.log.logger",
    "filters": "import warnings\nwarnings.simplefilter('error')\nimport asyncio, http.client, email.message, unittest",
    "warned": "import warnings, json\nwarnings.warn('mine', stacklevel=1)\nassert '__warningregistry__' not in vars(json)",
    "traceback": "import json, traceback\ntry:\n    json.loads('{')\nexcept ValueError:\n    assert 'decoder.py' in traceback.format_exc()",
    "locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')\nimport http.client",
    "context": "import decimal\ndecimal.getcontext().prec = 5\nimport fractions, statistics",
    "unittest": "import unittest\nfrom unittest import mock, main",
    "asyncio": "import asyncio",
    "many": NEEDED,
}
HANDS = {
    "own_logger": "import logging\nmine = logging.getLogger('concurrent.futures')\nimport concurrent.futures._base as base\n"
    "assert base.LOGGER is mine",
    "own_pickler": "import copyreg, re, sys\nassert copyreg.dispatch_table[re.Pattern]\ncopyreg.mine = 1\nimport pickle, http.client",
    "deleted_at_start": "import sys\nold = sys.modules.pop('stat')\nimport tempfile\nassert sys.modules['stat'] is not old",
    "deleted": "import sys, json\nold = sys.modules.pop('json')\nimport json, email.message\nassert json is not old",
    "extension": "import collections, sys\ncollections.mine = 1\nimport _decimal\nassert 'numbers' in sys.modules",
    "hands_at_once": "import enum, sys\nenum.mine = 1\nimport asyncio\nassert asyncio.Future is sys.modules['_asyncio'].Future\n"
    "assert asyncio.CancelledError is asyncio.exceptions.CancelledError",
    "own_path": "import sys\nsys.path.insert(0, __file__.rpartition('/')[0] + '/inner')\nimport json\nassert json.mine",
    "own_finder": "import sys\nclass F:\n    asked = []\n    def find_spec(self, name, path=None, target=None):\n"
    "        self.asked.append(name)\nsys.meta_path.insert(0, F())\nimport email.message\nassert len(F.asked) > 20, F.asked",
    "last_finder": "import sys\nclass F:\n    asked = []\n    def find_spec(self, name, path=None, target=None):\n"
    "        self.asked.append(name)\nsys.meta_path.append(F())\nimport copy, platform\nassert F.asked, F.asked",
    "path_hook": "import sys\nsys.path_hooks.insert(0, lambda path: 1 / 0)\nimport json",
    "cached_finder": "import sys, json\nplace = json.__path__[0].rpartition('/')[0]\nfinder = sys.path_importer_cache[place]\n"
    "class F:\n    def find_spec(self, name, target=None):\n        raise ImportError('mine ' + name)\n"
    "sys.path_importer_cache[place] = F()\nimport queue",
    "own_module": "import sys\nsys.modules['json.decoder'] = sys\nimport json\nassert json.JSONDecoder",
    "own_parent": "import sys, types\nsys.modules['xml'] = types.ModuleType('xml')\nimport xml.dom",
    "own_subpath": "import xml\nxml.__path__[:] = ['/nowhere']\nimport xml.dom",
    "import_function": "import builtins\nold, names = builtins.__import__, []\n"
    "def new(name, *rest, **more):\n    names.append(name)\n    return old(name, *rest, **more)\n"
    "builtins.__import__ = new\nimport ssl\nassert len(names) > 10, names",
    "patched_base": "import socket\nclass Mine(socket.socket): pass\nsocket.socket = Mine\nimport ssl\n"
    "assert ssl.SSLSocket.__mro__[1] is Mine, ssl.SSLSocket.__mro__",
    "patched_below": "import enum\nclass Flag(enum.Flag): mine = 1\nenum.mine = 1\nimport re",
    "traced": "import sys\ncalls = []\ndef trace(frame, event, arg):\n    calls.append(frame.f_code.co_filename)\n"
    "sys.settrace(trace)\nimport queue\nsys.settrace(None)\nassert [c for c in calls if c.endswith('queue.py')]",
    "profiled": "import sys\ncalls = []\ndef trace(frame, event, arg):\n    calls.append(frame.f_code.co_filename)\n"
    "sys.setprofile(trace)\nimport queue\nsys.setprofile(None)\nassert [c for c in calls if c.endswith('queue.py')]",
    "thread": "import _thread, time\ngo, done = _thread.allocate_lock(), _thread.allocate_lock()\ngo.acquire()\ndone.acquire()\n"
    "def work():\n    import xml.dom.minidom, threading\n    done.release()\n"
    "_thread.start_new_thread(work, ())\nimport email.message\ndone.acquire()\n"
    "while _thread._count(): time.sleep(0.001)\nimport sys\nsys.modules['threading']",
    "loader": "import importlib._bootstrap_external as e\nold, files = e.SourceLoader.get_code, []\n"
    "def new(self, name):\n    files.append(name)\n    return old(self, name)\n"
    "e.SourceLoader.get_code = new\nimport queue\nassert 'queue' in files, files",
}


def results(run: Run, python: str, folder: Path, modules: list[str]) -> dict[str, ImportResult]:
    names = dict.fromkeys(modules, ("replays", "value"))
    return dict(run(python, folder, modules, names=names, timeout=60.0).results)


def without_way(result: ImportResult) -> ImportResult:
    """The same, whichever way it was seen."""
    failure = result.failure
    if failure is not None:
        failure = replace(failure, message=failure.message.removeprefix(REPLAYED).removeprefix(IMPORTED))
    return replace(result, failure=failure, trail=None)


def places(trail: Trail | None) -> set[str]:
    """All paths of a trail."""
    return places(trail.after) | set(trail.used) if trail else set()


def is_told(failure: Failure | None, way: str) -> bool:
    """Whether a module said that it was there this way."""
    return failure is not None and failure.message.startswith(way)


@pytest.fixture
def both_ways(package: Package, run: Run, python: str, monkeypatch: pytest.MonkeyPatch) -> Both:
    """With and without replay it comes to the same: what that is, and which of the modules were there with replay."""

    def see(sources: dict[str, str]) -> tuple[dict[str, ImportResult], set[str]]:
        # twice, side by side: of two neighbours at most one is tried first, and that one is imported without replay
        leaves = {f"demo__leaf_{name}{more}": source for name, source in sources.items() for more in ("", "_again")}
        folder = package(demo="", **FILLERS, **leaves)
        modules = ["demo", *sorted(name.replace("__", ".", 1) for name in (*FILLERS, *leaves))]
        replayed = results(run, python, folder, modules)
        monkeypatch.setenv(WITHOUT, "replay")
        imported = results(run, python, folder, modules)
        for name in modules:
            assert without_way(replayed[name]) == without_way(imported[name])
            assert places(replayed[name].trail) >= places(imported[name].trail)
            assert not is_told(imported[name].failure, REPLAYED)
        seen = {
            name
            for name in sources
            if any(is_told(replayed[f"demo.leaf_{name}{more}"].failure, REPLAYED) for more in ("", "_again"))
        }
        return imported, seen

    return see


@pytest.mark.parametrize("first", [False, True])
def test_it_looks_like_an_import(first: bool, both_ways: Both) -> None:
    before = "from demo import a1\n" if first else ""
    told, replayed = both_ways({name: before + source + ALL_OF_IT for name, source in LOOKS.items()})
    assert replayed == (set(LOOKS) - LAYS_HANDS if not first else replayed)
    if not first:
        failures = {name: told[f"demo.leaf_{name}"].failure for name in LOOKS}
        assert {name: each and each.type for name, each in failures.items()} == dict.fromkeys(LOOKS, "RuntimeError")


def test_nothing_is_shown_where_others_have_laid_hands_on_what_is_used(both_ways: Both, package: Package) -> None:
    inner = package(demo="") / "demo" / "inner"
    inner.mkdir()
    (inner / "json.py").write_text("mine = 1\n", encoding="utf-8")
    told, replayed = both_ways({name: source + "\n" + SAY_WAY for name, source in HANDS.items()})
    odd = {"own_parent", "own_subpath", "own_module", "cached_finder", "path_hook"}
    failed = {
        name for name in HANDS if (failure := told[f"demo.leaf_{name}"].failure) and not is_told(failure, IMPORTED)
    }
    assert failed == odd, {name: told[f"demo.leaf_{name}"].failure for name in failed ^ odd}
    assert replayed == set()


def test_each_process_has_its_own_state(python: str, package: Package, run: Run) -> None:
    source = (
        "import os, random, threading\nassert threading.main_thread().native_id == os.getpid()\n"
        "assert threading.current_thread() is threading.main_thread()\nraise RuntimeError(random.random())\n"
    )
    leaves = {f"demo__leaf{number}": source for number in range(4)}
    folder = package(demo="", **FILLERS, **leaves)
    modules = ["demo", *[name.replace("__", ".", 1) for name in (*FILLERS, *leaves)]]
    told = results(run, python, folder, modules)
    failures = [told[f"demo.leaf{number}"].failure for number in range(4)]
    assert {each.type for each in failures if each} == {"RuntimeError"}, failures
    assert len({each.message for each in failures if each}) == 4


def test_nobody_puts_its_check_off_for_ever(own_python: str, package: Package, run: Run) -> None:
    source = (
        "import sys\nframe = sys._getframe()\n"
        "while type(tree := frame.f_locals.get('self')).__name__ != 'Tree':\n    frame = frame.f_back\n"
        "tree.withdraw()\n"
    )
    told = results(run, own_python, package(demo="", demo__a="", demo__b=source), ["demo", "demo.a", "demo.b"])
    assert [told[name].ending for name in sorted(told)] == [Ending.DONE, Ending.DONE, Ending.TAMPERED]


def test_where_somebody_else_gets_loaded_nothing_is_replayed(both_ways: Both, package: Package) -> None:
    folder = package(demo="")
    for name in ("org", "_wmi"):  # `pickle` looks for the one, `platform` for the other
        (folder / f"{name}.py").write_text("value = 1\n", encoding="utf-8")
    _, replayed = both_ways({"one": "import json\n" + SAY_WAY})
    assert replayed == set()


def test_what_the_top_has_changed_is_what_its_modules_see(python: str, package: Package, run: Run) -> None:
    top = "import enum, json\nenum.mine = 1\njson.JSONEncoder.mine = 2\njson.mine = 3\n"
    leaf = (
        "import enum, json, asyncio, http.client\nassert (enum.mine, json.JSONEncoder.mine, json.mine) == (1, 2, 3)\n"
    )
    leaves = {f"demo__leaf{number}": leaf + SAY_WAY for number in range(3)}
    folder = package(demo=top, **FILLERS, **leaves)
    modules = ["demo", *[name.replace("__", ".", 1) for name in (*FILLERS, *leaves)]]
    told = results(run, python, folder, modules)
    assert any(is_told(told[f"demo.leaf{number}"].failure, REPLAYED) for number in range(3))


def test_a_package_that_needs_little_is_left_alone(own_python: str, package: Package, run: Run) -> None:
    leaves = {f"demo__leaf{number:02}": IS_REPLAYED + "assert not replays" for number in range(40)}
    folder = package(demo=NEEDED, **leaves)
    told = results(run, own_python, folder, ["demo", *[name.replace("__", ".", 1) for name in leaves]])
    assert {each.ending for each in told.values()} == {Ending.DONE}


@pytest.mark.parametrize("order", [[], ["backwards"]], ids=["forwards", "backwards"])
def test_the_whole_standard_library_looks_the_same(order: list[str], python: str) -> None:
    command = [python, "-I", "-S", "-B", str(SURVEY), str(sandbox_program().parent), *order]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    *differences, given_up, compared = done.stdout.splitlines()
    assert differences == []
    assert given_up == ""
    assert int(compared) > 250
