"""Evidence → verdicts: the only place where what was seen becomes a decision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from verifier.apis import effects
from verifier.codes import Code, Severity
from verifier.errors import Exit
from verifier.model import (
    Answer,
    Basis,
    Confidence,
    Ending,
    Evidence,
    Failure,
    Grade,
    GradedEffect,
    Guard,
    How,
    ImportResult,
    Isolation,
    Kind,
    Module,
    ModuleKind,
    ModuleVerdict,
    Reason,
    Report,
    Surface,
    Symbol,
    Verdict,
)

THERE = (How.DICT, How.LAZY)
NOT_ASKED = Answer(how=How.MISSING)
BY_ENDING = {
    Ending.TIMEOUT: Code.IMPORT_TIMEOUT,
    Ending.MEMORY: Code.IMPORT_MEMORY,
    Ending.TAMPERED: Code.TAMPERED,
    Ending.NOT_REACHED: Code.NOT_TRIED,
}
BY_DEATH = {
    "Exited": Code.IMPORT_EXITED,
    "Crashed": Code.IMPORT_CRASHED,
    "Died": Code.IMPORT_CRASHED,
    "Timeout": Code.IMPORT_TIMEOUT,
}
BY_EXCEPTION = {
    "SyntaxError": Code.SYNTAX_ERROR,
    "IndentationError": Code.SYNTAX_ERROR,
    "TabError": Code.SYNTAX_ERROR,
    "MemoryError": Code.IMPORT_MEMORY,
}
# what Python makes of EPERM and EACCES, the errors of a refused call
REFUSAL = "PermissionError"
# CPython's own words for a module that is asked for a name before it has come to bind it
HALF_IMPORTED = "partially initialized module"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that is known of one symbol."""

    symbol: Symbol
    module: Module
    surface: Surface
    result: ImportResult
    answer: Answer
    effects: tuple[GradedEffect, ...]
    min_doc: int


Check = Callable[[Case], Reason | None]


# --- is its module importable? ----------------------------------------------------------------------------------------


def failure_code(
    module: Module, surface: Surface, result: ImportResult, effects: tuple[GradedEffect, ...]
) -> Code | None:
    """The reason code for an import that did not come through; None if it did."""
    if result.ending is Ending.DONE:
        return None
    if module.kind is ModuleKind.STUB:
        return Code.STUB_ONLY
    failure = result.failure
    if failure is None or result.ending in BY_ENDING:
        return BY_ENDING.get(result.ending, Code.IMPORT_ERROR)
    if result.ending is Ending.DIED:
        return BY_DEATH[failure.type]
    if failure.type == REFUSAL and forbidden(effects):
        return Code.FORBIDDEN_EFFECT  # what it tried was refused, and of that it failed
    code = _exception_code(module, failure)
    undecodable = surface.problem is not None and surface.problem.undecodable
    return Code.UNREADABLE if code is Code.SYNTAX_ERROR and undecodable else code


def _exception_code(module: Module, failure: Failure) -> Code:
    if failure.exits:
        return Code.IMPORT_EXITED
    if failure.type in BY_EXCEPTION:
        return BY_EXCEPTION[failure.type]
    if HALF_IMPORTED in failure.message:
        return Code.CIRCULAR_IMPORT
    if failure.type == "ModuleNotFoundError" and failure.missing:
        own = failure.missing.partition(".")[0] == module.name.partition(".")[0]
        return Code.MISSING_MODULE if own else Code.MISSING_DEPENDENCY
    return Code.IMPORT_ERROR


def imports(case: Case) -> Reason | None:
    """Its module is importable."""
    code = failure_code(case.module, case.surface, case.result, case.effects)
    if code is None or code is Code.FORBIDDEN_EFFECT:
        return None
    return Reason(code=code, detail=describe(case.result))


def describe(result: ImportResult) -> str:
    """The failure in one line, with the package that is to blame where it is another one."""
    failure = result.failure
    told = f"{failure.type}: {failure.message}" if failure else result.ending.value
    return f"{told} (importing {result.culprit})" if result.culprit else told


def leaves_the_world_alone(case: Case) -> Reason | None:
    """Importing its module has no forbidden effect."""
    found = forbidden(case.effects)
    if not found:
        return None
    return Reason(code=Code.FORBIDDEN_EFFECT, detail=", ".join(describe_effect(seen) for seen in found[:3]))


