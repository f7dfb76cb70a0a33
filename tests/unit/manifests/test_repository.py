"""Which modules a repository has, and which one a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.errors import Exit, UserError
from verifier.manifests.repository import MANIFEST, find_module, find_modules, find_recorded
from verifier.manifests.settings import Settings

PATHS = ("core", "services/core", "services/mcp-server", "shop", "shop/cart")


def repository(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).mkdir(parents=True, exist_ok=True)
        (root / path / MANIFEST).write_text("{}", encoding="utf-8")
    return root


def paths(root: Path, settings: Settings | None = None) -> list[str]:
    return [place.path for place in find_modules(root, settings or Settings())]


def test_a_module_is_a_folder_with_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    assert paths(repository(tmp_path, *reversed(PATHS))) == list(PATHS)


def test_a_tree_of_its_own_has_manifests_at_the_paths_of_the_modules(tmp_path: Path) -> None:
    repository(tmp_path, "manifests/shop", "manifests/.ledger", "other")
    (place,) = find_modules(tmp_path, Settings(manifests="manifests"))
    assert (place.path, place.folder) == ("shop", tmp_path / "shop")
    assert place.manifest == tmp_path / "manifests" / "shop" / MANIFEST


@pytest.mark.parametrize("path", [".venv/lib/x", "shop/__pycache__", "archive/shop", "node_modules/x", "shop.egg-info"])
def test_what_is_nobodys_own_is_left_out(path: str, tmp_path: Path) -> None:
    assert paths(repository(tmp_path, path, "shop")) == ["shop"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [("services/*", ["shop"]), ("services", ["shop"]), ("*/a", ["shop"]), ("a", ["services/a", "shop"])],
)
def test_the_configuration_leaves_out_more(pattern: str, left: list[str], tmp_path: Path) -> None:
    repository(tmp_path, "services/a", "shop")
    assert paths(tmp_path, Settings(exclude=(pattern,))) == left


def test_a_module_that_has_a_ledger_is_known_without_its_manifest(tmp_path: Path) -> None:
    ledgers = tmp_path / "manifests" / ".ledger"
    for path in ("shop", "services/core", "gone", "old/shop", "archive/shop"):
        ledger = ledgers / f"{path}.ndjson"
        ledger.parent.mkdir(parents=True, exist_ok=True)
        ledger.touch()
        if path != "gone":
            (tmp_path / path).mkdir(parents=True)
    found = find_recorded(tmp_path, Settings(exclude=("old",)))
    assert [each.path for each in found] == ["services/core", "shop"]
    assert found[1].manifest == tmp_path / "shop" / MANIFEST
    (apart, *_) = find_recorded(tmp_path, Settings(manifests="tree"))
    assert apart.manifest == tmp_path / "tree" / "old/shop" / MANIFEST
    assert find_recorded(tmp_path, Settings(ledger="elsewhere")) == ()


def test_a_link_is_no_second_module(tmp_path: Path) -> None:
    repository(tmp_path, "shop")
    (tmp_path / "again").symlink_to("shop")
    assert paths(tmp_path) == ["shop"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("shop", "shop"),
        ("./shop/", "shop"),
        ("shop.cart", "shop/cart"),
        ("cart", "shop/cart"),
        ("mcp-server", "services/mcp-server"),
        ("core", "core"),
        ("services/core", "services/core"),
    ],
)
def test_a_name_is_a_path_or_the_end_of_one(name: str, path: str, tmp_path: Path) -> None:
    assert find_module(name, find_modules(repository(tmp_path, *PATHS), Settings())).path == path


def test_a_name_that_may_mean_several_lists_them(tmp_path: Path) -> None:
    places = find_modules(repository(tmp_path, "a/core", "b/core"), Settings())
    with pytest.raises(UserError, match=r"(?s)'core' may mean any of.*a/core.*b/core"):
        find_module("core", places)


def test_a_name_that_means_nothing_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no module is called 'art'") as raised:
        find_module("art", find_modules(repository(tmp_path, *PATHS), Settings()))
    assert raised.value.exit is Exit.NOTHING
