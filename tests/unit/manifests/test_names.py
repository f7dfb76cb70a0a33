"""The names of modules: whose a name is, and when a word is no name."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.cues import PARTS
from verifier.manifests.extractors.names import Others, modules_of, own_names
from verifier.manifests.text import tokens

PATHS = ("core", "core/memory", "core/memory/folds", "libs/memory", "libs/mcp-server", "libs/broker", "services/core")


def others(own: str) -> Others:
    return Others(modules_of(PATHS), own)


@pytest.mark.parametrize(
    ("own", "name", "is_other"),
    [
        ("libs/broker", "libs/mcp-server", True),
        ("libs/broker", "libs.mcp-server", True),
        ("libs/broker", "mcp-server", True),
        ("libs/broker", "libs/broker", False),
        ("libs/broker", "broker", False),
        ("core/memory", "core", False),
        ("core/memory", "folds", False),
        ("core/memory", "memory", False),
        ("libs/broker", "core", True),
        ("libs/broker", "nobody", False),
    ],
)
def test_a_name_that_may_mean_the_module_itself_means_no_other(own: str, name: str, is_other: bool) -> None:
    assert others(own).written(name) is is_other


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the mcp server has it", True),
        ("the MCP-Servers have it", True),
        ("libs/broker has it", True),
        ("the broker has it", False),
        ("libs broker has it", False),
        ("the broker service has it", True),
        ("the core service has it", False),
        ("the core components have it", False),
    ],
)
def test_one_word_is_a_name_only_where_a_part_of_a_repository_is_meant(text: str, named: bool) -> None:
    line, seen = tokens(text), others("jobs/own")
    assert any(seen.named(line, begin, end, PARTS) for begin, end in seen.spots(line)) is named


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("libs/task_queue", {"task queu"}),
        ("libs/task-queue-service", {"task queu", "task queu servic"}),
        ("libs/taskQueue", {"task queu"}),
        ("service", {"servic"}),
    ],
)
def test_a_folder_gives_a_module_its_names(path: str, names: set[str]) -> None:
    assert own_names(path) == names
