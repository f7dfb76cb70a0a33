"""verify-apis: an API must import or it does not exist.

`verify` is the tool as a function: names in, a `Report` out. Nothing of a target runs in the calling process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.apis import verify
    from verifier.config import Config
    from verifier.errors import UserError
    from verifier.model import Report

__all__ = ["Config", "Report", "UserError", "verify"]


def __getattr__(name: str) -> object:
    # `--help` and `--version` must not wait for what only a run needs
    if name == "verify":
        from verifier.apis import verify  # noqa: PLC0415

        return verify
    if name == "Config":
        from verifier.config import Config  # noqa: PLC0415

        return Config
    if name == "UserError":
        from verifier.errors import UserError  # noqa: PLC0415

        return UserError
    if name == "Report":
        from verifier.model import Report  # noqa: PLC0415

        return Report
    raise AttributeError(name)
