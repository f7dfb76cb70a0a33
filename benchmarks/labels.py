"""How well features are found in context sections that were labelled by hand.

    python benchmarks/labels.py [FOLDER…] [--vocabulary FOLDER]

A labelled section is a Markdown file whose front matter has a `label`: `features`, those that two independent patterns
speak for; `single`, those that are true, and that one pattern alone speaks for; `module` and `modules`, the paths of
the module and of all of its repository; `docstrings`, texts by file. Prints a line for each folder, and each miss;
exits 1 below a precision of 0.98 or a recall of 0.80.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, convert, field

from verifier.manifests.document import Docstring
from verifier.manifests.extractors.features import Mention, features, mentions
from verifier.manifests.extractors.names import modules_of
from verifier.manifests.model import Absent
from verifier.manifests.readers.context import document_of
from verifier.manifests.vocabulary import Vocabulary, load

LABELS = Path(__file__).parent.parent / "fixtures" / "labels"
PRECISION, RECALL = 0.98, 0.80


class Label(Struct, kw_only=True):
    """What a person says of a section."""

    features: list[str]
    single: list[str] = field(default_factory=list)
    about: str = ""
    module: str = "libs/unnamed"
    modules: list[str] = field(default_factory=list)
    docstrings: dict[str, str] = field(default_factory=dict)


class Score(Struct):
    """What came of a section, or of all sections of a folder."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    single: int = 0
    """True features with one pattern, of which `queued` went to the queue."""
    queued: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Count another section, too."""
        for name in ("right", "wrong", "missed", "single", "queued"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.misses += other.misses

    @property
    def precision(self) -> float:
        """The share of what was said that is true; 1 if nothing was said."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is true that was said; 1 if nothing is."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def score(path: Path, vocabulary: Vocabulary) -> Score:
    """How well the features of one section are found."""
    document = document_of(path.read_bytes(), path.name, path.name)
    if isinstance(document, Absent):
        return Score(misses=[f"{path.name}: {document.why}"])
    label = convert(document.front["label"], Label)
    docstrings = [Docstring(path=name, text=text) for name, text in sorted(label.docstrings.items())]
    told = (document, docstrings, vocabulary, modules_of([*label.modules, label.module]), label.module)
    signal, withheld = features(*told)
    found = {str(key) for key in signal.value} if signal and isinstance(signal.value, list) else set()
    queued = {str(each.value) for each in withheld}
    true, single = {*label.features}, {*label.single}
    seen = mentions(*told)
    return Score(
        right=len(found & true),
        wrong=len(found - true),
        missed=len(true - found),
        single=len(single),
        queued=len(single & queued),
        misses=[
            *(f"{path.stem}: + {key}: {_told(key, seen)}" for key in sorted(found - true)),
            *(f"{path.stem}: - {key}: {_told(key, seen)}" for key in sorted(true - found)),
            *(
                f"{path.stem}: ? {key} is not in the queue: {_told(key, seen)}"
                for key in sorted(single - queued - found)
            ),
        ],
    )


def _told(key: str, seen: Sequence[Mention]) -> str:
    those = [each for each in seen if each.key == key]
    return (
        "; ".join(f"{each.pattern} {','.join(each.against) or 'sound'}: {each.sentence[:60]!r}" for each in those)
        or "no mention"
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folders", nargs="*", type=Path, default=sorted(each for each in LABELS.iterdir() if each.is_dir())
    )
    parser.add_argument("--vocabulary", type=Path)
    arguments = parser.parse_args()
    vocabulary = load(arguments.vocabulary)
    enough = True
    print(f"{'sections':20} files  true found wrong precision recall   queued")
    misses: list[str] = []
    for folder in arguments.folders:
        total = Score()
        files = sorted(folder.glob("*.md"))
        for path in files:
            total.add(score(path, vocabulary))
        enough &= bool(files) and total.precision >= PRECISION and total.recall >= RECALL
        misses += total.misses
        print(
            f"{folder.name:20} {len(files):5} {total.right + total.missed:5} {total.right:5} {total.wrong:5}"
            f" {total.precision:9.3f} {total.recall:6.3f} {total.queued:4}/{total.single}"
        )
    print("\n+ found, and not true; - true, and not found; ? true, and not in the queue" if misses else "")
    print(*misses, sep="\n")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
