"""The number of components is taken where a text states it, and nowhere else."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.components import components
from verifier.manifests.model import Absent, Signal, Withheld
from verifier.manifests.readers.context import document_of
from verifier.model import Confidence

PROSE = """
The cart keeps what a customer has chosen until it is paid, and says at any time what it would cost. It is written for
shops of any size, and it has been in use for years.
"""


def found(text: str) -> Signal | Withheld | None:
    document = document_of(f"# Cart\n{PROSE}\n{text}\n".encode(), "README.md", "shop/cart/README.md")
    assert not isinstance(document, Absent)
    return components(document)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It consists of 12 components.", 12),
        ("with 692 cognitive components", 692),
        ("**Components**: 70", 70),
        ("- Components: 1,200", 1200),
        ("| Key | Value |\n|---|---|\n| Components | 9 |", 9),
        ("It has 1 component.", 1),
    ],
)
def test_a_number_that_is_stated_counts(text: str, number: int) -> None:
    signal = found(text)
    assert isinstance(signal, Signal)
    assert (signal.value, signal.confidence, signal.reasons) == (number, Confidence.MEDIUM, ("stated:once",))
    assert signal.sources[0].path == "shop/cart/README.md"


def test_a_number_that_is_stated_again_is_sure() -> None:
    signal = found("It consists of 12 components.\n\n- Components: 12")
    assert isinstance(signal, Signal)
    assert (signal.value, signal.confidence, len(signal.provenance)) == (12, Confidence.HIGH, 2)


def test_a_contradiction_is_withheld_and_shown() -> None:
    withheld = found("It consists of 12 components.\n\n- Components: 13")
    assert isinstance(withheld, Withheld)
    assert withheld.why.startswith("the text contradicts itself: 12 (README.md:§Cart:L")
    assert len(withheld.provenance) == 2
    assert withheld.is_contradiction


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## Components (4 entrypoints)",
        "with 0 components",
        "About 20 components are planned.",
        "It will have 20 components.",
        "More than 20 components.",
        "version 2.12 components",
        "```\n12 components\n```",
        "`12 components`",
        "> 12 components",
        "- [ ] 12 components",
        "3-5 components",
        "10/12 components",
        "## Planned\n\nA bus, with 20 components.",
        "## Roadmap\n\n### Next\n\n- Components: 20",
        "## Example\n\nIt has 20 components.",
    ],
)
def test_what_is_no_plain_statement_of_now_is_none(text: str) -> None:
    assert found(text) is None


def test_drafts_and_what_is_not_there_say_nothing() -> None:
    draft = document_of(b"---\nstatus: draft\n---\n# Cart\n\nIt consists of 12 components.\n", "README.md", "README.md")
    assert components(draft) is None
    assert components(Absent("no file")) is None
