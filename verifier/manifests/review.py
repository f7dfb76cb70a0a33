"""The review queue: what evidence suggests and nobody has decided, in one file at the root of the repository.

An entry has a place to look at, and something to decide on. So a description that lacks a feature is none: the feature
is. The entries are made anew of the sources by each run over all modules; what was rejected is remembered beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from verifier.errors import UserError
from verifier.manifests import layout, provenance, schema
from verifier.manifests.extractors.features import FIELD as FEATURES
from verifier.manifests.history import Edit, File, State
from verifier.manifests.model import Candidate, Json, Place, Withheld
from verifier.manifests.phrases import Queued, queue
from verifier.manifests.repository import QUEUE, Repository
from verifier.manifests.text import forms, tokens
from verifier.manifests.vocabulary import Vocabulary
from verifier.manifests.writer import look

if TYPE_CHECKING:
    from verifier.manifests.layout import Value
else:
    Value = Any  # msgspec knows no recursive types

CONTRACT = "review/1"
LEDGER = ".review"
"""The ledger of decisions is called so. No module can be: a folder whose name begins with a dot is none."""
UNKNOWN = "no key of the vocabulary stands for it"
LONGEST = 100
"""Characters of a value as people read it."""


class Kind(StrEnum):
    """What an entry is about."""

    PHRASE = "phrase"
    """It looks like a feature, and no vocabulary knows it."""
    WITHHELD = "withheld"
    """A value that lacks evidence."""
    CONTRADICTION = "contradiction"
    """A value of which two places say what cannot both be so."""


class Finding(Struct, frozen=True, kw_only=True):
    """Where one module has it."""

    module: str
    """Its path."""
    provenance: tuple[str, ...]
    """Pointers, sorted; at least one."""
    count: int

    @property
    def places(self) -> tuple[str, ...]:
        """`path:line` in the repository, in the order of lines."""
        pointers = filter(None, map(provenance.parse, self.provenance))
        found = sorted({(_in_repository(self.module, each.path), each.first) for each in pointers if each.path})
        return tuple(f"{path}:{line}" if line else path for path, line in found)


class Near(Struct, frozen=True, kw_only=True):
    """A canonical key that has a phrase like it."""

    key: str
    phrase: str


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to decide on, in all modules that have it."""

    kind: Kind
    what: str
    """The phrase, or the value as people read it."""
    field: str
    """Dotted."""
    why: str
    count: int
    """How often it stands there, in all modules."""
    found: tuple[Finding, ...]
    """By module."""
    near: tuple[Near, ...] = ()
    """The nearest first."""
    value: Value = UNSET
    """What would have been written, where that is more than `what`."""


class Queue(Struct, frozen=True, kw_only=True):
    """What the file holds."""

    entries: tuple[Entry, ...] = ()
    """Those of the most modules first."""
    rejected: tuple[str, ...] = ()
    """Phrases, sorted."""


def queued(
    repository: Repository, withheld: Mapping[str, Sequence[Withheld]], phrases: Mapping[str, Sequence[Candidate]]
) -> Edit:
    """What there is to write so that the queue holds what all modules have to be decided on.

    `withheld` are the values of each module, by its path, and `phrases` those without a key, from a run over all of
    them. Raises UserError if the queue that is there cannot be read.
    """
    state = look_at(repository, QUEUE)
    rejected = read(state).rejected
    spelled = spellings(rejected)
    found = {
        module: [each for each in those if spelled.isdisjoint(forms(each.phrase))] for module, those in phrases.items()
    }
    entries = entries_of(withheld, queue(found, repository.vocabulary))
    after = written(state, Queue(entries=entries, rejected=rejected))
    return Edit(
        manifest=File(path=state.place.manifest, before=state.manifest, after=after),
        ledger=File(path=state.ledger, before=state.recorded, after=state.recorded),
    )


def look_at(repository: Repository, path: str) -> State:
    """The file at a path of the repository, and the ledger of decisions, as they lie there."""
    root = repository.root
    return look(Place(root=root, path=LEDGER, manifest=root / path), repository.ledgers)


def spellings(phrases: Iterable[str]) -> frozenset[str]:
    """What all spellings of these phrases have in common."""
    return frozenset(form for phrase in phrases for form in forms(phrase))


# --- entries ----------------------------------------------------------------------------------------------------------


def entries_of(withheld: Mapping[str, Sequence[Withheld]], phrases: Iterable[Queued]) -> tuple[Entry, ...]:
    """The entries that these make, those of the most modules first; neither the order of modules nor of values counts.

    `withheld` is by the module's path.
    """
    return tuple(sorted((*_of_withheld(withheld), *map(_of_phrase, phrases)), key=_rank))


