"""Names across files: what a star import brings, what `__all__` comes to, where a name is defined in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from verifier.apis.facts import Binding, Definition, Facts, Import, LazyName
from verifier.apis.library import Library, Made
from verifier.model import Guard, Kind, ModuleKind, Problem

Trail = frozenset[tuple[str, str]]
"""The names that are being followed: a circle of aliases ends where it comes back to one."""


class Site(Struct, frozen=True):
    """Where the definition of a name stands, as far as it could be followed."""

    kind: Kind = Kind.UNKNOWN
    defined_in: str | None = None
    doc_chars: int | None = None


def is_private(name: str) -> bool:
    """Whether convention keeps the name private: `_x` and `__x__`."""
    return name.startswith("_")


class Follow:
    """Follows names through the source of modules, or through their stubs where `stubs` is set and they have one."""

    def __init__(self, library: Library, *, stubs: bool = False) -> None:
        self.library = library
        self.stubs = stubs
        self._looks: tuple[Callable[[str], Facts | Problem | None], ...] = (library.source, library.stub)
        if stubs:
            self._looks = (library.stub, library.source)
        self._sites: Made[tuple[str, str], Site] = Made(library)
        self._starred: Made[str, frozenset[str]] = Made(library)
        self._stars: Made[str, Mapping[str, tuple[Import, ...]]] = Made(library)

    def facts(self, module: str) -> Facts | None:
        """What is known of the module; None where nothing could be read."""
        for look in self._looks:
            found = look(module)
            if isinstance(found, Facts):
                return found
        return None

    # --- sets of names ------------------------------------------------------------------------------------------------

    def bound(self, module: str) -> frozenset[str]:
        """Every name that the module's source explains, through star imports too; submodules of a package count."""
        facts = self.facts(module)
        if facts is None:
            return frozenset()
        own = facts.names | {each.name for each in self.served(facts)}
        submodules = self.library.children(module) if facts.is_package else frozenset()
        starred = (self.starred(each.module) for each in facts.stars)
        return own.union(submodules, *starred)

    def starred(self, module: str) -> frozenset[str]:
        """What `from module import *` may bind."""
        return self._starred.once(module, lambda: frozenset(self._brought(module)))

    def _brought(self, module: str) -> Iterator[str]:
        for facts in self.star_chain(module):
            yield from self.exported(facts.module)
            if not self._is_listed(facts):
                yield from (name for name in facts.names if not is_private(name))

    def star_chain(self, module: str) -> Iterator[Facts]:
        """The facts of the module, and of those whose names come to it by star imports.

        It ends at an `__all__` that needs no import to complete it.
        """
        waiting, seen = [module], {module}
        while waiting:
            facts = self.facts(waiting.pop())
            if facts is None:
                continue
            yield facts
            if not self._is_listed(facts):
                stars = [each.module for each in facts.stars if each.guard is not Guard.TYPE_CHECKING]
                further = [each for each in stars if each not in seen]
                waiting += further
                seen.update(further)

    def _is_listed(self, facts: Facts) -> bool:
        """Whether its `__all__` says, without running it, what a star import of it brings."""
        return facts.exports is not None and not self.is_computed(facts.module)

    def served(self, facts: Facts) -> tuple[LazyName, ...]:
        """What its `__getattr__` serves: by its own branches, and by the imports of its stub if it goes by these."""
        stub = self.library.stub(facts.module) if facts.lazy_from_stub else None
        if not isinstance(stub, Facts):
            return facts.lazy
        listed = (
            LazyName(name=each.name, module=each.module, attribute=each.attribute, line=each.line)
            for each in stub.imports
            if not each.is_star and self.library.are_related(each.module, facts.module)
        )
        return (*facts.lazy, *listed)

    def exported(self, module: str, trail: frozenset[str] = frozenset()) -> frozenset[str]:
        """The names in the module's `__all__`, with those of other modules that it joins; empty without one."""
        facts = self.facts(module)
        if facts is None or facts.exports is None or module in trail:
            return frozenset()
        joined = (self.exported(each, trail | {module}) for each in facts.exports.joined)
        listed = {entry.name for entry in facts.exports.listed}
        if facts.exports.from_stub:
            listed |= {each.name for each in self.served(facts)}
        return frozenset(listed | (frozenset().union(*joined) - facts.exports.removed))

    def is_computed(self, module: str, trail: frozenset[str] = frozenset()) -> bool:
        """Whether only the import can complete the module's `__all__`."""
        facts = self.facts(module)
        if facts is None or facts.exports is None:
            return bool(trail)  # joined to another one, and not to be read
        if module in trail:
            return False
        return facts.exports.computed or any(self.is_computed(each, trail | {module}) for each in facts.exports.joined)

    def star_imports(self, module: str, name: str) -> tuple[Import, ...]:
        """The star imports that may bind `name` in the module, the last one, which wins, first."""
        facts = self.facts(module)
        if facts is None or name in facts.by_name:
            return ()
        return self._stars.once(module, lambda: self._stars_of(facts)).get(name, ())

    def _stars_of(self, facts: Facts) -> Mapping[str, tuple[Import, ...]]:
        """The star imports of a module by the names that they may bind."""
        found: dict[str, tuple[Import, ...]] = {}
        for star in reversed(facts.stars):
            for name in self.starred(star.module):
                found[name] = (*found.get(name, ()), star)
        return found

    def _unread_stars(self, facts: Facts) -> Iterator[str]:
        """The modules without source of which it imports all: any name may come from there."""
        return (each.module for each in facts.stars if self.facts(each.module) is None)

    def guard(self, module: str, name: str, trail: Trail = frozenset()) -> Guard:
        """The condition under which `name` is bound in the module. A star import passes on that of its origin."""
        facts = self.facts(module)
        if facts is None or name in facts.by_name or (module, name) in trail:
            return facts.guard(name) if facts else Guard.NONE
        guards = [
            each.guard if each.guard is not Guard.NONE else self.guard(each.module, name, trail | {(module, name)})
            for each in self.star_imports(module, name)
        ]
        return Guard.NONE if Guard.NONE in guards or not guards else guards[0]

    # --- one name -----------------------------------------------------------------------------------------------------

    def locate(self, module: str, name: str) -> Site:
        """Where what `module.name` stands for is defined."""
        return self._sites.once((module, name), lambda: self._locate(module, name, frozenset()))

    def _locate(self, module: str, name: str, trail: Trail) -> Site:
        facts = self.facts(module)
        if facts is None:
            return self._submodule(module, name) or self._dead_end(module)
        if (module, name) in trail:
            return self._submodule(module, name) or Site()
        first: Site | None = None
        for site in self._sites_in(facts, name, trail | {(module, name)}):
            if site.kind is not Kind.UNKNOWN:
                return site
            first = first or site
        return first or Site()

    def _sites_in(self, facts: Facts, name: str, trail: Trail) -> Iterator[Site]:
        """What may stand behind `name`, likeliest first."""
        for binding in facts.likeliest(name):
            yield self._bound_site(facts, binding, trail)
        for star in self.star_imports(facts.module, name):
            yield self._locate(star.module, name, trail)
        yield from (self._dead_end(each) for each in self._unread_stars(facts) if name not in facts.by_name)
        for lazy in self.served(facts) if facts.answers_lazily else ():
            if lazy.name == name:
                yield from self._lazy_sites(facts.module, lazy, trail)
        if submodule := self._submodule(facts.module, name):
            yield submodule

    def _bound_site(self, facts: Facts, binding: Binding, trail: Trail) -> Site:
        if isinstance(binding, Import):
            return self._target_site(binding, trail)
        # a docstring in a stub counts; that there is none says nothing, where the code is compiled
        doc = binding.doc_chars if self._is_source(facts) else binding.doc_chars or None
        here = Site(binding.kind, facts.module, doc)
        meant = self._alias_site(facts.module, binding, trail)
        return meant if meant and meant.kind in (Kind.CLASS, Kind.FUNCTION) else here

    def _is_source(self, facts: Facts) -> bool:
        return self.library.source(facts.module) is facts

    def _alias_site(self, module: str, definition: Definition, trail: Trail) -> Site | None:
        """What `b.c` stands for, where the name was set to it; None where it was set to something else."""
        if not definition.alias_of:
            return None
        first, _, rest = definition.alias_of.partition(".")
        site = self._locate(module, first, trail)
        for part in filter(None, rest.split(".")):
            if site.kind is not Kind.MODULE or site.defined_in is None:
                return None
            site = self._locate(site.defined_in, part, trail)
        return site

    def _target_site(self, each: Import, trail: Trail) -> Site:
        module, attribute = each.target
        if attribute is None:
            return self._module_site(module)
        return self._locate(module, attribute, trail)

    def _lazy_sites(self, module: str, lazy: LazyName, trail: Trail) -> Iterator[Site]:
        """The table may mean its modules from the top or from here, and a last part that is no module, an attribute."""
        if lazy.module is None:
            return
        for source in (lazy.module, f"{module}.{lazy.module}"):
            if self.library.place(source) is not None:
                yield self._locate(source, lazy.attribute, trail) if lazy.attribute else self._module_site(source)
                if source.endswith(f".{lazy.name}"):
                    yield self._module_site(source)
            parent, _, last = source.rpartition(".")
            if parent and self.library.place(parent) is not None:
                yield self._locate(parent, last, trail)

    def _submodule(self, module: str, name: str) -> Site | None:
        place = self.library.place(module)
        if place is None or not place.is_package or self.library.place(f"{module}.{name}") is None:
            return None
        return self._module_site(f"{module}.{name}")

    def _module_site(self, module: str) -> Site:
        place = self.library.place(module)
        if place is None:
            return Site()
        facts = self.facts(module)
        if facts is None:
            return Site(Kind.MODULE, module, 0 if place.kind is ModuleKind.NAMESPACE else None)
        return Site(Kind.MODULE, module, facts.doc_chars if self._is_source(facts) else facts.doc_chars or None)

    def _dead_end(self, module: str) -> Site:
        """Compiled code, or a file that nobody can read."""
        return Site(defined_in=module if self.library.place(module) else None)
