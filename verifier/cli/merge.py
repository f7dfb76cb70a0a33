"""`enrich merge`: what git runs to merge the manifests of two branches."""

from pathlib import Path
from typing import Annotated

import typer

from verifier.errors import Exit, UserError
from verifier.manifests.merge import aligned
from verifier.manifests.model import Absent
from verifier.manifests.readers.git import merge_files

BASE = Annotated[Path, typer.Argument(metavar="BASE", help="The version that both come from (git's %O).")]
OURS = Annotated[Path, typer.Argument(metavar="OURS", help="Our version, which gets the result (%A).")]
THEIRS = Annotated[Path, typer.Argument(metavar="THEIRS", help="Their version (%B).")]


def add_to(app: typer.Typer) -> None:
    """Make it a command of `app`."""
    app.command()(merge)


def merge(base: BASE, ours: OURS, theirs: THEIRS) -> None:
    """Merge two versions of a manifest, as a merge driver of git: enriched fields are composed anew afterwards.

    All three are files that git has made for this. Exits with 1 if the users' own fields are in conflict.
    """
    try:
        mine = ours.read_bytes()
        for other in (base, theirs):
            other.write_bytes(aligned(mine, other.read_bytes()))
    except OSError as broken:
        fix = 'git config merge.enrich.driver "enrich merge %O %A %B"'
        raise UserError(f"it cannot be read: {broken.strerror}", where=str(broken.filename), fix=fix) from broken
    conflicts = merge_files(ours, base, theirs)
    if isinstance(conflicts, Absent):
        raise UserError(conflicts.why, where=str(ours), fix="see that git is there and works")
    raise typer.Exit(Exit.FINDING if conflicts else Exit.OK)
