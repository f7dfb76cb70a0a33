"""Decisions: what they do to the vocabulary, to the queue and to their ledger; and that a mistake does nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.unit.manifests.reviewing import STAMP, TEXTS, WORDS, files, held, made, repository, store
from verifier.errors import UserError
from verifier.manifests import ledger
from verifier.manifests.decide import decided, desk_of, undone
from verifier.manifests.decisions import Decision, Mistake, Verb, decisions_of
from verifier.manifests.promotions import UnknownKey
from verifier.manifests.repository import QUEUE, Repository
from verifier.manifests.text import tokens
from verifier.manifests.vocabulary import load

OWN = "words/features.json"
LEDGER = "manifests/.ledger/.review.ndjson"


def promote(phrase: str, key: str) -> Decision:
    return Decision(verb=Verb.PROMOTE, phrase=phrase, key=key)


def new(phrase: str, key: str) -> Decision:
    return Decision(verb=Verb.NEW, phrase=phrase, key=key)


def reject(phrase: str) -> Decision:
    return Decision(verb=Verb.REJECT, phrase=phrase)


def restore(phrase: str) -> Decision:
    return Decision(verb=Verb.RESTORE, phrase=phrase)


def decide(found: Repository, *lines: Decision | Mistake) -> tuple[str, ...]:
    done = decided(lines, desk_of(found), STAMP)
    store(found, done.edits)
    return done.told


def refused(found: Repository, *lines: Decision | Mistake) -> UserError:
    """Why it is refused; nothing at all may have changed."""
    before = files(found.root)
    with pytest.raises(UserError) as error:
        decide(found, *lines)
    assert files(found.root) == before
    return error.value


def words(found: Repository) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((found.root / OWN).read_bytes())
    return entries


def records(found: Repository) -> tuple[ledger.Record, ...]:
    return ledger.sound((found.root / LEDGER).read_bytes(), LEDGER)


@pytest.fixture
def own(tmp_path: Path) -> Repository:
    """A repository with a vocabulary of its own, which takes the place of the tool's, and a queue."""
    return made(repository(tmp_path, words=WORDS))


@pytest.fixture
def without(tmp_path: Path) -> Repository:
    """One whose folder of vocabularies is empty."""
    return made(repository(tmp_path))


# --- promotions -------------------------------------------------------------------------------------------------------


def test_a_phrase_becomes_a_synonym_and_nothing_else_of_the_file_changes(own: Repository) -> None:
    before = (own.root / OWN).read_text(encoding="utf-8")
    assert decide(own, promote(" Job  queueing", "task.queue")) == ("'Job queueing' stands for task.queue now",)
    after = (own.root / OWN).read_text(encoding="utf-8")
    assert after == before.replace('"job queue"\n', '"job queue",\n      "Job queueing"\n')
    (found,) = load(own.root / "words").feature_phrases.find(tokens("job queueing"))
    assert found.key == "task.queue"


def test_a_key_without_synonyms_gets_its_first(own: Repository) -> None:
    decide(own, promote("Dream recall", "journal"))
    assert words(own)["journal"] == {**WORDS["journal"], "synonyms": ["Dream recall"]}


def test_a_file_that_is_not_there_is_made_and_extends_the_tools(without: Repository) -> None:
    shipped = load().features["task.queue"]
    decide(without, promote("Drift detection", "task.queue"))
    entry = {
        "title": shipped.title,
        "category": shipped.category,
        "synonyms": [*shipped.synonyms, "Drift detection"],
    }
    assert words(without) == {"$extends": True, "task.queue": entry}
    assert load(without.root / "words").feature_keys() == load().feature_keys()


def test_several_phrases_of_one_key_are_all_there(without: Repository) -> None:
    decide(without, promote("Drift detection", "task.queue"), promote("Dream recall", "task.queue"))
    assert words(without)["task.queue"]["synonyms"][-2:] == ["Drift detection", "Dream recall"]
    assert [each.seq for each in records(without)] == [1, 2]


def test_a_new_key_has_the_phrase_as_its_title_and_can_be_used_at_once(own: Repository) -> None:
    decide(own, new("Drift detection", "drift.detection"), promote("Dream recall", "drift.detection"))
    assert words(own)["drift.detection"] == {
        "title": "Drift detection",
        "category": "drift",
        "synonyms": ["Dream recall"],
    }


@pytest.mark.parametrize("make", [promote, new])
def test_a_phrase_that_stands_for_the_key_already_changes_nothing(
    own: Repository, make: Callable[[str, str], Decision]
) -> None:
    before = files(own.root)
    (told,) = decide(own, make("Job-Queues", "task.queue"))
    assert told.startswith("'Job-Queues' stands for task.queue already")
    assert files(own.root) == before


