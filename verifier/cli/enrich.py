"""The command `enrich`: parse, call, print, exit."""

from __future__ import annotations

import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.show import OUR_BUG, write
from verifier.config.places import cache_folder
from verifier.errors import Exit, NothingToCheck, UserError
from verifier.manifests import Enriched, World, enrich
from verifier.manifests.history import diff
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Place
from verifier.manifests.readers import git
from verifier.manifests.repository import MANIFEST, find_module, find_modules
from verifier.manifests.settings import Settings, load
from verifier.manifests.sources import written
from verifier.manifests.writer import Writer, writing

WAIT_SECONDS = 60.0
EPILOG = """
\b
Examples:
  enrich --all --dry-run         what would change, as a diff
  enrich --module services/cart  one module, by its path or the end of it
  enrich --all --check           exit 1 if there is anything to change, as CI wants it

\b
Exit codes:
  0   all is as the evidence says
  1   with --check: something would change
  2   bad usage, input or configuration; a module was refused
  3   nothing to do: no such module, or none at all
  70  a bug of ours
  130 interrupted
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(epilog=EPILOG)
def command(  # noqa: PLR0913, PLR0917  one parameter an option
    module: Annotated[
        list[str] | None, typer.Option("--module", "-m", metavar="NAME", help="A module: its path, or the end of it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All modules of the repository.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="The same, and exit 1 if anything would.")] = False,
    root: Annotated[Path, typer.Option(metavar="DIR", help="The root of the repository.")] = Path(),
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Import everything anew, and keep nothing.")] = False,
) -> None:
    """Compose the manifests of modules anew, from evidence: what nobody can show does not stand in them."""
    if bool(module) == every:
        raise typer.BadParameter("give --module NAME, or --all")
    place = Path(os.path.abspath(root))  # noqa: PTH100  links are kept
    settings = load(place)
    places = find_modules(place, settings)
    if not places:
        raise NothingToCheck(f"no folder here has a {MANIFEST}", where=str(place), fix="name another --root")
    chosen = places if every else tuple(dict.fromkeys(find_module(name, places) for name in module or ()))
    world = _world(place, settings, places, cached=not no_cache)
    if dry_run or check:
        raise typer.Exit(_show(enrich(chosen, world), place, check=check))
    raise typer.Exit(_write(chosen, world, place))


def _world(root: Path, settings: Settings, places: tuple[Place, ...], *, cached: bool) -> World:
    from verifier.apis import runner, verify_target  # noqa: PLC0415  heavy, and not needed for --help
    from verifier.apis.cache.answers import Answers  # noqa: PLC0415
    from verifier.apis.targets.target import interpreter_at  # noqa: PLC0415
    from verifier.config import Config, Said  # noqa: PLC0415
    from verifier.config.file import NAME, read  # noqa: PLC0415
    from verifier.manifests.vocabulary import load as load_vocabulary  # noqa: PLC0415

    folder = cache_folder() if cached else None
    ask = Answers(folder, runner.ask) if folder else runner.ask
    found = read(root / NAME)
    said: Said = {**(found.said if found else {}), "cache": folder}
    config = Config(**said)
    words = load_vocabulary(root / settings.vocabulary if settings.vocabulary else None, root)
    return World(
        places=places,
        settings=settings,
        vocabulary=words,
        interpreter=interpreter_at(root, settings.python or config.python, ask),
        verify=lambda target: verify_target(target, config),
        stamp=_stamp(root),
        ledgers=root / settings.ledger,
    )


def _stamp(root: Path) -> Stamp:
    """Now, or the moment that reproducible builds name (`SOURCE_DATE_EPOCH`), and the commit that is checked out."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    state = git.read(root)
    return Stamp(timestamp=written(now), sha=state.head if isinstance(state, git.GitReading) else None)


def _show(found: Iterable[Enriched], root: Path, *, check: bool) -> Exit:
    """Print the diffs."""
    worst = Exit.OK
    for each in found:
        if each.refused:
            worst = _refuse(each)
        elif each.edit:
            write(diff(each.edit.manifest, root))
            if check and each.edit.changes:
                worst = max(worst, Exit.FINDING)
    return worst


def _write(chosen: tuple[Place, ...], world: World, root: Path) -> Exit:
    """Write what there is to write, and say what became of each module."""
    tally: Counter[str] = Counter()
    worst = Exit.OK
    with _writer(root, world) as writer:
        for each in enrich(chosen, world):
            became = _one(each, writer)
            tally[became] += 1
            worst = max(worst, Exit.USAGE if became == "refused" else Exit.OK)
            if became == "written":
                write(f"{each.place.path}: {_told(each)}\n")
    write(", ".join(f"{number} {became}" for became, number in sorted(tally.items())) + "\n")
    return worst


def _one(each: Enriched, writer: Writer) -> str:
    if each.refused or each.edit is None:
        _refuse(each)
        return "refused"
    if not each.edit.changes:
        return "unchanged"
    try:
        writer.write(each.edit)
    except UserError as error:
        typer.echo(str(error), err=True)
        return "refused"
    return "written"


def _told(each: Enriched) -> str:
    fields = (
        sorted({step.change.field for step in each.edit.steps if not step.change.field.startswith("_")})
        if each.edit
        else []
    )
    return ", ".join(fields) or "its sources have changed"


def _refuse(each: Enriched) -> Exit:
    typer.echo(str(each.refused), err=True)
    return Exit.USAGE


@contextmanager
def _writer(root: Path, world: World) -> Iterator[Writer]:
    tell = lambda told: typer.echo(told, err=True)  # noqa: E731
    with writing(root, world.ledgers, wait=WAIT_SECONDS, tell=tell) as writer:
        yield writer


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(Exit.INTERRUPTED)
    except UserError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit)
    except Exception:  # noqa: BLE001  the last resort: say that it is our bug
        traceback.print_exc()
        typer.echo(OUR_BUG, err=True)
        sys.exit(Exit.BUG)


if __name__ == "__main__":
    main()
