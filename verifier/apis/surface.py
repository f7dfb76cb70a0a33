"""What each module advertises, put together from the facts of all files: names, bases, kinds and own docstrings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath

from msgspec import Struct

from verifier.apis.facts import Facts, Import
from verifier.apis.follow import Follow
from verifier.apis.library import Library, Made
from verifier.apis.public import advertised
from verifier.model import Basis, Evidence, Guard, Module, ModuleKind, Problem, Surface, Symbol


class Statics(Struct, frozen=True, kw_only=True):
    """All that is known of a target without running it."""

    surfaces: Mapping[str, Surface]
    files: Mapping[str, frozenset[str]]
    """Those that each surface was read from."""
    library: Library
    """For what else its modules say: whom they import."""
    graph: Mapping[str, tuple[str, ...]] | None = None
    """Whom each module imports, where an earlier run has asked."""


def read_surfaces(library: Library, modules: Iterable[Module]) -> Statics:
    """The surface of each module, by name. Reads their files, and those that their re-exports lead to; runs nothing."""
    sources, stubs = Follow(library), Follow(library, stubs=True)
    made: Made[str, Surface] = Made(library)
    surfaces = {module.name: made.once(module.name, partial(_surface, module, sources, stubs)) for module in modules}
    return Statics(surfaces=surfaces, files={name: made.files(name) for name in surfaces}, library=library)


def _surface(module: Module, sources: Follow, stubs: Follow) -> Surface:
    match module.kind:
        case ModuleKind.NAMESPACE:
            return Surface(module=module.name)
        case ModuleKind.SOURCE:
            read = sources.library.source(module.name)
            return _of_source(module, read, sources, stubs) if isinstance(read, Facts) else _unread(module, read)
    read = stubs.library.stub(module.name)
    if isinstance(read, Facts):
        return _of_stub(module, read, stubs)
    if module.kind is ModuleKind.COMPILED:
        return Surface(module=module.name, listed_by_runtime=True)
    return _unread(module, read)


def _unread(module: Module, problem: Problem | None) -> Surface:
    return Surface(module=module.name, problem=problem or Problem(what="has no source to read"))


def _of_source(module: Module, facts: Facts, sources: Follow, stubs: Follow) -> Surface:
    public = advertised(sources, module.name)
    bound = sources.bound(module.name)
    in_stub = advertised(stubs, module.name) if module.stub else {}
    symbols = [_symbol(module, facts, name, basis, sources) for name, basis in public.items()]
    stub = stubs.facts(module.name)
    if stub is not None:
        symbols += [_symbol(module, stub, name, Basis.STUB, stubs) for name in in_stub.keys() - public.keys() - bound]
    computed = sources.is_computed(module.name)
    others = bound - public.keys() if computed else frozenset()
    return Surface(
        module=module.name,
        symbols=_sorted(symbols),
        computed_exports=computed,
        answers_lazily=facts.answers_lazily,
        candidates=_sorted([_symbol(module, facts, name, Basis.ALL, sources) for name in others]),
    )


def _of_stub(module: Module, facts: Facts, stubs: Follow) -> Surface:
    """Where there is no source the stub is the evidence."""
    public = advertised(stubs, module.name)
    symbols = [
        _symbol(module, facts, name, Basis.ALL if basis is Basis.ALL else Basis.STUB, stubs)
        for name, basis in public.items()
    ]
    return Surface(module=module.name, symbols=_sorted(symbols))


def _sorted(symbols: list[Symbol]) -> tuple[Symbol, ...]:
    return tuple(sorted(symbols, key=lambda symbol: symbol.name))


# --- one symbol -------------------------------------------------------------------------------------------------------


class _Trace(Struct, frozen=True, kw_only=True):
    """Where a file says a name, who saw it, and what they saw."""

    observers: tuple[str, ...]
    what: str
    line: int | None


def _symbol(module: Module, facts: Facts, name: str, basis: Basis, follow: Follow) -> Symbol:
    site = follow.locate(module.name, name)
    file = _shown(module, facts, follow)
    traces = tuple(_traces(facts, name, follow))
    return Symbol(
        module=module.name,
        name=name,
        kind=site.kind,
        basis=basis,
        defined_in=site.defined_in,
        file=file,
        line=next((trace.line for trace in traces if trace.line), None),
        doc_chars=site.doc_chars,
        guard=_guard(facts, name, follow),
        evidence=tuple(
            Evidence(observer=observer, what=trace.what, line=trace.line)
            for trace in traces
            for observer in trace.observers
        ),
    )


def _shown(module: Module, facts: Facts, follow: Follow) -> str:
    """The file that the facts come from, as shown to people."""
    if follow.library.source(module.name) is facts or module.kind is ModuleKind.STUB or module.stub is None:
        return module.shown
    return str(PurePosixPath(module.shown).with_name(module.stub.name))


def _traces(facts: Facts, name: str, follow: Follow) -> Iterator[_Trace]:
    """Every place of the file that speaks of `name`: first what binds it, then what lists it."""
    for binding in facts.likeliest(name)[:1]:
        what = "import" if isinstance(binding, Import) else "definition"
        yield _Trace(observers=binding.observers, what=what, line=binding.line)
    for star in follow.star_imports(facts.module, name)[:1]:
        yield _Trace(observers=star.observers, what="star import", line=star.line)
    if any(each.name == name for each in follow.served(facts)):
        hook = facts.by_name.get("__getattr__", ())
        yield _Trace(observers=("libcst",), what="lazy", line=hook[-1].line if hook else None)
    if facts.exports is not None:
        listed = next((entry for entry in facts.exports.listed if entry.name == name), None)
        if listed is not None or name in follow.exported(facts.module):
            line = (listed and listed.line) or facts.exports.line
            yield _Trace(observers=facts.exports.observers, what="__all__", line=line)


def _guard(facts: Facts, name: str, follow: Follow) -> Guard:
    """The condition on which `name` exists; that on its being listed, where nothing binds it."""
    guard = follow.guard(facts.module, name)
    listed = facts.exports.listed if facts.exports else ()
    if guard is Guard.NONE and name not in facts.by_name:
        return next((entry.guard for entry in listed if entry.name == name), guard)
    return guard
