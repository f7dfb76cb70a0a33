"""Markdown as blocks of plain text, by a CommonMark parser with tables, struck-out text and front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests.document import CODE, Beside, Block, Kind, Mark
from verifier.manifests.inline import Line, lines_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_HEADING = 12
"""Words. A longer line with dashes below it is a paragraph, and the dashes were to be a rule."""
LONGEST_BOLD_HEADING = 8
TREE = re.compile(r"[\u2500-\u257f]|^\s*(?:\|--|`--|\+--)", re.MULTILINE)
"""Box drawing: a tree of files, or a picture."""
TASK = re.compile(r"^\[([ xX~-]?)\](?=\s|$)\s*")
TODO = re.compile(r"^\W*(?:todo|tbd|fixme|wip|xxx|to do)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(
    r"^\W*(?:todo|tbd|fixme|wip|xxx)\W*(?:(?:describe|document|add|write|fill|explain|list|define|specify)\b.*)?$"
    r"|^\W*to be (?:written|defined|determined|documented|done|added|completed|filled)\b"
    r"|\blorem ipsum\b|\{\{.*\}\}|\$\{\w*\}|^\W*(?:placeholder|description goes here|your text here)\b",
    re.IGNORECASE,
)
TEMPLATE_VALUE = re.compile(
    r"^(?:topic|module|event|example|service)\.name@v\d|^<[\w ./-]+>$|^your[_-]\w+$|^example[_.-]\w+$"
)


class Parsed(Struct, frozen=True):
    """A text, taken apart."""

    front: str
    """The front matter, as it stands there; empty if there is none."""
    blocks: tuple[Block, ...]


def parse(text: str, *, front_matter: bool = False) -> Parsed:
    """The blocks of a text. Fences, indented code, HTML and trees of files are left out."""
    builder = _Builder()
    tokens = _parser(front_matter).parse(text)
    front = tokens[0].content if tokens and tokens[0].type == "front_matter" else ""
    for token, after in zip(tokens, [*tokens[1:], None], strict=False):
        builder.take(token, after)
    return Parsed(front, builder.done())


@lru_cache(maxsize=2)
def _parser(front_matter: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  takes as long to load as all the rest
    from mdit_py_plugins.front_matter import front_matter_plugin  # noqa: PLC0415  as above

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return parser.use(front_matter_plugin) if front_matter else parser


class _Builder:
    """Goes through the parser's tokens, and knows where it is."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.units = 0
        self.quotes = 0
        self.headings: list[tuple[int, str]] = []
        self.open_heading: int | None = None
        """Index of a heading that nothing stands below so far."""
        self.bold_heading = ""
        self.introduction = ""
        """A paragraph that ends with a colon, for as long as nothing else has come."""
        self.items: list[_Item] = []
        self.lists: list[str] = []
        """The introduction of each list that is open."""
        self.row: _Row | None = None
        self.columns: list[str] = []

    def take(self, token: Token, after: Token | None) -> None:
        """The next token, and the one that follows it."""
        if token.type.startswith(("blockquote", "bullet_list", "ordered_list", "list_item")):
            self._container(token)
        elif token.type.startswith(("table", "tr", "th", "td")):
            self._table(token, after)
        elif token.type == "heading_open" and after:
            self._heading(token, after)
        elif token.type == "paragraph_open" and after:
            self._paragraphs(token, after)
        elif token.type in {"fence", "code_block"}:
            self._content()
            self.introduction = ""

    def _container(self, token: Token) -> None:
        match token.type:
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "bullet_list_open" | "ordered_list_open":
                self.lists.append(self.introduction)
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.introduction = ""
            case "list_item_open":
                self.items.append(_Item(self._next_unit()))
            case "list_item_close":
                self.items.pop()

    def _table(self, token: Token, after: Token | None) -> None:
        match token.type:
            case "table_open":
                self.columns = []
            case "table_close":
                self.introduction = ""
            case "tr_open":
                self.row = _Row(self._next_unit(), _lines(token))
            case "th_open" if after:
                self.columns.append(" ".join(line.text for line in lines_of(after)))
                self._cell(after)
            case "td_open" if after:
                self._cell(after)
            case "tr_close":
                self._end_of_row()

    def done(self) -> tuple[Block, ...]:
        """All blocks, when there are no further tokens."""
        self._close_heading(0)
        return tuple(block for block in self.blocks if block.text)

    def _next_unit(self) -> int:
        self.units += 1
        return self.units

    # --- headings -----------------------------------------------------------------------------------------------------

    def _heading(self, token: Token, inline: Token) -> None:
        lines = lines_of(inline)
        line = _joined(lines)
        underlined = token.markup in {"-", "="}
        if underlined and (
            len(lines) > 1 or len(line.text.split()) > LONGEST_HEADING or line.text.endswith((".", ":"))
        ):
            self._paragraphs(token, inline)
            return
        level = int(token.tag[1])
        inside = bool(self.items or self.quotes)
        if not inside:
            self._close_heading(level)
            self.headings = [heading for heading in self.headings if heading[0] < level]
            self.bold_heading = ""
        self.introduction = ""
        block = self._block(Kind.HEADING, line, _lines(token), level=level, unit=self._next_unit())
        self.blocks.append(replace(block, lead=0, scope=block.scope if inside else ()))
        if not inside:
            self.headings.append((level, block.text))
            self.open_heading = len(self.blocks) - 1

    def _close_heading(self, level: int) -> None:
        """A heading of this level begins, or the text ends: what was open may have nothing below it."""
        if self.open_heading is not None and level <= self.blocks[self.open_heading].level:
            block = self.blocks[self.open_heading]
            self.blocks[self.open_heading] = replace(block, marks=block.marks | {Mark.EMPTY})
        self.open_heading = None

    def _content(self) -> None:
        self.open_heading = None

    # --- paragraphs and list items ------------------------------------------------------------------------------------

    def _paragraphs(self, token: Token, inline: Token) -> None:
        first, last = _lines(token)
        lines = lines_of(inline)
        if TREE.search(inline.content):
            self._content()
            return
        groups = _statements(lines)
        ends = [first + group[0].number - 1 for group in groups[1:]]
        for group, end in zip(groups, [*ends, last], strict=True):
            begin = min(first + group[0].number, last)
            self._paragraph(_joined(group), (begin, max(begin, min(end, last))), group[0].bullet and len(groups) > 1)

    def _paragraph(self, line: Line, lines: tuple[int, int], bulleted: bool) -> None:
        item = self.items[-1] if self.items else None
        kind = Kind.BULLET if item or bulleted else Kind.PARAGRAPH
        unit = item.unit if item else self._next_unit()
        block = self._block(kind, line, lines, level=len(self.items) or int(bulleted), unit=unit)
        if not block.text:
            return
        self._content()
        self.blocks.append(block)
        if item:
            item.text = item.text or block.text
        elif 0 < block.lead >= len(block.text.rstrip(":")) and len(block.text.split()) <= LONGEST_BOLD_HEADING:
            self.bold_heading = block.text
        self.introduction = block.text if block.text.endswith(":") else ""

    def _block(self, kind: Kind, line: Line, lines: tuple[int, int], *, level: int = 0, unit: int) -> Block:
        task = TASK.match(line.text)
        line = line.without(len(task[0])) if task else line
        marks = {Mark.QUOTE} if self.quotes else set()
        marks |= {Mark.OPEN_TASK} if (task and task[1] in {"", " "}) or line.waiting else set()
        marks |= {Mark.CROSSED} if (task and task[1] in {"~", "-"}) or line.crossed else set()
        marks |= self._marks(line) if kind is not Kind.HEADING else set()
        around = [item.text for item in self.items[:-1] if item.text]
        scope = (self.bold_heading, *self.lists, *around)
        return Block(
            kind=kind,
            text=line.text,
            first=lines[0],
            last=lines[1],
            unit=unit,
            level=level,
            lead=line.lead,
            links=line.links,
            codes=line.codes,
            under=tuple(text for _, text in self.headings),
            scope=tuple(filter(None, scope)),
            marks=frozenset(marks),
        )

    @staticmethod
    def _marks(line: Line) -> set[Mark]:
        """Whether somebody still has to write it, or to do what it says."""
        template = any(TEMPLATE_VALUE.search(code) for code in line.codes)
        if template or PLACEHOLDER.search(line.text) or (line.slanted and TODO.search(line.text)):
            return {Mark.PLACEHOLDER}
        return {Mark.OPEN_TASK} if TODO.search(line.text) else set()

    # --- tables -------------------------------------------------------------------------------------------------------

    def _cell(self, inline: Token) -> None:
        if self.row:
            self.row.cells.append(_joined(lines_of(inline)))

    def _end_of_row(self) -> None:
        row, self.row = self.row, None
        if row is None:
            return
        self._content()
        for index, line in enumerate(row.cells):
            block = self._block(Kind.CELL, line, row.lines, unit=row.unit)
            column = self.columns[index] if index < len(self.columns) else ""
            # a cell of the head is no statement: it stands under itself, as all of its column does
            scope = (*block.scope, self.introduction, column)
            beside = tuple(
                Beside(self.columns[position] if position < len(self.columns) else "", _with_pictures(other))
                for position, other in enumerate(row.cells)
                if position != index
            )
            self.blocks.append(replace(block, scope=tuple(filter(None, scope)), beside=beside))


