"""The command `enrich`: parse, call, print, exit."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli import carry_out, ending
from verifier.cli.commands import Commands
from verifier.cli.opened import DryRun, Every, Jobs, Names, Root, chosen, opened, world_of
from verifier.cli.show import Progress
from verifier.config.places import cache_folder
from verifier.errors import Exit
from verifier.manifests.batch import Gathered, enrich_each
from verifier.manifests.enriched import Enriched
from verifier.manifests.known import Known
from verifier.manifests.repository import QUEUE

if TYPE_CHECKING:
    from verifier.manifests.pipeline import World

EPILOG = """
\b
Examples:
  enrich --all --dry-run         what would change, as a diff
  enrich --module services/cart  one module, by its path or the end of it
  enrich --all --check           exit 1 if there is anything to change, as CI wants it
  enrich migrate --all           makes older manifests valid, and keeps what does not fit
  enrich audit                   tries to prove the manifests wrong, and names each field that does not hold
  enrich gates --since main      whether what a branch has changed may be merged, and what opens a closed gate
  enrich score                   what each manifest is worth, and its cheapest next step
  enrich review                  what nobody has decided yet

\b
Exit codes:
  0   all is as the evidence says
  1   with --check: something would change; with --fail-on-warn: there was a warning; audit: something does not hold;
      gates: one is closed
  2   bad usage, input or configuration; a module was refused
  3   nothing to do: no such module, or none at all
  4   confinement was required and is missing
  70  a bug of ours
  130 interrupted
"""

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog=EPILOG,
)


@app.callback()
def command(  # noqa: PLR0913, PLR0917  one parameter an option
    context: typer.Context,
    module: Names = None,
    every: Every = False,
    dry_run: DryRun = False,
    check: Annotated[bool, typer.Option("--check", help="The same, and exit 1 if anything would.")] = False,
    only_changed: Annotated[
        bool, typer.Option("--only-changed-sources", help="Skip modules whose sources are as at the last run.")
    ] = False,
    fail_on_warn: Annotated[bool, typer.Option("--fail-on-warn", help="Exit 1 if there is any warning.")] = False,
    jobs: Jobs = None,
    root: Root = Path(),
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Import everything anew, and keep nothing.")] = False,
) -> None:
    """Compose the manifests of modules anew, from evidence: what nobody can show does not stand in them."""
    if context.invoked_subcommand:
        return
    repository = opened(root)
    cache = None if no_cache else cache_folder()
    known, gathered, progress = Known(cache, repository), Gathered(), Progress()
    places, only_shown = chosen(repository, module, every=every), dry_run or check
    with carry_out.pen(repository) as writer:

        def prepare() -> "World":
            if not only_shown:
                writer()  # before anything is read: nobody else may write in between
            return world_of(repository, cache, jobs)

        with closing(enrich_each(places, known if only_changed else None, prepare, progress.of_packages)) as found:
            passing = _each(gathered.passing(found), progress)
            if only_shown:
                code = carry_out.show(passing, repository, check=check, ended=known.note)
            else:
                code = carry_out.store(passing, writer, ended=known.note)
        if every and not (gathered.is_all_skipped and known.has_queue(repository.root / QUEUE)):
            from verifier.manifests.review import queued  # noqa: PLC0415  not needed where nothing has changed

            edit = queued(repository, gathered.withheld, gathered.candidates)
            if only_shown:
                code = max(code, carry_out.show_queue(edit, repository, check=check))
            else:
                carry_out.store_queue(edit, writer)
            if not (only_shown and edit.changes):
                known.note_queue(edit.manifest.after)
    known.keep()
    raise typer.Exit(max(code, Exit.FINDING if fail_on_warn and gathered.has_warned else Exit.OK))


def _each(found: Iterable[Enriched], progress: Progress) -> Iterator[Enriched]:
    """The same; what is printed of each begins on a line of its own."""
    for each in found:
        progress.clear()
        yield each


def main() -> None:
    """Run the command to its end, and leave with its exit code."""
    ending.run(app)


if __name__ == "__main__":
    main()