def forbidden(effects: Iterable[GradedEffect]) -> tuple[GradedEffect, ...]:
    """Those effects that speak against a module."""
    return tuple(seen for seen in effects if seen.grade is Grade.FORBIDDEN)


def describe_effect(seen: GradedEffect) -> str:
    """`write /etc/motd (refused)`."""
    told = f"{seen.effect.kind} {seen.effect.target}".strip()
    return f"{told} (refused)" if seen.stopped else told


def is_the_file_that_was_read(case: Case) -> Reason | None:
    """The import found the file that static analysis has read."""
    file, origin = case.module.file, case.result.origin
    if case.result.ending is not Ending.DONE or file is None or origin is None or not Path(origin).is_absolute():
        return None
    if same_module_file(file, Path(origin)):
        return None
    return Reason(code=Code.SHADOWED, detail=f"imported from {origin}")


@lru_cache(maxsize=8192)
def same_module_file(read: Path, imported: Path) -> bool:
    """Whether both are one file; a byte-compiled module stands for its source."""
    if os.path.realpath(read) == os.path.realpath(imported):
        return True
    return imported.suffix == ".pyc" and imported.with_suffix("") == read.with_suffix("")


# --- does the name resolve? -------------------------------------------------------------------------------------------


def resolves(case: Case) -> Reason | None:
    """The module answers to the name."""
    answer, symbol = case.answer, case.symbol
    if case.result.ending is not Ending.DONE or answer.how in THERE:
        return None
    if answer.how is How.FABRICATED:
        return Reason(code=Code.FABRICATED, detail="the module answers to a random name as well")
    if answer.how is How.RAISED and answer.failure:
        code = Code.LAZY_RAISES if case.surface.answers_lazily else _exception_code(case.module, answer.failure)
        return Reason(code=code, detail=f"{answer.failure.type}: {answer.failure.message}")
    return Reason(code=_missing_code(symbol), detail=f"module '{symbol.module}' has no attribute '{symbol.name}'")


def _missing_code(symbol: Symbol) -> Code:
    if symbol.basis is Basis.STUB:
        return Code.STUB_ONLY
    if symbol.guard is Guard.TYPE_CHECKING:
        return Code.TYPE_CHECKING_ONLY
    if symbol.guard is Guard.CONDITION:
        return Code.CONDITIONAL
    return Code.UNRESOLVED


def is_explained(case: Case) -> Reason | None:
    """Some source explains a name that the running module claims."""
    claimed = case.symbol.basis is Basis.RUNTIME and case.answer.how in THERE
    if not claimed or case.surface.listed_by_runtime:
        return None
    return Reason(code=Code.RUNTIME_ONLY, detail="the source neither binds nor lists it")


def is_something(case: Case) -> Reason | None:
    """What a guarded import has left behind is more than None."""
    symbol = case.symbol
    meant = symbol.kind is not Kind.VALUE or _fell_back(symbol)
    if not case.answer.is_none or not meant:
        return None
    return Reason(code=Code.NONE_VALUE, detail="the name is bound to None")


def _fell_back(symbol: Symbol) -> bool:
    """Whether it is imported, and yet was found in its own module: the `except` branch of a guarded import."""
    return symbol.defined_in == symbol.module and any(seen.what == "import" for seen in symbol.evidence)


def is_documented(case: Case) -> Reason | None:
    """It has a docstring of its own that is long enough."""
    chars = doc_chars(case)
    if chars is not None and chars >= case.min_doc:
        return None
    detail = f"{chars} of {case.min_doc} characters" if chars else "it has none"
    return Reason(code=Code.NEEDS_DOCS, detail=detail)


def doc_chars(case: Case) -> int | None:
    """Length of its own docstring: as the source has it, or as compiled code shows it."""
    return case.symbol.doc_chars if case.symbol.doc_chars is not None else case.answer.doc_chars


CHECKS: tuple[Check, ...] = (
    imports,
    leaves_the_world_alone,
    is_the_file_that_was_read,
    resolves,
    is_explained,
    is_something,
)


# --- verdicts ---------------------------------------------------------------------------------------------------------


