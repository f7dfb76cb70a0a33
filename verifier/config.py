"""What a run may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one run of `verify`.

    Raises ValueError if a limit is not positive.
    """

    python: str | None = None
    """An interpreter's path, or a version such as `3.12`; None to find one."""
    include_private: bool = False
    include_tests: bool = False
    min_doc: int = 80
    """Characters that an own docstring needs, after `inspect.cleandoc`; 0 or more."""
    timeout: float = 30.0
    """Seconds of wall clock that the import of one module may take."""
    memory: int = 4096
    """MiB of memory that one import may hold."""
    jobs: int = 2
    """Imports that run at the same time."""
    isolation: Literal["auto", "kernel"] = "auto"

    def __post_init__(self) -> None:
        if self.min_doc < 0 or self.timeout <= 0 or self.memory <= 0 or self.jobs <= 0:
            raise ValueError("limits must be positive")
