from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.targets.roots import find_root, located, outermost_files, root_names

SUFFIXES = (".so", ".py", ".pyc")


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(["a/__init__.py", "a/b.py", "a/c/__init__.py"], ["a"], id="a package"),
        pytest.param(["six.py"], ["six"], id="a single file"),
        pytest.param(["attr/__init__.py", "attrs/__init__.py"], ["attr", "attrs"], id="two packages"),
        pytest.param(["google/cloud/storage/__init__.py"], ["google.cloud.storage"], id="a package in namespaces"),
        pytest.param(["google/cloud/storage.py"], ["google.cloud.storage"], id="a module in namespaces"),
        pytest.param(["a.cpython-311-x86_64-linux-gnu.so"], ["a"], id="compiled only"),
        pytest.param(["a/__init__.abi3.so"], ["a"], id="a compiled package"),
        pytest.param(["a.pyi"], ["a"], id="stub only"),
        pytest.param(["a/__init__.pyi", "a/b.pyi"], ["a"], id="a package of stubs"),
        pytest.param(["a.py", "a.pyi", "a.so"], ["a"], id="three files of one module"),
        pytest.param(["a.pyc"], ["a"], id="bytecode without source"),
        pytest.param(["a-1.0.dist-info/x.py", "a-1.0.data/purelib/b.py"], [], id="metadata"),
        pytest.param(["__pycache__/a.cpython-311.pyc", "a/__pycache__/b.cpython-311.pyc"], [], id="caches"),
        pytest.param(["../../../bin/x.py"], [], id="outside"),
        pytest.param(["foo-stubs/__init__.pyi", "my-script.py", "class.py"], [], id="no import can spell it"),
        pytest.param(["pylint.config.py", "a/b.c.py"], [], id="a dot in the name"),
        pytest.param(["a/data.json", "README"], [], id="no module"),
        pytest.param(["__init__.py"], [], id="an init without a folder"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_root_names(files: list[str], expected: list[str]) -> None:
    assert list(root_names(files)) == expected


PARTS = st.sampled_from(["a", "b", "_c", "__init__", "x-y", "__pycache__", "..", "class"])
FILES = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(PARTS, min_size=1, max_size=4),
    st.sampled_from([".py", ".so", ""]),
)


@given(st.lists(FILES))
def test_every_root_is_importable_and_none_lies_in_another(files: list[str]) -> None:
    names = root_names(files)
    assert all(
        part.isidentifier() and part not in ("class", "__pycache__") for name in names for part in name.split(".")
    )
    packages = {
        file.rpartition("/")[0].replace("/", ".") for file in files if file.rpartition("/")[2].startswith("__init__.")
    }
    assert not any(name.startswith(f"{package}.") for name in names for package in packages if package in names)


@given(st.lists(FILES), st.randoms())
def test_the_order_of_the_files_does_not_matter(files: list[str], random: object) -> None:
    assert root_names(files) == root_names(reversed(files))


@given(st.lists(st.text(max_size=20)))
def test_any_text_can_be_read(files: list[str]) -> None:
    root_names(files)


def test_the_outermost_files_of_a_folder_do_not_reach_into_packages(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py", "a/b.py", "n/c/__init__.py", "n/d.py", "e.py", "x-y/f.py")
    assert sorted(outermost_files(tmp_path)) == ["a/__init__.py", "e.py", "n/c/__init__.py", "n/d.py"]


def test_named_folders_are_skipped_at_the_top_only(tmp_path: Path) -> None:
    tree(tmp_path, "docs/conf.py", "n/docs/a.py")
    assert sorted(outermost_files(tmp_path, skip=frozenset({"docs"}))) == ["n/docs/a.py"]


def test_folders_without_init_are_entered_to_a_depth(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py", "n/b/__init__.py", "n/m/c/__init__.py")
    assert sorted(outermost_files(tmp_path, depth=1)) == ["a/__init__.py"]
    assert sorted(outermost_files(tmp_path, depth=2)) == ["a/__init__.py", "n/b/__init__.py"]


def test_a_link_to_a_package_is_followed_and_one_to_another_folder_is_not(tmp_path: Path) -> None:
    tree(tmp_path, "x-1/__init__.py", "n/m.py")
    (tmp_path / "a").symlink_to(tmp_path / "x-1")
    (tmp_path / "n/again").symlink_to(tmp_path)
    assert sorted(outermost_files(tmp_path)) == ["a/__init__.py", "n/m.py"]


def test_a_root_is_located_where_its_import_would_find_it(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py", "b.py", "b.so", "n/c.py")
    roots = located(["a", "b", "n", "n.c", "gone"], (tmp_path,), SUFFIXES)
    assert [(root.name, *root.locations) for root in roots] == [
        ("a", tmp_path / "a"),
        ("b", tmp_path / "b.so"),
        ("n", tmp_path / "n"),
        ("n.c", tmp_path / "n/c.py"),
    ]


def test_a_stub_only_root_is_located_at_its_stub(tmp_path: Path) -> None:
    found = find_root("a", (tree(tmp_path, "a.pyi"),), SUFFIXES)
    assert found is not None
    assert found.locations == (tmp_path / "a.pyi",)
