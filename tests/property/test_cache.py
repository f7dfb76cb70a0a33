"""Whatever is edited, a run with the cache says what one without it says: `make sequences` tries thousands."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.property.edits import Edit, differences, sequences

SEQUENCES = int(os.environ.get("SEQUENCES", "20"))


@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequences)
def test_the_cache_changes_no_answer(sequence: list[tuple[Edit, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert differences(Path(folder), sequence) == []
