"""What stands at the definition of an API: its docstring, and the names of its members. Nothing of it is run."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator, Mapping

from msgspec import Struct

from verifier.apis.source import text_of
from verifier.manifests.model import Absent

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Defined(Struct, frozen=True, kw_only=True):
    """A class or a function at the top of a module."""

    first: int
    """The line that it begins with, its decorators left aside."""
    last: int
    docstring: str
    """As `inspect.cleandoc` leaves it; empty without one."""
    members: tuple[str, ...]
    """Public ones, in the order of the source; a function has none."""


def read(data: bytes) -> Mapping[str, Defined] | Absent:
    """The classes and functions at the top of a file, also those under a condition; the last one of a name counts."""
    text = text_of(data)
    if not isinstance(text, str):
        return Absent(text.what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return {each.name: _defined(each) for each in _definitions(tree.body)}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as broken:
        return Absent(f"it cannot be parsed: {broken}")


def _definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Definition):
            yield node
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from _definitions(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _definitions(handler.body)


def _defined(node: Definition) -> Defined:
    return Defined(
        first=node.lineno,
        last=node.end_lineno or node.lineno,
        docstring=inspect.cleandoc(ast.get_docstring(node, clean=False) or ""),
        members=tuple(dict.fromkeys(_members(node))) if isinstance(node, ast.ClassDef) else (),
    )


def _members(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        names = [each.name] if isinstance(each, Definition) else _targets(each)
        yield from (name for name in names if not name.startswith("_"))


def _targets(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
