"""Each rule fires on its example, and is quiet on its control."""

from __future__ import annotations

import pytest

from tests.unit.manifests.texts import said
from verifier.manifests.extractors.features import WHY
from verifier.manifests.extractors.speaks_against import RULES, Rule


def against(text: str) -> set[str]:
    found = said(text)
    assert found, "nothing is mentioned"
    return {code for each in found for code in each.against}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_fires_on_its_own_example(rule: Rule) -> None:
    assert rule.code in against(rule.example)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_nothing_speaks_against_the_control(rule: Rule) -> None:
    assert against(rule.control) == set()


def test_every_code_is_explained() -> None:
    assert {rule.code for rule in RULES} < set(WHY)
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("negated", "We deliberately have no scheduler, task queue or mailer."),
        ("negated", "It lacks a task queue."),
        ("negated", "Task queue: none"),
        ("negated", "- **Task queue**: not supported"),
        ("negated", "A task queue isn't provided."),
        ("negated", "- ❌ task queue"),
        ("negated", "Not included: task queue"),
        ("negated", "Task queue (not available)"),
        ("planned", "- TODO: task queue"),
        ("planned", "- [ ] task queue"),
        ("planned", "- 🚧 task queue"),
        ("planned", "- **Task queue**: coming soon"),
        ("planned", "(planned) task queue"),
        ("planned", "The next release will add a task queue."),
        ("removed", "task queue (deprecated)"),
        ("removed", "Removed: task queue"),
        ("removed", "The task queue was moved to broker."),
        ("conditional", "Should you need a task queue, look around."),
        ("quoted", "> We have a task queue."),
        ("quoted", 'Nobody says "task queue" any more.'),
        ("quoted", "They call it « task queue » here."),
        ("pointing", "More on the task queue stands in the wiki."),
        ("link", "- [Task queue](#task-queue)"),
        ("taken", "Consumes what the task queue delivers."),
        ("taken", "It is built on a task queue."),
        ("elsewhere", "The task queue lives in the broker."),
        ("elsewhere", "A task queue is provided by `libs/broker`."),
        ("elsewhere", "It is fast, says `x`. The task queue of `libs/broker`, too."),
        ("elsewhere", "Task queue: provided by the platform team."),
        ("other_module", "The mail gateway has a task queue."),
        ("other_module", "`x` of services/mail-gateway is a task queue."),
        ("other_module", "broker: task queue"),
        ("watched", "Dashboards for the task queue."),
        ("watched", "- task queue deployment"),
        ("watched", "- mocked task queue"),
        ("wording", "A task queue is defined as a list."),
        ("placeholder", "- `topic.name@v1`: task queue"),
        ("under:negated", "This package does not provide:\n\n- task queue"),
        ("under:planned", "- Planned:\n  - task queue"),
        ("under:planned", "**Roadmap**\n\nA task queue."),
        ("under:planned", "| Planned | Since |\n|---|---|\n| task queue | 2 |"),
        ("under:removed", "## 2.0.1\n\n- task queue"),
        ("under:other", "**Depends on**: task queue"),
        ("under:other", "## libs/broker\n\n- task queue"),
        ("other_module", "| Who | What |\n|---|---|\n| broker | task queue |"),
        ("under:other", "## The broker service\n\n- task queue"),
        ("under:other", "## MATRIZ Pipeline Integration\n\n### Stages\n\n- task queue"),
        ("under:wording", "**Tags**: task queue"),
        ("under:navigation", "## Related contexts\n\n- task queue"),
        ("row", "| Feature | Ready |\n|---|---|\n| task queue | ❌ |"),
        ("row", "| Feature | Who |\n|---|---|\n| task queue | coming soon |"),
    ],
)  # fmt: skip
def test_a_rule_fires_on_other_forms(code: str, text: str) -> None:
    assert code in against(text)


@pytest.mark.parametrize(
    "text",
    [
        "A task queue, not only for mail.",
        "No broker needed: a task queue in one file.",
        "The task queue never blocks.",
        "- **Task queue**: no broker needed",
        "A task queue (no broker needed).",
        "With no further libraries, the task queue runs in a thread.",
        "It does not sleep but has a task queue.",
        "- [x] task queue",
        "- ✅ task queue",
        "The task queue's jobs are ours.",
        "It keeps its task queue in memory.",
        "## Why it is fast?\n\n- A task queue in memory",
        "| Feature | Needs a network |\n|---|---|\n| task queue | no |",
        "| Feature | File |\n|---|---|\n| task queue | `queue.py` |",
        "## Core components\n\n- task queue",
        "## Broker\n\n- task queue",
        "A task queue. Unlike `libs/broker`, it is small.",
        "- A task queue that can be monitored",
    ],
)
def test_nothing_speaks_against_what_only_looks_like_it(text: str) -> None:
    assert against(text) == set()
