"""How every command ends: what the user can mend is told in one message, the rest is our bug."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

import typer

from verifier.cli.show import OUR_BUG, ReaderGone
from verifier.errors import Exit, UserError


def run(command: Callable[[], object]) -> None:
    """Run a command to its end. Raises SystemExit with its exit code; a reader that has gone away is no error."""
    try:
        command()
    except ReaderGone:
        sys.exit(Exit.OK)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(Exit.INTERRUPTED)
    except UserError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit)
    except Exception:  # noqa: BLE001  the last resort: say that it is our bug
        traceback.print_exc()
        typer.echo(OUR_BUG, err=True)
        sys.exit(Exit.BUG)
