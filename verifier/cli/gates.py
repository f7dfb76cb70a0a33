"""The commands `enrich gates` and `enrich score`: parse, call, print, exit."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.opened import Every, Jobs, Names, Root, chosen, opened, world_of
from verifier.cli.show import Progress, write
from verifier.errors import Exit
from verifier.manifests.formats import GATES, SCORES
from verifier.manifests.judging import run, run_since, scores


class Format(StrEnum):
    """How gates are told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"


class ScoreFormat(StrEnum):
    """How scores are told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


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
    form: Annotated[Format, typer.Option("--format", help="How to tell it.")] = Format.TEXT,
    jobs: Jobs = None,
    root: Root = Path(),
) -> None:
    """Say whether modules may be merged; without names, all. Exit 1 if any gate is closed, or could not be judged."""
    repository, progress = opened(root), Progress()
    places = chosen(repository, module, every=every or not module)
    world = world_of(repository, None, jobs)
    found = (
        run(places, world, progress.of_packages)
        if since is None
        else run_since(since, places, world, progress.of_packages)
    )
    progress.clear()
    write(GATES[form](found))
    raise typer.Exit(Exit.OK if found.is_open else Exit.FINDING)


def score(
    module: Names = None,
    every: Every = False,
    form: Annotated[ScoreFormat, typer.Option("--format", help="How to tell it.")] = ScoreFormat.TEXT,
    jobs: Jobs = None,
    root: Root = Path(),
) -> None:
    """Say what manifests are worth, 0 to 100, what they have lost, and the cheapest next step; without names, all."""
    repository, progress = opened(root), Progress()
    places = chosen(repository, module, every=every or not module)
    found = scores(places, world_of(repository, None, jobs), progress.of_packages)
    progress.clear()
    write(SCORES[form](found))
