"""Many modules in one run: those of a package in a process of its own, some at the same time, told in their order."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from verifier.errors import Exit
from verifier.manifests.enriched import Enriched
from verifier.manifests.known import Known
from verifier.manifests.model import Candidate, Place, Withheld
from verifier.model import Refused

if TYPE_CHECKING:
    from verifier.manifests.pipeline import World
    from verifier.manifests.readers.apis import Part

Tell = Callable[[int, int, str], None]
T = TypeVar("T")


def enrich_each(
    chosen: Sequence[Place], known: Known | None, prepare: Callable[[], World], tell: Tell
) -> Generator[Enriched]:
    """What there is to write for each of the `chosen` modules, those of one package together. Nothing is written.

    Modules that nothing has changed for, as far as is `known`, are skipped; the world is made if there are others.
    """
    last = {place.path: known.of(place) if known else None for place in chosen}
    for place in chosen:
        if was := last[place.path]:
            yield Enriched(
                place=place, is_skipped=True, withheld=was.withheld, candidates=was.candidates, warnings=was.warnings
            )
    if rest := [place for place in chosen if last[place.path] is None]:
        from verifier.manifests.pipeline import enrich_part  # noqa: PLC0415  not needed where nothing has changed

        world = prepare()
        yield from together(rest, world, partial(enrich_part, world=world), _died, tell)


def _died(place: Place, why: Refused) -> Enriched:
    return Enriched(place=place, refused=why, exit=Exit.BUG)


def together(
    chosen: Sequence[Place],
    world: World,
    do: Callable[[Part, int], Iterable[T]],
    died: Callable[[Place, Refused], T],
    tell: Tell,
) -> Generator[T]:
    """What comes of each of the `chosen` modules, those of one package together.

    `do` is given a package's modules and the number of imports at a time; `died` says what comes of a module whose
    process has died. `tell` is told how many packages are done, of how many, and which is at hand. However the iterator
    is left, nothing is left running.
    """
    from verifier.apis.source import load_observer, load_observers  # noqa: PLC0415  heavy
    from verifier.apis.workers import Work, Workers  # noqa: PLC0415  multiprocessing, which one package does without
    from verifier.manifests.readers.apis import parts  # noqa: PLC0415

    world.prepare()
    those = parts(chosen, world.dotted)
    if len(those) == 1:
        yield from do(those[0], world.jobs)
        return
    load_observer()
    gc.freeze()

    def failed(number: int, why: Refused) -> tuple[T, ...]:
        return tuple(died(place, why) for place in those[number].places)

    work = Work(names=[*map(_name, those)], do=lambda number, jobs: tuple(do(those[number], jobs)), failed=failed)
    with Workers(work, world.jobs, tell) as workers:
        load_observers()  # for those after the first ones, which are at work meanwhile
        for number in range(len(those)):
            yield from workers.value(number)


class Gathered:
    """What is left over of a run, beside what is written: by the path of each module."""

    def __init__(self) -> None:
        self.withheld: dict[str, tuple[Withheld, ...]] = {}
        self.candidates: dict[str, tuple[Candidate, ...]] = {}
        self.has_warned = False
        self.is_all_skipped = True

    def passing(self, found: Iterable[Enriched]) -> Iterator[Enriched]:
        """The same, seen on its way."""
        for each in found:
            self.withheld[each.place.path] = each.withheld
            self.candidates[each.place.path] = each.candidates
            self.has_warned |= bool(each.warnings)
            self.is_all_skipped &= each.is_skipped
            yield each


def _name(part: Part) -> str:
    return part.package.name if part.package else part.places[0].path
