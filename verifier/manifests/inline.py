"""What stands in one paragraph, heading, list item or cell, line by line and without markup."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests.document import CODE

if TYPE_CHECKING:
    from markdown_it.token import Token

WAITING = frozenset("⬜☐🔲🔳⏳⌛🚧🔜📅🗓🔄🏗🟡⏸🕐")
CROSSED = frozenset("❌✖✗✘❎🚫⛔🔴👎🗑")
BULLETS = frozenset("•‣◦▪▫●○◆◇▶►➤✦★☆\u2043∙·")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")


BEFORE_LEAD = re.compile(r"(?:\[[ xX~-]?\]\s*)?(?:\d+[.)]\s*)*")


class Line(Struct, frozen=True, kw_only=True):
    """A line of a text, without markup."""

    text: str
    number: int = 0
    """Counted from 0, in its paragraph."""
    lead: int = 0
    """So many characters at its beginning are bold."""
    links: tuple[tuple[int, int], ...] = ()
    codes: tuple[str, ...] = ()
    bullet: bool = False
    """It begins with a picture of a bullet, or any other picture."""
    slanted: bool = False
    """It begins with emphasis."""
    waiting: bool = False
    """A picture in it says: not yet."""
    crossed: bool = False
    """A picture in it says: no."""

    def without(self, length: int) -> Line:
        """The same, but for so many characters at its beginning."""
        links = tuple((max(0, first - length), last - length) for first, last in self.links if last > length)
        return replace(self, text=self.text[length:], lead=max(0, self.lead - length), links=links)

    def and_then(self, other: Line) -> Line:
        """Both, one behind the other."""
        if not self.text:
            return replace(other, number=self.number)
        shift = len(self.text) + 1
        return replace(
            self,
            text=f"{self.text} {other.text}".rstrip(),
            # what is bold to the end of a line goes on in the next one
            lead=shift + other.lead if 0 < self.lead == len(self.text) and other.lead else self.lead,
            links=(*self.links, *((first + shift, last + shift) for first, last in other.links)),
            codes=(*self.codes, *other.codes),
            waiting=self.waiting or other.waiting,
            crossed=self.crossed or other.crossed,
        )


class _Writer:
    """Puts characters together, and keeps what is known of them: bold, of a link."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.bold = self.slant = self.link = self.struck = 0
        self._begin()

    def _begin(self) -> None:
        self.characters: list[tuple[str, bool, bool]] = []
        self.codes: list[str] = []
        self.slanted = False

    def write(self, text: str) -> None:
        if not self.struck:
            self.slanted = self.slanted or (
                self.slant > 0 and not "".join(each for each, _, _ in self.characters).strip()
            )
            self.characters += [(character, self.bold > 0, self.link > 0) for character in text]

    def code(self, content: str) -> None:
        if not self.struck:
            self.write(CODE)
            self.codes.append(content)

    def end_of_line(self) -> None:
        line = _line(self.characters, tuple(self.codes), len(self.lines))
        self.lines.append(replace(line, slanted=self.slanted))
        self._begin()


def lines_of(inline: Token) -> list[Line]:
    """The lines of an inline token; one at least."""
    writer = _Writer()
    for token in inline.children or ():
        match token.type:
            case "text" | "text_special":
                writer.write(token.content)
            case "code_inline":
                writer.code(token.content)
            case "softbreak" | "hardbreak":
                writer.end_of_line()
            case "strong_open" | "strong_close":
                writer.bold += token.nesting
            case "em_open" | "em_close":
                writer.slant += token.nesting
            case "link_open" | "link_close":
                writer.link += token.nesting
            case "s_open" | "s_close":
                writer.struck += token.nesting
    writer.end_of_line()
    return writer.lines


def _line(characters: list[tuple[str, bool, bool]], codes: tuple[str, ...], number: int) -> Line:
    raw = "".join(character for character, _, _ in characters)
    words = raw.lstrip()
    kept: list[tuple[str, bool, bool]] = []
    for character, bold, link in characters:
        for part in _plain(character):
            if part != " " or (kept and kept[-1][0] != " "):
                kept.append((part, bold, link))
    while kept and kept[-1][0] == " ":
        kept.pop()
    # "3 · Usage" is a heading, "· usage" an item
    while kept and kept[0][0] in BULLETS | {" "}:
        kept.pop(0)
    text = "".join(part for part, _, _ in kept)
    return Line(
        text=text,
        number=number,
        lead=_lead(kept),
        links=_spans([link for _, _, link in kept]),
        codes=codes,
        bullet=bool(words) and (words[0] in BULLETS or (_is_picture(words[0]) and words[0] != CODE)),
        waiting=not WAITING.isdisjoint(raw),
        crossed=not CROSSED.isdisjoint(raw),
    )


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The character, a blank, or nothing for a picture."""
    if character == CODE:
        return character
    if character.isspace():
        return " "
    if _is_picture(character) or INVISIBLE.match(character):
        return ""
    return "" if unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn", "Me"} else character


def _is_picture(character: str) -> bool:
    return (
        unicodedata.category(character) == "So" or "\U0001f3fb" <= character <= "\U0001f3ff"
    ) and character not in BULLETS


def _lead(kept: list[tuple[str, bool, bool]]) -> int:
    """How many characters at the beginning are bold; a number or a check box before them does not count against it."""
    before = BEFORE_LEAD.match("".join(part for part, _, _ in kept))
    begin = before.end() if before else 0
    while begin and kept[begin - 1][1]:
        begin -= 1
    end = begin
    while end < len(kept) and kept[end][1]:
        end += 1
    if begin < end < len(kept) and kept[end][0] == ":":
        end += 1
    return end if end > begin else 0


def _spans(flags: list[bool]) -> tuple[tuple[int, int], ...]:
    """Where the flag is set: begin and end of each stretch."""
    spans: list[tuple[int, int]] = []
    begin: int | None = None
    for index, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = index
        elif not flag and begin is not None:
            spans.append((begin, index))
            begin = None
    return tuple(spans)
