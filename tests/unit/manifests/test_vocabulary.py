"""Vocabularies: what is loaded, and that everything wrong is refused at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verifier.errors import UserError
from verifier.manifests.text import tokens
from verifier.manifests.vocabulary import load

GOOD = {"task.queue": {"title": "Task queue", "category": "work", "synonyms": ["job queue"]}}


def write(folder: Path, features: object, **others: object) -> Path:
    for name, content in {"features": features, **others}.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(UserError) as error:
        load(folder, folder.parent)
    return str(error.value)


def test_the_vocabularies_that_come_with_the_tool_are_sound() -> None:
    read = load()
    assert {"phenomenology.pipeline", "temporal.coherence", "awareness.attribution"} <= read.feature_keys()
    assert {"stream", "reflection", "awareness"} <= read.capability_keys()
    assert {"constellation", "matriz", "lane", "architecture"} == {*read.tags}
    assert "phenomenological processing" in read.features["phenomenology.pipeline"].synonyms
    assert len(read.features) >= 80
    assert read.sources == ()


def test_a_repositorys_own_file_replaces_ours(tmp_path: Path) -> None:
    read = load(write(tmp_path, GOOD), tmp_path.parent)
    assert read.feature_keys() == {"task.queue"}
    assert read.capability_keys() == load().capability_keys()
    assert [each.path for each in read.sources] == [f"{tmp_path.name}/features.json"]


def test_a_file_that_extends_adds_to_ours_and_takes_the_place_of_what_has_the_same_key(tmp_path: Path) -> None:
    own = {
        "$extends": True,
        "task.queue": {"title": "Line of jobs", "category": "own"},
        "own.thing": GOOD["task.queue"],
    }
    read = load(write(tmp_path, own))
    assert read.feature_keys() == load().feature_keys() | {"own.thing"}
    assert read.features["task.queue"].synonyms == ()
    assert [found.key for found in read.feature_phrases.find(tokens("job queue"))] == ["own.thing"]


def test_a_key_that_is_replaced_stands_for_the_one_that_is_used(tmp_path: Path) -> None:
    old = {"old": {"title": "Work list", "category": "work", "replaced_by": "task.queue"}}
    read = load(write(tmp_path, GOOD | old))
    assert read.feature_keys() == {"task.queue"}
    assert [found.key for found in read.feature_phrases.find(tokens("a work list"))] == ["task.queue"]


def test_a_key_may_have_the_texts_of_the_one_that_it_was_replaced_by(tmp_path: Path) -> None:
    old = {"old": {"title": "Task queues", "category": "work", "replaced_by": "task.queue"}}
    assert load(write(tmp_path, GOOD | old)).feature_keys() == {"task.queue"}


def test_tags_of_an_open_family_may_have_other_values(tmp_path: Path) -> None:
    tags = {"lane:*": {"title": "Lane", "values": ["L1"], "open": True}, "kind:*": {"title": "Kind", "values": ["a"]}}
    assert load(write(tmp_path, GOOD, tags=tags)).tag_keys() == {"lane:*", "lane:L1", "kind:a"}


@pytest.mark.parametrize(
    ("wrong", "rule", "path"),
    [
        ({"Task.Queue": {"title": "x", "category": "c"}}, "pattern", '$["Task.Queue"]'),
        ({"task queue": {"title": "x", "category": "c"}}, "pattern", '$["task queue"]'),
        ({"a..b": {"title": "x", "category": "c"}}, "pattern", '$["a..b"]'),
        ({"a\n": {"title": "x", "category": "c"}}, "pattern", '$["a\\n"]'),
        ({"a": {"title": "x"}}, "required", "$.a"),
        ({"a": {"title": "", "category": "c"}}, "minLength", "$.a.title"),
        ({"a": {"title": "x", "category": "c", "synonyms": "y"}}, "type", "$.a.synonyms"),
        ({"a": {"title": "x", "category": "c", "synonyms": ["y", "y"]}}, "uniqueItems", "$.a.synonyms"),
        ({"a": {"title": "x", "category": "c", "synonyms": ["y z", "Y  Z"]}}, "duplicate", "$.a.synonyms[1]"),
        ({"a": {"title": "x", "category": "c", "synonyms": ["!?"]}}, "empty", "$.a.synonyms[0]"),
        ({"a": {"title": "x", "category": "c", "more": 1}}, "additionalProperties", "$.a"),
        ({"a": {"title": "x", "category": "c", "replaced_by": "b"}}, "unknown", "$.a.replaced_by"),
        ({"a": {"title": "x", "category": "c", "replaced_by": "a"}}, "cycle", "$.a.replaced_by"),
        (["a"], "type", "$"),
        ("{", "json", "$"),
        ('{"a": {"title": "x", "category": "c"}, "a": {"title": "y", "category": "c"}}', "duplicate", "$"),
        ("[" * 100_000, "json", "$"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_rule_and_remedy(
    tmp_path: Path, wrong: object, rule: str, path: str
) -> None:
    told = refused(write(tmp_path, wrong))
    assert f"{tmp_path.name}/features.json: {path}: " in told
    assert f"({rule})" in told
    assert "fix: " in told


@pytest.mark.parametrize(
    "text", ["job queue", "Job-Queues", "JOB QUEUE", "Task queues", "jobqueue"], ids=lambda text: text.replace(" ", "_")
)
def test_a_text_that_stands_for_two_keys_is_refused(tmp_path: Path, text: str) -> None:
    other = {"other.key": {"title": "Other", "category": "work", "synonyms": ["fine text", text]}}
    told = refused(write(tmp_path, GOOD | other))
    assert '$["other.key"].synonyms[1]' in told
    assert "`task.queue`" in told
    assert "fine text" not in told


def test_a_circle_of_several_keys_is_told_once(tmp_path: Path) -> None:
    circle = {
        key: {"title": f"Title {key}", "category": "c", "replaced_by": target}
        for key, target in {"a": "b", "b": "c", "c": "a", "outside": "a"}.items()
    }
    told = refused(write(tmp_path, circle))
    assert told.count("(cycle)") == 1
    assert "a → b → c → a" in told


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    features = {"A": {"title": "x", "category": "c"}, "b": {"category": ""}}
    told = refused(write(tmp_path, features, capabilities="{", tags={"lane": {"title": "t", "values": []}}))
    assert "there are 5 mistakes" in told
    assert all(f"{tmp_path.name}/{name}.json" in told for name in ("features", "capabilities", "tags"))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in refused(tmp_path / "none")


def test_what_was_read_has_a_digest(tmp_path: Path) -> None:
    one = load(write(tmp_path, GOOD)).digest
    assert one != load().digest
    assert one != load(write(tmp_path, GOOD | {"a": {"title": "x", "category": "c"}})).digest
