"""Small readings of expressions, shared by everything that walks a tree of libcst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSTANTS = frozenset({"True", "False", "None"})


def dotted(node: cst.CSTNode | None) -> str | None:
    """`a.b.c`, if `node` is a plain dotted name."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=left, attr=cst.Name(value=name)):
            before = dotted(left)
            return f"{before}.{name}" if before else None
    return None


def alias(node: cst.CSTNode | None) -> str | None:
    """The dotted name that `node` is, if it names something: `True`, `False` and `None` are constants."""
    name = dotted(node)
    return None if name in CONSTANTS else name


def string(node: cst.CSTNode | None) -> str | None:
    """The value of a string literal, `"a" "b"` too; None for bytes, f-strings and everything else."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def elements(node: cst.CSTNode | None) -> tuple[cst.BaseExpression, ...] | None:
    """What stands in a list, tuple or set, without what is starred, or the keys of a dict; None for anything else."""
    match node:
        case cst.List() | cst.Tuple() | cst.Set():
            return tuple(each.value for each in node.elements if isinstance(each, cst.Element))
        case cst.Dict():
            return tuple(each.key for each in node.elements if isinstance(each, cst.DictElement))
        case cst.Call(func=cst.Name(value="frozenset" | "set" | "list" | "tuple" | "dict"), args=[argument]):
            return elements(argument.value) if argument.keyword is None else None
    return None


def strings(node: cst.CSTNode | None) -> tuple[str, ...]:
    """The strings among the elements of `node`."""
    found = (string(each) for each in elements(node) or ())
    return tuple(each for each in found if each is not None)


def pairs(node: cst.CSTNode | None) -> tuple[tuple[str, cst.BaseExpression], ...]:
    """The entries of a dict display (or of `dict(a=…)`) whose keys are strings."""
    match node:
        case cst.Dict():
            entries = [(string(each.key), each.value) for each in node.elements if isinstance(each, cst.DictElement)]
        case cst.Call(func=cst.Name(value="dict"), args=arguments):
            entries = [(each.keyword.value if each.keyword else None, each.value) for each in arguments]
        case _:
            entries = []
    return tuple((key, value) for key, value in entries if key is not None)


def below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """`node` and every node below it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(each.children)
