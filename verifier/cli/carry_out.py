"""What a run of `enrich` comes to: shown as diffs, or written; and what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache

import typer

from verifier.cli.show import ReaderGone, told, write
from verifier.errors import Exit, UserError
from verifier.manifests.compose import DERIVED
from verifier.manifests.enriched import Enriched
from verifier.manifests.history import Edit, diff
from verifier.manifests.repository import MANIFEST, Repository
from verifier.manifests.writer import Writer, writing

WAIT_SECONDS = 60.0
Ended = Callable[[Enriched], None]
"""Told of each module that has come to its end: its files hold what they are to hold."""
GetWriter = Callable[[], Writer]


def _nobody(found: Enriched) -> None:
    """For who does not care."""


def show(found: Iterable[Enriched], repository: Repository, *, check: bool = False, ended: Ended = _nobody) -> Exit:
    """Print the diffs; with `check`, anything to write is a finding."""
    worst, aloud = Exit.OK, _Aloud()
    for each in found:
        aloud.tell(each)
        worst = max(worst, each.exit)
        if each.edit is None:
            continue
        write(diff(each.edit.manifest, repository.root))
        if each.edit.changes and not each.edit.manifest.changes:
            typer.echo(f"{each.place.path}: {_fields(each.edit)}, in its ledger alone", err=True)
        if not each.edit.changes:
            ended(each)
        elif check:
            worst = max(worst, Exit.FINDING)
    return worst


def store(found: Iterable[Enriched], writer: GetWriter, *, ended: Ended = _nobody) -> Exit:
    """Write what there is to write, and say what became of each module."""
    tally: Counter[str] = Counter()
    worst, aloud = Exit.OK, _Aloud()
    for each in found:
        aloud.tell(each)
        became, code = _stored(each, writer)
        tally[became] += 1
        worst = max(worst, code)
        if became == "written" and each.edit:
            _say(f"{each.place.path}: {_fields(each.edit)}")
        if became in {"unchanged", "written"}:
            ended(each)
    _say(", ".join(f"{number} {became}" for became, number in sorted(tally.items())))
    return worst


@contextmanager
def pen(repository: Repository) -> Iterator[GetWriter]:
    """The one who writes, from the moment that somebody asks for it: then no other run can write any more."""

    def tell(words: str) -> None:
        typer.echo(words, err=True)

    with ExitStack() as stack:

        @cache
        def writer() -> Writer:
            return stack.enter_context(writing(repository.root, repository.ledgers, wait=WAIT_SECONDS, tell=tell))

        yield writer


def show_queue(edit: Edit, repository: Repository, *, check: bool) -> Exit:
    """Print what would change in the review queue."""
    write(diff(edit.manifest, repository.root))
    return Exit.FINDING if check and edit.changes else Exit.OK


def store_queue(edit: Edit, writer: GetWriter) -> None:
    """Write the review queue, and say so. Raises UserError if that cannot be done."""
    if edit.changes:
        writer().write(edit)
        _say(f"{edit.manifest.path.name}: `enrich review` shows what is to be decided")


def _say(line: str) -> None:
    with suppress(ReaderGone):  # what is begun is brought to its end, whoever reads of it
        write(f"{line}\n")


def _stored(each: Enriched, writer: GetWriter) -> tuple[str, Exit]:
    if each.edit is None:
        return "skipped" if each.is_skipped else "refused", each.exit
    if not each.edit.changes:
        return "unchanged", Exit.OK
    try:
        writer().write(each.edit)
    except UserError as error:
        typer.echo(str(error), err=True)
        return "refused", error.exit
    return "written", Exit.OK


def _fields(edit: Edit) -> str:
    """The fields that are written; where no record tells of any, what else it is."""
    if not edit.steps:
        written = edit.manifest.path.name
        return "as its ledger has it" if edit.ledger.before and written == MANIFEST else written
    fields = {step.change.field for step in edit.steps if not step.stays} - {DERIVED}
    return ", ".join(sorted(field for field in fields if not field.startswith("_"))) or "what it rests on"


class _Aloud:
    """Tells on stderr what is wrong, each once: what is wrong with a package may be told of all its modules."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, each: Enriched) -> None:
        """The warnings of a module, and why it was refused."""
        refused = [told(each.refused)] if each.refused else []
        for words in (*(f"warning: {warning}" for warning in each.warnings), *refused):
            if words not in self._told:
                typer.echo(words, err=True)
            self._told.add(words)
