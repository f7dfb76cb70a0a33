"""Phrases that become synonyms of canonical keys: what a repository's own `features.json` is to hold then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from verifier.errors import UserError
from verifier.manifests import layout
from verifier.manifests.decisions import Decision, Verb
from verifier.manifests.history import State
from verifier.manifests.ledger import Change, Step
from verifier.manifests.model import Source
from verifier.manifests.phrases import Likeness
from verifier.manifests.repository import Repository
from verifier.manifests.review import spellings
from verifier.manifests.text import forms
from verifier.manifests.vocabulary import EXTENDS, load
from verifier.model import Confidence

if TYPE_CHECKING:
    from verifier.manifests.layout import Value

FEATURES = "features"
"""The name of the file, and what the fields of its records begin with."""
DONE = {Verb.PROMOTE: "promoted", Verb.NEW: "promoted", Verb.REJECT: "rejected", Verb.RESTORE: "restored"}
"""What the reason of a record begins with."""


class UnknownKey(UserError):
    """A phrase is promoted to a key that no vocabulary has."""


class Words:
    """The file, while phrases are promoted. Nothing is written here."""

    def __init__(self, state: State, repository: Repository, *, is_careful: bool) -> None:
        """With `is_careful` the vocabulary is held against its rules after each promotion.

        Raises UserError if it breaks them already.
        """
        self._vocabulary = repository.vocabulary  # before all else: what is wrong with it is no fault of a decision
        self.state = state
        self.steps: list[Step] = []
        self._document = state.document
        self._repository = repository
        self._is_careful = is_careful

    @property
    def after(self) -> bytes:
        """What the file is to hold."""
        return layout.changed(self._document, {})

    def broken(self) -> UserError | None:
        """What would be wrong with the vocabulary; None if nothing would be."""
        root, own = self._repository.root, self._repository.settings.vocabulary
        try:
            load(root / own if own else None, root, features=self.after)
        except UserError as error:
            mistakes = error.what.partition("\n")[2]
            what = f"the vocabulary would be broken\n{mistakes}"
            return UserError(what, where=error.where, fix="take another key or phrase")
        return None

    def promote(self, decision: Decision) -> str:
        """Let the phrase stand for the key, and say so. Raises UserError, with nothing changed, if it cannot."""
        key, phrase = decision.key, decision.phrase
        entry = self._entry(key)
        if entry is None:
            raise UnknownKey(f"there is no key '{key}'", fix=self._instead(key, phrase))
        if other := entry.get("replaced_by"):
            raise UserError(f"'{key}' is replaced by '{other}'", fix=f"promote it to '{other}'")
        if _has(entry, phrase):
            return _already(decision)
        self._put(decision, {**entry, "synonyms": [*entry.get("synonyms", []), phrase]}, part="synonyms")
        return f"'{phrase}' stands for {key} now"

    def make_key(self, decision: Decision) -> str:
        """Make a new key with the phrase as its title. Raises UserError, with nothing changed, if it cannot be made."""
        key, phrase = decision.key, decision.phrase
        if entry := self._entry(key):
            if _has(entry, phrase):
                return _already(decision)
            raise UserError(f"there is a key '{key}' already", fix=f"promote '{phrase}' to it, not to a new one")
        self._put(decision, {"title": phrase, "category": key.partition(".")[0]})
        return f"'{phrase}' is the title of the new key {key}"

    def _put(self, decision: Decision, entry: dict[str, Any], part: str = "") -> None:
        """Put an entry into the file; `part` is all that is new in it, if the file has it already."""
        document, key = self._document, decision.key
        is_there = key in self._own
        old = self._own.get(key, UNSET)
        field, value = ((key, part), entry[part]) if part and is_there else ((key,), entry)
        fields: dict[str, Value] = {layout.field_of(field): value}
        if self.state.manifest is None:
            fields[EXTENDS] = True
        self._document = layout.read(layout.changed(document, fields), document.shown)
        if self._is_careful and (broken := self.broken()):
            self._document = document
            raise broken
        self.steps.append(step_of(layout.field_of((FEATURES, key)), old, entry, decision, self.state))

    def _entry(self, key: str) -> dict[str, Any] | None:
        """The entry of a key, in the form that a file has, whether the file has it or only the tool's vocabulary."""
        if key in self._own:
            return dict(self._own[key])
        word = self._vocabulary.features.get(key)
        if word is None:
            return None
        entry = {"title": word.title, "category": word.category, "synonyms": [*word.synonyms]}
        return {**entry, "replaced_by": word.replaced_by} if word.replaced_by else entry

    @property
    def _own(self) -> Mapping[str, Any]:
        return {key: entry for key, entry in self._document.value.items() if key != EXTENDS}

    def _instead(self, key: str, phrase: str) -> str:
        """What may have been meant by a key that does not exist."""
        keys = sorted({*self._vocabulary.feature_keys(), *self._own})
        near = get_close_matches(key, keys, cutoff=0.7) or [
            each.key for each in Likeness(self._vocabulary).near(phrase)
        ]
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        return f"{meant}To make a new key of it: --new, or in a file `new {phrase} => {key}`"


def _has(entry: Mapping[str, Any], phrase: str) -> bool:
    known = [entry["title"], *entry.get("synonyms", [])]
    return not spellings(known).isdisjoint(forms(phrase))


def _already(decision: Decision) -> str:
    return f"'{decision.phrase}' stands for {decision.key} already"


def step_of(field: str, old: Value, new: Value, decision: Decision, state: State) -> Step:
    """The change that a decision makes of a field of the ledger, on the grounds of the file as it was."""
    shown, before = state.place.shown(state.place.manifest), state.manifest
    change = Change(
        field=field,
        value=new,
        extractor="review",
        confidence=Confidence.HIGH,
        reasons=(f"{DONE[decision.verb]}:{decision.phrase}",),
        sources=() if before is None else (Source(shown, hashlib.sha256(before).hexdigest()),),
    )
    return Step(change=change, old=old)
