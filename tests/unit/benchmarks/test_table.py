"""What results look like."""

from __future__ import annotations

from pathlib import Path

import growth
import pytest
import table
from peers import FRESH, GRIFFE, PYRIGHT
from results import ROOT, Results, Row, cpu_model, load, replaced, save
from states import COLD, STATIC, WARM


def results(*rows: Row) -> Results:
    return Results(
        command="make bench RUNS=3",
        runs=3,
        date="2026-01-02",
        cpu="A processor",
        cores=2,
        system="Linux 6.1",
        python="3.11.7",
        tool_python="3.12.1",
        versions={"demo": "1.0"},
        rows=rows,
    )


def row(way: str, *seconds: float, package: str = "demo", peak: float | None = 50.4, said: str = "") -> Row:
    return Row(package=package, way=way, seconds=seconds, cpu=seconds, peak=peak, said=said)


TOLD = results(
    row(COLD, 2.0, 1.0, 9.0, said="16 modules"),
    Row(package="demo", way=WARM, refused=True, said="not available: it has no --cache-dir"),
    row(STATIC, 0.5),
    row(FRESH, 8.0, 8.0, 8.0),
    row(GRIFFE, 1.0),
    Row(package="demo", way=PYRIGHT, refused=True, said="no py.typed"),
    row(COLD, 1.0, package="other", said="20 modules"),
)


def test_states_are_held_against_their_yardsticks_and_say_why_they_are_missing() -> None:
    assert table.own_table(TOLD) == [
        "| package | modules | cold | warm, of `import typer` | static part, of `griffe dump` |",
        "| --- | --- | --- | --- | --- |",
        "| demo | 16 | 2, 50 MiB | not available: it has no --cache-dir | 0.5 (0.5x), 50 MiB |",
        "| other | 20 | 1, 50 MiB | not measured | not measured |",
    ]


def test_peers_are_held_against_the_cold_state_and_a_refusal_is_no_time() -> None:
    assert table.peer_table(TOLD) == [
        "| package | fresh interpreters | griffe dump | pyright --verifytypes |",
        "| --- | --- | --- | --- |",
        "| demo | 8 (4x), 50 MiB | 1 (0.5x), 50 MiB | no py.typed |",
        "| other | not measured | not measured | not measured |",
    ]


def test_where_there_is_nothing_to_compare_with_there_is_no_ratio() -> None:
    assert table.figures(row(FRESH, 8.0, peak=None), None) == "8"
    assert table.figures(row(FRESH, 8.0), Row(package="demo", way=COLD, refused=True)) == "8, 50 MiB"


def test_the_heading_names_the_command_and_the_machine() -> None:
    assert TOLD.heading == (
        "`make bench RUNS=3`, 2026-01-02: medians of 3 runs, in turns, warm disk cache, Python 3.11.7, A processor, "
        "2 cores, Linux 6.1."
    )


def test_the_widest_spread_is_told_and_one_run_has_none() -> None:
    assert table.widest(TOLD.rows).endswith("200% of its median (cold, demo).")
    assert table.widest([row(COLD, 1.0)]) == ""


def test_results_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    save(TOLD, tmp_path / "new" / "bench.json")
    assert load(tmp_path / "new" / "bench.json") == TOLD


def test_the_processor_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(
        "flags\t: a b\nmodel name\t: Fast (R) 3\nmodel name\t: Fast (R) 3\n", encoding="utf-8"
    )
    assert cpu_model(tmp_path / "cpuinfo") == "Fast (R) 3"
    assert cpu_model(tmp_path / "absent")


def test_a_section_is_replaced_and_all_around_it_stays() -> None:
    text = "a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n"
    assert replaced(text, "bench", "new\\1\n") == "a\n<!-- bench -->\nnew\\1\n<!-- /bench -->\nb\n"
    with pytest.raises(SystemExit, match="no one section growth"):
        replaced(text, "growth", "new")


@pytest.mark.parametrize("marker", ["bench", "growth"])
def test_the_readme_has_a_place_for_each_table(marker: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert replaced(readme, marker, "") != ""


@pytest.mark.parametrize(("marker", "section"), [("bench", table.section), ("growth", growth.section)])
def test_the_readme_shows_what_the_raw_times_give(marker: str, section: growth.Section) -> None:
    raw = ROOT / "benchmarks" / "results" / f"{marker}.json"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not raw.exists() or replaced(readme, marker, section(load(raw))) == readme
