"""Whether a phrase is about somebody else: what is watched, used, done elsewhere, or called so. One function a rule."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.manifests.extractors import under
from verifier.manifests.extractors.cues import (
    DETERMINERS,
    DONE_BY,
    ELSEWHERE,
    LABEL_ENDS,
    OURS,
    PARTS,
    PROVIDING,
    SPEAKING,
    TAKING,
    WATCHED,
    WATCHING,
)
from verifier.manifests.extractors.names import COMMON
from verifier.manifests.extractors.sighting import NEAR, Sighting, words_of
from verifier.manifests.metadata import is_section
from verifier.manifests.text import Token


def is_watched(sighting: Sighting) -> bool:
    """A module that watches, deploys or tests a task queue has none."""
    if sighting.watches_itself:
        return False
    before, after = words_of(sighting.before), words_of(sighting.after)
    near = [between for _, end in WATCHING.spots(before) if len(between := before[end:]) <= NEAR]
    return (
        sighting.subject.watches
        or any(LABEL_ENDS.isdisjoint(between) and "," not in between for between in near)
        or any(first == 0 for first, _ in WATCHED.spots(after[:NEAR]))
    )


def is_taken(sighting: Sighting) -> bool:
    """Uses the task queue of somebody else."""
    before = words_of(sighting.before)
    near = [between for _, end in TAKING.spots(before) if len(between := before[end:]) <= NEAR]
    return any(LABEL_ENDS.isdisjoint(between) for between in near)


def is_done_by_others(sighting: Sighting) -> bool:
    """The broker does it, or nobody here."""
    after = words_of(sighting.after)
    if ELSEWHERE.within(after[: 2 * NEAR]) or any(ELSEWHERE.within(words_of(each)) for each in sighting.asides):
        return True
    others, codes = sighting.subject.others, sighting.codes
    if any(others.written(code) for code in codes):
        return True
    for _, end in DONE_BY.spots(after):
        target = [token for token in sighting.after[end : end + 4] if token.word not in DETERMINERS]
        if target and (target[0].compound or not PARTS.isdisjoint(words_of(target)) or _is_other(sighting, target)):
            return True
    return False


def _is_other(sighting: Sighting, target: Sequence[Token]) -> bool:
    return any(first == 0 for first, _ in sighting.subject.others.spots(target))


def names_another(sighting: Sighting) -> bool:
    """The sentence names another module, so nobody can say whose task queue it is."""
    line, others = sighting.sentence, sighting.subject.others
    first, last = sighting.phrase[0].start, sighting.phrase[-1].end
    for begin, end in others.spots(line):
        inside = line[begin].start >= first and line[end - 1].end <= last
        if inside:
            continue
        if line[begin].start <= first and line[end - 1].end >= last:
            return True  # a longer name, of which the phrase is a part
        if others.named(line, begin, end, PARTS) or _is_called(line, begin) or _is_speaker(line, begin, end):
            return True
    return any(under.is_other(each.text, others) for each in sighting.block.beside)


def _is_called(line: Sequence[Token], begin: int) -> bool:
    """`module core`."""
    return any(token.word in PARTS for token in line[max(0, begin - 1) : begin])


def _is_speaker(line: Sequence[Token], begin: int, end: int) -> bool:
    """`auth: …`, `auth has …`."""
    common = line[begin].stem in COMMON or is_section(line[begin].word)
    return (
        begin == 0
        and not common
        and any(each.word in LABEL_ENDS or each.word in SPEAKING for each in line[end : end + 1])
    )


def is_possessed(sighting: Sighting) -> bool:
    """The broker's task queue."""
    before = sighting.before[-2:]
    return any(
        token.possessive
        and token.stem not in sighting.subject.names
        and token.word not in OURS
        and token.word not in {"it", "let", "that", "what", "there", "here"}
        for token in before
    )


def is_a_name(sighting: Sighting) -> bool:
    """What the module, or another one, is called, says nothing about what it does."""
    stems = " ".join(token.stem for token in sighting.phrase)
    after, before = words_of(sighting.after), words_of(sighting.before)
    named = stems in sighting.subject.names or sighting.subject.others.called(stems)
    part = after[:1] != [] and after[0] in PARTS and before[-1:] in (["the"], ["another"], ["from"], ["of"])
    if part and stems not in sighting.subject.names:
        return True
    return named and ((after[:1] != [] and after[0] in PARTS) or not _is_described(sighting))


def _is_described(sighting: Sighting) -> bool:
    """The sentence says that there is one: `a task queue`, `provides task queues`."""
    last = sighting.phrase[-1]
    before = words_of(sighting.before)
    plural = last.word.endswith("s") and not last.word.endswith("ss") and last.word.rstrip("s") != last.word
    return before[-1:] in (["a"], ["an"]) or PROVIDING.within(before[-3:]) or (plural and bool(before))
