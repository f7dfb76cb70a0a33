"""What is kept of what files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.cache.facts import FactsCache


def read(cache: FactsCache, folder: Path, *names: str) -> FactsCache:
    for name in names:
        cache.read(folder / f"{name}.py", name, is_package=False)
    return cache


@pytest.fixture
def kept(tmp_path: Path) -> bytes:
    """What is known of two files."""
    for name in "ab":
        (tmp_path / f"{name}.py").write_text(f"{name} = 1\n", encoding="utf-8")
    return read(FactsCache(None), tmp_path, "a", "b").encode(all_read=True)


@pytest.mark.parametrize("all_read", [False, True])
def test_what_was_not_read_is_kept_unless_all_was_read(all_read: bool, kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("new = 1\n", encoding="utf-8")
    cache = FactsCache(read(FactsCache(kept), tmp_path, "a").encode(all_read=all_read))
    read(cache, tmp_path, "a")
    assert not cache.has_grown
    read(cache, tmp_path, "b")
    assert cache.has_grown is all_read


def test_what_a_file_said_before_is_dropped_once_it_was_read_anew(kept: bytes, tmp_path: Path) -> None:
    old = (tmp_path / "a.py").read_bytes()
    (tmp_path / "a.py").write_text("new = 1\n", encoding="utf-8")
    cache = FactsCache(read(FactsCache(kept), tmp_path, "a").encode(all_read=False))
    (tmp_path / "a.py").write_bytes(old)
    assert read(cache, tmp_path, "a").has_grown


def test_a_cache_that_is_none_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n", encoding="utf-8")
    assert read(FactsCache(b"no cache"), tmp_path, "a").has_grown
