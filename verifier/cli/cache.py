"""The command `verify-apis cache`: what is kept between runs, and away with it."""

from pathlib import Path
from typing import Annotated

import typer

from verifier.config.places import cache_folder
from verifier.errors import UserError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)
COMMANDS = ("info", "clear", "--help")
Folder = Annotated[
    Path | None, typer.Option("--cache-dir", metavar="DIR", help="Another folder than the user's cache folder.")
]


@app.callback()
def about() -> None:
    """What earlier runs have seen, so that later ones need not look again. Safe to remove at any time."""


@app.command()
def info(cache_dir: Folder = None) -> None:
    """Say where evidence is kept, and how much."""
    from verifier.apis.cache.store import Store  # noqa: PLC0415  heavy, and not needed for --help

    store = Store(cache_dir or cache_folder())
    size = store.size()
    typer.echo(f"{store.folder}: {size.entries} files, {_megabytes(size.bytes)}")


@app.command()
def clear(cache_dir: Folder = None) -> None:
    """Remove all evidence that is kept."""
    from verifier.apis.cache.store import Store  # noqa: PLC0415

    store = Store(cache_dir or cache_folder())
    was = store.clear()
    if left := store.size().entries:
        raise UserError(f"{left} files could not be removed", where=str(store.folder), fix="see whose they are")
    typer.echo(f"{store.folder}: {was.entries} files removed, {_megabytes(was.bytes)}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
