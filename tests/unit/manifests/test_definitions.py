"""What stands at a definition is read, and never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.manifests.model import Absent
from verifier.manifests.readers.definitions import Defined, read

SOURCE = '''
import os
assert False


@os.register
class Cart:
    """A cart.

        Indented.
    """

    size = 0
    limit: int = 3
    _own = 1

    def add(self): ...

    @property
    def total(self): ...

    def _hidden(self): ...


if os.name:
    async def pay():
        "Pay."
else:
    def pay(): ...
try:
    def late(): ...
except ImportError:
    def early(): ...
'''


def parsed(text: str | bytes) -> dict[str, Defined]:
    found = read(text if isinstance(text, bytes) else text.encode())
    assert not isinstance(found, Absent), found.why
    return dict(found)


def test_classes_have_docstrings_and_public_members() -> None:
    assert parsed(SOURCE)["Cart"] == Defined(
        first=7, last=22, docstring="A cart.\n\nIndented.", members=("size", "limit", "add", "total")
    )


def test_what_stands_under_a_condition_counts_the_last_one_wins() -> None:
    found = parsed(SOURCE)
    assert list(found) == ["Cart", "pay", "late", "early"]
    assert (found["pay"].docstring, found["pay"].members) == ("", ())


def test_the_encoding_is_the_one_that_the_file_declares() -> None:
    text = '# coding: latin-1\ndef f():\n    "\xe9"\n'.encode("latin-1")
    assert parsed(text)["f"].docstring == "\xe9"


@pytest.mark.parametrize("data", [b"def (", b"\xff\xfe", b"a = " + b"(" * 5000, b"\0"])
def test_what_cannot_be_read_is_absent(data: bytes) -> None:
    assert isinstance(read(data), Absent)


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    found = read(data)
    assert isinstance(found, dict | Absent)
