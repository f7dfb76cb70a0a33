"""What a phrase stands under or beside: headings, leads, sentences before a list, heads of columns, cells of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from verifier.manifests.document import CODE
from verifier.manifests.extractors.cues import (
    JOINTS,
    NO,
    PARTS,
    PLANNED,
    REMOVED,
    UNDER_ALL,
    UNDER_SOME,
    Cues,
)
from verifier.manifests.extractors.names import Others
from verifier.manifests.extractors.sighting import Sighting
from verifier.manifests.text import Phrases, Token, stem, tokens

LONGEST_LABEL = 7
"""Words. A longer list item says something, and is no label of those below it."""
SHORT_CELL = 5
FILLERS = frozenset({"the", "our", "its", "a", "an", "of", "for", "this", "module", "key", "main", "internal"})
STATES = frozenset({
    "status", "state", "support", "supported", "available", "availabl", "done", "don", "implemented", "enabled",
    "present", "ready", "shipped", "included",
})  # fmt: skip
"""Stems of heads of columns in which `no` means that it is not there."""
VERSION = re.compile(r"\W*(?:version|release|v)?\W*\d+\.\d+(?:[\s.]|$)", re.IGNORECASE)
"""A heading of a list of changes."""
QUARTER = Cues("q1|q2|q3|q4")
NOT_OF_NOW = ("negated", "planned", "removed", "example", "wording")
NOTHING = Phrases(())


def _stemmed(texts: str) -> Cues:
    return Cues("|".join(" ".join(stem(word.word) for word in tokens(text) if word.stem) for text in texts.split("|")))


ALL = {kind: _stemmed(texts) for kind, texts in UNDER_ALL.items()}
SOME = {kind: _stemmed(texts) for kind, texts in UNDER_SOME.items()}


def what(kind: str) -> Callable[[Sighting], bool]:
    """Whether something that a phrase stands under is about this."""

    def stands_under(sighting: Sighting) -> bool:
        subject = sighting.subject
        for text in sighting.scope:
            label = _label(text)
            if label and _is_about(kind, label, subject.phrases):
                return kind != "watched" or not sighting.watches_itself
            # a heading of one word may be about anything, whatever modules there are
            if kind == "other" and not label.isalnum() and is_other(label, subject.others):
                return True
        return False

    return stands_under


def is_of_now(headings: Iterable[str]) -> bool:
    """Whether what stands under these headings is said of the module as it is: not planned, gone, or an example."""
    labels = [label for text in headings if (label := _label(text))]
    return not any(_is_about(kind, label, NOTHING) for kind in NOT_OF_NOW for label in labels)


def row_objects(sighting: Sighting) -> bool:
    """Whether another cell of the row says that it is planned, or not there."""
    for cell in sighting.block.beside:
        words = [token.word for token in tokens(cell.text)]
        column = {token.stem for token in tokens(cell.column)}
        if not words or len(words) > SHORT_CELL:
            continue
        if PLANNED.within(words) or REMOVED.within(words) or QUARTER.within(words):
            return True
        if " ".join(words) in NO and (not column or column & STATES):
            return True
        if words[0] == "not":
            return True
    return False


def is_other(text: str, others: Others) -> bool:
    """Whether a heading, a lead or a cell is the path of another module, or speaks of it: `the broker service`."""
    if others.written(text):
        return True
    line = [token for token in tokens(text.replace(CODE, " ")) if token.stem]
    return any(
        (line[begin].compound or end < len(line)) and others.named(line, begin, end, PARTS | JOINTS)
        for begin, end in others.spots(line)
        if line[begin].compound or any(token.word in PARTS | JOINTS for token in line[end : end + 1])
    )


def keys_in(text: str, phrases: Phrases) -> frozenset[str]:
    """The keys whose phrases a text has."""
    return frozenset(found.key for found in phrases.find(tokens(text)))


def _label(text: str) -> str:
    """What a list item or a sentence says of those below it; a heading as it is."""
    before, colon, after = text.partition(":")
    if colon and after.strip():
        text = before
    return text if text.endswith(":") or len(text.split()) <= LONGEST_LABEL else ""


@lru_cache(maxsize=4096)
def _is_about(kind: str, label: str, phrases: Phrases) -> bool:
    line = tokens(label.replace(CODE, " "))
    named = {index for found in phrases.find(line) for index in range(found.first, found.last + 1)}
    words = [token for index, token in enumerate(line) if index not in named]
    if kind == "removed" and VERSION.match(label):
        return True
    if SOME[kind].within([token.stem for token in words if token.stem]):
        return True
    parts = [part for part in _parts(words) if part]
    if kind == "navigation" and any(part[0] == "related" for part in parts):
        return True
    if kind == "other" and any(part[-1] == "integration" and part[-2:-1] != ["continuou"] for part in parts):
        return True
    return any(ALL[kind].is_all(part) for part in parts)


def _parts(words: Sequence[Token]) -> Iterator[list[str]]:
    """The stems, taken apart at commas and `and`, without numbers and fillers."""
    part: list[str] = []
    for token in words:
        if token.word in {",", "and", "or", "\N{EM DASH}", "\N{EN DASH}", "(", ":"}:
            yield part
            part = []
        elif token.stem and token.word not in FILLERS and not token.word.isdigit():
            part.append(token.stem)
    yield part
