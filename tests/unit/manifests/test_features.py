"""Features: what is enough evidence, what is withheld, and what the signal says of itself."""

from __future__ import annotations

import pytest

from tests.unit.manifests.texts import MODULES, OWN, VOCABULARY, document, found, said, vocabulary
from verifier.manifests import provenance
from verifier.manifests.document import Docstring
from verifier.manifests.extractors.features import WHY, features
from verifier.manifests.model import Absent, Signal, Source
from verifier.model import Confidence

KEY = "task.queue"
PROSE = "It runs jobs, and keeps those that have failed until somebody looks at them.\n\n"


def signal(text: str, *docstrings: Docstring) -> Signal:
    read, _ = features(document(text), docstrings, VOCABULARY, MODULES, OWN)
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("## Task queue\n\n- a queue of jobs", "pattern:H2+UL"),
        ("#### Job queue\n\nThe task queue sleeps.", "pattern:H4+P"),
        ("# Job queue\n\n## More\n\n| A |\n|---|\n| task queue |", "pattern:H1+TD"),
        ("- **Job queue**: fast\n- with a task queue", "pattern:B+UL"),
        ("| A |\n|---|\n| job queue |\n\nThe task queue sleeps.", "pattern:TD+P"),
        ("- job queue\n\n**Task queue** for all.", "pattern:B+UL"),
        ("## Task queue\n\n- a queue of jobs\n\nIts job queue is fast.", "pattern:H2+UL+P"),
    ],
)
def test_two_kinds_of_places_make_a_feature(text: str, reason: str) -> None:
    read = signal(PROSE + text)
    assert (read.value, read.reasons) == ([KEY], (reason,))


@pytest.mark.parametrize(
    "text",
    [
        "## Task queue\n\nSleeps.\n\n### Job queue\n\nSleeps.",
        "- job queue\n- task queue",
        "- **Task queue**: a queue of jobs",
        "- task queue: a queue of jobs\n\n  with a job queue",
        "| A | B |\n|---|---|\n| task queue | job queue |",
        "**Task queue**: a job queue.",
        "A task queue that never sleeps at night.\n\n- A task queue that never sleeps at night",
        "A task queue that never sleeps at night.\n\n- a job queue, that never sleeps at night!",
    ],
    ids=[
        "headings",
        "bullets",
        "lead and item",
        "parts of an item",
        "cells of a row",
        "lead and rest",
        "sentence",
        "spelling",
    ],
)
def test_what_is_said_once_is_withheld(text: str) -> None:
    assert found(PROSE + text) == ([], [KEY])


def test_a_docstring_is_a_kind_of_place() -> None:
    assert found(f"{PROSE}- task queue", "A queue of jobs.") == ([KEY], [])
    read = signal(f"{PROSE}- task queue", Docstring(path="__init__.py", text="A queue of jobs.", first=1, last=3))
    assert read.reasons == ("initdoc:present", "pattern:UL")
    assert "ast:__init__.py:L1-3" in read.provenance


def test_several_docstrings_are_one_kind_of_place() -> None:
    assert found(PROSE, "A queue of jobs.", "The task queue.") == ([], [KEY])


def test_a_docstring_that_repeats_the_readme_adds_nothing() -> None:
    sentence = "Runs jobs in order from a task queue that is kept in one file."
    assert found(sentence, sentence) == ([], [KEY])


def test_code_in_docstrings_says_nothing() -> None:
    docstring = "Jobs.\n\n    task queue\n\n>>> task queue\n\n```\ntask queue\n```\n\nUse ``task queue``."
    assert found(f"{PROSE}- task queue", docstring) == ([], [KEY])


def test_without_a_file_docstrings_alone_are_withheld() -> None:
    assert found(None, "A queue of jobs.") == ([], [KEY])


def test_without_anything_there_is_nothing() -> None:
    assert features(Absent("none"), (), VOCABULARY, MODULES, OWN) == (None, ())


def test_a_text_that_says_yes_and_no_is_withheld_with_both() -> None:
    text = f"{PROSE}## Task queue\n\n- a queue of jobs\n\n## Non-goals\n\n- job queue\n"
    read, withheld = features(document(text), (), VOCABULARY, MODULES, OWN)
    assert read is None
    assert [each.value for each in withheld] == [KEY]
    assert "contradicts itself" in withheld[0].why
    assert "README.md:§Non-goals:L9" in withheld[0].provenance
    assert withheld[0].is_contradiction


