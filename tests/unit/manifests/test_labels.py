"""The features of labelled context sections are found: few are missed, and next to none is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from labels import LABELS, PRECISION, RECALL, Label, Score, score
from msgspec import convert

from verifier.manifests.document import Document
from verifier.manifests.readers.context import document_of
from verifier.manifests.vocabulary import load

FOLDERS = sorted(path for path in LABELS.iterdir() if path.is_dir())
VOCABULARY = load()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_precision_and_recall_are_high_enough(folder: Path) -> None:
    total = Score()
    for path in folder.glob("*.md"):
        total.add(score(path, VOCABULARY))
    assert total.precision >= PRECISION, total.misses
    assert total.recall >= RECALL, total.misses
    assert total.right > 0


def test_there_are_enough_sections() -> None:
    assert sum(1 for _ in LABELS.rglob("*.md")) >= 60


def test_a_label_names_keys_of_the_vocabulary_alone() -> None:
    for path in LABELS.rglob("*.md"):
        read = document_of(path.read_bytes(), path.name, path.name)
        assert isinstance(read, Document)
        label = convert(read.front["label"], Label)
        assert {*label.features, *label.single} <= VOCABULARY.feature_keys(), path.name
