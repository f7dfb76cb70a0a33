"""What the tests of ledgers and of their history share."""

from __future__ import annotations

from verifier.manifests.layout import Value
from verifier.manifests.ledger import Change
from verifier.manifests.model import Source
from verifier.model import Confidence


def change(field: str, value: Value, *, source: str = "a") -> Change:
    """A change that rests on one file; `source` is the character that its digest is made of."""
    return Change(
        field=field,
        value=value,
        extractor="features",
        confidence=Confidence.HIGH,
        reasons=("pattern:H2+UL",),
        sources=(Source("shop/claude.me", source * 64),),
    )
