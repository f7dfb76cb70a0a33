"""What speaks against taking a phrase as a feature of the module: one rule a row, each with an example.

In the examples `task queue` is the phrase. They are texts of a module `libs/jobs`, in a repository that has `libs/broker`
and `core/memory`, too; `journal` is a phrase of one word. Each rule fires on its `example`, and stays quiet on its `control`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from verifier.manifests.document import Mark
from verifier.manifests.extractors import under
from verifier.manifests.extractors.cues import (
    ABSENCE,
    ARROWS,
    DETERMINERS,
    DONE_BY,
    ELSEWHERE,
    EXAMPLE,
    GONE,
    LABEL_ENDS,
    LIKENESS,
    MAYBE,
    MAYBE_AFTER,
    NEGATION,
    NO,
    ONCE,
    OURS,
    PAPERS,
    PARTS,
    PLANNED,
    POINTING,
    PROVIDING,
    REMOVED,
    SPEAKING,
    TAKING,
    THERE,
    WATCHED,
    WATCHING,
    WORDED,
    WORDING,
)
from verifier.manifests.extractors.names import COMMON
from verifier.manifests.extractors.sighting import Sighting
from verifier.manifests.metadata import is_section
from verifier.manifests.text import Token

NEAR, FAR = 6, 14
"""Words between a cue and the phrase."""


class Rule(Struct, frozen=True):
    """Something that speaks against a phrase."""

    code: str
    why: str
    fires: Callable[[Sighting], bool]
    example: str
    control: str


def objections(sighting: Sighting) -> tuple[str, ...]:
    """The codes of all that speaks against it, sorted; empty if nothing does."""
    return tuple(sorted({rule.code for rule in RULES if rule.fires(sighting)}))


# --- in its sentence --------------------------------------------------------------------------------------------------


def _words(line: Sequence[Token]) -> list[str]:
    return [token.word for token in line]


def is_negated(sighting: Sighting) -> bool:
    """No task queue; a task queue is not supported."""
    if Mark.CROSSED in sighting.block.marks:
        return True
    before = _words(sighting.before)
    if any(_reaches(before, end) for _, end in NEGATION.spots(before)):
        return True
    return any(_is_denied(_words(line)) for line in (sighting.after, *sighting.asides))


def _reaches(before: list[str], end: int) -> bool:
    """Whether a negation that ends here still holds for the phrase behind the last word."""
    between = before[end:]
    if between[:1] == ["only"] or len(between) > FAR:
        return False
    ends = [index for index, word in enumerate(between) if word in LABEL_ENDS]
    if ends and not ABSENCE.within(between[: ends[0]]):
        return False
    commas = [index for index, word in enumerate(between) if word == ","]
    return not any(word in DETERMINERS for index in commas for word in between[index + 1 : index + 2])


def _is_denied(after: list[str]) -> bool:
    words = after[1:] if after and after[0] in LABEL_ENDS else after
    if len(after) > len(words) and (
        " ".join(words) in NO or words[:1] in (["no"], ["none"]) and words[1:2] in ([], [","], ["."])
    ):
        return True
    near = words[:NEAR]
    if any(first <= 2 for first, _ in GONE.spots(near)):
        return True
    return any(first <= 3 and ABSENCE.within(near[end : end + 3]) for first, end in NEGATION.spots(near))


def is_planned(sighting: Sighting) -> bool:
    """Somebody means to do it."""
    if Mark.OPEN_TASK in sighting.block.marks:
        return True
    before, after = _words(sighting.before), _words(sighting.after)
    return (
        PLANNED.within(before)
        or PLANNED.within(after[: 2 * NEAR])
        or any(PLANNED.within(_words(each)) for each in sighting.asides)
    )


def is_removed(sighting: Sighting) -> bool:
    """It was there once."""
    before, after = _words(sighting.before), _words(sighting.after)
    once = any(
        len(before) - end <= 2 and before[end : end + 1] not in (["from"], ["to"], ["by"])
        for _, end in ONCE.spots(before)
    )
    gone = any(first <= 4 for first, _ in REMOVED.spots(after[: 2 * NEAR]))
    return once or gone or any(REMOVED.within(_words(each)) for each in sighting.asides)


def is_a_condition(sighting: Sighting) -> bool:
    """Nobody says that it is so."""
    before = _words(sighting.before)
    spots = [end for _, end in MAYBE.spots(before)]
    return any("," not in before[end:] for end in spots) or MAYBE_AFTER.within(_words(sighting.after)[:3])


def is_a_question(sighting: Sighting) -> bool:
    """Is there a task queue?"""
    heading = sighting.block.under[-1] if sighting.block.under else ""
    asked = heading.rstrip().endswith("?") and sighting.found.key in under.keys_in(heading, sighting.subject.phrases)
    return asked or sighting.sentence[-1].word == "?"


def is_an_example(sighting: Sighting) -> bool:
    """For example, a task queue."""
    return EXAMPLE.within(_words(sighting.before))


def is_quoted(sighting: Sighting) -> bool:
    """Somebody else's words."""
    text = sighting.block.text
    before, after = text[: sighting.start], text[sighting.end :]
    if Mark.QUOTE in sighting.block.marks or (before.count('"') % 2 and '"' in after):
        return True
    pairs = (("“", "”"), ("«", "»"), ("„", "“"), ("‘", "’"), ("‹", "›"), ("「", "」"))
    if any(before.rfind(opening) > before.rfind(closing) and closing in after for opening, closing in pairs):
        return True
    return before.endswith("'") and after.lstrip("s").startswith("'")