@pytest.mark.parametrize(
    ("decision", "what", "fix"),
    [
        (promote("Job queueing", "task.queu"), "there is no key 'task.queu'", "did you mean task.queue? "),
        (promote("Job queueing", "x"), "there is no key 'x'", "did you mean task.queue? "),
        (promote("Job queueing", "$extends"), "there is no key '$extends'", "new Job queueing => $extends"),
        (promote("Job queueing", "old.queue"), "'old.queue' is replaced by 'task.queue'", "promote it to 'task.queue'"),
        (promote("Job queue", "journal"), "the same text stands for `task.queue`", "take another key or phrase"),
        (promote("x" * 121, "journal"), "it is too long for a phrase", "take another key or phrase"),
        (promote("—", "journal"), "there is no word in '—'", "name a phrase"),
        (new("Job queueing", "task.queue"), "there is a key 'task.queue' already", "promote 'Job queueing' to it"),
        (new("Job queueing", "Job Queueing"), "it is not canonical", "take another key or phrase"),
        (new("Job queue", "other.key"), "the same text stands for `task.queue`", "take another key or phrase"),
        (restore("Dream recall"), "nobody has rejected 'Dream recall'", f"see `rejected` in {QUEUE}"),
        (reject(" "), "there is no word in ''", "name a phrase"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_way_out(
    own: Repository, decision: Decision, what: str, fix: str
) -> None:
    told = refused(own, decision)
    assert what in told.what
    assert fix in told.fix


def test_a_key_that_only_the_tool_has_is_none_where_the_own_file_takes_its_place(own: Repository) -> None:
    assert "api.rest" in load().features
    with pytest.raises(UnknownKey):
        decide(own, promote("Drift detection", "api.rest"))


def test_without_a_vocabulary_of_its_own_the_line_to_add_is_told(tmp_path: Path) -> None:
    found = made(repository(tmp_path, own=False))
    told = refused(found, promote("Drift detection", "task.queue"))
    assert 'vocabulary = "vocabulary"' in told.fix
    assert "mkdir vocabulary" in told.fix
    decide(found, reject("Drift detection"))


# --- rejections -------------------------------------------------------------------------------------------------------


def test_a_rejected_phrase_leaves_the_queue_and_is_remembered(own: Repository) -> None:
    assert decide(own, reject("drift Detections")) == ("'drift Detections' is rejected",)
    found = held(own)
    assert [each.what for each in found.entries] == ["Dream recall", "Job queueing"]
    assert found.rejected == ("drift Detections",)
    assert decide(own, reject("Drift-detection"))[0].startswith("'Drift-detection' was rejected before")
    assert held(made(own)) == found


def test_a_rejection_is_taken_back_in_whatever_spelling(own: Repository) -> None:
    before = (own.root / QUEUE).read_bytes()
    decide(own, reject("Drift detection"))
    assert "did you mean 'Drift detection'?" in refused(own, restore("Drift detectors")).fix
    decide(own, restore("drift-detections"))
    assert held(own).rejected == ()
    assert (made(own).root / QUEUE).read_bytes() == before


def test_a_phrase_that_is_not_in_the_queue_is_allowed_and_told(own: Repository) -> None:
    assert decide(own, reject("Time travel")) == ("'Time travel' is rejected (it is not in the queue)",)


# --- the ledger, and ways back ----------------------------------------------------------------------------------------


def test_every_decision_is_recorded_with_what_it_was_made_on(own: Repository) -> None:
    before = {name: sha256(data).hexdigest() for name, data in files(own.root).items()}
    decide(own, reject("Dream recall"), promote("Job queueing", "task.queue"))
    decide(own, restore("Dream recall"))
    queueing, recall, back = records(own)
    assert (queueing.field, queueing.reasons) == (r"features.task\.queue", ("promoted:Job queueing",))
    assert (queueing.old, queueing.new) == (WORDS["task.queue"], words(own)["task.queue"])
    assert queueing.sources == {OWN: before[OWN]}
    assert (recall.field, recall.new, recall.reasons) == ("rejected.Dream recall", True, ("rejected:Dream recall",))
    assert recall.sources == {QUEUE: before[QUEUE]}
    assert (back.field, back.old, back.reasons) == ("rejected.Dream recall", True, ("restored:Dream recall",))
    assert {each.extractor for each in (queueing, recall, back)} == {"review"}


@pytest.mark.parametrize("decision", [promote("Job queueing", "task.queue"), new("Dream recall", "x"), reject("a b")])
def test_a_decision_is_taken_back_byte_for_byte(own: Repository, decision: Decision) -> None:
    before = {name: data for name, data in files(own.root).items() if name != LEDGER}
    (edit,) = decided([decision], desk_of(own), STAMP).edits
    store(own, [edit])
    store(own, [undone(edit, desk_of(own), STAMP)])
    assert {name: data for name, data in files(own.root).items() if name != LEDGER} == before
    first, second = records(own)
    assert (second.old, second.new) == (first.new, first.old)
    assert second.reasons == (f"undone:{first.reasons[0]}",)


def test_a_file_that_a_decision_has_made_stays_and_says_nothing(without: Repository) -> None:
    (edit,) = decided([promote("Job queueing", "task.queue")], desk_of(without), STAMP).edits
    store(without, [edit])
    store(without, [undone(edit, desk_of(without), STAMP)])
    assert words(without) == {"$extends": True}


def test_what_somebody_has_changed_since_is_not_taken_back(own: Repository) -> None:
    (edit,) = decided([reject("Dream recall")], desk_of(own), STAMP).edits
    store(own, [edit])
    decide(own, reject("Drift detection"))
    with pytest.raises(UserError, match="somebody has changed it since"):
        undone(edit, desk_of(own), STAMP)


# --- several at once --------------------------------------------------------------------------------------------------

SOUND = """
# on Monday
promote  Job queueing => task.queue
new\tDrift detection =>  drift.detection
  reject  Dream recall\r
restore dream-recalls
"""


def test_decisions_are_read_one_a_line() -> None:
    text = SOUND.replace("restore dream-recalls", "restore a => b\npromote a => b => c")
    assert decisions_of(text, "f") == (
        Decision(verb=Verb.PROMOTE, phrase="Job queueing ", key="task.queue", at="f:3"),
        Decision(verb=Verb.NEW, phrase="Drift detection ", key="drift.detection", at="f:4"),
        Decision(verb=Verb.REJECT, phrase="Dream recall", at="f:5"),
        Decision(verb=Verb.RESTORE, phrase="a => b", at="f:6"),
        Decision(verb=Verb.PROMOTE, phrase="a => b ", key="c", at="f:7"),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("keep x", "'keep' is no decision"),
        ("Promote x => y", "'Promote' is no decision"),
        ("promote x y", "it names no key"),
        ("promote x =>", "it names no key"),
        ("new", "it names no key"),
    ],
)
def test_a_line_that_is_no_decision_is_a_mistake_with_its_place(line: str, words: str) -> None:
    (found,) = decisions_of(f"# x\n{line}\n", "f")
    assert isinstance(found, Mistake)
    assert (found.at, found.error.what) == ("f:2", words)


def test_all_of_a_file_is_done_and_what_needs_two_files_is_one_run(own: Repository) -> None:
    text = SOUND.replace("restore dream-recalls", "")
    assert len(decide(own, *decisions_of(text, "f"))) == 3
    assert words(own)["drift.detection"]["title"] == "Drift detection"
    assert held(own).rejected == ("Dream recall",)
    assert [each.seq for each in records(own)] == [1, 2, 3]


def test_all_mistakes_of_a_file_are_told_with_their_lines_and_nothing_is_done(own: Repository) -> None:
    text = "promote Job queueing => task.queu\nreject Dream recall\nfoo\nreject dream-recalls\nrestore nothing here\n"
    told = str(refused(own, *decisions_of(text, "f")))
    assert "there are 4 mistakes" in told
    for place in ("f:1: there is no key", "f:3: 'foo'", "f:4: 'dream-recalls' is decided twice", "f:5: nobody"):
        assert place in told
    assert "f:2" not in told


def test_what_would_break_the_vocabulary_is_told_with_its_line_too(own: Repository) -> None:
    text = "reject Dream recall\npromote Job queues => journal\npromote Drift detection => journal\nnew Time => T\n"
    told = str(refused(own, *decisions_of(text, "f")))
    assert "there are 2 mistakes" in told
    assert "f:2: the vocabulary would be broken" in told
    assert "f:4: the vocabulary would be broken" in told
    assert "f:3" not in told


def test_one_mistake_of_a_file_has_its_place_and_one_of_the_command_line_its_words(own: Repository) -> None:
    assert "f:1: there is no key" in str(refused(own, *decisions_of("promote Job queueing => x\n", "f")))
    assert "reject '—': there is no word" in str(refused(own, reject("—"), reject("Dream recall")))


def test_a_vocabulary_that_is_broken_already_is_told_as_that(own: Repository) -> None:
    (own.root / OWN).write_text("[]", encoding="utf-8")
    assert "in the vocabularies" in refused(own, promote("Dream recall", "journal")).what


@pytest.mark.parametrize("texts", [TEXTS, {"libs/jobs": "It is fast.\n"}])
def test_a_rejection_needs_no_queue(tmp_path: Path, texts: Mapping[str, str]) -> None:
    found = repository(tmp_path, texts, words=WORDS)
    decide(found, reject("Drift detection"))
    assert held(made(found)).rejected == ("Drift detection",)
