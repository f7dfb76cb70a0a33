"""`enrich review --ask`: one phrase after the other, one key press each. A decision is written before the next one."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections import Counter
from collections.abc import Sequence

from verifier.cli.carry_out import pen
from verifier.cli.opened import stamp_of
from verifier.cli.show import write
from verifier.errors import UserError
from verifier.manifests.decide import decided, desk_of, undone
from verifier.manifests.decisions import Decision, Verb
from verifier.manifests.history import Edit
from verifier.manifests.listing import Paint, modules, places, quoted
from verifier.manifests.promotions import UnknownKey
from verifier.manifests.repository import Repository
from verifier.manifests.review import Entry, Near, undecided


class Interview:
    """Asks for each entry what is to be done with its phrase."""

    def __init__(self, repository: Repository, entries: Sequence[Entry], paint: Paint) -> None:
        self._repository = repository
        self._entries = entries
        self._paint = paint
        self._at = 0
        self._done: list[tuple[int, Verb, Edit]] = []
        self._look()

    def run(self) -> None:
        """Until all are decided or passed over, or the user has enough. What was decided is written by then."""
        try:
            while self._at < len(self._entries):
                entry = self._entries[self._at]
                if entry.what not in self._open:
                    self._at += 1
                elif not self._ask(entry):
                    break
        except EOFError:
            write("\n")
        finally:
            self._sum_up()

    def _look(self) -> None:
        self._desk = desk_of(self._repository)
        self._open = {each.what for each in undecided(self._desk.held, self._desk.repository.vocabulary)}

    def _ask(self, entry: Entry) -> bool:
        """Show the entry, and do what the user says; whether to go on."""
        self._show(entry)
        choices = [f"[p]romote to {entry.near[0].key}"] if entry.near else []
        choices += ["[k]ey…", "[r]eject", "[s]kip", *(["[u]ndo"] if self._done else []), "[q]uit"]
        pressed = _pressed("  ".join(choices))
        if pressed == "q":
            return False
        if (near := _chosen(pressed, entry.near)) is not None:
            self._decide(entry, Verb.PROMOTE, near.key)
        elif pressed == "k":
            self._ask_for_key(entry)
        elif pressed == "r":
            self._decide(entry, Verb.REJECT)
        elif pressed == "s":
            self._at += 1
        elif pressed == "u":
            self._undo()
        return True

    def _show(self, entry: Entry) -> None:
        number = self._paint(f"{self._at + 1} of {len(self._entries)}", "quiet")
        head = f"{self._paint(entry.what, 'title')}  {self._paint(f'({modules(entry)})', 'quiet')}"
        said = [("at", places(entry)), ("says", quoted(entry, self._repository.root))]
        said += [("near", f"{index} {near.key} ({near.phrase})") for index, near in enumerate(entry.near, 1)]
        lines = [f"\n{number}  {head}"]
        lines += [f"  {self._paint(f'{name:<4}', 'quiet')}  {text}" for name, text in said if text]
        write("\n".join(lines) + "\n")

    def _ask_for_key(self, entry: Entry) -> None:
        write("key: ")
        if not (key := input().strip()):
            return
        try:
            self._make(Decision(verb=Verb.PROMOTE, phrase=entry.what, key=key))
        except UnknownKey as unknown:
            write(f"{unknown}\n")
            if _pressed(f"make {key} a new key, with '{entry.what}' as its title? [y]es  [n]o") == "y":
                self._decide(entry, Verb.NEW, key)
        except UserError as error:
            self._tell(error)

    def _decide(self, entry: Entry, verb: Verb, key: str = "") -> None:
        try:
            self._make(Decision(verb=verb, phrase=entry.what, key=key))
        except UserError as error:
            self._tell(error)

    def _make(self, decision: Decision) -> None:
        """Write what the decision comes to, and go on to the next entry."""
        stamp = stamp_of(self._repository.root)
        made = decided([decision], self._desk, stamp)
        for edit in made.edits:
            self._write(edit)
            self._done.append((self._at, decision.verb, edit))
        write("".join(f"{line}\n" for line in made.told))
        self._at += 1

    def _undo(self) -> None:
        if not self._done:
            write("there is nothing to take back\n")
            return
        at, _, edit = self._done[-1]
        try:
            self._write(undone(edit, self._desk, stamp_of(self._repository.root)))
        except UserError as error:
            self._tell(error)
            return
        del self._done[-1]
        self._at = at
        write(f"'{self._entries[at].what}' is to be decided again\n")

    def _write(self, edit: Edit) -> None:
        with pen(self._repository) as writer:
            writer().write(edit)
        self._look()

    def _tell(self, error: UserError) -> None:
        """Say what is wrong, and look again: somebody may have changed a file."""
        write(f"{error}\n")
        self._look()

    def _sum_up(self) -> None:
        verbs = Counter(verb for _, verb, _ in self._done)
        promoted = verbs[Verb.PROMOTE] + verbs[Verb.NEW]
        left = sum(each.what in self._open for each in self._entries)
        write(f"\n{promoted} promoted, {verbs[Verb.REJECT]} rejected, {left} left\n")
        if promoted:
            write("`enrich --all` looks for the new phrases in all modules\n")


def _chosen(pressed: str, near: Sequence[Near]) -> Near | None:
    """The key that a press means: `p` the nearest, a digit that of its line."""
    number = 1 if pressed == "p" else int(pressed) if pressed.isascii() and pressed.isdigit() else 0
    return near[number - 1] if 0 < number <= len(near) else None


def _pressed(question: str) -> str:
    """The key that is pressed after the question. Raises EOFError for the end of input, or Ctrl-D.

    What was typed before it could be read does not count: nobody decides on what they have not seen.
    """
    terminal = sys.stdin.fileno()
    was = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSAFLUSH)
        write(f"{question} > ")
        typed = os.read(terminal, 32).decode(errors="replace")  # an arrow or a function key is several bytes
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, was)
    write(f"{typed if len(typed) == 1 and typed.isprintable() else ''}\n")
    if typed in {"", "\x04"}:
        raise EOFError
    return typed[0].lower()