def points_elsewhere(sighting: Sighting) -> bool:
    """See the page on task queues."""
    before, after = _words(sighting.before), _words(sighting.after)
    return (
        any(len(before) - end <= NEAR for _, end in POINTING.spots(before))
        or THERE.within(after[:NEAR])
        or after[:1] != []
        and after[0] in PAPERS
    )


def is_a_link(sighting: Sighting) -> bool:
    """The text of a link leads to somewhere else."""
    return any(first < sighting.end and sighting.start < last for first, last in sighting.block.links)


def is_likened(sighting: Sighting) -> bool:
    """Like a task queue."""
    before = _words(sighting.before)
    return any(len(before) - end <= NEAR for _, end in LIKENESS.spots(before))


def is_a_stage(sighting: Sighting) -> bool:
    """Parse → task queue → print."""
    return not ARROWS.isdisjoint(_words(sighting.sentence))


def is_about_words(sighting: Sighting) -> bool:
    """The term "task queue" means …"""
    before, after = _words(sighting.before), _words(sighting.after)
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


# --- someone else's ---------------------------------------------------------------------------------------------------


def is_watched(sighting: Sighting) -> bool:
    """A module that watches, deploys or tests a task queue has none."""
    if sighting.watches_itself:
        return False
    before, after = _words(sighting.before), _words(sighting.after)
    near = [between for _, end in WATCHING.spots(before) if len(between := before[end:]) <= NEAR]
    return (
        sighting.subject.watches
        or any(LABEL_ENDS.isdisjoint(between) and "," not in between for between in near)
        or any(first <= 1 for first, _ in WATCHED.spots(after[:NEAR]))
    )


def is_taken(sighting: Sighting) -> bool:
    """Uses the task queue of somebody else."""
    before = _words(sighting.before)
    near = [between for _, end in TAKING.spots(before) if len(between := before[end:]) <= NEAR]
    return any(LABEL_ENDS.isdisjoint(between) for between in near)


def is_done_by_others(sighting: Sighting) -> bool:
    """The broker does it, or nobody here."""
    after = _words(sighting.after)
    if ELSEWHERE.within(after[: 2 * NEAR]) or any(ELSEWHERE.within(_words(each)) for each in sighting.asides):
        return True
    others, codes = sighting.subject.others, sighting.block.codes
    if any(others.written(code) for code in codes):
        return True
    for _, end in DONE_BY.spots(after):
        target = [token for token in sighting.after[end : end + 4] if token.word not in DETERMINERS]
        if target and (target[0].compound or not PARTS.isdisjoint(_words(target)) or _is_other(sighting, target)):
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
    return begin == 0 and not common and any(each.word in LABEL_ENDS or each.word in SPEAKING for each in line[end : end + 1])


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
    after, before = _words(sighting.after), _words(sighting.before)
    named = stems in sighting.subject.names or sighting.subject.others.called(stems)
    part = after[:1] != [] and after[0] in PARTS and before[-1:] in (["the"], ["another"], ["from"], ["of"])
    if part and stems not in sighting.subject.names:
        return True
    return named and (after[:1] != [] and after[0] in PARTS or not _is_described(sighting))


def _is_described(sighting: Sighting) -> bool:
    """The sentence says that there is one: `a task queue`, `provides task queues`."""
    last = sighting.phrase[-1]
    before = _words(sighting.before)
    plural = last.word.endswith("s") and not last.word.endswith("ss") and last.word.rstrip("s") != last.word
    return before[-1:] in (["a"], ["an"]) or PROVIDING.within(before[-3:]) or (plural and bool(before))


# --- what a reader sees -----------------------------------------------------------------------------------------------


def is_a_placeholder(sighting: Sighting) -> bool:
    """Nobody has written it."""
    return Mark.PLACEHOLDER in sighting.block.marks


