"""What decisions on phrases do to the vocabulary, to the review queue, and to the ledger of decisions.

All decisions of a run are sound, or none is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests import layout, ledger, review
from verifier.manifests.decisions import Decision, Mistake, Verb
from verifier.manifests.history import Edit, File, State
from verifier.manifests.ledger import Change, Stamp, Step
from verifier.manifests.model import Source
from verifier.manifests.phrases import Likeness
from verifier.manifests.repository import Repository
from verifier.manifests.review import Kind, Queue, spellings
from verifier.manifests.text import forms
from verifier.manifests.vocabulary import EXTENDS, Vocabulary
from verifier.manifests.vocabulary import load as load_vocabulary
from verifier.model import Confidence

if TYPE_CHECKING:
    from verifier.manifests.layout import Value

FEATURES, REJECTED = "features", "rejected"
"""What the fields of the ledger begin with."""
OWN_LINE = 'put `vocabulary = "vocabulary"` below [tool.enrich] there, and make that folder: mkdir vocabulary'


class UnknownKey(UserError):
    """A phrase is promoted to a key that no vocabulary has."""


class Desk(Struct, frozen=True, kw_only=True):
    """What decisions are about, as it lies there."""

    repository: Repository
    words: State | None
    """The repository's own `features.json`; None where it may have none. Both states have one ledger."""
    queue: State

    @property
    def vocabulary(self) -> Vocabulary:
        """As it is."""
        return self.repository.vocabulary


class Decided(Struct, frozen=True, kw_only=True):
    """What has to be written, and what became of each decision."""

    edits: tuple[Edit, ...]
    """In this order: the second one goes on from the first."""
    told: tuple[str, ...]
    """For people, one a decision."""


def desk_of(repository: Repository) -> Desk:
    """What decisions in a repository are about, read afresh. Raises UserError for what cannot be read."""
    own = repository.settings.vocabulary
    return Desk(
        repository=replace(repository),  # a vocabulary that was loaded before may have changed
        words=review.look_at(repository, f"{own}/{FEATURES}.json") if own else None,
        queue=review.look_at(repository, review.QUEUE),
    )


def decided(lines: Iterable[Decision | Mistake], desk: Desk, stamp: Stamp) -> Decided:
    """What these decisions come to. Raises UserError, with all mistakes at once: then none of them is made."""
    lines = tuple(lines)
    work = _Work(desk)
    mistakes = _made(lines, work)
    if not mistakes and work.broken():
        # which one it is that breaks the vocabulary shows when it is held against its rules after each
        mistakes = _made(lines, _Work(desk, is_careful=True))
    if mistakes:
        raise mistakes[0].error if len(lines) == 1 and not lines[0].at else _refused(mistakes)
    return Decided(edits=work.edits(stamp), told=tuple(work.told))


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
    return UserError("\n  ".join((f"{what} in the decisions", *map(str, mistakes))), fix="correct it: none was made")


def undone(edit: Edit, desk: Desk, stamp: Stamp) -> Edit:
    """What takes the edit of a decision back, by new records. Raises UserError if the file has changed since."""
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


def _edit(state: State, after: bytes | None, recorded: bytes | None, steps: Sequence[Step], stamp: Stamp) -> Edit:
    """The file with its new bytes, and the ledger, which holds `recorded` by then, with these steps."""
    records = ledger.sound(recorded, state.place.shown(state.ledger))
    lines = (recorded or b"") + ledger.append(records, steps, stamp)
    return Edit(
        manifest=File(path=state.place.manifest, before=state.manifest, after=after),
        ledger=File(path=state.ledger, before=recorded, after=lines),
        steps=tuple(steps),
    )


