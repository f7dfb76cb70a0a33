"""Whatever is edited, a run with the cache says what one without it says: `make sequences` tries thousands."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.edits import Edit, differences, sequences

SEQUENCES = int(os.environ.get("SEQUENCES", "20"))
PARTS = 2
"""To be tried side by side: each takes a second or more."""


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=SEQUENCES // PARTS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=sequences)
def test_the_cache_changes_no_answer(part: int, sequence: list[tuple[Edit, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert differences(Path(folder), sequence) == []
