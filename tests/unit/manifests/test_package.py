"""Docstrings are read with their lines; nothing that they stand in is run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.manifests.model import Absent, Place
from verifier.manifests.readers.package import Docstring, PackageReading, Unread, docstring_of, read
from verifier.model import Problem


def place(root: Path, files: dict[str, str | bytes]) -> Place:
    for name, data in files.items():
        path = root / "services/shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Place(root=root, path="services/shop", manifest=root / "services/shop/module.manifest.json")


def reading(root: Path, files: dict[str, str | bytes], others: tuple[str, ...] = ()) -> PackageReading:
    found = read(place(root, files), others)
    assert isinstance(found, PackageReading)
    return found


def test_docstrings_are_read_with_the_init_first(tmp_path: Path) -> None:
    found = reading(
        tmp_path, {"a.py": '"""A."""\n', "__init__.py": "'''\n\nThe shop.\n\n  More.\n'''\n", "b.py": "b = 1\n"}
    )
    assert found.has_init
    assert found.docstrings == (
        Docstring(path="__init__.py", text="The shop.\n\n  More.", first=1, last=6, begins=3),
        Docstring(path="a.py", text="A.", first=1, last=1, begins=1),
    )
    assert [source.path for source in found.sources] == [f"services/shop/{name}.py" for name in ("__init__", "a", "b")]


def test_nothing_is_run(tmp_path: Path) -> None:
    acted = tmp_path / "acted"
    found = reading(tmp_path, {"__init__.py": f'"""The shop."""\nopen({str(acted)!r}, "w")\n'})
    assert found.docstrings[0].text == "The shop."
    assert not acted.exists()


def test_other_modules_tests_and_hidden_folders_are_not_part_of_it(tmp_path: Path) -> None:
    names = ["sub/a.py", "other/b.py", "tests/test_c.py", "test_d.py", ".e/f.py", "__pycache__/g.py", "conftest.py"]
    found = reading(tmp_path, dict.fromkeys(names, '"""X."""'), others=("services/shop/other",))
    assert [each.path for each in found.docstrings] == ["sub/a.py"]
    assert not found.has_init


def test_a_folder_without_source_is_absent(tmp_path: Path) -> None:
    why = Absent("there is no Python source in services/shop")
    assert read(place(tmp_path, {})) == why
    assert read(place(tmp_path, {"README.md": "x"})) == why


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('# -*- coding: latin-1 -*-\n"""Stück."""\n'.encode("latin-1"), "Stück."),
        (b'\xef\xbb\xbf"""Marked."""\r\n', "Marked."),
        ('"""Stück."""'.encode(), "Stück."),
        (b'"""One."""\r\nx = 1\r\n', "One."),
        (b'# a comment\n\n("Two "\n "parts.")\n', "Two parts."),
    ],
)
def test_each_encoding_and_form_is_read(data: bytes, text: str) -> None:
    found = docstring_of(data, "a.py")
    assert isinstance(found, Docstring)
    assert found.text == text


@pytest.mark.parametrize("data", [b"", b"x = 1\n", b'"""   """\n', b"1\n", b'b"""Bytes."""\n', b'f"""Made {1}."""\n'])
def test_what_has_no_docstring_has_none(data: bytes) -> None:
    assert docstring_of(data, "a.py") is None


def test_the_syntax_of_a_later_python_is_read() -> None:
    found = docstring_of(b'# first\n"""Later."""\ntype Pair[T] = tuple[T, T]\n', "a.py")
    assert found == Docstring(path="a.py", text="Later.", first=2, last=2, begins=2)
    broken = docstring_of(b"type Pair[T] = tuple[T, T]\n", "a.py")
    assert isinstance(broken, Problem)
    assert broken.what == "is not valid for this Python: invalid syntax"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'"""Open.\n', "is not valid for this Python"),
        (b'"""Caf\xe9."""\n', "cannot be decoded"),
        (b"# coding: nonsense\n", "cannot be decoded"),
        (b'"""Null."""\nx = "\0"\n', "is not valid Python"),
        (b"x = " + b"(" * 5000 + b")" * 5000, ""),
    ],
)
def test_what_nobody_can_read_is_a_value(data: bytes, what: str, tmp_path: Path) -> None:
    found = reading(tmp_path, {"__init__.py": data, "sound.py": '"""Sound."""'})
    assert [each.path for each in found.docstrings] == ["sound.py"]
    (unread,) = found.unread
    assert isinstance(unread, Unread)
    assert unread.path == "__init__.py"
    assert what in unread.problem.what


def test_a_pipe_is_not_waited_for_and_a_lost_link_is_no_source(tmp_path: Path) -> None:
    where = place(tmp_path, {"a.py": '"""A."""'})
    os.mkfifo(where.folder / "pipe.py")
    (where.folder / "lost.py").symlink_to("nowhere.py")
    found = read(where)
    assert isinstance(found, PackageReading)
    assert found.unread == (Unread(path="pipe.py", problem=Problem(what="is no file")),)
