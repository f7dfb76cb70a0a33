"""The command `enrich audit`: parse, call, print, exit."""

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.opened import Jobs, Root, chosen, opened, world_of
from verifier.cli.show import Progress, write
from verifier.errors import Exit
from verifier.manifests import sample
from verifier.manifests.audit import audit as audited
from verifier.manifests.findings import as_json, as_text


def add_to(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command()(audit)


def audit(  # noqa: PLR0913, PLR0917  one parameter an option
    module: Annotated[
        list[str] | None, typer.Argument(metavar="[MODULE]...", help="Paths, or their ends; all if none is named.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what schema/audit.schema.json describes.")] = False,
    size: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="N", help="Audit so many enriched fields, drawn by chance.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="What chance goes by: the same seed draws the same.")] = 0,
    jobs: Jobs = None,
    root: Root = Path(),
) -> None:
    """Try to prove manifests wrong: against their ledgers, their sources and a new import; exit 1 if that succeeds."""
    repository, progress = opened(root), Progress()
    places, world = chosen(repository, module, every=not module), world_of(repository, None, jobs)
    if size is None:
        found = audited(places, world, progress.of_packages)
        shown = as_json(found) if json else as_text(found)
    else:
        found, drawn = sample.audit_sample(places, world, progress.of_packages, size=size, seed=seed)
        shown = sample.as_json(found, drawn) if json else sample.as_text(found, drawn)
    progress.clear()
    write(shown)
    raise typer.Exit(Exit.FINDING if any(each.findings for each in found) else Exit.OK)
