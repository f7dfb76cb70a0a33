"""What a sentence says of a phrase: not, not yet, no longer, perhaps, for example. One function a rule."""

from __future__ import annotations

from verifier.manifests.document import Mark
from verifier.manifests.extractors import under
from verifier.manifests.extractors.cues import (
    ABSENCE,
    ARROWS,
    DETERMINERS,
    EXAMPLE,
    GONE,
    LABEL_ENDS,
    LIKENESS,
    MAYBE,
    MAYBE_AFTER,
    NEGATION,
    NO,
    ONCE,
    PAPERS,
    PLANNED,
    POINTING,
    REMOVED,
    THERE,
    WORDED,
    WORDING,
)
from verifier.manifests.extractors.sighting import NEAR, Sighting, words_of

OF_NOUNS = frozenset({"no", "without"})
"""They deny what comes right behind them."""
FAR = 14
"""Words between a negation and the phrase."""


def is_negated(sighting: Sighting) -> bool:
    """No task queue; a task queue is not supported."""
    if Mark.CROSSED in sighting.block.marks:
        return True
    before = words_of(sighting.before)
    if any(_reaches(before, end) for _, end in NEGATION.spots(before)):
        return True
    return any(_is_denied(words_of(line)) for line in (sighting.after, *sighting.asides))


def _reaches(before: list[str], end: int) -> bool:
    """Whether a negation that ends here still holds for the phrase behind the last word."""
    between = before[end:]
    if between[:1] == ["only"] or len(between) > FAR:
        return False
    ends = [index for index, word in enumerate(between) if word in LABEL_ENDS]
    # "not included: …", but "no broker needed: …"
    label = between[: ends[0]] if ends else []
    if ends and not ABSENCE.within(label[:1] if before[end - 1] in OF_NOUNS else label):
        return False
    commas = [index for index, word in enumerate(between) if word == ","]
    return not any(word in DETERMINERS for index in commas for word in between[index + 1 : index + 2])


def _is_denied(after: list[str]) -> bool:
    words = after[1:] if after and after[0] in LABEL_ENDS else after
    if len(after) > len(words) and (
        " ".join(words) in NO or (words[:1] in (["no"], ["none"]) and words[1:2] in ([], [","], ["."]))
    ):
        return True
    near = words[:NEAR]
    if any(first <= 2 for first, _ in GONE.spots(near)):
        return True
    return any(
        first <= 3 and near[first] not in OF_NOUNS and ABSENCE.within(near[end : end + 3])
        for first, end in NEGATION.spots(near)
    )


def is_planned(sighting: Sighting) -> bool:
    """Somebody means to do it."""
    if Mark.OPEN_TASK in sighting.block.marks:
        return True
    before, after = words_of(sighting.before), words_of(sighting.after)
    return (
        PLANNED.within(before)
        or PLANNED.within(after[: 2 * NEAR])
        or any(PLANNED.within(words_of(each)) for each in sighting.asides)
    )


def is_removed(sighting: Sighting) -> bool:
    """It was there once."""
    before, after = words_of(sighting.before), words_of(sighting.after)
    once = any(
        len(before) - end <= 2 and before[end : end + 1] not in (["from"], ["to"], ["by"])
        for _, end in ONCE.spots(before)
    )
    gone = any(first <= 4 for first, _ in REMOVED.spots(after[: 2 * NEAR]))
    return once or gone or any(REMOVED.within(words_of(each)) for each in sighting.asides)


def is_a_condition(sighting: Sighting) -> bool:
    """Nobody says that it is so."""
    before = words_of(sighting.before)
    spots = [end for _, end in MAYBE.spots(before)]
    return any("," not in before[end:] for end in spots) or MAYBE_AFTER.within(words_of(sighting.after)[:3])


def is_a_question(sighting: Sighting) -> bool:
    """Somebody asks for it."""
    heading = sighting.block.under[-1] if sighting.block.under else ""
    asked = heading.rstrip().endswith("?") and sighting.found.key in under.keys_in(heading, sighting.subject.phrases)
    return asked or sighting.sentence[-1].word == "?"


def is_an_example(sighting: Sighting) -> bool:
    """For example, a task queue."""
    return EXAMPLE.within(words_of(sighting.before))


def is_quoted(sighting: Sighting) -> bool:
    """Somebody else's words."""
    text = sighting.block.text
    before, after = text[: sighting.start], text[sighting.end :]
    if Mark.QUOTE in sighting.block.marks or (before.count('"') % 2 and '"' in after):
        return True
    pairs = (("“", "”"), ("«", "»"), ("„", "“"), ("\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"))
    if any(before.rfind(opening) > before.rfind(closing) and closing in after for opening, closing in pairs):
        return True
    return before.endswith("'") and after.lstrip("s").startswith("'")


def points_elsewhere(sighting: Sighting) -> bool:
    """See the page on task queues."""
    before, after = words_of(sighting.before), words_of(sighting.after)
    return (
        any(len(before) - end <= NEAR for _, end in POINTING.spots(before))
        or THERE.within(after[:NEAR])
        or not PAPERS.isdisjoint(after[:1])
    )


def is_a_link(sighting: Sighting) -> bool:
    """The text of a link leads to somewhere else."""
    return any(first < sighting.end and sighting.start < last for first, last in sighting.block.links)


def is_likened(sighting: Sighting) -> bool:
    """Like a task queue."""
    before = words_of(sighting.before)
    return any(len(before) - end <= NEAR for _, end in LIKENESS.spots(before))


def is_a_stage(sighting: Sighting) -> bool:
    """Parse → task queue → print."""
    return not ARROWS.isdisjoint(words_of(sighting.sentence))


def is_about_words(sighting: Sighting) -> bool:
    """It is a word that is talked about, and not what it means."""
    before, after = words_of(sighting.before), words_of(sighting.after)
    return (
        sighting.subject.writes
        or any(len(before) - end <= 2 for _, end in WORDING.spots(before))
        or any(first <= 1 for first, _ in WORDED.spots(after[:NEAR]))
    )


def is_generic(sighting: Sighting) -> bool:
    """One word in running text can mean anything."""
    if len(sighting.phrase) > 1 or len(sighting.found.phrase.split()) > 1 or "-" in sighting.found.phrase:
        return False
    raw = sighting.block.text[sighting.start : sighting.end]
    if sum(map(str.isupper, raw)) > 1 or any(map(str.isdigit, raw)):
        return False  # an abbreviation, or a name
    lead = [token for token in sighting.line if token.stem and token.start < sighting.block.lead]
    around = lead if sighting.in_lead else [token for token in sighting.line if token.stem]
    return len(around) > 3


def is_a_placeholder(sighting: Sighting) -> bool:
    """Nobody has written it."""
    return Mark.PLACEHOLDER in sighting.block.marks


def is_empty(sighting: Sighting) -> bool:
    """A heading with nothing below it."""
    return Mark.EMPTY in sighting.block.marks
