"""The modules of a repository by the names that a text calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from verifier.manifests.metadata import is_section
from verifier.manifests.text import Token, stem, tokens

_SUFFIXES = {"module", "service", "engine", "system", "manager", "library", "lib", "package", "core", "py"}
SUFFIXES = frozenset(map(stem, _SUFFIXES))
"""What a folder's name may have, and a text leaves out."""
COMMON = frozenset(map(stem, (
    "app", "application", "base", "client", "code", "common", "component", "config", "context", "core", "data",
    "engine", "event", "framework", "helper", "infra", "interface", "key", "layer", "lib", "main", "model", "node",
    "platform", "plugin", "process", "processing", "product", "script", "server", "service", "shared", "src",
    "state", "storage", "stream", "system", "task", "tool", "type", "user", "util", "utility", "validation", "web",
    "worker", "business", "enterprise", "development", "analytics", "orchestration", "compliance",
)))  # fmt: skip
"""Stems that name a module in many repositories, and that mean no module in most texts."""
MOST_WORDS = 5


class Modules(Struct, frozen=True):
    """All modules of a repository."""

    paths: Mapping[str, frozenset[str]]
    """Stems of a name, joined by blanks -> the paths of the modules that are called that."""
    written: Mapping[str, frozenset[str]]
    """A path, the last part of it, or a dotted name, as it is written."""
    walked: Mapping[str, frozenset[str]]
    """Stems of a whole path, joined by blanks."""


def modules_of(paths: Iterable[str]) -> Modules:
    """The names of the modules at these paths."""
    by_stems: dict[str, set[str]] = {}
    by_text: dict[str, set[str]] = {}
    by_path: dict[str, set[str]] = {}
    for path in paths:
        base = path.rpartition("/")[2]
        for text in (path, base, path.replace("/", ".")):
            by_text.setdefault(text.casefold(), set()).add(path)
        by_stems.setdefault(stems_of(base), set()).add(path)
        by_path.setdefault(stems_of(path), set()).add(path)
    return Modules(_frozen(by_stems), _frozen(by_text), _frozen(by_path))


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(each) for key, each in sets.items() if key}


def stems_of(name: str) -> str:
    """The words of a folder's name: `mcp-server`, `mcp_server` and `mcpServer` are the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"[-_.]+", " ", name))
    return " ".join(token.stem for token in tokens(spaced) if token.stem)


def own_names(path: str) -> frozenset[str]:
    """What a text may call the module at `path`, as stems."""
    words = stems_of(path.rpartition("/")[2]).split()
    shorter = words[:-1] if len(words) > 1 and words[-1] in SUFFIXES else words
    return frozenset({" ".join(words), " ".join(shorter)} - {""})


class Others(Struct, frozen=True):
    """The modules of a repository, seen from one of them."""

    modules: Modules
    own: str
    """The path of that one."""

    def written(self, text: str) -> bool:
        """Whether a text, as it stands in code or as a path, is the name of another module."""
        return self._foreign(self.modules.written.get(text.strip().strip("/").casefold(), frozenset()))

    def called(self, stems: str) -> bool:
        """Whether these words are the name of another module."""
        return self._foreign(self.modules.paths.get(stems, frozenset()))

    def named(self, line: Sequence[Token], begin: int, end: int, around: frozenset[str]) -> bool:
        """Whether the name here must mean the module: it has several words, or one of `around` behind it."""
        if end - begin > 1 or line[begin].compound:
            return True
        common = line[begin].stem in COMMON or is_section(line[begin].word)
        return not common and any(token.word in around for token in line[end : end + 1])

    def spots(self, line: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """Where a text may name another module: first token, and that behind the last one."""
        for index, token in enumerate(line):
            if token.compound and self.written(token.word):
                yield index, index + 1
            for end in range(index + 1, min(index + MOST_WORDS, len(line)) + 1):
                if not line[end - 1].stem:
                    break
                stems = " ".join(each.stem for each in line[index:end])
                if self.called(stems) or (_is_in_one(line[index:end]) and self._walked(stems)):
                    yield index, end

    def _walked(self, stems: str) -> bool:
        return self._foreign(self.modules.walked.get(stems, frozenset()))

    def _foreign(self, paths: frozenset[str]) -> bool:
        """A name that is the module's own, too, means the module; so do those of the folders around it and below it."""
        return bool(paths) and not any(_related(path, self.own) for path in paths)


def _is_in_one(line: Sequence[Token]) -> bool:
    """Whether there are no blanks: `libs/mcp-server`."""
    return len(line) > 1 and all(token.joint for token in line[1:])


def _related(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
