"""`enrich review` through the real command: listing, deciding, and asking on a real terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.unit.manifests.reviewing import WORDS, files, held, made, repository
from verifier.manifests.decisions import Decision, Verb, decisions_of
from verifier.manifests.ledger import sound
from verifier.manifests.model import Withheld
from verifier.manifests.repository import QUEUE, Repository

COMMAND = (sys.executable, "-P", "-m", "verifier.cli.enrich", "review")
PATIENCE = 60.0
OWN = "words/features.json"
LEDGER = "manifests/.ledger/.review.ndjson"
ONE_KIND = Withheld(
    field="features",
    value="journal",
    provenance=("README.md:§:L3",),
    why="two independent kinds of places are needed, and there is one: UL",
)
LISTED = """\
2 modules  Drift detection  (phrase)
           why   no key of the vocabulary stands for it
           at    libs/broker/README.md:3  libs/jobs/README.md:3  libs/broker/README.md:5
           do    enrich review --promote 'Drift detection' --as KEY

 1 module  Dream recall  (phrase)
           why   no key of the vocabulary stands for it
           at    core/memory/README.md:3
           do    enrich review --promote 'Dream recall' --as KEY

 1 module  Job queueing  (phrase)
           why   no key of the vocabulary stands for it
           at    libs/jobs/README.md:4
           near  task.queue (job queue)
           do    enrich review --promote 'Job queueing' --as task.queue

 1 module  journal  (withheld, features)
           why   two independent kinds of places are needed, and there is one: UL
           at    core/memory/README.md:3

4 entries: 3 phrases, 1 withheld
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def found(tmp_path: Path) -> Repository:
    """Three modules with a queue of three phrases and a withheld value."""
    root = tmp_path / "repository"
    root.mkdir()
    return made(repository(root, words=WORDS), {"core/memory": [ONE_KIND]})


@pytest.fixture
def review(found: Repository, scrubbed: Mapping[str, str]) -> Run:
    """Run the command at the root of the repository."""

    def run(*options: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *options],
            cwd=found.root, input=said, capture_output=True, encoding="utf-8", check=False, env=dict(scrubbed),
        )  # fmt: skip

    return run


def own(found: Repository) -> dict[str, dict[str, object]]:
    entries: dict[str, dict[str, object]] = json.loads((found.root / OWN).read_bytes())
    return entries


def reasons(found: Repository) -> list[str]:
    """Of the records of all decisions, in their order."""
    return [reason for each in sound((found.root / LEDGER).read_bytes(), LEDGER) for reason in each.reasons]


# --- listing ----------------------------------------------------------------------------------------------------------


def test_the_queue_is_listed_most_important_first(review: Run) -> None:
    done = review()
    assert (done.returncode, done.stdout, done.stderr) == (0, LISTED, "")


def test_a_part_of_it_is_listed(review: Run) -> None:
    assert review("--limit", "1").stdout.endswith("\n4 entries: 3 phrases, 1 withheld; 1 shown, --limit 4 shows all\n")
    assert review("--kind", "withheld").stdout.startswith("1 module  journal  (withheld, features)\n")
    told = review("--module", "jobs", "--kind", "phrase").stdout
    assert [name in told for name in ("Drift detection", "Job queueing", "Dream recall")] == [True, True, False]


def test_as_json_it_keeps_its_contract(review: Run, found: Repository) -> None:
    assert review("--json").stdout == (found.root / QUEUE).read_text(encoding="utf-8")
    (entry,) = json.loads(review("--json", "--limit", "1").stdout)["entries"]
    assert (entry["what"], entry["count"]) == ("Drift detection", 3)


def test_listing_writes_nothing(review: Run, found: Repository) -> None:
    before = files(found.root)
    review()
    review("--json")
    assert files(found.root) == before


