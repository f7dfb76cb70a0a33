"""The processes of this machine, as tests look for those that a run has left."""

from __future__ import annotations

import os
from pathlib import Path


def processes_of(place: Path) -> list[int]:
    """The numbers of the processes, but for this one, whose environment names the place."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _knows(folder, place)]


def _knows(process: Path, place: Path) -> bool:
    try:
        return f"{place}".encode() in (process / "environ").read_bytes() and process.name != str(os.getpid())
    except OSError:
        return False
