"""What libcst sees of a text written for one test."""

from __future__ import annotations

from textwrap import dedent

from verifier.apis.facts import Facts
from verifier.apis.syntax.read import read


def facts(text: str, module: str = "pkg", *, is_package: bool = True) -> Facts:
    """The facts of a package's `__init__.py`, its text without the indentation of the test."""
    return read(dedent(text).lstrip("\n"), module, is_package=is_package)
