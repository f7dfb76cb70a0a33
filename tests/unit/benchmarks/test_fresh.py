"""What a fresh interpreter says of one module."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fresh import Fresh, ask


def test_the_interpreter_may_be_named_from_here() -> None:
    python = Path(os.path.relpath(sys.executable))
    assert not python.is_absolute()
    assert ask(python, "json", ("loads", "decoder", "gone")) == Fresh(
        error=None, has={"loads": True, "decoder": True, "gone": False}
    )
