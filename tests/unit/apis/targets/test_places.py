from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.targets.places import Found, Place, find_in, find_on_path, is_dotted_name, read_place

SUFFIXES = (".cpython-311-x86_64-linux-gnu.so", ".so", ".py", ".pyc")


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def find(name: str, *path: Path) -> Found | None:
    return find_on_path(name, path, SUFFIXES)


def file_of(found: Found | None) -> str:
    assert found is not None
    assert found.file is not None
    return found.file.name


def test_a_package_comes_before_an_extension_module_of_its_name(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py", "a.so", "a.py")
    assert file_of(find("a", tmp_path)) == "__init__.py"


def test_an_extension_module_comes_before_source(tmp_path: Path) -> None:
    tree(tmp_path, "a.so", "a.py", "a.pyc")
    assert file_of(find("a", tmp_path)) == "a.so"


def test_source_comes_before_bytecode_without_source(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "a.pyc", "b.pyc")
    assert (file_of(find("a", tmp_path)), file_of(find("b", tmp_path))) == ("a.py", "b.pyc")


def test_an_extension_module_of_another_python_is_not_found(tmp_path: Path) -> None:
    tree(tmp_path, "a.cpython-39-x86_64-linux-gnu.so")
    assert find("a", tmp_path) is None


def test_the_first_place_on_the_path_wins(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", "a.py"), tree(tmp_path / "2", "a/__init__.py")
    assert file_of(find("a", first, second)) == "a.py"


def test_a_regular_package_later_on_the_path_wins_over_a_namespace(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", "a/b.py"), tree(tmp_path / "2", "a/__init__.py")
    assert file_of(find("a", first, second)) == "__init__.py"


def test_a_namespace_has_all_its_portions(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", "a/b.py"), tree(tmp_path / "2", "a/c.py")
    found = find("a", first, second)
    assert found is not None
    assert found.file is None
    assert [place.folder for place in found.places] == [first / "a", second / "a"]


def test_a_dotted_name_is_followed_through_the_portions_of_a_namespace(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", "a/b.py"), tree(tmp_path / "2", "a/c.py")
    assert file_of(find("a.c", first, second)) == "c.py"


def test_nothing_is_found_below_a_plain_module(tmp_path: Path) -> None:
    assert find("a.b", tree(tmp_path, "a.py")) is None


def test_case_counts(tmp_path: Path) -> None:
    assert find("A", tree(tmp_path, "a.py")) is None


def test_a_broken_link_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "nowhere.py")
    assert find("a", tmp_path) is None


def test_a_zip_file_or_a_missing_folder_on_the_path_holds_nothing(tmp_path: Path) -> None:
    assert find("a", tree(tmp_path, "python311.zip") / "python311.zip", tmp_path / "nowhere") is None


def test_a_folder_that_cannot_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("os.scandir", refuse)
    assert read_place(tmp_path) == Place(folder=tmp_path, readable=False)


def test_a_folder_that_is_not_there_is_readable_and_empty(tmp_path: Path) -> None:
    assert read_place(tmp_path / "nowhere") == Place(folder=tmp_path / "nowhere")


def test_only_what_an_import_statement_can_spell_is_offered(tmp_path: Path) -> None:
    place = read_place(tree(tmp_path, "a.py", "my-script.py", "class.py", "b/x.txt", "x-1.0.dist-info/RECORD", "c.txt"))
    assert sorted(place.offered(SUFFIXES)) == ["a", "b"]


def test_bytecode_caches_are_no_places(tmp_path: Path) -> None:
    assert "__pycache__" not in read_place(tree(tmp_path, "__pycache__/a.cpython-311.pyc")).folders


def test_find_in_takes_places_that_were_read_before(tmp_path: Path) -> None:
    places = [read_place(tree(tmp_path, "a/__init__.py"))]
    assert file_of(find_in(places, "a", SUFFIXES)) == "__init__.py"


@pytest.mark.parametrize(
    ("name", "expected"), [("a.b", True), ("a..b", False), ("", False), ("a-b", False), ("a.class", False), ("ä", True)]
)
def test_dotted_names(name: str, expected: bool) -> None:
    assert is_dotted_name(name) is expected
