"""What becomes of one module, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from verifier.apis.cache.states import State
from verifier.errors import Exit, UserError
from verifier.manifests.history import Edit
from verifier.manifests.model import Candidate, Place, Withheld
from verifier.model import Refused


class Enriched(Struct, frozen=True, kw_only=True):
    """What became of one module."""

    place: Place
    edit: Edit | None = None
    """What there is to write; None where the module was refused."""
    withheld: tuple[Withheld, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Phrases without a canonical key."""
    warnings: tuple[str, ...] = ()
    """Sources that are there and could not be used, and what was taken out of the manifest."""
    used: Mapping[str, State] | None = None
    """What it was composed from, beside the manifest and its ledger.

    None if some of it has changed meanwhile, or nobody can tell what it was.
    """
    is_skipped: bool = False
    """All that it is composed from is as it was at the last run; what was withheld and warned of then is told again."""
    refused: Refused | None = None
    exit: Exit = Exit.OK


def refused(place: Place, error: UserError) -> Enriched:
    """A module that nothing can be written of."""
    why = Refused(what=error.what, where=error.where, fix=error.fix)
    return Enriched(place=place, refused=why, exit=error.exit)
