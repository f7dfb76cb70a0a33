"""The commands of `enrich`: each is loaded when it is called for, since a run over modules needs none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import typer
from typer.core import TyperGroup
from typer.main import get_command


def _audit(app: typer.Typer) -> None:
    from verifier.cli.audit import add_to  # noqa: PLC0415

    add_to(app)


def _bench(app: typer.Typer) -> None:
    from verifier.cli.bench import add_to  # noqa: PLC0415

    add_to(app)


def _gates(app: typer.Typer) -> None:
    from verifier.cli.gates import add_to  # noqa: PLC0415

    add_to(app)


def _merge(app: typer.Typer) -> None:
    from verifier.cli.merge import add_to  # noqa: PLC0415

    add_to(app)


def _observe(app: typer.Typer) -> None:
    from verifier.cli.observe import add_to  # noqa: PLC0415

    add_to(app)


def _review(app: typer.Typer) -> None:
    from verifier.cli.review import add_to  # noqa: PLC0415

    add_to(app)


def _revise(app: typer.Typer) -> None:
    from verifier.cli.revise import add_to  # noqa: PLC0415

    add_to(app)


FILES: Mapping[str, Callable[[typer.Typer], None]] = {
    "audit": _audit,
    "bench": _bench,
    "explain": _revise,
    "gates": _gates,
    "merge": _merge,
    "migrate": _revise,
    "observe": _observe,
    "replay": _revise,
    "revert": _revise,
    "review": _review,
    "scaffold": _revise,
    "score": _gates,
    "validate": _revise,
}
"""What loads the file that each command is in."""


class Commands(TyperGroup):
    """All of them, by name."""

    def list_commands(self, _: object) -> list[str]:
        """Their names, in the order of the alphabet."""
        return [*FILES]

    def get_command(self, _: object, name: str) -> object:  # type: ignore[override]  # typer hides the type of commands
        """The command of this name; None if there is none."""
        if name not in FILES:
            return None
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        FILES[name](app)
        command = get_command(app)
        return command.commands[name] if isinstance(command, TyperGroup) else command
