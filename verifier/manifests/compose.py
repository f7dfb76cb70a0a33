"""Signals over a manifest: what each field that is ours is to hold, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import UNSET, Struct

from verifier.manifests import layout
from verifier.manifests.ledger import Change
from verifier.manifests.model import Json, Signal, Withheld
from verifier.model import Confidence

DERIVED = "performance.derived_at"
"""Goes with another field, and says nothing without it."""
FIELDS = (
    "description",
    "features",
    "tags",
    "components",
    "apis",
    "apis_pending",
    "performance.sla_targets",
    DERIVED,
    "testing.coverage_target",
)
"""The fields that are composed of what stands in a repository. What is in none, nor measured, is its users'."""
MEASURED = (
    "performance.observed",
    "performance.sla_violation",
    "testing.coverage_observed",
    "testing.observed_at",
)
"""The fields that are composed of the artifacts of measurements, which come and go for themselves."""
OURS = (*FIELDS, *MEASURED)
"""Those that say something which can be shown to be wrong."""
ORIGINS = "_provenance"
ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
LEAST = Confidence.MEDIUM
"""The confidence that a field needs where the configuration says nothing."""


class Composed(Struct, frozen=True, kw_only=True):
    """What a manifest is to hold, and what it is not to."""

    changes: tuple[Change, ...]
    withheld: tuple[Withheld, ...]


def compose(
    signals: Sequence[Signal],
    withheld: Sequence[Withheld],
    manifest: Json,
    thresholds: Mapping[str, Confidence],
    fields: Sequence[str] = FIELDS,
) -> Composed:
    """What these `fields` of a manifest are to hold by these signals, one a field.

    What is there already and has no evidence goes; of what was never there nothing is said.
    """
    sure = {each.field: each for each in signals if is_sure(each, thresholds)}
    unsure = [_withheld(each, thresholds) for each in signals if each.field not in sure]
    changes = [
        change for field in fields for change in (_set(sure[field]) if field in sure else _unset(field, manifest))
    ]
    return Composed(changes=tuple(changes), withheld=(*withheld, *unsure))


def is_sure(signal: Signal, thresholds: Mapping[str, Confidence]) -> bool:
    """Whether a signal is as sure as its field has to be."""
    return ORDER.index(signal.confidence) >= ORDER.index(thresholds.get(signal.field, LEAST))


def _withheld(signal: Signal, thresholds: Mapping[str, Confidence]) -> Withheld:
    why = f"its confidence is {signal.confidence.value}, and {thresholds.get(signal.field, LEAST).value} is the least"
    return Withheld(field=signal.field, value=signal.value, provenance=signal.provenance, why=why)


def _set(signal: Signal) -> Iterator[Change]:
    origin: dict[str, Json] = {
        "provenance": [*signal.provenance],
        "confidence": signal.confidence.value,
        "reasons": [*signal.reasons],
    }
    for field, value in ((signal.field, signal.value), (layout.field_of((ORIGINS, signal.field)), origin)):
        yield Change(
            field=field,
            value=value,
            extractor=signal.field.rpartition(".")[2],
            confidence=signal.confidence,
            reasons=signal.reasons,
            sources=signal.sources,
        )


def _unset(field: str, manifest: Json) -> Iterable[Change]:
    """What takes away a field that nothing speaks for any more, with its origin."""
    names = (field, layout.field_of((ORIGINS, field)))
    return [
        Change(
            field=name,
            value=UNSET,
            extractor="compose",
            confidence=Confidence.HIGH,
            reasons=("evidence:none",),
        )
        for name in names
        if layout.value_at(manifest, name) is not UNSET
    ]
