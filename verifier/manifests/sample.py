"""A sample of what manifests claim, and what it says of all that they claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from math import ceil, exp, fsum, lgamma, log, log1p

from msgspec import Struct
from msgspec.structs import replace

from verifier.errors import NothingToCheck, UserError
from verifier.manifests import findings, writer
from verifier.manifests.audit import audit, claimed
from verifier.manifests.batch import Tell
from verifier.manifests.findings import Audited, owner, told
from verifier.manifests.model import Json, Place
from verifier.manifests.pipeline import World
from verifier.manifests.repository import Repository

CONFIDENCE = 0.95
HALVINGS = 60
"""After so many the bound is as exact as a float can be."""


class Claim(Struct, frozen=True, order=True):
    """An enriched field of a module; empty for a manifest that cannot be read, which claims to be one."""

    module: str
    field: str


class Sample(Struct, frozen=True, kw_only=True):
    """What was drawn, and what came of it."""

    seed: int
    size: int
    of: int
    """How many claims there are."""
    wrong: int
    """How many of the sample do not hold."""

    @property
    def percent(self) -> float:
        """With 95 % confidence no more of all claims are wrong, rounded up; if all were looked at, so many are."""
        rate = self.wrong / self.of if self.size == self.of else upper_bound(self.wrong, self.size)
        return ceil(1000 * rate) / 10


def audit_sample(
    places: Sequence[Place], world: World, tell: Tell, *, size: int, seed: int
) -> tuple[tuple[Audited, ...], Sample]:
    """Audits a sample of all that these modules claim, and no other module than it needs.

    Raises NothingToCheck if they claim nothing.
    """
    every = claims(places, world.repository)
    if not every:
        raise NothingToCheck("no manifest here claims anything", fix="`enrich --all` composes them")
    sample = frozenset(drawn(every, size, seed))
    modules = {claim.module for claim in sample}
    found = within(audit([place for place in places if place.path in modules], world, tell), sample)
    return found, Sample(seed=seed, size=len(sample), of=len(every), wrong=wrong_in(found, sample))


def claims(places: Iterable[Place], repository: Repository) -> tuple[Claim, ...]:
    """All that the manifests of these modules claim, sorted. Reads them, and nothing else."""
    return tuple(sorted(claim for place in places for claim in _of(place, repository)))


def _of(place: Place, repository: Repository) -> list[Claim]:
    try:
        manifest = writer.look(place, repository.ledgers).document.value
    except UserError:
        return [Claim(place.path, "")]
    return [Claim(place.path, field) for field in claimed(manifest)]


def drawn(every: Sequence[Claim], size: int, seed: int) -> tuple[Claim, ...]:
    """So many of the claims, or all if there are fewer: those whose hashes with the seed are the lowest.

    Each set of that size is as likely as any other, and a seed draws the same one under every version of Python.
    """
    chosen = sorted(every, key=lambda claim: sha256(f"{seed}\0{claim.module}\0{claim.field}".encode()).digest())
    return tuple(sorted(chosen[:size]))


def within(audited: Iterable[Audited], sample: Collection[Claim]) -> tuple[Audited, ...]:
    """What was found of the claims in a sample. What is wrong with a file as a whole is so for all of its module."""
    return tuple(
        replace(
            each,
            holds=tuple(field for field in each.holds if Claim(each.module, field) in sample),
            findings=tuple(
                found for found in each.findings if not found.field or Claim(each.module, owner(found.field)) in sample
            ),
        )
        for each in audited
    )


def wrong_in(audited: Iterable[Audited], sample: Iterable[Claim]) -> int:
    """How many claims of a sample do not hold."""
    fields = {(each.module, owner(found.field)) for each in audited for found in each.findings}
    return sum((claim.module, claim.field) in fields or (claim.module, "") in fields for claim in sample)


def as_text(audited: Sequence[Audited], sample: Sample) -> str:
    """For people: what does not hold, and in the last line what the sample says of all claims."""
    held = f"{sample.size - sample.wrong} of {sample.size} sampled claims hold (seed {sample.seed})"
    if sample.size == sample.of:
        return f"{told(audited)}{held}; there are no others\n"
    says = f"with 95 % confidence fewer than {sample.percent:g} % of all {sample.of} claims are wrong"
    return f"{told(audited)}{held}; {says}\n"


def as_json(audited: Sequence[Audited], sample: Sample) -> str:
    """The contract `schema/audit.schema.json`, with its `sample`."""
    drawn_as: dict[str, Json] = {"seed": sample.seed, "size": sample.size, "of": sample.of, "wrong": sample.wrong}
    return findings.as_json(audited, sample={**drawn_as, "at_most_percent": sample.percent})


def upper_bound(wrong: int, size: int, confidence: float = CONFIDENCE) -> float:
    """The exact (Clopper-Pearson) one-sided bound: the largest rate at which so few would be wrong by such a chance.

    For a sample that is drawn without putting back it is on the safe side.
    """
    if wrong >= size:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        rate = (low + high) / 2
        if _at_most(wrong, size, rate) > 1 - confidence:
            low = rate
        else:
            high = rate
    return high


def _at_most(wrong: int, size: int, rate: float) -> float:
    """The chance that of `size` no more than `wrong` are wrong, each with this rate."""

    def exactly(number: int) -> float:
        ways = lgamma(size + 1) - lgamma(number + 1) - lgamma(size - number + 1)
        return exp(ways + number * log(rate) + (size - number) * log1p(-rate))

    return fsum(map(exactly, range(wrong + 1)))
