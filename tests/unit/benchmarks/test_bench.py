"""The runs of one package: in turns, after one to warm up, and without times for a way that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bench import COLD_ONLY, PACKAGES, WAYS, command, kept, measured, parser, usual_ways, wanted
from peers import FORKED, FRESH
from results import Results, Row, save
from states import COLD, WARM_JSON
from ways import Missing, Place, Refused, Way, environment


def place(folder: Path) -> Place:
    python = Path(sys.executable)
    return Place(python=python, site=folder, env=environment(python, folder), work=folder, scratch=folder)


def noted(name: str, code: str = "0") -> Way:
    return Way(name=name, command=("sh", "-c", f"echo {name} >> log; exit {code}"))


def test_all_run_once_beforehand_and_then_in_turns(tmp_path: Path) -> None:
    rows = measured("package", [noted("a"), noted("b"), noted("c")], place(tmp_path), runs=2, quick=0)
    assert (tmp_path / "log").read_text(encoding="utf-8").split() == [*"abc", *"abc", *"bca"]
    assert [(row.way, len(row.seconds), len(row.cpu)) for row in rows] == [("a", 2, 2), ("b", 2, 2), ("c", 2, 2)]


def test_a_way_that_fails_has_its_reason_and_is_not_tried_again(tmp_path: Path) -> None:
    rows = measured("package", [noted("good"), noted("bad", code="3")], place(tmp_path), runs=2)
    assert (tmp_path / "log").read_text(encoding="utf-8").split().count("bad") == 1
    assert [(row.refused, row.seconds == (), row.said) for row in rows] == [
        (False, False, ""),
        (True, True, "exit code 3: "),
    ]


def test_a_way_that_fails_later_loses_the_times_that_it_had(tmp_path: Path) -> None:
    once = Way(name="twice", command=("sh", "-c", "echo x >> log; test $(wc -l < log) -lt 3"))
    (row,) = measured("package", [once], place(tmp_path), runs=3, quick=0)
    assert (row.refused, row.seconds, row.peak) == (True, (), None)


def test_a_way_that_is_not_there_keeps_its_row(tmp_path: Path) -> None:
    (row,) = measured("package", [Missing(name="warm", why=Refused("not available"))], place(tmp_path), runs=2)
    assert (row.way, row.refused, row.said) == ("warm", True, "not available")


def test_what_takes_long_is_run_once(tmp_path: Path) -> None:
    (row,) = measured("package", [noted("slow")], place(tmp_path), runs=3, long=0)
    assert (tmp_path / "log").read_text(encoding="utf-8").split() == ["slow"]
    assert len(row.seconds) == 1


def test_what_is_quick_is_run_more_often_and_in_turns_with_its_like(tmp_path: Path) -> None:
    measured("package", [noted("a"), noted("b")], place(tmp_path), runs=2)
    turn = [*"ba", *"ab", *"ba", *"ab"]
    assert (tmp_path / "log").read_text(encoding="utf-8").split() == [*"ab", *"ab", *turn, *"ba", *turn]


def test_each_run_is_prepared(tmp_path: Path) -> None:
    prepared: list[int] = []
    way = Way(name="changed", command=("true",), before=lambda: prepared.append(1))
    measured("package", [way], place(tmp_path), runs=2, quick=0)
    assert len(prepared) == 3


def rows_of(*packages: str) -> list[Row]:
    return [Row(package=name, way=way) for name in packages for way in usual_ways(name)]


def test_the_cold_state_is_measured_unless_it_is_known() -> None:
    assert wanted("requests", FRESH, results(rows=())) == {COLD, FRESH}
    assert wanted("requests", FRESH, results(rows=rows_of("requests"))) == {FRESH}
    assert wanted("requests", f"{WARM_JSON},{FRESH}", results(rows=())) == {COLD, WARM_JSON, FRESH}
    assert wanted(COLD_ONLY[0], None, results(rows=())) == {COLD, FRESH, FORKED}
    assert wanted("requests", None, results(rows=rows_of("requests"))) == set(WAYS)


def test_a_way_that_nobody_knows_is_named() -> None:
    with pytest.raises(SystemExit, match="no such way: slow"):
        wanted("requests", "cold,slow", results(rows=()))


def test_the_command_says_what_is_unusual_and_no_more() -> None:
    usual, whole = parser().parse_args(["--python", "python"]), rows_of(*PACKAGES, *COLD_ONLY)
    assert command(usual, whole) == "make bench"
    assert command(usual, rows_of("b", "a")) == "make bench PACKAGES=a,b"
    other = parser().parse_args(["--python", "python", "--runs", "1", "--ways", "cold,griffe dump"])
    assert command(other, whole) == "make bench RUNS=1", "some ways anew, and the others are kept"
    assert command(other, whole[1:]) == "make bench RUNS=1 WAYS='cold,griffe dump'"


def results(**more: object) -> Results:
    row = Row(package="a", way=COLD, seconds=(1.0,))
    said: dict[str, object] = {
        "command": "x", "runs": 5, "date": "2026-01-01", "cpu": "c", "cores": 2, "system": "s", "python": "3.11",
        "tool_python": "3.11", "versions": {"a": "1"}, "rows": (row,),
    }  # fmt: skip
    return Results(**{**said, **more})  # type: ignore[arg-type]


def test_another_run_on_the_same_machine_adds_packages_or_ways(tmp_path: Path) -> None:
    save(results(), tmp_path / "bench.json")
    options = parser().parse_args(["--python", "python", "--keep", "--json", str(tmp_path / "bench.json")])
    now = results(command="", rows=(), versions={"b": "2"}, date="2026-01-02")
    found = kept(now, options)
    assert ([row.package for row in found.rows], found.versions) == (["a"], {"a": "1", "b": "2"})
    assert found.with_rows([Row(package="a", way=COLD, seconds=(2.0,))]).rows == (
        Row(package="a", way=COLD, seconds=(2.0,)),
    )
    assert len(found.with_rows([Row(package="a", way=FRESH), Row(package="b", way=COLD)]).rows) == 3
    with pytest.raises(SystemExit, match="somewhere else"):
        kept(results(command="", rows=(), cpu="d"), options)
    with pytest.raises(SystemExit, match="other versions of a:"):
        kept(results(command="", rows=(), versions={"a": "2"}), options)
