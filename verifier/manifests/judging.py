"""Gates over the modules of a repository: all of them, or what a branch has changed and has broken elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests.batch import Tell
from verifier.manifests.case import Case, each_case
from verifier.manifests.evidence import evidence_of
from verifier.manifests.findings import Finding
from verifier.manifests.gates import Judged, Result, Useless, judge, waived
from verifier.manifests.ledger import Stamp
from verifier.manifests.ledger import path as ledger_of
from verifier.manifests.model import Absent, Place
from verifier.manifests.past import Scored, scored
from verifier.manifests.pipeline import World
from verifier.manifests.readers import git
from verifier.manifests.repository import Repository, find_modules
from verifier.manifests.settings import load

T = TypeVar("T")
NOTHING: Mapping[str, Judged] = {}


class Run(Struct, frozen=True, kw_only=True):
    """What became of the modules of a run."""

    judged: tuple[Judged, ...]
    """By path."""
    useless: tuple[Useless, ...] = ()
    """Waivers that waive nothing."""
    since: str = ""
    """What a branch was compared with, as the user named it."""
    before: Mapping[str, Judged] = NOTHING
    """What had become of modules where the branch began, by path."""
    left_alone: int = 0
    """So many modules the branch has neither changed nor broken."""

    @property
    def is_open(self) -> bool:
        """Every gate is, and every waiver is needed."""
        return not self.useless and not any(each.closed for each in self.judged)


def run(chosen: Sequence[Place], world: World, tell: Tell) -> Run:
    """Every gate for each of the `chosen` modules."""
    judged, useless = _judged(chosen, world, tell)
    return Run(judged=judged, useless=useless)


def run_since(ref: str, chosen: Sequence[Place], world: World, tell: Tell) -> Run:
    """The same, for those that a branch has changed since it left `ref`, and the gates that it has closed elsewhere.

    What lies in the working tree counts, committed or not. Raises UserError if nobody knows where the branch began.
    """
    repository = world.repository
    base, files = _branch(repository.root, ref)
    touched = {place.path for place in chosen} & {*touched_by(files, repository)}
    judged, useless = _judged(chosen, world, tell)
    asked = {each.module for each in judged if each.closed} | touched
    with tempfile.TemporaryDirectory() as folder:
        before = _before(base, asked, world, Path(folder), tell)
    seen = [each if each.module in touched else _only_new(each, before.get(each.module)) for each in judged]
    kept = tuple(each for each in seen if each.closed or each.module in touched)
    names = {each.module for each in kept}
    return Run(
        judged=kept,
        useless=tuple(each for each in useless if each.waiver.module not in repository.paths - names),
        since=ref,
        before={name: found for name, found in before.items() if name in names},
        left_alone=len(judged) - len(kept),
    )


def scores(chosen: Sequence[Place], world: World, tell: Tell) -> tuple[Scored, ...]:
    """The score of each of the `chosen` modules, by path."""
    found = each_case(chosen, world, partial(scored, stamp=world.stamp), tell)
    return tuple(sorted(found, key=lambda each: each.module))


def touched_by(files: Iterable[str], repository: Repository) -> frozenset[str]:
    """The modules that these paths belong to: their code, manifest, ledger, or measurement."""
    own = {place.shown(place.manifest): place.path for place in repository.places}
    own |= {place.shown(ledger_of(repository.ledgers, place.path)): place.path for place in repository.places}
    own |= {f"{repository.settings.bench}/{place.path}.json": place.path for place in repository.places}
    found = (own.get(file) or _innermost(file, repository.paths) for file in files)
    return frozenset(path for path in found if path)


def _innermost(file: str, modules: frozenset[str]) -> str:
    while (file := file.rpartition("/")[0]) and file not in modules:
        pass
    return file


def _judged(chosen: Sequence[Place], world: World, tell: Tell) -> tuple[tuple[Judged, ...], tuple[Useless, ...]]:
    found = sorted(each_case(chosen, world, partial(_judge, stamp=world.stamp), tell), key=lambda each: each.module)
    today = datetime.fromisoformat(world.stamp.timestamp).date()
    return waived(found, world.repository.settings.waivers, world.repository.paths, today)


def _judge(case: Case | Finding, stamp: Stamp) -> Judged:
    return judge(case if isinstance(case, Finding) else evidence_of(case, stamp))


# --- where the branch began -------------------------------------------------------------------------------------------


def _branch(root: Path, ref: str) -> tuple[str, tuple[str, ...]]:
    """The commit that a branch left `ref` at, and the files that differ from it."""
    base = _known(git.fork_point(root, ref), ref)
    return base, _known(git.differing_from(root, base), ref)


def _known(found: T | Absent, ref: str) -> T:
    if isinstance(found, Absent):
        fix = "name a branch or commit that is there; of a history that was cut off, fetch more"
        raise UserError(f"nobody knows where the branch left {ref!r}: {found.why}", fix=fix)
    return found


def _before(base: str, asked: set[str], world: World, folder: Path, tell: Tell) -> Mapping[str, Judged]:
    """What had become of the modules that are `asked` for, with the files and settings of the commit `base`.

    The interpreter, and what is installed there, is that of today. Of a commit that nothing can be made of nothing is
    known, which excuses nothing.
    """
    if isinstance(wrong := git.lay_out(world.repository.root, base, folder), Absent):
        raise UserError(f"the files of the commit {base} cannot be laid out: {wrong.why}")
    try:
        settings = load(folder)
        places = find_modules(folder, settings)
        then = replace(world, repository=Repository(root=folder, settings=settings, places=places))
        chosen = [place for place in places if place.path in asked]
        judged = _judged(chosen, then, tell)[0] if chosen else ()
    except UserError:
        return NOTHING
    return {each.module: each for each in judged}


def _only_new(now: Judged, before: Judged | None) -> Judged:
    """A module that the branch has not touched: what was closed before, for the same reasons, does not count."""
    was = {each.gate: each for each in before.results} if before else {}
    return replace(now, results=tuple(_marked(each, was.get(each.gate)) for each in now.results))


def _marked(now: Result, was: Result | None) -> Result:
    is_old = (
        was is not None and was.is_closed and (was.state, was.why, was.details) == (now.state, now.why, now.details)
    )
    return replace(now, is_old=True) if is_old and now.is_closed else now
