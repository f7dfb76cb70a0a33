"""The review queue: order counts for nothing, what is rejected stays away, and what is promoted is found."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.unit.manifests.reviewing import PROSE, STAMP, held, made, repository, store
from verifier.manifests import schema
from verifier.manifests.decide import decided, desk_of
from verifier.manifests.decisions import Decision, Verb
from verifier.manifests.layout import DECODER
from verifier.manifests.model import Withheld
from verifier.manifests.pipeline import mentions_of
from verifier.manifests.repository import QUEUE, Repository
from verifier.manifests.review import Queue, as_json, entries_of

WORDS: Mapping[str, object] = {
    "task.queue": {"title": "Task queue", "category": "work"},
    "journal": {"title": "Journal of events", "category": "data"},
}
POINTERS = st.sampled_from(["README.md:§A:L3", "README.md:§A:L12-14", "ast:__init__.py:L1-3", "policy:lane:L2"])
VALUES = st.sampled_from(["task.queue", "journal", None, 3, 3.0, True, ["a"], {"b": 1, "a": None}, "é"])
WITHHELD = st.builds(
    Withheld,
    field=st.sampled_from(["features", "components"]),
    value=VALUES,
    provenance=st.lists(POINTERS, max_size=3, unique=True).map(lambda each: tuple(sorted(each))),
    why=st.sampled_from(["one is missing", "it contradicts itself"]),
    is_contradiction=st.booleans(),
)
MODULES = st.dictionaries(st.sampled_from(["a", "b", "c/d", "é"]), st.lists(WITHHELD, max_size=5), max_size=4)
NAMES = st.lists(
    st.sampled_from(["drift", "detection", "dream", "recall", "memory", "graphs", "lattices", "entropy", "budgets"]),
    min_size=2,
    max_size=3,
    unique=True,
)


@given(MODULES, st.randoms())
def test_the_order_of_modules_and_of_values_does_not_change_a_byte(
    by_module: dict[str, list[Withheld]], chance: random.Random
) -> None:
    queue = as_json(Queue(entries=entries_of(by_module, [])))
    shuffled = [*by_module.items()]
    chance.shuffle(shuffled)
    others: dict[str, Sequence[Withheld]] = {name: chance.sample(each, len(each)) for name, each in shuffled}
    assert as_json(Queue(entries=entries_of(others, []))) == queue
    assert schema.check_as("review", DECODER.decode(queue.decode()), file=QUEUE) == ()


@contextmanager
def place(texts: Mapping[str, str]) -> Iterator[Repository]:
    with TemporaryDirectory() as folder:
        yield made(repository(Path(folder), texts, words=WORDS))


def spelled(words: Sequence[str], how: random.Random) -> str:
    """A spelling of the phrase: case, hyphens, blanks and the plural of its last word."""
    last = words[-1] if words[-1].endswith("s") or how.random() < 0.5 else f"{words[-1]}s"
    joined = how.choice([" ", "-", "  "]).join([*words[:-1], last])
    return how.choice([str.lower, str.upper, str.title])(joined)


def texts(words: Sequence[str], how: random.Random) -> dict[str, str]:
    return {f"libs/{name}": f"- **{spelled(words, how).replace('  ', ' ')}**: as it is\n" for name in ("one", "two")}


def decide(found: Repository, decision: Decision) -> Repository:
    """The repository after the decision, with its queue made anew."""
    store(found, decided([decision], desk_of(found), STAMP).edits)
    return made(structs.replace(found))


@settings(max_examples=20, deadline=None)
@given(NAMES, st.randoms())
def test_a_rejected_phrase_does_not_come_back_in_any_spelling(words: list[str], how: random.Random) -> None:
    with place(texts(words, how)) as found:
        assert len(held(found).entries) == 1
        decide(found, Decision(verb=Verb.REJECT, phrase=spelled(words, how)))
        for module, text in texts(words, how).items():
            (found.root / module / "README.md").write_text(PROSE + text, encoding="utf-8")
        assert held(made(found)).entries == ()
        restored = decide(found, Decision(verb=Verb.RESTORE, phrase=spelled(words, how)))
        assert len(held(restored).entries) == 1


@settings(max_examples=20, deadline=None)
@given(NAMES, st.sampled_from(sorted(WORDS)), st.randoms())
def test_a_promoted_phrase_leaves_the_queue_and_is_a_mention_of_its_key(
    words: list[str], key: str, how: random.Random
) -> None:
    with place(texts(words, how)) as found:
        assert mentions_of(found.places[0], found) == ()
        after = decide(found, Decision(verb=Verb.PROMOTE, phrase=spelled(words, how), key=key))
        assert held(after).entries == ()
        for module in after.places:
            assert {each.key for each in mentions_of(module, after)} == {key}
