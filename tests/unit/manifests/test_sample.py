"""A sample is drawn by its seed alone, and its bound is the exact one."""

from __future__ import annotations

import json
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.unit.manifests.enriched import MODULE, edit, ledger, manifest, repository, run, tell, world, write
from verifier.errors import NothingToCheck
from verifier.manifests.findings import Audited
from verifier.manifests.sample import (
    Claim,
    Sample,
    as_json,
    as_text,
    audit_sample,
    claims,
    drawn,
    upper_bound,
)
from verifier.resources import load_schema

CLAIMS = tuple(Claim(f"module{number}", field) for number in range(20) for field in ("apis", "features"))


@pytest.mark.parametrize("size", [1, 10, 59, 312, 5000])
def test_where_none_is_wrong_the_bound_is_known(size: int) -> None:
    assert upper_bound(0, size) == pytest.approx(1 - 0.05 ** (1 / size), rel=1e-9)


def test_59_claims_that_hold_show_that_fewer_than_5_percent_are_wrong() -> None:
    assert upper_bound(0, 58) > 0.05 > upper_bound(0, 59)


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
def test_at_the_bound_so_few_are_wrong_with_a_chance_of_5_percent(counts: tuple[int, int]) -> None:
    wrong, size = counts
    rate = Fraction(upper_bound(wrong, size))
    chance = sum(comb(size, each) * rate**each * (1 - rate) ** (size - each) for each in range(wrong + 1))
    assert float(chance) == pytest.approx(1.0 if wrong == size else 0.05, abs=1e-9)


def test_many_wrong_ones_of_many_do_not_overflow() -> None:
    assert 0.5 < upper_bound(10_000, 20_000) < 0.51


@given(st.integers(), st.permutations(CLAIMS), st.integers(1, 50))
def test_a_seed_draws_the_same_in_whatever_order(seed: int, order: list[Claim], size: int) -> None:
    found = drawn(order, size, seed)
    assert found == drawn(CLAIMS, size, seed)
    assert len(found) == len({*found}) == min(size, len(CLAIMS))
    assert {*found} <= {*drawn(CLAIMS, size + 1, seed)}


def test_every_claim_is_drawn_by_some_seed_and_none_by_all() -> None:
    samples = [{*drawn(CLAIMS, 20, seed)} for seed in range(40)]
    counts = {claim: sum(claim in sample for sample in samples) for claim in CLAIMS}
    assert (min(counts.values()) > 5, max(counts.values()) < 35) == (True, True)


# --- a repository -----------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that was enriched: seven claims of one module."""
    run(repository(tmp_path))
    return tmp_path


def sampled(root: Path, size: int, seed: int = 0) -> tuple[tuple[Audited, ...], Sample]:
    there = world(root)
    return audit_sample(there.repository.places, there, tell, size=size, seed=seed)


def test_what_holds_bounds_what_may_be_wrong(root: Path) -> None:
    (found,), sample = sampled(root, 3)
    assert (len(found.holds), found.findings) == (3, ())
    assert as_text((found,), sample) == (
        "3 of 3 sampled claims hold (seed 0); with 95 % confidence fewer than 63.2 % of all 7 claims are wrong\n"
    )


def test_of_all_claims_there_is_nothing_to_guess(root: Path) -> None:
    edit(root, lambda document: document.update(components=13))
    found, sample = sampled(root, 100)
    assert (sample.size, sample.of, sample.wrong, sample.percent) == (7, 7, 1, 14.3)
    assert as_text(found, sample).endswith("\n6 of 7 sampled claims hold (seed 0); there are no others\n")


def test_what_was_not_drawn_is_not_told(root: Path) -> None:
    edit(root, lambda document: document.update(components=13))
    every = claims(world(root).repository.places, world(root).repository)
    for seed in range(10):
        found, sample = sampled(root, 2, seed)
        is_drawn = Claim(MODULE, "components") in drawn(every, 2, seed)
        assert (sample.wrong, any(each.findings for each in found)) == (int(is_drawn), is_drawn)


def test_a_ledger_that_cannot_be_trusted_speaks_against_every_claim(root: Path) -> None:
    ledger(root).write_bytes(ledger(root).read_bytes()[:-1])
    assert sampled(root, 3)[1].wrong == 3


def test_a_manifest_that_cannot_be_read_is_a_claim_that_is_wrong(root: Path) -> None:
    write(manifest(root), "{")
    found, sample = sampled(root, 3)
    assert (sample.size, sample.of, sample.wrong) == (1, 1, 1)
    assert "(unreadable)" in as_text(found, sample)


def test_without_claims_there_is_nothing_to_audit(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck, match="claims anything"):
        sampled(repository(tmp_path), 3)


def test_machines_read_what_the_schema_says(root: Path) -> None:
    document = json.loads(as_json(*sampled(root, 3, 7)))
    Draft202012Validator(load_schema("audit")).validate(document)
    assert document["sample"] == {"seed": 7, "size": 3, "of": 7, "wrong": 0, "at_most_percent": 63.2}
