"""An older manifest made one of ours: what has to be written, and in the ledger, so that `revert` takes it back."""

from __future__ import annotations

from msgspec import UNSET

from verifier.errors import UserError
from verifier.manifests import layout
from verifier.manifests.history import Edit, State, plan
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.migrate import migrate
from verifier.manifests.repository import Repository
from verifier.manifests.schema import Keys
from verifier.model import Confidence, Problem


def renewed(state: State, keys: Keys, repository: Repository, stamp: Stamp) -> Edit:
    """What `enrich migrate` writes for a module: nothing of what stood there is lost.

    `keys` are the canonical words. Raises UserError if nobody knows what the manifest is.
    """
    old = state.document.value
    found = migrate(old, keys, spellings=repository.spellings, apart=repository.apart)
    if isinstance(found, Problem):
        where = state.place.shown(state.place.manifest)
        raise UserError(f"this manifest {found.what}", where=where, fix="see docs/manifest.md")
    new = found.document
    why = {step.at[0]: step.why for step in found.steps if step.at}
    return plan(
        state,
        [
            Change(
                field=layout.field_of((name,)),
                value=new.get(name, UNSET),
                extractor="migrate",
                confidence=Confidence.HIGH,
                reasons=(f"migrate:{'changed' if name in why else 'kept'}",),
            )
            for name in sorted({*old, *new})
            if not layout.same(old.get(name, UNSET), new.get(name, UNSET))
        ],
        stamp,
    )
