"""All evidence on a target: what is known and still holds, and the rest seen anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from verifier.apis import runner
from verifier.apis.cache import Cache
from verifier.apis.cache.write import Seen
from verifier.apis.finder import Finder
from verifier.apis.library import Library
from verifier.apis.surface import Statics, read_surfaces
from verifier.apis.targets.modules import find_modules
from verifier.config import Config
from verifier.model import ModuleList, Surface, Target

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
        self._modules = modules = self.listed.modules
        self._held = self._cache.what_holds(modules)
        self._finder = finder_of(target)
        self._library = Library(modules, self._finder, self._cache.facts.read)
        self.statics, self.imports = self._see()

    def keep(self, graph: Mapping[str, tuple[str, ...]] | None) -> None:
        """Let later runs know, with whom each module imports, where anybody has asked."""
        held, statics = self._held, self.statics
        if self.imports is held.imports and statics.surfaces is held.surfaces and graph is held.graph:
            return
        seen = Seen(
            listed=self.listed,
            questions=questions_on(statics.surfaces),
            imports=self.imports,
            statics=replace(statics, graph=graph),
            used={*self._finder.listed, *self._cache.facts.paths, *held.used},
        )
        self._cache.keep(seen)

    def _see(self) -> tuple[Statics, runner.Imports]:
        held = self._held
        names = [module.name for module in self._modules]
        statics, imports = self._import([name for name in names if not held.answers_for(name)], self._read)
        questions = questions_on(statics.surfaces)
        others = [name for name in names if held.is_asked_otherwise(name, questions[name])]
        _, more = self._import(others, lambda: statics)
        if held.imports and not imports and not more and not held.is_outdated:
            return statics, held.imports
        return statics, _joined([each for each in (held.imports, imports, more) if each])

    def _read(self) -> Statics:
        held = self._held
        if held.surfaces is not None:
            return Statics(surfaces=held.surfaces, library=self._library, graph=held.graph)
        return read_surfaces(self._library, self._modules)

    def _import(self, names: list[str], read: Callable[[], Statics]) -> tuple[Statics, runner.Imports | None]:
        """Import these modules while `read` is at work."""
        if not names:
            return read(), None
        with runner.Sandbox(self._target, names, self._config) as sandbox:
            statics = read()
            questions = questions_on({name: statics.surfaces[name] for name in names})
            imports = sandbox.collect(questions, lambda name, done: self._progress(done, len(names), name))
        return statics, imports


def _list(target: Target, config: Config) -> ModuleList:
    return find_modules(
        target,
        include_private=config.include_private,
        include_tests=config.include_tests,
        exclude=config.exclude,
    )


def _joined(seen: list[runner.Imports]) -> runner.Imports:
    """What several runs have seen, of which the last counts."""
    return replace(seen[-1], results={name: result for imports in seen for name, result in imports.results.items()})


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
