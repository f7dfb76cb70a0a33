"""A peer that did not do its work has a reason, and no time."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers import FORKED, FRESH, MEANINGS, ONE_PROCESS, PEERS, answered, forked, fresh, one_process, peers
from ways import Refused

from tests.unit.benchmarks.made import ended, place


def test_what_a_peer_found_is_kept() -> None:
    assert answered(r"actual: ([\d.]+%)", codes=(0, 1))(ended(1, "RESULT: actual: 66.3%")) == "66.3%"
    assert answered("^Success")(ended(0, "Success: no issues")) == "Success"


@pytest.mark.parametrize(("words", "meaning"), MEANINGS)
def test_each_hindrance_is_told_in_a_few_words(words: str, meaning: str) -> None:
    assert answered("^Found")(ended(1, f"oh: {words}")) == Refused(meaning)


def test_a_refusal_counts_though_there_is_a_result() -> None:
    judge = answered("^score: (.*)", codes=(0, 1), refusal="No py.typed file found")
    assert judge(ended(1, "No py.typed file found\nscore: 0%")) == Refused("no py.typed")


def test_a_result_with_another_exit_code_is_none() -> None:
    assert answered("^Found", codes=(0, 1))(ended(2, "Found nothing to read")) == Refused(
        "exit code 2: Found nothing to read"
    )


def test_words_of_a_crash_in_a_result_are_none() -> None:
    assert answered("^Found", codes=(1,))(ended(1, "line 1: raises RecursionError\nFound 1 error")) == "Found"


def test_an_unknown_ending_is_told_by_its_code_and_last_line() -> None:
    assert answered("^Found")(ended(2, "\n", "usage\nno such option\n\n")) == Refused("exit code 2: no such option")
    assert answered("^Found")(ended(-9)) == Refused("ended by signal 9")


def test_fresh_interpreters_take_modules_that_fail(tmp_path: Path) -> None:
    way = fresh(["json", "no_such_module", "sys"], place(tmp_path))
    run = place(tmp_path).run(way.command, way.told)
    assert (way.name, way.judge(run)) == (FRESH, "3 modules")
    assert "No module named 'no_such_module'" in run.errors


def test_fresh_interpreters_that_do_not_start_are_none(tmp_path: Path) -> None:
    assert fresh(["json"], place(tmp_path)).judge(ended(127, errors="xargs: no such file")) == Refused(
        "exit code 127: xargs: no such file"
    )


def test_a_bare_fork_tree_comes_to_each_module(tmp_path: Path) -> None:
    names = ["json", "json.tool", "json.decoder", "no_such_module", "no_such_module.below", "sys", "xml.dom.minidom"]
    way = forked(names, place(tmp_path))
    assert (way.name, way.judge(place(tmp_path).run(way.command, way.told))) == (FORKED, "7 modules")
    assert isinstance(way.judge(ended(0, "6 modules\n")), Refused)


def test_the_walk_in_one_process_goes_on_after_a_failure(tmp_path: Path) -> None:
    way = one_process(["no_such_module", "json"], place(tmp_path))
    assert (way.name, way.judge(place(tmp_path).run(way.command, way.told))) == (ONE_PROCESS, "")


def test_every_peer_is_listed(tmp_path: Path) -> None:
    assert tuple(way.name for way in peers("packaging", ["packaging"], place(tmp_path))) == PEERS
