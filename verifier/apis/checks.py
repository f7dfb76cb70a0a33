"""What must hold of an API: one question, one function, a reason or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from verifier.apis import lacking
from verifier.codes import Code
from verifier.model import (
    THERE,
    Answer,
    Basis,
    Ending,
    Failure,
    Grade,
    GradedEffect,
    Guard,
    How,
    ImportResult,
    Kind,
    Module,
    ModuleKind,
    Reason,
    Surface,
    Symbol,
)

BY_ENDING = {
    Ending.TIMEOUT: Code.IMPORT_TIMEOUT,
    Ending.MEMORY: Code.IMPORT_MEMORY,
    Ending.DISK: Code.IMPORT_DISK,
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
# what an import may come to that failed of something else
UNPROVEN = (Code.IMPORT_ERROR, Code.NEEDS_CONFIGURATION)
# what Python makes of EPERM and EACCES, the errors of a refused call
REFUSAL = "PermissionError"
# CPython's own words for a module that is asked for a name before it has come to bind it
HALF_IMPORTED = "partially initialized module"


class Case(Struct, frozen=True, kw_only=True):
    """Everything that is known of one module, whose symbols are judged."""

    module: Module
    surface: Surface
    result: ImportResult
    effects: tuple[GradedEffect, ...]
    modules: Container[str]
    """The names of the target's modules."""
    min_doc: int


OfModule = Callable[[Case], Reason | None]
OfSymbol = Callable[[Case, Symbol, Answer], Reason | None]


# --- is its module importable? ----------------------------------------------------------------------------------------


def failure_code(
    module: Module,
    surface: Surface,
    result: ImportResult,
    effects: tuple[GradedEffect, ...],
    modules: Container[str],
) -> Code | None:
    """The reason code for an import that did not come through; None if it did. `modules` are the target's own."""
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
    code = _exception_code(failure, modules)
    if code is Code.SYNTAX_ERROR and surface.problem is not None and surface.problem.undecodable:
        code = Code.UNREADABLE
    if code in UNPROVEN and not _lacks_configuration(failure) and _asked_in_vain(effects):
        code = Code.NEEDS_SYSTEM
    return code


def _lacks_configuration(failure: Failure) -> bool:
    """Whether nothing else can be meant."""
    found = lacking.evidence(failure)
    return found is not None and found.proves


def _asked_in_vain(effects: Iterable[GradedEffect]) -> bool:
    """Whether a harmless question to the system was refused: what failed after it may have failed of that."""
    return any(seen.effect.kind == "spawn" and seen.grade is Grade.NOTED and seen.stopped for seen in effects)


def _exception_code(failure: Failure, modules: Container[str]) -> Code:
    if failure.exits:
        return Code.IMPORT_EXITED
    if failure.type in BY_EXCEPTION:
        return BY_EXCEPTION[failure.type]
    if HALF_IMPORTED in failure.message:
        return Code.CIRCULAR_IMPORT
    if failure.type == "ModuleNotFoundError" and failure.missing:
        return Code.MISSING_MODULE if _is_own(failure.missing, modules) else Code.MISSING_DEPENDENCY
    return Code.NEEDS_CONFIGURATION if lacking.evidence(failure) else Code.IMPORT_ERROR


def _is_own(missing: str, modules: Container[str]) -> bool:
    """Whether a package of the target should have it; of a namespace (PEP 420) others have parts as well."""
    return any(missing[:at] in modules for at, sign in enumerate(missing) if sign == ".")


def imports(case: Case) -> Reason | None:
    """Its module is importable."""
    code = failure_code(case.module, case.surface, case.result, case.effects, case.modules)
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
    return Reason(code=Code.FORBIDDEN_EFFECT, detail=", ".join(seen.described for seen in found[:3]))


def forbidden(effects: Iterable[GradedEffect]) -> tuple[GradedEffect, ...]:
    """Those effects that speak against a module."""
    return tuple(seen for seen in effects if seen.grade is Grade.FORBIDDEN)


def is_the_file_that_was_read(case: Case) -> Reason | None:
    """The import found the file that static analysis has read."""
    file, origin = case.module.file, case.result.origin
    if case.result.ending is not Ending.DONE or file is None or origin is None:
        return None
    if str(file) == origin or same_module_file(file, origin):
        return None
    return Reason(code=Code.SHADOWED, detail=f"imported from {origin or 'no file'}")


@lru_cache(maxsize=8192)
def same_module_file(read: Path, origin: str) -> bool:
    """Whether both are one file; a byte-compiled module stands for its source."""
    imported = Path(origin)
    if not imported.is_absolute():
        return False
    if os.path.realpath(read) == os.path.realpath(imported):
        return True
    return imported.suffix == ".pyc" and imported.with_suffix("") == read.with_suffix("")


# --- does the name resolve? -------------------------------------------------------------------------------------------


def resolves(case: Case, symbol: Symbol, answer: Answer) -> Reason | None:
    """The module answers to the name."""
    if answer.how in THERE or case.result.ending is not Ending.DONE:
        return None
    if answer.how is How.FABRICATED:
        return Reason(code=Code.FABRICATED, detail="the module answers to a random name as well")
    if answer.how is How.RAISED and answer.failure:
        code = Code.LAZY_RAISES if case.surface.answers_lazily else _exception_code(answer.failure, case.modules)
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


def is_explained(case: Case, symbol: Symbol, answer: Answer) -> Reason | None:
    """Some source explains a name that the running module claims."""
    if symbol.basis is not Basis.RUNTIME or answer.how not in THERE or case.surface.listed_by_runtime:
        return None
    return Reason(code=Code.RUNTIME_ONLY, detail="the source neither binds nor lists it")


def is_something(_: Case, symbol: Symbol, answer: Answer) -> Reason | None:
    """What a guarded import has left behind is more than None."""
    if not answer.is_none or (symbol.kind is Kind.VALUE and not _fell_back(symbol)):
        return None
    return Reason(code=Code.NONE_VALUE, detail="the name is bound to None")


def _fell_back(symbol: Symbol) -> bool:
    """Whether it is imported, and yet was found in its own module: the `except` branch of a guarded import."""
    return symbol.defined_in == symbol.module and any(seen.what == "import" for seen in symbol.evidence)


def is_documented(case: Case, symbol: Symbol, answer: Answer) -> Reason | None:
    """It has a docstring of its own that is long enough, as the source has it, or as compiled code shows it."""
    chars = symbol.doc_chars if symbol.doc_chars is not None else answer.doc_chars
    if chars is not None and chars >= case.min_doc:
        return None
    detail = f"{chars} of {case.min_doc} characters" if chars else "it has none"
    return Reason(code=Code.NEEDS_DOCS, detail=detail)


OF_MODULE: tuple[OfModule, ...] = (imports, leaves_the_world_alone, is_the_file_that_was_read)
"""What is the same for all symbols of a module."""
OF_SYMBOL: tuple[OfSymbol, ...] = (resolves, is_explained, is_something)
