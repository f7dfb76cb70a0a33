"""Facts by module name, each file read at most once: the target's own, and those that its re-exports lead to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from verifier.apis.source import read_facts
from verifier.model import Module, ModuleKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from verifier.apis.facts import Facts
    from verifier.apis.finder import Finder, Found
    from verifier.model import Problem

    Read = Callable[..., Facts | Problem]
    """`source.read_facts`, or what knows its answers already."""


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Library:
    """What is known of each module. Its answers never change; it reads files when first asked."""

    def __init__(self, modules: Iterable[Module], finder: Finder, read: Read = read_facts) -> None:
        self._modules = {module.name: module for module in modules}
        self._finder = finder
        self._read_facts = read
        self._tops = {name.partition(".")[0] for name in self._modules}
        self._read: dict[tuple[str, bool], tuple[Facts | Problem, str]] = {}
        self.asked: set[str | Part] = set()
        """The files, and what was made of them, that somebody has asked for."""
        self._children: dict[str, set[str]] = {}
        for name in self._modules:
            parent, _, last = name.rpartition(".")
            self._children.setdefault(parent, set()).add(last)

    def place(self, name: str) -> Module | Found | None:
        """Where the module called `name` is; None if an import would not find it."""
        return self._modules.get(name) or self._finder.find(name)

    def children(self, name: str) -> frozenset[str]:
        """The last parts of the names of the modules directly below `name`."""
        return self._finder.children(name) | self._children.get(name, set())

    def source(self, name: str) -> Facts | Problem | None:
        """What the module's source says; None where there is none: compiled, a namespace, or not found."""
        place = self.place(name)
        if place is None or place.kind is not ModuleKind.SOURCE:
            return None
        return self._said(name, place.file, is_package=place.is_package, is_stub=False)

    def stub(self, name: str) -> Facts | Problem | None:
        """What the module's `.pyi` says; None where there is none."""
        place = self.place(name)
        if place is None:
            return None
        file = place.file if place.kind is ModuleKind.STUB else place.stub
        return self._said(name, file, is_package=place.is_package, is_stub=True)

    def is_own(self, name: str) -> bool:
        """Whether the module belongs to one of the target's top-level packages."""
        return name.partition(".")[0] in self._tops

    def are_related(self, name: str, other: str) -> bool:
        """Whether both modules belong to one package; a namespace (PEP 420) is none, but a place for packages."""
        return self._root(name) == self._root(other)

    def _root(self, name: str) -> str:
        parts = name.split(".")
        for length in range(1, len(parts)):
            root = ".".join(parts[:length])
            place = self.place(root)
            if place is None or place.kind is not ModuleKind.NAMESPACE:
                return root
        return name

    def _said(self, name: str, file: Path | None, *, is_package: bool, is_stub: bool) -> Facts | Problem | None:
        if file is None:
            return None
        if (name, is_stub) not in self._read:
            said = self._read_facts(file, name, is_package=is_package, is_stub=is_stub, in_depth=self.is_own(name))
            self._read[name, is_stub] = said, str(file)
        said, path = self._read[name, is_stub]
        self.asked.add(path)
        return said


class Made(Generic[K, V]):
    """What was made of the answers of a library, by key, and of what the files said that it came from."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._values: dict[K, V] = {}
        self._made_of: dict[Hashable, set[str | Part]] = {}

    def once(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`: what `make` comes to, the first time that anybody wants it."""
        library = self._library
        if key not in self._values:
            outer, library.asked = library.asked, set()
            self._values[key] = make()
            self._made_of[key], library.asked = library.asked, outer
        library.asked.add((self, key))
        return self._values[key]

    def files(self, key: K) -> frozenset[str]:
        """The files that the value came from, by way of what else was made of them too."""
        seen: set[str | Part] = set()
        waiting: list[str | Part] = [(self, key)]
        while waiting:
            part = waiting.pop()
            further = set() if isinstance(part, str) else part[0]._made_of[part[1]] - seen
            seen |= further
            waiting += further
        return frozenset(part for part in seen if isinstance(part, str))


Part = tuple[Made[Any, Any], Hashable]
"""What was made of a library's answers, and its key there."""
