"""Features: canonical keys whose phrases a module's text and docstrings use, in two independent kinds of places.

Two mentions are independent if they stand in places of different kinds (heading, list item, bold lead, cell, paragraph,
docstring), are not of one statement (the lead of a list item and the rest of it), and do not repeat one sentence.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from verifier.manifests.document import Block, Docstring, Document, Status
from verifier.manifests.extractors.names import Modules, Others
from verifier.manifests.extractors.sighting import Sighting, Subject, sightings, subject_of
from verifier.manifests.extractors.speaks_against import RULES, objections
from verifier.manifests.markdown import parse
from verifier.manifests.model import Absent, Signal, Withheld
from verifier.manifests.vocabulary import Vocabulary
from verifier.model import Confidence

FIELD = "features"
UNWRITTEN = {
    Status.DRAFT: ("draft", "the file is a draft"),
    Status.STUB: ("stub", "the file is a stub"),
}
WHY: Mapping[str, str] = {rule.code: rule.why for rule in RULES} | dict(UNWRITTEN.values())
"""What each code in `Mention.against` means."""
MANY = 3
"""So many independent kinds of places make a feature sure, even without a docstring."""
ALIKE = 0.75
"""Share of words, beside the phrase, that two sentences have in common if one repeats the other."""


class Mention(Struct, frozen=True, order=True):
    """A phrase that stands for a key, where it stands, and what speaks against it."""

    key: str
    pointer: str
    pattern: str
    """The kind of place: `H2`, `UL`, `B` for a bold lead, `TD`, `P`, `DOC`."""
    phrase: str
    """As the vocabulary has it."""
    sentence: str
    against: tuple[str, ...]
    """Codes (`WHY`), sorted; empty if nothing does."""
    unit: str
    """What is said in one go has the same one."""
    rest: frozenset[str]
    """Stems of the other words of the sentence."""

    @property
    def kind(self) -> str:
        """The pattern, without the level of a heading."""
        return "H" if self.pattern.startswith("H") else self.pattern


def features(
    document: Document | Absent,
    docstrings: Sequence[Docstring],
    vocabulary: Vocabulary,
    modules: Modules,
    own: str,
) -> tuple[Signal | None, tuple[Withheld, ...]]:
    """The features of the module at the path `own`, and those that lack evidence, or that the text contradicts."""
    return judged(mentions(document, docstrings, vocabulary, modules, own), document, docstrings)


def judged(
    found: Sequence[Mention], document: Document | Absent, docstrings: Sequence[Docstring]
) -> tuple[Signal | None, tuple[Withheld, ...]]:
    """The same, of all mentions that there are."""
    by_key = {key: tuple(each for each in found if each.key == key) for key in sorted({each.key for each in found})}
    kept: dict[str, tuple[Mention, ...]] = {}
    withheld: list[Withheld] = []
    for key, those in by_key.items():
        sound = tuple(each for each in those if not each.against)
        denied = tuple(each for each in those if DENIED.intersection(each.against))
        if sound and (lacking := _lacking(key, sound, denied)):
            withheld.append(lacking)
        elif sound:
            kept[key] = sound
    return _signal(kept, document, docstrings), tuple(withheld)


def mentions(
    document: Document | Absent,
    docstrings: Sequence[Docstring],
    vocabulary: Vocabulary,
    modules: Modules,
    own: str,
) -> tuple[Mention, ...]:
    """Every mention of every key, with what speaks against it; sorted."""
    title = document.title if isinstance(document, Document) else ""
    subject = subject_of(Others(modules, own), title, vocabulary.feature_phrases)
    return tuple(sorted({*_in_document(document, subject), *_in_docstrings(docstrings, subject)}))


def _in_document(document: Document | Absent, subject: Subject) -> Iterator[Mention]:
    if isinstance(document, Absent):
        return
    unwritten = UNWRITTEN.get(document.status)
    for block in document.blocks:
        for each in sightings(block, subject):
            against = (*objections(each), *((unwritten[0],) if unwritten else ()))
            yield _mention(each, block.pointer(document.path), f"{document.path}#{block.unit}", against)


def _in_docstrings(docstrings: Sequence[Docstring], subject: Subject) -> Iterator[Mention]:
    for docstring in docstrings:
        for index, block in enumerate(_blocks(docstring)):
            for each in sightings(block, subject, in_docstring=True):
                yield _mention(each, docstring.pointer, f"{docstring.path}:{docstring.first}#{index}", objections(each))


def _blocks(docstring: Docstring) -> tuple[Block, ...]:
    """What docstrings are written in (plain text, reStructuredText) is close enough to Markdown for their prose."""
    return parse(inspect.cleandoc(docstring.text)).blocks


def _mention(sighting: Sighting, pointer: str, unit: str, against: tuple[str, ...]) -> Mention:
    text = sighting.block.text[sighting.sentence[0].start : sighting.sentence[-1].end]
    inside = {token.start for token in sighting.phrase}
    return Mention(
        key=sighting.found.key,
        pointer=pointer,
        pattern=sighting.pattern,
        phrase=sighting.found.phrase,
        sentence=text if len(text) <= 200 else f"{text[:200]}…",
        against=tuple(sorted(against)),
        unit=unit,
        rest=frozenset(token.stem for token in sighting.sentence if token.stem and token.start not in inside),
    )


# --- enough evidence, or not ------------------------------------------------------------------------------------------

DENIED = frozenset({"negated", "under:negated"})


def _lacking(key: str, sound: Sequence[Mention], denied: Sequence[Mention]) -> Withheld | None:
    """The key, with what is missing, or what speaks against it as a whole; None if nothing does."""
    pointers = tuple(sorted({each.pointer for each in (*sound, *denied)}))
    if len(_patterns(sound)) < 2:
        only = ", ".join(sorted({each.pattern for each in sound}))
        why = f"two independent kinds of places are needed, and there is one: {only}"
        return Withheld(field=FIELD, value=key, provenance=pointers, why=why)
    if denied:
        why = f"the text contradicts itself: {denied[0].pointer} says that it is not there"
        return Withheld(field=FIELD, value=key, provenance=pointers, why=why, is_contradiction=True)
    return None


def _patterns(sound: Sequence[Mention]) -> tuple[str, ...]:
    """The kinds of places that are independent of each other, as reasons show them."""
    independent = [pair for pair in combinations(sound, 2) if _are_independent(*pair)]
    kinds = {each.kind for pair in independent for each in pair}
    shown = (min(each.pattern for each in sound if each.kind == kind) for kind in kinds)
    return tuple(sorted(shown, key=lambda pattern: (ORDER.index(pattern.rstrip("123456")), pattern)))


ORDER = ("H", "B", "UL", "TD", "P", "DOC")


def _are_independent(one: Mention, other: Mention) -> bool:
    return one.kind != other.kind and one.unit != other.unit and not _repeats(one.rest, other.rest)


def _repeats(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences say the same, but for a few words. Short ones are alike by chance."""
    most = max(len(one), len(other))
    return most >= MANY and len(one & other) >= ALIKE * most


def _signal(
    kept: Mapping[str, tuple[Mention, ...]], document: Document | Absent, docstrings: Sequence[Docstring]
) -> Signal | None:
    if not kept:
        return None
    pointers = {each.pointer for sound in kept.values() for each in sound}
    in_docstrings = {docstring.source for docstring in docstrings if docstring.source and docstring.pointer in pointers}
    sources = in_docstrings | ({document.source} if isinstance(document, Document) else set())
    sure = all(len(patterns) >= MANY or "DOC" in patterns for patterns in map(_patterns, kept.values()))
    return Signal(
        field=FIELD,
        value=[*kept],
        provenance=tuple(sorted(pointers)),
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        reasons=tuple(sorted({*_reasons(kept.values())})),
        sources=tuple(sorted(sources)),
    )


def _reasons(all_sound: Iterable[Sequence[Mention]]) -> Iterator[str]:
    for sound in all_sound:
        patterns = _patterns(sound)
        yield "pattern:" + "+".join(pattern for pattern in patterns if pattern != "DOC")
        if "DOC" in patterns:
            yield "initdoc:present"
