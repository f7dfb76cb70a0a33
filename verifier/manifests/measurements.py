"""What artifacts have measured of a module, as far as it holds for the module as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

from verifier.manifests.artifacts import Artifacts
from verifier.manifests.belonging import SOURCE, strangers
from verifier.manifests.changes import Changes
from verifier.manifests.extractors.observed import Measured
from verifier.manifests.model import Absent, Place
from verifier.manifests.readers import package
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.readers.coverage import CoverageReading, FileLines, together
from verifier.manifests.readers.tests import TestsReading, summary_of
from verifier.manifests.repository import Repository
from verifier.manifests.sources import Content, content_of, json_of
from verifier.model import Problem

NAMED = 3
"""So many files are told, and of the others how many there are."""
SUFFIX = ".json"


class OfAll(Problem, frozen=True):
    """What is wrong with an artifact for whatever module: it is enough to say it once."""


class Measurements:
    """The artifacts of a repository, each held against its module and its sources as they are now."""

    def __init__(self, repository: Repository, now: datetime) -> None:
        self._repository = repository
        self._artifacts = Artifacts(repository, now)
        self._changes = Changes(repository.root)

    def bench(self, place: Place) -> BenchReading | Absent | Problem:
        """The measurement of a module, if it is the only one, and one of its files as they are."""
        shown = place_of_bench(place, self._repository)
        if others := [path for path in self._claims.get(place.path, ()) if path != shown]:
            return Problem(what=f"{_named(others)} claims to be of {place.path}, and one is all that a module has")
        found = self._artifacts.bench(shown, place.path)
        if isinstance(found, Problem):
            return Problem(what=f"{shown}: {found.what}")
        if isinstance(found, Absent):
            return found
        files = self._files(place)
        if found.sources:
            held = {path: _digest(self._repository.root, path) for path in files}
            changed = sorted(path for path in held.keys() | found.sources if held.get(path) != found.sources.get(path))
            return Problem(what=f"{shown}: {_older(changed)}") if changed else found
        return self._stale(shown, files) or found

    def coverage(self, place: Place) -> Measured | Absent | Problem:
        """How much of a module its tests have run."""
        shown = self._repository.settings.coverage
        found, shares = self._artifacts.coverage(shown), self._artifacts.files(shown)
        if not isinstance(found, CoverageReading):
            return _of_all(found, shown)
        if place.path in shares.disputed:
            return Problem(what=f"{shown}: {shares.disputed[place.path]}")
        files = shares.own.get(place.path, ())
        percent = together(files).percent
        if isinstance(percent, Absent):
            return Absent(f"{shown} has no lines of it")
        if isinstance(found.observed_at, Absent):
            return OfAll(what=f"{shown}: {found.observed_at.why}")
        if foreign := next((why for file in files if (why := _of_another(file, self._repository.root))), ""):
            return Problem(what=f"{shown}: it is of another state of the repository: {foreign}")
        measured = Measured(percent=percent, observed_at=found.observed_at, source=found.source)
        return self._stale(shown, [file.path for file in files]) or measured

    def tests(self, place: Place) -> Measured | Absent | Problem:
        """How many of the tests of a module that were run have passed, in percent."""
        shown, found = self._repository.settings.tests, self._artifacts.tests
        if not isinstance(found, TestsReading):
            return _of_all(found, shown)
        shares = self._artifacts.cases
        if place.path in shares.disputed:
            return Problem(what=f"{shown}: {shares.disputed[place.path]}")
        cases = shares.own.get(place.path, ())
        if not cases:
            return Absent(f"{shown} has no tests of it")
        percent = summary_of(cases).availability
        if isinstance(percent, Absent):
            return Problem(what=f"{shown}: all {len(cases)} tests of it were skipped")
        if isinstance(found.observed_at, Absent):
            return OfAll(what=f"{shown}: {found.observed_at.why}")
        sources = {*self._files(place), *_files_of({case.where for case in cases}, self._repository.root)}
        measured = Measured(percent=percent, observed_at=found.observed_at, source=found.source)
        return self._stale(shown, sources) or measured

    def stray(self) -> Iterator[str]:
        """What no module can have, for people: artifacts and entries of the configuration that name none."""
        settings, paths = self._repository.settings, self._repository.paths
        for name in strangers(paths, settings.elsewhere):
            yield f"`elsewhere` in [tool.enrich]: there is no module '{name}'"
        places = {place_of_bench(place, self._repository) for place in self._repository.places}
        for module in sorted(self._claims.keys() - paths):
            what = f"there is no module '{module}'" if module else "it names no module"
            yield from (f"{shown}: {what}" for shown in self._claims[module] if shown not in places)

    @cached_property
    def _claims(self) -> dict[str, list[str]]:
        """The artifacts of measurements, by the module that each says it is of; by nothing, where it says none."""
        root, claims = self._repository.root, dict[str, list[str]]()
        for path in sorted((root / self._repository.settings.bench).rglob(f"*{SUFFIX}")):
            shown = path.relative_to(root).as_posix()
            content = content_of(path, shown)
            said = json_of(content.data) if isinstance(content, Content) else None
            module = said.get("module") if isinstance(said, dict) else ""
            claims.setdefault(module if isinstance(module, str) else "", []).append(shown)
        return claims

    def _files(self, place: Place) -> tuple[str, ...]:
        return package.files(place, self._repository.paths)

    def _stale(self, shown: str, files: Iterable[str]) -> Problem | None:
        """Why an artifact is not of these files as they are."""
        changed = self._changes.since(shown, files)
        if isinstance(changed, Problem):
            return OfAll(what=f"{shown}: {changed.what}")
        return Problem(what=f"{shown}: {_older(changed)}") if changed else None


def place_of_bench(place: Place, repository: Repository) -> str:
    """The path of a module's measurement in the repository."""
    return f"{repository.settings.bench}/{place.path}{SUFFIX}"


def source_digests(place: Place, repository: Repository) -> dict[str, str]:
    """SHA-256 of the source files of a module, by path in the repository."""
    found = {path: _digest(repository.root, path) for path in package.files(place, repository.paths)}
    return {path: digest for path, digest in found.items() if digest}


def _digest(root: Path, path: str) -> str:
    content = content_of(root / path, path)
    return content.source.digest if isinstance(content, Content) else ""


def _of_all(found: Absent | Problem, shown: str) -> Absent | OfAll:
    """Why an artifact that all modules share is of no use."""
    return OfAll(what=f"{shown}: {found.what}") if isinstance(found, Problem) else found


def _older(changed: Iterable[str]) -> str:
    return f"it is older than its source: {_named([*changed])} changed later"


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(paths[:NAMED]) + more


def _of_another(file: FileLines, root: Path) -> str:
    """What shows that a report has seen another state of a file; empty if nothing does."""
    content = content_of(root / file.path, file.path)
    if not isinstance(content, Content):
        return f"{file.path} is not there"
    lines = content.data.splitlines()
    for number in file.numbers if file.path.endswith(SOURCE) else ():
        if number > len(lines):
            return f"it has line {number} of {file.path}, which has {len(lines)}"
        text = lines[number - 1].strip()
        if not text or text.startswith(b"#"):
            return f"nothing can be run in line {number} of {file.path}"
    return ""


def _files_of(names: Iterable[str], root: Path) -> Iterator[str]:
    """The files that tests are in, which are named by their file, or by a class and what it is imported from."""
    for name in names:
        parts = name.removesuffix(SOURCE).split("/")
        files = ("/".join(parts[:depth]) + SOURCE for depth in range(len(parts), 0, -1))
        yield from [file for file in files if (root / file).is_file()][:1]
