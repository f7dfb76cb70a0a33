"""A module with all that its manifest is held against, as that is now: nothing of it is evidence of earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests import ledger, reading, schema, writer
from verifier.manifests.artifacts import Artifacts
from verifier.manifests.batch import Tell, together
from verifier.manifests.compose import Composed
from verifier.manifests.findings import Finding, Flaw, finding
from verifier.manifests.generations import Generation, lane_of, shape_of
from verifier.manifests.history import State
from verifier.manifests.ledger import Ledger, Record
from verifier.manifests.model import Absent, Json, Place
from verifier.manifests.pipeline import World, composed
from verifier.manifests.readers import apis
from verifier.manifests.readers.apis import Apis, Part
from verifier.manifests.resolve import Resolver
from verifier.model import Problem, Refused

T = TypeVar("T")


class Case(Struct, frozen=True, kw_only=True):
    """A module, with all that its manifest is held against."""

    place: Place
    state: State
    manifest: dict[str, Json]
    ledger: Ledger
    composed: Composed
    """What its sources come to now."""
    found: Apis | Absent
    """What was imported just now."""
    keys: schema.Keys
    resolver: Resolver

    @property
    def records(self) -> tuple[Record, ...]:
        """Those of the ledger; none of one that cannot be trusted, so that nothing is made of them."""
        return () if self.ledger.problems else self.ledger.records

    @property
    def shown(self) -> str:
        """The manifest's path."""
        return self.place.shown(self.place.manifest)

    def wrong(self, flaw: Flaw, field: str, what: str, where: str = "") -> Finding:
        """A finding about a field; about the manifest, if no other place is said."""
        return finding(flaw, self.place.path, field, what, where or self.shown)


def each_case(chosen: Sequence[Place], world: World, look: Callable[[Case | Finding], T], tell: Tell) -> Iterator[T]:
    """What `look` makes of each of the `chosen` modules. Of one that cannot be read it is given a finding."""

    def died(place: Place, why: Refused) -> T:
        return look(_unreadable(place, UserError(f"{why.trace}{why.what}", fix=why.fix)))

    artifacts = Artifacts(world.repository, now=datetime.fromisoformat(world.stamp.timestamp))
    of_part = partial(_of_part, world=world, artifacts=artifacts)
    yield from together(chosen, world, lambda part, jobs: map(look, of_part(part, jobs)), died, tell)


def _of_part(part: Part, jobs: int, world: World, artifacts: Artifacts) -> Iterator[Case | Finding]:
    try:
        found = [*apis.read(part, world.dotted, world.interpreter, lambda target: world.verify(target, jobs))]
    except UserError as error:
        yield from (_unreadable(place, error) for place in part.places)
        return
    for place, of_imports in found:
        try:
            yield _case(place, of_imports, world, artifacts)
        except UserError as error:
            yield _unreadable(place, error)


def _unreadable(place: Place, error: UserError) -> Finding:
    broken = finding(Flaw.UNREADABLE, place.path, "", error.what, error.where or place.shown(place.manifest))
    return replace(broken, fix=error.fix or broken.fix)


def _case(place: Place, of_imports: Apis | Absent, world: World, artifacts: Artifacts) -> Case | Finding:
    """Raises UserError for what cannot be read. A manifest that is not of our generation is nothing to look at."""
    repository = world.repository
    state = writer.look(place, repository.ledgers)
    manifest, shown = state.document.value, place.shown(place.manifest)
    shape = shape_of(manifest, apart=repository.apart)
    if isinstance(shape, Problem):
        return finding(Flaw.GENERATION, place.path, "", f"it {shape.what}", shown)
    if shape.generation is not Generation.OURS:
        return finding(Flaw.GENERATION, place.path, "", f"it is of the generation '{shape.generation}'", shown)
    lane = lane_of(manifest, repository.spellings)
    return Case(
        place=place,
        state=state,
        manifest=manifest,
        ledger=ledger.read(state.recorded or b""),
        composed=composed(place, reading.read(place, of_imports, repository), manifest, world),
        found=of_imports,
        keys=repository.keys,
        resolver=Resolver(place, artifacts, lane=lane, found=of_imports),
    )
