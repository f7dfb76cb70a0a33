"""Commands that go by what stands in manifests and ledgers: nothing is imported for them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.carry_out import pen, show, store
from verifier.cli.opened import DryRun, Every, Names, Root, chosen, opened, stamp_of
from verifier.cli.show import write
from verifier.errors import Exit, NothingToCheck, UserError
from verifier.manifests import layout, schema
from verifier.manifests.enriched import Enriched, refused
from verifier.manifests.explain import explain as explained
from verifier.manifests.explain import rendered
from verifier.manifests.history import Edit, State, plan, rebuilt, reverted, reverted_field
from verifier.manifests.model import Place
from verifier.manifests.pipeline import mentions_of
from verifier.manifests.renew import renewed
from verifier.manifests.repository import Repository, find_module
from verifier.manifests.scaffold import Kind, edits
from verifier.manifests.writer import look


def add_to(app: typer.Typer) -> None:
    """Make them commands of `app`."""
    for command in (explain, migrate, replay, revert, scaffold, validate):
        app.command()(command)


def migrate(module: Names = None, every: Every = False, dry_run: DryRun = False, root: Root = Path()) -> None:
    """Make manifests of older generations valid: what does not fit is put aside in `x_legacy`, and nothing is lost."""
    repository = opened(root)
    places = chosen(repository, module, every=every)
    keys, stamp = repository.keys, stamp_of(repository.root)
    edits = _edits(places, repository, lambda state: renewed(state, keys, repository, stamp))
    _finish(edits, repository, dry_run=dry_run)


def replay(module: Names = None, every: Every = False, dry_run: DryRun = False, root: Root = Path()) -> None:
    """Put the enriched fields into manifests as their ledgers have them; a manifest that is gone is made anew."""
    repository = opened(root, recorded=True)
    _finish(_edits(chosen(repository, module, every=every), repository, rebuilt), repository, dry_run=dry_run)


def revert(
    module: Annotated[str, typer.Argument(metavar="MODULE", help="A module: its path, or the end of it.")],
    to: Annotated[int | None, typer.Option("--to", metavar="SEQ", help="The last record that is to count.")] = None,
    field: Annotated[str | None, typer.Option("--field", metavar="F", help="Take back its last change.")] = None,
    dry_run: DryRun = False,
    root: Root = Path(),
) -> None:
    """Take changes of a manifest back, by new records: a ledger never loses one."""
    if (to is None) == (field is None):
        raise typer.BadParameter("give --to SEQ, or --field F")
    repository = opened(root)
    stamp = stamp_of(repository.root)

    def make(state: State) -> Edit:
        shown = state.place.shown(state.ledger)
        records = state.records
        back = reverted_field(records, field, shown) if field else reverted(records, to or 0, shown)
        return plan(state, back, stamp)

    place = find_module(module, repository.places)
    _finish(_edits([place], repository, make), repository, dry_run=dry_run)


def scaffold(
    module: Names = None,
    every: Every = False,
    core: Annotated[bool, typer.Option("--core", help="Others rely on these modules: contracts as well.")] = False,
    dry_run: DryRun = False,
    root: Root = Path(),
) -> None:
    """Write drafts for modules that nobody has described yet: what they are for, and a matrix of tests."""
    repository = opened(root)
    places = chosen(repository, module, every=every)
    _finish(_drafts(places, "core" if core else "module", repository), repository, dry_run=dry_run)


def explain(
    module: Annotated[str, typer.Argument(metavar="MODULE", help="A module: its path, or the end of it.")],
    field: Annotated[str | None, typer.Argument(metavar="FIELD", help="One field; all where none is named.")] = None,
    root: Root = Path(),
) -> None:
    """Say for each field where it comes from, what spoke against it, and what the ledger has of it."""
    repository = opened(root)
    place = find_module(module, repository.places)
    found = explained(look(place, repository.ledgers), mentions_of(place, repository))
    wanted = [each for each in found if field in (None, each.field)]
    if not wanted:
        known = ", ".join(each.field for each in found) or "none"
        raise NothingToCheck(f"the manifest has no enriched field {field or ''}".strip(), fix=f"it has: {known}")
    write("\n".join(rendered(each, place.path) for each in wanted))


def validate(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Manifests; all if none is named.")] = None,
    root: Root = Path(),
) -> None:
    """Hold manifests against their contract: every breach with its place, the rule, and what to do."""
    repository = opened(root)
    worst = Exit.OK
    every = ((place.manifest, place.shown(place.manifest)) for place in repository.places)
    for file, shown in [(file, str(file)) for file in files] if files else every:
        told = _breaches(file, shown, repository.keys)
        write("".join(f"{each}\n" for each in told))
        worst = max(worst, Exit.FINDING if told else Exit.OK)
    raise typer.Exit(worst)


def _breaches(file: Path, shown: str, keys: schema.Keys) -> list[str]:
    try:
        document = layout.read(file.read_bytes(), shown).value
    except OSError as broken:
        raise UserError(f"it cannot be read: {broken.strerror}", where=shown, fix="name a manifest") from broken
    return [str(each) for each in schema.check(document, keys, file=shown)]


def _drafts(places: Iterable[Place], kind: Kind, repository: Repository) -> Iterator[Enriched]:
    for place in places:
        try:
            found = [Enriched(place=place, edit=edit) for edit in edits(place, kind, repository)]
            yield from found or [Enriched(place=place, is_skipped=True)]
        except UserError as error:
            yield refused(place, error)


def _edits(places: Iterable[Place], repository: Repository, make: Callable[[State], Edit]) -> Iterator[Enriched]:
    for place in places:
        try:
            yield Enriched(place=place, edit=make(look(place, repository.ledgers)))
        except UserError as error:
            yield refused(place, error)


def _finish(found: Iterable[Enriched], repository: Repository, *, dry_run: bool) -> None:
    if dry_run:
        raise typer.Exit(show(found, repository))
    with pen(repository) as writer:
        writer()  # before anything is read: nobody else may write in between
        code = store(found, writer)
    raise typer.Exit(code)
