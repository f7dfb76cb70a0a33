"""Which configuration file counts, and what it says. Nothing of it is run here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from verifier.config import Said
from verifier.config.table import TABLE, Mistake, read_table
from verifier.errors import UserError

NAME = "pyproject.toml"
OURS = TABLE.rpartition(".")[2]


class Read(Struct, frozen=True):
    """A configuration file that was read, and what it says."""

    file: Path
    said: Said


def nearest(folders: Iterable[Path]) -> Read | None:
    """The first `pyproject.toml` in one of the folders that has our table. Raises UserError if one is broken."""
    return next(filter(None, (read(folder / NAME) for folder in folders)), None)


def upwards(start: Path, home: Path) -> Iterator[Path]:
    """`start` and the folders above it, up to that of the repository or to the home folder."""
    for folder in (start, *start.parents):
        yield folder
        if folder == home or os.path.exists(folder / ".git"):  # noqa: PTH110  False, no error, where nobody may look
            return


def named(file: Path) -> Read:
    """A file that the user names. Raises UserError if it cannot be read, is broken, or has not our table."""
    if not os.path.isfile(file):  # noqa: PTH113  as above
        raise UserError("there is no such configuration file", where=str(file), fix="name a file, or drop --config")
    if (found := read(file)) is None:
        raise UserError(f"this file has no table [{TABLE}]", where=str(file), fix="add the table, or drop --config")
    return found


def read(file: Path) -> Read | None:
    """What a file says; None if it is not there or has not our table.

    Raises UserError, with all mistakes in one message, if it cannot be read or is broken. A file that does not speak of
    us may be as broken as it likes: somebody else will say so.
    """
    if not os.path.isfile(file):  # noqa: PTH113  as above
        return None
    try:
        text = file.read_text(encoding="utf-8-sig")
        table = _table(text) if OURS in text else None
    except OSError as broken:
        raise _bad(file, [Mistake("", f"it cannot be read: {broken.strerror}")]) from broken
    except UnicodeDecodeError as broken:
        raise _bad(file, [Mistake("", f"it cannot be decoded as UTF-8: {broken.reason}")]) from broken
    except (ValueError, RecursionError) as broken:  # TOMLDecodeError, and integers with too many digits
        raise _bad(file, [Mistake("", f"it is no TOML: {' '.join(str(broken).split())}")]) from broken
    if table is None:
        return None
    said, mistakes = read_table(table)
    if mistakes:
        raise _bad(file, mistakes)
    if "python" in said:
        said["python"] = _python(said["python"], file.parent)
    return Read(file, said)


def _table(text: str) -> object:
    """The value of `tool.verify-apis`; None if there is none. Raises ValueError or RecursionError if it is no TOML."""
    import tomllib  # noqa: PLC0415  slow, and only files that speak of us need it

    value: object = tomllib.loads(text)
    for part in TABLE.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _python(said: str, folder: Path) -> str:
    """An interpreter's path, which starts at the folder of the file; a version and a command are what they are."""
    if re.fullmatch(r"\d+(\.\d+)*", said):
        return said
    path = folder / os.path.expanduser(said)  # noqa: PTH111  it leaves the home of nobody as it is
    return str(path) if "/" in said or os.sep in said or os.path.exists(path) else said  # noqa: PTH110  as above


def _bad(file: Path, mistakes: Iterable[Mistake]) -> UserError:
    place = shown(file)
    lines = sorted(": ".join(filter(None, (place, mistake.key, mistake.what))) for mistake in mistakes)
    what = "there is a mistake" if len(lines) == 1 else f"there are {len(lines)} mistakes"
    return UserError(
        "\n  ".join((f"{what} in the configuration", *lines)),
        fix="correct it, or leave it aside with --no-config; docs/configuration.md has all keys",
    )


def shown(file: Path, here: Path | None = None) -> str:
    """The file as people know it: relative to the working folder if it is in there, or straight above."""
    start = here or Path.cwd()
    near = file.is_relative_to(start) or start.is_relative_to(file.parent)
    return os.path.relpath(file, start) if near else str(file)
