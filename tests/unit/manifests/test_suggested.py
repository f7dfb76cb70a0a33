"""What an index lists is for people to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.manifests.extractors.suggested import suggested
from verifier.manifests.model import Absent, Source, Withheld
from verifier.manifests.readers.apis import Apis
from verifier.manifests.readers.index import IndexReading, Suggestion
from verifier.model import (
    Answer,
    Basis,
    Confidence,
    How,
    Kind,
    Module,
    ModuleKind,
    Problem,
    Symbol,
    Verdict,
)

INDEX = IndexReading(
    source=Source("shop/directory_index.json", "0"),
    suggestions=(
        Suggestion(file="a.py", name="Cart", line=3),
        Suggestion(file="a.py", name="_own", line=9),
        Suggestion(file="b.py", name="pay", line=1),
        Suggestion(file="b.py", name="Order", line=5),
    ),
)


def apis(*names: str) -> Apis:
    """A package that offers these."""
    module = Module(name="shop", kind=ModuleKind.SOURCE, file=Path("/shop/__init__.py"), shown="shop/__init__.py")
    verdicts = tuple(
        Verdict(
            symbol=Symbol(
                module="shop", name=name, kind=Kind.CLASS, basis=Basis.ALL, defined_in=None, file="shop/__init__.py",
                line=1, doc_chars=None,
            ),
            answer=Answer(how=How.DICT),
            import_verified=True,
            doc_ok=True,
            confidence=Confidence.HIGH,
        )
        for name in names
    )  # fmt: skip
    return Apis(name="shop", base="", modules=(module,), verdicts=verdicts)


def test_names_that_are_there_and_not_offered_are_told_with_their_places() -> None:
    assert suggested(INDEX, apis("Cart")) == Withheld(
        field="apis",
        value=["Order", "pay"],
        provenance=("ast:b.py:L1", "ast:b.py:L5"),
        why="directory_index.json lists them, and the package does not offer them",
    )


@pytest.mark.parametrize("index", [Absent("there is none"), Problem(what="is no JSON"), INDEX])
def test_otherwise_there_is_nothing_to_say(index: IndexReading | Absent | Problem) -> None:
    assert suggested(index, apis("Cart", "pay", "Order")) is None
    assert suggested(index, Absent("it cannot be imported")) is None
