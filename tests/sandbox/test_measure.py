"""Calls and imports are timed in the sandbox, or it is said why there is no number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import target_in
from verifier.apis.timing import Call, Samples, time_call
from verifier.config import Config
from verifier.model import Problem

Package = Callable[..., Path]


def timed(
    python: str, folder: Path, path: str | None, *, timeout: float = 20, confined: bool = True, **said: object
) -> Samples | Problem:
    call = Call(**{"module": "demo", "path": path, "rounds": 5, "seconds": 1.0, **said})  # type: ignore[arg-type]
    return time_call(target_in(folder, python), call, Config(timeout=timeout), confined=confined)


def samples(found: Samples | Problem) -> Samples:
    assert isinstance(found, Samples), found
    return found


def why(found: Samples | Problem) -> str:
    assert isinstance(found, Problem)
    return found.what


def test_each_round_is_a_sample_well_above_what_the_clock_tells(python: str, package: Package) -> None:
    found = samples(timed(python, package(demo="def f(): return 1"), "f"))
    assert len(found.rounds) == 5
    assert found.calls > 100
    assert min(found.rounds) >= 10_000
    assert found.isolation.native_code_confined


def test_what_takes_long_is_called_once_a_round_for_as_long_as_there_is_time(python: str, package: Package) -> None:
    folder = package(demo="import time\ndef f(): time.sleep(0.05)")
    found = samples(timed(python, folder, "f", rounds=1000, seconds=0.3))
    assert found.calls == 1
    assert 1 <= len(found.rounds) <= 6
    assert min(found.rounds) >= 50_000_000


def test_arguments_are_given_or_made_by_a_setup(python: str, package: Package) -> None:
    source = """
class Cart:
    @staticmethod
    def total(items, *, currency):
        assert (items, currency) == ([1, 2.5, None], "EUR")
def check(items, currency):
    assert items == {1}
def nothing(): pass
"""
    folder = package(demo=source, benches="def prepare(): return ({1},), {'currency': 'EUR'}\ndef none(): pass")
    items = [1, 2.5, None]
    assert samples(timed(python, folder, "Cart.total", arguments=(items,), keywords={"currency": "EUR"})).rounds
    assert samples(timed(python, folder, "check", setup=("benches", "prepare"))).rounds
    assert samples(timed(python, folder, "nothing", setup=("benches", "none"))).rounds
    assert "AssertionError" in why(timed(python, folder, "check", arguments=([2],), keywords={"currency": ""}))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(): 1 / 0", "it raises ZeroDivisionError: division by zero (demo/__init__.py:1)"),
        ("calls = []\ndef f():\n    calls.append(1)\n    assert len(calls) < 3", "it raises AssertionError"),
        ("def f(x): pass", "it raises TypeError: f() missing 1 required positional argument: 'x'"),
        ("def g(): pass", "it raises AttributeError"),
        ("f = 3", "it raises TypeError: 'int' object is not callable"),
        ("def f(): raise SystemExit(0)", "it raises SystemExit: 0"),
        ("def f(): print('x')", "it prints, and writing would be measured with it"),
        ("import os\ndef f(): os.write(2, b'x')", "it prints"),
        ("async def f(): pass", "it returns a generator or a coroutine"),
        ("def f(): yield", "it returns a generator or a coroutine"),
        ("import os\ndef f(): os._exit(0)", "its import failed: Exited: the process ended with status 0"),
        ("import missing_thing\ndef f(): pass", "its import failed: ModuleNotFoundError"),
    ],
)
def test_each_fault_has_its_own_message(source: str, message: str, own_python: str, package: Package) -> None:
    assert message in why(timed(own_python, package(demo=source), "f"))


@pytest.mark.parametrize("source", ["def f():\n    while True: pass", "import time\ndef f(): time.sleep(60)"])
def test_a_hang_ends(source: str, own_python: str, package: Package) -> None:
    found = why(timed(own_python, package(demo=source), "f", timeout=1, seconds=0.1))
    assert found in {
        "it did not come to an end within 1 seconds",
        "its import failed: Timeout: the import used more CPU time than allowed",
    }


def test_what_was_refused_is_not_what_it_does(own_python: str, package: Package, tmp_path: Path) -> None:
    file = tmp_path / "written"
    source = f"def f():\n    try: open({str(file)!r}, 'w').close()\n    except OSError: pass\n"
    folder = package(demo=source)
    assert why(timed(own_python, folder, "f")).startswith(f"it tried to write {file}, and was not let")
    assert not file.exists()
    loose = samples(timed(own_python, folder, "f", confined=False))
    assert file.exists()
    assert not loose.isolation.native_code_confined


def test_a_cache_below_home_is_no_harm(own_python: str, package: Package) -> None:
    source = "import os\ndef f(): open(os.path.expanduser('~/x'), 'w').close()"
    assert samples(timed(own_python, package(demo=source), "f")).rounds


def test_a_clock_that_was_replaced_is_not_looked_at(python: str, package: Package) -> None:
    source = "import time\ntime.perf_counter_ns = lambda: 1\ndef f(): pass"
    found = timed(python, package(demo=source), "f")
    assert isinstance(found, Problem) or min(found.rounds) > 1


def test_an_import_is_timed_with_the_packages_above_it(python: str, package: Package) -> None:
    folder = package(demo="import time\ntime.sleep(0.05)", demo__sub="import time\ntime.sleep(0.02)")
    whole = samples(timed(python, folder, None, module="demo.sub", rounds=1))
    assert (len(whole.rounds), whole.calls) == (1, 1)
    assert whole.rounds[0] >= 70_000_000
    assert 50_000_000 <= samples(timed(python, folder, None)).rounds[0] < whole.rounds[0]