def _of_phrase(queued: Queued) -> Entry:
    near = tuple(Near(key=each.key, phrase=each.phrase) for each in queued.near)
    return _entry(Kind.PHRASE, queued.phrase, UNKNOWN, queued.pointers, field=FEATURES, near=near)


def _of_withheld(by_module: Mapping[str, Sequence[Withheld]]) -> Iterator[Entry]:
    """One entry for what is the same in several modules."""
    alike: dict[tuple[str, ...], tuple[Withheld, dict[str, set[str]]]] = {}
    for module, each in ((module, each) for module, those in by_module.items() for each in those):
        if each.provenance and (each.is_contradiction or each.value is not None):
            same = (_kind(each), each.field, layout.canonical(each.value).decode(), each.why)
            alike.setdefault(same, (each, {}))[1].setdefault(module, set()).update(each.provenance)
    for each, pointers in alike.values():
        value = UNSET if each.value is None or isinstance(each.value, str) else each.value
        yield _entry(_kind(each), _told(each), each.why, pointers, field=each.field, value=value)


def _kind(withheld: Withheld) -> Kind:
    return Kind.CONTRADICTION if withheld.is_contradiction else Kind.WITHHELD


def _told(withheld: Withheld) -> str:
    """The value as people read it; the field where there is none."""
    value = withheld.value
    if value is None or isinstance(value, str):
        return value or withheld.field
    text = layout.canonical(value).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _entry(  # noqa: PLR0913  what an entry has
    kind: Kind,
    what: str,
    why: str,
    pointers: Mapping[str, Iterable[str]],
    *,
    field: str,
    near: tuple[Near, ...] = (),
    value: Value = UNSET,
) -> Entry:
    found = tuple(_finding(module, each) for module, each in sorted(pointers.items()))
    count = sum(each.count for each in found)
    return Entry(kind=kind, what=what, field=field, why=why, count=count, found=found, near=near, value=value)


def _finding(module: str, pointers: Iterable[str]) -> Finding:
    each_once = tuple(sorted({*pointers}))
    return Finding(module=module, provenance=each_once, count=len(each_once))


def _rank(entry: Entry) -> tuple[int, int, str, str, str, str, bytes]:
    value = b"" if entry.value is UNSET else layout.canonical(entry.value)
    return -len(entry.found), -entry.count, entry.what, entry.field, entry.kind, entry.why, value


def _in_repository(module: str, path: str) -> str:
    return path.removeprefix("/") if path.startswith("/") else f"{module}/{path}"


def undecided(queue: Queue, vocabulary: Vocabulary) -> tuple[Entry, ...]:
    """The entries without those phrases that have been decided since: rejected, or known to the vocabulary."""
    known = vocabulary.feature_phrases
    return tuple(
        each
        for each in without_rejected(queue).entries
        if each.kind is not Kind.PHRASE or not any(known.find(tokens(each.what)))
    )


def without_rejected(queue: Queue) -> Queue:
    """The queue without the phrases that are rejected, in whatever spelling."""
    spelled = spellings(queue.rejected)
    kept = (each for each in queue.entries if each.kind is not Kind.PHRASE or spelled.isdisjoint(forms(each.what)))
    return Queue(entries=tuple(kept), rejected=queue.rejected)


# --- the file ---------------------------------------------------------------------------------------------------------


def read(state: State) -> Queue:
    """What the queue holds; nothing where there is no file. Raises UserError, with all mistakes, if it is none."""
    if state.manifest is None:
        return Queue()
    document: Json = state.document.value
    if wrong := schema.check_as("review", document, file=QUEUE):
        told = "\n  ".join(map(str, wrong))
        fix = "take it back from git; or keep what is `rejected`, and have `enrich --all` make the rest anew"
        raise UserError(f"this is no review queue\n  {told}", where=QUEUE, fix=fix)
    return msgspec.convert(document, Queue)


def written(state: State, queue: Queue) -> bytes | None:
    """What the file is to hold: the same bytes if it says so already, and no file if there is nothing to say."""
    return state.manifest if state.manifest is None and queue == Queue() else as_json(queue, state.document)


def as_json(queue: Queue, document: layout.Document | None = None) -> bytes:
    """The queue in the form of its contract, laid out as the `document` that held it."""
    fields = {"contract": CONTRACT, **msgspec.to_builtins(queue)}
    return layout.changed(document or layout.read(layout.EMPTY, QUEUE), fields)