def test_a_lack_of_evidence_is_no_contradiction() -> None:
    _, withheld = features(document(f"{PROSE}- task queue\n"), (), VOCABULARY, MODULES, OWN)
    assert [(each.value, each.is_contradiction) for each in withheld] == [(KEY, False)]


def test_what_everything_speaks_against_is_not_even_withheld() -> None:
    assert found(f"{PROSE}## Roadmap\n\n- task queue\n\nNo job queue.") == ([], [])


@pytest.mark.parametrize("front", ["status: draft", "draft: true"])
def test_a_draft_proves_nothing(front: str) -> None:
    text = f"---\n{front}\n---\n{PROSE}## Task queue\n\n- a queue of jobs\n"
    assert found(text) == ([], [])
    assert found(text, "A queue of jobs.") == ([], [KEY])
    assert {code for each in said(text) for code in each.against} == {"draft"}


def test_of_two_phrases_the_longer_one_is_meant() -> None:
    assert found(f"{PROSE}## Distributed task queue\n\n- a distributed task queue\n") == (["task.remote"], [])


def test_the_name_of_the_module_is_no_feature() -> None:
    text = f"# Task queue\n\n{PROSE}## Task Queue\n\nTask Queue is old.\n"
    assert found(text, own="libs/task_queue") == ([], [])
    assert found(text, own="libs/task-queue-service") == ([], [])
    assert found(text, own="libs/jobs") == ([KEY], [])


def test_what_the_module_says_of_it_counts_beside_its_name() -> None:
    text = f"# Task queue\n\n{PROSE}- a task queue in one file\n\nThe queue of jobs is small.\n"
    assert found(text, own="libs/task_queue") == ([KEY], [])


def test_a_module_that_watches_has_no_task_queue() -> None:
    text = f"{PROSE}## Task queue\n\n- a queue of jobs\n"
    assert found(text, own="ops/alerting") == ([], [])
    assert found(f"# Grafana dashboards\n\n{text}") == ([], [])
    assert found(f"# Glossary\n\n{text}") == ([], [])


def test_pointers_lead_to_the_lines() -> None:
    read = signal(
        "# Jobs\n\nRuns jobs.\n\n## Features: all of them\n\n- a task queue\n- a journal\n\nThe job queue\nis fast.\n"
    )
    assert read.provenance == ("README.md:§Features: all of them:L10-11", "README.md:§Features: all of them:L7")
    assert all(provenance.parse(each) for each in read.provenance)


def test_the_signal_depends_on_the_files_that_it_comes_from() -> None:
    source = Source("libs/jobs/__init__.py", "0" * 64)
    docstring = Docstring(path="__init__.py", text="A queue of jobs.", source=source)
    read = signal(f"{PROSE}- task queue", docstring)
    assert read.sources == tuple(sorted((source, document(f"{PROSE}- task queue").source)))


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("## Task queue\n\n- job queue", Confidence.MEDIUM),
        ("## Task queue\n\n- job queue\n\nA queue of jobs.", Confidence.HIGH),
        ("## Task queue\n\n- job queue\n\nA queue of jobs.\n\n## Time series\n\n- of a time series", Confidence.MEDIUM),
    ],
)
def test_a_signal_is_as_sure_as_its_weakest_feature(text: str, confidence: Confidence) -> None:
    assert signal(PROSE + text).confidence is confidence


def test_keys_are_sorted_and_unique() -> None:
    text = "- a time series\n- a task queue\n\nThe time series and the task queue of ours, and a job queue.\n"
    assert signal(text).value == ["series.storage", KEY]


def test_every_mention_can_be_explained() -> None:
    told = said(f"{PROSE}- a task queue\n\nNo job queue.\n")
    assert [(each.pattern, each.phrase, each.against) for each in told] == [
        ("UL", "Task queue", ()),
        ("P", "job queue", ("negated",)),
    ]
    assert all(code in WHY for each in told for code in each.against)


def test_another_vocabulary_works_the_same() -> None:
    words = vocabulary({"soup": {"title": "Tomato soup", "category": "food", "synonyms": ["soup of the day"]}})
    text = document("# Canteen\n\nOpen at noon.\n\n## Soup of the Day\n\n- tomato-soups with bread\n- a task queue\n")
    read, withheld = features(text, (), words, MODULES, OWN)
    assert read is not None
    assert (read.value, withheld) == (["soup"], ())
