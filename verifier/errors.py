"""Errors that a user can mend, and the exit codes of every command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, the same for every command and output format."""

    OK = 0
    FINDING = 1
    USAGE = 2
    NOTHING = 3
    UNCONFINED = 4
    BUG = 70
    INTERRUPTED = 130


class UserError(Exception):
    """Bad input, told without a traceback: what is wrong, where, what to do about it, and the exit code that it has."""

    exit: Exit = Exit.USAGE

    def __init__(self, what: str, *, where: str = "", fix: str = "", is_sound: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.is_sound = is_sound
        """The input is in order, and holds nothing for this interpreter: no fault where nobody has named it."""

    def __str__(self) -> str:
        lines = [f"error: {self.what}"]
        lines += [f"  where: {self.where}"] if self.where else []
        lines += [f"  fix:   {self.fix}"] if self.fix else []
        return "\n".join(lines)


class NothingToCheck(UserError):
    """No such target, or one without a public API."""

    exit = Exit.NOTHING


class NotConfined(UserError):
    """Confinement was required and is missing."""

    exit = Exit.UNCONFINED


class SandboxError(Exception):
    """The sandbox broke its own contract: our bug, or an interpreter that cannot run it."""
