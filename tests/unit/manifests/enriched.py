"""A small repository that is enriched in this process: its module has no name in Python, so nothing is imported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from tests.unit.building import INTERPRETER
from verifier.manifests.audit import audit
from verifier.manifests.batch import enrich_each
from verifier.manifests.findings import Audited
from verifier.manifests.ledger import Stamp
from verifier.manifests.observe import observe as observed
from verifier.manifests.pipeline import World
from verifier.manifests.repository import MANIFEST, Repository, find_modules
from verifier.manifests.settings import load
from verifier.manifests.writer import writing
from verifier.model import Target

MODULE = "mcp-server"
NOW = "2025-02-01T12:00:00Z"
INIT = '"""A server, with data validation of orders and a task queue for payments."""\n'
TEXT = """# Server

The server consists of 12 components, and is used all over the world by people who buy and sell all sorts of things.

## Task queue

- **Data validation** of orders as they come
- A task queue that takes payments
"""
LANES = (
    "[tool.enrich.lanes.L2-integration]\nsla-targets = {latency_p95_ms = 250}\ncoverage-target = 85\n"
    "[tool.enrich.lanes.L3-production]\n"
)


def write(path: Path, content: str) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def repository(root: Path) -> Path:
    """One module with a text, a docstring and a lane; nothing is enriched yet."""
    write(root / MODULE / "__init__.py", INIT)
    write(root / MODULE / "README.md", TEXT)
    write(root / MODULE / MANIFEST, '{"title": "kept", "contract": "manifest/1", "matrix": {"lane": "L2-integration"}}')
    write(root / "pyproject.toml", LANES)
    return root


def world(root: Path, now: str = NOW) -> World:
    """The repository as a run finds it."""

    def unreachable(target: Target, jobs: int) -> NoReturn:
        raise AssertionError(target)

    settings = load(root)
    opened = Repository(root=root, settings=settings, places=find_modules(root, settings))
    stamp = Stamp(timestamp=now, sha=None)
    return World(repository=opened, interpreter=INTERPRETER, verify=unreachable, jobs=1, stamp=stamp)


def tell(done: int, total: int, name: str) -> None:
    """Nobody looks at the progress."""


def run(root: Path, now: str = NOW) -> None:
    """Enrich every module."""
    there = world(root, now)
    with writing(root, there.repository.ledgers, wait=1, tell=print) as writer:
        for each in enrich_each(there.repository.places, None, lambda: there, tell):
            assert each.edit, each.refused
            writer.write(each.edit)


def observe(root: Path, now: str = NOW) -> tuple[str, ...]:
    """Fold the artifacts of every module; what was warned of."""
    there = world(root, now).repository
    warnings: list[str] = []
    with writing(root, there.ledgers, wait=1, tell=print) as writer:
        for each in observed(there.places, there, Stamp(timestamp=now, sha=None)):
            assert each.edit, each.refused
            writer.write(each.edit)
            warnings += each.warnings
    return tuple(warnings)


def audited(root: Path) -> Audited:
    """What an audit says of the one module."""
    there = world(root)
    (found,) = audit(there.repository.places, there, tell)
    return found


def flaws(root: Path) -> set[tuple[str, str]]:
    """The fields that do not hold, each with the code."""
    return {(each.field, each.flaw.code) for each in audited(root).findings}


def manifest(root: Path) -> Path:
    """The manifest of the module."""
    return root / MODULE / MANIFEST


def ledger(root: Path) -> Path:
    """The ledger of the module."""
    return root / "manifests" / ".ledger" / f"{MODULE}.ndjson"


def edit(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest by hand."""
    document = json.loads(manifest(root).read_text(encoding="utf-8"))
    change(document)
    write(manifest(root), json.dumps(document))
