"""verify-apis: from a target to a report. The pipeline is one screen and reads like its drawing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from msgspec.structs import replace

from verifier.apis import effects, runner
from verifier.apis.cache import Cache
from verifier.apis.causes import Findings, find_causes
from verifier.apis.configured import configured
from verifier.apis.finder import Finder
from verifier.apis.graph import Graph
from verifier.apis.judge import judge_all
from verifier.apis.library import Library
from verifier.apis.source import load_observer
from verifier.apis.surface import Statics, read_surfaces
from verifier.apis.targets import metadata
from verifier.apis.targets.modules import find_modules
from verifier.apis.wire import complete
from verifier.config import Config, Given
from verifier.model import Module, ModuleList, Report, Surface, Target, TargetReport

Progress = Callable[[Target, int, int, str], None]
"""Told how far it has come: the target, how many of its modules are done, how many there are, the one at hand."""


def _silent(target: Target, done: int, total: int, module: str) -> None:
    """Progress that nobody wants to see."""


def verify(names: Sequence[str], config: Config | Given | None = None, *, progress: Progress = _silent) -> Report:
    """Sort every public API of the named targets into verified and pending. Runs no target code in this process.

    A `Config` is taken as it is; a `Given` is completed by the configuration file that counts for each target.
    Raises UserError where a target cannot be found or read (see `verifier.errors` for its kinds).
    """
    settings = Config() if config is None else config
    return Report(targets=tuple(_verify_one(name, settings, progress) for name in names))


def _verify_one(name: str, given: Config | Given, progress: Progress) -> TargetReport:
    ask = partial(runner.ask, meanwhile=_nothing if _is_cached(given) else load_observer)
    with _without_collector(), configured(name, given, ask) as (target, config):
        listed = find_modules(
            target,
            include_private=config.include_private,
            include_tests=config.include_tests,
            exclude=config.exclude,
        )
        statics, imports = _look(target, listed.modules, config, partial(progress, target))
        return _report(target, listed, statics, imports, config)


def _is_cached(given: Config | Given) -> bool:
    """Whether there may be evidence from earlier runs."""
    folder = given.cache if isinstance(given, Config) else given.said.get("cache")
    return folder is not None and folder.is_dir()


def _nothing() -> None:
    """What is done meanwhile where there is nothing to do."""


def _look(
    target: Target,
    modules: tuple[Module, ...],
    config: Config,
    progress: Callable[[int, int, str], None],
) -> tuple[Statics, runner.Imports]:
    """All evidence: what is known and still holds, and the rest seen anew. Sources are read while imports run."""
    cache = Cache(target, config)
    held = cache.what_holds(modules)
    finder = _finder(target)
    library = Library(modules, finder, cache.facts.read)

    def read() -> Statics:
        return Statics(surfaces=held.surfaces, library=library) if held.surfaces else read_surfaces(library, modules)

    names = [module.name for module in modules]
    unknown = [name for name in names if not held.answers_for(name)]
    statics, imports = _import(target, unknown, config, read, progress)
    questions = _questions(statics.surfaces)
    others = [name for name in names if held.is_asked_otherwise(name, questions[name])]
    _, more = _import(target, others, config, lambda: statics, progress)
    whole = _joined([each for each in (held.imports, imports, more) if each], names)
    if imports or more or not held.surfaces or held.is_outdated:
        cache.keep(modules, questions, whole, statics.surfaces, {*finder.listed, *cache.facts.paths, *held.used})
    return statics, whole


def _import(
    target: Target,
    names: list[str],
    config: Config,
    read: Callable[[], Statics],
    progress: Callable[[int, int, str], None],
) -> tuple[Statics, runner.Imports | None]:
    """Import these modules while `read` is at work."""
    if not names:
        return read(), None
    with runner.Sandbox(target, names, config) as sandbox:
        statics = read()
        questions = {name: question for name, question in _questions(statics.surfaces).items() if name in names}
        return statics, sandbox.collect(questions, lambda name, done: progress(done, len(names), name))


def _joined(seen: list[runner.Imports], names: list[str]) -> runner.Imports:
    """What several runs have seen, of which the last counts."""
    results = {name: result for imports in seen for name, result in imports.results.items()}
    return replace(seen[-1], results=complete(results, names, None))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Trees of syntax are built and dropped by the million; the collector would walk them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _finder(target: Target) -> Finder:
    interpreter = target.interpreter
    return Finder(target.search_path, interpreter.extension_suffixes, interpreter.builtin_modules)


def _report(
    target: Target, listed: ModuleList, statics: Statics, imports: runner.Imports, config: Config
) -> TargetReport:
    results = effects.charge(imports.results, imports.startup, listed.modules)
    modules, verdicts = judge_all(listed.modules, statics.surfaces, results, imports.isolation, config.min_doc_of)
    graph = Graph(statics)
    findings = Findings(
        target=target,
        modules=modules,
        surfaces=statics.surfaces,
        results=results,
        verdicts=verdicts,
        extras=lambda missing: _extras(target, missing),
        roots=graph.roots,
        circle=graph.cycle,
        configuration=config.source,
    )
    return TargetReport(
        target=target,
        isolation=imports.isolation,
        startup=tuple(effects.judge(effect, imports.isolation) for effect in imports.startup),
        left_out=listed,
        modules=modules,
        verdicts=verdicts,
        causes=find_causes(findings),
        configuration=config.source,
        strict=config.strict,
    )


def _questions(surfaces: Mapping[str, Surface]) -> dict[str, runner.Question]:
    """What to ask each module: the names that it advertises, and all of them where only the import can tell."""
    return {
        name: runner.Question(
            names=tuple(symbol.name for symbol in surface.symbols),
            list_public=surface.computed_exports or surface.listed_by_runtime,
        )
        for name, surface in surfaces.items()
    }


def _extras(target: Target, missing: str) -> tuple[str, ...]:
    return metadata.extra_for(target.distribution, missing) if target.distribution else ()
