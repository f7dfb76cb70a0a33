"""What a change has made worse: findings that are new, against those that were there when all was well last time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from verifier.apis.cache.digest import blake2b
from verifier.apis.cache.store import Store
from verifier.apis.targets.project import enclosing, outermost_package
from verifier.codes import Code, Severity
from verifier.errors import UserError
from verifier.model import Status, TargetReport, Verdict

FALLBACKS = ("python3 on PATH", "the tool's own")
"""Interpreters that were taken for want of one that has anything to do with the target."""

Accepted = frozenset[tuple[str, str]]
"""Findings by the dotted path of an API, or of a module, and the code of what speaks against it."""


class Finding(Struct, frozen=True):
    """One API, or a module without any, and what speaks against it."""

    path: str
    codes: tuple[str, ...]
    detail: str
    file: Path | None
    line: int | None

    def shown(self, here: Path) -> str:
        """One line: `demo/__init__.py:3: demo.ghost: unresolved: module 'demo' has no attribute 'ghost'`."""
        place = os.path.relpath(self.file, here) if self.file else ""
        where = f"{place}:{self.line}: " if self.line else f"{place}: " if place else ""
        return f"{where}{self.path}: {self.detail}"


def targets_of(files: Iterable[Path]) -> Mapping[Path, tuple[Path, ...]]:
    """The projects, or packages, that files belong to. Raises UserError for one that is not there."""
    found: dict[Path, list[Path]] = {}
    for file in files:
        path = Path(os.path.abspath(file))  # noqa: PTH100  links are kept: their names are the import names
        if not path.parent.is_dir():
            raise UserError("no such file", where=str(file), fix="name files that have changed")
        found.setdefault(enclosing(path) or outermost_package(path), []).append(path)
    return {target: tuple(paths) for target, paths in found.items()}


class Baseline:
    """The findings of the last run over a target that made nothing worse; kept beside the evidence."""

    def __init__(self, folder: Path | None, target: Path) -> None:
        self._store = Store(folder) if folder else None
        self._key = f"{blake2b(os.fsencode(target), digest_size=20).hexdigest()}.accepted"

    def load(self) -> Accepted | None:
        """The findings; None where there is no such run."""
        data = self._store.load(self._key) if self._store else None
        return None if data is None else frozenset((path, code) for path, code in json.loads(data))

    def save(self, findings: Iterable[Finding]) -> None:
        """Take these for known."""
        if self._store:
            pairs = sorted((finding.path, code) for finding in findings for code in finding.codes)
            self._store.save(self._key, json.dumps(pairs).encode())


def new_or_worse(shown: TargetReport, accepted: Accepted | None, files: Iterable[Path]) -> tuple[Finding, ...]:
    """The findings that were not accepted; where nothing ever was, those in the modules of `files`."""
    named = {os.path.realpath(file) for file in files}
    return tuple(
        finding
        for finding in findings_of(shown)
        if (
            any((finding.path, code) not in accepted for code in finding.codes)
            if accepted is not None
            else finding.file is not None and os.path.realpath(finding.file) in named
        )
    )


def findings_of(shown: TargetReport) -> Iterator[Finding]:
    """All findings; warnings are some only where the target is `strict`."""
    files = {each.module.name: each.module.file for each in shown.modules}
    told = set()
    for verdict in shown.verdicts:
        reasons = [each for each in verdict.reasons if shown.strict or each.code.severity is Severity.ERROR]
        if reasons:
            told.add(verdict.symbol.module)
            yield Finding(
                path=verdict.symbol.path,
                codes=tuple(reason.code.code for reason in reasons),
                detail="; ".join(f"{reason.code.code}: {reason.detail}" for reason in reasons),
                file=_file(verdict, files),
                line=verdict.symbol.line,
            )
    for each in shown.modules:
        if each.status is Status.FAILED and each.failure and each.module.name not in told:
            detail = f"{each.failure.type}: {each.failure.message}"
            yield Finding(each.module.name, (each.failure.type,), detail, each.module.file, None)


def _file(verdict: Verdict, files: Mapping[str, Path | None]) -> Path | None:
    """Its module's file, or the stub beside it that names it."""
    file = files[verdict.symbol.module]
    return file.with_name(verdict.symbol.file.rpartition("/")[2]) if file else None


def check_environment(shown: TargetReport, findings: Iterable[Finding]) -> None:
    """Raises UserError where what is missing is an environment, and not an API."""
    interpreter = shown.target.interpreter
    missing = any(Code.MISSING_DEPENDENCY.code in finding.codes for finding in findings)
    if missing and interpreter.chosen in FALLBACKS:
        raise UserError(
            "no environment was found that has what the package needs, so nobody can tell whether it imports",
            where=f"{interpreter.path} ({interpreter.chosen})",
            fix="make one: `python -m venv .venv && .venv/bin/pip install --editable .`, or name one with --python, "
            "or as `python` in [tool.verify-apis]",
        )
