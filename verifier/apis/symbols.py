"""Observer griffe: the names that one file defines and imports, with kinds, lines and own docstrings.

It reads text, never a module. What griffe does not see is for `syntax`; `triage` knows which files have any of it.
Importing this module imports griffe: `source` does it when the first file is read.
"""

from __future__ import annotations

import ast
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import griffe

from verifier.apis.facts import STAR, Binding, Definition, Exports, Facts, Import, Listed
from verifier.model import Guard, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEN = ("griffe",)
EXPORTS = "__all__"

# griffe logs what it cannot render, and logging prints that on stderr where nobody has configured it
logging.getLogger("griffe").setLevel(logging.CRITICAL + 1)


class Outline(griffe.Visitor):
    """Stays at module level: the bodies of classes hold no names of the module, and cost half of the time."""

    def generic_visit(self, node: ast.AST) -> None:
        """Visit what may hold statements of the module."""
        if not isinstance(node, ast.ClassDef | ast.expr):
            super().generic_visit(node)


def read(text: str, module: str, *, is_package: bool, is_stub: bool = False) -> Facts:
    """What griffe sees in the source of `module`.

    Raises what `compile` raises for text that is no Python of this version: SyntaxError, ValueError, MemoryError or
    RecursionError.
    """
    outline = _outline(text, module, is_package=is_package, is_stub=is_stub)
    return Facts(
        module=module,
        is_package=is_package,
        doc_chars=_doc_chars(outline),
        bindings=tuple(_bindings(outline, is_stub=is_stub)),
        exports=_exports(outline),
        answers_lazily="__getattr__" in outline.members and not is_stub,
        bodies=tuple(_bodies(outline)),
    )


def _outline(text: str, module: str, *, is_package: bool, is_stub: bool) -> griffe.Module:
    *parents, name = module.split(".")
    parent: griffe.Module | None = None
    for each in parents:
        # without its parents griffe takes a relative import for one of a top-level module
        parent = griffe.Module(each, filepath=Path(each, "__init__.py"), parent=parent)
    file = ("__init__" if is_package else name) + (".pyi" if is_stub else ".py")
    return Outline(name, Path(file), text, griffe.Extensions(), parent).get_module()


def _bindings(outline: griffe.Module, *, is_stub: bool) -> Iterator[Binding]:
    for name, member in outline.members.items():
        if isinstance(member, griffe.Alias):
            yield _import(name, member)
        else:
            yield _definition(name, member, is_stub=is_stub)
    if is_stub:
        # no implementation stands for the overloads there
        yield from (
            _definition(name, each[-1], is_stub=True)
            for name, each in outline.overloads.items()
            if each and name not in outline.members
        )


def _guard(member: griffe.Object | griffe.Alias) -> Guard:
    return Guard.NONE if member.runtime else Guard.TYPE_CHECKING


def _import(name: str, alias: griffe.Alias) -> Import:
    line, guard = alias.alias_lineno, _guard(alias)
    if name.endswith(STAR):
        return Import(module=alias.target_path, attribute=STAR, observers=SEEN, line=line, guard=guard)
    parent, _, last = alias.target_path.rpartition(".")
    return Import(
        module=parent or last,
        attribute=last if parent else None,
        alias=None if name == last else name,
        observers=SEEN,
        line=line,
        guard=guard,
    )


def _definition(name: str, member: griffe.Object, *, is_stub: bool) -> Definition:
    return Definition(
        name=name,
        kind=_kind(member),
        observers=SEEN,
        line=_line(member),
        doc_chars=_doc_chars(member),
        binds=is_stub or not _is_annotation(member),
        alias_of=_dotted(member.value) if isinstance(member, griffe.Attribute) else None,
        guard=_guard(member),
    )


def _bodies(outline: griffe.Module) -> Iterator[range]:
    for member in outline.members.values():
        overloads = member.overloads if isinstance(member, griffe.Function) else None
        for each in (member, *(overloads or ())):
            if isinstance(each, griffe.Class | griffe.Function) and (first := _line(each)) and each.endlineno:
                yield range(first, each.endlineno + 1)


def _line(member: griffe.Object) -> int | None:
    """The line that names it: griffe counts from the first decorator."""
    decorators = member.decorators if isinstance(member, griffe.Class | griffe.Function) else []
    return decorators[-1].endlineno + 1 if decorators and decorators[-1].endlineno else member.lineno


def _kind(member: griffe.Object) -> Kind:
    if member.is_class:
        return Kind.CLASS
    return Kind.FUNCTION if member.is_function else Kind.VALUE


def _is_annotation(member: griffe.Object) -> bool:
    return isinstance(member, griffe.Attribute) and member.value is None and member.annotation is not None


def _doc_chars(member: griffe.Object) -> int:
    return len(member.docstring.value) if member.docstring else 0


def _dotted(value: object) -> str | None:
    """`b.c`, where `value` is a plain dotted name."""
    parts = value.values if isinstance(value, griffe.ExprAttribute) else [value]
    names = [part.name for part in parts if isinstance(part, griffe.ExprName)]
    return ".".join(names) if len(names) == len(parts) else None


def _exports(outline: griffe.Module) -> Exports | None:
    """`__all__` where it is one plain literal, which is all that griffe can be trusted with."""
    bound = outline.members.get(EXPORTS)
    if bound is None:
        return None
    entries = outline.exports or []
    names = [entry for entry in entries if isinstance(entry, str)]
    is_list = isinstance(bound, griffe.Attribute) and isinstance(bound.value, griffe.ExprList | griffe.ExprTuple)
    return Exports(
        line=bound.alias_lineno if isinstance(bound, griffe.Alias) else bound.lineno,
        observers=SEEN,
        listed=tuple(Listed(name=name) for name in dict.fromkeys(names)),
        # what it cannot read it leaves out, or takes for an empty list
        computed=outline.exports is None or len(names) < len(entries) or not (names or is_list),
    )
