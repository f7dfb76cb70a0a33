"""Evidence becomes a decision: each check fires where it should, and stays quiet on the control."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from verifier.apis.checks import Case, failure_code
from verifier.apis.judge import NOT_ASKED, against_all, judge, judge_all, symbols_of
from verifier.codes import Code
from verifier.model import (
    Answer,
    Basis,
    Confidence,
    Effect,
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
    Problem,
    Surface,
    Symbol,
    Verdict,
)

ISOLATION = Isolation(landlock=7, seccomp=True, notify=True, rlimits=(), audit=True)
MODULE = Module(name="demo", kind=ModuleKind.SOURCE, file=Path("/p/demo.py"), shown="demo.py")
SYMBOL = Symbol(
    module="demo",
    name="make",
    kind=Kind.FUNCTION,
    basis=Basis.DEFINITION,
    defined_in="demo",
    file="demo.py",
    line=1,
    doc_chars=100,
    evidence=(Evidence(observer="griffe", what="definition"),),
)
RESULT = ImportResult(module="demo", ending=Ending.DONE, origin="/p/demo.py", answers={})
ANSWER = Answer(how=How.DICT, kind=Kind.FUNCTION)
CLEAN = Case(
    module=MODULE,
    surface=Surface(module="demo", symbols=(SYMBOL,)),
    result=RESULT,
    effects=(),
    modules=frozenset({"demo", "space.demo"}),
    min_doc=80,
)
WRITE = GradedEffect(
    effect=Effect(kind="write", target="/etc/motd", contained=False, seen_by=("audit",)),
    rule="files.outside",
    grade=Grade.FORBIDDEN,
    stopped=True,
)


def failed(kind: str, message: str = "", *, missing: str | None = None, ending: Ending = Ending.RAISED) -> ImportResult:
    exits = kind in ("SystemExit", "Exited")
    failure = Failure(type=kind, message=message, missing=missing, exits=exits)
    return ImportResult(module="demo", ending=ending, failure=failure, answers={})


def verdict_on(case: Case, symbol: Symbol = SYMBOL, answer: Answer = ANSWER) -> Verdict:
    return judge(case, symbol, answer, against_all(case))


def codes(case: Case, symbol: Symbol = SYMBOL, answer: Answer = ANSWER) -> list[Code]:
    return [reason.code for reason in verdict_on(case, symbol, answer).reasons]


def test_every_check_is_silent_on_a_clean_api() -> None:
    verdict = verdict_on(CLEAN)
    assert verdict.reasons == ()
    assert (verdict.import_verified, verdict.doc_ok, verdict.confidence) == (True, True, Confidence.HIGH)
    assert (verdict.symbol, verdict.answer) == (SYMBOL, ANSWER)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (failed("ImportError", "cannot import name"), Code.IMPORT_ERROR),
        (failed("SyntaxError"), Code.SYNTAX_ERROR),
        (failed("SystemExit", "0"), Code.IMPORT_EXITED),
        (failed("Exited", ending=Ending.DIED), Code.IMPORT_EXITED),
        (failed("Crashed", ending=Ending.DIED), Code.IMPORT_CRASHED),
        (failed("Timeout", ending=Ending.DIED), Code.IMPORT_TIMEOUT),
        (failed("Timeout", ending=Ending.TIMEOUT), Code.IMPORT_TIMEOUT),
        (failed("MemoryLimit", ending=Ending.MEMORY), Code.IMPORT_MEMORY),
        (failed("Tampered", ending=Ending.TAMPERED), Code.TAMPERED),
        (failed("Timeout", ending=Ending.NOT_REACHED), Code.NOT_TRIED),
        (failed("ModuleNotFoundError", missing="chardet"), Code.MISSING_DEPENDENCY),
        (failed("ModuleNotFoundError", missing="demo.gone"), Code.MISSING_MODULE),
        (failed("ModuleNotFoundError", missing="space.demo.gone"), Code.MISSING_MODULE),
        (failed("ModuleNotFoundError", missing="space.other"), Code.MISSING_DEPENDENCY),
        (failed("ImportError", "cannot import name 'x' from partially initialized module"), Code.CIRCULAR_IMPORT),
        (RESULT, None),
    ],
)
def test_a_failed_import_has_the_code_of_its_kind(result: ImportResult, code: Code | None) -> None:
    assert failure_code(MODULE, CLEAN.surface, result, (), CLEAN.modules) is code


def test_a_stub_without_a_module_is_only_a_stub() -> None:
    stub = replace(MODULE, kind=ModuleKind.STUB)
    assert (
        failure_code(stub, CLEAN.surface, failed("ModuleNotFoundError", missing="demo"), (), CLEAN.modules)
        is Code.STUB_ONLY
    )


def test_an_import_that_fails_is_the_only_error() -> None:
    case = replace(CLEAN, result=failed("ValueError", "no"))
    verdict = verdict_on(case, answer=Answer(how=How.MISSING))
    assert [reason.code for reason in verdict.reasons] == [Code.IMPORT_ERROR]
    assert verdict.reasons[0].detail == "ValueError: no"
    assert not verdict.import_verified


@pytest.mark.parametrize(
    ("symbol", "answer", "expected"),
    [
        (SYMBOL, Answer(how=How.MISSING), Code.UNRESOLVED),
        (replace(SYMBOL, guard=Guard.TYPE_CHECKING), Answer(how=How.MISSING), Code.TYPE_CHECKING_ONLY),
        (replace(SYMBOL, guard=Guard.CONDITION), Answer(how=How.MISSING), Code.CONDITIONAL),
        (replace(SYMBOL, basis=Basis.STUB), Answer(how=How.MISSING), Code.STUB_ONLY),
        (SYMBOL, Answer(how=How.FABRICATED), Code.FABRICATED),
        (SYMBOL, Answer(how=How.DICT, is_none=True), Code.NONE_VALUE),
        (replace(SYMBOL, doc_chars=79), Answer(how=How.DICT), Code.NEEDS_DOCS),
        (replace(SYMBOL, basis=Basis.RUNTIME), Answer(how=How.DICT), Code.RUNTIME_ONLY),
    ],
    ids=lambda value: value.code if isinstance(value, Code) else "",
)
def test_a_name_that_lacks_something_has_the_code_of_its_lack(symbol: Symbol, answer: Answer, expected: Code) -> None:
    assert codes(CLEAN, symbol, answer) == [expected]


def test_a_lazy_branch_that_raises_is_told() -> None:
    answer = Answer(how=How.RAISED, failure=Failure(type="E", message="m"))
    surface = replace(CLEAN.surface, answers_lazily=True)
    assert codes(replace(CLEAN, surface=surface), answer=answer) == [Code.LAZY_RAISES]


def test_a_lazy_name_is_as_good_as_any() -> None:
    assert codes(CLEAN, answer=Answer(how=How.LAZY, kind=Kind.FUNCTION)) == []


def test_a_value_may_be_none() -> None:
    symbol = replace(SYMBOL, kind=Kind.VALUE)
    assert codes(CLEAN, symbol, Answer(how=How.DICT, is_none=True)) == []


def test_a_forbidden_effect_speaks_against_every_name_of_the_module() -> None:
    assert codes(replace(CLEAN, effects=(WRITE,))) == [Code.FORBIDDEN_EFFECT]
    assert codes(replace(CLEAN, effects=(replace(WRITE, grade=Grade.NOTED),))) == []


def test_bytes_that_are_no_text_are_unreadable_rather_than_wrong_syntax() -> None:
    surface = Surface(module="demo", problem=Problem(what="cannot be decoded", undecodable=True))
    assert failure_code(MODULE, surface, failed("SyntaxError"), (), CLEAN.modules) is Code.UNREADABLE
    other = replace(surface, problem=Problem(what="is not valid Python"))
    assert failure_code(MODULE, other, failed("SyntaxError"), (), CLEAN.modules) is Code.SYNTAX_ERROR


def test_what_fails_of_a_refusal_fails_of_the_effect() -> None:
    refused = failed("PermissionError", "[Errno 1] Operation not permitted")
    assert codes(replace(CLEAN, result=refused, effects=(WRITE,))) == [Code.FORBIDDEN_EFFECT]
    assert codes(replace(CLEAN, result=refused)) == [Code.IMPORT_ERROR]
    other = failed("ValueError", "no")
    assert codes(replace(CLEAN, result=other, effects=(WRITE,))) == [Code.IMPORT_ERROR, Code.FORBIDDEN_EFFECT]


def test_what_fails_after_a_question_to_the_system_was_refused_could_not_be_judged() -> None:
    query = replace(WRITE, effect=replace(WRITE.effect, kind="spawn", target="ldconfig"), grade=Grade.NOTED)
    assert codes(replace(CLEAN, result=failed("ImportError", "no C library"), effects=(query,))) == [Code.NEEDS_SYSTEM]
    missing = failed("ModuleNotFoundError", missing="chardet")
    assert codes(replace(CLEAN, result=missing, effects=(query,))) == [Code.MISSING_DEPENDENCY]
    assert codes(replace(CLEAN, effects=(query,))) == []


def test_what_lacks_configuration_is_told_unless_something_else_may_be_meant() -> None:
    ask = Effect(kind="spawn", target="ldconfig", contained=False, seen_by=("audit", "kernel"))
    asked = (GradedEffect(effect=ask, rule="process.system_query", grade=Grade.NOTED, stopped=True),)
    by_class, by_words = failed("ImproperlyConfigured", "no library"), failed("OSError", "the DEMO_URL env var is due")
    told = {
        (result.failure.type, bool(effects)): failure_code(MODULE, CLEAN.surface, result, effects, {"demo"})
        for result in (by_class, by_words)
        if result.failure
        for effects in ((), asked)
    }
    assert told == {
        ("ImproperlyConfigured", False): Code.NEEDS_CONFIGURATION,
        ("ImproperlyConfigured", True): Code.NEEDS_SYSTEM,
        ("OSError", False): Code.NEEDS_CONFIGURATION,
        ("OSError", True): Code.NEEDS_CONFIGURATION,
    }


def test_a_guarded_import_that_left_none_is_told() -> None:
    imported = (Evidence(observer="libcst", what="import"),)
    symbol = replace(SYMBOL, kind=Kind.VALUE, evidence=imported)
    answer = Answer(how=How.DICT, is_none=True)
    assert codes(CLEAN, symbol, answer) == [Code.NONE_VALUE]
    assert codes(CLEAN, replace(symbol, defined_in="demo.core"), answer) == []


def test_what_all_lists_under_a_condition_is_advertised_where_it_holds() -> None:
    symbol = replace(SYMBOL, basis=Basis.ALL, guard=Guard.CONDITION)
    surface = Surface(module="demo", symbols=(symbol,))
    assert symbols_of(surface, MODULE, replace(RESULT, exports=("other",))) == ()
    assert symbols_of(surface, MODULE, replace(RESULT, exports=("make",))) == (symbol,)
    assert symbols_of(surface, MODULE, RESULT) == (symbol,)


def test_what_does_not_exist_needs_no_docstring() -> None:
    symbol = replace(SYMBOL, doc_chars=0)
    verdict = verdict_on(CLEAN, symbol, Answer(how=How.MISSING))
    assert [reason.code for reason in verdict.reasons] == [Code.UNRESOLVED]
    assert not verdict.doc_ok


def test_another_file_than_the_one_that_was_read_proves_nothing() -> None:
    for origin in ("/q/demo.py", "built-in", ""):
        assert codes(replace(CLEAN, result=replace(RESULT, origin=origin))) == [Code.SHADOWED]
    assert codes(replace(CLEAN, result=replace(RESULT, origin=None))) == []


def test_compiled_code_is_believed_with_less_confidence() -> None:
    surface = Surface(module="demo", listed_by_runtime=True)
    symbol = replace(SYMBOL, basis=Basis.RUNTIME, doc_chars=None, defined_in=None)
    answer = Answer(how=How.DICT, kind=Kind.FUNCTION, doc_chars=90)
    verdict = verdict_on(replace(CLEAN, surface=surface), symbol, answer)
    assert verdict.verified
    assert (verdict.confidence, verdict.notes, verdict.doc_chars) == (
        Confidence.MEDIUM,
        ("static_unavailable",),
        90,
    )


def test_a_computed_all_is_completed_by_what_the_import_shows() -> None:
    known = replace(SYMBOL, name="known")
    surface = Surface(module="demo", symbols=(SYMBOL,), candidates=(known,), computed_exports=True)
    result = replace(RESULT, exports=("make", "known", "conjured"))
    assert {symbol.name: symbol.basis for symbol in symbols_of(surface, MODULE, result)} == {
        "make": Basis.DEFINITION,
        "known": Basis.DEFINITION,
        "conjured": Basis.RUNTIME,
    }
    assert symbols_of(replace(surface, computed_exports=False), MODULE, result) == (SYMBOL,)


def test_a_submodule_named_in_all_counts_without_being_loaded() -> None:
    package = replace(MODULE, is_package=True)
    below = Module(name="demo.make", kind=ModuleKind.SOURCE, file=Path("/p/make.py"), shown="demo/make.py")
    surfaces = {"demo": CLEAN.surface, "demo.make": Surface(module="demo.make")}
    good = ImportResult(module="demo.make", ending=Ending.DONE, answers={})
    bad = replace(failed("ValueError"), module="demo.make")
    for result, expected in ((good, []), (bad, [Code.IMPORT_ERROR])):
        results = {"demo": RESULT, "demo.make": result}
        _, verdicts = judge_all((package, below), surfaces, results, ISOLATION, lambda _: 80)
        assert [reason.code for reason in verdicts[0].reasons] == expected


def test_a_submodule_that_was_left_out_is_not_judged_where_nobody_has_loaded_it() -> None:
    package = replace(MODULE, is_package=True)
    tests = replace(SYMBOL, name="tests", kind=Kind.MODULE, basis=Basis.ALL, defined_in="demo.tests")
    surfaces = {"demo": Surface(module="demo", symbols=(tests,))}
    _, unloaded = judge_all((package,), surfaces, {"demo": RESULT}, ISOLATION, lambda _: 80)
    assert unloaded == ()
    loaded = replace(RESULT, answers={"tests": Answer(how=How.DICT, kind=Kind.MODULE)})
    _, verdicts = judge_all((package,), surfaces, {"demo": loaded}, ISOLATION, lambda _: 80)
    assert [verdict.symbol.name for verdict in verdicts] == ["tests"]


def test_nothing_is_verified_that_nobody_has_imported() -> None:
    with pytest.raises(ValueError, match="nobody has imported it"):
        Verdict(symbol=SYMBOL, answer=NOT_ASKED, import_verified=True, doc_ok=True, confidence=Confidence.HIGH)
