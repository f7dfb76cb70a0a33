"""What decisions on phrases do to the vocabulary, to the review queue, and to the ledger of decisions.

All decisions of a run can be made, or none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from msgspec import UNSET, Struct
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests import layout, ledger, review
from verifier.manifests.decisions import Decision, Mistake, Verb
from verifier.manifests.history import Edit, File, State
from verifier.manifests.ledger import Stamp, Step
from verifier.manifests.promotions import FEATURES, Words, step_of
from verifier.manifests.repository import QUEUE, Repository
from verifier.manifests.review import Kind, Queue, spellings
from verifier.manifests.text import forms
from verifier.manifests.vocabulary import EXTENDS

REJECTED = "rejected"
"""What the fields of records of rejections begin with."""
OWN_LINE = 'put `vocabulary = "vocabulary"` below [tool.enrich] there, and make that folder: mkdir vocabulary'


class Desk(Struct, frozen=True, kw_only=True):
    """What decisions are about, as it lies there."""

    repository: Repository
    words: State | None
    """The repository's own `features.json`; None where it may have none. Both states have one ledger."""
    queue: State
    held: Queue
    """What the queue holds."""


class Decided(Struct, frozen=True, kw_only=True):
    """What has to be written, and what became of each decision."""

    edits: tuple[Edit, ...]
    """In this order: the second one goes on from the first."""
    told: tuple[str, ...]
    """For people, one a decision."""


def desk_of(repository: Repository) -> Desk:
    """What decisions in a repository are about, read afresh. Raises UserError for what cannot be read."""
    own = repository.settings.vocabulary
    queue = review.look_at(repository, QUEUE)
    return Desk(
        repository=replace(repository),  # a vocabulary that was loaded before may have changed
        words=review.look_at(repository, f"{own}/{FEATURES}.json") if own else None,
        queue=queue,
        held=review.read(queue),
    )


def decided(lines: Iterable[Decision | Mistake], desk: Desk, stamp: Stamp) -> Decided:
    """What these decisions come to. Raises UserError, with all mistakes at once: then none of them is made."""
    lines = tuple(lines)
    work = _Work(desk)
    mistakes = _made(lines, work)
    if not mistakes and work.words and work.words.steps and work.words.broken():
        # which one it is that breaks the vocabulary shows when that is held against its rules after each
        mistakes = _made(lines, _Work(desk, is_careful=True))
    if mistakes:
        raise mistakes[0].error if len(lines) == 1 and not lines[0].at else _refused(mistakes)
    return Decided(edits=_edits(work, desk, stamp), told=tuple(work.told))


def _made(lines: Sequence[Decision | Mistake], work: _Work) -> list[Mistake]:
    """Make each decision that can be made; the mistakes in the others."""
    mistakes: list[Mistake] = []
    for line in lines:
        if isinstance(line, Mistake):
            mistakes.append(line)
            continue
        try:
            work.make(line)
        except UserError as error:
            mistakes.append(Mistake(line.at or f"{line.verb} '{line.phrase}'", error))
    return mistakes


def _refused(mistakes: Sequence[Mistake]) -> UserError:
    what = "there is a mistake" if len(mistakes) == 1 else f"there are {len(mistakes)} mistakes"
    return UserError(
        "\n  ".join((f"{what} in the decisions", *map(str, mistakes))), fix="correct that: no decision was made"
    )


# --- edits ------------------------------------------------------------------------------------------------------------


def undone(edit: Edit, desk: Desk, stamp: Stamp) -> Edit:
    """What takes the edit of a decision back. Raises UserError if the file has changed since."""
    state = next(state for state in (desk.words, desk.queue) if state and state.place.manifest == edit.manifest.path)
    if state.manifest != edit.manifest.after:
        where = state.place.shown(state.place.manifest)
        raise UserError("somebody has changed it since", where=where, fix="take the decision back by hand")
    before = edit.manifest.before
    if before is None:  # nobody removes a file in which others may have words by now
        before = layout.changed(layout.read(layout.EMPTY, ""), {EXTENDS: True})
    steps = [_backwards(step) for step in reversed(edit.steps)]
    return _edit(state, before, state.recorded, steps, stamp)


def _backwards(step: Step) -> Step:
    change = replace(step.change, value=step.old, reasons=tuple(f"undone:{each}" for each in step.change.reasons))
    return Step(change=change, old=step.change.value)


