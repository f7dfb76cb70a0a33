"""Evidence → verdicts: the only place where what was seen becomes a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from verifier.apis import effects
from verifier.apis.checks import OF_MODULE, OF_SYMBOL, Case, is_documented
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
BY_RUNTIME = ("static_unavailable",)


def against_all(case: Case) -> tuple[Reason, ...]:
    """What speaks against a module, and so against each of its symbols."""
    return tuple([reason for check in OF_MODULE if (reason := check(case)) is not None])


def judge(case: Case, symbol: Symbol, answer: Answer, of_module: tuple[Reason, ...]) -> Verdict:
    """All checks over one symbol, beside what `against_all` has found in its module.

    What does not exist needs no docstring: that is asked of the rest.
    """
    reasons = of_module
    for check in OF_SYMBOL:
        reason = check(case, symbol, answer)
        if reason is not None:
            reasons = (*reasons, reason)
    errors = bool(reasons) and any(reason.code.severity is Severity.ERROR for reason in reasons)
    lacks_docs = is_documented(case, symbol, answer)
    if lacks_docs and not reasons:
        reasons = (lacks_docs,)
    return Verdict(
        symbol=symbol,
        answer=answer,
        import_verified=not errors and answer.how in THERE,
        doc_ok=lacks_docs is None,
        confidence=_confidence(case, symbol, errors=errors),
        reasons=reasons,
        notes=BY_RUNTIME if case.surface.listed_by_runtime else (),
    )


def _confidence(case: Case, symbol: Symbol, *, errors: bool) -> Confidence:
    if case.result.ending is not Ending.DONE:
        return Confidence.MEDIUM
    if errors:
        return Confidence.LOW  # the source has it, and the import says otherwise
    return Confidence.HIGH if symbol.defined_in and not case.surface.listed_by_runtime else Confidence.MEDIUM


def symbols_of(surface: Surface, module: Module, result: ImportResult) -> tuple[Symbol, ...]:
    """The advertised symbols of a module: what its source says, completed by what only the import can show."""
    listed = surface.symbols
    if result.exports is not None:
        listed = tuple([symbol for symbol in listed if not _is_listed_elsewhere(symbol, result.exports)])
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


def _is_listed_elsewhere(symbol: Symbol, exports: tuple[str, ...]) -> bool:
    """Whether `__all__` has the name under a condition that does not hold here, so that it is not advertised here."""
    return symbol.guard is Guard.CONDITION and symbol.basis is Basis.ALL and symbol.name not in exports


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


def _answer_of_submodule(submodule: ImportResult) -> Answer:
    """How a package answers for it: `from package import submodule` imports what is not loaded."""
    if submodule.ending is Ending.DONE:
        return Answer(how=How.DICT, kind=Kind.MODULE)
    return Answer(how=How.RAISED, failure=submodule.failure)


def _is_left_out(case: Case, symbol: Symbol) -> bool:
    """Whether it is a submodule that was not to be checked (a private or a test module), and that nobody has loaded."""
    submodule = symbol.kind is Kind.MODULE and symbol.defined_in == symbol.path and symbol.path not in case.modules
    return submodule and case.result.ending is Ending.DONE


def judge_module(
    module: Module, surface: Surface, results: Mapping[str, ImportResult], isolation: Isolation, min_doc: int
) -> tuple[ModuleVerdict, tuple[Verdict, ...]]:
    """The verdict on a module and on each of its symbols."""
    result = results[module.name]
    graded = tuple([effects.judge(effect, isolation) for effect in result.effects])
    case = Case(module=module, surface=surface, result=result, effects=graded, modules=results, min_doc=min_doc)
    answers = result.answers if result.ending is Ending.DONE else {}
    of_module = against_all(case)
    verdicts: list[Verdict] = []
    for symbol in symbols_of(surface, module, result):
        answer = answers.get(symbol.name, NOT_ASKED)
        if answer.how is How.MISSING:
            if module.is_package and symbol.path in results:
                answer = _answer_of_submodule(results[symbol.path])
            elif _is_left_out(case, symbol):
                continue
        verdicts.append(judge(case, symbol, answer, of_module))
    shown = ModuleVerdict(module=module, status=result.status, failure=result.failure, effects=graded)
    return shown, tuple(verdicts)


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
