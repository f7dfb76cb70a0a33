"""A phrase where it stands: its sentence before and after it, and what it stands under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from verifier.manifests.document import CODE, Block, Kind
from verifier.manifests.extractors.cues import CONTRAST, WATCHERS, WATCHING_ITSELF, WRITERS
from verifier.manifests.extractors.names import Others, own_names
from verifier.manifests.metadata import is_section
from verifier.manifests.text import Found, Phrases, Token, sentences, tokens

WATCHING_FOLDERS = frozenset({"deploy", "deployment", "deployments", "monitoring", "alerting", "alerts", "dashboards"})
"""All below them watches, or deploys."""
NEAR = 6
"""Words between a cue and the phrase."""
MOST = 200
"""Phrases of one block that are looked at. No block that a person has written has so many."""
LONGEST = 80
"""Tokens of a sentence that count, to each side of a phrase."""


class Subject(Struct, frozen=True):
    """What is known of the module that a text is about."""

    names: frozenset[str]
    """What the text may call it, as stems."""
    others: Others
    phrases: Phrases
    title: str = ""
    """The text's title, which it stands under as a whole."""
    watches: bool = False
    """Its business is to watch, deploy or test others."""
    writes: bool = False
    """It is about texts."""


def subject_of(others: Others, title: str, phrases: Phrases) -> Subject:
    """The module that `others` are seen from, with the title of its text."""
    names = own_names(others.own)
    titled = [token.stem for token in tokens(title) if token.stem]
    named = [word for name in names for word in name.split()]
    folders = [word for folder in others.own.split("/")[:-1] for word in folder.casefold().split("-")]
    return Subject(
        names=names,
        others=others,
        phrases=phrases,
        title="" if is_section(title) else title,
        watches=not WATCHERS.isdisjoint([*titled, *named, *(each for each in folders if each in WATCHING_FOLDERS)]),
        writes=WRITERS.within(titled) or WRITERS.within(named),
    )


class Sighting(Struct, frozen=True, kw_only=True):
    """A phrase in a block."""

    block: Block
    found: Found
    line: tuple[Token, ...]
    """All tokens of the block."""
    sentence: tuple[Token, ...]
    before: tuple[Token, ...]
    """Of the same clause, without asides."""
    after: tuple[Token, ...]
    asides: tuple[tuple[Token, ...], ...]
    """What stands in brackets at its side."""
    subject: Subject
    in_docstring: bool = False

    @property
    def phrase(self) -> tuple[Token, ...]:
        """The phrase itself."""
        return self.line[self.found.first : self.found.last + 1]

    @property
    def start(self) -> int:
        """Where it begins in the block's text."""
        return self.phrase[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.phrase[-1].end

    @property
    def in_lead(self) -> bool:
        """It is part of what is bold at the block's beginning."""
        return self.block.kind is not Kind.HEADING and self.start < self.block.lead

    @property
    def pattern(self) -> str:
        """The kind of place: `H2`, `UL`, `B` for a bold lead, `TD`, `P`, or `DOC`."""
        if self.in_docstring:
            return "DOC"
        if self.block.kind is Kind.HEADING:
            return f"H{self.block.level}"
        if self.in_lead:
            return "B"
        return {Kind.BULLET: "UL", Kind.CELL: "TD"}.get(self.block.kind, "P")

    @property
    def watches_itself(self) -> bool:
        """The phrase itself is about watching, deploying or testing."""
        return not WATCHING_ITSELF.isdisjoint(token.stem for token in self.phrase)

    @property
    def codes(self) -> tuple[str, ...]:
        """The code spans of its sentence."""
        text = self.block.text
        first, end = self.sentence[0].start, self.sentence[-1].end
        before = text.count(CODE, 0, first)
        return self.block.codes[before : before + text.count(CODE, first, end)]

    @property
    def scope(self) -> tuple[str, ...]:
        """Everything that it stands under."""
        lead = self.block.text[: self.block.lead] if self.block.lead and not self.in_lead else ""
        under = (text for text in self.block.under if text != self.subject.title)
        return tuple(filter(None, (*under, *self.block.scope, lead)))


def sightings(block: Block, subject: Subject, *, in_docstring: bool = False) -> Iterator[Sighting]:
    """Every phrase in a block, from left to right."""
    line = tokens(block.text)
    found = tuple(islice(subject.phrases.find(line), MOST))
    if not found:
        return
    bounds = _bounds(line)
    for each in found:
        first, end = next((first, end) for first, end in bounds if first <= each.first < end)
        before, after, asides = _around(
            line[max(first, each.first - LONGEST) : each.first], line[each.last + 1 : min(end, each.last + LONGEST)]
        )
        yield Sighting(
            block=block,
            found=each,
            line=line,
            sentence=line[first : max(end, each.last + 1)],
            before=before,
            after=after,
            asides=asides,
            subject=subject,
            in_docstring=in_docstring,
        )


def words_of(line: Sequence[Token]) -> list[str]:
    """Words and marks, as cues have them."""
    return [token.word for token in line]


def _bounds(line: Sequence[Token]) -> list[tuple[int, int]]:
    """First token of each sentence, and that behind its last one."""
    bounds: list[tuple[int, int]] = []
    begin = 0
    for sentence in sentences(line):
        bounds.append((begin, begin + len(sentence)))
        begin += len(sentence)
    return bounds


def _around(
    before: Sequence[Token], after: Sequence[Token]
) -> tuple[tuple[Token, ...], tuple[Token, ...], tuple[tuple[Token, ...], ...]]:
    """The clause before the phrase and that after it; and what stands in brackets at its side."""
    reversed_, left = _without_brackets([*reversed(before)], opening=")", closing="(")
    forward, right = _without_brackets(after, opening="(", closing=")")
    asides = tuple(filter(None, (tuple(reversed(left)), tuple(right))))
    return tuple(reversed(_clause(reversed_))), tuple(_clause(forward)), asides


def _without_brackets(line: Sequence[Token], *, opening: str, closing: str) -> tuple[list[Token], list[Token]]:
    """The tokens that stand in no brackets of their own; and those of brackets at the very beginning."""
    kept: list[Token] = []
    aside: list[Token] = []
    depth = 0
    for index, token in enumerate(line):
        if token.word == opening and any(each.word == closing for each in line[index:]):
            depth += 1
        elif token.word == closing and depth:
            depth -= 1
        elif not depth:
            kept.append(token)
        elif len(kept) <= 1:
            aside.append(token)
    return kept, aside


def _clause(line: Sequence[Token]) -> list[Token]:
    """The tokens up to a word that turns the sentence round."""
    end = next((index for index, token in enumerate(line) if token.word in CONTRAST), len(line))
    return list(line[:end])
