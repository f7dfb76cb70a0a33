"""What a branch has changed since it left another one, and which modules nothing of that can reach."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests.known import Known
from verifier.manifests.ledger import path as ledger_of
from verifier.manifests.measurements import place_of_bench
from verifier.manifests.model import Absent
from verifier.manifests.readers import git
from verifier.manifests.repository import MANIFEST, Repository
from verifier.manifests.settings import FILE

T = TypeVar("T")
CODE = (".py", ".pyi", ".so", ".pyd")


class Branch(Struct, frozen=True, kw_only=True):
    """A branch. All files are relative to the root of the repository."""

    base: str
    """The commit that it left the other one at."""
    committed: frozenset[str]
    """The files that differ between the two commits."""
    changed: frozenset[str]
    """Those that differ in the working tree, or are new there."""
    come_or_gone: frozenset[str]
    """Those of them that one of the two has, and the other has not."""


def branch_since(root: Path, ref: str) -> Branch:
    """The branch that left `ref`. Raises UserError if nobody knows where it began."""
    base = _known(git.fork_point(root, ref), ref)
    committed, changed = (_known(git.differing(root, base, other), ref) for other in ("HEAD", ""))
    return Branch(
        base=base,
        committed=frozenset(committed),
        changed=frozenset(changed),
        come_or_gone=frozenset(file for file, letter in changed.items() if letter in "AD"),
    )


def _known(found: T | Absent, ref: str) -> T:
    if isinstance(found, Absent):
        fix = "name a branch or commit that is there; of a history that was cut off, fetch more"
        raise UserError(f"nobody knows where the branch left {ref!r}: {found.why}", fix=fix)
    return found


def touched(branch: Branch, repository: Repository) -> frozenset[str]:
    """The modules that it has changed: their code, their texts; their manifest, ledger or measurement if committed.

    What a run in the working tree has measured or composed is no change of anybody's.
    """
    written = _written(repository)
    files = branch.committed | {file for file in branch.changed if file not in written}
    found = (written.get(file) or _innermost(file, repository.paths) for file in files)
    return frozenset(path for path in found if path)


def _written(repository: Repository) -> Mapping[str, str]:
    """The files that the tool writes for a module, each with the module."""
    own = {place.shown(place.manifest): place.path for place in repository.places}
    own |= {place.shown(ledger_of(repository.ledgers, place.path)): place.path for place in repository.places}
    return own | {place_of_bench(place, repository): place.path for place in repository.places}


def _innermost(file: str, modules: frozenset[str]) -> str:
    while (file := file.rpartition("/")[0]) and file not in modules:
        pass
    return file


def out_of_reach(branch: Branch, repository: Repository, known: Known) -> frozenset[str]:
    """The modules that rest on nothing that the branch has changed, as far as that is known.

    What a module rests on, the last run of `enrich` has noted; it is asked only if all of it is as it was then. What
    concerns all modules reaches all of them, and so does a module that has come or gone.
    """
    if any(_is_of_all(file, repository) for file in branch.changed):
        return frozenset()
    if any(_is_module(file, repository) for file in branch.come_or_gone):
        return frozenset()
    root = os.path.realpath(repository.root)
    files = {f"{root}/{file}" for file in branch.changed}
    files |= {os.path.dirname(f"{root}/{file}") for file in branch.come_or_gone}  # noqa: PTH120  thousands of them
    place_of = _resolver()
    uses = ((place.path, known.uses(place)) for place in repository.places)
    return frozenset(path for path, used in uses if used and files.isdisjoint(map(place_of, used)))


def _is_of_all(file: str, repository: Repository) -> bool:
    settings = repository.settings
    words = f"{settings.vocabulary}/" if settings.vocabulary else None
    return file in {FILE, settings.coverage, settings.tests} or bool(words and file.startswith(words))


def _is_module(file: str, repository: Repository) -> bool:
    """Whether a file makes a module of the repository, or one that Python may find in the place of another's."""
    if file.rpartition("/")[2] == MANIFEST:
        return True
    for root in repository.settings.import_roots if file.endswith(CODE) else ():
        above = "" if root == "." else f"{root}/"
        if file.startswith(above):
            top, _, inner = file.removeprefix(above).partition("/")
            return not inner or not any(f"{path}/".startswith(f"{above}{top}/") for path in repository.paths)
    return False


def _resolver() -> Callable[[str], str]:
    """What `realpath` does, which asks for each folder again and again."""
    real_folder = cache(os.path.realpath)

    def resolved(path: str) -> str:
        folder, name = os.path.split(path)
        found = f"{real_folder(folder)}/{name}"
        return os.path.realpath(found) if os.path.islink(found) else found  # noqa: PTH114  thousands of them

    return resolved