def test_the_documentation_shows_what_is_printed(review: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
    assert f"```console\n$ enrich review --limit 3\n{review('--limit', '3').stdout}```" in page
    (text,) = re.findall(r"```text\n(# .*?)```", page, re.DOTALL)
    assert [each for each in decisions_of(text, "f") if not isinstance(each, Decision)] == []
    assert {each.verb for each in decisions_of(text, "f") if isinstance(each, Decision)} == {*Verb}


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_phrases_are_promoted_and_rejected_and_leave_the_list(review: Run, found: Repository) -> None:
    done = review("--promote", "job queueing", "--as", "task.queue", "--reject", "dream-recall")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "'job queueing' stands for task.queue now\n'dream-recall' is rejected\n"
    assert own(found)["task.queue"]["synonyms"] == ["job queue", "job queueing"]
    assert review().stdout.endswith("\n2 entries: 1 phrase, 1 withheld\n")
    assert reasons(found) == ["promoted:job queueing", "rejected:dream-recall"]
    assert review("--restore", "Dream recall").returncode == 0
    assert held(found).rejected == ()


def test_several_pairs_and_new_keys(review: Run, found: Repository) -> None:
    pairs = ("--promote", "Drift detection", "--as", "drift.detection", "--promote", "Dream recall", "--as", "dream")
    assert "there are 2 mistakes" in review(*pairs).stderr
    assert review(*pairs, "--new").returncode == 0
    assert (own(found)["drift.detection"]["title"], own(found)["dream"]["title"]) == ("Drift detection", "Dream recall")


FILE = "promote Job queueing => task.queue\nreject Dream recall\n# all else later\n"


def test_decisions_of_a_file_or_of_stdin(review: Run, found: Repository, tmp_path: Path) -> None:
    before = files(found.root)
    done = review("--from", "-", "--dry-run", said=FILE)
    assert (done.returncode, files(found.root)) == (0, before)
    assert [line for line in done.stdout.splitlines() if line.startswith("+++")] == [f"+++ b/{OWN}", f"+++ b/{QUEUE}"]
    (tmp_path / "decisions.txt").write_text(FILE, encoding="utf-8-sig")
    assert review("--from", os.fspath(tmp_path / "decisions.txt")).returncode == 0
    after = {name: data for name, data in files(found.root).items() if name != LEDGER}
    for name, data in before.items():
        (found.root / name).write_bytes(data)
    subprocess.run(["git", "apply", "-"], cwd=found.root, input=done.stdout, encoding="utf-8", check=True)
    assert {name: data for name, data in files(found.root).items() if name != LEDGER} == after


def test_all_mistakes_of_a_file_are_told_and_nothing_is_done(review: Run, found: Repository) -> None:
    before = files(found.root)
    done = review("--from", "-", said=f"{FILE}promote Drift detection => task.queu\nx\n")
    assert (done.returncode, done.stdout, files(found.root)) == (2, "", before)
    for words in ("stdin:4: there is no key 'task.queu'", "did you mean task.queue?", "stdin:5: 'x' is no decision"):
        assert words in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--promote", "x y"], 2, "give one --as KEY for each --promote PHRASE"),
        (["--new"], 2, "--new is about --promote"),
        (["--dry-run"], 2, "--dry-run is about decisions"),
        (["--reject", "x y", "--json"], 2, "one of these at a time"),
        (["--ask"], 2, "--ask needs a terminal"),
        (["--limit", "0"], 2, "--limit"),
        (["--from", "nowhere"], 2, "it cannot be read"),
        (["--from", "-"], 3, "there is no decision in it"),
        (["--kind", "contradiction"], 3, "nothing of that is to be decided"),
        (["--module", "nowhere"], 3, "no module is called 'nowhere'"),
        (["--restore", "x y"], 2, "nobody has rejected 'x y'"),
    ],
)
def test_bad_usage_is_told(options: list[str], code: int, words: str, review: Run) -> None:
    done = review(*options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr


def test_where_nothing_is_to_be_decided_it_says_so(review: Run, found: Repository) -> None:
    (found.root / QUEUE).unlink()
    done = review()
    assert (done.returncode, done.stdout) == (3, "")
    assert "`enrich --all` makes the queue" in done.stderr


def test_without_a_folder_of_vocabularies_the_way_is_told_and_leads_there(review: Run, found: Repository) -> None:
    (found.root / "pyproject.toml").write_text("[tool.enrich]\n", encoding="utf-8")
    decision = ("--promote", "Job queueing", "--as", "task.queue")
    done = review(*decision)
    assert done.returncode == 2
    assert 'put `vocabulary = "vocabulary"` below [tool.enrich]' in done.stderr
    (found.root / "pyproject.toml").write_text('[tool.enrich]\nvocabulary = "vocabulary"\n', encoding="utf-8")
    assert "make it" in review(*decision).stderr
    (found.root / "vocabulary").mkdir()
    assert review(*decision).returncode == 0
    made_anew = json.loads((found.root / "vocabulary" / "features.json").read_bytes())
    assert made_anew["$extends"] is True
    assert made_anew["task.queue"]["synonyms"][-1] == "Job queueing"


# --- asking -----------------------------------------------------------------------------------------------------------


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, root: Path, environment: Mapping[str, str], *options: str) -> None:
        self.child, self.end = pty.fork()
        if not self.child:
            os.chdir(root)
            os.execve(COMMAND[0], [*COMMAND, *options], dict(environment))
        self.shown = ""

    def until(self, words: str) -> str:
        """What is shown up to these words, from where the last call ended."""
        while words not in self.shown:
            more = self._more()
            assert more, f"it has ended with {self.shown!r}"
            self.shown += more
        before, _, self.shown = self.shown.partition(words)
        return before + words

    def press(self, keys: str) -> None:
        os.write(self.end, keys.encode())

    def finish(self) -> tuple[int, str]:
        """The exit code, and the rest of what is shown."""
        while more := self._more():
            self.shown += more
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1]), self.shown

    def _more(self) -> str:
        ready, _, _ = select.select([self.end], [], [], PATIENCE)
        assert ready, f"nothing more comes after {self.shown!r}"
        try:
            return os.read(self.end, 1 << 16).decode().replace("\r\n", "\n")
        except OSError:  # the other end is closed
            return ""


