"""A repository as the commands of `enrich` open it: its modules, its settings, and the one who writes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.show import ReaderGone, write
from verifier.config.places import cache_folder
from verifier.errors import Exit, NothingToCheck, UserError
from verifier.manifests import Enriched, World
from verifier.manifests.history import diff
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Place
from verifier.manifests.readers import git
from verifier.manifests.repository import MANIFEST, Repository, find_module, find_modules
from verifier.manifests.settings import load
from verifier.manifests.sources import written
from verifier.manifests.writer import Writer, writing

WAIT_SECONDS = 60.0
Names = Annotated[
    list[str] | None, typer.Option("--module", "-m", metavar="NAME", help="A module: its path, or the end of it.")
]
Every = Annotated[bool, typer.Option("--all", help="All modules of the repository.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
Root = Annotated[Path, typer.Option(metavar="DIR", help="The root of the repository.")]


def chosen(repository: Repository, names: Iterable[str] | None, *, every: bool) -> tuple[Place, ...]:
    """The modules that are meant. Raises UserError where that is not clear."""
    if bool(names) == every:
        raise typer.BadParameter("give --module NAME, or --all")
    places = repository.places
    return places if every else tuple(dict.fromkeys(find_module(name, places) for name in names or ()))


def opened(root: Path) -> Repository:
    """The repository at `root`. Raises UserError if it has no modules, or its settings are wrong."""
    place = Path(os.path.abspath(root))  # noqa: PTH100  links are kept
    settings = load(place)
    places = find_modules(place, settings)
    if not places:
        raise NothingToCheck(f"no folder here has a {MANIFEST}", where=str(place), fix="name another --root")
    return Repository(root=place, settings=settings, places=places)


def world_of(repository: Repository, *, cached: bool) -> World:
    """What is the same for all modules of a run; with `cached`, evidence of earlier runs counts."""
    from verifier.apis import how_to_ask, verify_target  # noqa: PLC0415  heavy, and not needed for --help
    from verifier.apis.targets.target import interpreter_at  # noqa: PLC0415
    from verifier.config import Config, Said  # noqa: PLC0415
    from verifier.config.file import NAME, read  # noqa: PLC0415

    root = repository.root
    found = read(root / NAME)
    said: Said = {**(found.said if found else {}), "cache": cache_folder() if cached else None}
    config = Config(**said)
    return World(
        repository=repository,
        interpreter=interpreter_at(root, repository.settings.python or config.python, how_to_ask(config)),
        verify=lambda target: verify_target(target, config),
        stamp=stamp_of(root),
    )


def stamp_of(root: Path) -> Stamp:
    """Now, or the moment that reproducible builds name (`SOURCE_DATE_EPOCH`), and the commit that is checked out."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    state = git.read(root)
    return Stamp(timestamp=written(now), sha=state.head if isinstance(state, git.GitReading) else None)


def show(found: Iterable[Enriched], repository: Repository, *, check: bool = False) -> Exit:
    """Print the diffs; with `check`, anything to write is a finding."""
    worst = Exit.OK
    for each in found:
        if each.edit is None:
            worst = max(worst, _refuse(each))
            continue
        write(diff(each.edit.manifest, repository.root))
        if check and each.edit.changes:
            worst = max(worst, Exit.FINDING)
    return worst


def store(found: Iterable[Enriched], repository: Repository) -> Exit:
    """Write what there is to write, and say what became of each module."""
    tally: Counter[str] = Counter()
    with writer_of(repository) as writer:
        for each in found:
            became = _stored(each, writer)
            tally[became] += 1
            if became == "written":
                _say(f"{each.place.path}: {_told(each)}")
    _say(", ".join(f"{number} {became}" for became, number in sorted(tally.items())))
    return Exit.USAGE if tally["refused"] else Exit.OK


def _say(line: str) -> None:
    with suppress(ReaderGone):  # what is begun is brought to its end, whoever reads of it
        write(f"{line}\n")


def _stored(each: Enriched, writer: Writer) -> str:
    if each.edit is None:
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
    """The fields that are written."""
    steps = each.edit.steps if each.edit else ()
    fields = sorted({step.change.field for step in steps if not step.stays and not step.change.field.startswith("_")})
    return ", ".join(fields) or "what it rests on"


def _refuse(each: Enriched) -> Exit:
    typer.echo(str(each.refused), err=True)
    return Exit.USAGE


@contextmanager
def writer_of(repository: Repository) -> Iterator[Writer]:
    """The one who writes, for as long as this lasts; that it has to wait is told on stderr."""

    def tell(words: str) -> None:
        typer.echo(words, err=True)

    with writing(repository.root, repository.ledgers, wait=WAIT_SECONDS, tell=tell) as writer:
        yield writer
