"""Phrases for the review queue: what enters, and above all what does not."""

from __future__ import annotations

import pytest

from tests.unit.manifests.texts import MODULES, OWN, VOCABULARY, document
from verifier.manifests.model import Absent, Candidate
from verifier.manifests.phrases import candidates, queue

PROSE = "It runs jobs, and keeps those that have failed until somebody looks at them.\n\n"


def of(text: str) -> tuple[Candidate, ...]:
    return candidates(document(PROSE + text), VOCABULARY, MODULES, OWN)


def phrases(text: str) -> list[str]:
    return [each.phrase for each in of(text)]


@pytest.mark.parametrize(
    "text",
    [
        "## Drift detection\n\nText.",
        "### 2.1 🧭 Drift Detection (of all)\n\nText.",
        "- **Drift detection**: finds what has changed",
        "- **Drift detection** finds what has changed",
        "- drift detection",
        "- Drift-Detection: finds what has changed",
        "- drift detection — of what has changed",
        "**Drift detection**\n\nText.",
    ],
)
def test_a_phrase_that_looks_like_a_feature_enters(text: str) -> None:
    assert [phrase.casefold().replace("-", " ") for phrase in phrases(text)] == ["drift detection"]


@pytest.mark.parametrize(
    "text",
    [
        "- **Lane**: L2\n- **Purpose**: drift detection\n- **Module**: jobs\n- **Last Updated**: 2025-01-31",
        "## Overview\n\nx\n\n## Key Features\n\nx\n\n## Quick Start\n\nx\n\n## API Reference\n\nx",
        "- drift_detection.py\n- src/drift detection/\n- `drift detection`\n- drift.detection\n- DriftDetector",
        "- [Drift detection](drift.md)",
        "```\n- drift detection\n## Drift detection\n```",
        "- Task queue\n- **Distributed task queue**: fast",
        "- Install the package\n- Run all tests\n- Use a broker\n- How it works\n- It is fast\n- what nobody knows",
        "- Drift\n- a drift detection of things that nobody has seen so far",
        "- 12 pods\n- version 2.0 release\n- p95 latency 20 ms",
        "## Roadmap\n\n- drift detection\n\n## Non-goals\n\n- time travel",
        "## Integration with core\n\n- drift detection\n\n**Depends on**: drift detection",
        "## See also\n\n- drift detection\n\n## Glossary\n\n- drift detection",
        "- TODO: drift detection\n- [ ] drift detection\n- ❌ drift detection",
        "## Why drift detection?\n\nx",
        "- mail gateway\n- broker",
        "## Module overview\n\nx\n\n- system components\n- core services\n- performance targets",
        "## Getting started\n\nx\n\n## Known issues\n\nx\n\n## Table of contents\n\nx",
        "- **Gates profile**: strict\n- **Code owners**: us\n- Last reviewed: today",
        "> - drift detection",
        "Drift detection is what it does.",
    ],
)
def test_what_is_no_feature_does_not_enter(text: str) -> None:
    assert phrases(text) == []


def test_nothing_comes_of_a_draft_or_of_no_file() -> None:
    text = document("---\nstatus: draft\n---\n- **Drift detection**: finds what has changed\n")
    assert candidates(text, VOCABULARY, MODULES, OWN) == ()
    assert candidates(Absent("none"), VOCABULARY, MODULES, OWN) == ()


def test_a_candidate_knows_its_places() -> None:
    (one,) = of("## Drift Detection\n\nText.\n\n- drift-detections\n- drift detection of all\n")
    assert one.patterns == ("H2", "UL")
    assert one.pointers == tuple(f"README.md:§Drift Detection:L{line}" for line in (3, 7, 8))


def test_phrases_of_most_modules_come_first_and_spellings_are_one() -> None:
    queued = queue(
        {
            "a": of("- **Drift detection**: x y z"),
            "b": of("- Drift-Detections\n- **Dream recall**: x y z"),
            "c": of("- idle thoughts"),
        },
        VOCABULARY,
    )
    assert [(each.phrase, [*each.pointers]) for each in queued] == [
        ("Drift detection", ["a", "b"]),
        ("Dream recall", ["b"]),
    ]


def test_a_heading_that_many_modules_have_is_a_section_of_their_template() -> None:
    template = of("## Ethical posture\n\nText.")
    assert queue({str(number): template for number in range(4)}, VOCABULARY) == ()
    assert len(queue({str(number): template for number in range(3)}, VOCABULARY)) == 1
    stated = of("- **Ethical posture**: kept")
    assert len(queue({str(number): stated for number in range(9)}, VOCABULARY)) == 1


def test_what_is_near_is_suggested() -> None:
    (queued,) = queue({"a": of("- **Job queueing**: x y z")}, VOCABULARY)
    assert queued.near[0].key == "task.queue"
    assert queued.near[0].likeness >= 75
    (queued,) = queue({"a": of("- **Drift detection**: x y z")}, VOCABULARY)
    assert queued.near == ()


def test_the_order_of_modules_makes_no_difference() -> None:
    found = {"a": of("- **Drift detection**: x"), "b": of("- **Dream recall**: x\n- **drift Detection**: y")}
    assert queue(found, VOCABULARY) == queue(dict(reversed(found.items())), VOCABULARY)
