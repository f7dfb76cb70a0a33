"""What a target's imports may read, and what never."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.building import INTERPRETER, TARGET
from verifier.apis.reach import readable
from verifier.model import ImportRoot, Target


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A package in an environment of its own, with the home folder elsewhere."""
    site = tmp_path / "env" / "lib" / "site-packages"
    (site / "demo").mkdir(parents=True)
    python = replace(
        INTERPRETER, prefix=tmp_path / "env", base_prefix=Path("/usr"), standard_library=(), site_packages=(site,)
    )
    root = ImportRoot(name="demo", locations=(site / "demo",))
    return replace(TARGET, interpreter=python, roots=(root,))


def test_the_environment_and_the_root_may_be_read(target: Target, tmp_path: Path) -> None:
    whole, names = readable(target, tmp_path / "home")
    assert set(whole) >= {"/usr", str(tmp_path / "env"), str(tmp_path / "env/lib/site-packages/demo")}
    assert names == []


@pytest.mark.parametrize("home", [".", "below"])
def test_a_home_folder_is_never_read_whole(target: Target, tmp_path: Path, home: str) -> None:
    """Not even where it is itself on the path, or lies below what is."""
    module = tmp_path / "tool.py"
    module.write_text("")
    root = ImportRoot(name="tool", locations=(module,))
    whole, names = readable(replace(target, added_path=(tmp_path,), roots=(root,)), tmp_path / home)
    assert str(tmp_path) not in whole
    assert str(tmp_path) in names
    assert str(module) in whole


def test_nothing_makes_the_whole_disk_readable(target: Target, tmp_path: Path) -> None:
    odd = replace(target, interpreter=replace(target.interpreter, prefix=Path("/")))
    assert "/" not in readable(odd, tmp_path)[0]


@pytest.mark.parametrize("marker", ["pyproject.toml", "setup.py", None])
def test_what_lies_beside_a_src_folder_belongs_to_the_project(
    target: Target, tmp_path: Path, marker: str | None
) -> None:
    source = tmp_path / "project" / "src"
    source.mkdir(parents=True)
    if marker:
        (tmp_path / "project" / marker).write_text("")
    whole, _ = readable(replace(target, added_path=(source,)), tmp_path / "home")
    assert str(source) in whole
    assert (str(tmp_path / "project") in whole) is (marker is not None)


def test_links_are_followed_to_where_an_installer_keeps_the_files(target: Target, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "one" / "one-1.dist-info").mkdir(parents=True)
    (cache / "one" / "one-1.dist-info" / "METADATA").write_text("")
    (cache / "two").mkdir()
    (site,) = target.interpreter.site_packages
    (site / "one-1.dist-info").mkdir()
    (site / "one-1.dist-info" / "METADATA").symlink_to(cache / "one" / "one-1.dist-info" / "METADATA")
    (site / "two").symlink_to(cache / "two")
    whole, _ = readable(target, tmp_path / "home")
    assert {str(cache / "one"), str(cache / "two")} <= set(whole)
    assert str(cache) not in whole
