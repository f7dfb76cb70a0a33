"""The words of manifests, as frozen values. Nothing here reads, decides or writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from verifier.model import Confidence

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
    """What a JSON document can hold."""
else:
    Json = Any  # msgspec knows no recursive types


class Absent(Struct, frozen=True):
    """A source that was not there or could not be used, and why."""

    why: str


class Unusable(Absent, frozen=True):
    """A source that is there and could not be used: somebody has to look at it."""


class Source(Struct, frozen=True, order=True):
    """A file that evidence was read from."""

    path: str
    """Relative to the repository's root, with `/`."""
    digest: str
    """SHA-256 of its bytes, in hex."""


class Place(Struct, frozen=True, kw_only=True):
    """A module of a repository. Its identity is `path`; names of folders collide."""

    root: Path
    """The repository's root, absolute."""
    path: str
    """The module's folder relative to the root, with `/`: `services/mcp-server`."""
    manifest: Path
    """Its manifest, absolute: in the module's folder, or in a tree of its own."""

    @property
    def folder(self) -> Path:
        """Where the code is."""
        return self.root / self.path

    def shown(self, path: Path) -> str:
        """A path as the repository has it."""
        return path.relative_to(self.root).as_posix()


class Signal(Struct, frozen=True, kw_only=True):
    """What an extractor says of one field of a manifest."""

    field: str
    """Dotted: `features`, `performance.sla_targets`."""
    value: Json
    provenance: tuple[str, ...]
    """Pointers (`provenance.py`), sorted; at least one."""
    confidence: Confidence
    reasons: tuple[str, ...]
    """Stable codes such as `pattern:H2+UL`, sorted; at least one."""
    sources: tuple[Source, ...] = ()
    """The files that it depends on, sorted."""

    def __post_init__(self) -> None:
        if not self.provenance or not self.reasons:
            raise ValueError(f"{self.field}: nobody can say where this comes from")


class Withheld(Struct, frozen=True, kw_only=True):
    """A value that lacks evidence, or that something speaks against: it goes to the review queue."""

    field: str
    value: Json
    """What would have been written: a canonical key, a number, or a phrase that no vocabulary knows."""
    provenance: tuple[str, ...]
    why: str
    """For people: what is missing, or what speaks against it."""
    is_contradiction: bool = False
    """Two places say what cannot both be so."""


class Candidate(Struct, frozen=True, order=True):
    """A phrase without a canonical key, in one module."""

    form: str
    """What all spellings of it have in common: the same phrase in two modules has the same one."""
    phrase: str
    """As it stands in the text, where it stands first."""
    pointers: tuple[str, ...]
    patterns: tuple[str, ...]
    """The kinds of places: `B`, `H2`, `UL`."""
