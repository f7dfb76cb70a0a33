"""What the static part does for one file of source: given to `enrich bench` by `benchmarks.yml`."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parents[1] / "verifier" / "model.py"


def prepare() -> tuple[tuple[bytes, str], dict[str, bool]]:
    """The arguments of `verifier.apis.source.facts_of`."""
    return (FILE.read_bytes(), "verifier.model"), {"is_package": False, "is_stub": False, "in_depth": True}
