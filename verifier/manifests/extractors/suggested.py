"""APIs that an index lists and the package does not offer: for people to look at, never for a manifest."""

from __future__ import annotations

from verifier.manifests import provenance
from verifier.manifests.extractors.apis import VERIFIED
from verifier.manifests.model import Absent, Withheld
from verifier.manifests.readers.apis import Apis
from verifier.manifests.readers.index import IndexReading
from verifier.model import Problem


def suggested(index: IndexReading | Absent | Problem, found: Apis | Absent) -> Withheld | None:
    """The public names that an index lists, that stand in the files, and that no import was asked for."""
    if not isinstance(index, IndexReading) or isinstance(found, Absent):
        return None
    offered = {verdict.symbol.name for verdict in found.verdicts}
    listed = [each for each in index.suggestions if not each.name.startswith("_") and each.name not in offered]
    if not listed:
        return None
    return Withheld(
        field=VERIFIED,
        value=[*sorted({each.name for each in listed})],
        provenance=tuple(sorted({provenance.code(each.file, each.line) for each in listed})),
        why=f"{index.source.path.rpartition('/')[2]} lists them, and the package does not offer them",
    )