@pytest.fixture
def terminal(found: Repository, scrubbed: Mapping[str, str]) -> Iterator[Callable[..., Terminal]]:
    """`enrich review` in the repository."""
    opened: list[Terminal] = []

    def start(*options: str, coloured: bool = False) -> Terminal:
        environment = {**scrubbed, "TERM": "xterm"} | ({} if coloured else {"NO_COLOR": "1"})
        opened.append(Terminal(found.root, environment, *options))
        return opened[-1]

    yield start
    for each in opened:
        os.close(each.end)


def test_each_phrase_is_asked_for_with_its_line_and_one_press_decides(
    terminal: Callable[..., Terminal], found: Repository
) -> None:
    screen = terminal("--ask")
    assert screen.until(" > ") == (
        "\n1 of 3  Drift detection  (2 modules)\n"
        "  at    libs/broker/README.md:3  libs/jobs/README.md:3  libs/broker/README.md:5\n"
        "  says  - drift-detections\n"
        "[k]ey…  [r]eject  [s]kip  [q]uit > "
    )
    screen.press("r")
    assert "'Drift detection' is rejected\n\n2 of 3  Dream recall" in screen.until(" > ")
    assert held(found).rejected == ("Drift detection",)
    screen.press("s")
    assert "1 task.queue (job queue)\n[p]romote to task.queue  [k]ey…  [r]eject  [s]kip  [u]ndo" in screen.until(" > ")
    screen.press("p")
    code, told = screen.finish()
    assert (code, told.splitlines()) == (
        0,
        [
            "p",
            "'Job queueing' stands for task.queue now",
            "",
            "1 promoted, 1 rejected, 1 left",
            "`enrich --all` looks for the new phrases in all modules",
        ],
    )
    assert reasons(found) == ["rejected:Drift detection", "promoted:Job queueing"]


