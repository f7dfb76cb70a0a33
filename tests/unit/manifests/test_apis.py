"""APIs of a manifest: what an import has shown, and the words that their docstrings and members use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verifier.codes import Code
from verifier.manifests.extractors.apis import apis
from verifier.manifests.model import Absent, Signal, Source
from verifier.manifests.readers.apis import Apis
from verifier.manifests.readers.definitions import read
from verifier.manifests.text import Phrases
from verifier.model import Answer, Basis, Confidence, How, Kind, Module, ModuleKind, Reason, Symbol, Verdict

WORDS = Phrases([("stream", "stream"), ("reflect", "reflection"), ("search index", "search")])
SOURCES = (Source("src/shop/__init__.py", "0"),)
TEXT = b'''
class Cart:
    """A cart that can stream what happens."""
    def reflect(self): ...
    def _search_index(self): ...

def buy():
    """Buy."""
'''
PACKAGE = Module(name="shop", kind=ModuleKind.SOURCE, file=Path("/r/src/shop/__init__.py"), shown="shop/__init__.py")


def verdict(name: str, *reasons: Code, module: str = "shop", how: How = How.DICT, imported: bool = True) -> Verdict:
    """What was found out about a name; nothing speaks against it without `reasons`."""
    return Verdict(
        symbol=Symbol(
            module=module, name=name, kind=Kind.CLASS, basis=Basis.ALL, defined_in="shop", file="shop/__init__.py",
            line=1, doc_chars=None,
        ),
        answer=Answer(how=how),
        import_verified=imported,
        doc_ok=Code.NEEDS_DOCS not in reasons,
        confidence=Confidence.HIGH,
        reasons=tuple(Reason(code=code, detail=f"it is {code.code}") for code in reasons),
    )  # fmt: skip


def signals(*verdicts: Verdict) -> dict[str, Signal]:
    """What is said of each field."""
    found = Apis(name="shop", base="src/", modules=(PACKAGE,), verdicts=verdicts)
    return {each.field: each for each in apis(found, {"shop": read(TEXT)}, WORDS, SOURCES)}


def value(signal: Signal) -> dict[str, Any]:
    """The entries of a field."""
    assert isinstance(signal.value, dict)
    return signal.value


def test_what_is_verified_has_its_module_and_where_it_was_seen() -> None:
    found = signals(verdict("buy"))
    assert list(found) == ["apis"]
    assert value(found["apis"]) == {
        "buy": {
            "module": "shop", "capabilities": [], "doc_ok": True, "import_verified": True, "confidence": "high",
            "provenance": ["ast:/src/shop/__init__.py", "importcheck:shop.buy"],
        }
    }  # fmt: skip
    signal = found["apis"]
    assert (signal.provenance, signal.confidence, signal.reasons, signal.sources) == (
        ("importcheck:shop",), Confidence.HIGH, ("importcheck:verified",), SOURCES,
    )  # fmt: skip


def test_capabilities_come_from_docstrings_and_public_members() -> None:
    assert value(signals(verdict("Cart"))["apis"])["Cart"]["capabilities"] == ["reflection", "stream"]


def test_what_something_speaks_against_is_pending_with_the_reason() -> None:
    found = signals(verdict("buy"), verdict("ghost", Code.UNRESOLVED, how=How.MISSING, imported=False))
    entry = value(found["apis_pending"])["ghost"]
    assert entry["reasons"] == [{"code": "unresolved", "detail": "it is unresolved"}]
    assert entry["provenance"] == ["ast:/src/shop/__init__.py"], "no import has shown it"
    assert (entry["needs_docs"], entry["import_verified"]) == (False, False)
    assert found["apis_pending"].reasons == ("importcheck:pending",)
    assert list(value(found["apis"])) == ["buy"]


@pytest.mark.parametrize(
    ("reasons", "needs"),
    [((Code.NEEDS_DOCS,), True), ((Code.NEEDS_DOCS, Code.NONE_VALUE), False), ((Code.NONE_VALUE,), False)],
)
def test_a_docstring_is_all_that_is_lacking_if_nothing_else_is(reasons: tuple[Code, ...], needs: bool) -> None:
    assert value(signals(verdict("buy", *reasons))["apis_pending"])["buy"]["needs_docs"] is needs


def test_a_package_that_offers_nothing_itself_offers_what_its_modules_do() -> None:
    own, inner = verdict("buy"), verdict("Cart", module="shop.cart")
    assert list(value(signals(own, inner)["apis"])) == ["buy"]
    assert list(value(signals(inner)["apis"])) == ["cart.Cart"]


def test_where_nothing_was_found_nothing_is_said() -> None:
    assert signals() == {}


def test_without_its_definition_an_api_has_no_capabilities() -> None:
    found = Apis(name="shop", base="", modules=(PACKAGE,), verdicts=(verdict("Cart"),))
    (signal,) = apis(found, {"shop": Absent("it cannot be parsed")}, WORDS, ())
    assert value(signal)["Cart"]["capabilities"] == []


def test_a_field_rests_on_the_files_that_advertise_or_define_its_apis() -> None:
    other = Module(name="shop.tax", kind=ModuleKind.SOURCE, file=Path("/r/src/shop/tax.py"), shown="shop/tax.py")
    found = Apis(
        name="shop", base="src/", modules=(PACKAGE, other), verdicts=(verdict("buy"), verdict("x", module="shop.tax"))
    )
    sources = (*SOURCES, Source("src/shop/tax.py", "1"))
    (signal,) = apis(found, {"shop": read(TEXT)}, WORDS, sources)
    assert signal.sources == SOURCES