class _Item:
    """A list item that is open."""

    def __init__(self, unit: int) -> None:
        self.unit = unit
        self.text = ""


class _Row:
    """A row of a table that is open."""

    def __init__(self, unit: int, lines: tuple[int, int]) -> None:
        self.unit, self.lines = unit, lines
        self.cells: list[Line] = []


def _lines(token: Token) -> tuple[int, int]:
    """First and last line, counted from 1."""
    first, end = token.map or [0, 1]
    return first + 1, max(end, first + 1)


def _statements(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of a paragraph; those that begin with a bold lead or a picture of a bullet begin something new."""
    groups: list[list[Line]] = []
    for line in lines:
        if (
            not groups
            or line.bullet
            or (0 < line.lead < len(line.text) and line.text[line.lead - 1 : line.lead + 1].count(":"))
        ):
            groups.append([])
        groups[-1].append(line)
    return groups


def _joined(lines: Sequence[Line]) -> Line:
    joined = lines[0]
    for line in lines[1:]:
        joined = joined.and_then(line)
    return joined


def _with_pictures(line: Line) -> str:
    """What a cell says, where a picture says no, or not yet, in words."""
    codes = iter(line.codes)
    text = re.sub(CODE, lambda _: next(codes, ""), line.text)
    return " ".join(filter(None, (text, "no" if line.crossed else "", "planned" if line.waiting else "")))
