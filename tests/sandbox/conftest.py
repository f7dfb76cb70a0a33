"""Runs small packages in the real sandbox, under each interpreter that this machine has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from verifier.apis import runner
from verifier.apis.targets.interpreter import read_interpreter
from verifier.config import Config
from verifier.model import ImportRoot, Interpreter, Target, TargetKind

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def interpreters() -> list[str]:
    """This interpreter, and one of each other supported version that answers."""
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = [sys.executable]
    for version in VERSIONS:
        path = shutil.which(f"python{version}")
        if path and version != own and _answers(path, version):
            found.append(path)
    return found


def _answers(path: str, version: str) -> bool:
    try:
        return runner.ask(Path(path), "import sys; print('%d.%d' % sys.version_info[:2])").strip() == version
    except Exception:  # noqa: BLE001  a launcher of a version that is not installed
        return False


def describe(python: str) -> Interpreter:
    """An interpreter as the sandbox knows it, without what is installed there."""
    return replace(read_interpreter(Path(python), "test", runner.ask), site_packages=())


def target_in(folder: Path, python: str) -> Target:
    """The package `demo` in a folder, for this interpreter."""
    return Target(
        asked="demo",
        name="demo",
        version=None,
        kind=TargetKind.FOLDER,
        interpreter=describe(python),
        roots=(ImportRoot(name="demo", locations=(folder / "demo",)),),
        added_path=(folder,),
    )


Run = Callable[..., runner.Imports]


@pytest.fixture(params=interpreters(), ids=lambda python: Path(python).name)
def python(request: pytest.FixtureRequest) -> str:
    """Each interpreter in turn."""
    return str(request.param)


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Write modules: `package(demo="x = 1", demo__sub="y = 2")` makes `demo/__init__.py` and `demo/sub.py`."""

    def write(**modules: str) -> Path:
        for name, source in modules.items():
            top, _, rest = name.partition("__")
            file = tmp_path / "path" / top / f"{rest or '__init__'}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source, encoding="utf-8")
        return tmp_path / "path"

    return write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Import modules from a folder: `run(python, folder, ["demo"], names={"demo": ("x",)}, timeout=5)`.

    What is not known here are fields of `Config`.
    """

    def start(
        python: str,
        folder: Path,
        modules: list[str],
        *,
        names: dict[str, tuple[str, ...]] | None = None,
        listing: bool = False,
        **fields: object,
    ) -> runner.Imports:
        config = Config(**{"timeout": 20.0, **fields})  # type: ignore[arg-type]  # of many types
        questions = {
            module: runner.Question(names=asked, list_public=listing) for module, asked in (names or {}).items()
        }
        with runner.Sandbox(target_in(folder, python), modules, config) as sandbox:
            return sandbox.collect(questions, lambda *_: None)

    return start


@pytest.fixture
def own_python() -> str:
    """The interpreter that runs the tests: for what does not depend on the version."""
    return sys.executable
