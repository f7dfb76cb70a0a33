"""Root causes, once: when one missing dependency sinks 37 APIs, the report says so in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field

from verifier.apis import checks, lacking
from verifier.codes import Code, Severity
from verifier.model import (
    Cause,
    Ending,
    Failure,
    ImportResult,
    Module,
    ModuleVerdict,
    Reason,
    Surface,
    Symbol,
    Target,
    Verdict,
)

EXAMPLES = 8
MISSING = (Code.MISSING_DEPENDENCY, Code.MISSING_MODULE)
LONGEST = 300
# the modules that Python 3.12 and 3.13 took out of the standard library (their "What's New" pages, "Removed")
REMOVED = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), "3.12"),
    **dict.fromkeys(("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap"), "3.13"),
    **dict.fromkeys(("msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau"), "3.13"),
    **dict.fromkeys(("telnetlib", "uu", "xdrlib"), "3.13"),
}
PRELUDE = "prelude"
"""What the sandbox calls the file of the prelude."""
WITHOUT_TRACEBACK = frozenset({Ending.DIED, Ending.TIMEOUT, Ending.MEMORY, Ending.DISK})


class Findings(Struct, frozen=True, kw_only=True, dict=True):
    """All that causes are drawn from.

    `extras` names the extras of the target's distribution that would bring a missing module; `roots` says which failed
    module the failure of another one comes from; `circle` gives the shortest circle of imports through a module;
    `configuration` is the file that was read, as shown.
    """

    target: Target
    modules: tuple[ModuleVerdict, ...]
    surfaces: Mapping[str, Surface]
    results: Mapping[str, ImportResult]
    verdicts: tuple[Verdict, ...]
    extras: Callable[[str], tuple[str, ...]]
    roots: Callable[[Iterable[str]], Mapping[str, str]]
    circle: Callable[[str], tuple[str, ...]]
    configuration: str | None = None

    @cached_property
    def blamed(self) -> Mapping[str, str]:
        """For each module that died without a traceback, the one that it died of."""
        dead = [name for name, result in self.results.items() if result.ending in WITHOUT_TRACEBACK]
        return self.roots(dead) if dead else {}

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The file of each module, as shown to people."""
        return {each.module.name: each.module.shown for each in self.modules}


class Key(Struct, frozen=True):
    """What makes two findings one: the same code, the same words, and (where it is known) the same place."""

    code: Code
    what: str
    where: str = ""


class Tally(Struct):
    """What one cause sinks."""

    where: str
    remedy: str
    apis: list[str] = field(default_factory=list)
    modules: dict[str, None] = field(default_factory=dict)


def find_causes(findings: Findings) -> tuple[Cause, ...]:
    """Causes, the worst first."""
    tallies: dict[Key, Tally] = {}
    for key, module, symbol in _all_keys(findings):
        tally = tallies.get(key)
        if tally is None:
            place = _line(symbol.file, symbol.line) if symbol else key.where or _place(module, findings)
            tally = tallies[key] = Tally(place, _remedy(key, module, findings))
        tally.modules[module.name] = None
        if symbol:
            tally.apis.append(symbol.path)
    causes = [_cause(key, tally) for key, tally in tallies.items()]
    return tuple(sorted(causes, key=_worst_first))


def _worst_first(cause: Cause) -> tuple[object, ...]:
    """Errors before warnings, then by the number of APIs that are lost."""
    return cause.code.severity is not Severity.ERROR, -cause.apis, cause.code.rank, cause.what, cause.where


def _cause(key: Key, tally: Tally) -> Cause:
    return Cause(
        code=key.code,
        what=key.what,
        where=tally.where,
        remedy=tally.remedy,
        apis=len(tally.apis),
        modules=len(tally.modules),
        examples=tuple((tally.apis or list(tally.modules))[:EXAMPLES]),
    )


def _all_keys(findings: Findings) -> Iterator[tuple[Key, Module, Symbol | None]]:
    """Every finding, with its module and its API: first those on whole modules, then those on names."""
    modules = {shown.module.name: shown.module for shown in findings.modules}
    whole: dict[str, dict[Code, Key]] = {}
    for shown in findings.modules:
        for key in _module_keys(shown, findings):
            whole.setdefault(shown.module.name, {})[key.code] = key
            yield key, shown.module, None
    nothing: dict[Code, Key] = {}
    for verdict in findings.verdicts:
        symbol = verdict.symbol
        for reason in verdict.reasons:
            of_module = whole.get(symbol.module, nothing).get(reason.code)
            known = of_module or whole.get(symbol.path, nothing).get(reason.code)
            yield known or _name_key(reason, verdict, findings), modules[symbol.module], symbol


