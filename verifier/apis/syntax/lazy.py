"""The names that a module `__getattr__` (PEP 562) serves, as far as its source spells them out.

Two styles are read: a function with branches (`if name == "x"`, `name in TABLE`, `TABLE[name]`, `match name`), and
`lazy_loader.attach` and `attach_stub` (Scientific Python's SPEC 1), also where a package carries its own copy of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import libcst as cst
from msgspec import Struct

from verifier.apis.facts import Import, LazyName, absolute
from verifier.apis.syntax.expressions import below, dotted, elements, pairs, string, strings
from verifier.apis.syntax.statements import imports_from
from verifier.model import Guard

Tables = Mapping[str, cst.BaseExpression]
LOOK_UPS = frozenset({"get", "pop"})


class Served(Struct, frozen=True):
    """What a module `__getattr__` serves."""

    names: tuple[LazyName, ...] = ()
    from_stub: bool = False
    """It serves what the stub beside the module imports."""


class _Place(Struct, frozen=True):
    """The module that a `__getattr__` belongs to."""

    module: str
    is_package: bool
    tables: Tables

    def literal(self, node: cst.CSTNode | None) -> cst.CSTNode | None:
        """`node`, or the value of the module's variable that it names."""
        return self.tables.get(node.value) if isinstance(node, cst.Name) else node


def served(
    hook: cst.FunctionDef | cst.BaseExpression,
    imports: Iterable[Import],
    module: str,
    tables: Tables,
    *,
    is_package: bool,
) -> Served:
    """The names that `hook` serves: the definition of `__getattr__`, or the expression that it was set to."""
    place = _Place(module, is_package, tables)
    if isinstance(hook, cst.FunctionDef):
        return Served(_unique(_branches(hook, place)))
    if isinstance(hook, cst.Call):
        return _attached(hook, {each.name: each for each in imports}, place)
    return Served()


def _unique(names: Iterable[LazyName]) -> tuple[LazyName, ...]:
    """One of each name: one that says where it comes from, if any does."""
    found: dict[str, LazyName] = {}
    for each in names:
        if each.name not in found or found[each.name].module is None:
            found[each.name] = each
    return tuple(found.values())


# --- attach -----------------------------------------------------------------------------------------------------------


def _attached(call: cst.Call, imports: Mapping[str, Import], place: _Place) -> Served:
    function = _original_name(dotted(call.func) or "", imports)
    if function == "attach_stub":
        return Served(from_stub=True)
    if function != "attach":
        return Served()
    given = dict(
        zip(("package", "submodules", "submod_attrs"), (each for each in call.args if not each.keyword), strict=False)
    )
    given |= {each.keyword.value: each for each in call.args if each.keyword}
    values = {name: place.literal(argument.value) for name, argument in given.items()}
    modules = (LazyName(name=name, module=f"{place.module}.{name}") for name in strings(values.get("submodules")))
    attributes = (
        LazyName(name=name, module=f"{place.module}.{submodule}", attribute=name)
        for submodule, names in pairs(values.get("submod_attrs"))
        for name in strings(place.literal(names))
    )
    return Served(_unique((*modules, *attributes)))


def _original_name(called: str, imports: Mapping[str, Import]) -> str:
    """The function's own name, where `from lazy_loader import attach as _attach` has given it another."""
    bound = imports.get(called)
    return (bound and bound.attribute) or called.rpartition(".")[2]


# --- branches ---------------------------------------------------------------------------------------------------------


def _branches(function: cst.FunctionDef, place: _Place) -> Iterator[LazyName]:
    """Every name that the function compares its parameter with or looks it up among, but for what it refuses."""
    if not function.params.params:
        return
    parameter = function.params.params[0].name.value
    nodes = tuple(below(function.body))
    refused = {each.name for node in nodes for each in _refused(node, parameter, place)}
    sources = {each.name: each for node in nodes for each in _imported(node, place)}
    for each in (each for node in nodes for each in _mentioned(node, parameter, place)):
        if each.name not in refused:
            yield each if each.module else sources.get(each.name, each)


def _imported(node: cst.CSTNode, place: _Place) -> Iterator[LazyName]:
    """`from .x import y` in a branch: where `y` comes from."""
    if isinstance(node, cst.ImportFrom):
        for each in imports_from(node, place.module, None, Guard.NONE, is_package=place.is_package):
            yield LazyName(name=each.name, module=each.module, attribute=each.attribute)


def _refused(node: cst.CSTNode, parameter: str, place: _Place) -> Iterator[LazyName]:
    """The names for which an `if` does nothing but raise: names that were removed, mostly."""
    match node:
        case cst.If(test=cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Equal() | cst.In())]) as test):
            if _ends_in_raise(node.body):
                yield from _mentioned(test, parameter, place)


def _ends_in_raise(body: cst.BaseSuite) -> bool:
    match body:
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[*_, cst.Raise()])]):
            return True
        case cst.SimpleStatementSuite(body=[*_, cst.Raise()]):
            return True
    return False


def _mentioned(node: cst.CSTNode, parameter: str, place: _Place) -> Iterator[LazyName]:
    match node:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            if isinstance(operator, cst.Equal | cst.NotEqual):
                sides = (string(left), string(right)) if parameter in (dotted(left), dotted(right)) else ()
                yield from (LazyName(name=name) for name in sides if name is not None)
            elif isinstance(operator, cst.In | cst.NotIn) and dotted(left) == parameter:
                yield from _table(place.literal(right), place)
        case cst.Subscript(value=table, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            if dotted(key) == parameter:
                yield from _table(place.literal(table), place)
        case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value=method)), args=[key, *_]):
            if method in LOOK_UPS and dotted(key.value) == parameter:
                yield from _table(place.literal(table), place)
        case cst.Match(subject=subject) if dotted(subject) == parameter:
            values = (
                each.value for case in node.cases for each in below(case.pattern) if isinstance(each, cst.MatchValue)
            )
            yield from (LazyName(name=name) for value in values if (name := string(value)) is not None)


def _table(node: cst.CSTNode | None, place: _Place) -> Iterator[LazyName]:
    """The keys of a table; where its values are strings, they say where each name comes from."""
    sources = {name: _source(name, value, place) for name, value in pairs(node)}
    for name in dict.fromkeys((*strings(node), *sources)):
        yield sources.get(name) or LazyName(name=name)
    if isinstance(node, cst.DictComp):
        yield from _turned_around(node, place)


def _turned_around(node: cst.DictComp, place: _Place) -> Iterator[LazyName]:
    """`{name: module for module, names in TABLE.items() for name in names}`: modules to names, reversed."""
    match node.for_in:
        case cst.CompFor(
            iter=cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value="items"))), inner_for_in=inner
        ):
            for module, names in pairs(place.literal(table)):
                for name in strings(names) if inner else (module,):
                    yield _from(module, name, name, place)


def _source(name: str, value: cst.BaseExpression, place: _Place) -> LazyName:
    """Where a table says that `name` comes from: `"module"`, `"module:attribute"` or `("module", "attribute")`."""
    parts = strings(value)
    module, _, attribute = (string(value) or "").partition(":")
    if len(parts) == len(elements(value) or ()) == 2:
        module, attribute = parts
    return _from(module, attribute or name, name, place) if module else LazyName(name=name)


def _from(module: str, attribute: str, name: str, place: _Place) -> LazyName:
    bare = module.lstrip(".")
    source = absolute(bare, len(module) - len(bare), place.module, is_package=place.is_package)
    return LazyName(name=name, module=source, attribute=attribute)
