"""Tokens, stems and phrases: what counts as the same, and what never does."""

from __future__ import annotations

import pytest

from verifier.manifests.text import Phrases, sentences, stem, tokens

PHRASES = Phrases(
    [("task queue", "task"), ("distributed task queue", "remote"), ("time series", "series"), ("pub/sub", "events"),
     ("OAuth 2.0", "oauth"), ("backup and restore", "backup"), ("WebSocket", "socket")]
)  # fmt: skip


def keys(text: str) -> list[str]:
    return [found.key for found in PHRASES.find(tokens(text))]


@pytest.mark.parametrize(
    "text",
    ["task queue", "Task Queue", "TASK-QUEUES", "tasks queue", "the task\nqueue.", "task\N{NON-BREAKING HYPHEN}queue",
     "input/task queue", "(task queue)", "task queue's", "a task  queue, or two", "taskqueue"],
)  # fmt: skip
def test_spellings_of_one_phrase_are_the_same(text: str) -> None:
    assert keys(text) == ["task"]


@pytest.mark.parametrize(
    "text",
    ["task, queue", "task. Queue", "task_queue", "task_queue.py", "docs/task-queue.md", "https://x.org/task-queue",
     "task.queue", "TaskQueue", "task: queue", "task (queue)", "task — queue", "a/b/task-queue/c", "./task-queue",
     "multitask queue", "task queued", "@task queue", "task\N{OBJECT REPLACEMENT CHARACTER}queue", ""],
)  # fmt: skip
def test_other_things_are_no_phrase(text: str) -> None:
    assert keys(text) == []


def test_of_two_that_overlap_the_longer_one_is_meant() -> None:
    assert keys("a distributed task queue and a task queue") == ["remote", "task"]


@pytest.mark.parametrize("text", ["timeseries", "time-series", "Time Series", "time series'"])
def test_words_may_be_written_in_one(text: str) -> None:
    assert keys(text) == ["series"]


@pytest.mark.parametrize(
    ("text", "key"),
    [("pub/sub", "events"), ("OAuth 2.0", "oauth"), ("backup & restore", "backup"), ("WebSockets", "socket")],
)
def test_marks_in_phrases_are_read_alike_on_both_sides(text: str, key: str) -> None:
    assert keys(text) == [key]


@pytest.mark.parametrize(
    ("one", "many"),
    [("cache", "caches"), ("batch", "batches"), ("queue", "queues"), ("policy", "policies"), ("process", "processes"),
     ("database", "databases"), ("index", "indices"), ("index", "indexes"), ("analysis", "analyses"), ("bus", "buses")],
)  # fmt: skip
def test_singular_and_plural_are_the_same(one: str, many: str) -> None:
    assert stem(one) == stem(many)


@pytest.mark.parametrize(
    ("one", "other"), [("process", "proceed"), ("class", "clash"), ("status", "state"), ("us", "use")]
)
def test_other_words_are_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_an_abbreviation_ends_no_sentence() -> None:
    assert len([*sentences(tokens("It has e.g. a queue, v2.0 of it. And more... Or not? Yes!"))]) == 4
