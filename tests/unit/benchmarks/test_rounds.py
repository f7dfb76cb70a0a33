"""The order of runs, and what comes out of several."""

from __future__ import annotations

import pytest
from rounds import order, ratio, spread


def test_every_turn_runs_everybody_and_begins_with_the_next_one() -> None:
    turns = [order("abc", turn) for turn in range(4)]
    assert turns == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]


def test_nobody_has_no_order() -> None:
    assert order([], 3) == []


def test_a_ratio_is_one_of_medians_so_that_one_slow_run_changes_nothing() -> None:
    assert ratio([2.0, 90.0, 2.0], [1.0, 1.0, 0.1]) == 2.0


def test_the_spread_is_that_of_the_middle_half_as_a_part_of_the_median() -> None:
    assert spread([1.0, 2.0, 3.0]) == 0.5
    assert spread([0.1, 2.0, 2.0, 2.0, 90.0]) == 0.0


def test_a_median_of_nothing_is_no_number() -> None:
    with pytest.raises(ValueError, match="no median"):
        ratio([], [1.0])
