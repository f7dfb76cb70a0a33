"""What stands for many targets, and what comes twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.building import INTERPRETER
from verifier.apis.targets.many import Wanted, in_environment, in_file, named, without_repeats
from verifier.errors import NothingToCheck, UserError


def touch(folder: Path, *names: str) -> Path:
    """Empty files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def asked(*wanted: Wanted) -> list[str]:
    """What they are called."""
    return [each.asked for each in wanted]


def test_a_folder_of_wheels_is_all_of_them_sorted(tmp_path: Path) -> None:
    folder = touch(tmp_path / "dist", "b-1-py3-none-any.whl", "a-1-py3-none-any.whl", "a-1.tar.gz", "more/c.whl")
    assert asked(*named([str(folder), "demo"])) == [
        str(folder / "a-1-py3-none-any.whl"),
        str(folder / "b-1-py3-none-any.whl"),
        "demo",
    ]


@pytest.mark.parametrize("other", ["__init__.py", "pyproject.toml", "setup.py"])
def test_a_package_or_project_that_holds_wheels_is_itself(other: str, tmp_path: Path) -> None:
    folder = touch(tmp_path / "dist", "a-1-py3-none-any.whl", other)
    assert asked(*named([str(folder)])) == [str(folder)]


def test_a_name_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "demo", "a-1-py3-none-any.whl")
    monkeypatch.chdir(tmp_path)
    assert asked(*named(["demo"])) == ["demo"]


def test_an_environment_is_sorted_and_the_installer_left_out(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{name}-1.0.dist-info/METADATA" for name in ("b", "C", "a_x", "pip")))
    assert asked(*in_environment(replace(INTERPRETER, site_packages=(tmp_path,)))) == ["a_x", "b", "C"]


@pytest.mark.parametrize("names", [[], ["pip"]])
def test_an_environment_with_nothing_in_it_is_nothing_to_check(names: list[str], tmp_path: Path) -> None:
    touch(tmp_path, *(f"{name}-1.0.dist-info/METADATA" for name in names))
    with pytest.raises(NothingToCheck):
        list(in_environment(replace(INTERPRETER, site_packages=(tmp_path,))))


def test_a_file_gives_distributions_of_the_interpreter_and_problems(tmp_path: Path) -> None:
    (file := tmp_path / "requirements.txt").write_text("demo\n!\n")
    demo, broken = in_file(file, INTERPRETER)
    assert (demo.asked, demo.of, demo.problem) == ("demo", INTERPRETER, None)
    assert (broken.asked, broken.of, isinstance(broken.problem, UserError)) == (f"{file}:2", None, True)


def test_what_comes_twice_is_wanted_once_where_it_came_first() -> None:
    one, other = Wanted(asked="Demo_One"), Wanted(asked="other")
    paths = [Wanted(asked=path) for path in ("./dist/a.whl", "dist/a.whl")]
    assert without_repeats([one, *paths, other, Wanted(asked="demo-one")]) == (one, paths[0], other)


def test_a_distribution_is_more_than_the_import_of_the_same_name() -> None:
    listed = Wanted(asked="demo", of=INTERPRETER, is_listed=True)
    (kept,) = without_repeats([Wanted(asked="demo"), listed])
    assert (kept.of, kept.is_listed) == (INTERPRETER, False)
    assert without_repeats([listed, Wanted(asked="demo")])[0].of == INTERPRETER
