"""How gates and scores are told: each format draws from the values alone. Same values, same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from verifier.manifests.formats import junit, machine, markdown, sarif, text
from verifier.manifests.judging import Run
from verifier.manifests.past import Scored

OfGates: TypeAlias = Callable[[Run], str]
OfScores: TypeAlias = Callable[[Sequence[Scored]], str]
GATES: Mapping[str, OfGates] = {
    "text": text.gates,
    "json": machine.gates,
    "markdown": markdown.gates,
    "junit": junit.gates,
    "sarif": sarif.gates,
}
SCORES: Mapping[str, OfScores] = {
    "text": text.scores,
    "json": machine.scores,
    "markdown": markdown.scores,
    "junit": junit.scores,
    "sarif": sarif.scores,
}
