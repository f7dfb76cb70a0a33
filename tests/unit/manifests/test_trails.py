"""What imports depend on, as far as it lies in a repository: all of it, or nobody can tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.building import INTERPRETER
from verifier.manifests.readers.trails import Within
from verifier.model import Trail

ROOT = Path("/r")
CORE = Trail(after=None, used=("/r/core/__init__.py", "/usr/lib/python3.11/json/__init__.py"))
SHOP = Trail(after=CORE, used=("/r/shop/__init__.py", "/r/shop/data.json", "/r"))


def used(*trails: Trail | None, but: str = "/r") -> tuple[str, ...] | None:
    return Within(ROOT, INTERPRETER).used(trails, Path(but))


def test_what_lies_in_the_repository_counts_with_all_that_came_before() -> None:
    assert used(SHOP) == ("/r/core/__init__.py", "/r/shop/__init__.py", "/r/shop/data.json")
    assert used(CORE, SHOP) == used(SHOP)


def test_the_names_in_the_folder_that_modules_are_imported_from_do_not_count() -> None:
    listing = Trail(after=None, used=("/r/src", "/r/src/shop"))
    assert used(listing, but="/r/src") == ("/r/src/shop",)


def test_what_an_environment_in_the_repository_has_does_not_count() -> None:
    within = Within(ROOT, replace(INTERPRETER, prefix=ROOT / ".venv"))
    trail = Trail(after=CORE, used=("/r/.venv/lib/a.py", "/r/.venvs.py"))
    assert within.used([trail], ROOT) == ("/r/.venvs.py", "/r/core/__init__.py")


@pytest.mark.parametrize(
    "trails",
    [
        [None],
        [SHOP, None],
        [Trail(after=None, used=("/r/a.py",), is_whole=False)],
        [Trail(after=Trail(after=None, used=(), is_whole=False), used=("/r/a.py",))],
    ],
)
def test_where_a_part_is_not_known_nobody_can_tell(trails: list[Trail | None]) -> None:
    assert used(*trails) is None


def test_a_trail_may_be_longer_than_a_stack_is_deep() -> None:
    trail: Trail | None = None
    for number in range(5000):
        trail = Trail(after=trail, used=(f"/r/{number}.py",))
    found = used(trail)
    assert found is not None
    assert len(found) == 5000


def test_paths_behind_a_link_to_the_repository_count(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    real = os.path.realpath(tmp_path / "real")
    within = Within(tmp_path / "linked", INTERPRETER)
    trail = Trail(after=None, used=(f"{real}/a.py", f"{tmp_path}/linked/b.py", real))
    assert within.used([trail], tmp_path / "linked") == tuple(sorted([f"{real}/a.py", f"{tmp_path}/linked/b.py"]))
