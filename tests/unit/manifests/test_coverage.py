"""Lines are summed for each module, or it is said why not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from verifier.manifests.model import Absent
from verifier.manifests.readers.coverage import CoverageReading, FileLines, Lines, read, together
from verifier.model import Problem

REPORTS = Path(__file__).parents[3] / "fixtures" / "reports"
NOW = datetime(2025, 2, 1, tzinfo=UTC)
FILES = ("shop/cart.py", "shop/tax/rate.py", "shop2/x.py", "src/deep/a.py", "setup.py")


def summary(total: int, covered: int) -> dict[str, Any]:
    return {
        "executed_lines": list(range(covered)),
        "summary": {"num_statements": total, "covered_lines": covered, "percent_covered": 99.0},
    }


REPORT: dict[str, Any] = {
    "meta": {"format": 3, "version": "7.6.1", "timestamp": "2025-01-31T12:00:00.123456", "branch_coverage": True},
    "files": {"shop/cart.py": summary(4, 3), "shop/tax/rate.py": summary(4, 0), "setup.py": summary(2, 2)},
    "totals": {"percent_covered": 85.0},
}


def read_text(root: Path, text: str) -> CoverageReading | Absent | Problem:
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "report").write_text(text, encoding="utf-8")
    return read(root / "report", "report", root=root, now=NOW)


def reading(root: Path, text: str) -> CoverageReading:
    found = read_text(root, text)
    assert isinstance(found, CoverageReading)
    return found


def test_none_is_absent(tmp_path: Path) -> None:
    assert read(tmp_path / "c.json", "c.json", root=tmp_path, now=NOW) == Absent("there is no c.json")


def lines_of(found: CoverageReading) -> dict[str, Lines]:
    return {file.path: file.lines for file in found.files}


def test_each_file_has_its_lines(tmp_path: Path) -> None:
    found = reading(tmp_path, json.dumps(REPORT))
    assert found.observed_at == datetime(2025, 1, 31, 12, 0, 0, 123456, UTC)
    assert lines_of(found) == {
        "setup.py": Lines(total=2, covered=2),
        "shop/cart.py": Lines(total=4, covered=3),
        "shop/tax/rate.py": Lines(total=4, covered=0),
    }
    assert together(found.files) == Lines(total=10, covered=5)
    assert together(()) == Lines(total=0, covered=0)


def test_the_lines_themselves_are_known_where_they_are_listed(tmp_path: Path) -> None:
    listed = {**summary(4, 2), "executed_lines": [0, 3], "missing_lines": [7, 2, "x", -1, True]}
    found = reading(tmp_path, json.dumps({**REPORT, "files": {"shop/cart.py": listed}}))
    assert found.files[0].numbers == (2, 3, 7)


def test_percentages_are_of_lines_and_none_of_no_lines() -> None:
    assert Lines(total=3, covered=1).percent == 33.33
    assert Lines(total=3, covered=0).percent == 0.0
    assert Lines(total=0, covered=0).percent == Absent("it has no lines to run")


@pytest.mark.parametrize("start", ["{root}/", "/builds/7/repo/", "C:\\work\\"])
def test_a_report_from_another_folder_is_about_the_same_files(start: str, tmp_path: Path) -> None:
    name = start.replace("{root}", str(tmp_path)) + "shop\\cart.py"
    found = reading(tmp_path, json.dumps({**REPORT, "files": {name: summary(4, 3)}}))
    assert lines_of(found) == {"shop/cart.py": Lines(total=4, covered=3)}


def test_the_longest_end_of_a_path_that_is_there_counts(tmp_path: Path) -> None:
    (tmp_path / "cart.py").touch()
    found = reading(tmp_path, json.dumps({**REPORT, "files": {"/builds/7/shop/cart.py": summary(4, 3)}}))
    assert found.files[0].path == "shop/cart.py"


def test_a_file_that_is_gone_counts_where_it_was(tmp_path: Path) -> None:
    found = reading(tmp_path, json.dumps({**REPORT, "files": {"./shop/gone.py": summary(2, 1)}}))
    assert lines_of(found) == {"shop/gone.py": Lines(total=2, covered=1)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"files": {}}, "it has no file"),
        ({"files": []}, "it has no object `files`"),
        ({"meta": None}, "it has no object `meta`"),
        ({"files": {"a.py": {}}}, "it has no object `summary` for a.py"),
        ({"files": {"a.py": summary(2, 3)}}, "a.py: 3 of 2 lines cannot be covered"),
        ({"files": {"a.py": {"summary": {"num_statements": 2, "covered_lines": True}}}}, "True of 2"),
        ({"files": {"a.py": {"summary": {"num_statements": -1, "covered_lines": -1}}}}, "-1 of -1"),
        ({"files": {"a.py": {**summary(9, 9), "executed_lines": [1]}}}, "counts 9 covered lines, and lists 1"),
        ({"files": {f"/{start}/shop/cart.py": summary(1, 1) for start in "ab"}}, "it has shop/cart.py twice"),
        ({"meta": {"timestamp": "2025-02-02T00:00:00"}}, "it is from the future: 2025-02-02T00:00:00Z"),
        ({"meta": {"timestamp": "2025-02-01T01:30:00+01:00"}}, "it is from the future"),
        ({"meta": {"timestamp": "noon"}}, "'noon' is no time"),
    ],
)
def test_each_fault_has_its_own_message(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    found = read_text(tmp_path, json.dumps({**REPORT, **change}))
    assert isinstance(found, Problem)
    assert message in found.what


def test_a_time_without_a_zone_may_be_that_of_any_zone(tmp_path: Path) -> None:
    found = reading(tmp_path, json.dumps({**REPORT, "meta": {"timestamp": "2025-02-01T13:59:00"}}))
    assert isinstance(found.observed_at, datetime)
    assert reading(tmp_path, json.dumps({**REPORT, "meta": {}})).observed_at == Absent(
        "it does not say when it was made"
    )


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "null", '{"files": NaN}', "<", "<coverage>", "<tests/>"])
def test_what_is_no_report_is_a_problem(text: str, tmp_path: Path) -> None:
    assert isinstance(read_text(tmp_path, text), Problem)


@pytest.mark.parametrize("name", ["coverage.json", "coverage.xml"])
def test_both_reports_of_a_real_run_say_the_same(name: str) -> None:
    found = read(REPORTS / name, name, root=REPORTS, now=NOW)
    assert isinstance(found, CoverageReading)
    assert found.observed_at == datetime(2025, 1, 31, 12, 0, 0, 250_000, UTC)
    assert together(file for file in found.files if "tax" not in file.path) == Lines(total=6, covered=4)
    assert together(file for file in found.files if "tax" in file.path) == Lines(total=2, covered=2)


# --- Cobertura --------------------------------------------------------------------------------------------------------

COBERTURA = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage version="7.6.1" timestamp="{time}" line-rate="0.99">
  <sources><source>{source}</source></sources>
  <packages><package name="."><classes>
    <class name="cart.py" filename="{file}" line-rate="1">
      <methods><method name="a"><lines><line number="1" hits="0"/></lines></method></methods>
      <lines><line number="1" hits="2"/><line number="2" hits="0" branch="true"/><line number="3" hits="10"/></lines>
    </class>
    <class name="inner" filename="{file}"><lines><line number="3" hits="0"/><line number="4" hits="0"/></lines></class>
  </classes></package></packages>
</coverage>
"""
MILLISECONDS = "1738324800000"