def judge(case: Case) -> Verdict:
    """All checks over one symbol. What does not exist needs no docstring: that is asked of the rest."""
    reasons = tuple(reason for check in CHECKS if (reason := check(case)) is not None)
    errors = any(reason.code.severity is Severity.ERROR for reason in reasons)
    lacks_docs = is_documented(case)
    if lacks_docs and not reasons:
        reasons = (*reasons, lacks_docs)
    there = case.result.ending is Ending.DONE and case.answer.how in THERE
    seen = Evidence(observer="importcheck", what=case.answer.how.value, where=case.symbol.module)
    symbol = replace(case.symbol, evidence=(*case.symbol.evidence, seen)) if there else case.symbol
    return Verdict(
        symbol=replace(symbol, kind=_kind(case), doc_chars=doc_chars(case)),
        import_verified=there and not errors,
        doc_ok=lacks_docs is None,
        confidence=_confidence(case, disagree=case.result.ending is Ending.DONE and errors),
        reasons=reasons,
        notes=("static_unavailable",) if case.surface.listed_by_runtime else (),
    )


def _kind(case: Case) -> Kind:
    return case.answer.kind if case.symbol.kind is Kind.UNKNOWN else case.symbol.kind


def _confidence(case: Case, *, disagree: bool) -> Confidence:
    if disagree:
        return Confidence.LOW
    looked = case.result.ending is Ending.DONE and not case.surface.listed_by_runtime
    return Confidence.HIGH if looked and case.symbol.defined_in else Confidence.MEDIUM


def symbols_of(surface: Surface, module: Module, result: ImportResult) -> tuple[Symbol, ...]:
    """The advertised symbols of a module: what its source says, completed by what only the import can show."""
    known = {symbol.name: symbol for symbol in surface.symbols if not _is_listed_elsewhere(symbol, result)}
    if surface.listed_by_runtime:
        shown: Iterable[str] = result.answers
    else:
        shown = (result.exports or ()) if surface.computed_exports else ()
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
    answer = results[module.name].answers.get(symbol.name, NOT_ASKED)
    submodule = results.get(symbol.path)
    if answer.how is How.MISSING and module.is_package and submodule is not None:
        if submodule.ending is Ending.DONE:
            return Answer(how=How.DICT, kind=Kind.MODULE)
        return Answer(how=How.RAISED, failure=submodule.failure)
    return answer


def _is_left_out(symbol: Symbol, results: Mapping[str, ImportResult]) -> bool:
    """Whether it is a submodule that was not to be checked (a private or a test module), and that nobody has loaded."""
    is_submodule = symbol.kind is Kind.MODULE and symbol.defined_in == symbol.path and symbol.path not in results
    asked = results[symbol.module]
    missing = asked.answers.get(symbol.name, NOT_ASKED).how is How.MISSING
    return is_submodule and missing and asked.ending is Ending.DONE


def judge_module(
    module: Module, surface: Surface, results: Mapping[str, ImportResult], isolation: Isolation, min_doc: int
) -> tuple[ModuleVerdict, tuple[Verdict, ...]]:
    """The verdict on a module and on each of its symbols."""
    result = results[module.name]
    graded = tuple(effects.judge(effect, isolation) for effect in result.effects)
    cases = [
        Case(
            symbol=symbol,
            module=module,
            surface=surface,
            result=result,
            answer=answer_of(symbol, module, results),
            effects=graded,
            min_doc=min_doc,
        )
        for symbol in symbols_of(surface, module, result)
        if not _is_left_out(symbol, results)
    ]
    shown = ModuleVerdict(module=module, status=result.status, failure=result.failure, effects=graded)
    return shown, tuple(judge(case) for case in cases)


def judge_all(
    modules: Iterable[Module],
    surfaces: Mapping[str, Surface],
    results: Mapping[str, ImportResult],
    isolation: Isolation,
    min_doc: int,
) -> tuple[tuple[ModuleVerdict, ...], tuple[Verdict, ...]]:
    """Verdicts on all modules, in their order, and on all symbols, by path."""
    shown: list[ModuleVerdict] = []
    verdicts: list[Verdict] = []
    for module in modules:
        on_module, on_symbols = judge_module(module, surfaces[module.name], results, isolation, min_doc)
        shown.append(on_module)
        verdicts += on_symbols
    return tuple(shown), tuple(verdicts)


# --- the outcome ------------------------------------------------------------------------------------------------------


def outcome(report: Report, *, strict: bool) -> Exit:
    """The exit code: a finding wins over nothing to check; warnings are findings where `strict`."""
    severities = {cause.code.severity for shown in report.targets for cause in shown.causes}
    if Severity.ERROR in severities or (strict and severities):
        return Exit.FINDING
    if not report.targets or any(not shown.verdicts for shown in report.targets):
        return Exit.NOTHING
    return Exit.OK
