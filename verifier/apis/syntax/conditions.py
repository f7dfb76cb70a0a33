"""What the condition of a module-level `if` says about import time, as far as the source tells."""

from __future__ import annotations

from enum import Enum, auto

import libcst as cst

from verifier.apis.syntax.expressions import dotted, string

FOR_TYPE_CHECKERS = frozenset({"TYPE_CHECKING", "MYPY"})


class Holds(Enum):
    """When a condition holds."""

    SOMETIMES = auto()
    ALWAYS = auto()
    """At import time: for type checkers it does not."""
    FOR_TYPES = auto()
    """For type checkers only."""
    AS_SCRIPT = auto()
    """Never in an import: `__name__ == "__main__"`."""


def holds(test: cst.BaseExpression) -> Holds:
    """When `test` holds. `if False` counts as a condition for type checkers: it is how stubs are smuggled in."""
    match test:
        case cst.Name(value="True"):
            return Holds.ALWAYS
        case cst.Name(value="False") | cst.Integer(value="0"):
            return Holds.FOR_TYPES
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return Holds.ALWAYS if holds(inner) is Holds.FOR_TYPES else Holds.SOMETIMES
        case cst.BooleanOperation(operator=cst.And(), left=left, right=right):
            both = (holds(left), holds(right))
            return next((never for never in (Holds.AS_SCRIPT, Holds.FOR_TYPES) if never in both), Holds.SOMETIMES)
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            sides = {dotted(left) or string(left), dotted(right) or string(right)}
            return Holds.AS_SCRIPT if sides == {"__name__", "__main__"} else Holds.SOMETIMES
    last = (dotted(test) or "").rpartition(".")[2]
    return Holds.FOR_TYPES if last in FOR_TYPE_CHECKERS else Holds.SOMETIMES
