"""The tool's own rows: what it cannot do yet is said, and never left out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from edited import Edited, edited
from states import COLD, WARM, Tool, known_options, lacking, reported, reported_modules, tool_options, yardsticks
from ways import Missing, Refused, Way

from tests.unit.benchmarks.made import ended, place

HELP = """
Options:
  --python PATH|VERSION           The interpreter.
  --include-tests / --no-include-tests
  --cache-dir DIR                 Where it is; see --changed.
"""


def test_options_are_read_from_the_help() -> None:
    assert known_options(HELP) >= {"--python", "--no-include-tests", "--cache-dir"}
    assert "--no-cache" not in known_options(HELP)


def test_the_help_of_the_tool_at_hand_is_read() -> None:
    assert {"--python", "--json"} <= tool_options()


def test_an_option_that_is_not_there_is_named() -> None:
    assert lacking(frozenset({"--changed"}), "--cache-dir", "--changed") == Refused(
        "not available: verify-apis has no --cache-dir"
    )
    assert lacking(frozenset({"--cache-dir"}), "--cache-dir") is None


def test_a_tool_without_a_cache_is_always_cold(tmp_path: Path) -> None:
    way = Tool(options=frozenset(), place=place(tmp_path)).cold("packaging")
    assert (way.name, "--no-cache" in way.command) == (COLD, False)


def test_a_tool_with_a_cache_is_told_to_be_cold(tmp_path: Path) -> None:
    assert "--no-cache" in Tool(options=frozenset({"--no-cache"}), place=place(tmp_path)).cold("packaging").command


def test_states_that_the_tool_does_not_know_are_missing_with_their_reason(tmp_path: Path) -> None:
    tool = Tool(options=frozenset(), place=place(tmp_path))
    changing = Edited(python=Path(sys.executable), file=tmp_path / "__init__.py")
    ways = (tool.warm("packaging"), tool.warm_json("packaging"), tool.changed("packaging", changing))
    assert [isinstance(way, Missing) and way.why.why for way in ways] == [
        "not available: verify-apis has no --cache-dir",
        "not available: verify-apis has no --cache-dir",
        "not available: verify-apis has no --cache-dir, --changed",
    ]


def test_a_cache_that_cannot_be_filled_is_a_reason_too(tmp_path: Path) -> None:
    way = Tool(options=frozenset({"--cache-dir"}), place=place(tmp_path)).warm("no_such_package")
    assert isinstance(way, Missing)
    assert (way.name, way.why.why.partition(":")[0]) == (
        WARM,
        "exit code 2" if "--cache-dir" not in tool_options() else "exit code 3",
    )


def test_both_reports_are_of_one_cache(tmp_path: Path) -> None:
    tool = Tool(options=tool_options(), place=place(tmp_path))
    short, whole = tool.warm("packaging"), tool.warm_json("packaging")
    assert isinstance(short, Way)
    assert isinstance(whole, Way)
    assert [*short.command, "--json"] == [*whole.command]
    assert str(short.judge(tool.place.run(short.command))).endswith(" lines")
    assert str(whole.judge(tool.place.run(whole.command))).endswith(" modules")


def test_findings_are_a_report_and_every_other_ending_is_none() -> None:
    report = json.dumps({"targets": [{"modules": {"b": {}, "a": {}}}]})
    assert reported(ended(1, report)) == "2 modules"
    assert reported_modules(ended(0, report)) == ["a", "b"]
    assert reported(ended(70, errors="this is a bug\n")) == Refused("exit code 70: this is a bug")


def test_a_copy_is_changed_and_the_original_stays(tmp_path: Path) -> None:
    copy = edited("packaging", Path(sys.executable), tmp_path / "copy")
    assert isinstance(copy, Edited)
    before = copy.file.read_text(encoding="utf-8")
    copy.touch()
    assert copy.file.read_text(encoding="utf-8") == f"{before}# changed\n"
    where = place(tmp_path).run([str(copy.python), "-I", "-c", "import packaging; print(packaging.__file__)"])
    assert where.output.strip() == str(copy.file)
    others = place(tmp_path).run([str(copy.python), "-I", "-c", "import pytest"])
    assert others.code == 0, others.errors


def test_what_no_command_can_be_faster_than_runs(tmp_path: Path) -> None:
    for way in yardsticks("packaging", place(tmp_path), Refused("no copy")):
        assert isinstance(way, Way)
        assert way.judge(place(tmp_path).run(way.command)) == ""


def test_the_static_part_runs_by_itself(tmp_path: Path) -> None:
    done = place(tmp_path).run(Tool(options=frozenset(), place=place(tmp_path)).static("packaging").command)
    assert done.code == 0, done.errors
    assert done.output.endswith(" APIs\n")
