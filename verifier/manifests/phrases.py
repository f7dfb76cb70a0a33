"""Phrases that look like features and have no canonical key: for the review queue, few and good rather than all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from verifier.manifests.document import CODE, Block, Document, Kind, Status
from verifier.manifests.extractors.names import Modules, Others
from verifier.manifests.extractors.sighting import sightings, subject_of
from verifier.manifests.extractors.speaks_against import objections
from verifier.manifests.metadata import is_section, stems
from verifier.manifests.model import Absent, Candidate
from verifier.manifests.plain_words import DOING, JOINING, LINKING, LITTLE, TAILS
from verifier.manifests.text import Phrases, Token, forms, tokens
from verifier.manifests.vocabulary import Vocabulary

FEWEST, MOST = 2, 5
"""Words of a phrase."""
LONGEST_ITEM = 12
"""Words of a list item whose beginning, before a colon or a dash, may be a phrase."""
TEMPLATE, SHARE = 4, 0.05
"""So many modules, and such a share of all, with the same heading have it from a template."""
LIKE, MOST_NEAR = 75, 3
"""Per cent that a phrase of the vocabulary must be alike, and how many are suggested."""


class Near(Struct, frozen=True, order=True):
    """A phrase of the vocabulary that is like another one."""

    key: str
    phrase: str
    likeness: int
    """Per cent."""


class Queued(Struct, frozen=True):
    """A phrase without a canonical key, in all modules that use it."""

    form: str
    phrase: str
    pointers: Mapping[str, tuple[str, ...]]
    """By the module's path."""
    near: tuple[Near, ...]
    """What is most like it, first."""


def candidates(
    document: Document | Absent, vocabulary: Vocabulary, modules: Modules, own: str
) -> tuple[Candidate, ...]:
    """The phrases of headings, list items and bold leads that look like features and have no key; sorted by form."""
    if isinstance(document, Absent) or document.status is not Status.WRITTEN:
        return ()
    texts: dict[str, str] = {}
    for text in (text for block in document.blocks for text in _texts(block)):
        if _looks_like_a_feature(text, vocabulary):
            texts.setdefault(forms(text)[0], text)
    subject = subject_of(Others(modules, own), document.title, Phrases((text, form) for form, text in texts.items()))
    found: dict[str, set[tuple[str, str]]] = {}
    for block in document.blocks:
        for each in sightings(block, subject):
            if (each.in_lead or block.kind in {Kind.HEADING, Kind.BULLET}) and not objections(each):
                found.setdefault(each.found.key, set()).add((block.pointer(document.path), each.pattern))
    return tuple(
        Candidate(form, texts[form], tuple(sorted({at for at, _ in places})), tuple(sorted({how for _, how in places})))
        for form, places in sorted(found.items())
    )


def queue(by_module: Mapping[str, Sequence[Candidate]], vocabulary: Vocabulary) -> tuple[Queued, ...]:
    """The candidates of a repository, those of most modules first.

    One that a single module uses in a single kind of place is left out, unless it is a bold lead; and so is a heading
    that many modules have: that is a section of their template.
    """
    known = Likeness(vocabulary)
    by_form: dict[str, dict[str, Candidate]] = {}
    for module, found in sorted(by_module.items()):
        for each in found:
            by_form.setdefault(each.form, {})[module] = each
    kept = (users for users in by_form.values() if _is_worth_a_look([*users.values()], len(by_module)))
    queued = (_queued(users, known) for users in kept)
    return tuple(sorted(queued, key=lambda each: (-len(each.pointers), each.form)))


def _is_worth_a_look(users: Sequence[Candidate], modules: int) -> bool:
    kinds = {pattern.rstrip("123456") for each in users for pattern in each.patterns}
    if kinds == {"H"} and len(users) >= max(TEMPLATE, modules * SHARE):
        return False
    return len(users) > 1 or len(kinds) > 1 or kinds == {"B"}


def _queued(users: Mapping[str, Candidate], known: Likeness) -> Queued:
    phrase = min(each.phrase for each in users.values())
    pointers = {module: each.pointers for module, each in users.items()}
    return Queued(next(iter(users.values())).form, phrase, pointers, known.near(phrase))


class Likeness:
    """Finds what is like a phrase, among those of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = [word for word in vocabulary.features.values() if not word.replaced_by]
        self._known = [(word.key, text) for word in words for text in word.phrases]
        self._stems = [stems(text) for _, text in self._known]

    def near(self, phrase: str) -> tuple[Near, ...]:
        """The phrases that are most like this one, one for each key."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415  only who makes the queue needs it

        scorer = fuzz.token_sort_ratio
        scored = process.extract(stems(phrase), self._stems, scorer=scorer, score_cutoff=LIKE, limit=None)
        best: dict[str, Near] = {}
        for _, score, index in sorted(scored, key=lambda each: (-each[1], self._known[each[2]])):
            key, text = self._known[index]
            best.setdefault(key, Near(key, text, int(score)))
        return tuple(sorted(best.values(), key=lambda each: (-each.likeness, each.key)))[:MOST_NEAR]


# --- where phrases stand, and what they are made of -------------------------------------------------------------------


def _texts(block: Block) -> Iterator[str]:
    """A heading, a bold lead, a short list item, or the beginning of one before a colon or a dash."""
    if block.links:
        return
    if block.kind is Kind.HEADING:
        if block.level > 1:
            yield from _parts(block.text)
    elif block.lead:
        yield from _parts(block.text[: block.lead])
    elif block.kind is Kind.BULLET and len(block.text.split()) <= LONGEST_ITEM:
        yield from _parts(block.text)


def _parts(text: str) -> Iterator[str]:
    """The text, or what stands before a colon, a dash or a bracket, without numbers before it."""
    before = re.split(r":|\s[-\u2013\u2014]+\s|\s?\(|\s?\[", text, maxsplit=1)[0]
    plain = re.sub(r"^\W*\d+(?:\.\d+)*[.)]?\s+", "", before).strip(" .,;:!-\u2013\u2014*")
    if plain and CODE not in plain and "?" not in text:
        yield plain


def _looks_like_a_feature(text: str, vocabulary: Vocabulary) -> bool:
    line = tokens(text)
    return (
        all(each.stem and not each.compound and each.word.replace("-", "").isalpha() for each in line)
        and FEWEST <= len(line) <= MOST
        and _is_a_name(line)
        and not is_section(text)
        and next(vocabulary.feature_phrases.find(line), None) is None
    )


def _is_a_name(line: Sequence[Token]) -> bool:
    """Whether it is made like a name, of words that say something."""
    words = [token.word for token in line]
    if not LINKING.isdisjoint(words) or words[0] in DOING or {words[0], words[-1]} & JOINING:
        return False
    telling = sum(token.word not in JOINING and token.stem not in LITTLE for token in line)
    last = line[-1].stem
    return telling >= FEWEST - (last in TAILS) and (last not in LITTLE or last in TAILS)