def _module_keys(shown: ModuleVerdict, findings: Findings) -> Iterator[Key]:
    """What is wrong with a whole module."""
    result = findings.results[shown.module.name]
    surface = findings.surfaces[shown.module.name]
    code = checks.failure_code(shown.module, surface, result, shown.effects, findings.results)
    if code is not None and code is not Code.FORBIDDEN_EFFECT:
        yield _failure_key(code, shown.module, findings)
    if surface.problem is not None and code is None:
        yield Key(Code.UNREADABLE, surface.problem.what, _line(shown.module.shown, surface.problem.line))
    if result.odd_exports:
        yield Key(Code.BAD_EXPORT, Code.BAD_EXPORT.meaning, shown.module.shown)
    for seen in checks.forbidden(shown.effects)[:1]:
        yield Key(Code.FORBIDDEN_EFFECT, seen.described, seen.effect.where or shown.module.shown)


def _failure_key(code: Code, module: Module, findings: Findings) -> Key:
    culprit = _culprit(module.name, findings)
    result = findings.results[culprit]
    failure = result.failure
    if failure is None or code is Code.STUB_ONLY:
        return Key(code, code.meaning)
    if code in MISSING:
        return _missing_key(code, failure)
    what = f"{failure.type}: {failure.message}".strip().splitlines()[0][:LONGEST]
    return Key(code, what, _place(module, findings))


def _missing_key(code: Code, failure: Failure) -> Key:
    return Key(code, f"no module named '{failure.missing}'")


def _place(module: Module, findings: Findings) -> str:
    """Where a module fails: the innermost line of the target in the traceback, else the file that is to blame."""
    culprit = _culprit(module.name, findings)
    failure = findings.results[culprit].failure
    if failure is not None and failure.in_prelude:
        return _place_in_prelude(failure, findings)
    own = [frame for frame in (failure.frames if failure else ()) if _is_of_target(frame.file, findings.target)]
    if own:
        return _line(own[-1].file, own[-1].line)
    return findings.files.get(culprit, module.shown)


def _place_in_prelude(failure: Failure, findings: Findings) -> str:
    """The line of the prelude that fails."""
    lines = [frame.line for frame in failure.frames if frame.file == PRELUDE]
    place = f"{PRELUDE}, line {lines[-1]}" if lines else PRELUDE
    return f"{findings.configuration}: {place}" if findings.configuration else place


def _culprit(name: str, findings: Findings) -> str:
    """The module whose failure this one's failure is."""
    result = findings.results[name]
    return result.culprit or findings.blamed.get(name, name)


def _name_key(reason: Reason, verdict: Verdict, findings: Findings) -> Key:
    symbol = verdict.symbol
    if reason.code is Code.NEEDS_DOCS:
        return Key(reason.code, reason.code.meaning)
    answer = findings.results[symbol.module].answers.get(symbol.name)
    if reason.code in MISSING and answer and answer.failure:
        return _missing_key(reason.code, answer.failure)
    if reason.code in (Code.LAZY_RAISES, Code.SHADOWED):
        return Key(reason.code, reason.detail, symbol.file)
    return Key(reason.code, reason.code.meaning, symbol.file)


def _remedy(key: Key, module: Module, findings: Findings) -> str:
    if key.code is Code.IMPORT_ERROR:
        return f"see the whole traceback: python -c 'import {module.name}'"
    if key.code is Code.CIRCULAR_IMPORT and (circle := findings.circle(module.name)):
        return f"{key.code.remedy}; the circle: {' -> '.join((*circle, circle[0]))}"
    if key.code in (Code.NEEDS_CONFIGURATION, Code.NOT_TRIED):
        return _setting(key.code, findings.results[_culprit(module.name, findings)].failure)
    return _dependency(key, findings) if key.code is Code.MISSING_DEPENDENCY else key.code.remedy


def _dependency(key: Key, findings: Findings) -> str:
    """What brings a module that is missing."""
    missing = key.what.split("'")[1]
    removed = REMOVED.get(missing.partition(".")[0])
    if removed:
        return (
            f"it left the standard library in Python {removed}: replace it, or depend on a package that brings it back"
        )
    extras = findings.extras(missing)
    if extras:
        words = "extra" if len(extras) == 1 else "extras"
        return f"installed with the {words} {', '.join(repr(extra) for extra in extras)}"
    return key.code.remedy


def _setting(code: Code, failure: Failure | None) -> str:
    """What to write into the configuration."""
    if failure is not None and failure.in_prelude:
        return "correct `prelude` in [tool.verify-apis]"
    name = lacking.variable(failure) if failure and code is Code.NEEDS_CONFIGURATION else None
    if name is None:
        return code.remedy
    key = name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name)
    return f'write into pyproject.toml: [tool.verify-apis] env = {{{key} = "…"}}'


def _is_of_target(file: str, target: Target) -> bool:
    tops = {root.name.partition(".")[0] for root in target.roots}
    return file.partition("/")[0] in tops or file.partition(".py")[0] in tops


def _line(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file
