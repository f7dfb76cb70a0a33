"""The order of runs, and what comes out of several: medians, ratios, spread."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from typing import TypeVar

Item = TypeVar("Item")


def order(items: Sequence[Item], turn: int) -> list[Item]:
    """All items once, each turn beginning with the next one: nobody always follows the same, or always comes first."""
    start = turn % len(items) if items else 0
    return [*items[start:], *items[:start]]


def ratio(seconds: Sequence[float], base: Sequence[float]) -> float:
    """How many times the median of `base` the median of `seconds` is."""
    return median(seconds) / median(base)


def spread(seconds: Sequence[float]) -> float:
    """How far the middle half of at least two runs lies apart, as a part of the median."""
    first, middle, third = quantiles(seconds, n=4, method="inclusive")
    return (third - first) / middle
