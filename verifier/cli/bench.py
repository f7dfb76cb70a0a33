"""The command `enrich bench`: parse, call, print, exit."""

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.carry_out import pen, store
from verifier.cli.opened import Every, Names, Root, chosen, config_of, interpreter_of, now, opened
from verifier.config.places import cache_folder
from verifier.manifests.bench import Bench, is_code, is_due, measure
from verifier.manifests.measurements import Measurements
from verifier.manifests.model import Place
from verifier.manifests.readers.benchmarks import read

LOUD = "warning: --unconfined: what is measured may write, connect and start programs as you may"


def add_to(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command()(bench)


def bench(
    module: Names = None,
    every: Every = False,
    unconfined: Annotated[
        bool, typer.Option("--unconfined", help="Let what is measured write, connect and start programs. Recorded.")
    ] = False,
    only_changed: Annotated[
        bool,
        typer.Option(
            "--only-changed-sources", help="Skip modules with a fresh measurement of their sources as they are."
        ),
    ] = False,
    root: Root = Path(),
) -> None:
    """Measure modules, one after the other: calls of benchmarks.yml, or imports in fresh interpreters."""
    repository = opened(root)
    places, shown = chosen(repository, module, every=every), repository.settings.benchmarks
    benchmarks = read(repository.root / shown, shown, repository.paths)
    config = config_of(repository, cache_folder())
    if unconfined:
        typer.echo(LOUD, err=True)
    with pen(repository) as writer:
        writer()  # before anything is measured: nobody else may write in between
        found = Bench(
            repository=repository,
            benchmarks=benchmarks,
            interpreter=interpreter_of(repository, config),
            config=config,
            confined=not unconfined,
            now=now,
        )
        measurements = Measurements(repository, now=now())

        def skip(place: Place) -> bool:
            is_nothing = every and not is_code(place, repository)
            return is_nothing or (only_changed and not is_due(place, found, measurements))

        code = store(measure(places, found, skip), writer)
    raise typer.Exit(code)
