"""An index suggests what is there, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from verifier.manifests.model import Absent
from verifier.manifests.readers.index import IndexReading, Suggestion, read
from verifier.model import Problem

SOURCE = """
import os
class Cart:
    def add(self): pass
def total(): pass
RATE: int = 7
try:
    from fast import sum as quick
except ImportError:
    quick = None
from x import *
"""


def read_index(folder: Path, index: Any) -> IndexReading | Absent | Problem:
    (folder / "cart.py").write_text(SOURCE, encoding="utf-8")
    path = folder / "directory_index.json"
    path.write_text(index if isinstance(index, str) else json.dumps(index), encoding="utf-8")
    return read(path, "services/shop/directory_index.json")


def reading(folder: Path, index: Any) -> IndexReading:
    found = read_index(folder, index)
    assert isinstance(found, IndexReading)
    return found


def test_names_at_the_top_of_files_that_are_there_are_suggested(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        {
            "component_inventory": {
                "python_files": [
                    {"filename": "cart.py", "exports": ["Cart", "add", "total", "*", "Gone", "Cart.add"]},
                    {"filename": "gone.py", "exports": ["X"]},
                ]
            },
            "performance_metadata": {"test_coverage": 85.0, "file": "cart.py", "exports": ["RATE"]},
        },
    )
    assert found.suggestions == (
        Suggestion(file="cart.py", name="Cart", line=3),
        Suggestion(file="cart.py", name="total", line=5),
    )
    assert found.missing_files == ("gone.py",)
    assert found.missing_names == 4


def test_no_number_is_handed_on(tmp_path: Path) -> None:
    low, high = (
        reading(tmp_path, {"file": "cart.py", "exports": ["Cart"], "performance_metadata": {"test_coverage": number}})
        for number in (0.0, 85.0)
    )
    assert low.suggestions == high.suggestions
    assert "85" not in repr(high.suggestions)


def test_objects_with_names_and_paths_of_the_repository_are_understood(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        {"files": [{"path": "services/shop/cart.py", "classes": [{"name": "Cart"}], "functions": [{"name": "quick"}]}]},
    )
    assert [each.name for each in found.suggestions] == ["Cart", "quick"]


@pytest.mark.parametrize("name", ["../outside.py", "/etc/hosts.py", "a\0b.py", "link.py"])
def test_what_is_outside_of_the_folder_is_not_looked_at(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("class Cart: pass\n", encoding="utf-8")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "link.py").symlink_to("../outside.py")
    found = reading(folder, {"file": name, "exports": ["Cart"]})
    assert found.suggestions == ()
    assert found.missing_files == (name,)


def test_a_file_that_does_not_parse_has_no_names(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("class (:\n", encoding="utf-8")
    assert reading(tmp_path, {"file": "broken.py", "exports": ["X"]}).missing_names == 1


def test_a_deep_index_and_an_empty_one_suggest_nothing(tmp_path: Path) -> None:
    deep: Any = {"file": "cart.py", "exports": ["Cart"]}
    for _ in range(50):
        deep = {"in": deep}
    assert reading(tmp_path, deep).suggestions == ()
    assert reading(tmp_path, {}).suggestions == ()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": NaN}', '{"a": 1, "a": 2}', '"x"'])
def test_what_is_no_index_is_a_problem(text: str, tmp_path: Path) -> None:
    assert isinstance(read_index(tmp_path, text), Problem)


def test_none_is_absent(tmp_path: Path) -> None:
    assert read(tmp_path / "directory_index.json", "a/directory_index.json") == Absent(
        "there is no a/directory_index.json"
    )