class _Work:
    """The vocabulary and the queue, while decisions change them. Nothing is written here."""

    def __init__(self, desk: Desk, *, is_careful: bool = False) -> None:
        self._desk = desk
        self._is_careful = is_careful
        """Hold the vocabulary against its rules after each decision."""
        self._words = desk.words.document if desk.words else None
        self._entries, self._rejected = (queue := review.read(desk.queue)).entries, {*queue.rejected}
        self._spelled = spellings(self._rejected)
        self._waiting = spellings(each.what for each in self._entries if each.kind is Kind.PHRASE)
        self._of_words: list[Step] = []
        self._of_queue: list[Step] = []
        self._seen: set[str] = set()
        self.told: list[str] = []

    def make(self, decision: Decision) -> None:
        """Make one decision. Raises UserError, with nothing done, where it cannot be."""
        decision = replace(decision, phrase=" ".join(decision.phrase.split()))
        spelled = forms(decision.phrase)
        if not spelled:
            raise UserError(f"there is no word in '{decision.phrase}'", fix="name a phrase")
        if not self._seen.isdisjoint(spelled):
            raise UserError(f"'{decision.phrase}' is decided twice", fix="keep one of both")
        told = self._acts[decision.verb](decision)
        self._seen.update(spelled)
        foreign = decision.verb is not Verb.RESTORE and self._waiting.isdisjoint(spelled)
        self.told.append(told + (" (no module has it in the queue)" if foreign else ""))

    @property
    def _acts(self) -> Mapping[Verb, Callable[[Decision], str]]:
        return {
            Verb.PROMOTE: self._promote,
            Verb.NEW: self._make_key,
            Verb.REJECT: self._reject,
            Verb.RESTORE: self._restore,
        }

    def broken(self) -> UserError | None:
        """What would be wrong with the vocabulary; None if nothing would be."""
        own = self._desk.repository.settings.vocabulary
        if not own or not self._words or not self._of_words:
            return None
        root = self._desk.repository.root
        try:
            load_vocabulary(root / own, root, features=layout.changed(self._words, {}))
        except UserError as error:
            return UserError(f"nothing is promoted: {error.what}", where=error.where, fix="take another key or phrase")
        return None

    def edits(self, stamp: Stamp) -> tuple[Edit, ...]:
        """What has to be written."""
        found: list[Edit] = []
        recorded = self._desk.queue.recorded
        if self._desk.words and self._words and self._of_words:
            after: bytes | None = layout.changed(self._words, {})
            found.append(_edit(self._desk.words, after, recorded, self._of_words, stamp))
            recorded = found[0].ledger.after
        if self._of_queue:
            queue = Queue(entries=self._entries, rejected=tuple(sorted(self._rejected)))
            after = review.written(self._desk.queue, review.without_rejected(queue))
            found.append(_edit(self._desk.queue, after, recorded, self._of_queue, stamp))
        return tuple(found)

    # --- promotions ---------------------------------------------------------------------------------------------------

    def _promote(self, decision: Decision) -> str:
        key, phrase, own = decision.key, decision.phrase, self._own()
        entry: dict[str, Any] | None = own.get(key) or self._known(key)
        if entry is None:
            raise UnknownKey(f"there is no key '{key}'", fix=self._instead(key, phrase))
        if other := entry.get("replaced_by"):
            raise UserError(f"'{key}' is replaced by '{other}'", fix=f"promote it to '{other}'")
        synonyms = entry.get("synonyms", [])
        if not spellings([entry["title"], *synonyms]).isdisjoint(forms(phrase)):
            return f"'{phrase}' stands for {key} already"
        entry = {**entry, "synonyms": [*synonyms, phrase]}
        changed = (key, "synonyms") if key in own else (key,)
        self._put(decision, changed, entry, own.get(key, UNSET))
        return f"'{phrase}' stands for {key} now"

    def _make_key(self, decision: Decision) -> str:
        key, phrase, own = decision.key, decision.phrase, self._own()
        if key in own or self._known(key):
            raise UserError(f"there is a key '{key}' already", fix=f"promote '{phrase}' to it, not to a new one")
        entry = {"title": phrase, "category": key.partition(".")[0], "synonyms": []}
        self._put(decision, (key,), entry, UNSET)
        return f"'{phrase}' is the title of the new key {key}"

    def _own(self) -> Mapping[str, Any]:
        """The entries of the repository's own file."""
        if self._words is None:
            what = "this repository has no vocabulary of its own to promote a phrase in"
            raise UserError(what, where="pyproject.toml", fix=OWN_LINE)
        return {key: entry for key, entry in self._words.value.items() if key != EXTENDS}

    def _known(self, key: str) -> dict[str, Any] | None:
        """The entry of a key that only the vocabulary of the tool has, in the form that a file has."""
        word = self._desk.vocabulary.features.get(key)
        if word is None:
            return None
        entry = {"title": word.title, "category": word.category, "synonyms": [*word.synonyms]}
        return {**entry, "replaced_by": word.replaced_by} if word.replaced_by else entry

    def _instead(self, key: str, phrase: str) -> str:
        """What may have been meant by a key that does not exist."""
        vocabulary = self._desk.vocabulary
        keys = sorted({*vocabulary.feature_keys(), *self._own()})
        near = get_close_matches(key, keys, cutoff=0.7) or [each.key for each in Likeness(vocabulary).near(phrase)]
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        return f"{meant}To make a new key of it: --new, or in a file `new {phrase} => {key}`"

    def _put(self, decision: Decision, changed: Sequence[str], entry: dict[str, Any], old: Value) -> None:
        """Put an entry into the repository's own file, where only the part of it at `changed` is new."""
        words, state = self._words, self._desk.words
        if words is None or state is None:
            raise AssertionError(decision)
        fields: dict[str, Value] = {layout.field_of(changed): entry if len(changed) == 1 else entry[changed[-1]]}
        if state.manifest is None:
            fields[EXTENDS] = True
        self._words = layout.read(layout.changed(words, fields), words.shown)
        self._of_words.append(_step(layout.field_of((FEATURES, decision.key)), old, entry, decision, state))
        if self._is_careful and (broken := self.broken()):
            self._words = words
            self._of_words.pop()
            raise broken

    # --- rejections ---------------------------------------------------------------------------------------------------

    def _reject(self, decision: Decision) -> str:
        phrase = decision.phrase
        if not self._spelled.isdisjoint(forms(phrase)):
            return f"'{phrase}' was rejected before"
        self._rejected.add(phrase)
        self._spelled |= spellings([phrase])
        self._of_queue.append(_step(layout.field_of((REJECTED, phrase)), UNSET, True, decision, self._desk.queue))
        return f"'{phrase}' is rejected"

    def _restore(self, decision: Decision) -> str:
        phrase = decision.phrase
        meant = sorted(each for each in self._rejected if not spellings([each]).isdisjoint(forms(phrase)))
        if not meant:
            near = get_close_matches(phrase, sorted(self._rejected))
            fix = f"did you mean {' or '.join(map(repr, near))}?" if near else f"see `rejected` in {review.QUEUE}"
            raise UserError(f"nobody has rejected '{phrase}'", fix=fix)
        self._rejected.difference_update(meant)
        self._spelled = spellings(self._rejected)
        for each in meant:
            field = layout.field_of((REJECTED, each))
            self._of_queue.append(_step(field, True, UNSET, decision, self._desk.queue))
        return f"'{phrase}' is restored: `enrich --all` puts it into the queue again"


DONE = {Verb.PROMOTE: "promoted", Verb.NEW: "promoted", Verb.REJECT: "rejected", Verb.RESTORE: "restored"}
"""What the reason of a record begins with."""


def _step(field: str, old: Value, new: Value, decision: Decision, state: State) -> Step:
    shown, before = state.place.shown(state.place.manifest), state.manifest
    sources = () if before is None else (Source(shown, hashlib.sha256(before).hexdigest()),)
    change = Change(
        field=field,
        value=new,
        extractor="review",
        confidence=Confidence.HIGH,
        reasons=(f"{DONE[decision.verb]}:{decision.phrase}",),
        sources=sources,
    )
    return Step(change=change, old=old)
