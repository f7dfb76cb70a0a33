"""The description: built of what is known for sure, never scraped from prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.manifests.model import Signal, Withheld
from verifier.model import Confidence

FIELD = "description"
SHORTEST, LONGEST = 160, 220
"""Characters."""
MOST_NAMED = 8
ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
ENDINGS = (
    "",
    "All of this has its evidence in the manifest.",
    "All of this has its evidence in the manifest, with the place that it comes from.",
    "All of this has its evidence in the manifest, with the place that it comes from; what lacks any is left out.",
)
"""Sentences that are true of every description, for those that have little else to say."""


def describe(name: str, features: Signal | None, components: Signal | None, apis: Signal | None) -> Signal | Withheld:
    """The description of the module called `name`: whole sentences, with the same words for the same evidence.

    `apis` has the names of the verified APIs. Without a feature, or a number of components, there is nothing to say.
    """
    if features is None or not features.value:
        return _withheld((), "no feature has the evidence that it needs")
    if components is None:
        return _withheld(features.provenance, "nobody knows of how many components it consists")
    signals = tuple(filter(None, (features, components, apis)))
    pointers = tuple(sorted({pointer for signal in signals for pointer in signal.provenance}))
    names = _names(apis)
    fitting = (text for text in _texts(name, _names(features), _names(components), names) if len(text) >= SHORTEST)
    if (text := next(fitting, None)) is None:
        return _withheld(pointers, f"what is known does not make {SHORTEST} to {LONGEST} characters")
    return Signal(
        field=FIELD,
        value=text,
        provenance=pointers,
        confidence=min((signal.confidence for signal in signals), key=ORDER.index),
        reasons=("built:" + "+".join(signal.field for signal in signals),),
        sources=tuple(sorted({source for signal in signals for source in signal.sources})),
    )


def _withheld(pointers: tuple[str, ...], why: str) -> Withheld:
    return Withheld(field=FIELD, value=None, provenance=pointers, why=why)


def _names(signal: Signal | None) -> list[str]:
    """The values of a list, the keys of an object, or the one value."""
    value = signal.value if signal else []
    return [str(each) for each in value] if isinstance(value, list | dict) else [str(value)]


def _texts(name: str, features: list[str], components: list[str], apis: list[str]) -> Iterator[str]:
    """All that are not too long, those that say the most first."""
    for of_features in range(min(len(features), MOST_NAMED), 0, -1):
        provides = f"The module {name} provides {listed(features[:of_features])}."
        for of_apis in range(min(len(apis), MOST_NAMED), -1, -1):
            consists = f"It consists of {counted(int(components[0]), 'component')}{_offered(apis, of_apis)}."
            texts = (" ".join(filter(None, (provides, consists, ending))) for ending in ENDINGS)
            yield from (text for text in texts if len(text) <= LONGEST)


def _offered(apis: list[str], named: int) -> str:
    if not apis:
        return ""
    told = "that imports and is documented" if len(apis) == 1 else "that import and are documented"
    names = f": {listed(apis)}" if named == len(apis) else f", among them {listed(apis[:named])}" if named else ""
    return f" and offers {counted(len(apis), 'API')} {told}{names}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def counted(number: int, word: str) -> str:
    """`1 component`, `2 components`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
