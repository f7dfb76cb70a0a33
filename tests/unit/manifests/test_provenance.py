"""Pointers are read back as what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.manifests import provenance
from verifier.manifests.provenance import Kind, Pointer, parse

paths = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
headings = st.text(st.characters(exclude_categories=["Cs"]))
lines = st.integers(1, 10**8)


@pytest.mark.parametrize(
    ("pointer", "parts"),
    [
        ("claude.me:§Features:L12", Pointer(kind=Kind.TEXT, path="claude.me", heading="Features", first=12, last=12)),
        ("a/b.md:§:L3-9", Pointer(kind=Kind.TEXT, path="a/b.md", first=3, last=9)),
        ("a.md:§x:L1:L2", Pointer(kind=Kind.TEXT, path="a.md", heading="x:L1", first=2, last=2)),
        ("ast:__init__.py", Pointer(kind=Kind.CODE, path="__init__.py")),
        ("ast:a.py:L3-4", Pointer(kind=Kind.CODE, path="a.py", first=3, last=4)),
        ("importcheck", Pointer(kind=Kind.IMPORT)),
        ("importcheck:shop.Cart", Pointer(kind=Kind.IMPORT, name="shop.Cart")),
        ("git:HEAD@0a1b", Pointer(kind=Kind.COMMIT, name="0a1b")),
        ("bench:/b/shop.json#p95", Pointer(kind=Kind.BENCH, path="/b/shop.json", name="p95")),
        ("coverage:/coverage.json", Pointer(kind=Kind.COVERAGE, path="/coverage.json")),
        ("pytest:summary", Pointer(kind=Kind.TESTS)),
        ("policy:lane:L2", Pointer(kind=Kind.POLICY, name="lane:L2")),
    ],
)
def test_each_form_has_its_parts(pointer: str, parts: Pointer) -> None:
    assert parse(pointer) == parts
    assert str(parts) == pointer


@pytest.mark.parametrize(
    "text",
    ["", "claude.me", "claude.me:§x", "claude.me:§x:L0", "a.md:§x:L9-3", "a.md:§x:L3-3", "ast:", "git:HEAD@xyz",
     "bench:a.json", "policy:lane", "a:b:§x:L1", "a%2e.md:§x:L1"],
)  # fmt: skip
def test_what_is_no_pointer_is_none(text: str) -> None:
    assert parse(text) is None


@given(paths, headings, lines, lines)
def test_texts_are_read_back(path: str, heading: str, first: int, last: int) -> None:
    pointer = provenance.text(path, heading, first, last)
    found = parse(pointer)
    assert found == Pointer(kind=Kind.TEXT, path=path, heading=heading, first=first, last=max(first, last))
    assert "\n" not in pointer


@given(paths, paths)
def test_measurements_are_read_back(path: str, metric: str) -> None:
    assert parse(provenance.bench(path, metric)) == Pointer(kind=Kind.BENCH, path=path, name=metric)


@given(st.text())
def test_any_text_is_a_pointer_or_none(text: str) -> None:
    found = parse(text)
    assert found is None or str(found) == text
