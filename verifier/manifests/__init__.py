"""enrich: from the sources of a module to what its manifest is to hold. The pipeline is one screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests import layout, schema, writer
from verifier.manifests.compose import Composed, compose
from verifier.manifests.document import Docstring
from verifier.manifests.extractors.apis import VERIFIED, apis
from verifier.manifests.extractors.components import components
from verifier.manifests.extractors.description import describe
from verifier.manifests.extractors.features import Mention, features, mentions
from verifier.manifests.extractors.names import Modules, modules_of
from verifier.manifests.extractors.policy import targets
from verifier.manifests.extractors.tags import tags
from verifier.manifests.generations import Generation, lane_of, shape_of
from verifier.manifests.history import Edit, State, plan
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Absent, Json, Place, Signal, Withheld
from verifier.manifests.readers import apis as reader_of_apis
from verifier.manifests.readers import context, definitions, package
from verifier.manifests.readers.apis import Apis, Verify
from verifier.manifests.repository import Repository
from verifier.manifests.sources import Content, content_of
from verifier.manifests.vocabulary import Vocabulary
from verifier.model import Interpreter, Problem


class Enriched(Struct, frozen=True, kw_only=True):
    """What became of one module."""

    place: Place
    edit: Edit | None = None
    """What there is to write; None where the module was refused."""
    withheld: tuple[Withheld, ...] = ()
    refused: UserError | None = None


class World(Struct, frozen=True, kw_only=True):
    """What is the same for all modules of a run."""

    repository: Repository
    interpreter: Interpreter
    verify: Verify
    stamp: Stamp


def enrich(chosen: Iterable[Place], world: World) -> Iterator[Enriched]:
    """What there is to write for each of the `chosen` modules, in their order. Nothing is written here."""
    places = tuple(chosen)
    repository = world.repository
    keys = repository.keys  # before all else: what is wrong with them is no fault of a module
    dotted = reader_of_apis.named(repository.places, repository.settings.import_roots)
    verified = dict(reader_of_apis.read(places, dotted, world.interpreter, world.verify))
    names = modules_of(place.path for place in repository.places)
    for place in places:
        try:
            yield _enriched(place, verified[place.path], names, keys, world)
        except UserError as error:
            yield Enriched(place=place, refused=error)


def _enriched(place: Place, found: Apis | Absent, names: Modules, keys: schema.Keys, world: World) -> Enriched:
    repository = world.repository
    state = writer.look(place, repository.ledgers)
    manifest = _of_ours(state, apart=repository.apart)
    composed = _composed(place, manifest, found, names, repository)
    edit = plan(state, composed.changes, world.stamp)
    _check(edit, place, keys)
    return Enriched(place=place, edit=edit, withheld=composed.withheld)


def _of_ours(state: State, *, apart: bool) -> Json:
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


def _composed(place: Place, manifest: Json, found: Apis | Absent, names: Modules, repository: Repository) -> Composed:
    """What the sources of a module come to."""
    settings, words = repository.settings, repository.vocabulary
    text = context.read(place, settings.context)
    docstrings = _docstrings(place, repository.places)
    lane = lane_of(manifest, repository.spellings)
    own_lane = lane if isinstance(lane, str) else None
    of_features, lacking = features(text, docstrings, words, names, place.path)
    of_components = components(text)
    of_apis = _apis(found, place, words)
    of_tags, unknown = tags(manifest, own_lane, repository.keys.tags)
    counted = of_components if isinstance(of_components, Signal) else None
    verified = next((signal for signal in of_apis if signal.field == VERIFIED), None)
    description = describe(place.path, of_features, counted, verified)
    said = (description, of_features, of_components, of_tags, *of_apis, *targets(own_lane, settings.lanes))
    return compose(
        [each for each in said if isinstance(each, Signal)],
        [*(each for each in said if isinstance(each, Withheld)), *lacking, *unknown],
        manifest,
        settings.thresholds,
    )


def mentions_of(place: Place, repository: Repository) -> tuple[Mention, ...]:
    """Every mention of a feature in the sources of a module, with what speaks against it."""
    text = context.read(place, repository.settings.context)
    names = modules_of(other.path for other in repository.places)
    return mentions(text, _docstrings(place, repository.places), repository.vocabulary, names, place.path)


def _docstrings(place: Place, places: Iterable[Place]) -> tuple[Docstring, ...]:
    found = package.read(place, [other.path for other in places if other.path != place.path])
    if isinstance(found, Absent | Problem):
        return ()
    sources = {source.path: source for source in found.sources}
    return tuple(
        Docstring(
            path=each.path,
            text=each.text,
            first=each.first,
            last=each.last,
            source=sources.get(f"{place.path}/{each.path}"),
        )
        for each in found.docstrings
    )


def _apis(found: Apis | Absent, place: Place, vocabulary: Vocabulary) -> tuple[Signal, ...]:
    if isinstance(found, Absent):
        return ()
    files = {each.module.name: each.module.file for each in found.modules if each.module.file is not None}
    contents = {name: content_of(file, place.shown(file)) for name, file in files.items()}
    read = {name: content for name, content in contents.items() if isinstance(content, Content)}
    known = {name: definitions.read(each.data) for name, each in read.items() if files[name].suffix == ".py"}
    sources = tuple(sorted(each.source for each in read.values()))
    return tuple(apis(found, known, vocabulary.capability_phrases, sources))


def _check(edit: Edit, place: Place, keys: schema.Keys) -> None:
    """Raises UserError if the manifest would break its contract: then nothing of it is written."""
    after = edit.manifest.after
    if after is None:
        return
    shown = place.shown(place.manifest)
    violations = schema.check(layout.read(after, shown).value, keys, file=shown)
    if violations:
        told = "\n  ".join(map(str, violations))
        raise UserError(f"the manifest would break its contract\n  {told}", where=shown, fix="nothing was written")
