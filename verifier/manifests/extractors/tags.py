"""Tags: what the maintainers chose from the vocabulary, and the one of the lane."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.manifests import provenance
from verifier.manifests.model import Json, Signal, Withheld
from verifier.model import Confidence

FIELD = "tags"
LANE = "lane:"


def tags(manifest: Json, lane: str | None, known: frozenset[str]) -> tuple[Signal | None, tuple[Withheld, ...]]:
    """The tags of a module in this lane, and those in no vocabulary. `known` has `family:*` for open families."""
    written = [tag for tag in _written(manifest) if not tag.startswith(LANE)]
    kept = {tag for tag in written if is_known(tag, known)}
    of_lane = {f"{LANE}{lane}"} if lane and is_known(f"{LANE}{lane}", known) else set()
    withheld = tuple(
        Withheld(field=FIELD, value=tag, provenance=(), why="it is no tag of the vocabulary")
        for tag in sorted({*written} - kept)
    )
    if not kept | of_lane:
        return None, withheld
    grounds = {"lane": lane} if of_lane else {}
    grounds |= {"tags": "manifest"} if kept else {}
    signal = Signal(
        field=FIELD,
        value=[*sorted(kept | of_lane)],
        provenance=tuple(provenance.policy(kind, str(name)) for kind, name in grounds.items()),
        confidence=Confidence.HIGH,
        reasons=tuple(f"policy:{kind}" for kind in grounds),
    )
    return signal, withheld


def is_known(tag: str, known: frozenset[str]) -> bool:
    """Whether a vocabulary has the tag, or its family is open."""
    return tag in known or f"{tag.partition(':')[0]}:*" in known


def _written(manifest: Json) -> Iterator[str]:
    found = manifest.get(FIELD) if isinstance(manifest, dict) else None
    yield from (tag for tag in (found if isinstance(found, list) else []) if isinstance(tag, str))
