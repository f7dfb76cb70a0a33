"""What tests of the review queue are made of: a small repository on disk, and edits that are really written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from verifier.manifests import writer
from verifier.manifests.extractors.names import modules_of
from verifier.manifests.history import Edit
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Withheld
from verifier.manifests.phrases import candidates
from verifier.manifests.readers import context
from verifier.manifests.repository import MANIFEST, QUEUE, Repository, find_modules
from verifier.manifests.review import Queue, look_at, queued, read
from verifier.manifests.settings import load

STAMP = Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)
PROSE = "It runs jobs, and keeps those that have failed until somebody looks at them.\n\n"
WORDS: dict[str, dict[str, object]] = {
    "task.queue": {"title": "Task queue", "category": "work", "synonyms": ["job queue"]},
    "old.queue": {"title": "Work list", "category": "work", "replaced_by": "task.queue"},
    "journal": {"title": "Journal of events", "category": "data"},
}
TEXTS = {
    "libs/jobs": "- **Drift detection**: finds what has changed\n- **Job queueing**: runs jobs in their order\n",
    "libs/broker": "- drift-detections\n\n## Drift detection\n\nIt compares.\n",
    "core/memory": "- **Dream recall**: brings back what was\n",
}


def repository(
    root: Path, texts: Mapping[str, str] = TEXTS, *, words: Mapping[str, object] | None = None, own: bool = True
) -> Repository:
    """Modules with these texts; `words` are what `words/features.json` holds, if there is to be one."""
    for module, text in texts.items():
        folder = root / module
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_text('{"contract": "manifest/1"}', encoding="utf-8")
        (folder / "README.md").write_text(PROSE + text, encoding="utf-8")
    if own:
        (root / "words").mkdir(exist_ok=True)
        (root / "pyproject.toml").write_text('[tool.enrich]\nvocabulary = "words"\n', encoding="utf-8")
    if words is not None:
        (root / "words" / "features.json").write_text(json.dumps(words, indent=2) + "\n", encoding="utf-8")
    settings = load(root)
    return Repository(root=root, settings=settings, places=find_modules(root, settings))


def store(found: Repository, edits: Iterable[Edit]) -> None:
    """Write the edits."""
    with writer.writing(found.root, found.ledgers, wait=0, tell=pytest.fail) as ready:
        for edit in edits:
            ready.write(edit)


def due(found: Repository, withheld: Mapping[str, Sequence[Withheld]]) -> Edit:
    """What there is to write, with the phrases of all modules."""
    names = modules_of(found.paths)
    texts = {place.path: context.read(place, found.settings.context) for place in found.places}
    phrases = {path: candidates(text, found.vocabulary, names, path) for path, text in texts.items()}
    return queued(found, withheld, phrases)


def made(found: Repository, withheld: Mapping[str, Sequence[Withheld]] | None = None) -> Repository:
    """The repository with its queue, and with a vocabulary that nobody has loaded yet."""
    store(found, [due(found, withheld or {})])
    return Repository(root=found.root, settings=found.settings, places=found.places)


def held(found: Repository) -> Queue:
    """What the queue holds."""
    return read(look_at(found, QUEUE))


def files(root: Path) -> dict[str, bytes]:
    """Every file."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
