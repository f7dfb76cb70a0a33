"""The command `enrich observe`: parse, call, print, exit."""

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.carry_out import pen, show, store
from verifier.cli.opened import DryRun, Every, Names, Root, chosen, opened, stamp_of
from verifier.errors import Exit
from verifier.manifests.batch import Gathered
from verifier.manifests.observe import observe as observed


def add_to(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command()(observe)


def observe(  # noqa: PLR0913, PLR0917  one parameter an option
    module: Names = None,
    every: Every = False,
    dry_run: DryRun = False,
    check: Annotated[bool, typer.Option("--check", help="The same, and exit 1 if anything would.")] = False,
    fail_on_warn: Annotated[bool, typer.Option("--fail-on-warn", help="Exit 1 if there is any warning.")] = False,
    root: Root = Path(),
) -> None:
    """Put into manifests what benchmarks, coverage and tests have measured: a number that has an artifact, or none."""
    repository, gathered = opened(root), Gathered()
    places = chosen(repository, module, every=every)
    with pen(repository) as writer:
        if not (dry_run or check):
            writer()  # before anything is read: nobody else may write in between
        found = gathered.passing(observed(places, repository, stamp_of(repository.root)))
        code = show(found, repository, check=check) if dry_run or check else store(found, writer)
    raise typer.Exit(max(code, Exit.FINDING if fail_on_warn and gathered.has_warned else Exit.OK))
