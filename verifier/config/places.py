"""Where the tool keeps what is its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "verify-apis"


def cache_folder() -> Path:
    """The folder that the system has for this (XDG base directories; `~/Library/Caches` on macOS)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / NAME
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given.startswith("/") else Path.home() / ".cache") / NAME
