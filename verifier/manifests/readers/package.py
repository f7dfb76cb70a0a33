"""Docstrings of a module's package, with their lines. Source is parsed, never run."""

from __future__ import annotations

import ast
import inspect
import io
import os
import tokenize
import warnings
from collections.abc import Collection, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from msgspec import Struct

from verifier.apis.source import text_of
from verifier.manifests.model import Absent, Place, Source
from verifier.manifests.sources import content_of
from verifier.model import Problem

INIT = "__init__.py"
LEFT_OUT = ("__pycache__", "tests", "test", "test_*.py", "*_test.py", "conftest.py")
"""Names of files and folders that speak of something else than the package, beside those that begin with a dot."""


class Docstring(Struct, frozen=True, kw_only=True):
    """What a source file says of itself."""

    path: str
    """Relative to the module's folder."""
    text: str
    """As `inspect.cleandoc` has it."""
    first: int
    last: int
    """The lines of the literal."""
    begins: int
    """The line of the text's first line; its others follow, unless the literal has line ends that are escaped."""


class Unread(Struct, frozen=True, kw_only=True):
    """A source file that nobody could read."""

    path: str
    problem: Problem


class PackageReading(Struct, frozen=True, kw_only=True):
    """What the source files of a module say of themselves."""

    docstrings: tuple[Docstring, ...]
    """Those that have one: `__init__.py` first, then by path."""
    has_init: bool
    unread: tuple[Unread, ...] = ()
    sources: tuple[Source, ...] = ()
    """Every file that was read, sorted."""


def read(place: Place, others: Collection[str] = ()) -> PackageReading | Absent | Problem:
    """The docstrings of the source files of a module; `others` are the paths of modules that are not part of it."""
    try:
        paths = [folder / name for folder, names in _walked(place, others) for name in names]
    except OSError as broken:
        return Problem(what=f"cannot be listed: {broken.strerror}")
    if not paths:
        return Absent(f"there is no Python source in {place.path}")
    files = sorted((path.relative_to(place.folder).as_posix() for path in paths), key=lambda path: (path != INIT, path))
    docstrings, unread, sources = [], [], []
    for path in files:
        content = content_of(place.folder / path, place.shown(place.folder / path))
        if isinstance(content, Absent):
            continue  # gone since it was listed
        found = content if isinstance(content, Problem) else docstring_of(content.data, path)
        if not isinstance(content, Problem):
            sources.append(content.source)
        if isinstance(found, Problem):
            unread.append(Unread(path=path, problem=found))
        elif found is not None:
            docstrings.append(found)
    return PackageReading(
        docstrings=tuple(docstrings),
        has_init=INIT in files,
        unread=tuple(unread),
        sources=tuple(sorted(sources)),
    )


def watched(place: Place, others: Collection[str] = ()) -> Iterator[Path]:
    """The folders and source files of a module, which change where there is something else to read."""
    yield place.folder
    with suppress(OSError):
        for folder, names in _walked(place, others):
            yield folder
            yield from (folder / name for name in names)


def files(place: Place, others: Collection[str] = ()) -> tuple[str, ...]:
    """The source files of a module, as paths of the repository, sorted; those that can be listed."""
    found = (path for path in watched(place, others) if path.suffix == ".py")
    return tuple(sorted(place.shown(path) for path in found))


def docstring_of(data: bytes, path: str) -> Docstring | Problem | None:
    """The docstring of a source file, in the encoding that it declares (PEP 263); None if it has none."""
    text = text_of(data)
    if isinstance(text, Problem):
        return text
    if "\0" in text:
        return Problem(what="is not valid Python: it has null characters")
    try:
        literal = _literal(text)
    except SyntaxError as broken:
        literal = _at_the_head(text)
        if literal is None:
            return Problem(what=f"is not valid for this Python: {broken.msg}", line=broken.lineno)
    except (RecursionError, MemoryError):
        return Problem(what="is nested too deeply to be read")
    return None if literal is None else _docstring(literal, path)


def _literal(text: str) -> ast.Constant | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # foreign source has odd escapes
        body = ast.parse(text).body
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return first if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _at_the_head(text: str) -> ast.Constant | None:
    """The docstring of what this Python cannot parse as a whole, such as later syntax; None if it has none.

    Not by libcst: its parser ends the process where source is nested deeply.
    """
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        end = next(token.end[0] for token in tokens if token.type == tokenize.NEWLINE)
        return _literal("\n".join(text.split("\n")[:end]))
    except (tokenize.TokenError, SyntaxError, RecursionError, MemoryError, StopIteration):
        return None


def _docstring(literal: ast.Constant, path: str) -> Docstring | None:
    text = inspect.cleandoc(str(literal.value))
    if not text:
        return None
    lead = str(literal.value).expandtabs().split("\n")
    blank = next(index for index, line in enumerate(lead) if line.strip())
    last = literal.end_lineno or literal.lineno
    begins = min(literal.lineno + blank, last)
    return Docstring(path=path, text=text, first=literal.lineno, last=last, begins=begins)


def _walked(place: Place, others: Collection[str]) -> Iterator[tuple[Path, list[str]]]:
    """Each folder of a module, with the names of its source files."""
    for name, below, files in os.walk(place.folder, onerror=_raise):
        folder = Path(name)
        below[:] = [each for each in below if not _is_left_out(each) and place.shown(folder / each) not in others]
        yield folder, [file for file in files if file.endswith(".py") and not _is_left_out(file)]


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or any(fnmatch(name, pattern) for pattern in LEFT_OUT)


def _raise(broken: OSError) -> None:
    if not isinstance(broken, FileNotFoundError):
        raise broken
