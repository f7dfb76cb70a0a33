"""Tags: what the maintainers chose from the vocabulary, and the one of the lane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.manifests import provenance
from verifier.manifests.model import Json, Signal
from verifier.model import Confidence

FIELD = "tags"
LANE = "lane:"


def tags(manifest: Json, lane: str | None, known: frozenset[str]) -> Signal | None:
    """The tags of a module in this lane. `known` are those of the vocabulary, `family:*` for open families."""
    kept = {*chosen([*_written(manifest)], known)}
    of_lane = {f"{LANE}{lane}"} if lane and is_known(f"{LANE}{lane}", known) else set()
    if not kept | of_lane:
        return None
    grounds = {"lane": lane} if of_lane else {}
    grounds |= {"tags": "manifest"} if kept else {}
    return Signal(
        field=FIELD,
        value=[*sorted(kept | of_lane)],
        provenance=tuple(provenance.policy(kind, str(name)) for kind, name in grounds.items()),
        confidence=Confidence.HIGH,
        reasons=tuple(f"policy:{kind}" for kind in grounds),
    )


def chosen(tags: Sequence[Json], known: frozenset[str]) -> list[str]:
    """The tags that the vocabulary has, sorted, but for that of the lane."""
    texts = {tag for tag in tags if isinstance(tag, str) and not tag.startswith(LANE)}
    return sorted(tag for tag in texts if is_known(tag, known))


def unknown(manifest: Json, known: frozenset[str]) -> tuple[str, ...]:
    """The tags of a manifest that are in no vocabulary, sorted: no manifest keeps them."""
    return tuple(sorted({tag for tag in _written(manifest) if not is_known(tag, known)}))


def is_known(tag: str, known: frozenset[str]) -> bool:
    """Whether a vocabulary has the tag, or its family is open."""
    return tag in known or f"{tag.partition(':')[0]}:*" in known


def _written(manifest: Json) -> Iterator[str]:
    """The tags of a manifest, but for that of its lane."""
    found = manifest.get(FIELD) if isinstance(manifest, dict) else None
    for tag in found if isinstance(found, list) else []:
        if isinstance(tag, str) and not tag.startswith(LANE):
            yield tag
