"""What speaks against taking a phrase as a feature of the module: one rule a row, each with an example.

In the examples `task queue` is the phrase, and `journal` another one, of one word. They are texts of the module
`libs/jobs`, in a repository that has `libs/broker` and `core/memory`, too. Each rule fires on its `example`, and is
quiet on its `control`.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from verifier.manifests.extractors import in_sentence, of_others, under
from verifier.manifests.extractors.sighting import Sighting


class Rule(Struct, frozen=True):
    """Something that speaks against a phrase."""

    code: str
    why: str
    fires: Callable[[Sighting], bool]
    example: str
    control: str


def objections(sighting: Sighting) -> tuple[str, ...]:
    """The codes of all that speaks against it, sorted; empty if nothing does."""
    return tuple(sorted({rule.code for rule in RULES if rule.fires(sighting)}))


RULES = (
    Rule(
        "negated",
        "the text says that it is not there",
        in_sentence.is_negated,
        "There is no task queue.",
        "A task queue without a broker.",
    ),
    Rule(
        "planned", "it is planned", in_sentence.is_planned, "A task queue is planned.", "A task queue with priorities."
    ),
    Rule(
        "removed",
        "it was removed",
        in_sentence.is_removed,
        "The task queue was removed in 2.0.",
        "Jobs are removed from the task queue in order.",
    ),
    Rule(
        "conditional",
        "nobody says that it is so",
        in_sentence.is_a_condition,
        "If you want a task queue, say so.",
        "If it rains, the task queue runs.",
    ),
    Rule("question", "it is a question", in_sentence.is_a_question, "Is there a task queue?", "There is a task queue."),
    Rule(
        "example",
        "it is an example",
        in_sentence.is_an_example,
        "Build anything, for example a task queue.",
        "A task queue, for example for mail.",
    ),
    Rule(
        "quoted",
        "it is quoted",
        in_sentence.is_quoted,
        "People say “we have a task queue” and go.",
        "A task queue, “the heart”.",
    ),
    Rule(
        "pointing",
        "it points to somewhere else",
        in_sentence.points_elsewhere,
        "See the notes on the task queue.",
        "The task queue sees each job once.",
    ),
    Rule(
        "link",
        "it is the text of a link",
        in_sentence.is_a_link,
        "A [task queue](queue.md).",
        "A task queue with [priorities](p.md).",
    ),
    Rule(
        "likened",
        "something is compared with it",
        in_sentence.is_likened,
        "Works like a task queue.",
        "A task queue that works like a stack.",
    ),
    Rule(
        "mapped",
        "it is a step in a chain",
        in_sentence.is_a_stage,
        "parser → task queue → printer",
        "A task queue after the parser.",
    ),
    Rule(
        "wording",
        "the text is about words",
        in_sentence.is_about_words,
        "The term task queue is old.",
        "A task queue on old terms.",
    ),
    Rule(
        "watched",
        "it is watched, deployed or tested here",
        of_others.is_watched,
        "Alerts on a slow task queue.",
        "A task queue that alerts.",
    ),
    Rule(
        "taken",
        "someone else has it",
        of_others.is_taken,
        "Depends on the task queue.",
        "A task queue that depends on nothing.",
    ),
    Rule(
        "elsewhere",
        "someone else does it",
        of_others.is_done_by_others,
        "The task queue is handled by broker.",
        "The task queue is handled by a thread.",
    ),
    Rule(
        "other_module",
        "the sentence names another module",
        of_others.names_another,
        "The broker module has a task queue.",
        "This module has a task queue.",
    ),
    Rule(
        "possessed",
        "it belongs to someone else",
        of_others.is_possessed,
        "It fills Celery's task queue.",
        "It fills its task queue.",
    ),
    Rule(
        "name",
        "it is the name of a module",
        of_others.is_a_name,
        "The task queue service is next door.",
        "A task queue for the service.",
    ),
    Rule("placeholder", "nobody has written it", in_sentence.is_a_placeholder, "_TODO: task queue_", "_A task queue._"),
    Rule("empty", "nothing stands below it", in_sentence.is_empty, "## Task queue", "## Task queue\n\nRuns jobs."),
    Rule(
        "generic",
        "one word in running text can mean anything",
        in_sentence.is_generic,
        "It keeps a journal of all that is sent.",
        "A journal.",
    ),
    Rule(
        "under:negated",
        "it stands under what the module does not do",
        under.what("negated"),
        "## Non-goals\n\n- task queue",
        "## Goals\n\n- task queue",
    ),
    Rule(
        "under:planned",
        "it stands under plans",
        under.what("planned"),
        "## Roadmap\n\n- task queue",
        "## Planning of jobs\n\n- task queue",
    ),
    Rule(
        "under:removed",
        "it stands under what was",
        under.what("removed"),
        "## Release notes\n\n- task queue",
        "## Release of jobs\n\n- task queue",
    ),
    Rule(
        "under:other",
        "it stands under what others do",
        under.what("other"),
        "## Integration with mail\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "under:navigation",
        "it stands in a list of places to go to",
        under.what("navigation"),
        "## See also\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "under:example",
        "it stands under examples",
        under.what("example"),
        "## Examples\n\n- task queue",
        "## Exemplary speed\n\n- task queue",
    ),
    Rule(
        "under:wording",
        "it stands in a list of words",
        under.what("wording"),
        "## Glossary\n\n- task queue",
        "## In other words\n\n- task queue",
    ),
    Rule(
        "under:watched",
        "it stands under what is watched, deployed or tested",
        under.what("watched"),
        "## Dashboards\n\n- task queue",
        "## Features\n\n- task queue",
    ),
    Rule(
        "row",
        "another cell of its row speaks against it",
        under.row_objects,
        "| Feature | Status |\n|---|---|\n| task queue | planned |",
        "| Feature | Status |\n|---|---|\n| task queue | done |",
    ),
)
