"""Text that could end the process by its depth is kept from libcst, and no other."""

from __future__ import annotations

import pytest

from verifier.apis.syntax.depth import is_shallow


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300 + ")" * 300,
        "-" * 5000 + "1",
        "1" + "+1" * 3000,
        "a" + ".b" * 3000,
        "elif x: y\n" * 1000,
        "a" + "()" * 5000,
    ],
    ids=["brackets", "signs", "sums", "attributes", "branches", "calls"],
)
def test_text_that_may_nest_too_deeply_is_not_shallow(text: str) -> None:
    assert not is_shallow(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = [\n" + "    (1, 2),\n" * 5000 + "]",
        "x = 1\n" * 9000,
        "'" + "(" * 9000 + "'",
        "# " + "(" * 9000,
        '"""' + "[" * 9000 + '"""',
    ],
    ids=["a table", "lines", "a string", "a comment", "a docstring"],
)
def test_text_that_is_only_long_is_shallow(text: str) -> None:
    assert is_shallow(text)
