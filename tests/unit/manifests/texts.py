"""What tests of texts are made of: a small vocabulary, a repository of three modules, documents from a few lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.manifests.document import Docstring, Document
from verifier.manifests.extractors.features import Mention, features, mentions
from verifier.manifests.extractors.names import modules_of
from verifier.manifests.model import Absent
from verifier.manifests.readers.context import document_of
from verifier.manifests.vocabulary import Vocabulary, load

OWN = "libs/jobs"
MODULES = modules_of([OWN, "libs/broker", "core/memory", "services/mail-gateway"])
WORDS = {
    "task.queue": {"title": "Task queue", "category": "work", "synonyms": ["job queue", "queue of jobs"]},
    "task.remote": {"title": "Distributed task queue", "category": "work"},
    "series.storage": {"title": "Time series", "category": "data"},
    "journal": {"title": "Journal", "category": "data"},
}


def vocabulary(words: Mapping[str, object] = WORDS) -> Vocabulary:
    """A vocabulary of these features."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "features.json").write_text(json.dumps(words), encoding="utf-8")
        return load(Path(folder))


VOCABULARY = vocabulary()


def document(text: str | bytes) -> Document:
    """The document of this text."""
    data = text.encode() if isinstance(text, str) else text
    found = document_of(data, "README.md", f"{OWN}/README.md")
    assert isinstance(found, Document), found
    return found


def said(text: str, *docstrings: str) -> tuple[Mention, ...]:
    """Every mention in a text and in docstrings."""
    return mentions(document(text), _docstrings(docstrings), VOCABULARY, MODULES, OWN)


def found(text: str | None, *docstrings: str, own: str = OWN) -> tuple[list[str], list[str]]:
    """The keys of the features, and those that are withheld."""
    read = Absent("none") if text is None else document(text)
    signal, withheld = features(read, _docstrings(docstrings), VOCABULARY, MODULES, own)
    keys = signal.value if signal else []
    assert isinstance(keys, list)
    return [str(key) for key in keys], [str(each.value) for each in withheld]


def _docstrings(texts: Sequence[str]) -> list[Docstring]:
    return [Docstring(path=f"m{index}.py", text=text) for index, text in enumerate(texts)]
