"""The number of components: where a text states it, and nowhere contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verifier.manifests.document import Block, Document, Kind, Mark, Status
from verifier.manifests.extractors.under import is_of_now
from verifier.manifests.model import Absent, Signal, Withheld
from verifier.model import Confidence

FIELD = "components"
NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+|\d{1,6})"
STATED = (
    # a word of the trade may stand in between: `692 cognitive components`
    re.compile(rf"(?<![\w.,~+/-]){NUMBER}\s+(?:[A-Za-z-]+\s+)?components?\b(?!\s*/)", re.IGNORECASE),
    re.compile(rf"^components?\s*[:=(\u2013\u2014-]\s*{NUMBER}\s*\)?\s*(?:components?|in total)?\.?$", re.IGNORECASE),
)
VAGUE = re.compile(
    r"\b(?:up to|more than|over|about|approx\w*|around|nearly|almost|at least|at most|some|not|version)\W*$",
    re.IGNORECASE,
)
"""Just before a number."""
NOT_NOW = re.compile(
    r"\b(?:planned|planning|future|todo|tbd|will|would|target|goal|no longer|formerly|previously|was|were|had)\b",
    re.IGNORECASE,
)
"""In the same sentence."""
DOUBTFUL = frozenset({Mark.QUOTE, Mark.OPEN_TASK, Mark.CROSSED, Mark.PLACEHOLDER, Mark.EMPTY})


def components(document: Document | Absent) -> Signal | Withheld | None:
    """The number of components; withheld where several are stated, and None where none is.

    Zero counts as none: templates say so of everything.
    """
    if isinstance(document, Absent) or document.status is not Status.WRITTEN:
        return None
    found: dict[int, set[str]] = {}
    for block in document.blocks:
        for number in _stated(block):
            found.setdefault(number, set()).add(block.pointer(document.path))
    pointers = tuple(sorted({pointer for each in found.values() for pointer in each}))
    if len(found) > 1:
        told = ", ".join(f"{number} ({', '.join(sorted(found[number]))})" for number in sorted(found))
        why = f"the text contradicts itself: {told}"
        return Withheld(field=FIELD, value=None, provenance=pointers, why=why, is_contradiction=True)
    if not found or 0 in found:
        return None
    return Signal(
        field=FIELD,
        value=next(iter(found)),
        provenance=pointers,
        confidence=Confidence.HIGH if len(pointers) > 1 else Confidence.MEDIUM,
        reasons=("stated:once" if len(pointers) == 1 else "stated:again",),
        sources=(document.source,),
    )


def _stated(block: Block) -> Iterator[int]:
    """The numbers of components that a block states of the module itself, for sure, and of now."""
    if block.marks & DOUBTFUL or not is_of_now(block.under):
        return
    texts = [block.text]
    if block.kind is Kind.CELL and len(block.beside) == 1:
        texts.append(f"{block.text}: {block.beside[0].text}")
    for sentence in (part for text in texts for part in re.split(r"(?<=[.!?])\s+", text.strip())):
        if NOT_NOW.search(sentence):
            continue
        for pattern in STATED:
            for found in pattern.finditer(sentence):
                if not VAGUE.search(sentence[: found.start("number")]):
                    yield int(found["number"].replace(",", ""))
