"""One pass over the statements of a module: what it binds, under which conditions, and what it takes away again.

Bodies of functions and classes are not entered: their names are not the module's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from verifier.apis.facts import STAR, Binding, Definition
from verifier.apis.syntax.conditions import Holds, holds
from verifier.apis.syntax.cursor import Cursor
from verifier.apis.syntax.exports import EXPORTS, ExportList
from verifier.apis.syntax.expressions import alias
from verifier.apis.syntax.statements import SEEN, captures, docstring, imports, imports_from, leaves, names_in
from verifier.model import Guard, Kind

Reached = frozenset[str] | None
"""The names that a block certainly binds; None where it never comes to its end."""
NOTHING: frozenset[str] = frozenset()
HOOK = "__getattr__"


class Spot(Struct, frozen=True):
    """Where a statement stands: under which condition, and how far to the right."""

    guard: Guard = Guard.NONE
    indent: str = ""

    def for_types(self) -> Spot:
        """The same, for type checkers only."""
        return replace(self, guard=Guard.TYPE_CHECKING)

    def under_condition(self) -> Spot:
        """The same, under a condition; what is for type checkers only stays so, whatever stands below it."""
        return self if self.guard is Guard.TYPE_CHECKING else replace(self, guard=Guard.CONDITION)


class Walk:
    """The state of one pass. Read its public attributes after `run`."""

    def __init__(self, tree: cst.Module, text: str, module: str, *, is_package: bool, is_stub: bool) -> None:
        self.bindings: list[Binding] = []
        self.incidental: set[str] = set()
        self.deleted: set[str] = set()
        self.tables: dict[str, cst.BaseExpression] = {}
        """The last value of each name: where `__all__` and `__getattr__` may keep their names."""
        self.hook: cst.FunctionDef | cst.BaseExpression | None = None
        """The module `__getattr__`: its definition, or what was assigned to it."""
        self.exports = ExportList(module, self.bindings, self.tables, is_package=is_package)
        self._tree = tree
        self._module = module
        self._is_package = is_package
        self._is_stub = is_stub
        self._cursor = Cursor(text)

    def run(self) -> frozenset[str]:
        """Walk the module. Returns the names that are bound whichever way its conditions go."""
        return (self._block(self._tree.body, Spot()) or NOTHING) - self.deleted

    # --- control flow -------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[cst.CSTNode], spot: Spot) -> Reached:
        certain: set[str] = set()
        reached = True
        for statement, following in zip_longest(body, body[1:]):
            bound = self._statement(statement, following, spot)
            reached = reached and bound is not None
            certain |= bound or NOTHING
        return frozenset(certain) if reached else None

    def _suite(self, suite: cst.BaseSuite, spot: Spot) -> Reached:
        if isinstance(suite, cst.IndentedBlock):
            indent = self._tree.default_indent if suite.indent is None else suite.indent
            return self._block(suite.body, Spot(spot.guard, spot.indent + indent))
        return self._line(suite.body, 0, spot) if isinstance(suite, cst.SimpleStatementSuite) else NOTHING

    def _statement(self, node: cst.CSTNode, following: cst.CSTNode | None, spot: Spot) -> Reached:
        match node:
            case cst.SimpleStatementLine(body=body):
                return self._line(body, docstring(following), spot)
            case cst.FunctionDef() | cst.ClassDef():
                return self._define(node, spot)
            case cst.If():
                return self._choice(node, spot)
            case cst.Try() | cst.TryStar():
                return self._attempt(node, spot)
            case _:
                self._loop(node, spot)
                return NOTHING

    def _choice(self, node: cst.If, spot: Spot) -> Reached:
        when = holds(node.test)
        if when is Holds.AS_SCRIPT:
            return self._otherwise(node.orelse, spot)
        if when is Holds.FOR_TYPES:
            self._suite(node.body, spot.for_types())
            return self._otherwise(node.orelse, spot)
        if when is Holds.ALWAYS:
            bound = self._suite(node.body, spot)
            self._otherwise(node.orelse, spot.for_types())
            return bound
        inner = spot.under_condition()
        return _common((self._suite(node.body, inner), self._otherwise(node.orelse, inner)))

    def _otherwise(self, node: cst.If | cst.Else | None, spot: Spot) -> Reached:
        if node is None:
            return NOTHING
        return self._choice(node, spot) if isinstance(node, cst.If) else self._suite(node.body, spot)

    def _attempt(self, node: cst.Try | cst.TryStar, spot: Spot) -> Reached:
        inner = spot.under_condition()
        body = self._suite(node.body, inner)
        handlers = [self._suite(each.body, inner) for each in node.handlers]
        orelse = self._suite(node.orelse.body, inner) if node.orelse else NOTHING
        last = self._suite(node.finalbody.body, spot) if node.finalbody else NOTHING
        whole = None if body is None or orelse is None else body | orelse
        bound = _common((whole, *handlers))
        return None if bound is None or last is None else bound | last

    def _loop(self, node: cst.CSTNode, spot: Spot) -> None:
        """`for`, `while`, `with`, `match`: what they bind is under a condition, their own targets are in passing."""
        inner = spot.under_condition()
        match node:
            case cst.Match():
                for case in node.cases:
                    self.incidental.update(captures(case.pattern))
                    self._suite(case.body, inner)
            case cst.With():
                targets = [item.asname.name for item in node.items if item.asname]
                self.incidental.update(name for target in targets for name in names_in(target))
                self._suite(node.body, inner)
            case cst.For() | cst.While():
                self.incidental.update(names_in(node.target) if isinstance(node, cst.For) else ())
                self._suite(node.body, inner)
                if node.orelse:
                    self._suite(node.orelse.body, inner)

    # --- single statements --------------------------------------------------------------------------------------------

    def _line(self, body: Sequence[cst.BaseSmallStatement], doc: int, spot: Spot) -> Reached:
        before = len(self.bindings)
        for small in body:
            self._small(small, doc, spot)
        if any(leaves(small) for small in body):
            return None
        return frozenset(each.name for each in self.bindings[before:] if each.binds) - {STAR}

    def _small(self, node: cst.BaseSmallStatement, doc: int, spot: Spot) -> None:
        match node:
            case cst.Import():
                self._bind(imports(node, self._find(node, spot), spot.guard))
            case cst.ImportFrom():
                line = self._find(node, spot)
                self._bind(imports_from(node, self._module, line, spot.guard, is_package=self._is_package))
            case cst.Assign():
                self._assign(node, doc, spot)
            case cst.AnnAssign(target=cst.Name(value=name)):
                self._annotate(name, node.value, doc, spot)
            case cst.TypeAlias(name=cst.Name(value=name)):
                line = self._cursor.line(f"type {name}", spot.indent)
                self._bind([_value(name, line, doc, spot)])
            case cst.Del():
                self.deleted.update(names_in(node.target))
            case cst.Expr(value=cst.SimpleString(value=code)):
                self._cursor.skip(code)
            case cst.AugAssign() | cst.Expr():
                self.exports.mutate(node, spot.guard)

    def _assign(self, node: cst.Assign, doc: int, spot: Spot) -> None:
        line = self._find(node.targets[0], spot)
        for target in (each.target for each in node.targets):
            if isinstance(target, cst.Name):
                self._bind([replace(_value(target.value, line, doc, spot), alias_of=alias(node.value))])
                self._note(target.value, node.value, line, spot)
                continue
            names = tuple(names_in(target))
            self._bind(_value(name, line, doc, spot) for name in names)
            if EXPORTS in names:
                self.exports.assign(node.value, line, spot.guard, whole=False)
            if HOOK in names:
                self.hook = node.value

    def _annotate(self, name: str, value: cst.BaseExpression | None, doc: int, spot: Spot) -> None:
        line = self._cursor.line(f"{name}:", spot.indent)
        binds = self._is_stub or value is not None
        self._bind([replace(_value(name, line, doc, spot), alias_of=alias(value), binds=binds)])
        if value is not None:
            self._note(name, value, line, spot)

    def _note(self, name: str, value: cst.BaseExpression, line: int | None, spot: Spot) -> None:
        """Remember what `__all__`, `__getattr__` and the tables that they may refer to were set to."""
        self.tables[name] = value
        if name == EXPORTS:
            self.exports.assign(value, line, spot.guard)
        if name == HOOK:
            self.hook = value

    def _define(self, node: cst.FunctionDef | cst.ClassDef, spot: Spot) -> frozenset[str]:
        name = node.name.value
        definition = Definition(
            name=name,
            kind=Kind.CLASS if isinstance(node, cst.ClassDef) else Kind.FUNCTION,
            observers=SEEN,
            line=self._cursor.line(_head(node), spot.indent),
            doc_chars=len(node.get_docstring() or ""),
            guard=spot.guard,
        )
        self._bind([definition])
        if name == HOOK and isinstance(node, cst.FunctionDef):
            self.hook = node
        return frozenset({name})

    def _bind(self, found: Iterable[Binding]) -> None:
        for each in found:
            self.bindings.append(each)
            self.deleted.discard(each.name)

    def _find(self, node: cst.CSTNode, spot: Spot) -> int | None:
        # its first line alone: libcst gives the others without the indentation of the block
        return self._cursor.line(self._tree.code_for_node(node).partition("\n")[0].rstrip(), spot.indent)


def _value(name: str, line: int | None, doc: int, spot: Spot) -> Definition:
    return Definition(name=name, kind=Kind.VALUE, observers=SEEN, line=line, doc_chars=doc, guard=spot.guard)


def _head(node: cst.FunctionDef | cst.ClassDef) -> str:
    """How the line begins that names it: `async def f(`, `class A:`."""
    if isinstance(node, cst.FunctionDef):
        opening = "[" if node.type_parameters else "("
        return f"{'async ' if node.asynchronous else ''}def {node.name.value}{opening}"
    opening = "[" if node.type_parameters else "(" if isinstance(node.lpar, cst.LeftParen) else ":"
    return f"class {node.name.value}{opening}"


def _common(branches: Iterable[Reached]) -> Reached:
    """What every branch that comes to its end binds."""
    ended = [branch for branch in branches if branch is not None]
    return frozenset.intersection(*ended) if ended else None
