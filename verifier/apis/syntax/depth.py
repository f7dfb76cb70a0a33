"""How deeply a text nests, at most. libcst's parser recurses in native code: too deep a text ends the whole process."""

from __future__ import annotations

import re

# measured on a stack of 8 MiB: 2,500 brackets, 5,000 lambdas and 9,000 operators or branches of one `if` are too deep
BRACKETS = 200
OPERATORS = 4000
BRANCHES = 1000

TOKEN = re.compile(
    r"""
    "{3}(?:[^"\\]|\\[\s\S]|"(?!""))*"{3} | '{3}(?:[^'\\]|\\[\s\S]|'(?!''))*'{3}
    | "(?:[^"\\\n]|\\[\s\S])*" | '(?:[^'\\\n]|\\[\s\S])*'
    | \#[^\n]* | [()\[\]{},;\n]
    """,
    re.VERBOSE,
)


def is_shallow(text: str) -> bool:
    """Whether `text` surely nests no deeper than libcst can parse."""
    return len(re.findall(r"\belif\b", text)) < BRANCHES and _deepest(text) < OPERATORS


def _deepest(text: str) -> int:
    """The most characters that stand in one expression: each may be an operator, and so one level.

    Strings and comments count as one, a comma begins anew what stands between the same brackets, the end of a line
    what stands outside all brackets.
    """
    open_brackets, whole, worst, at = [0], 0, 0, 0
    for token in TOKEN.finditer(text):
        first = text[token.start()]
        grown = token.start() - at + 1
        at = token.end()
        open_brackets[-1] += grown
        whole += grown
        worst = max(worst, whole)
        if first in "([{":
            open_brackets.append(0)
            worst = OPERATORS if len(open_brackets) > BRACKETS else worst
        elif first in ")]}" and len(open_brackets) > 1:
            whole -= open_brackets.pop()
        elif first == "," or (first in "\n;" and len(open_brackets) == 1):
            whole -= open_brackets[-1]
            open_brackets[-1] = 0
    return max(worst, whole + len(text) - at)
