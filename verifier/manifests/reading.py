"""All that is read of one module before anything is decided; and the files and folders that it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from verifier.manifests.document import Docstring, Document, Status
from verifier.manifests.model import Absent, Place, Source, Unusable
from verifier.manifests.readers import context, definitions, index, package
from verifier.manifests.readers.apis import INIT, Apis
from verifier.manifests.readers.definitions import Defined
from verifier.manifests.readers.index import IndexReading
from verifier.manifests.repository import Repository
from verifier.manifests.sources import Content, content_of
from verifier.model import Problem


class Reading(Struct, frozen=True, kw_only=True):
    """What the sources of a module say."""

    text: Document | Absent
    docstrings: tuple[Docstring, ...]
    apis: Apis | Absent
    index: IndexReading | Absent | Problem
    definitions: Mapping[str, Mapping[str, Defined] | Absent]
    """What is defined in each of its modules, by their dotted names."""
    sources: tuple[Source, ...]
    """The files of its modules, and those that its APIs are defined in, sorted."""
    warnings: tuple[str, ...]
    """Sources that are there, and could not be used."""
    used: tuple[str, ...] | None
    """The files and folders that all this was read from, there or not; absolute. None if nobody can tell."""


def read(place: Place, found: Apis | Absent, repository: Repository) -> Reading:
    """What the sources of a module say; `found` is what its imports have shown."""
    text = context.read(place, repository.settings.context)
    of_package = package.read(place, repository.paths)
    of_index = index.read(place.folder / index.NAME, f"{place.path}/{index.NAME}")
    files = _files(found)
    contents = {name: content_of(place.root / file, file) for name, file in files.items()}
    held = {name: content for name, content in contents.items() if isinstance(content, Content)}
    return Reading(
        text=text,
        docstrings=docstrings_of(place, of_package),
        apis=found,
        index=of_index,
        definitions={name: definitions.read(each.data) for name, each in held.items() if files[name].endswith(".py")},
        sources=tuple(sorted(each.source for each in held.values())),
        warnings=(*_of_text(place, text), *_of_package(place, of_package), *_of_index(place, of_index)),
        used=_used(place, found, repository),
    )


def docstrings_of(place: Place, found: package.PackageReading | Absent | Problem) -> tuple[Docstring, ...]:
    """The docstrings of a module as documents have them."""
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


def _files(found: Apis | Absent) -> dict[str, str]:
    """The file of each module that matters, relative to the root of the repository, by its dotted name."""
    if isinstance(found, Absent):
        return {}
    return {module.name: f"{found.base}{module.shown}" for module in found.modules if module.file}


# --- what somebody has to look at -------------------------------------------------------------------------------------


def _of_text(place: Place, text: Document | Absent) -> Iterator[str]:
    if isinstance(text, Absent):
        if isinstance(text, Unusable):
            yield f"{place.path}: {text.why}"
        return
    yield from (f"{place.path}/{told}" for told in text.passed_over)
    if text.status is not Status.WRITTEN:
        yield f"{text.source.path}: {text.why}"
    yield from (f"{text.source.path}: {told}" for told in text.problems)


def _of_package(place: Place, found: package.PackageReading | Absent | Problem) -> Iterator[str]:
    if isinstance(found, Problem):
        yield f"{place.path}: {found.what}"
    elif isinstance(found, package.PackageReading):
        for each in found.unread:
            at = f":{each.problem.line}" if each.problem.line else ""
            yield f"{place.path}/{each.path}{at}: {each.problem.what}"


def _of_index(place: Place, found: IndexReading | Absent | Problem) -> Iterator[str]:
    if isinstance(found, Problem):
        yield f"{place.path}/{index.NAME}: {found.what}"


# --- where all this was read ------------------------------------------------------------------------------------------


def _used(place: Place, found: Apis | Absent, repository: Repository) -> tuple[str, ...] | None:
    read = [str(place.folder / name) for name in (*repository.settings.context, index.NAME)]
    read += map(str, package.watched(place, repository.paths))
    if isinstance(found, Absent):
        return tuple(read)
    if found.rests_on is None:
        return None
    above = place.folder.parents
    read += (str(folder / INIT) for folder in above if folder.is_relative_to(repository.root))
    read += (str(module.file) for module in found.modules if module.file)
    return tuple(dict.fromkeys((*read, *found.rests_on)))
