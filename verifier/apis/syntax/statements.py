"""Single statements: what an import, an assignment target or a `match` pattern binds."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import libcst as cst

from verifier.apis.facts import STAR, Import, absolute
from verifier.apis.syntax.expressions import below, dotted, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.model import Guard

SEEN = ("libcst",)
EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit"})


def imports(node: cst.Import, line: int | None, guard: Guard) -> Iterator[Import]:
    """What `import a, b.c, d as e` binds."""
    for each in node.names:
        name, alias = each.evaluated_name, each.evaluated_alias
        if alias is None or "." not in name:
            module, attribute = name, None
        else:
            module, _, attribute = name.rpartition(".")
        yield Import(
            module=module,
            attribute=attribute,
            alias=None if alias == (attribute or module) else alias,
            observers=SEEN,
            line=line,
            explicit=alias == name,
            guard=guard,
        )


def imports_from(
    node: cst.ImportFrom, module: str, line: int | None, guard: Guard, *, is_package: bool
) -> Iterator[Import]:
    """What `from x import a, b as c` or `from x import *`, seen in `module`, binds."""
    source = absolute(dotted(node.module) or "", len(node.relative), module, is_package=is_package)
    if source is None:
        return
    if isinstance(node.names, cst.ImportStar):
        yield Import(module=source, attribute=STAR, observers=SEEN, line=line, guard=guard)
        return
    for each in node.names:
        name, alias = each.evaluated_name, each.evaluated_alias
        yield Import(
            module=source,
            attribute=name,
            alias=None if alias == name else alias,
            observers=SEEN,
            line=line,
            explicit=alias == name,
            guard=guard,
        )


def names_in(target: cst.CSTNode) -> Iterator[str]:
    """The names that an assignment target binds; none for `a.b` and `a[0]`."""
    match target:
        case cst.Name(value=name):
            yield name
        case cst.Tuple() | cst.List():
            for element in target.elements:
                yield from names_in(element.value)
        case cst.StarredElement(value=inner):
            yield from names_in(inner)


def captures(pattern: cst.MatchPattern) -> Iterator[str]:
    """The names that a `case` may bind."""
    for node in below(pattern):
        match node:
            case cst.MatchAs(name=cst.Name(value=name)) | cst.MatchStar(name=cst.Name(value=name)):
                yield name
            case cst.MatchMapping(rest=cst.Name(value=name)):
                yield name


def leaves(node: cst.BaseSmallStatement) -> bool:
    """Whether nothing after the statement is reached: it raises or exits."""
    match node:
        case cst.Raise():
            return True
        case cst.Expr(value=cst.Call(func=function)):
            return dotted(function) in EXITS
    return False


def docstring(node: cst.CSTNode | None) -> int:
    """Characters of the string that `node` is, after `inspect.cleandoc`; 0 if it is none."""
    match node:
        case cst.SimpleStatementLine(body=[cst.Expr(value=value), *_]):
            return len(inspect.cleandoc(string(value) or ""))
    return 0
