"""A repository as the commands of `enrich` open it: its modules, its settings, and what a run needs to know."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from verifier.errors import NothingToCheck
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Place
from verifier.manifests.readers import git
from verifier.manifests.repository import MANIFEST, Repository, find_module, find_modules, find_recorded
from verifier.manifests.settings import load
from verifier.manifests.sources import written

if TYPE_CHECKING:
    from verifier.config import Config
    from verifier.manifests.pipeline import World
    from verifier.model import Interpreter

Names = Annotated[
    list[str] | None, typer.Option("--module", "-m", metavar="NAME", help="A module: its path, or the end of it.")
]
Every = Annotated[bool, typer.Option("--all", help="All modules of the repository.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
Jobs = Annotated[int | None, typer.Option(min=1, metavar="N", help="So many imports at a time.")]
Root = Annotated[Path, typer.Option(metavar="DIR", help="The root of the repository.")]


def chosen(repository: Repository, names: Iterable[str] | None, *, every: bool) -> tuple[Place, ...]:
    """The modules that are meant. Raises UserError where that is not clear."""
    if bool(names) == every:
        raise typer.BadParameter("give --module NAME, or --all")
    places = repository.places
    return places if every else tuple(dict.fromkeys(find_module(name, places) for name in names or ()))


def opened(root: Path, *, recorded: bool = False) -> Repository:
    """The repository at `root`; with `recorded`, also its modules that have a ledger and no manifest any more.

    Raises UserError if it has no modules, or its settings are wrong.
    """
    place = Path(os.path.abspath(root))  # noqa: PTH100  links are kept
    settings = load(place)
    places = find_modules(place, settings)
    if recorded:
        known = {each.path: each for each in (*find_recorded(place, settings), *places)}
        places = tuple(known[path] for path in sorted(known))
    if not places:
        raise NothingToCheck(f"no folder here has a {MANIFEST}", where=str(place), fix="name another --root")
    return Repository(root=place, settings=settings, places=places)


def world_of(repository: Repository, cache: Path | None, jobs: int | None) -> World:
    """What is the same for all modules of a run; with a folder of evidence, that of earlier runs counts."""
    from verifier.apis import verify_target  # noqa: PLC0415  heavy, and not needed for --help
    from verifier.manifests.pipeline import World  # noqa: PLC0415

    config = config_of(repository, cache)
    return World(
        repository=repository,
        interpreter=interpreter_of(repository, config),
        verify=lambda target, jobs: verify_target(target, replace(config, jobs=jobs)),
        jobs=jobs or config.jobs,
        stamp=stamp_of(repository.root),
    )


def config_of(repository: Repository, cache: Path | None) -> Config:
    """How modules are imported here; with a folder of evidence, that of earlier runs counts."""
    from verifier.config import Config, Said  # noqa: PLC0415
    from verifier.config.file import NAME, read  # noqa: PLC0415

    found = read(repository.root / NAME)
    said: Said = {**(found.said if found else {}), "cache": cache}
    return Config(**said)


def interpreter_of(repository: Repository, config: Config) -> Interpreter:
    """The interpreter that imports. Raises UserError if it cannot be run."""
    from verifier.apis import how_to_ask  # noqa: PLC0415  heavy, and not needed for --help
    from verifier.apis.targets.target import interpreter_at  # noqa: PLC0415

    return interpreter_at(repository.root, repository.settings.python or config.python, how_to_ask(config))


def stamp_of(root: Path) -> Stamp:
    """The time that it is, and the commit that is checked out."""
    state = git.read(root)
    return Stamp(timestamp=written(now()), sha=state.head if isinstance(state, git.GitReading) else None)


def now() -> datetime:
    """The time that it is, or the moment that reproducible builds name (`SOURCE_DATE_EPOCH`)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
