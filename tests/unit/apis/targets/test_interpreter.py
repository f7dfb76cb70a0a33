from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from verifier.apis.runner import ask
from verifier.apis.targets.interpreter import find_interpreter, read_interpreter
from verifier.errors import Exit, UserError
from verifier.model import Interpreter

Ask = Callable[[Path, str], str]


def facts(executable: Path | str, version: str = "3.11.7", **more: object) -> str:
    """What an interpreter prints of itself."""
    said: dict[str, object] = {
        "executable": str(executable),
        "version": [int(number) for number in version.split(".")],
        "implementation": "cpython",
        "platform": "linux-x86_64",
        "prefix": "/env",
        "base_prefix": "/usr",
        "standard_library": ["/usr/lib/python3.11"],
        "sites": [],
        "extension_suffixes": [".so"],
        "builtin_modules": ["sys"],
        "build": "3.11.7 (main) [GCC]",
        "cache_tag": "cpython-311",
        "has_ctypes": True,
    }
    return json.dumps(said | more)


def answers(python: Path, program: str) -> str:
    """Every path is an interpreter of the version that its name ends with, 3.11.7 if it ends with none."""
    version = python.name.removeprefix("python")
    return facts(python, f"{version}.4" if version.startswith("3.") else "3.11.7")


def refuses(python: Path, program: str) -> str:
    raise UserError("this is not a Python interpreter that can be run", where=str(python))


def find(
    python: str | None = None,
    *,
    beside: Iterable[Path] = (),
    here: bool = False,
    environ: Mapping[str, str] | None = None,
    ask: Ask = answers,
) -> Interpreter:
    given = {"PATH": "/nowhere", **(environ or {})}
    return find_interpreter(python, beside=beside, found_here=lambda _: here, ask=ask, environ=given)


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def environment(folder: Path) -> Path:
    """A virtual environment; its interpreter's path."""
    python = executable(folder / "bin/python")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    return python


# --- which one --------------------------------------------------------------------------------------------------------


def test_the_path_that_the_user_gives_comes_first(tmp_path: Path) -> None:
    python = executable(tmp_path / "python")
    found = find(str(python), environ={"VIRTUAL_ENV": str(tmp_path)})
    assert (found.path, found.chosen) == (python, "--python")


