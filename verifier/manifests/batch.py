"""Many modules in one run: those of a package in a process of its own, some at the same time, told in their order."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from verifier.errors import Exit
from verifier.manifests.enriched import Enriched
from verifier.manifests.known import Known
from verifier.manifests.model import Candidate, Place, Withheld
from verifier.model import Refused

if TYPE_CHECKING:
    from verifier.manifests.pipeline import World
    from verifier.manifests.readers.apis import Part


def enrich_each(
    chosen: Sequence[Place], known: Known | None, prepare: Callable[[], World], tell: Callable[[int, int, str], None]
) -> Generator[Enriched]:
    """What there is to write for each of the `chosen` modules, those of one package together. Nothing is written.

    Modules that nothing has changed for, as far as is `known`, are skipped; the world is made if there are others.
    `tell` is told how many packages are done, of how many, and which is at hand. However the iterator is left, nothing
    is left running.
    """
    last = {place.path: known.of(place) if known else None for place in chosen}
    for place in chosen:
        if was := last[place.path]:
            yield Enriched(
                place=place, is_skipped=True, withheld=was.withheld, candidates=was.candidates, warnings=was.warnings
            )
    if rest := [place for place in chosen if last[place.path] is None]:
        yield from _together(rest, prepare(), tell)


def _together(chosen: Sequence[Place], world: World, tell: Callable[[int, int, str], None]) -> Iterator[Enriched]:
    from verifier.manifests.pipeline import enrich_part  # noqa: PLC0415  not needed where nothing has changed
    from verifier.manifests.readers.apis import parts  # noqa: PLC0415

    world.prepare()
    those = parts(chosen, world.dotted)
    if len(those) == 1:
        yield from enrich_part(those[0], world, jobs=world.jobs)
        return
    from verifier.apis.source import load_observer  # noqa: PLC0415  heavy
    from verifier.apis.workers import Work, Workers  # noqa: PLC0415  multiprocessing, which one package does without

    load_observer()
    gc.freeze()

    def do(number: int, jobs: int) -> tuple[Enriched, ...]:
        return tuple(enrich_part(those[number], world, jobs=jobs))

    def failed(number: int, why: Refused) -> tuple[Enriched, ...]:
        return tuple(Enriched(place=place, refused=why, exit=Exit.BUG) for place in those[number].places)

    with Workers(Work(names=[*map(_name, those)], do=do, failed=failed), world.jobs, tell) as workers:
        for number in range(len(those)):
            yield from workers.value(number)


class Gathered:
    """What is left over of a run, beside what is written: by the path of each module."""

    def __init__(self) -> None:
        self.withheld: dict[str, tuple[Withheld, ...]] = {}
        self.candidates: dict[str, tuple[Candidate, ...]] = {}
        self.has_warned = False

    def passing(self, found: Iterable[Enriched]) -> Iterator[Enriched]:
        """The same, seen on its way."""
        for each in found:
            self.withheld[each.place.path] = each.withheld
            self.candidates[each.place.path] = each.candidates
            self.has_warned |= bool(each.warnings)
            yield each


def _name(part: Part) -> str:
    return part.package.name if part.package else part.places[0].path
