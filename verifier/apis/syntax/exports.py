"""`__all__` in all its forms, put together in the order of the statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from verifier.apis.facts import Exports, Import, Listed
from verifier.apis.syntax.expressions import dotted, string, strings
from verifier.apis.syntax.statements import SEEN
from verifier.model import Guard, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.apis.facts import Binding

EXPORTS = "__all__"
SAME_NAMES = frozenset({"list", "tuple", "set", "frozenset", "sorted"})
"""Calls that return the names that they were given."""
MUTATION = re.compile(
    r"(?<![\w.])__all__[ \t]*(?:[+|]=|\.(?:append|extend|insert|remove|pop|clear)\b|\[[^\]\n]*\][ \t]*=(?!=))"
)


class Part(Struct, frozen=True, kw_only=True):
    """What one expression adds to `__all__`."""

    names: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    computed: bool = False

    def __add__(self, other: Part) -> Part:
        return Part(
            names=self.names + other.names,
            joined=self.joined + other.joined,
            odd=self.odd + other.odd,
            computed=self.computed or other.computed,
        )


SHARED = Part(computed=True)
"""What one of several targets gets: `_, _, __all__ = …`."""


class ExportList:
    """Follows `__all__` from statement to statement."""

    def __init__(
        self,
        module: str,
        bindings: Sequence[Binding],
        tables: Mapping[str, cst.BaseExpression],
        *,
        is_package: bool,
    ) -> None:
        self._module = module
        self._bindings = bindings
        self._tables = tables
        self._is_package = is_package
        self._line: int | None = None
        self._seen = False
        self._from_stub = False
        self._mutations = 0
        self._parts: list[tuple[Part, Guard]] = []
        self._removed: set[str] = set()
        self._open: set[str] = set()

    def assign(self, value: cst.BaseExpression, line: int | None, guard: Guard, *, whole: bool = True) -> None:
        """`__all__ = value`; not `whole` where it is one of several targets that share `value`."""
        part = self._part(value) if whole else SHARED
        if guard is Guard.NONE:
            self._parts, self._removed = [], set()
        self._line = self._line or line
        self._seen = True
        self._parts.append((part, guard))

    def serve(self, names: Sequence[str], *, from_stub: bool) -> None:
        """`_, _, __all__ = attach(…)` gives it these names; without effect where no such statement was seen."""
        self._from_stub = from_stub and any(part is SHARED for part, _ in self._parts)
        served = Part(names=tuple(names))
        self._parts = [(served if part is SHARED else part, guard) for part, guard in self._parts]

    def mutate(self, node: cst.AugAssign | cst.Expr, guard: Guard) -> None:
        """`__all__ += …`, `__all__.extend(…)` and the like; anything else is left alone."""
        match node:
            case cst.AugAssign(target=cst.Name(value="__all__"), value=value):
                self._add(self._part(value), guard)
            case cst.Expr(value=cst.Call(func=cst.Attribute(value=cst.Name(value="__all__"), attr=method), args=args)):
                self._call(method.value, [argument.value for argument in args], guard)

    def _call(self, method: str, arguments: Sequence[cst.BaseExpression], guard: Guard) -> None:
        match method, arguments:
            case ("extend", [value]):
                self._add(self._part(value), guard)
            case ("append", [value]) | ("insert", [_, value]):
                self._add(self._entry(value), guard)
            case ("remove", [value]) if name := string(value):
                self._mutations += 1
                self._removed.add(name)
            case ("sort" | "reverse", _):
                pass
            case _:
                self._add(Part(computed=True), guard)

    def _add(self, part: Part, guard: Guard) -> None:
        self._mutations += 1
        self._parts.append((part, guard))
        self._removed -= set(part.names)

    # --- expressions --------------------------------------------------------------------------------------------------

    def _part(self, node: cst.BaseExpression) -> Part:
        match node:
            case cst.List() | cst.Tuple() | cst.Set():
                parts = (
                    self._part(each.value) if isinstance(each, cst.StarredElement) else self._entry(each.value)
                    for each in node.elements
                )
                return sum(parts, Part())
            case cst.Dict():
                return Part(names=strings(node))
            case cst.BinaryOperation(left=left, operator=cst.Add() | cst.BitOr(), right=right):
                return self._part(left) + self._part(right)
        return self._reference(node)

    def _reference(self, node: cst.BaseExpression) -> Part:
        match node:
            case cst.Call(func=cst.Name(value=name), args=[argument]) if name in SAME_NAMES:
                return self._part(argument.value)
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="keys" | "copy")), args=[]):
                return self._part(inner)
            case cst.Name(value=name):
                return self._named(name)
            case cst.Attribute(value=inner, attr=cst.Name(value="__all__")):
                return self._joined(dotted(inner))
        return Part(computed=True)

    def _entry(self, node: cst.BaseExpression) -> Part:
        name = string(node)
        if name is not None:
            return Part(names=(name,))
        if isinstance(node, cst.BaseNumber | cst.SimpleString | cst.ConcatenatedString | cst.List | cst.Tuple):
            return Part(odd=(cst.Module(body=[]).code_for_node(node),))
        return Part(computed=True)

    def _named(self, name: str) -> Part:
        """A variable: a list that the module made before, or somebody else's `__all__` under another name."""
        if name == EXPORTS:
            whole = sum((part for part, _ in self._parts), Part())
            return replace(whole, names=tuple(each for each in whole.names if each not in self._removed))
        for each in reversed(self._bindings):
            if each.name == name and isinstance(each, Import):
                return Part(joined=(each.module,)) if each.attribute == EXPORTS else Part(computed=True)
        table = self._tables.get(name)
        if table is None or name in self._open:
            return Part(computed=True)
        self._open.add(name)  # `names = names + more` would go round for ever
        part = self._part(table)
        self._open.discard(name)
        return part

    def _joined(self, name: str | None) -> Part:
        """`sub.__all__`: what an import bound to `sub`, or else the submodule, which any import of it binds here."""
        if name is None:
            return Part(computed=True)
        first, _, rest = name.partition(".")
        for each in reversed(self._bindings):
            if each.name == first and isinstance(each, Import):
                return Part(joined=(".".join(filter(None, (*each.target, rest))),))
        return Part(joined=(f"{self._module}.{name}",)) if self._is_package else Part(computed=True)

    # --- outcome ------------------------------------------------------------------------------------------------------

    def result(self, text: str) -> Exports | None:
        """What it comes to; None where the module has no `__all__`. `text` has the bodies of its functions too."""
        imported = [each for each in self._bindings if each.name == EXPORTS and isinstance(each, Import)]
        if not self._seen and not imported:
            return None
        whole = sum((part for part, _ in self._parts), Part(joined=tuple(each.module for each in imported)))
        # the last word has a part without a condition
        parts = sorted(self._parts, key=lambda each: each[1] is Guard.NONE)
        guards = {name: guard for part, guard in parts for name in part.names}
        return Exports(
            line=self._line or next((each.line for each in imported), None),
            observers=SEEN,
            listed=tuple(
                Listed(name=name, guard=guards[name])
                for name in dict.fromkeys(whole.names)
                if name not in self._removed
            ),
            joined=tuple(dict.fromkeys(whole.joined)),
            removed=frozenset(self._removed),
            from_stub=self._from_stub,
            # a decorator or a function of the module changes it where the walk does not look
            computed=whole.computed or len(MUTATION.findall(text)) > self._mutations,
            odd=tuple(Problem(what=f"{code} in __all__ is no string", line=self._line) for code in whole.odd),
        )
