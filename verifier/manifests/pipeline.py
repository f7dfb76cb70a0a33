"""From the sources of a module to what its manifest is to hold. The pipeline is one screen."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from verifier.apis.cache.states import states_since
from verifier.errors import UserError
from verifier.manifests import layout, reading, schema, writer
from verifier.manifests.compose import Composed, compose
from verifier.manifests.enriched import Enriched, refused
from verifier.manifests.extractors.apis import VERIFIED, apis
from verifier.manifests.extractors.components import components
from verifier.manifests.extractors.description import describe
from verifier.manifests.extractors.features import Mention, features, mentions
from verifier.manifests.extractors.names import Modules, modules_of
from verifier.manifests.extractors.policy import targets
from verifier.manifests.extractors.suggested import suggested
from verifier.manifests.extractors.tags import tags, unknown
from verifier.manifests.generations import Generation, lane_of, shape_of
from verifier.manifests.history import Edit, State, plan
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Absent, Json, Place, Signal, Withheld
from verifier.manifests.phrases import candidates
from verifier.manifests.readers import apis as reader_of_apis
from verifier.manifests.readers import context, package
from verifier.manifests.readers.apis import Apis, Named, Part, Verify
from verifier.manifests.reading import Reading, docstrings_of
from verifier.manifests.repository import Repository
from verifier.manifests.vocabulary import Vocabulary
from verifier.model import Interpreter, Problem


class World(Struct, frozen=True, kw_only=True, dict=True):
    """What is the same for all modules of a run."""

    repository: Repository
    interpreter: Interpreter
    verify: Verify
    jobs: int
    """So many imports at a time."""
    stamp: Stamp

    @cached_property
    def dotted(self) -> Mapping[str, Named]:
        """The dotted name of each module, by path."""
        return reader_of_apis.named(self.repository.places, self.repository.settings.import_roots)

    @cached_property
    def names(self) -> Modules:
        """What modules are called in texts."""
        return modules_of(self.repository.paths)

    def prepare(self) -> None:
        """Find out what is the same for all modules. Raises UserError: what is wrong here is no fault of a module."""
        _ = self.dotted, self.names, self.repository.keys


def enrich_part(part: Part, jobs: int, world: World) -> Iterator[Enriched]:
    """What there is to write for modules that are looked at together, with so many imports at a time.

    Nothing is written here. Raises UserError for what is wrong with the vocabularies.
    """
    began_ns = time.time_ns()
    try:
        found = [*reader_of_apis.read(part, world.dotted, world.interpreter, lambda target: world.verify(target, jobs))]
    except UserError as error:
        yield from (refused(place, error) for place in part.places)
        return
    for place, of_imports in found:
        try:
            yield _enriched(place, of_imports, world, began_ns)
        except UserError as error:
            yield refused(place, error)


def _enriched(place: Place, found: Apis | Absent, world: World, began_ns: int) -> Enriched:
    repository = world.repository
    state = writer.look(place, repository.ledgers)
    manifest = of_ours(state, apart=repository.apart)
    read = reading.read(place, found, repository)
    found_anew = composed(place, read, manifest, world)
    edit = plan(state, found_anew.changes, world.stamp)
    keep_contract(edit, place, repository.keys)
    lost = unknown(manifest, repository.keys.tags)
    shown = place.shown(place.manifest)
    return Enriched(
        place=place,
        edit=edit,
        withheld=found_anew.withheld,
        candidates=candidates(read.text, repository.vocabulary, world.names, place.path),
        warnings=(*read.warnings, *(f"{shown}: {tag!r} is no tag of the vocabulary, and goes" for tag in lost)),
        used=None if read.used is None else states_since(read.used, began_ns),
    )


def of_ours(state: State, *, apart: bool) -> Json:
    """The manifest. Raises UserError for one of an older generation."""
    manifest = state.document.value
    shape = shape_of(manifest, apart=apart)
    shown = state.place.shown(state.place.manifest)
    if isinstance(shape, Problem):
        raise UserError(f"this manifest {shape.what}", where=shown, fix="see docs/manifest.md")
    if shape.generation is not Generation.OURS:
        what = f"this manifest is of an older generation ({shape.generation.value})"
        raise UserError(what, where=shown, fix="`enrich migrate` makes it a valid one, and keeps what does not fit")
    return manifest


def composed(place: Place, read: Reading, manifest: Json, world: World) -> Composed:
    """What the sources of a module come to, with this manifest of its own."""
    settings, words = world.repository.settings, world.repository.vocabulary
    lane = lane_of(manifest, world.repository.spellings)
    own_lane = lane if isinstance(lane, str) else None
    of_features, lacking = features(read.text, read.docstrings, words, world.names, place.path)
    of_components = components(read.text)
    of_apis = _apis(read, words)
    counted = of_components if isinstance(of_components, Signal) else None
    verified = next((signal for signal in of_apis if signal.field == VERIFIED), None)
    description = describe(place.path, of_features, counted, verified)
    of_tags = tags(manifest, own_lane, world.repository.keys.tags)
    aims = targets(own_lane, settings.lanes, manifest, world.stamp.timestamp)
    others = suggested(read.index, read.apis)
    said = (description, of_features, of_components, of_tags, *of_apis, *aims, others)
    return compose(
        [each for each in said if isinstance(each, Signal)],
        [*(each for each in said if isinstance(each, Withheld)), *lacking],
        manifest,
        settings.thresholds,
    )


def _apis(read: Reading, vocabulary: Vocabulary) -> tuple[Signal, ...]:
    if isinstance(read.apis, Absent):
        return ()
    return tuple(apis(read.apis, read.definitions, vocabulary.capability_phrases, read.sources))


def mentions_of(place: Place, repository: Repository) -> tuple[Mention, ...]:
    """Every mention of a feature in the sources of a module, with what speaks against it."""
    text = context.read(place, repository.settings.context)
    docstrings = docstrings_of(place, package.read(place, repository.paths))
    return mentions(text, docstrings, repository.vocabulary, modules_of(repository.paths), place.path)


def keep_contract(edit: Edit, place: Place, keys: schema.Keys) -> None:
    """Raises UserError if the manifest would break its contract: then nothing of it is written."""
    after = edit.manifest.after
    if after is None:
        return
    shown = place.shown(place.manifest)
    violations = schema.check(layout.read(after, shown).value, keys, file=shown)
    if violations:
        told = "\n  ".join(map(str, violations))
        raise UserError(f"the manifest would break its contract\n  {told}", where=shown, fix="nothing was written")
