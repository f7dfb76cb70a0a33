"""What may notice a change: modules that speak of what it has changed, as far as sources tell.

`--changed` alone goes by this, so that a commit need not wait until all that hangs on a package is imported again. A
full run does not: it imports whatever depends on a file that has changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from verifier.apis.cache import Cache
from verifier.apis.runner import Question
from verifier.apis.source import EXPORTS, read_bytes, text_of
from verifier.model import ImportResult, Module, Problem

STAR = rb"\bimport\s*\(?\s*\*"
OF_EXPORTS = rb"\.\s*__all__\b"


class Doubts:
    """What was seen of modules before something changed that they depend on; some of it is believed to be so still."""

    def __init__(self, modules: Iterable[Module], kept: Cache) -> None:
        self._modules = tuple(modules)
        self._kept = kept
        self._known = kept.in_doubt(self._modules)
        self._words: dict[str, frozenset[str] | None] = {}
        self.believed = {
            module.name: self._known[module.name]
            for module in self._modules
            if module.name in self._known and not self._may_notice(module, self._known[module.name].changed)
        }

    @property
    def results(self) -> Mapping[str, ImportResult]:
        """What is believed."""
        return {name: evidence.result for name, evidence in self.believed.items()}

    def drop(self, seen: Mapping[str, ImportResult], questions: Mapping[str, Question]) -> None:
        """Believe no longer what is asked something else, or depends on what now shows something else than before.

        `seen` is what imports have shown meanwhile, `questions` are those of all modules.
        """
        others = {str(module.file) for module in self._modules if self._differs(module, seen.get(module.name))}
        self.believed = {
            name: evidence
            for name, evidence in self.believed.items()
            if evidence.question == questions[name] and (not others or others.isdisjoint(evidence.used()))
        }

    def _differs(self, module: Module, result: ImportResult | None) -> bool:
        """Of a module that has changed itself, whose names are known to differ, it counts how its import ends."""
        if result is None or module.name not in self._known:
            return False
        before = self._known[module.name]
        was = before.result
        if (result.ending, result.failure) != (was.ending, was.failure):
            return True
        return str(module.file) not in before.changed and (result.exports, result.answers) != (was.exports, was.answers)

    def _may_notice(self, module: Module, changed: frozenset[str]) -> bool:
        """Whether any of the names that a change concerns stands in the module's file."""
        if module.file is None or str(module.file) in changed:
            return True
        words = [self._concerned(path) for path in changed]
        known = [each for each in words if each is not None]
        return len(known) < len(words) or _speaks_of(module, frozenset().union(*known))

    def _concerned(self, path: str) -> frozenset[str] | None:
        """The names that the change of a path concerns; None where it may concern anything."""
        if path not in self._words:
            self._words[path] = self._look(path)
        return self._words[path]

    def _look(self, path: str) -> frozenset[str] | None:
        if path in self._now and path in self._before:
            return self._compare(self._now[path]) if self._now[path].is_package else None
        if path not in self._places or not self._come_and_gone:
            return None
        return self._come_and_gone

    @cached_property
    def _now(self) -> Mapping[str, Module]:
        """The modules by their files."""
        return _by_file(self._modules)

    @cached_property
    def _before(self) -> Mapping[str, Module]:
        """Those that there were when the target was last seen."""
        return _by_file(self._kept.listed_before)

    @cached_property
    def _places(self) -> frozenset[str]:
        """The files of all modules, and their folders."""
        files = self._now.keys() | self._before.keys()
        return frozenset({*files, *map(os.path.dirname, files)})

    @cached_property
    def _come_and_gone(self) -> frozenset[str]:
        """The last parts of the names of modules that are new, or that are there no more."""
        now, before = ({module.name for module in each.values()} for each in (self._now, self._before))
        return frozenset(name.rpartition(".")[2] for name in now ^ before)

    def _compare(self, module: Module) -> frozenset[str] | None:
        from verifier.apis.difference import concerned  # noqa: PLC0415  `ast` is slow to load

        data = read_bytes(module.file) if module.file else b""
        after = data if isinstance(data, Problem) else text_of(data)
        before = self._kept.source_before(str(module.file), module.name)
        return concerned(before, after) if before is not None and isinstance(after, str) else None


def _by_file(modules: Iterable[Module]) -> dict[str, Module]:
    return {str(module.file): module for module in modules if module.file is not None}


def _speaks_of(module: Module, words: frozenset[str]) -> bool:
    """Whether any of the words stands in the module's file; one that imports all of another module may mean any."""
    data = read_bytes(module.file) if module.file and words else b""
    names = b"|".join(re.escape(word.encode()) for word in sorted(words - {EXPORTS}))
    ways = [STAR, *([rb"\b(?:%b)\b" % names] if names else ()), *([OF_EXPORTS] if EXPORTS in words else ())]
    return isinstance(data, Problem) or re.search(b"|".join(ways), data) is not None
