"""The command `enrich`: parse, call, print, exit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import ending, review, revise
from verifier.cli.opened import DryRun, Every, Names, Root, chosen, opened, show, store, world_of
from verifier.manifests import enrich

EPILOG = """
\b
Examples:
  enrich --all --dry-run         what would change, as a diff
  enrich --module services/cart  one module, by its path or the end of it
  enrich --all --check           exit 1 if there is anything to change, as CI wants it
  enrich migrate --all           makes older manifests valid, and keeps what does not fit
  enrich review                  what nobody has decided yet

\b
Exit codes:
  0   all is as the evidence says
  1   with --check: something would change
  2   bad usage, input or configuration; a module was refused
  3   nothing to do: no such module, or none at all
  70  a bug of ours
  130 interrupted
"""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog=EPILOG,
)
revise.add_to(app)
review.add_to(app)


@app.callback()
def command(  # noqa: PLR0913, PLR0917  one parameter an option
    context: typer.Context,
    module: Names = None,
    every: Every = False,
    dry_run: DryRun = False,
    check: Annotated[bool, typer.Option("--check", help="The same, and exit 1 if anything would.")] = False,
    root: Root = Path(),
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Import everything anew, and keep nothing.")] = False,
) -> None:
    """Compose the manifests of modules anew, from evidence: what nobody can show does not stand in them."""
    if context.invoked_subcommand:
        return
    repository = opened(root)
    found = enrich(chosen(repository, module, every=every), world_of(repository, cached=not no_cache))
    raise typer.Exit(show(found, repository, check=check) if dry_run or check else store(found, repository))


def main() -> None:
    """Entry point of the console script."""
    ending.run(app)


if __name__ == "__main__":
    main()
