"""verify-apis: from a target to a report. The pipeline is one screen and reads like its drawing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from msgspec.structs import replace

from verifier.apis import effects, runner
from verifier.apis.cache.answers import Answers
from verifier.apis.causes import Findings, find_causes
from verifier.apis.configured import configured
from verifier.apis.graph import Graph
from verifier.apis.judge import judge_all
from verifier.apis.look import Look
from verifier.apis.source import load_observer
from verifier.apis.targets import metadata
from verifier.apis.targets.interpreter import Ask
from verifier.apis.targets.many import Wanted
from verifier.apis.wire import complete
from verifier.config import Config, Given
from verifier.model import Report, Target, TargetReport

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
    return Report(targets=tuple(verify_one(Wanted(asked=name), settings, progress=progress) for name in names))


def verify_one(
    wanted: Wanted, given: Config | Given, ask: Ask | None = None, *, progress: Progress = _silent
) -> TargetReport:
    """The same for one target, without the trails of its imports; `ask` is for those who know what interpreters say."""
    if wanted.problem is not None:
        raise wanted.problem
    with configured(wanted.asked, given, ask or how_to_ask(given), of=wanted.of) as (target, config):
        return replace(verify_target(target, config, progress=progress), trails={})


def verify_target(target: Target, config: Config, *, progress: Progress = _silent) -> TargetReport:
    """The same for a target that is resolved, with the trails of its imports."""
    with _without_collector():
        look = Look(target, config, partial(progress, target))
        graph = Graph(look.statics)
        report = _report(target, look, graph, config)
        look.keep(graph.imports)
        return report


def how_to_ask(given: Config | Given) -> Ask:
    """How to ask interpreters: those that are known are not asked again, and while others start there is work to do."""
    folder = given.cache if isinstance(given, Config) else given.said.get("cache")
    is_new = folder is None or not folder.is_dir()
    ask = partial(runner.ask, meanwhile=load_observer) if is_new else runner.ask
    return Answers(folder, ask) if folder else ask


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


def _report(target: Target, look: Look, graph: Graph, config: Config) -> TargetReport:
    listed, imports, surfaces = look.listed, look.imports, look.statics.surfaces
    results = complete(imports.results, [module.name for module in listed.modules], None)
    results = effects.charge(results, imports.startup, listed.modules)
    modules, verdicts = judge_all(listed.modules, surfaces, results, imports.isolation, config.min_doc_of)
    findings = Findings(
        target=target,
        modules=modules,
        surfaces=surfaces,
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
        causes=() if config.believing else find_causes(findings),
        configuration=config.source,
        strict=config.strict,
        trails={name: result.trail for name, result in results.items()},
    )


def _extras(target: Target, missing: str) -> tuple[str, ...]:
    return metadata.extra_for(target.distribution, missing) if target.distribution else ()
