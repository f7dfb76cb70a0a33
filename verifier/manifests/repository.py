"""A repository, and its modules: every folder that has a manifest, by its path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch, translate
from functools import cached_property
from pathlib import Path, PurePosixPath

from msgspec import Struct

from verifier.errors import NothingToCheck, UserError
from verifier.manifests import ledger
from verifier.manifests.generations import Spellings
from verifier.manifests.model import Place
from verifier.manifests.schema import Keys
from verifier.manifests.settings import Settings
from verifier.manifests.vocabulary import Vocabulary
from verifier.manifests.vocabulary import load as load_vocabulary

MANIFEST = "module.manifest.json"
QUEUE = "review_queue.json"
"""At the root of the repository."""
LEFT_OUT = (
    "__pycache__", "node_modules", "site-packages", "archive", "archives", "build", "dist", "*.egg-info", "venv", "env",
)  # fmt: skip
"""Names of folders that hold no modules of the repository's own, beside those that begin with a dot."""
TOOLS = re.compile("|".join(map(translate, LEFT_OUT)))


class Repository(Struct, frozen=True, kw_only=True, dict=True):
    """A repository: its modules, its settings and its words."""

    root: Path
    """Absolute."""
    settings: Settings
    places: tuple[Place, ...]
    """All modules."""

    @property
    def ledgers(self) -> Path:
        """The folder of all ledgers."""
        return self.root / self.settings.ledger

    @property
    def apart(self) -> bool:
        """Manifests stand in a tree of their own."""
        return self.settings.manifests is not None

    @property
    def spellings(self) -> Spellings:
        """How people write each lane."""
        return {name: lane.spellings for name, lane in self.settings.lanes.items()}

    @cached_property
    def paths(self) -> frozenset[str]:
        """Those of all modules."""
        return frozenset(place.path for place in self.places)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Loaded when first asked for. Raises UserError, with all mistakes at once."""
        own = self.settings.vocabulary
        return load_vocabulary(self.root / own if own else None, self.root)

    @cached_property
    def keys(self) -> Keys:
        """The canonical words. Raises what `vocabulary` raises."""
        words = self.vocabulary
        return Keys(
            features=words.feature_keys(),
            capabilities=words.capability_keys(),
            tags=words.tag_keys(),
            lanes=frozenset(self.settings.lanes),
        )


def find_modules(root: Path, settings: Settings) -> tuple[Place, ...]:
    """The modules of the repository at `root`, by path.

    A folder that a link leads to is not entered: it has a path of its own. Raises UserError if `root` is no folder.
    """
    if not root.is_dir():
        fix = "run it at the root of a repository, or name that with --root"
        raise UserError("there is no such folder", where=str(root), fix=fix)
    tree = root / settings.manifests if settings.manifests else root
    return tuple(
        Place(root=root, path=path, manifest=Path(f"{tree}/{path}/{MANIFEST}"))
        for path in sorted(_with_manifest(str(tree), settings.exclude))
    )


def find_recorded(root: Path, settings: Settings) -> tuple[Place, ...]:
    """The modules that have a ledger, by path, also where the manifest is gone; those without a folder are no more."""
    ledgers, tree = root / settings.ledger, root / (settings.manifests or "")
    files = [file.relative_to(ledgers).as_posix() for file in ledgers.rglob(f"*{ledger.SUFFIX}")]
    paths = sorted(file.removesuffix(ledger.SUFFIX) for file in files)
    return tuple(
        Place(root=root, path=path, manifest=tree / path / MANIFEST)
        for path in paths
        if (root / path).is_dir() and not _is_within_left_out(path, settings.exclude)
    )


def _with_manifest(tree: str, exclude: tuple[str, ...]) -> Iterator[str]:
    """The paths below `tree` of folders that have a manifest. Names, not Paths: a repository has thousands."""
    waiting = [""]
    while waiting:
        path = waiting.pop()
        with suppress(OSError), os.scandir(f"{tree}/{path}") as entries:
            for entry in entries:
                inner = f"{path}/{entry.name}" if path else entry.name
                if entry.name == MANIFEST and path and entry.is_file():
                    yield path
                elif entry.is_dir(follow_symlinks=False) and not _is_left_out(inner, exclude):
                    waiting.append(inner)


def _is_within_left_out(path: str, exclude: tuple[str, ...]) -> bool:
    folders = (path, *map(str, PurePosixPath(path).parents))
    return any(_is_left_out(folder, exclude) for folder in folders if folder != ".")


def _is_left_out(path: str, exclude: tuple[str, ...]) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(".") or bool(TOOLS.match(name)) or any(fnmatch(path, pattern) for pattern in exclude)


def find_module(name: str, places: tuple[Place, ...]) -> Place:
    """The module that `name` means: its path, or the last part of it, or of its dotted name.

    Raises UserError if several are meant, and lists their paths, or if none is.
    """
    wanted = name.strip("/").removeprefix("./")
    dotted = wanted.replace(".", "/")
    exact = [place for place in places if place.path in (wanted, dotted)]
    meant = exact or [place for place in places if f"/{place.path}".endswith((f"/{wanted}", f"/{dotted}"))]
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = "\n  ".join(place.path for place in meant)
        raise UserError(f"'{name}' may mean any of\n  {listed}", fix="name one of these paths")
    raise NothingToCheck(f"no module is called '{name}'", fix=f"name the path of a folder that has a {MANIFEST}")
