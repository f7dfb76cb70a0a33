"""The command `enrich review`: what nobody has decided, and decisions on it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.ask import Interview
from verifier.cli.carry_out import pen
from verifier.cli.opened import DryRun, Names, Root, opened, stamp_of
from verifier.cli.show import painter, write
from verifier.errors import NothingToCheck, UserError
from verifier.manifests import listing
from verifier.manifests.decide import decided, desk_of
from verifier.manifests.decisions import Decision, Mistake, Verb, decisions_of
from verifier.manifests.history import diff
from verifier.manifests.repository import QUEUE, Repository, find_module
from verifier.manifests.review import Entry, Kind, Queue, as_json, undecided
from verifier.reports.text import Tone

EPILOG = """
\b
Examples:
  enrich review --promote 'job queueing' --as task.queue
  enrich review --promote 'drift detection' --as drift.detection --new
  enrich review --reject 'ethical posture' --reject 'dream recall'
  enrich review --from decisions.txt --dry-run
  enrich review --ask --module services/cart

\b
Exit codes:
  0   done
  2   bad usage, input or configuration; nothing was decided
  3   nothing is to be decided
"""
SHOWN = 20
STDIN = "-"
Phrases = list[str] | None


def add_to(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command(epilog=EPILOG)(review)


def review(  # noqa: PLR0913, PLR0917  one parameter an option
    promote: Annotated[
        Phrases, typer.Option("--promote", metavar="PHRASE", help="Let it stand for the KEY of --as. Repeatable.")
    ] = None,
    keys: Annotated[Phrases, typer.Option("--as", metavar="KEY", help="One for each --promote.")] = None,
    new: Annotated[bool, typer.Option("--new", help="The KEYs do not exist yet: make them.")] = False,
    reject: Annotated[
        Phrases, typer.Option("--reject", metavar="PHRASE", help="It does not come back. Repeatable.")
    ] = None,
    restore: Annotated[
        Phrases, typer.Option("--restore", metavar="PHRASE", help="Take a rejection back. Repeatable.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Take decisions from a file (`-`: stdin), one a line.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Go through the phrases, and decide on each.")] = False,
    dry_run: DryRun = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help=f"Show the first N ({SHOWN}).")] = None,
    kind: Annotated[list[Kind] | None, typer.Option(help="Of these kinds. Repeatable.")] = None,
    module: Names = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    root: Root = Path(),
) -> None:
    """List what evidence suggests and nobody has decided, most important first; promote phrases, or reject them."""
    given = [*_given(promote or (), keys or (), reject or (), restore or (), new=new)]
    decides = bool(given) or source is not None
    if decides + ask + bool(limit or kind or json) > 1 or (decides and module):
        raise typer.BadParameter("list, ask, or decide: one of these at a time")
    if dry_run and not decides:
        raise typer.BadParameter("--dry-run is about decisions: give one")
    if ask and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise typer.BadParameter("--ask needs a terminal; --from FILE takes decisions from a file")
    repository = opened(root)
    if decides:
        _decide([*given, *_read(source)], repository, dry_run=dry_run)
        return
    desk = desk_of(repository)
    paths = {find_module(name, repository.places).path for name in module or ()}
    kinds = {Kind.PHRASE} if ask else {*kind} if kind else {*Kind}
    entries = [
        each for each in undecided(desk.held, desk.repository.vocabulary) if each.kind in kinds and _is_of(each, paths)
    ]
    if not entries:
        raise _nothing(desk.held, is_chosen=bool(kind or module))
    if ask:
        Interview(repository, entries, _paint).run()
    elif json:
        write(as_json(Queue(entries=tuple(entries[:limit]), rejected=desk.held.rejected)).decode())
    else:
        write(listing.listing(entries, limit or SHOWN, _paint))


def _given(
    promote: Sequence[str], keys: Sequence[str], reject: Sequence[str], restore: Sequence[str], *, new: bool
) -> Iterator[Decision]:
    """The decisions on the command line."""
    if len(promote) != len(keys):
        raise typer.BadParameter("give one --as KEY for each --promote PHRASE")
    if new and not promote:
        raise typer.BadParameter("--new is about --promote PHRASE --as KEY")
    for phrase, key in zip(promote, keys, strict=True):
        yield Decision(verb=Verb.NEW if new else Verb.PROMOTE, phrase=phrase, key=key)
    yield from (Decision(verb=Verb.REJECT, phrase=phrase) for phrase in reject)
    yield from (Decision(verb=Verb.RESTORE, phrase=phrase) for phrase in restore)


def _read(source: str | None) -> tuple[Decision | Mistake, ...]:
    """The decisions in a file, or in what stdin says."""
    if source is None:
        return ()
    shown = "stdin" if source == STDIN else source
    try:
        data = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
        return decisions_of(data.decode("utf-8-sig"), shown)
    except OSError as broken:
        fix = "name a file, or - for stdin"
        raise UserError(f"it cannot be read: {broken.strerror}", where=shown, fix=fix) from broken
    except UnicodeDecodeError as broken:
        raise UserError("it is no UTF-8", where=shown, fix="save it as UTF-8") from broken


def _decide(lines: Sequence[Decision | Mistake], repository: Repository, *, dry_run: bool) -> None:
    if not lines:
        raise NothingToCheck("there is no decision in it", fix="docs/review.md has the form")
    done = decided(lines, desk_of(repository), stamp_of(repository.root))
    if dry_run:
        write("".join(diff(edit.manifest, repository.root) for edit in done.edits))
        return
    with pen(repository) as writer:
        for edit in done.edits:
            writer().write(edit)
    write("".join(f"{line}\n" for line in done.told))


def _is_of(entry: Entry, paths: set[str]) -> bool:
    return not paths or any(each.module in paths for each in entry.found)


def _nothing(queue: Queue, *, is_chosen: bool) -> NothingToCheck:
    if is_chosen:
        return NothingToCheck("nothing of that is to be decided", fix="`enrich review` lists all that is")
    if queue.entries:
        return NothingToCheck("all is decided", fix="`enrich --all` makes the queue anew")
    return NothingToCheck("nothing is to be decided", where=QUEUE, fix="`enrich --all` makes the queue")


def _paint(words: str, tone: listing.Tone) -> str:
    return painter()(words, Tone(tone))
