"""Where a layer is missing the check goes on with what there is, says so, and judges clean packages the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Run
from verifier.errors import NotConfined
from verifier.model import Ending, ImportResult

Package = Callable[..., Path]
MISSING = (
    "", "landlock", "seccomp", "notify", "landlock,seccomp", "landlock,notify", "fork",
    "ctypes", "ctypes,fork", "ctypes,notify", "ctypes,landlock", "ctypes,landlock,seccomp",
)  # fmt: skip
CLEAN = {
    "demo": "import json, os\nvalue = 1\n",
    "demo__first": "from demo import value\nfrom . import second\n",
    "demo__second": "import email.mime.text\nclass Thing: pass\n",
}
FORK = "import os\npid = os.fork()\nos._exit(0) if pid == 0 else os.waitpid(pid, 0)\n"


def shape(results: dict[str, ImportResult]) -> dict[str, object]:
    """What must not depend on the layers."""
    return {
        name: (result.ending, result.origin, dict(result.answers), result.effects) for name, result in results.items()
    }


@pytest.mark.parametrize("without", MISSING[1:])
def test_a_clean_package_gets_the_same_answers(
    without: str, python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(**CLEAN)
    modules = ["demo", "demo.first", "demo.second"]
    names = {"demo.second": ("Thing", "ghost")}
    whole = run(python, folder, modules, names=names)
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    less = run(python, folder, modules, names=names)
    assert shape(dict(less.results)) == shape(dict(whole.results))


@pytest.mark.parametrize("without", MISSING[1:])
def test_the_report_names_no_layer_that_was_not_there(
    without: str, package: Package, run: Run, own_python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    isolation = run(own_python, package(demo=""), ["demo"]).isolation
    gone = set(without.split(","))
    assert not ("landlock" in gone and isolation.landlock is not None)
    assert not ("seccomp" in gone and isolation.seccomp)
    assert not ({"notify", "seccomp"} & gone and isolation.notify)
    assert isolation.native_code_confined == (not {"landlock", "seccomp"} & gone)


@pytest.mark.parametrize("without", ["landlock", "seccomp", "ctypes,landlock"])
def test_required_confinement_that_is_missing_is_refused(
    without: str, package: Package, run: Run, own_python: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    folder = package(demo=f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(NotConfined):
        run(own_python, folder, ["demo"], isolation="kernel")
    assert not (tmp_path / "ran").exists()


def test_required_confinement_that_is_there_is_used(package: Package, run: Run, own_python: str) -> None:
    assert run(own_python, package(demo=""), ["demo"], isolation="kernel").isolation.native_code_confined


def test_without_a_listener_a_module_that_has_none_below_cannot_fork(
    python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", "notify")
    results = run(python, package(demo="", demo__leaf=FORK), ["demo", "demo.leaf"]).results
    assert results["demo.leaf"].ending is Ending.RAISED
    assert [effect.kind for effect in results["demo.leaf"].effects] == ["fork"]


@pytest.mark.parametrize("without", ["fork", "ctypes", "ctypes,fork"])
def test_what_fails_fails_the_same_way(
    without: str, own_python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(
        demo="x = 1",
        demo__raises="import nothing_of_this_name",
        demo__leaves="import os; os._exit(3)",
        demo__dies="import os; os.abort()",
        demo__forks=FORK,
        demo__writes=f"open({str(Path.home() / 'verify-apis-test')!r}, 'w')",
        demo__runs="import os; os.execv('/bin/true', ['true'])",
        demo__good="y = 1",
    )
    modules = ["demo", *(f"demo.{name}" for name in ("raises", "leaves", "dies", "forks", "writes", "runs", "good"))]
    whole = run(own_python, folder, modules).results
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", without)
    less = run(own_python, folder, modules).results
    assert {name: (result.ending, result.failure) for name, result in less.items()} == {
        name: (result.ending, result.failure) for name, result in whole.items()
    }
    assert {name for name, result in less.items() if result.ending is Ending.DONE} == {"demo", "demo.good"}


def test_a_launcher_starts_its_program_and_no_other(
    own_python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody hears of the call, Landlock must tell programs apart."""
    monkeypatch.setenv("VERIFY_APIS_WITHOUT", "ctypes,notify")
    source = "import os; os.execv('/usr/bin/env', ['env', 'true'])"
    result = run(own_python, package(demo=source), ["demo"]).results["demo"]
    assert result.failure is not None
    assert result.failure.type == "PermissionError"
