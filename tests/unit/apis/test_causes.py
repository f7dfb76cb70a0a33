"""Root causes, once: what makes two findings one, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.unit.building import KERNEL, TARGET, module, raised, symbol
from verifier.apis.causes import Findings, find_causes
from verifier.apis.judge import judge_all
from verifier.codes import Code
from verifier.model import Answer, Cause, Effect, Ending, Failure, Frame, How, ImportResult, Kind, Problem, Surface

ANSWERED = Answer(how=How.DICT, kind=Kind.FUNCTION)


def done(name: str, *names: str, effects: tuple[Effect, ...] = ()) -> ImportResult:
    answers = dict.fromkeys(names, ANSWERED)
    return ImportResult(module=name, ending=Ending.DONE, answers=answers, effects=effects)


def died(name: str) -> ImportResult:
    failure = Failure(type="Exited", message="the process ended with status 0", exits=True)
    return ImportResult(module=name, ending=Ending.DIED, failure=failure, answers={})


def causes(
    *results: ImportResult,
    names: Mapping[str, tuple[str, ...]] | None = None,
    problems: Mapping[str, Problem] | None = None,
    extras: tuple[str, ...] = (),
    roots: Mapping[str, str] | None = None,
    doc_chars: int = 100,
    configuration: str | None = None,
) -> tuple[Cause, ...]:
    """The causes drawn from these results; each module advertises `names` (default: one `api`)."""
    by_name = {result.module: result for result in results}
    modules = tuple(module(name) for name in by_name)
    advertised = {name: (names or {}).get(name, ("api",)) for name in by_name}
    surfaces = {
        name: Surface(
            module=name,
            symbols=tuple(symbol(f"{name}.{each}", doc_chars) for each in advertised[name]),
            problem=(problems or {}).get(name),
        )
        for name in by_name
    }
    shown, verdicts = judge_all(modules, surfaces, by_name, KERNEL, lambda _: 80)

    def blame(_: Iterable[str]) -> Mapping[str, str]:
        return roots or {}

    return find_causes(
        Findings(
            target=TARGET,
            modules=shown,
            surfaces=surfaces,
            results=by_name,
            verdicts=verdicts,
            extras=lambda _: extras,
            roots=blame,
            circle=lambda name: (name, f"{name}.other"),
            configuration=configuration,
        )
    )


def test_a_clean_package_has_no_cause() -> None:
    assert causes(done("demo", "api")) == ()


def test_one_missing_dependency_is_one_cause_however_many_modules_it_sinks() -> None:
    found = causes(
        raised("demo.a", "ModuleNotFoundError", "No module named 'chardet'", ("demo/a.py", 3), missing="chardet"),
        raised("demo.b", "ModuleNotFoundError", "No module named 'chardet'", ("demo/b.py", 9), missing="chardet"),
        extras=("fast",),
    )
    (cause,) = found
    assert (cause.code, cause.what, cause.modules, cause.apis) == (
        Code.MISSING_DEPENDENCY,
        "no module named 'chardet'",
        2,
        2,
    )
    assert cause.remedy == "installed with the extra 'fast'"


def test_a_module_that_left_the_standard_library_is_told_with_its_version() -> None:
    (cause,) = causes(raised("demo", "ModuleNotFoundError", "", ("demo/__init__.py", 1), missing="distutils.util"))
    assert "3.12" in cause.remedy


def test_the_place_is_the_innermost_line_of_the_package_itself() -> None:
    library = ("other/__init__.py", 70)
    (cause,) = causes(raised("demo", "ValueError", "no", ("demo/__init__.py", 1), ("demo/core.py", 5), library))
    assert (cause.what, cause.where) == ("ValueError: no", "demo/core.py:5")


def test_the_same_words_in_two_places_are_two_causes() -> None:
    found = causes(
        raised("demo.a", "ValueError", "no", ("demo/a.py", 1)), raised("demo.b", "ValueError", "no", ("demo/b.py", 1))
    )
    assert [cause.where for cause in found] == ["demo/a.py:1", "demo/b.py:1"]


def test_a_circle_of_imports_is_spelled_out() -> None:
    (cause,) = causes(raised("demo.a", "ImportError", "cannot import name 'x' from partially initialized module"))
    assert cause.code is Code.CIRCULAR_IMPORT
    assert cause.remedy.endswith("the circle: demo.a -> demo.a.other -> demo.a")


def test_a_death_is_put_down_to_the_module_that_dies_first() -> None:
    (cause,) = causes(died("demo.a"), died("demo.b"), roots={"demo.a": "demo.b", "demo.b": "demo.b"})
    assert (cause.code, cause.where, cause.modules) == (Code.IMPORT_EXITED, "demo/b.py", 2)


def test_a_forbidden_effect_names_the_line_that_has_it() -> None:
    effect = Effect(kind="write", target="/etc/motd", contained=False, seen_by=("audit",), where="demo/core.py:7")
    (cause,) = causes(done("demo", "api", effects=(effect,)))
    assert (cause.code, cause.what, cause.where) == (
        Code.FORBIDDEN_EFFECT,
        "write /etc/motd (refused)",
        "demo/core.py:7",
    )


def test_names_that_do_not_resolve_are_one_cause_a_file() -> None:
    found = causes(done("demo.a"), done("demo.b", "api"), names={"demo.a": ("x", "y"), "demo.b": ("api",)})
    assert [(cause.code, cause.where, cause.apis, cause.examples) for cause in found] == [
        (Code.UNRESOLVED, "demo/a.py:3", 2, ("demo.a.x", "demo.a.y"))
    ]


def test_missing_docstrings_are_one_cause_and_come_last() -> None:
    found = causes(done("demo.a", "api"), done("demo.b", "api"), raised("demo.c", "ValueError", "no"), doc_chars=3)
    assert [(cause.code, cause.apis) for cause in found] == [(Code.IMPORT_ERROR, 1), (Code.NEEDS_DOCS, 2)]


def test_what_lacks_a_variable_is_told_the_line_to_write() -> None:
    for name, line in (("DEMO_URL", "{DEMO_URL ="), ("demo.url", '{"demo.url" =')):
        (cause,) = causes(raised("demo", "KeyError", f"'{name}'", ("demo/__init__.py", 4), variable=name))
        assert (cause.code, cause.where) == (Code.NEEDS_CONFIGURATION, "demo/__init__.py:4")
        assert cause.remedy == f'write into pyproject.toml: [tool.verify-apis] env = {line} "…"}}'


def test_what_lacks_another_configuration_is_told_of_the_table() -> None:
    (cause,) = causes(raised("demo", "RuntimeError", "Working outside of application context."))
    assert (cause.code, cause.remedy) == (Code.NEEDS_CONFIGURATION, Code.NEEDS_CONFIGURATION.remedy)
    assert "[tool.verify-apis]" in cause.remedy


def test_a_prelude_that_fails_is_one_cause_with_its_line() -> None:
    frames = (Frame(file="prelude", line=3), Frame(file="demo/__init__.py", line=9))
    why = Failure(type="LookupError", message="the prelude failed: no", frames=frames, in_prelude=True)
    results = [ImportResult(module=f"demo.{each}", ending=Ending.NOT_REACHED, failure=why, answers={}) for each in "ab"]
    (cause,) = causes(*results, configuration="pyproject.toml")
    assert (cause.code, cause.what, cause.modules, cause.apis) == (
        *(Code.NOT_TRIED, "LookupError: the prelude failed: no"),
        *(2, 2),
    )
    assert cause.where == "pyproject.toml: prelude, line 3"
    assert cause.remedy == "correct `prelude` in [tool.verify-apis]"


def test_a_source_that_could_not_be_read_is_told_though_it_imports() -> None:
    problems = {"demo": Problem(what="invalid syntax", line=4)}
    (cause,) = causes(done("demo"), names={"demo": ()}, problems=problems)
    assert (cause.code, cause.where, cause.apis) == (Code.UNREADABLE, "demo/__init__.py:4", 0)


def test_a_name_that_needs_an_absent_module_when_it_is_asked_for_names_that_module() -> None:
    """As where a module is made lazily, and not by a `__getattr__` in its source."""
    failure = Failure(type="ModuleNotFoundError", message="No module named 'absent'", missing="absent")
    made = ImportResult(
        module="demo", ending=Ending.DONE, answers={"lazy": Answer(how=How.RAISED, failure=failure), "api": ANSWERED}
    )
    (cause,) = causes(made, names={"demo": ("api", "lazy")}, extras=("more",))
    assert (cause.code, cause.what, cause.examples) == (
        Code.MISSING_DEPENDENCY,
        "no module named 'absent'",
        ("demo.lazy",),
    )
    assert cause.remedy == "installed with the extra 'more'"


def test_a_submodule_that_fails_is_one_cause_with_what_its_package_advertises_of_it() -> None:
    part = raised("demo.part", "ValueError", "no", ("demo/part.py", 2))
    (cause,) = causes(done("demo", "api"), part, names={"demo": ("api", "part")})
    assert (cause.what, cause.where) == ("ValueError: no", "demo/part.py:2")
    assert cause.examples == ("demo.part", "demo.part.api")
