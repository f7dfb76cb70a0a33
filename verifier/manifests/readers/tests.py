"""The summary of a test run: a report in JUnit's XML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests.model import Absent, Source
from verifier.manifests.sources import Content, content_of, moment, xml_of
from verifier.model import Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Outcome(IntEnum):
    """What became of a test, the worst last."""

    PASSED = 0
    SKIPPED = 1
    FAILED = 2
    ERROR = 3


NOT_RUN = {"notrun", "disabled", "skipped"}
"""What GoogleTest and others say of a test that they list and do not run."""
OUTCOMES = {"skipped": Outcome.SKIPPED, "failure": Outcome.FAILED, "error": Outcome.ERROR}


class Summary(Struct, frozen=True, kw_only=True):
    """How many tests came to which end."""

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    @property
    def run(self) -> int:
        """Those that were not skipped."""
        return self.passed + self.failed + self.errors

    @property
    def availability(self) -> float | Absent:
        """100 times passed by run, to two places; skipped ones are not passed."""
        return round(100 * self.passed / self.run, 2) if self.run else Absent("no test was run")


class Case(Struct, frozen=True, kw_only=True, order=True):
    """One test."""

    where: str
    """Its file, or its dotted class name with `/`; empty where the report has neither."""
    name: str
    outcome: Outcome


class TestsReading(Struct, frozen=True, kw_only=True):
    """What a report says of a run."""

    __test__ = False  # its name is not that of a test

    source: Source
    observed_at: datetime | Absent
    """When it began, in UTC."""
    cases: tuple[Case, ...]
    """Sorted; at least one was run."""

    @property
    def summary(self) -> Summary:
        """Of all tests."""
        return summary_of(self.cases)


def read(path: Path, shown: str, *, now: datetime) -> TestsReading | Absent | Problem:
    """The report at `path`, which `shown` is in the repository. One from after `now`, or of no test, is a problem."""
    content = content_of(path, shown)
    if not isinstance(content, Content):
        return content
    document = xml_of(content.data)
    if isinstance(document, Problem):
        return document
    if document.tag not in {"testsuites", "testsuite"}:
        return Problem(what=f"is no report of tests: it is a <{document.tag[:40]}>")
    cases = _cases(document)
    if wrong := _wrong(document, cases):
        return Problem(what=wrong)
    observed = _observed(document, now)
    if isinstance(observed, Problem):
        return observed
    return TestsReading(source=content.source, observed_at=observed, cases=cases)


def _cases(document: Element) -> tuple[Case, ...]:
    """Each test. pytest lists one that fails and then cannot be cleaned up twice in a row: it is one, with an error."""
    found: list[Case] = []
    for element in document.iter("testcase"):
        where = element.get("file") or element.get("classname", "").replace(".", "/")
        where = where.replace("\\", "/").removeprefix("./")
        case = Case(where=where, name=element.get("name", ""), outcome=_outcome(element))
        if case.outcome is Outcome.ERROR and found and found[-1] == replace(case, outcome=Outcome.FAILED):
            found.pop()
        found.append(case)
    return tuple(sorted(found))


def _outcome(case: Element) -> Outcome:
    if case.get("status") in NOT_RUN:
        return Outcome.SKIPPED
    return max((OUTCOMES.get(inner.tag, Outcome.PASSED) for inner in case), default=Outcome.PASSED)


def _wrong(document: Element, cases: tuple[Case, ...]) -> str:
    if not cases:
        claims = [said for suite in document.iter() if (said := suite.get("tests", "").strip("0 "))]
        return f"it counts {claims[0][:20]} tests, and lists none" if claims else "no test was run"
    return "" if summary_of(cases).run else f"no test was run: all {len(cases)} were skipped"


def _observed(document: Element, now: datetime) -> datetime | Absent | Problem:
    """When the first of its suites began."""
    said = [text for suite in document.iter() if suite.tag != "testcase" and (text := suite.get("timestamp"))]
    times = [moment(text, now) for text in said]
    if wrong := next((time for time in times if isinstance(time, Problem)), None):
        return wrong
    known = [time for time in times if isinstance(time, datetime)]
    return min(known) if known else Absent("it does not say when it was made")


def summary_of(cases: Iterable[Case]) -> Summary:
    """How many of these tests came to which end."""
    counts = Counter(case.outcome for case in cases)
    return Summary(
        passed=counts[Outcome.PASSED],
        failed=counts[Outcome.FAILED],
        errors=counts[Outcome.ERROR],
        skipped=counts[Outcome.SKIPPED],
    )
