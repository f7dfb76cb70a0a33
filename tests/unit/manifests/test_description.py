"""Descriptions are built of evidence, and are the same for the same evidence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.manifests.extractors.description import LONGEST, SHORTEST, describe
from verifier.manifests.model import Json, Signal, Withheld
from verifier.model import Confidence

KEYS = ("http.client", "data.validation", "task.queue", "phenomenology.pipeline", "temporal.coherence")


def signal(field: str, value: Json, confidence: Confidence = Confidence.HIGH) -> Signal:
    return Signal(field=field, value=value, provenance=(f"{field}.md:§:L1",), confidence=confidence, reasons=("x",))


def described(features: list[str], components: int, apis: list[str]) -> Signal | Withheld:
    offered = signal("apis", {name: {} for name in apis}) if apis else None
    return describe("shop/cart", signal("features", list(features)), signal("components", components), offered)


def test_it_says_what_is_known() -> None:
    found = described(["data.validation", "http.client"], 12, ["Cart", "total"])
    assert isinstance(found, Signal)
    assert found.value == (
        "The module shop/cart provides data.validation and http.client. It consists of 12 components and offers 2 APIs "
        "that import and are documented: Cart and total. All of this has its evidence in the manifest."
    )
    assert found.provenance == ("apis.md:§:L1", "components.md:§:L1", "features.md:§:L1")
    assert found.reasons == ("built:features+components+apis",)


def test_without_features_there_is_none() -> None:
    for features in (None, signal("features", [])):
        found = describe("shop", features, signal("components", 3), None)
        assert isinstance(found, Withheld)
        assert (found.value, "no feature" in found.why) == (None, True)


def test_without_a_number_of_components_there_is_none() -> None:
    found = describe("shop", signal("features", ["http.client"]), None, None)
    assert isinstance(found, Withheld)
    assert "how many components" in found.why


def test_it_is_as_sure_as_the_least_sure_part() -> None:
    features = signal("features", ["http.client"], Confidence.MEDIUM)
    found = describe("shop", features, signal("components", 1), None)
    assert isinstance(found, Signal)
    assert found.confidence is Confidence.MEDIUM


def test_a_name_that_fills_it_all_is_withheld() -> None:
    found = describe("x" * 300, signal("features", ["http.client"]), signal("components", 1), None)
    assert isinstance(found, Withheld)
    assert "characters" in found.why


@given(
    st.lists(st.sampled_from(KEYS), min_size=1, unique=True),
    st.integers(0, 2000),
    st.lists(st.from_regex(r"[A-Za-z_]\w{0,30}", fullmatch=True), max_size=40, unique=True),
)
def test_whatever_is_known_it_has_its_size_and_whole_sentences(
    features: list[str], components: int, apis: list[str]
) -> None:
    found = described(features, components, apis)
    assert isinstance(found, Signal)
    assert isinstance(found.value, str)
    assert SHORTEST <= len(found.value) <= LONGEST
    assert re.fullmatch(r"(?:[A-Z].*\.)", found.value)
    assert features[0] in found.value
    assert re.search(rf"\b{components} components?\b", found.value)
    assert described(features, components, apis) == found


@pytest.mark.parametrize(("number", "words"), [(0, "0 components"), (1, "1 component and"), (2, "2 components")])
def test_numbers_and_words_agree(number: int, words: str) -> None:
    found = described(["http.client"], number, ["Cart"])
    assert isinstance(found, Signal)
    assert isinstance(found.value, str)
    assert words in found.value
    assert "1 API that imports and is documented: Cart" in found.value
