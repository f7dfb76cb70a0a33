"""A file is read as Python reads it, and one that cannot be read is a problem with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.apis.facts import Definition, Facts
from verifier.apis.source import read_bytes, read_facts, without_bodies
from verifier.model import Problem


def read(folder: Path, data: bytes | str, *, in_depth: bool = True) -> Facts | Problem:
    path = folder / "mod.py"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_facts(path, "pkg.mod", is_package=False, in_depth=in_depth)


def names(facts: Facts | Problem) -> set[str]:
    assert isinstance(facts, Facts)
    return set(facts.by_name)


@pytest.mark.parametrize(
    "data",
    [
        "# -*- coding: latin-1 -*-\nnamé = 1".encode("latin-1"),
        "\ufeffnamé = 1".encode(),
        "namé = 1\r\nb = 2".encode(),
        "namé = 1\rb = 2".encode(),
    ],
    ids=["latin-1", "byte order mark", "dos", "mac"],
)
def test_text_is_decoded_as_python_does(tmp_path: Path, data: bytes) -> None:
    assert "namé" in names(read(tmp_path, data))


@pytest.mark.parametrize(
    "data",
    [b"x = '\xff'", b"# coding: no-such\nx = 1", b"# coding: rot13\nk = 1"],
    ids=["not utf-8", "unknown encoding", "no encoding of text"],
)
def test_what_cannot_be_decoded_is_a_problem(tmp_path: Path, data: bytes) -> None:
    problem = read(tmp_path, data)
    assert isinstance(problem, Problem)
    assert problem.what.startswith("cannot be decoded: ")


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "gone.py") == Problem(what=f"cannot be read: {os.strerror(2)}")


def test_a_syntax_error_is_a_problem_with_its_line(tmp_path: Path) -> None:
    problem = read(tmp_path, "x = 1\ndef f(:\n")
    assert isinstance(problem, Problem)
    assert (problem.what.startswith("is not valid Python: "), problem.line) == (True, 2)


def test_a_null_byte_is_a_problem(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, b"x = 1\0"), Problem)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 5000 + ")" * 5000,
        "x = " + "-" * 20000 + "1",
        "x = 1" + " + 1" * 20000,
        "if x: y\n" + "elif x: y\n" * 9000,
    ],
)
def test_what_is_nested_too_deeply_is_a_problem(tmp_path: Path, text: str) -> None:
    assert isinstance(read(tmp_path, text), Problem)


def test_foreign_source_warns_nobody(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    read(tmp_path, "if x is 1:\n    y = '\\d'")
    assert list(recwarn) == []


def test_syntax_of_a_later_python_is_read_all_the_same(tmp_path: Path) -> None:
    text = "type A[T] = list[T]\ndef f[T](x: T) -> T:\n    '''Doc.'''\nclass C[T]: ...\n"
    facts = read(tmp_path, text)
    assert names(facts) == {"A", "f", "C"}
    assert isinstance(facts, Facts)
    assert [(each.name, each.line) for each in facts.bindings] == [("A", 1), ("f", 2), ("C", 4)]


def test_both_observers_confirm_a_name_that_both_have_seen(tmp_path: Path) -> None:
    facts = read(tmp_path, "if x:\n    pass\ndef f():\n    '''Doc.'''")
    assert isinstance(facts, Facts)
    (found,) = facts.by_name["f"]
    assert isinstance(found, Definition)
    assert (found.observers, found.doc_chars, found.line) == (("griffe", "libcst"), 4, 3)


def test_a_file_that_griffe_sees_whole_is_left_to_it(tmp_path: Path) -> None:
    facts = read(tmp_path, "def f(): ...")
    assert isinstance(facts, Facts)
    assert facts.bindings[0].observers == ("griffe",)


def test_a_file_that_is_not_read_in_depth_is_left_to_griffe(tmp_path: Path) -> None:
    facts = read(tmp_path, "if x:\n    a = 1", in_depth=False)
    assert isinstance(facts, Facts)
    assert facts.bindings[0].observers == ("griffe",)


def test_too_deep_a_file_that_griffe_can_read_is_left_in_doubt(tmp_path: Path) -> None:
    facts = read(tmp_path, "__all__ = ['a']\nif x:\n    a = " + "+".join("ab" * 1100))
    assert isinstance(facts, Facts)
    assert facts.exports is not None
    assert facts.exports.computed


def test_an_entry_of_all_that_nothing_binds_has_the_line_where_it_stands(tmp_path: Path) -> None:
    facts = read(tmp_path, "a = 1\n__all__ = [\n    'a',\n    'ghost',\n]")
    assert isinstance(facts, Facts)
    assert facts.exports is not None
    assert [(entry.name, entry.line) for entry in facts.exports.listed] == [("a", None), ("ghost", 4)]


def test_bodies_are_cut_and_every_line_stays_where_it_was() -> None:
    text = "@deco\nclass A(\n    B,\n):\n    x = 1\n\nif y:\n    async def f(a):\n        pass\nz = 1"
    assert without_bodies(text, [range(2, 6), range(8, 10)]) == (
        "@deco\nclass A: ...\n\n\n\n\nif y:\n    def f(): ...\n\nz = 1"
    )


def test_the_body_of_a_module_getattr_is_kept() -> None:
    text = "def __getattr__(name):\n    if name == 'a':\n        return 1"
    assert without_bodies(text, [range(1, 4)]) == text
