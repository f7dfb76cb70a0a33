"""One command over many packages: what its table says, and that its list is pinned."""

from __future__ import annotations

import json

from many import cells, counted, listed
from results import Row
from states import COLD, WARM
from ways import Refused

from tests.unit.benchmarks.made import ended


def test_the_list_has_500_pinned_packages_each_once() -> None:
    names = [line.split("==")[0] for line in listed() if line.count("==") == 1]
    assert len(set(names)) == len(names) == 500


def test_targets_and_modules_are_counted() -> None:
    report = json.dumps({"targets": [{"modules": {"a": {}, "b": {}}}, {"modules": {"c": {}}}]})
    assert counted(ended(1, report)) == "2 targets, 3 modules"
    assert isinstance(counted(ended(70, "", "no")), Refused)


def test_a_line_has_the_median_and_the_rate() -> None:
    row = Row(package="all", way=COLD, seconds=(1.0, 3.0, 2.0), peak=180.4, said="500 targets, 6000 modules")
    assert cells(row) == ["500", "6,000", COLD, "2.0", "250.0", "180"]


def test_a_line_without_times_says_why() -> None:
    assert cells(Row(package="all", way=WARM, refused=True, said="no")) == ["all", "-", WARM, "no", "-", "-"]