def is_empty(sighting: Sighting) -> bool:
    """A heading with nothing below it."""
    return Mark.EMPTY in sighting.block.marks


RULES = (
    Rule(
        "negated",
        "the text says that it is not there",
        is_negated,
        "There is no task queue.",
        "A task queue without a broker.",
    ),
    Rule("planned", "it is planned", is_planned, "A task queue is planned.", "A task queue with priorities."),
    Rule(
        "removed",
        "it was removed",
        is_removed,
        "The task queue was removed in 2.0.",
        "Jobs are removed from the task queue in order.",
    ),
    Rule(
        "conditional",
        "nobody says that it is so",
        is_a_condition,
        "If you want a task queue, say so.",
        "If it rains, the task queue runs.",
    ),
    Rule("question", "it is a question", is_a_question, "Is there a task queue?", "There is a task queue."),
    Rule(
        "example",
        "it is an example",
        is_an_example,
        "Build anything, for example a task queue.",
        "A task queue, for example for mail.",
    ),
    Rule(
        "quoted", "it is quoted", is_quoted, "People say “we have a task queue” and go.", "A task queue, “the heart”."
    ),
    Rule(
        "pointing",
        "it points to somewhere else",
        points_elsewhere,
        "See the notes on the task queue.",
        "The task queue sees each job once.",
    ),
    Rule(
        "link",
        "it is the text of a link",
        is_a_link,
        "A [task queue](queue.md).",
        "A task queue with [priorities](p.md).",
    ),
    Rule(
        "likened",
        "something is compared with it",
        is_likened,
        "Works like a task queue.",
        "A task queue that works like a stack.",
    ),
    Rule(
        "mapped",
        "it is a step in a chain",
        is_a_stage,
        "parser → task queue → printer",
        "A task queue after the parser.",
    ),
    Rule(
        "wording",
        "the text is about words",
        is_about_words,
        "The term task queue is old.",
        "A task queue on old terms.",
    ),
    Rule(
        "watched",
        "it is watched, deployed or tested here",
        is_watched,
        "Alerts on a slow task queue.",
        "A task queue that alerts.",
    ),
    Rule(
        "taken", "someone else has it", is_taken, "Depends on the task queue.", "A task queue that depends on nothing."
    ),
    Rule(
        "elsewhere",
        "someone else does it",
        is_done_by_others,
        "The task queue is handled by broker.",
        "The task queue is handled by a thread.",
    ),
    Rule(
        "other_module",
        "the sentence names another module",
        names_another,
        "The broker module has a task queue.",
        "This module has a task queue.",
    ),
    Rule(
        "possessed",
        "it belongs to someone else",
        is_possessed,
        "It fills Celery's task queue.",
        "It fills its task queue.",
    ),
    Rule(
        "name",
        "it is the name of a module",
        is_a_name,
        "The task queue service is next door.",
        "A task queue for the service.",
    ),
    Rule("placeholder", "nobody has written it", is_a_placeholder, "_TODO: task queue_", "_A task queue._"),
    Rule("empty", "nothing stands below it", is_empty, "## Task queue", "## Task queue\n\nRuns jobs."),
    Rule(
        "generic",
        "one word in running text can mean anything",
        is_generic,
        "It keeps a journal of all that is sent.",
        "A journal.",
    ),
    Rule(
        "under:negated",
        "it stands under what the module does not do",
        under.what("negated"),
        "## Non-goals\n\n- task queue",
        "## Goals\n\n- task queue",
    ),
    Rule(
        "under:planned",
        "it stands under plans",
        under.what("planned"),
        "## Roadmap\n\n- task queue",
        "## Planning of jobs\n\n- task queue",
    ),
    Rule(
        "under:removed",
        "it stands under what was",
        under.what("removed"),
        "## Release notes\n\n- task queue",
        "## Release of jobs\n\n- task queue",
    ),
    Rule(
        "under:other",
        "it stands under what others do",
        under.what("other"),
        "## Integration with mail\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "under:navigation",
        "it stands in a list of places to go to",
        under.what("navigation"),
        "## See also\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "under:example",
        "it stands under examples",
        under.what("example"),
        "## Examples\n\n- task queue",
        "## Exemplary speed\n\n- task queue",
    ),
    Rule(
        "under:wording",
        "it stands in a list of words",
        under.what("wording"),
        "## Glossary\n\n- task queue",
        "## In other words\n\n- task queue",
    ),
    Rule(
        "under:watched",
        "it stands under what is watched, deployed or tested",
        under.what("watched"),
        "## Dashboards\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "row",
        "another cell of its row speaks against it",
        under.row_objects,
        "| Feature | Status |\n|---|---|\n| task queue | planned |",
        "| Feature | Status |\n|---|---|\n| task queue | done |",
    ),
)