def cobertura(time: str = MILLISECONDS, source: str = "", file: str = "shop/cart.py") -> str:
    return COBERTURA.format(time=time, source=source, file=file)


def test_cobertura_is_read_with_each_line_once(tmp_path: Path) -> None:
    found = reading(tmp_path, cobertura())
    lines = Lines(total=4, covered=2)
    assert found.files == (FileLines(path="shop/cart.py", lines=lines, numbers=(1, 2, 3, 4)),)


@pytest.mark.parametrize("time", [MILLISECONDS, MILLISECONDS[:-3], "2025-01-31T12:00:00Z"])
def test_all_its_ways_to_write_a_time_are_understood(time: str, tmp_path: Path) -> None:
    assert reading(tmp_path, cobertura(time)).observed_at == datetime(2025, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("time", ["1738500000", "9" * 25, "-1"])
def test_a_time_that_cannot_be_is_a_problem(time: str, tmp_path: Path) -> None:
    assert isinstance(read_text(tmp_path, cobertura(time)), Problem)


def test_names_start_at_the_sources(tmp_path: Path) -> None:
    for source in (f"{tmp_path}/src", "/builds/7/repo/src", "src"):
        assert reading(tmp_path, cobertura(source=source, file="deep/a.py")).files[0].path == "src/deep/a.py"


def test_a_name_is_looked_for_in_all_sources_and_never_shortened(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "rate.py").touch()
    sources = "/builds/7/src</source><source>/builds/7/src/deep"
    assert reading(tmp_path, cobertura(source=sources, file="a.py")).files[0].path == "src/deep/a.py"
    assert reading(tmp_path, cobertura(source=sources, file="gone/rate.py")).files[0].path == "gone/rate.py"


@pytest.mark.parametrize("hits", ["-1", "many", "", "²"])
def test_a_line_that_was_run_a_strange_number_of_times_is_a_problem(hits: str, tmp_path: Path) -> None:
    found = read_text(tmp_path, cobertura().replace('hits="10"', f'hits="{hits}"'))
    assert isinstance(found, Problem)
    assert "cannot have been run" in found.what


@pytest.mark.parametrize(
    "subset",
    ['<!ENTITY a "aaaa">', '<!ENTITY a SYSTEM "file:///etc/hostname">', '<!ENTITY % p SYSTEM "x">', "<!ELEMENT x ANY>"],
)
def test_entities_are_refused(subset: str, tmp_path: Path) -> None:
    found = read_text(tmp_path, f"<!DOCTYPE coverage [{subset}]><coverage>&a;</coverage>")
    assert isinstance(found, Problem)
    assert "declares" in found.what
