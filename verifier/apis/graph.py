"""Who imports whom at import time: the order of work, closures, cycles, and whose failure is whose.

The graph is importlab's, fed from our own static facts: importlab's `ImportGraph` resolves names with `find_spec`,
which runs parent packages in the process that asks. Imports in functions and for type checkers only are no edges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from verifier.apis.facts import Facts
from verifier.model import Guard

if TYPE_CHECKING:
    from verifier.apis.facts import Import
    from verifier.apis.library import Library
    from verifier.apis.surface import Statics


class Graph:
    """The imports among the target's own modules. Nothing is computed before it is asked for."""

    def __init__(self, statics: Statics) -> None:
        self._modules = tuple(sorted(statics.surfaces))
        self._library = statics.library
        self._known = statics.graph

    def closure(self, module: str) -> frozenset[str]:
        """Every module of the target that an import of `module` imports: itself, its parents, and theirs."""
        reached, waiting = {module}, deque([module])
        while waiting:
            each = waiting.popleft()
            further = {*self._imported(each), *parents(each)} - reached
            reached |= further
            waiting.extend(further)
        return frozenset(reached)

    def cycle(self, module: str) -> tuple[str, ...]:
        """A shortest circle of imports through `module`, which it begins with; empty if there is none."""
        came_from: dict[str, str] = {}
        waiting = deque([module])
        while waiting:
            each = waiting.popleft()
            for imported in sorted(self._imported(each)):
                if imported == module:
                    return _way_back(module, each, came_from)
                if imported not in came_from:
                    came_from[imported] = each
                    waiting.append(imported)
        return ()

    def order(self) -> tuple[tuple[str, ...], ...]:
        """All modules, those that are imported before those that import them; the modules of a circle together."""
        return _in_order(self._digraph)

    def roots(self, failed: Iterable[str]) -> Mapping[str, str]:
        """For each failed module, the one whose failure explains it: itself, or one that it imports, first by name.

        A module that did import passes no failure on. A parent package fails before its submodule is even read.
        """
        names = frozenset(failed)
        below = self._roots_by_import(names)
        return {name: _root(name, below) for name in sorted(names)}

    def _roots_by_import(self, failed: frozenset[str]) -> Mapping[str, str]:
        import networkx as nx  # type: ignore[import-untyped]  # noqa: PLC0415  heavy, and comes with importlab

        among = nx.DiGraph()
        among.add_nodes_from(failed)
        among.add_edges_from((name, each) for name in failed for each in self._imported(name) if each in failed)
        roots: dict[str, str] = {}
        for group in _in_order(among):
            below = {roots[each] for name in group for each in among[name] if each not in group}
            roots |= dict.fromkeys(group, min(below, default=group[0]))
        return roots

    @property
    def imports(self) -> Mapping[str, tuple[str, ...]] | None:
        """Whom each module imports, as far as anybody has asked: None if nobody has."""
        return self.__dict__.get("_imports", self._known)

    def _imported(self, module: str) -> Iterable[str]:
        return self._imports.get(module, ())

    @cached_property
    def _imports(self) -> Mapping[str, tuple[str, ...]]:
        return self._known or {name: tuple(below) for name, below in self._digraph.adj.items()}

    @cached_property
    def _digraph(self) -> Any:
        """A networkx.DiGraph from importer to imported.

        importlab's own `build` would collapse circles in it, at the price of a walk over all edges for each of them:
        too slow for a package with hundreds of small ones. `_in_order` asks networkx instead.
        """
        dependencies = _dependency_graph(lambda name: sorted(imported(name, self._library)))
        for module in self._modules:
            dependencies.add_file_recursive(module)
        return dependencies.graph


def load_library() -> None:
    """Load importlab, and networkx with it, before somebody asks."""
    _dependency_graph(lambda _: [])


def _dependency_graph(look_up: Callable[[str], list[str]]) -> Any:
    """An empty importlab graph that asks `look_up` whom a module imports."""
    from importlab.graph import DependencyGraph  # type: ignore[import-untyped]  # noqa: PLC0415  heavy

    class Dependencies(DependencyGraph):  # type: ignore[misc]  # untyped
        """Nodes are names of modules."""

        def get_file_deps(self, filename: str) -> tuple[list[str], list[str]]:
            return look_up(filename), []

    return Dependencies()


def imported(module: str, library: Library) -> Iterator[str]:
    """The modules of the target that the statements of `module` import."""
    facts = library.source(module)
    if not isinstance(facts, Facts):
        return
    own_parents = set(parents(module))
    for each in facts.imports:
        if each.guard is not Guard.TYPE_CHECKING and library.is_own(each.module):
            yield from (name for name in _loaded(each, library, own_parents) if name != module)


def _loaded(each: Import, library: Library, own_parents: set[str]) -> Iterator[str]:
    """What an import loads: the module, its parents, and what it takes from it, where that is a module.

    The importer's own parents are there before it: it depends on one only if it asks it for something.
    """
    submodule = f"{each.module}.{each.attribute}"
    is_submodule = each.attribute is not None and library.place(submodule) is not None
    if is_submodule:
        yield submodule
    if not (is_submodule and each.module in own_parents) and library.place(each.module) is not None:
        yield each.module
    yield from (name for name in parents(each.module) if name not in own_parents)


def parents(module: str) -> Iterator[str]:
    """The packages that `module` is in, nearest first."""
    while module := module.rpartition(".")[0]:
        yield module


def _root(name: str, below: Mapping[str, str]) -> str:
    """The root of `name`, where `below` knows the roots by import alone, and a failed parent may explain these."""
    root = below[name]
    seen: set[str] = set()
    while root not in seen:
        seen.add(root)
        root = next((below[parent] for parent in parents(root) if parent in below), root)
    return root


def _way_back(first: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    way = [last]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))


def _in_order(digraph: Any) -> tuple[tuple[str, ...], ...]:
    """The strongly connected components of a networkx.DiGraph, dependencies first, each sorted; ties by first name."""
    import networkx as nx  # noqa: PLC0415  heavy, and comes with importlab

    condensed = nx.condensation(digraph)
    groups = {node: tuple(sorted(members)) for node, members in condensed.nodes(data="members")}
    order = nx.lexicographical_topological_sort(condensed.reverse(copy=False), key=lambda node: groups[node])
    return tuple(groups[node] for node in order)
