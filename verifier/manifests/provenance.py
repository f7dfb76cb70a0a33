"""Pointers to where a value comes from: one grammar, written here and read back here.

| pointer | points to |
|---|---|
| `claude.me:§Features:L12`, `docs/use.md:§Use:L3-9` | lines of a text, and the heading that they stand under |
| `ast:__init__.py`, `ast:cart.py:L10-24` | source code |
| `importcheck`, `importcheck:shop.cart.Cart` | what an import has shown |
| `git:HEAD@0a1b2c3` | a commit |
| `bench:/bench/manifest/shop.json#p95` | a metric of a measurement |
| `coverage:/coverage.json` | a report of coverage |
| `pytest:summary` | the summary of a test run |
| `policy:lane:L2` | what the configuration lays down |

A path is relative to the module's folder; one that begins with `/`, to the root of the repository. In paths and names
`%`, `:`, `#` and control characters are percent-encoded, in headings `%` and control characters.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import unquote

from msgspec import Struct

IN_PATH = re.compile(r"[%:#\x00-\x1f\x7f\x85\u2028\u2029]")
IN_HEADING = re.compile(r"[%\x00-\x1f\x7f\x85\u2028\u2029]")


class Kind(StrEnum):
    """What a pointer points to."""

    TEXT = "text"
    CODE = "ast"
    IMPORT = "importcheck"
    COMMIT = "git"
    BENCH = "bench"
    COVERAGE = "coverage"
    TESTS = "pytest"
    POLICY = "policy"


class Pointer(Struct, frozen=True, kw_only=True):
    """A pointer, taken apart. What its kind does not have is empty, or 0."""

    kind: Kind
    path: str = ""
    heading: str = ""
    first: int = 0
    last: int = 0
    """Lines, counted from 1; 0 where the whole file is meant."""
    name: str = ""
    """A dotted name, a commit, a metric, or what the policy is about: `lane:L2`."""

    def __str__(self) -> str:
        path, name = IN_PATH.sub(_encoded, self.path), IN_PATH.sub(_encoded, self.name)
        return {
            Kind.TEXT: f"{path}:§{IN_HEADING.sub(_encoded, self.heading)}:{self._lines}",
            Kind.CODE: f"ast:{path}:{self._lines}" if self.first else f"ast:{path}",
            Kind.IMPORT: f"importcheck:{self.name}" if self.name else "importcheck",
            Kind.COMMIT: f"git:HEAD@{self.name}",
            Kind.BENCH: f"bench:{path}#{name}",
            Kind.COVERAGE: f"coverage:{path}",
            Kind.TESTS: "pytest:summary",
            Kind.POLICY: f"policy:{IN_HEADING.sub(_encoded, self.name)}",
        }[self.kind]

    @property
    def _lines(self) -> str:
        return f"L{self.first}" + (f"-{self.last}" if self.last > self.first else "")


def text(path: str, heading: str, first: int, last: int = 0) -> str:
    """Lines of a text, under this heading; empty where they stand before the first one."""
    return str(Pointer(kind=Kind.TEXT, path=path, heading=heading, first=first, last=max(first, last)))


def code(path: str, first: int = 0, last: int = 0) -> str:
    """Source code: a whole file, or lines of it."""
    return str(Pointer(kind=Kind.CODE, path=path, first=first, last=max(first, last)))


def imported(name: str = "") -> str:
    """What the import of a dotted name has shown."""
    return str(Pointer(kind=Kind.IMPORT, name=name))


def commit(sha: str) -> str:
    """A commit."""
    return str(Pointer(kind=Kind.COMMIT, name=sha))


def bench(path: str, metric: str) -> str:
    """A metric of a measurement."""
    return str(Pointer(kind=Kind.BENCH, path=path, name=metric))


def coverage(path: str) -> str:
    """A report of coverage."""
    return str(Pointer(kind=Kind.COVERAGE, path=path))


def tests() -> str:
    """The summary of a test run."""
    return str(Pointer(kind=Kind.TESTS))


def policy(kind: str, name: str) -> str:
    """What the configuration lays down: `policy("lane", "L2")`."""
    return str(Pointer(kind=Kind.POLICY, name=f"{kind}:{name}"))


LINES = r"L(?P<first>[1-9]\d{0,8})(?:-(?P<last>[1-9]\d{0,8}))?"
PATH = r"(?P<path>[^:#]+)"
FORMS = {
    kind: re.compile(form, re.DOTALL)
    for kind, form in {
        Kind.TEXT: rf"{PATH}:§(?P<heading>.*):{LINES}",
        Kind.CODE: rf"ast:{PATH}(?::{LINES})?",
        Kind.IMPORT: r"importcheck(?::(?P<name>[^\s:]+))?",
        Kind.COMMIT: r"git:HEAD@(?P<name>[0-9a-f]+)",
        Kind.BENCH: rf"bench:{PATH}#(?P<name>[^:#]+)",
        Kind.COVERAGE: rf"coverage:{PATH}",
        Kind.TESTS: r"pytest:summary",
        Kind.POLICY: r"policy:(?P<name>[^:]+:.+)",
    }.items()
}


def parse(pointer: str) -> Pointer | None:
    """A pointer, taken apart; None if it is none. `str()` of what comes out is what went in."""
    for kind, form in FORMS.items():
        if found := form.fullmatch(pointer):
            parts = found.groupdict()
            first = int(parts.get("first") or 0)
            read = Pointer(
                kind=kind,
                path=unquote(parts.get("path") or ""),
                heading=unquote(parts.get("heading") or ""),
                first=first,
                last=int(parts.get("last") or first),
                name=unquote(parts.get("name") or ""),
            )
            return read if str(read) == pointer else None
    return None


def _encoded(character: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in character[0].encode())
