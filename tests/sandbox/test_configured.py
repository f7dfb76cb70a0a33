"""What the user configures for the imports: an environment, code that runs first, and what holds for one module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Run
from verifier.config import Override
from verifier.model import Effect, Ending, Failure, ImportResult

Package = Callable[..., Path]
WAYS = ("", "fork", "ctypes", "ctypes,fork", "notify", "landlock,seccomp")
LOOK_UP = "import os\nvalue = os.environ['DEMO_URL']\n"


def failure_of(result: ImportResult) -> Failure:
    """Why it failed."""
    assert result.failure is not None
    return result.failure


def kinds(effects: tuple[Effect, ...]) -> set[tuple[str, str]]:
    """Kind and target of each effect."""
    return {(effect.kind, effect.target) for effect in effects}


# --- variables --------------------------------------------------------------------------------------------------------


def test_a_variable_is_there_for_python_and_for_c_code(python: str, package: Package, run: Run) -> None:
    source = """
import ctypes, os
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
assert getenv(b'DEMO_URL').decode() == os.environ['DEMO_URL'] == 'caf\\xe9 = 1\\n', getenv(b'DEMO_URL')
"""
    result = run(python, package(demo=source), ["demo"], env={"DEMO_URL": "café = 1\n"}).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    assert result.effects == ()


def test_nothing_of_our_own_environment_gets_in(
    own_python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DEMO_SECRET", "DEMO_URL", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "hunter2")
    source = (
        "import os\nassert 'hunter2' not in str(dict(os.environ)), 'a secret'\nassert os.environ['DEMO_URL'] == 'x'\n"
    )
    source += "assert b'hunter2' not in open('/proc/self/environ', 'rb').read(), 'a secret at the start'\n"
    result = run(own_python, package(demo=source), ["demo"], env={"DEMO_URL": "x"}).results["demo"]
    assert result.ending is Ending.DONE, result.failure


def test_a_look_up_in_vain_is_told_with_its_variable(python: str, package: Package, run: Run) -> None:
    told = "import os\ntry:\n    os.environ['DEMO_URL']\nexcept KeyError:\n    raise ValueError('no url') from None\n"
    indirect = "import os\nask = os.environ\ndef get(name):\n    return ask[name]\nget('DEMO_URL')\n"
    sources = {"direct": LOOK_UP, "told": told, "indirect": indirect, "gone": "import os\nos.environ.pop('DEMO_URL')\n"}
    folder = package(demo="", **{f"demo__{name}": source for name, source in sources.items()})
    results = run(python, folder, ["demo", *(f"demo.{name}" for name in sources)]).results
    assert {name: failure_of(results[f"demo.{name}"]).variable for name in sources} == dict.fromkeys(
        sources, "DEMO_URL"
    )


def test_a_look_up_elsewhere_is_only_that(python: str, package: Package, run: Run) -> None:
    sources = {
        "dictionary": "environ = {}\nenviron['DEMO_URL']\n",
        "own": "class Map(dict):\n    def __getitem__(self, key): raise KeyError(key)\nMap()['DEMO_URL']\n",
        "raised": "raise KeyError('DEMO_URL')\n",
    }
    folder = package(demo="", **{f"demo__{name}": source for name, source in sources.items()})
    results = run(python, folder, ["demo", *(f"demo.{name}" for name in sources)]).results
    assert {failure_of(results[f"demo.{name}"]).variable for name in sources} == {None}


def test_what_is_raised_after_a_failed_import_is_told_as_that(python: str, package: Package, run: Run) -> None:
    after = "try:\n    import fx_absent\nexcept ImportError:\n    raise ValueError('no driver')\n"
    before = "try:\n    raise ValueError\nexcept ValueError:\n    import fx_absent\n"
    folder = package(demo="", demo__after=after, demo__before=before)
    results = run(python, folder, ["demo", "demo.after", "demo.before"]).results
    assert [failure_of(results[f"demo.{name}"]).after_import for name in ("after", "before")] == [True, False]


def test_a_chain_of_exceptions_without_an_end_is_no_trap(python: str, package: Package, run: Run) -> None:
    source = "one, other = ValueError('one'), ValueError('other')\n"
    source += "one.__context__, other.__context__ = other, one\nraise one\n"
    assert failure_of(run(python, package(demo=source), ["demo"]).results["demo"]).message == "one"


def test_what_was_handled_further_out_is_not_what_it_comes_from(python: str, package: Package, run: Run) -> None:
    """A fallback with a fault of its own: neither the variable nor the failed import has to do with it."""
    folder = package(
        demo="",
        demo__variable="import os\ntry:\n    os.environ['DEMO_URL']\nexcept KeyError:\n    from demo import plain\n",
        demo__driver="try:\n    import fx_absent\nexcept ImportError:\n    from demo import plain\n",
        demo__plain="raise ValueError('a fault of its own')\n",
        demo__cause="import os\ndef get():\n    return os.environ['DEMO_URL']\n"
        "def fail(error):\n    raise ValueError('no url') from error\n"
        "try:\n    get()\nexcept KeyError as error:\n    fail(error)\n",
    )
    results = run(python, folder, ["demo", *(f"demo.{name}" for name in ("variable", "driver", "cause"))]).results
    told = {name: failure_of(results[f"demo.{name}"]) for name in ("variable", "driver", "cause")}
    assert {name: (failure.variable, failure.after_import) for name, failure in told.items()} == {
        "variable": (None, False),
        "driver": (None, False),
        "cause": ("DEMO_URL", False),
    }


# --- the prelude ------------------------------------------------------------------------------------------------------

SET_UP = "import demo.registry\ndemo.registry.ready = True\n"
REGISTERED = {
    "demo": "",
    "demo__registry": "ready = False\n",
    "demo__model": "from demo import registry\nassert registry.ready\nfrom demo import other\n",
    "demo__other": "import sys\nassert 'demo.model' in sys.modules\n",
    "demo__names": "import sys\nassert 'SECRET_OF_THE_PRELUDE' not in dir(sys.modules['__main__'])\n",
}
MODULES = ["demo", "demo.model", "demo.names", "demo.registry"]


@pytest.mark.parametrize("without", WAYS)
def test_modules_are_imported_after_the_prelude_whatever_holds_them(
    without: str, python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    names = {"demo.registry": ("ready", "ghost")}
    prelude = SET_UP + "SECRET_OF_THE_PRELUDE = 1\n"
    imports = run(python, package(**REGISTERED), MODULES, names=names, prelude=prelude)
    assert {name: result.ending for name, result in imports.results.items()} == dict.fromkeys(MODULES, Ending.DONE)
    assert list(imports.results["demo.registry"].answers) == ["ready", "ghost"]


def test_without_the_prelude_they_are_not(own_python: str, package: Package, run: Run) -> None:
    results = run(own_python, package(**REGISTERED), MODULES).results
    assert failure_of(results["demo.model"]).type == "AssertionError"


def test_siblings_still_do_not_see_each_other(own_python: str, package: Package, run: Run) -> None:
    """`demo.other` wants what only `demo.model` loads; the prelude has loaded the registry and nothing else."""
    results = run(own_python, package(**REGISTERED), [*MODULES, "demo.other"], prelude=SET_UP).results
    assert failure_of(results["demo.other"]).type == "AssertionError"


def test_the_prelude_sees_the_environment_and_a_home_of_the_sandbox(python: str, package: Package, run: Run) -> None:
    prelude = "import os\nassert os.environ['DEMO_URL'] == 'x'\nassert os.getcwd() == os.environ['HOME'] != '/'\n"
    prelude += "assert __name__ == 'prelude'\ndef own(x: int): pass\nassert own.__annotations__['x'] is int\n"
    imports = run(python, package(demo=""), ["demo"], prelude=prelude, env={"DEMO_URL": "x"})
    assert imports.results["demo"].ending is Ending.DONE, imports.results["demo"].failure


def test_the_prelude_hides_no_missing_import_of_our_own(python: str, package: Package, run: Run) -> None:
    source = "import sys\nassert not {'json', 'socket', 'importlib', '__future__'} & set(sys.modules)\n"
    result = run(python, package(demo=source), ["demo"], prelude="x = 1").results["demo"]
    assert result.ending is Ending.DONE, result.failure


def test_what_the_prelude_does_is_told_of_the_start_and_of_no_module(
    python: str, package: Package, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "written"
    prelude = (
        f"import sys\ntry:\n    open({str(target)!r}, 'w')\nexcept OSError:\n    pass\nsys.path.append('/nowhere')\n"
    )
    imports = run(python, package(demo="", demo__sub=""), ["demo", "demo.sub"], prelude=prelude)
    assert kinds(imports.startup) >= {("write", str(target)), ("path", "sys.path")}
    assert {effect.where for effect in imports.startup if effect.kind == "write"} == {"prelude:3"}
    assert [result.effects for result in imports.results.values()] == [(), ()]
    assert not target.exists()


def test_a_module_that_does_what_the_prelude_did_is_told_of_itself(
    own_python: str, package: Package, run: Run, tmp_path: Path
) -> None:
    write = f"try:\n    open({str(tmp_path / 'written')!r}, 'w')\nexcept OSError:\n    pass\n"
    imports = run(own_python, package(demo=write), ["demo"], prelude=write)
    written = {("write", str(tmp_path / "written"))}
    assert kinds(imports.startup) >= written
    assert kinds(imports.results["demo"].effects) == written
    (told,) = imports.results["demo"].effects
    assert told.where == "demo/__init__.py:2"  # which only its own hook can say


@pytest.mark.parametrize("without", ["", "fork", "ctypes"])
@pytest.mark.parametrize(
    ("prelude", "kind", "words"),
    [
        ("import fx_absent", "ModuleNotFoundError", "the prelude failed: No module named 'fx_absent'"),
        ("x = 1\nraise KeyError('x')", "KeyError", "the prelude failed: 'x'"),
        ("import sys; sys.exit(3)", "SystemExit", "the prelude failed: 3"),
        ("this is no python", "SyntaxError", "the prelude failed: "),
        ("import os; os._exit(0)", "NoStart", "the prelude did not come through"),
        ("while True: pass", "Timeout", "the prelude did not end in time"),
    ],
)
def test_a_prelude_that_fails_leaves_all_untried_and_says_why(
    without: str, prelude: str, kind: str, words: str, package: Package, run: Run, own_python: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    imports = run(own_python, package(demo="", demo__sub=""), ["demo", "demo.sub"], prelude=prelude, timeout=1.0)
    for result in imports.results.values():
        failure = failure_of(result)
        assert (result.ending, failure.type, failure.in_prelude) == (Ending.NOT_REACHED, kind, True)
        assert failure.message.startswith(words)


def test_the_line_of_the_prelude_that_fails_is_told(python: str, package: Package, run: Run) -> None:
    for prelude in ("x = 1\ny = 2\nimport demo", "x = 1\ny = 2\nz ="):
        results = run(python, package(demo="raise ValueError"), ["demo"], prelude=prelude).results
        assert [frame.line for frame in failure_of(results["demo"]).frames if frame.file == "prelude"] == [3]


def test_the_prelude_is_confined(own_python: str, package: Package, run: Run, tmp_path: Path) -> None:
    prelude = f"import ctypes, os\nctypes.CDLL(None).creat({str(tmp_path / 'made').encode()!r}, 0o600)\n"
    prelude += "assert ctypes.CDLL(None).fork() < 0\n"
    imports = run(own_python, package(demo=""), ["demo"], prelude=prelude)
    assert imports.results["demo"].ending is Ending.DONE, imports.results["demo"].failure
    assert not (tmp_path / "made").exists()
    assert {kind for kind, _ in kinds(imports.startup)} >= {"write", "fork"}


# --- what holds for one module ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", WAYS)
def test_variables_of_one_module_are_for_it_and_what_is_below(
    without: str, python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    free = "import os\nassert 'DEMO_URL' not in os.environ\n"
    folder = package(demo=free, demo__a=LOOK_UP, demo__b=free)
    (folder / "demo" / "c").mkdir()
    (folder / "demo" / "c" / "__init__.py").write_text(LOOK_UP, encoding="utf-8")
    (folder / "demo" / "c" / "d.py").write_text(LOOK_UP, encoding="utf-8")
    modules = ["demo", "demo.a", "demo.b", "demo.c", "demo.c.d"]
    overrides = (Override(modules=("demo.a", "demo.c"), env={"DEMO_URL": "x"}),)
    results = run(python, folder, modules, overrides=overrides).results
    assert {name: (result.ending, result.effects) for name, result in results.items()} == dict.fromkeys(
        modules, (Ending.DONE, ())
    )


def test_a_variable_for_a_package_above_the_target_is_set_for_it(own_python: str, package: Package, run: Run) -> None:
    overrides = (Override(modules=("demo",), env={"DEMO_URL": "x"}),)
    results = run(own_python, package(demo=LOOK_UP, demo__sub=""), ["demo.sub"], overrides=overrides).results
    assert results["demo.sub"].ending is Ending.DONE, results["demo.sub"].failure


@pytest.mark.parametrize("without", ["", "fork"])
def test_a_module_may_have_less_time_than_the_others(
    without: str, own_python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    folder = package(demo="", demo__slow="while True: pass", demo__good="x = 1")
    overrides = (Override(modules=("demo.slow",), timeout=0.5),)
    results = run(own_python, folder, ["demo", "demo.slow", "demo.good"], timeout=100.0, overrides=overrides).results
    assert results["demo.slow"].ending is Ending.TIMEOUT
    assert results["demo.good"].ending is Ending.DONE


@pytest.mark.parametrize("way", ["sleeps", "computes"])
def test_a_module_may_have_more_time_than_the_others(way: str, own_python: str, package: Package, run: Run) -> None:
    """Of wall clock, and of CPU time."""
    works = {
        "sleeps": "import time\ntime.sleep(1)\n",
        "computes": "import time\nend = time.process_time() + 2.5\nwhile time.process_time() < end: pass\n",
    }
    folder = package(demo="", demo__slow=works[way], demo__other="while True: pass")
    overrides = (Override(modules=("demo.s*",), timeout=60.0),)
    results = run(own_python, folder, ["demo", "demo.slow", "demo.other"], timeout=0.5, overrides=overrides).results
    assert results["demo.slow"].ending is Ending.DONE, results["demo.slow"].failure
    assert results["demo.other"].ending is Ending.TIMEOUT


def test_what_a_package_has_made_of_the_environment_is_no_fault_of_others(
    own_python: str, package: Package, run: Run
) -> None:
    """It is touched only where an override says so, and what then goes wrong is the failure of that import."""
    spoilt = "import os\ndef refuse(*_, **__): raise ZeroDivisionError\ntype(os.environ).update = refuse\n"
    folder = package(demo=spoilt, demo__sub="x = 1\n")
    assert run(own_python, folder, ["demo", "demo.sub"]).results["demo.sub"].ending is Ending.DONE
    overrides = (Override(modules=("demo.sub",), env={"DEMO_URL": "x"}),)
    result = run(own_python, folder, ["demo", "demo.sub"], overrides=overrides).results["demo.sub"]
    assert (result.ending, failure_of(result).type) == (Ending.RAISED, "ZeroDivisionError")


def test_the_hardest_limit_leaves_room_for_the_module_with_the_most_time(
    own_python: str, package: Package, run: Run
) -> None:
    folder = package(demo="import resource\nassert resource.getrlimit(resource.RLIMIT_CPU)[1] >= 500\n")
    overrides = (Override(modules=("demo",), timeout=500.0),)
    result = run(own_python, folder, ["demo"], timeout=1.0, overrides=overrides).results["demo"]
    assert result.ending is Ending.DONE, result.failure
