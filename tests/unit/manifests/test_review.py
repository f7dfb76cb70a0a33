"""The review queue: which entries there are, in which order, and that the file changes only if they do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import UNSET, structs

from tests.unit.manifests.reviewing import TEXTS, WORDS, due, files, held, made, repository
from verifier.errors import UserError
from verifier.manifests import schema
from verifier.manifests.model import Withheld
from verifier.manifests.repository import QUEUE
from verifier.manifests.review import Entry, Finding, Kind, Near, Queue, as_json, entries_of, look_at, read, undecided

AT, THERE = "README.md:§A:L3", "README.md:§A:L12"
ONE = Withheld(field="features", value="task.queue", provenance=(AT,), why="there is one: UL")
TWO = structs.replace(ONE, provenance=(AT, THERE))
BOTH = Withheld(field="components", value=None, provenance=(AT, THERE), why="12 and 14", is_contradiction=True)


def whats(entries: tuple[Entry, ...]) -> list[tuple[str, int, int]]:
    return [(each.what, len(each.found), each.count) for each in entries]


def test_a_phrase_is_queued_with_its_places_in_all_modules(tmp_path: Path) -> None:
    found = held(made(repository(tmp_path, words=WORDS)))
    assert whats(found.entries) == [("Drift detection", 2, 3), ("Dream recall", 1, 1), ("Job queueing", 1, 1)]
    first, _, last = found.entries
    assert first == Entry(
        kind=Kind.PHRASE,
        what="Drift detection",
        field="features",
        why="no key of the vocabulary stands for it",
        count=3,
        found=(
            Finding(
                module="libs/broker",
                provenance=("README.md:§:L3", "README.md:§Drift detection:L5"),
                count=2,
            ),
            Finding(module="libs/jobs", provenance=("README.md:§:L3",), count=1),
        ),
    )
    assert last.near == (Near(key="task.queue", phrase="job queue"),)


def test_places_are_told_as_terminals_link_them_in_the_order_of_lines() -> None:
    pointers = (THERE, AT, "ast:__init__.py:L2-4", "/README.md:§Top:L1", "policy:lane:L2")
    found = Finding(module="libs/jobs", provenance=tuple(sorted(pointers)), count=5)
    assert found.places == ("README.md:1", "libs/jobs/README.md:3", "libs/jobs/README.md:12", "libs/jobs/__init__.py:2")


def test_what_is_the_same_in_several_modules_is_one_entry() -> None:
    found = entries_of({"b": [ONE], "a": [TWO, BOTH], "c": [structs.replace(ONE, why="there is one: H2")]}, [])
    assert whats(found) == [("task.queue", 2, 3), ("components", 1, 2), ("task.queue", 1, 1)]
    assert [each.kind for each in found] == [Kind.WITHHELD, Kind.CONTRADICTION, Kind.WITHHELD]
    assert [each.module for each in found[0].found] == ["a", "b"]


@pytest.mark.parametrize(
    "withheld",
    [
        pytest.param(structs.replace(ONE, provenance=()), id="no place to look at"),
        pytest.param(structs.replace(ONE, value=None), id="nothing to decide on"),
    ],
)
def test_what_nobody_can_decide_on_is_no_entry(withheld: Withheld) -> None:
    assert entries_of({"a": [withheld]}, []) == ()
    assert len(entries_of({"a": [ONE]}, [])) == 1


@pytest.mark.parametrize(("value", "told"), [(12, "12"), ({"b": 1, "a": [True]}, '{"a":[true],"b":1}')])
def test_a_value_that_is_no_text_is_kept_beside_what_people_read(value: object, told: str) -> None:
    (found,) = entries_of({"a": [Withheld(field="x", value=value, provenance=(AT,), why="y")]}, [])  # type: ignore[arg-type]
    assert (found.what, found.value) == (told, value)
    (long,) = entries_of({"a": [Withheld(field="x", value=["y" * 200], provenance=(AT,), why="y")]}, [])
    assert (len(long.what), long.what[-1]) == (100, "…")


def test_a_contradiction_has_no_value_and_is_called_by_its_field() -> None:
    (entry,) = entries_of({"libs/jobs": [BOTH]}, [])
    assert (entry.kind, entry.what, entry.count, entry.value) == (Kind.CONTRADICTION, "components", 2, UNSET)


def test_entries_are_ranked_by_modules_then_places_then_text() -> None:
    by_module = {
        "a": [structs.replace(TWO, value="z", provenance=(THERE, AT, "ast:a.py")), structs.replace(ONE, value="c")],
        "b": [structs.replace(ONE, value="c"), structs.replace(ONE, value="b"), structs.replace(ONE, value="a")],
    }
    assert [each.what for each in entries_of(by_module, [])] == ["c", "z", "a", "b"]


def test_the_file_keeps_its_contract_and_changes_only_if_the_queue_does(tmp_path: Path) -> None:
    found = made(repository(tmp_path, words=WORDS), {"libs/jobs": [ONE, BOTH], "libs/broker": [ONE]})
    text = (tmp_path / QUEUE).read_text(encoding="utf-8")
    assert schema.check_as("review", json.loads(text), file=QUEUE) == ()
    assert (list(json.loads(text)), text[-2:]) == (["contract", "entries", "rejected"], "}\n")
    withheld = {"libs/broker": [ONE], "libs/jobs": [BOTH, ONE]}
    assert not due(found, withheld).changes
    (tmp_path / QUEUE).write_text(json.dumps(json.loads(text), indent=4, sort_keys=True), encoding="utf-8")
    assert not due(found, withheld).changes
    assert due(found, {"libs/broker": [ONE]}).changes


def test_where_there_is_nothing_to_decide_no_file_is_made(tmp_path: Path) -> None:
    found = made(repository(tmp_path, {"libs/jobs": "It is fast.\n"}, words=WORDS))
    assert QUEUE not in files(tmp_path)
    assert held(found) == Queue()


def test_what_was_rejected_does_not_come_back_in_another_spelling(tmp_path: Path) -> None:
    found = repository(tmp_path, words=WORDS)
    (tmp_path / QUEUE).write_bytes(as_json(Queue(rejected=("drift detections", "time travel"))))
    again = held(made(found))
    assert [each.what for each in again.entries] == ["Dream recall", "Job queueing"]
    assert again.rejected == ("drift detections", "time travel")


def test_what_was_decided_since_is_left_out(tmp_path: Path) -> None:
    found = made(repository(tmp_path, words=WORDS), {"libs/jobs": [ONE]})
    queue = structs.replace(held(found), rejected=("DREAM-RECALL",))
    assert [each.what for each in undecided(queue, found.vocabulary)] == [
        "Drift detection", "Job queueing", "task.queue",
    ]  # fmt: skip
    entry = structs.replace(queue.entries[0], what="Journal of events")
    assert undecided(Queue(entries=(entry,)), found.vocabulary) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "it is no JSON"),
        ("[]", "it holds no object"),
        ("{}", "$.contract: (missing)"),
        ('{"contract": "review/2", "entries": [], "rejected": []}', '$.contract: "review/2"'),
        ('{"contract": "review/1", "entries": [{}], "rejected": []}', "$.entries[0].kind: (missing)"),
        ('{"contract": "review/1", "entries": [], "rejected": ["b", "a"]}', "$.rejected"),
        ('{"contract": "review/1", "entries": [], "rejected": [1]}', "$.rejected[0]: 1"),
    ],
)
def test_a_file_that_is_no_queue_is_refused_with_its_place_and_nothing_is_lost(
    tmp_path: Path, text: str, words: str
) -> None:
    found = repository(tmp_path, {"libs/jobs": TEXTS["libs/jobs"]}, words=WORDS)
    (tmp_path / QUEUE).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        due(found, {})
    assert words in str(error.value)
    assert QUEUE in error.value.where
    assert error.value.fix


def test_a_queue_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = repository(tmp_path, words=WORDS)
    entries = entries_of({"a": [ONE, BOTH, Withheld(field="x", value={"k": [1, None]}, provenance=(AT,), why="y")]}, [])
    queue = Queue(entries=entries, rejected=("a b", "c d"))
    (tmp_path / QUEUE).write_bytes(as_json(queue))
    assert read(look_at(found, QUEUE)) == queue
