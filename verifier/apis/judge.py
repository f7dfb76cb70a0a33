"""Evidence → verdicts: the only place where what was seen becomes a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from verifier.apis import effects
from verifier.apis.checks import OF_MODULE, OF_SYMBOL, Case, is_documented, reasons_for
from verifier.codes import Severity
from verifier.errors import Exit
from verifier.model import (
    THERE,
    Answer,
    Basis,
    Confidence,
    Ending,
    Guard,
    How,
    ImportResult,
    Isolation,
    Kind,
    Module,
    ModuleVerdict,
    Reason,
    Report,
    Surface,
    Symbol,
    Verdict,
)

NOT_ASKED = Answer(how=How.MISSING)


def judge(case: Case, of_module: tuple[Reason, ...] | None = None) -> Verdict:
    """All checks over one symbol. What does not exist needs no docstring: that is asked of the rest.

    `of_module` is what speaks against its module, where that is known.
    """
    reasons = reasons_for(case, OF_MODULE) if of_module is None else of_module
    reasons += reasons_for(case, OF_SYMBOL)
    errors = bool(reasons) and any(reason.code.severity is Severity.ERROR for reason in reasons)
    lacks_docs = is_documented(case)
    if lacks_docs and not reasons:
        reasons = (*reasons, lacks_docs)
    return Verdict(
        symbol=case.symbol,
        answer=case.answer,
        import_verified=not errors and case.answer.how in THERE,
        doc_ok=lacks_docs is None,
        confidence=_confidence(case, disagree=case.result.ending is Ending.DONE and errors),
        reasons=reasons,
        notes=("static_unavailable",) if case.surface.listed_by_runtime else (),
    )


def _confidence(case: Case, *, disagree: bool) -> Confidence:
    if disagree:
        return Confidence.LOW
    looked = case.result.ending is Ending.DONE and not case.surface.listed_by_runtime
    return Confidence.HIGH if looked and case.symbol.defined_in else Confidence.MEDIUM


def symbols_of(surface: Surface, module: Module, result: ImportResult) -> tuple[Symbol, ...]:
    """The advertised symbols of a module: what its source says, completed by what only the import can show."""
    listed = tuple([symbol for symbol in surface.symbols if not _is_listed_elsewhere(symbol, result)])
    if surface.listed_by_runtime:
        shown: Iterable[str] = result.answers
    else:
        shown = (result.exports or ()) if surface.computed_exports else ()
    if not shown:
        return listed
    known = {symbol.name: symbol for symbol in listed}
    candidates = {symbol.name: symbol for symbol in surface.candidates}
    for name in shown:
        if name not in known:
            known[name] = candidates.get(name) or _runtime_symbol(module, name, result.answers.get(name, NOT_ASKED))
    return tuple(known[name] for name in sorted(known))


def _is_listed_elsewhere(symbol: Symbol, result: ImportResult) -> bool:
    """Whether `__all__` has the name under a condition that does not hold here, so that it is not advertised here."""
    conditional = symbol.basis is Basis.ALL and symbol.guard is Guard.CONDITION
    return conditional and result.exports is not None and symbol.name not in result.exports


def _runtime_symbol(module: Module, name: str, answer: Answer) -> Symbol:
    return Symbol(
        module=module.name,
        name=name,
        kind=answer.kind,
        basis=Basis.RUNTIME,
        defined_in=None,
        file=module.shown,
        line=None,
        doc_chars=answer.doc_chars,
    )


def answer_of(symbol: Symbol, module: Module, results: Mapping[str, ImportResult]) -> Answer:
    """How the module answers for the name, as `from module import name` would: a submodule counts, loaded or not."""
    result = results[module.name]
    answer = result.answers.get(symbol.name, NOT_ASKED) if result.ending is Ending.DONE else NOT_ASKED
    if answer.how is not How.MISSING or not module.is_package:
        return answer
    submodule = results.get(symbol.path)
    if submodule is None:
        return answer
    if submodule.ending is Ending.DONE:
        return Answer(how=How.DICT, kind=Kind.MODULE)
    return Answer(how=How.RAISED, failure=submodule.failure)


def _is_left_out(case: Case) -> bool:
    """Whether it is a submodule that was not to be checked (a private or a test module), and that nobody has loaded."""
    if case.answer.how is not How.MISSING or case.result.ending is not Ending.DONE:
        return False
    symbol = case.symbol
    return symbol.kind is Kind.MODULE and symbol.defined_in == symbol.path and symbol.path not in case.modules


def judge_module(
    module: Module, surface: Surface, results: Mapping[str, ImportResult], isolation: Isolation, min_doc: int
) -> tuple[ModuleVerdict, tuple[Verdict, ...]]:
    """The verdict on a module and on each of its symbols."""
    result = results[module.name]
    graded = tuple(effects.judge(effect, isolation) for effect in result.effects)
    of_symbols = [
        Case(
            symbol=symbol,
            module=module,
            surface=surface,
            result=result,
            answer=answer_of(symbol, module, results),
            effects=graded,
            modules=results,
            min_doc=min_doc,
        )
        for symbol in symbols_of(surface, module, result)
    ]
    cases = [case for case in of_symbols if not _is_left_out(case)]
    shown = ModuleVerdict(module=module, status=result.status, failure=result.failure, effects=graded)
    of_module = reasons_for(cases[0], OF_MODULE) if cases else ()
    return shown, tuple([judge(case, of_module) for case in cases])


def judge_all(
    modules: Iterable[Module],
    surfaces: Mapping[str, Surface],
    results: Mapping[str, ImportResult],
    isolation: Isolation,
    min_doc_of: Callable[[str], int],
) -> tuple[tuple[ModuleVerdict, ...], tuple[Verdict, ...]]:
    """Verdicts on all modules, in their order, and on all symbols, by path.

    `min_doc_of` says how many characters a docstring of a module needs.
    """
    shown: list[ModuleVerdict] = []
    verdicts: list[Verdict] = []
    for module in modules:
        min_doc = min_doc_of(module.name)
        on_module, on_symbols = judge_module(module, surfaces[module.name], results, isolation, min_doc)
        shown.append(on_module)
        verdicts += on_symbols
    return tuple(shown), tuple(verdicts)


def outcome(report: Report) -> Exit:
    """The exit code: a finding wins over nothing to check; warnings are findings where a target is `strict`."""
    if any(shown.strict or cause.code.severity is Severity.ERROR for shown in report.targets for cause in shown.causes):
        return Exit.FINDING
    if not report.targets or any(not shown.verdicts for shown in report.targets):
        return Exit.NOTHING
    return Exit.OK
