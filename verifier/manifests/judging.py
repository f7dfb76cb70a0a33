"""Gates over the modules of a repository: all of them, or what a branch has changed and has broken elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from verifier.errors import UserError
from verifier.manifests.batch import Tell
from verifier.manifests.branch import branch_since, out_of_reach, touched
from verifier.manifests.case import Case, each_case
from verifier.manifests.evidence import evidence_of
from verifier.manifests.findings import Finding
from verifier.manifests.gates import Judged, Result, Useless, judge, waived
from verifier.manifests.known import Known
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Absent, Place
from verifier.manifests.past import Scored, scored
from verifier.manifests.pipeline import World
from verifier.manifests.readers import git
from verifier.manifests.repository import Repository, find_modules
from verifier.manifests.settings import load

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


def run_since(ref: str, chosen: Sequence[Place], world: World, known: Known, tell: Tell) -> Run:
    """The same, for those that a branch has changed since it left `ref`, and the gates that it has closed elsewhere.

    What lies in the working tree counts, committed or not. Modules that nothing of the branch can reach, as far as that
    is `known`, are not looked at. Raises UserError if nobody knows where the branch began.
    """
    repository = world.repository
    branch = branch_since(repository.root, ref)
    changed = touched(branch, repository)
    spared = out_of_reach(branch, repository, known) - changed
    judged, useless = _judged([place for place in chosen if place.path not in spared], world, tell)
    asked = {each.module for each in judged if each.closed or each.module in changed}
    before = NOTHING
    if asked:
        with tempfile.TemporaryDirectory() as folder:
            before = _before(branch.base, asked, world, Path(folder), tell)
    seen = [each if each.module in changed else _only_new(each, before.get(each.module)) for each in judged]
    kept = tuple(each for each in seen if each.closed or each.module in changed)
    names = {each.module for each in kept}
    return Run(
        judged=kept,
        useless=tuple(each for each in useless if each.waiver.module not in repository.paths - names),
        since=ref,
        before={name: found for name, found in before.items() if name in names},
        left_alone=len(chosen) - len(kept),
    )


def scores(chosen: Sequence[Place], world: World, tell: Tell) -> tuple[Scored, ...]:
    """The score of each of the `chosen` modules, by path."""
    found = each_case(chosen, world, partial(scored, stamp=world.stamp), tell)
    return tuple(sorted(found, key=lambda each: each.module))


def _judged(chosen: Sequence[Place], world: World, tell: Tell) -> tuple[tuple[Judged, ...], tuple[Useless, ...]]:
    found = sorted(each_case(chosen, world, partial(_judge, stamp=world.stamp), tell), key=lambda each: each.module)
    today = datetime.fromisoformat(world.stamp.timestamp).date()
    return waived(found, world.repository.settings.waivers, world.repository.paths, today)


def _judge(case: Case | Finding, stamp: Stamp) -> Judged:
    return judge(case if isinstance(case, Finding) else evidence_of(case, stamp))


# --- where the branch began -------------------------------------------------------------------------------------------


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
