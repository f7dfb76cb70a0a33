"""A name is found where an import would find it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.apis.written import finder, write
from verifier.apis.finder import Finder
from verifier.model import ModuleKind


def test_a_module_is_found_by_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": ""})
    found = finder(tmp_path).find("one")
    assert found is not None
    assert (found.kind, found.file, found.is_package) == (ModuleKind.SOURCE, tmp_path / "one.py", False)


def test_a_module_in_a_package_is_found_through_the_package(tmp_path: Path) -> None:
    write(tmp_path, {"a/__init__.py": "", "a/b/__init__.py": "", "a/b/c.py": ""})
    found = finder(tmp_path).find("a.b.c")
    assert found is not None
    assert found.file == tmp_path / "a/b/c.py"


def test_a_name_without_a_file_is_not_found(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b/__init__.py": ""})
    assert [finder(tmp_path).find(name) for name in ("missing", "a.sub", "b.sub", "b.", "")] == [None] * 5


def test_a_package_comes_before_a_module_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "a/__init__.py": ""})
    found = finder(tmp_path).find("a")
    assert found is not None
    assert found.file == tmp_path / "a/__init__.py"


def test_an_extension_comes_before_a_source_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "a.so": ""})
    found = finder(tmp_path).find("a")
    assert found is not None
    assert (found.kind, found.file) == (ModuleKind.COMPILED, tmp_path / "a.so")


def test_an_extension_may_be_a_package(tmp_path: Path) -> None:
    write(tmp_path, {"a/__init__.so": "", "a/b.py": ""})
    found = finder(tmp_path).find("a.b")
    assert found is not None
    assert found.file == tmp_path / "a/b.py"


def test_a_bytecode_file_without_its_source_is_compiled(tmp_path: Path) -> None:
    write(tmp_path, {"a.pyc": ""})
    found = finder(tmp_path).find("a")
    assert found is not None
    assert found.kind is ModuleKind.COMPILED


def test_the_first_entry_of_the_path_wins(tmp_path: Path) -> None:
    write(tmp_path, {"x/a.py": "", "y/a/__init__.py": ""})
    found = finder(tmp_path / "x", tmp_path / "y").find("a")
    assert found is not None
    assert found.file == tmp_path / "x/a.py"


def test_folders_without_init_are_one_namespace_over_all_entries(tmp_path: Path) -> None:
    write(tmp_path, {"x/ns/one.py": "", "y/ns/two.py": ""})
    look = finder(tmp_path / "x", tmp_path / "y")
    found = look.find("ns")
    assert found is not None
    assert (found.kind, found.folders) == (ModuleKind.NAMESPACE, (tmp_path / "x/ns", tmp_path / "y/ns"))
    assert look.find("ns.one") is not None
    assert look.find("ns.two") is not None


def test_a_package_further_on_comes_before_a_namespace(tmp_path: Path) -> None:
    write(tmp_path, {"x/ns/one.py": "", "y/ns/__init__.py": ""})
    found = finder(tmp_path / "x", tmp_path / "y").find("ns")
    assert found is not None
    assert (found.kind, found.file) == (ModuleKind.SOURCE, tmp_path / "y/ns/__init__.py")


def test_a_builtin_module_comes_before_any_file(tmp_path: Path) -> None:
    write(tmp_path, {"sys.py": ""})
    found = finder(tmp_path).find("sys")
    assert found is not None
    assert (found.kind, found.file) == (ModuleKind.COMPILED, None)


def test_the_stub_beside_a_module_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.so": "", "a.pyi": "", "b/__init__.py": "", "b/__init__.pyi": "", "c.py": ""})
    found = [finder(tmp_path).find(name) for name in ("a", "b", "c")]
    assert [each and each.stub for each in found] == [tmp_path / "a.pyi", tmp_path / "b/__init__.pyi", None]


def test_a_linked_folder_counts_as_the_folder(tmp_path: Path) -> None:
    write(tmp_path, {"real/__init__.py": ""})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "dangling.py").symlink_to(tmp_path / "nowhere.py")
    found = finder(tmp_path).find("link")
    assert found is not None
    assert found.is_package


def test_an_entry_that_is_no_folder_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"python311.zip": "", "x/a.py": ""})
    assert finder(tmp_path / "python311.zip", tmp_path / "gone", tmp_path / "x").find("a") is not None


def test_children_are_what_could_be_imported_below_a_package(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a/__init__.py": "", "a/b.py": "", "a/c/d.py": "", "a/e.so": "", "a/data.txt": "", "a/no-name.py": ""},
    )
    assert finder(tmp_path).children("a") == {"b", "c", "e"}


def test_a_module_has_no_children(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    assert finder(tmp_path).children("a") == frozenset()


@pytest.mark.parametrize(
    "name", ["json", "json.decoder", "xml.etree.ElementTree", "importlib", "concurrent.futures.thread"]
)
def test_the_standard_library_is_found_where_this_python_finds_it(name: str) -> None:
    path = tuple(Path(entry) for entry in sys.path if entry)
    found = Finder(path, (), frozenset(sys.builtin_module_names)).find(name)
    program = f"import importlib; print(importlib.import_module({name!r}).__file__)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert found is not None
    assert str(found.file) == said.stdout.strip()
