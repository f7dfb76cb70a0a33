"""An older manifest made one of ours: what has to be written, and in the ledger, so that `revert` takes it back."""

from __future__ import annotations

from msgspec import UNSET

from verifier.errors import UserError
from verifier.manifests import layout
from verifier.manifests.history import Edit, State, plan
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.migrate import migrate
from verifier.manifests.model import Json
from verifier.manifests.repository import Repository
from verifier.manifests.schema import Keys
from verifier.model import Confidence, Problem

HOLDERS = frozenset({"matrix", "performance", "testing", "_provenance"})
"""Objects whose members are fields by themselves: no field of a ledger lies within another one."""


def renewed(state: State, keys: Keys, repository: Repository, stamp: Stamp) -> Edit:
    """What `enrich migrate` writes for a module: nothing of what stood there is lost.

    `keys` are the canonical words. Raises UserError if nobody knows what the manifest is.
    """
    old = state.document.value
    found = migrate(old, keys, spellings=repository.spellings, apart=repository.apart)
    if isinstance(found, Problem):
        where = state.place.shown(state.place.manifest)
        raise UserError(f"this manifest {found.what}", where=where, fix="see docs/manifest.md")
    before, after = _fields(old), _fields(found.document)
    why = {step.at[0]: step.why for step in found.steps if step.at}
    return plan(
        state,
        [
            Change(
                field=field,
                value=after.get(field, UNSET),
                extractor="migrate",
                confidence=Confidence.HIGH,
                reasons=(f"migrate:{'changed' if layout.keys_of(field)[0] in why else 'kept'}",),
            )
            for field in sorted({*before, *after})
            if not layout.same(before.get(field, UNSET), after.get(field, UNSET))
        ],
        stamp,
    )


def _fields(document: Json) -> dict[str, Json]:
    """What a manifest holds, by the fields that ledgers speak of; an object that holds nothing is none."""
    found: dict[str, Json] = {}
    for name, value in document.items() if isinstance(document, dict) else ():
        if name in HOLDERS and isinstance(value, dict):
            found |= {layout.field_of((name, key)): each for key, each in value.items()}
        elif value != {}:
            found[layout.field_of((name,))] = value
    return found
