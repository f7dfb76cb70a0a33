"""Dependency specifiers (PEP 508) and names of wheels, read by `packaging`, which is slow to load and seldom needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement


def read_requirement(text: str) -> Requirement | str:
    """What `text` requires; or why it is no requirement, in one line."""
    from packaging.requirements import Requirement  # noqa: PLC0415

    try:
        return Requirement(text)
    except (ValueError, RecursionError) as broken:  # InvalidRequirement, and versions with too many digits
        return str(broken).partition("\n")[0]


def holds(marker: Marker, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds there; one of which nobody can tell counts as if it did."""
    try:
        return marker.evaluate(dict(environment))
    except (ValueError, RecursionError):  # UndefinedComparison, UndefinedEnvironmentName
        return True


def name_of_wheel(file_name: str) -> str | None:
    """The distribution that a wheel of this name holds; None if no wheel is called so."""
    from packaging.utils import parse_wheel_filename  # noqa: PLC0415

    try:
        return parse_wheel_filename(file_name)[0]
    except ValueError:  # InvalidWheelFilename, and versions with too many digits
        return None