def test_the_user_may_give_the_folder_of_an_environment(tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    assert find(str(tmp_path / "env")).path == python


def test_the_user_may_give_a_command(tmp_path: Path) -> None:
    python = executable(tmp_path / "pypy3.10")
    assert find("pypy3.10", environ={"PATH": str(tmp_path)}).path == python


def test_a_version_is_looked_up_on_the_path(tmp_path: Path) -> None:
    executable(tmp_path / "python3.11")
    python = executable(tmp_path / "python3.12")
    found = find("3.12", environ={"PATH": str(tmp_path)})
    assert (found.path, found.chosen) == (python, "--python 3.12")


def test_a_launcher_of_that_version_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken, good = executable(tmp_path / "shims/python3.12"), executable(tmp_path / "bin/python3.12")

    def ask(python: Path, program: str) -> str:
        return refuses(python, program) if python == broken else answers(python, program)

    path = f"{broken.parent}:{good.parent}"
    assert find("3.12", environ={"PATH": path}, ask=ask).path == good


def test_a_version_is_looked_up_in_the_usual_places_newest_first(tmp_path: Path) -> None:
    for patch in ("9", "10"):
        executable(tmp_path / f".pyenv/versions/3.12.{patch}/bin/python")

    def ask(python: Path, program: str) -> str:
        return facts(python, python.parts[-3])

    assert find("3.12", environ={"HOME": str(tmp_path)}, ask=ask).version == "3.12.10"
    assert find("3.12.9", environ={"HOME": str(tmp_path)}, ask=ask).version == "3.12.9"


def test_a_version_that_is_nowhere_is_an_error() -> None:
    with pytest.raises(UserError, match=r"no Python 3\.12 that can be run"):
        find("3.12")


def test_a_version_is_not_taken_for_a_longer_one(tmp_path: Path) -> None:
    def ask(python: Path, program: str) -> str:
        return facts(python, "3.12.1")

    executable(tmp_path / "python3.1")
    with pytest.raises(UserError, match="too old"):
        find("3.1", environ={"PATH": str(tmp_path)}, ask=ask)


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_the_active_environment_comes_next(tmp_path: Path, variable: str) -> None:
    python = environment(tmp_path / "env")
    environment(tmp_path / ".venv")
    found = find(environ={variable: str(tmp_path / "env")}, beside=[tmp_path])
    assert (found.path, found.chosen) == (python, f"active virtual environment ({variable})")


def test_the_base_environment_of_conda_says_nothing_about_the_target(tmp_path: Path) -> None:
    python = environment(tmp_path / ".venv")
    conda = {"CONDA_PREFIX": "/opt/conda", "CONDA_DEFAULT_ENV": "base"}
    assert find(environ=conda, beside=[tmp_path]).path == python


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_an_environment_beside_the_target_comes_next(tmp_path: Path, name: str) -> None:
    python = environment(tmp_path / name)
    found = find(beside=[tmp_path / "nearer", tmp_path], here=True)
    assert (found.path, found.chosen) == (python, f"{name} beside the target")


def test_a_folder_that_only_has_the_name_is_no_environment(tmp_path: Path) -> None:
    executable(tmp_path / "venv/bin/python")
    assert find(beside=[tmp_path], here=True).chosen == "the tool's own"


@pytest.mark.parametrize("active", [True, False])
def test_a_broken_environment_is_an_error_and_not_passed_over(tmp_path: Path, active: bool) -> None:
    environment(tmp_path / ".venv").unlink()
    with pytest.raises(UserError, match="has no interpreter") as raised:
        find(environ={"VIRTUAL_ENV": str(tmp_path / ".venv")} if active else {}, beside=[tmp_path], here=True)
    assert raised.value.where == str(tmp_path / ".venv")


def test_the_tools_own_comes_next_if_the_target_is_found_there() -> None:
    found = find(here=True)
    assert (found.path, found.chosen) == (Path(sys.executable), "the tool's own")


def test_python3_on_the_path_comes_last(tmp_path: Path) -> None:
    python = executable(tmp_path / "python3")
    found = find(environ={"PATH": str(tmp_path)})
    assert (found.path, found.chosen) == (python, "python3 on PATH")


def test_the_tools_own_is_left_where_there_is_no_other() -> None:
    assert find().chosen == "the tool's own"


# --- what it says of itself -------------------------------------------------------------------------------------------


def test_an_interpreter_tells_the_truth_about_itself() -> None:
    found = read_interpreter(Path(sys.executable), "because", ask)
    version = ".".join(map(str, sys.version_info[:3]))
    assert (found.version, found.implementation, found.chosen) == (version, sys.implementation.name, "because")
    assert (found.prefix, found.base_prefix) == (Path(sys.prefix), Path(sys.base_prefix))
    assert found.platform == sysconfig.get_platform()
    assert found.extension_suffixes == tuple(EXTENSION_SUFFIXES)
    assert found.builtin_modules == frozenset(sys.builtin_module_names)
    assert Path(sysconfig.get_path("stdlib")) in found.standard_library
    assert found.site_packages[0] == Path(sysconfig.get_path("purelib"))


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """A virtual environment whose interpreter is a link, as `venv` makes it; its python and its site-packages."""
    python = tmp_path / "env/bin/python"
    site = tmp_path / f"env/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    python.parent.mkdir(parents=True)
    site.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    config = f"home = {sys.base_prefix}/bin\ninclude-system-site-packages = false\n"
    (tmp_path / "env/pyvenv.cfg").write_text(config, encoding="utf-8")
    return python, site


def test_the_link_that_makes_a_virtual_environment_is_not_resolved(linked: tuple[Path, Path]) -> None:
    python, site = linked
    found = read_interpreter(python, "", ask)
    assert (found.path, found.prefix, found.site_packages) == (python, python.parents[1], (site,))


def test_an_environment_may_see_the_packages_of_the_python_it_was_made_from(linked: tuple[Path, Path]) -> None:
    python, site = linked
    config = f"home = {sys.base_prefix}/bin\nInclude-System-Site-Packages = TRUE\n"
    (python.parents[1] / "pyvenv.cfg").write_text(config, encoding="utf-8")
    found = read_interpreter(python, "", ask)
    assert found.site_packages[0] == site
    assert found.base_prefix == Path(sys.base_prefix)
    assert all(folder.is_relative_to(found.base_prefix) for folder in found.site_packages[1:])
    assert len(found.site_packages) > 1


def test_no_pth_line_is_run_to_learn_the_search_path(linked: tuple[Path, Path], tmp_path: Path) -> None:
    python, site = linked
    (site / "a.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    read_interpreter(python, "", ask)
    assert not (tmp_path / "ran").exists()


def test_a_launcher_is_replaced_by_the_interpreter_that_it_stands_for() -> None:
    found = read_interpreter(Path("/shims/python3"), "", lambda python, program: facts("/versions/3.11/bin/python3"))
    assert found.path == Path("/versions/3.11/bin/python3")


def test_an_interpreter_that_does_not_know_its_own_path_keeps_the_one_given() -> None:
    assert read_interpreter(Path("/odd/python3"), "", lambda python, program: facts("")).path == Path("/odd/python3")


def test_python_3_9_is_old_enough() -> None:
    assert read_interpreter(Path("/p"), "", lambda python, program: facts("/p", "3.9.0")).version == "3.9.0"


def test_an_older_python_is_refused_with_its_version() -> None:
    with pytest.raises(UserError, match=r"Python 3\.8\.18 is too old") as raised:
        read_interpreter(Path("/p"), "", lambda python, program: facts("/p", "3.8.18"))
    assert raised.value.exit is Exit.USAGE


@pytest.mark.parametrize("answer", ["", "hello", "[]", "null", '{"version": "new"}', '{"version": [3, 11, 7]}', "{}"])
def test_a_program_that_is_no_python_is_refused(answer: str) -> None:
    with pytest.raises(UserError, match="does not answer as a Python interpreter") as raised:
        read_interpreter(Path("/bin/ls"), "", lambda python, program: answer)
    assert raised.value.where == "/bin/ls"


@pytest.mark.parametrize("path", ["/nowhere/python", "/nowhere", __file__, str(Path(__file__).parent)])
def test_a_broken_path_is_refused(path: str) -> None:
    with pytest.raises(UserError) as raised:
        find(path, ask=ask)
    assert raised.value.exit is Exit.USAGE
