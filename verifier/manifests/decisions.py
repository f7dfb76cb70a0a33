"""Decisions on phrases, as a person writes them: a verb, a phrase, and `=> KEY` where it takes one, on each line.

Blank lines and lines that begin with `#` say nothing.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from verifier.errors import UserError

ARROW = "=>"


class Verb(StrEnum):
    """What can be done with a phrase."""

    PROMOTE = "promote"
    """It is to stand for a canonical key."""
    NEW = "new"
    """It is to be the title of a key that does not exist yet."""
    REJECT = "reject"
    """It is not to come back, in whatever spelling."""
    RESTORE = "restore"
    """A rejection is taken back."""


WITH_KEY = frozenset({Verb.PROMOTE, Verb.NEW})


class Decision(Struct, frozen=True, kw_only=True):
    """What is to be done with one phrase."""

    verb: Verb
    phrase: str
    key: str = ""
    at: str = ""
    """`file:line` where it is written; empty where it is in no file."""


class Mistake(Struct, frozen=True):
    """A decision that cannot be made, and why."""

    at: str
    """`file:line`, or what the decision is."""
    error: UserError

    def __str__(self) -> str:
        what = self.error.what.replace("\n", "\n  ")
        return f"{self.at}: {what}" + (f"\n    fix: {self.error.fix}" if self.error.fix else "")


def decisions_of(text: str, shown: str) -> tuple[Decision | Mistake, ...]:
    """The decisions in the text of a file, which is called `shown`; what is none is a mistake with its place."""
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return tuple(_of_line(line, f"{shown}:{number}") for number, line in lines if line and not line.startswith("#"))


def _of_line(line: str, at: str) -> Decision | Mistake:
    verb, *rest = line.split(maxsplit=1)
    if verb not in {*Verb}:
        return Mistake(at, UserError(f"'{verb}' is no decision", fix=f"begin with one of: {', '.join(Verb)}"))
    phrase, key = "".join(rest), ""
    if verb in WITH_KEY:
        before, arrow, behind = phrase.rpartition(ARROW)
        if not (arrow and behind.strip()):
            return Mistake(at, UserError("it names no key", fix=f"{verb} PHRASE {ARROW} KEY"))
        phrase, key = before, behind.strip()
    return Decision(verb=Verb(verb), phrase=phrase, key=key, at=at)
