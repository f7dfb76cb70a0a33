"""The commands `enrich gates` and `enrich score`: parse, call, print, exit."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.opened import Every, Jobs, Names, Root, chosen, opened, world_of
from verifier.cli.show import Progress, write
from verifier.config.places import cache_folder
from verifier.errors import Exit, UserError
from verifier.manifests.formats import GATES, SCORES
from verifier.manifests.judging import run, run_since, scores
from verifier.manifests.known import Known


class Format(StrEnum):
    """How gates and scores are told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    SARIF = "sarif"


Form = Annotated[Format, typer.Option("--format", help="How to tell it.")]


def add_to(app: typer.Typer) -> None:
    """Make them commands of `app`."""
    for command in (gates, score):
        app.command()(command)


def gates(  # noqa: PLR0913, PLR0917  one parameter an option
    module: Names = None,
    every: Every = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="Judge what the branch changed since it left REF, and what it broke elsewhere."
        ),
    ] = None,
    form: Form = Format.TEXT,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="FORMAT=FILE", help="Write it to a file as well; as often as you like."),
    ] = None,
    jobs: Jobs = None,
    root: Root = Path(),
) -> None:
    """Say whether modules may be merged; without names, all. Exit 1 if any gate is closed, or could not be judged."""
    files, repository, progress = [*map(_file, also or ())], opened(root), Progress()
    places = chosen(repository, module, every=every or not module)
    world = world_of(repository, None, jobs)
    found = (
        run(places, world, progress.of_packages)
        if since is None
        else run_since(since, places, world, Known(cache_folder(), repository), progress.of_packages)
    )
    progress.clear()
    for other, file in files:
        _store(GATES[other](found), file)
    write(GATES[form](found))
    raise typer.Exit(Exit.OK if found.is_open else Exit.FINDING)


def _file(also: str) -> tuple[Format, Path]:
    name, _, file = also.partition("=")
    if name not in [*Format] or not file:
        raise typer.BadParameter(
            f"{also!r} is not FORMAT=FILE; FORMAT is one of {', '.join(Format)}", param_hint="--also"
        )
    return Format(name), Path(file)


def _store(text: str, file: Path) -> None:
    """Raises UserError where it cannot be written."""
    try:
        file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise UserError(f"it cannot be written: {error.strerror}", where=str(file), fix="name another file") from error


def score(
    module: Names = None,
    every: Every = False,
    form: Form = Format.TEXT,
    jobs: Jobs = None,
    root: Root = Path(),
) -> None:
    """Say what manifests are worth, 0 to 100, what they have lost, and the cheapest next step; without names, all."""
    repository, progress = opened(root), Progress()
    places = chosen(repository, module, every=every or not module)
    found = scores(places, world_of(repository, None, jobs), progress.of_packages)
    progress.clear()
    write(SCORES[form](found))