def test_decisions_are_taken_back_one_by_one(terminal: Callable[..., Terminal], found: Repository) -> None:
    before = files(found.root)
    screen = terminal("--ask")
    for press in ("u", "r", "s", "p"):
        screen.until(" > ")
        screen.press(press)
    assert screen.finish()[0] == 0
    screen = terminal("--ask")
    assert "1 of 1  Dream recall" in screen.until(" > ")
    screen.press("u")
    assert "there is nothing to take back" in screen.until(" > ")
    screen.press("q")
    assert screen.finish()[0] == 0
    for name, data in before.items():
        (found.root / name).write_bytes(data)
    (found.root / LEDGER).unlink()
    screen = terminal("--ask")
    for press in ("r", "r", "u", "u"):
        screen.until(" > ")
        screen.press(press)
    assert "'Drift detection' is to be decided again\n\n1 of 3" in screen.until(" > ")
    screen.press("q")
    assert "0 promoted, 0 rejected, 3 left\n" in screen.finish()[1]
    assert {name: data for name, data in files(found.root).items() if name != LEDGER} == before
    assert reasons(found) == [
        "rejected:Drift detection", "rejected:Dream recall",
        "undone:rejected:Dream recall", "undone:rejected:Drift detection",
    ]  # fmt: skip


def test_a_key_is_typed_and_a_wrong_one_makes_nothing_unasked(
    terminal: Callable[..., Terminal], found: Repository
) -> None:
    screen = terminal("--ask")
    screen.until(" > ")
    screen.press("k")
    screen.until("key: ")
    screen.press("task.queu\n")
    assert "did you mean task.queue?" in screen.until(" > ")
    screen.press("n")
    screen.until(" > ")
    assert "task.queu" not in own(found)
    for press, answer in (("k", "key: "), ("drift.detection\n", " > "), ("y", " > ")):
        screen.press(press)
        screen.until(answer)
    assert own(found)["drift.detection"] == {"title": "Drift detection", "category": "drift"}
    for press, answer in (("k", "key: "), ("journal\n", " > "), ("q", "left\n")):
        screen.press(press)
        screen.until(answer)
    assert own(found)["journal"]["synonyms"] == ["Dream recall"]
    assert screen.finish()[0] == 0


@pytest.mark.parametrize(("press", "code"), [("\x03", 130), ("\x04", 0), ("q", 0)], ids=["interrupt", "end", "quit"])
def test_nothing_is_lost_however_it_ends(
    press: str, code: int, terminal: Callable[..., Terminal], found: Repository
) -> None:
    screen = terminal("--ask")
    screen.until(" > ")
    screen.press("r")
    screen.until(" > ")
    screen.press(press)
    ended, told = screen.finish()
    assert (ended, "0 promoted, 1 rejected, 2 left\n" in told) == (code, True)
    assert "Traceback" not in told
    assert held(found).rejected == ("Drift detection",)


def test_keys_that_mean_nothing_decide_nothing(terminal: Callable[..., Terminal], found: Repository) -> None:
    before = files(found.root)
    screen = terminal("--ask")
    for press in ("p", "s", "s"):  # nothing is near to the first phrase
        screen.until(" > ")
        screen.press(press)
    for press in ("x", "\x1bOP", "\x1b[A", "9", "0", "é"):  # F1 ends with the letter of a choice
        assert "3 of 3" in screen.until("[p]romote to task.queue")
        screen.until(" > ")
        screen.press(press)
    screen.until(" > ")
    screen.press("q")
    assert screen.finish()[0] == 0
    assert files(found.root) == before


def test_a_terminal_has_colours_unless_its_user_refuses_them(terminal: Callable[..., Terminal]) -> None:
    assert terminal().finish() == (0, LISTED)
    code, told = terminal(coloured=True).finish()
    assert (code, "\x1b[1mDrift detection\x1b[0m" in told) == (0, True)
