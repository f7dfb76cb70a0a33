"""Where the pointers of a module lead: each is looked up in what it names, as that is now."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import cached_property

from verifier.manifests import provenance
from verifier.manifests.artifacts import Artifacts
from verifier.manifests.document import CODE, Document
from verifier.manifests.model import Absent, Place
from verifier.manifests.provenance import Kind, Pointer
from verifier.manifests.readers import context, git
from verifier.manifests.readers.apis import Apis
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.readers.coverage import CoverageReading
from verifier.manifests.sources import Content, content_of
from verifier.model import THERE, Problem

OUTSIDE = Absent("it leads out of the repository")
CHOSEN = "tags:manifest"
"""What maintainers have chosen themselves: the manifest is the source."""
METRICS = ("p50", "p95", "p99", "stddev")
"""What a measurement has of each entrypoint, in milliseconds."""


class Resolver:
    """Follows the pointers of one module. A text that several of them lead to is read once."""

    def __init__(self, place: Place, artifacts: Artifacts, *, lane: str | Absent, found: Apis | Absent) -> None:
        self.place = place
        self.artifacts = artifacts
        self.repository = artifacts.repository
        self.lane = lane
        """The canonical name of the module's lane."""
        self.found = found
        """What was imported just now."""
        self._contents: dict[str, Content | Absent | Problem] = {}
        self._documents: dict[str, Document | Absent] = {}
        self._ways: Mapping[Kind, Callable[[Pointer], str]] = {
            Kind.TEXT: self._text,
            Kind.CODE: self._code,
            Kind.IMPORT: self._import,
            Kind.COMMIT: self._commit,
            Kind.BENCH: self._bench,
            Kind.COVERAGE: lambda pointer: _why(self.coverage(pointer), pointer.path),
            Kind.TESTS: lambda _: _why(artifacts.tests, self.repository.settings.tests),
            Kind.POLICY: self._policy,
        }

    def wrong_with(self, text: str) -> str:
        """Why a pointer leads to nothing; empty if it leads to something."""
        pointer = provenance.parse(text)
        if pointer is None:
            return "it has none of the forms of a pointer"
        if pointer.path and self.shown(pointer.path) is None:
            return OUTSIDE.why
        return self._ways[pointer.kind](pointer)

    def shown(self, path: str) -> str | None:
        """A path of a pointer as the repository has it; None if it leads out of that."""
        whole = posixpath.normpath(path.lstrip("/") if path.startswith("/") else f"{self.place.path}/{path}")
        return None if whole.partition("/")[0] == ".." else whole

    def content(self, path: str) -> Content | Absent | Problem:
        """The file that a path of a pointer names."""
        shown = self.shown(path)
        if shown is None:
            return OUTSIDE
        if shown not in self._contents:
            self._contents[shown] = content_of(self.repository.root / shown, shown)
        return self._contents[shown]

    def bench(self, pointer: Pointer) -> BenchReading | Absent | Problem:
        """The measurement that a pointer names."""
        shown = self.shown(pointer.path)
        return OUTSIDE if shown is None else self.artifacts.bench(shown, self.place.path)

    def coverage(self, pointer: Pointer) -> CoverageReading | Absent | Problem:
        """The report of coverage that a pointer names."""
        shown = self.shown(pointer.path)
        return OUTSIDE if shown is None else self.artifacts.coverage(shown)

    # --- one way for each kind of pointer: why it leads to nothing ----------------------------------------------------

    def _text(self, pointer: Pointer) -> str:
        document = self._document(pointer.path)
        if isinstance(document, Absent):
            return document.why
        there = [block for block in document.blocks if block.first <= pointer.first <= block.last]
        if not there or not any(block.first <= pointer.last <= block.last for block in document.blocks):
            return "nothing that can be read stands there"
        headings = {block.heading.replace(CODE, "") for block in there}
        return "" if pointer.heading in headings else f"it stands under '{min(headings)}'"

    def _document(self, path: str) -> Document | Absent:
        content = self.content(path)
        if not isinstance(content, Content):
            return Absent(_why(content, path))
        if path not in self._documents:
            self._documents[path] = context.document_of(content.data, path, content.source.path)
        return self._documents[path]

    def _code(self, pointer: Pointer) -> str:
        content = self.content(pointer.path)
        if not isinstance(content, Content):
            return _why(content, pointer.path)
        lines = len(content.data.splitlines())
        return "" if pointer.last <= lines else f"it has {lines} lines"

    def _import(self, pointer: Pointer) -> str:
        if isinstance(self.found, Absent):
            return self.found.why
        return "" if not pointer.name or pointer.name in self._imported else "no import has shown that"

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The names that this run has looked at, and the APIs among them that are there."""
        if isinstance(self.found, Absent):
            return frozenset()
        modules = (each.name for each in self.found.modules)
        apis = (verdict.symbol.path for verdict in self.found.verdicts if verdict.answer.how in THERE)
        return frozenset((self.found.name, *modules, *apis))

    def _commit(self, pointer: Pointer) -> str:
        known = git.has_commit(self.repository.root, pointer.name)
        if isinstance(known, Absent):
            return known.why
        return "" if known else "the repository has no such commit"

    def _bench(self, pointer: Pointer) -> str:
        if wrong := _why(self.bench(pointer), pointer.path):
            return wrong
        return "" if pointer.name in METRICS else f"a measurement has {', '.join(METRICS)}"

    def _policy(self, pointer: Pointer) -> str:
        family, _, name = pointer.name.partition(":")
        if family != "lane":
            return "" if pointer.name == CHOSEN else "the configuration lays down no such thing"
        if name not in self.repository.settings.lanes:
            return "no such lane is configured"
        return "" if name == self.lane else f"that is not the lane of the module: {_lane(self.lane)}"


def _lane(lane: str | Absent) -> str:
    return lane.why if isinstance(lane, Absent) else lane


def _why(found: object, path: str) -> str:
    """Why something could not be read; empty if it could."""
    if isinstance(found, Absent):
        return found.why
    return f"{path} {found.what}" if isinstance(found, Problem) else ""
