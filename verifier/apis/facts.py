"""What one file says: the words that the two static observers share. Nothing here reads or decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from msgspec import Struct

from verifier.model import Guard, Kind, Problem

STAR = "*"


def absolute(name: str, level: int, module: str, *, is_package: bool) -> str | None:
    """The absolute name of `from {'.' * level}{name} import …` seen in `module` (PEP 328).

    None if `level` climbs above the top package: such an import fails.
    """
    if not level:
        return name
    parts = module.split(".") if is_package else module.split(".")[:-1]
    kept = len(parts) - level + 1
    base = ".".join(parts[:kept]) if kept > 0 else ""
    return ".".join(filter(None, (base, name))) if base else None


class Definition(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """A name that a module defines: a class, a function, or a value assigned to it."""

    name: str
    kind: Kind
    observers: tuple[str, ...]
    line: int | None = None
    doc_chars: int = 0
    """Length of its own docstring after `inspect.cleandoc`; 0 without one."""
    binds: bool = True
    """False for an annotation alone (`x: int`): it binds nothing in a module, and defines in a stub."""
    alias_of: str | None = None
    """The dotted name that it was set to: `b.c` for `a = b.c`."""
    guard: Guard = Guard.NONE


class Import(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """One name of an import statement, with absolute module names.

    `import a.b as c` counts as `from a import b as c`, which binds the same; `import a.b` alone keeps `a.b` as its
    module, and binds `a`.
    """

    module: str
    attribute: str | None = None
    """What is taken from the module: an attribute or a submodule; `*` for all, None for the module itself."""
    alias: str | None = None
    observers: tuple[str, ...]
    line: int | None = None
    binds: ClassVar[bool] = True
    explicit: bool = False
    """`import a as a` or `from x import y as y`: the typing specification's mark of a re-export."""
    guard: Guard = Guard.NONE

    @property
    def name(self) -> str:
        """The name that it binds; `*` for a star import."""
        return self.alias or self.attribute or self.module.partition(".")[0]

    @property
    def is_star(self) -> bool:
        """Whether it binds whatever the module offers."""
        return self.attribute == STAR

    @property
    def target(self) -> tuple[str, str | None]:
        """What the bound name stands for: a module, and an attribute of it or None."""
        if self.attribute is None and self.alias is None:
            return self.name, None
        return self.module, self.attribute


class Listed(Struct, frozen=True, kw_only=True, array_like=True):
    """One literal entry of `__all__`."""

    name: str
    line: int | None = None
    guard: Guard = Guard.NONE


class Exports(Struct, frozen=True, kw_only=True, array_like=True):
    """What `__all__` holds, as far as its source tells."""

    line: int | None
    observers: tuple[str, ...]
    listed: tuple[Listed, ...] = ()
    joined: tuple[str, ...] = ()
    """Modules whose own `__all__` is joined to it (`__all__ += sub.__all__`)."""
    removed: frozenset[str] = frozenset()
    """What `__all__.remove(…)` takes away from the joined ones."""
    from_stub: bool = False
    """It is what `lazy_loader.attach_stub` gives: what the `.pyi` beside the module imports."""
    computed: bool = False
    """Some part of it only the import can show."""
    odd: tuple[Problem, ...] = ()
    """Entries that are no strings: kept out."""


class LazyName(Struct, frozen=True, kw_only=True, array_like=True):
    """A name that a module `__getattr__` (PEP 562) serves, and where it says to get it from."""

    name: str
    module: str | None = None
    attribute: str | None = None
    """None with a module: the name is that module."""
    line: int | None = None


Binding = Definition | Import


class Facts(Struct, frozen=True, kw_only=True, dict=True, array_like=True, tag=True):
    """Everything that one file says at module level."""

    module: str
    is_package: bool
    doc_chars: int = 0
    bindings: tuple[Binding, ...] = ()
    """In the order of the source. A name that is bound twice stands here twice, where libcst has read the file."""
    exports: Exports | None = None
    """None where the module has no `__all__`."""
    lazy: tuple[LazyName, ...] = ()
    lazy_from_stub: bool = False
    """Its `__getattr__` serves what the `.pyi` beside it imports (`lazy_loader.attach_stub`)."""
    answers_lazily: bool = False
    """It has a module `__getattr__`, or puts something else in its place in `sys.modules`."""
    incidental: frozenset[str] = frozenset()
    """Names that a `for`, `with`, `match` or `:=` binds."""
    deleted: frozenset[str] = frozenset()
    """Names that a `del` takes away again."""
    certain: frozenset[str] = frozenset()
    """Names that are bound whichever way the module's conditions go; griffe alone leaves this empty."""
    text: str = ""
    """The whole text, of the `__init__` of the target's own packages: a change of it is compared with what it was."""
    bodies: tuple[range, ...] = ()
    """The lines of each class and function, from its own line on; libcst leaves this empty."""

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The classes, functions and values."""
        return tuple(each for each in self.bindings if isinstance(each, Definition))

    @property
    def imports(self) -> tuple[Import, ...]:
        """The imports, star imports too."""
        return tuple(each for each in self.bindings if isinstance(each, Import))

    @cached_property
    def stars(self) -> tuple[Import, ...]:
        """The star imports."""
        return tuple(each for each in self.imports if each.is_star)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Binding, ...]]:
        """All bindings of each name, in the order of the source."""
        found: dict[str, tuple[Binding, ...]] = {}
        for each in self.bindings:
            found[each.name] = (*found.get(each.name, ()), each)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the file spells out: bound, incidental, lazy or listed."""
        listed = {entry.name for entry in self.exports.listed} if self.exports else set()
        return frozenset(self.by_name.keys() - {STAR} | self.incidental | listed | {each.name for each in self.lazy})

    def likeliest(self, name: str) -> tuple[Binding, ...]:
        """What may stand behind `name` once the module has run, likeliest first.

        The last binding without a condition overrides those before it; what comes after it under a condition overrides
        it in turn, where the condition holds: after `fast = None`, the `try: from speedups import fast`.
        """
        found = self.by_name.get(name, ())
        plain = max((at for at, each in enumerate(found) if each.guard is Guard.NONE), default=0)
        return (*found[plain + 1 :], found[plain]) if found and found[plain].guard is Guard.NONE else found

    def guard(self, name: str) -> Guard:
        """The condition under which `name` is bound at all; NONE if there is none, or if nothing binds it."""
        guards = {each.guard for each in self.by_name.get(name, ()) if each.binds}
        if name in self.certain or not guards or Guard.NONE in guards:
            return Guard.NONE
        return Guard.CONDITION if Guard.CONDITION in guards else Guard.TYPE_CHECKING
