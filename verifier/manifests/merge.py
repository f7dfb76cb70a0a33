"""Manifests of two branches, so that git can merge them: what is composed anew anyway is no matter for a conflict."""

from __future__ import annotations

from verifier.errors import UserError
from verifier.manifests import layout
from verifier.manifests.compose import ORIGINS, OURS
from verifier.manifests.model import Json


def aligned(ours: bytes, other: bytes) -> bytes:
    """`other` with the enriched fields as `ours` has them; unchanged where one of the two is no manifest.

    Where all three sides of a merge are made so, git finds differences in the users' own fields alone.
    """
    try:
        mine, theirs = layout.read(ours, "ours"), layout.read(other, "theirs")
        fields = {*OURS, *_origins(mine.value), *_origins(theirs.value)}
        return layout.changed(theirs, {field: layout.value_at(mine.value, field) for field in fields})
    except UserError:
        return other


def _origins(manifest: dict[str, Json]) -> list[str]:
    found = manifest.get(ORIGINS)
    return [layout.field_of((ORIGINS, name)) for name in found] if isinstance(found, dict) else []
