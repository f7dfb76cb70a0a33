"""Line numbers without libcst's position metadata, which costs twenty times what parsing costs."""

from __future__ import annotations


class Cursor:
    """Finds statements in the text, in their order: the code of each, at its indentation, after the one before it."""

    def __init__(self, text: str) -> None:
        self._text = "\n" + text
        self._at = 0
        self._line = 0

    def line(self, code: str, indent: str) -> int | None:
        """The line (from 1) at which `code` begins; None if it cannot be found."""
        at = self._text.find(f"\n{indent}{code}", self._at)
        # not at the beginning of its line: after a `;`, or after the colon of `if x: y`
        at = at + 1 if at >= 0 else self._text.find(code, self._at)
        if at < 0:
            return None
        self._go(at)
        return self._line

    def skip(self, code: str) -> None:
        """Go on after `code`: a docstring may hold what looks like statements."""
        at = self._text.find(code, self._at)
        if at >= 0:
            self._go(at + len(code))

    def _go(self, at: int) -> None:
        self._line += self._text.count("\n", self._at, at)
        self._at = at
