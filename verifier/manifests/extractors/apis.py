"""APIs: what was verified, and what is pending with the reasons; with the capabilities that their docstrings show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.codes import Code
from verifier.manifests import provenance
from verifier.manifests.model import Absent, Json, Signal, Source
from verifier.manifests.readers.apis import Apis
from verifier.manifests.readers.definitions import Defined
from verifier.manifests.text import Phrases, tokens
from verifier.model import THERE, Confidence, Verdict

VERIFIED, PENDING = "apis", "apis_pending"


def apis(
    found: Apis,
    definitions: Mapping[str, Mapping[str, Defined] | Absent],
    words: Phrases,
    sources: tuple[Source, ...],
) -> Iterator[Signal]:
    """Both fields, each where there is anything to say.

    `definitions` are those of each module, by its dotted name; `words` those of the vocabulary of capabilities;
    `sources` the files of the module: a field rests on those that advertise or define one of its APIs.
    """
    named = dict(_named(found))
    entries = {
        VERIFIED: {
            name: _verified(each, found.base, _capabilities(_definition(each, definitions), words))
            for name, each in named.items()
            if each.verified
        },
        PENDING: {name: _pending(each, found.base) for name, each in named.items() if not each.verified},
    }
    files = {module.name: f"{found.base}{module.shown}" for module in found.modules}
    for field, values in entries.items():
        if values:
            symbols = [named[name].symbol for name in values]
            rests_on = {files.get(module or "") for each in symbols for module in (each.module, each.defined_in)}
            yield Signal(
                field=field,
                value=dict(sorted(values.items())),
                provenance=(provenance.imported(found.name),),
                confidence=Confidence.HIGH,
                reasons=("importcheck:verified" if field == VERIFIED else "importcheck:pending",),
                sources=tuple(source for source in sources if source.path in rests_on),
            )


def _named(found: Apis) -> Iterator[tuple[str, Verdict]]:
    """The APIs by the name that users know: those of the package itself; where it has none, those of its modules."""
    own = [verdict for verdict in found.verdicts if verdict.symbol.module == found.name]
    for verdict in own or found.verdicts:
        yield verdict.symbol.path.removeprefix(f"{found.name}."), verdict


def _verified(verdict: Verdict, base: str, capabilities: list[Json]) -> dict[str, Json]:
    symbol = verdict.symbol
    return {
        "module": symbol.module,
        "capabilities": capabilities,
        "doc_ok": True,
        "import_verified": True,
        "provenance": _pointers(verdict, base),
        "confidence": verdict.confidence.value,
    }


def _pending(verdict: Verdict, base: str) -> dict[str, Json]:
    return {
        "module": verdict.symbol.module,
        "doc_ok": verdict.doc_ok,
        "import_verified": verdict.import_verified,
        "needs_docs": {reason.code for reason in verdict.reasons} == {Code.NEEDS_DOCS},
        "provenance": _pointers(verdict, base),
        "confidence": verdict.confidence.value,
        "reasons": [{"code": reason.code.code, "detail": reason.detail} for reason in verdict.reasons],
    }


def _pointers(verdict: Verdict, base: str) -> list[Json]:
    symbol = verdict.symbol
    seen = [provenance.imported(symbol.path)] if verdict.answer.how in THERE else []
    return [*sorted({provenance.code(f"/{base}{symbol.file}"), *seen})]


def _definition(verdict: Verdict, definitions: Mapping[str, Mapping[str, Defined] | Absent]) -> Defined | None:
    known = definitions.get(verdict.symbol.defined_in or "")
    return known.get(verdict.symbol.name) if isinstance(known, Mapping) else None


def _capabilities(defined: Defined | None, words: Phrases) -> list[Json]:
    """The capabilities that the docstring speaks of, or that a public member is named after."""
    if defined is None:
        return []
    texts = (defined.docstring, *(member.replace("_", " ") for member in defined.members))
    return [*sorted({found.key for text in texts for found in words.find(tokens(text))})]
