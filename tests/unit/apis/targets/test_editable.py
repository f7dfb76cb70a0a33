from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.targets.editable import editable_roots, finder_roots

SUFFIXES = (".so", ".py", ".pyc")

# As the build backends write them, but for what cannot matter.
SETUPTOOLS = """from __future__ import annotations
import sys
MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {namespaces!r}
PATH_PLACEHOLDER = '__editable__.a-1.finder' + ".__path_hook__"

class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return None

def install():
    sys.meta_path.append(_EditableFinder)
"""
EDITABLES = """from editables.redirector import RedirectingFinder as F
F.install()
F.map_module({name!r}, {file!r})
"""


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def site(folder: Path, finder: str, source: str, line: str | None = None) -> Path:
    """A site-packages folder in which a `.pth` file starts `finder`."""
    tree(folder, f"{finder}.py", "a.pth")
    (folder / f"{finder}.py").write_text(source, encoding="utf-8")
    (folder / "a.pth").write_text(line or f"import {finder}; {finder}.install()", encoding="utf-8")
    return folder


def served(source: str) -> dict[str, tuple[Path, ...]]:
    return {root.name: root.locations for root in finder_roots(source, SUFFIXES)}


def setuptools(mapping: dict[str, str], namespaces: dict[str, list[str]] | None = None) -> str:
    return SETUPTOOLS.format(mapping=mapping, namespaces=namespaces or {})


def test_the_finder_of_setuptools_is_read(tmp_path: Path) -> None:
    tree(tmp_path, "src/a/__init__.py")
    source = setuptools({"a": str(tmp_path / "src/a")})
    folder = site(tmp_path / "site", "__editable___a_1_finder", source)
    (root,) = editable_roots([folder], SUFFIXES)
    assert (root.name, root.locations) == ("a", (tmp_path / "src/a",))


def test_the_finder_of_the_library_editables_is_read(tmp_path: Path) -> None:
    tree(tmp_path, "src/a/__init__.py")
    source = EDITABLES.format(name="a", file=str(tmp_path / "src/a/__init__.py"))
    folder = site(tmp_path / "site", "_editable_impl_a", source, line="import _editable_impl_a")
    (root,) = editable_roots([folder], SUFFIXES)
    assert (root.name, root.locations) == ("a", (tmp_path / "src/a",))


def test_a_module_of_the_library_editables_is_its_file(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    assert served(EDITABLES.format(name="a", file=str(tmp_path / "a.py"))) == {"a": (tmp_path / "a.py",)}


def test_setuptools_maps_a_module_to_its_path_without_suffix(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    assert served(setuptools({"a": str(tmp_path / "a")})) == {"a": (tmp_path / "a.py",)}


def test_a_folder_of_another_name_is_mapped(tmp_path: Path) -> None:
    tree(tmp_path, "lib/__init__.py")
    assert served(setuptools({"a": str(tmp_path / "lib")})) == {"a": (tmp_path / "lib",)}


def test_a_package_in_a_namespace_is_mapped_and_the_empty_namespace_is_not(tmp_path: Path) -> None:
    tree(tmp_path, "src/acme/rocket/__init__.py")
    source = setuptools({"acme.rocket": str(tmp_path / "src/acme/rocket")}, {"acme": []})
    assert served(source) == {"acme.rocket": (tmp_path / "src/acme/rocket",)}


def test_a_namespace_with_folders_is_mapped(tmp_path: Path) -> None:
    tree(tmp_path, "1/acme/a.py", "2/acme/b.py")
    folders = [str(tmp_path / "1/acme"), str(tmp_path / "2/acme")]
    assert served(setuptools({}, {"acme": folders})) == {"acme": tuple(map(Path, folders))}


def test_an_older_finder_without_annotations_is_read(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py")
    assert served(f"MAPPING = {{'a': {str(tmp_path / 'a')!r}}}") == {"a": (tmp_path / "a",)}


def test_what_a_mapping_names_and_is_gone_is_left_out(tmp_path: Path) -> None:
    assert served(setuptools({"a": str(tmp_path / "gone")})) == {}


def test_a_finder_that_no_pth_file_starts_is_not_read(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py")
    source = setuptools({"a": str(tmp_path / "a")})
    folder = site(tmp_path / "site", "__editable___a_1_finder", source, line="# import __editable___a_1_finder")
    assert editable_roots([folder], SUFFIXES) == ()


@pytest.mark.parametrize("line", ["import sys; sys.path.append('/x')", "/some/path", "import __editable___gone_finder"])
def test_other_lines_of_pth_files_say_nothing(tmp_path: Path, line: str) -> None:
    assert editable_roots([site(tmp_path, "__editable___a_1_finder", "", line=line)], SUFFIXES) == ()


@pytest.mark.parametrize(
    "source",
    [
        "MAPPING = compute()",
        "MAPPING = {'a': compute()}",
        "MAPPING = {**other}",
        "MAPPING = {{}: 'a'}",
        "MAPPING = {1: 2}",
        "MAPPING = ['a']",
        "F.map_module(name, file)",
        "F.map_module('a')",
        "not python",
        "(" * 10_000,
    ],
)
def test_a_mapping_of_another_form_is_left_out(source: str) -> None:
    assert served(source) == {}


def test_a_finder_is_read_and_not_run(tmp_path: Path) -> None:
    source = (
        f"MAPPING = {{}}\nopen({str(tmp_path / 'ran')!r}, 'w')\nF.map_module('a', open({str(tmp_path / 'ran')!r}, 'w'))"
    )
    assert editable_roots([site(tmp_path / "site", "_editable_impl_a", source)], SUFFIXES) == ()
    assert not (tmp_path / "ran").exists()


@given(st.text())
def test_any_text_can_be_read(source: str) -> None:
    assert served(source) == {}
