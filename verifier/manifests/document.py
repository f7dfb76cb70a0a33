"""A text that describes a module, taken apart: what stands where, without markup, code and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from verifier.manifests import provenance
from verifier.manifests.model import Json, Source

CODE = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for a code span in a plain text; the spans themselves are in `Block.codes`."""


class Kind(StrEnum):
    """What kind of place a block is."""

    HEADING = "heading"
    BULLET = "bullet"
    CELL = "cell"
    PARAGRAPH = "paragraph"


class Mark(StrEnum):
    """What a reader sees at once, and no word of the text says."""

    QUOTE = "quote"
    """It stands in a block quote."""
    OPEN_TASK = "open_task"
    """`[ ]`, or a picture that says the same."""
    CROSSED = "crossed"
    """A cross, or another picture that says no."""
    PLACEHOLDER = "placeholder"
    """`TODO: …`, a template value: nobody has written it."""
    EMPTY = "empty"
    """A heading with nothing below it."""


class Beside(Struct, frozen=True):
    """Another cell of the same row."""

    column: str
    """What the head of its column says."""
    text: str
    """With its code spans; `no` or `planned` where a picture says that."""


class Block(Struct, frozen=True, kw_only=True):
    """A heading, list item, cell of a table or paragraph."""

    kind: Kind
    text: str
    """Plain: without markup, pictures, HTML and what is struck out; `CODE` stands for a code span."""
    first: int
    last: int
    """Lines of the file, counted from 1."""
    unit: int = 0
    """What is said in one go has the same number: all cells of a row."""
    level: int = 0
    """1 to 6 for a heading; how deep a list item is nested, from 1."""
    lead: int = 0
    """So many characters at its beginning are bold; 0 if none are."""
    links: tuple[tuple[int, int], ...] = ()
    """Where in `text` the texts of links are."""
    codes: tuple[str, ...] = ()
    """The code spans, in order."""
    under: tuple[str, ...] = ()
    """The headings that it stands under, outermost first; without its own."""
    scope: tuple[str, ...] = ()
    """What else it stands under: a bold line, the sentence before its list, the items around it, its column's head."""
    beside: tuple[Beside, ...] = ()
    """The other cells of its row."""
    marks: frozenset[Mark] = frozenset()

    @property
    def heading(self) -> str:
        """The nearest heading, or its own."""
        return self.text if self.kind is Kind.HEADING else self.under[-1] if self.under else ""

    def pointer(self, path: str) -> str:
        """Where it stands in the file at `path`."""
        return provenance.text(path, self.heading.replace(CODE, ""), self.first, self.last)


class Status(StrEnum):
    """Whether somebody means what stands there."""

    WRITTEN = "written"
    DRAFT = "draft"
    STUB = "stub"


class Document(Struct, frozen=True, kw_only=True):
    """A context file."""

    path: str
    """Relative to the module's folder."""
    source: Source
    status: Status
    why: str = ""
    """Why it is a draft or a stub."""
    front: Mapping[str, Json] = field(default_factory=dict)
    """The front matter."""
    blocks: tuple[Block, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be read as it was meant, for people."""
    passed_over: tuple[str, ...] = ()
    """Files that come before it in the order of trust and say nothing, with the reason."""

    @property
    def title(self) -> str:
        """Its only heading of level 1; empty if there is none, or if there are several."""
        titles = [block.text for block in self.blocks if block.kind is Kind.HEADING and block.level == 1]
        return titles[0] if len(titles) == 1 else ""


class Docstring(Struct, frozen=True, kw_only=True):
    """The docstring of a module."""

    path: str
    """Of the file, relative to the module's folder: `__init__.py`."""
    text: str
    first: int = 0
    last: int = 0
    """Lines of the file, counted from 1; 0 where nobody knows them."""
    source: Source | None = None
    """The file, if the signal is to depend on it."""

    @property
    def pointer(self) -> str:
        """Where it stands."""
        return provenance.code(self.path, self.first, self.last)