def _edits(work: _Work, desk: Desk, stamp: Stamp) -> tuple[Edit, ...]:
    found: list[Edit] = []
    recorded = desk.queue.recorded
    if work.words and work.words.steps:
        found.append(_edit(work.words.state, work.words.after, recorded, work.words.steps, stamp))
        recorded = found[0].ledger.after
    if work.rejections.steps:
        found.append(_edit(desk.queue, work.rejections.after, recorded, work.rejections.steps, stamp))
    return tuple(found)


def _edit(state: State, after: bytes | None, recorded: bytes | None, steps: Sequence[Step], stamp: Stamp) -> Edit:
    """The file with its new bytes; and the ledger, which holds `recorded` by then, with these steps."""
    records = ledger.sound(recorded, state.place.shown(state.ledger))
    lines = (recorded or b"") + ledger.append(records, steps, stamp)
    return Edit(
        manifest=File(path=state.place.manifest, before=state.manifest, after=after),
        ledger=File(path=state.ledger, before=recorded, after=lines),
        steps=tuple(steps),
    )


# --- decisions --------------------------------------------------------------------------------------------------------


class _Work:
    """The vocabulary and the queue, while decisions change them."""

    def __init__(self, desk: Desk, *, is_careful: bool = False) -> None:
        self.words = Words(desk.words, desk.repository, is_careful=is_careful) if desk.words else None
        self.rejections = _Rejections(desk.queue, desk.held)
        self.told: list[str] = []
        self._queued = spellings(each.what for each in desk.held.entries if each.kind is Kind.PHRASE)
        self._seen: set[str] = set()

    def make(self, decision: Decision) -> None:
        """Make one decision. Raises UserError, with nothing done, where it cannot be."""
        decision = replace(decision, phrase=" ".join(decision.phrase.split()))
        spelled = forms(decision.phrase)
        if not spelled:
            raise UserError(f"there is no word in '{decision.phrase}'", fix="name a phrase")
        if not self._seen.isdisjoint(spelled):
            raise UserError(f"'{decision.phrase}' is decided twice", fix="keep one of both")
        told = self._become(decision)
        self._seen.update(spelled)
        is_foreign = decision.verb is not Verb.RESTORE and self._queued.isdisjoint(spelled)
        self.told.append(f"{told} (it is not in the queue)" if is_foreign else told)

    def _become(self, decision: Decision) -> str:
        if decision.verb is Verb.REJECT:
            return self.rejections.reject(decision)
        if decision.verb is Verb.RESTORE:
            return self.rejections.restore(decision)
        if self.words is None:
            what = "this repository has no vocabulary of its own to promote a phrase in"
            raise UserError(what, where="pyproject.toml", fix=OWN_LINE)
        return self.words.promote(decision) if decision.verb is Verb.PROMOTE else self.words.make_key(decision)


class _Rejections:
    """The phrases that are rejected, while that changes."""

    def __init__(self, state: State, queue: Queue) -> None:
        self.steps: list[Step] = []
        self._state, self._entries = state, queue.entries
        self._rejected = {*queue.rejected}
        self._spelled = spellings(self._rejected)

    @property
    def after(self) -> bytes | None:
        """What the file of the queue is to hold."""
        queue = Queue(entries=self._entries, rejected=tuple(sorted(self._rejected)))
        return review.written(self._state, review.without_rejected(queue))

    def reject(self, decision: Decision) -> str:
        """Let the phrase not come back, and say so."""
        phrase = decision.phrase
        if not self._spelled.isdisjoint(forms(phrase)):
            return f"'{phrase}' was rejected before"
        self._rejected.add(phrase)
        self._spelled |= spellings([phrase])
        self.steps.append(step_of(layout.field_of((REJECTED, phrase)), UNSET, True, decision, self._state))
        return f"'{phrase}' is rejected"

    def restore(self, decision: Decision) -> str:
        """Take the rejection of a phrase back, and say so. Raises UserError if nobody has rejected it."""
        phrase = decision.phrase
        meant = sorted(each for each in self._rejected if not spellings([each]).isdisjoint(forms(phrase)))
        if not meant:
            near = get_close_matches(phrase, sorted(self._rejected))
            fix = f"did you mean {' or '.join(map(repr, near))}?" if near else f"see `rejected` in {QUEUE}"
            raise UserError(f"nobody has rejected '{phrase}'", fix=fix)
        self._rejected.difference_update(meant)
        self._spelled = spellings(self._rejected)
        for each in meant:
            self.steps.append(step_of(layout.field_of((REJECTED, each)), True, UNSET, decision, self._state))
        return f"'{phrase}' is restored: `enrich --all` puts it into the queue again"
