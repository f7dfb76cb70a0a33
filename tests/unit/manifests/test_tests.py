"""The summary of a test run counts what was run; a run of nothing is no success."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.manifests.model import Absent
from verifier.manifests.readers.tests import Case, Outcome, Summary, TestsReading, read, summary_of
from verifier.model import Problem

REPORTS = Path(__file__).parents[3] / "fixtures" / "reports"
NOW = datetime(2025, 2, 1, tzinfo=UTC)
PASSED, FAILED = '<testcase classname="tests.shop.test_a.TestA" name="a"/>', "<failure message='no'>trace</failure>"


def read_text(folder: Path, text: str) -> TestsReading | Absent | Problem:
    (folder / "junit.xml").write_text(text, encoding="utf-8")
    return read(folder / "junit.xml", "junit.xml", now=NOW)


def reading(folder: Path, text: str) -> TestsReading:
    found = read_text(folder, text)
    assert isinstance(found, TestsReading)
    return found


def case(name: str, inner: str = "", more: str = 'classname="tests.shop.test_a"') -> str:
    return f'<testcase {more} name="{name}">{inner}</testcase>'


def test_none_is_absent(tmp_path: Path) -> None:
    assert read(tmp_path / "junit.xml", "junit.xml", now=NOW) == Absent("there is no junit.xml")


def test_all_ends_are_counted_in_nested_suites(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        '<testsuites><testsuite name="outer" timestamp="2025-01-31T13:00:00+01:00" tests="6"><properties/>'
        + case("passes", "<system-out>x</system-out>")
        + '<testsuite name="inner" timestamp="2025-01-31T12:30:00Z">'
        + case("fails", FAILED)
        + case("breaks", "<error/>")
        + case("is_skipped", "<skipped/>")
        + f"</testsuite></testsuite><testsuite>{case('passes_again', '<rerunFailure/>')}</testsuite></testsuites>",
    )
    assert found.summary == Summary(passed=2, failed=1, errors=1, skipped=1)
    assert found.summary.run == 4
    assert found.summary.availability == 50.0
    assert found.observed_at == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert found.cases[0] == Case(where="tests/shop/test_a", name="breaks", outcome=Outcome.ERROR)


@pytest.mark.parametrize("name", ["junit-xunit1.xml", "junit-xunit2.xml"])
def test_a_real_run_is_read_in_both_forms_that_pytest_writes(name: str) -> None:
    found = read(REPORTS / name, name, now=NOW)
    assert isinstance(found, TestsReading)
    assert found.summary == Summary(passed=4, failed=2, errors=3, skipped=3)
    assert found.summary.availability == 44.44
    assert found.observed_at == datetime(2025, 1, 31, 12, 0, 0, 250_000, UTC)


def test_a_single_suite_may_be_the_root(tmp_path: Path) -> None:
    found = reading(tmp_path, f"<testsuite>{PASSED}</testsuite>")
    assert found.summary.availability == 100.0
    assert found.observed_at == Absent("it does not say when it was made")


def test_a_test_that_fails_and_cannot_be_cleaned_up_is_one(tmp_path: Path) -> None:
    twice = case("a", FAILED) + case("a", "<error/>")
    assert reading(tmp_path, f"<testsuite>{twice}</testsuite>").summary == Summary(errors=1)


def test_tests_of_the_same_name_are_several(tmp_path: Path) -> None:
    found = reading(tmp_path, f"<testsuite>{PASSED * 3}{case('a', FAILED)}</testsuite>")
    assert found.summary == Summary(passed=3, failed=1)


@pytest.mark.parametrize("status", ["notrun", "disabled"])
def test_what_was_not_run_has_not_passed(status: str, tmp_path: Path) -> None:
    other = case("b", more=f'status="{status}"')
    found = reading(tmp_path, f"<testsuite>{PASSED}{other}</testsuite>")
    assert found.summary == Summary(passed=1, skipped=1)


def test_tests_are_named_by_their_file_or_by_what_they_are_imported_from(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        "<testsuite>"
        + PASSED
        + case("b", FAILED, 'file="./tests/shop2/test_b.py"')
        + case("c", "<skipped/>", 'file="tests\\shop\\test_c.py"')
        + "</testsuite>",
    )
    assert [each.where for each in found.cases] == [
        "tests/shop/test_a/TestA",
        "tests/shop/test_c.py",
        "tests/shop2/test_b.py",
    ]
    assert summary_of(found.cases[1:]) == Summary(failed=1, skipped=1)
    assert summary_of(()).availability == Absent("no test was run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<testsuites/>", "no test was run"),
        ('<testsuite tests="0"/>', "no test was run"),
        ('<testsuite tests="12"/>', "it counts 12 tests, and lists none"),
        (f"<testsuite>{case('a', '<skipped/>')}</testsuite>", "no test was run: all 1 were skipped"),
        ("<html/>", "is no report of tests: it is a <html>"),
        ("", "is no XML: no element found"),
        ("<testsuite>", "is no XML: no element found"),
        ("<testsuite></testsuites>", "is no XML: mismatched tag"),
        (f'<testsuite timestamp="2025-02-01T00:00:01Z">{PASSED}</testsuite>', "it is from the future"),
        (f'<testsuite timestamp="today">{PASSED}</testsuite>', "'today' is no time"),
        ('<!DOCTYPE a [<!ENTITY a "b">]><testsuite>&a;</testsuite>', "declares"),
        ('<?xml version="1.0" encoding="nonsense"?><testsuite/>', "is no XML"),
    ],
)
def test_each_fault_has_its_own_message(text: str, message: str, tmp_path: Path) -> None:
    found = read_text(tmp_path, text)
    assert isinstance(found, Problem)
    assert message in found.what
