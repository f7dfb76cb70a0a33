"""All evidence on a target: what is known and still holds, and the rest seen anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from msgspec.structs import replace

from verifier.apis import runner
from verifier.apis.cache import Cache
from verifier.apis.cache.ahead import sources_of
from verifier.apis.cache.record import is_seen
from verifier.apis.cache.write import Seen
from verifier.apis.doubts import Doubts
from verifier.apis.finder import Finder
from verifier.apis.library import Library
from verifier.apis.surface import Statics, read_surfaces
from verifier.apis.targets.modules import find_modules
from verifier.config import Config
from verifier.errors import NothingToCheck
from verifier.model import ImportResult, ModuleList, Surface, Target

Progress = Callable[[int, int, str], None]
"""Told how many modules have been imported, of how many, and which one is at hand."""


class Look:
    """Sources are read while imports run; what the cache knows is neither read nor imported."""

    def __init__(self, target: Target, config: Config, progress: Progress) -> None:
        self._target = target
        self._config = config
        self._progress = progress
        self._cache = Cache(target, config)
        self.listed = self._cache.listed or _list(target, config)
        if not self.listed.modules:
            raise _nothing_public(target, self.listed)
        self._modules = modules = self.listed.modules
        self._held = self._cache.what_holds(modules)
        self._finder = finder_of(target)
        self._library = Library(modules, self._finder, self._cache.read)
        self._doubts = Doubts(modules if config.believing else (), self._cache)
        self.imports = self._see()

    @cached_property
    def statics(self) -> Statics:
        """What the sources say."""
        read = self._held.read
        if read is not None and read.is_whole:
            return Statics(surfaces=read.surfaces, files={}, library=self._library, graph=read.graph)
        known = read.surfaces if read is not None else {}
        others = [module for module in self._modules if module.name not in known]
        self._cache.facts.read_ahead(tuple(sources_of(others)), self._config.jobs)
        new = read_surfaces(self._library, others)
        both = {**known, **new.surfaces}
        return replace(new, surfaces={module.name: both[module.name] for module in self._modules})

    def keep(self, graph: Mapping[str, tuple[str, ...]] | None) -> None:
        """Let later runs know, with whom each module imports, where anybody has asked."""
        read, statics = self._held.read, self.statics
        if read is not None and read.is_whole and self.imports is self._held.imports and graph is read.graph:
            return
        files = {**(read.files() if read else {}), **statics.files}
        seen = Seen(
            listed=self.listed,
            questions=self._questions,
            imports=self.imports,
            statics=replace(statics, files=files, graph=graph),
            used={*self._finder.listed, *self._cache.facts.paths, *(read.used if read else ())},
            is_reread=read is None,
            believed=self._doubts.believed.keys(),
        )
        self._cache.keep(seen)

    @cached_property
    def _questions(self) -> Mapping[str, runner.Question]:
        return questions_on(self.statics.surfaces)

    def _see(self) -> runner.Imports:
        held, doubts = self._held, self._doubts
        names = [module.name for module in self._modules]
        known = {**held.results, **doubts.results}
        first = self._import([name for name in names if not is_seen(name, known)])
        shown = first.results if first else {}
        doubts.drop(shown, self._questions)
        known = {**held.results, **doubts.results, **shown}
        second = self._import(
            [name for name in names if not is_seen(name, known) or held.is_asked_otherwise(name, self._questions[name])]
        )
        if held.imports and not first and not second and not doubts.believed and not held.is_outdated:
            return held.imports
        return _joined([each for each in (held.imports, first, second) if each], doubts.results)

    def _import(self, names: list[str]) -> runner.Imports | None:
        """Import these modules; the sources are read meanwhile, since nobody has needed them before."""
        if not names:
            return None
        with runner.Sandbox(self._target, names, self._config) as sandbox:
            questions = {name: self._questions[name] for name in names}
            return sandbox.collect(questions, lambda name, done: self._progress(done, len(names), name))


def _list(target: Target, config: Config) -> ModuleList:
    return find_modules(
        target,
        include_private=config.include_private,
        include_tests=config.include_tests,
        exclude=config.exclude,
    )


def _nothing_public(target: Target, listed: ModuleList) -> NothingToCheck:
    left_out = listed.private + listed.tests + listed.mains + listed.excluded
    what = (
        f"there is no public module here, and {left_out} that are left out" if left_out else "there is no module here"
    )
    places = ", ".join(str(place) for root in target.roots for place in root.locations)
    fix = "give --include-private or --include-tests" if left_out else ""
    return NothingToCheck(f"{target.name}: {what}", where=places, fix=fix, is_sound=True)


def _joined(seen: list[runner.Imports], believed: Mapping[str, ImportResult]) -> runner.Imports:
    """What several runs have seen, of which the last counts, and what is believed."""
    results = {name: result for imports in seen for name, result in imports.results.items()}
    return replace(seen[-1], results={**believed, **results})


def questions_on(surfaces: Mapping[str, Surface]) -> dict[str, runner.Question]:
    """What to ask each module: the names that it advertises, and all of them where only the import can tell."""
    return {
        name: runner.Question(
            names=tuple([symbol.name for symbol in surface.symbols]),
            list_public=surface.computed_exports or surface.listed_by_runtime,
        )
        for name, surface in surfaces.items()
    }


def finder_of(target: Target) -> Finder:
    """What finds modules as an import of the target would."""
    interpreter = target.interpreter
    return Finder(target.search_path, interpreter.extension_suffixes, interpreter.builtin_modules)
