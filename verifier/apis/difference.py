"""Two texts of one source in, the names that their difference concerns out."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from verifier.apis.source import EXPORTS

FAR_REACHING = frozenset({"__getattr__", "__path__", "__class__"})
"""Names of a module that decide on names that nobody spells out."""


class _Unclear(Exception):
    """A statement that may concern anything."""


def concerned(before: str, after: str) -> frozenset[str] | None:
    """The names that a change of a module's source concerns; None where it may concern anything.

    Comments, layout, the module's docstring and the order of statements concern nobody.
    """
    try:
        old, new = _statements(before), _statements(after)
        changed = [*(old - new), *(new - old)]
        names = {name for statement in changed for name in _names(ast.parse(statement).body[0])}
    except (_Unclear, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if names & FAR_REACHING else frozenset(names)


def _statements(text: str) -> Counter[str]:
    body = ast.parse(text).body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        del body[0]
    return Counter(ast.unparse(node) for node in body)


def _names(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds, takes away or speaks of. Raises _Unclear where it does more."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign() | ast.Delete():
            for target in node.targets:
                yield from _bound(target)
        case ast.AnnAssign() | ast.AugAssign():
            yield from _bound(node.target)
        case ast.Import() | ast.ImportFrom():
            yield from _imported(node)
        case ast.If() | ast.Try() | ast.With():
            for below in _below(node):
                yield from _names(below)
        case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Assert() | ast.Raise():
            pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__")))):
            yield EXPORTS
        case _:
            raise _Unclear


def _bound(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name():
            yield target.id
        case ast.Tuple() | ast.List():
            for each in target.elts:
                yield from _bound(each)
        case ast.Starred():
            yield from _bound(target.value)
        case _:
            raise _Unclear


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """What is bound, and the parts of the modules' names: what is loaded becomes an attribute of its package."""
    if isinstance(node, ast.ImportFrom) and node.module:
        yield from node.module.split(".")
    for alias in node.names:
        if alias.name == "*":
            raise _Unclear
        yield from alias.name.split(".")
        if alias.asname:
            yield alias.asname


def _below(node: ast.If | ast.Try | ast.With) -> Iterator[ast.stmt]:
    yield from node.body
    if isinstance(node, ast.With):
        if any(item.optional_vars for item in node.items):
            raise _Unclear
        return
    yield from node.orelse
    if isinstance(node, ast.Try):
        yield from node.finalbody
        for handler in node.handlers:
            yield from handler.body
