"""The index of a folder (`directory_index.json`): it suggests names to look for, and proves nothing.

Such files are generated once and drift: files that they list are gone, and half of what they call exports are methods.
So only what is there today is handed on, and no number at all.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from verifier.apis.source import text_of
from verifier.manifests.model import Absent, Json, Source
from verifier.manifests.sources import Content, content_of, json_of
from verifier.model import Problem

NAME = "directory_index.json"
FILE_KEYS = ("file", "filename", "file_path", "path", "name")
NAME_KEYS = ("exports", "classes", "functions", "apis", "symbols")
NEVER_READ = frozenset({"performance_metadata", "metrics", "statistics"})
DEEPEST = 12


class Suggestion(Struct, frozen=True, kw_only=True, order=True):
    """A name that an index lists, and that stands at the top of a file."""

    file: str
    """Relative to the module's folder."""
    name: str
    line: int


class IndexReading(Struct, frozen=True, kw_only=True):
    """What an index suggests."""

    source: Source
    suggestions: tuple[Suggestion, ...]
    """Sorted; each name is there."""
    missing_files: tuple[str, ...] = ()
    """Files that it lists and that are not there, sorted."""
    missing_names: int = 0
    """How many names it lists that no file has at its top."""


def read(path: Path, shown: str) -> IndexReading | Absent | Problem:
    """What the index at `path` suggests of the folder that it stands in; `shown` is its path in the repository."""
    content = content_of(path, shown)
    if not isinstance(content, Content):
        return content
    document = json_of(content.data)
    if isinstance(document, Problem):
        return document
    if not isinstance(document, dict):
        return Problem(what="is no index: it holds no object")
    found: dict[str, set[str]] = {}
    folder = f"{shown.rpartition('/')[0]}/"
    for file, names in _listed(document, DEEPEST):
        found.setdefault(file.removeprefix(folder), set()).update(names)
    return _sorted(content.source, path.parent, found)


def _sorted(source: Source, folder: Path, listed: dict[str, set[str]]) -> IndexReading:
    suggestions: list[Suggestion] = []
    missing_files, missing_names = [], 0
    for file, names in sorted(listed.items()):
        top = _top_names(folder, file)
        if top is None:
            missing_files.append(file)
            continue
        there = sorted(names & top.keys())
        suggestions += [Suggestion(file=file, name=name, line=top[name]) for name in there]
        missing_names += len(names) - len(there)
    return IndexReading(
        source=source,
        suggestions=tuple(sorted(suggestions)),
        missing_files=tuple(missing_files),
        missing_names=missing_names,
    )


def _listed(value: Json, depth: int) -> Iterator[tuple[str, frozenset[str]]]:
    """Every object in the index that names a source file, with the names that it lists."""
    if depth and isinstance(value, list):
        for inner in value:
            yield from _listed(inner, depth - 1)
    if not depth or not isinstance(value, dict):
        return
    texts = (value.get(key) for key in FILE_KEYS)
    file = next((text for text in texts if isinstance(text, str) and text.endswith(".py")), None)
    if file is not None:
        yield file, frozenset(name for key in NAME_KEYS for name in _names(value.get(key)))
    for key, inner in value.items():
        if key not in NEVER_READ:
            yield from _listed(inner, depth - 1)


def _names(value: Json) -> Iterator[str]:
    """Names in a list of texts or of objects that have a name."""
    for entry in value if isinstance(value, list) else ():
        name = entry.get("name") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield name


def _top_names(folder: Path, file: str) -> dict[str, int] | None:
    """The names that a file binds at its top, with their lines; None if there is no such file in the folder."""
    path = folder / file
    if not _is_within(path, folder):
        return None
    content = content_of(path, file)
    if not isinstance(content, Content):
        return None
    text = text_of(content.data)
    if isinstance(text, Problem):
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # foreign source has odd escapes
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {name: line for node in reversed(body) for name, line in _bound(node)}


def _is_within(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # null bytes, loops of links
        return False


def _bound(node: ast.stmt) -> Iterator[tuple[str, int]]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name, node.lineno
        case ast.Assign():
            yield from ((target.id, node.lineno) for target in node.targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node.lineno
        case ast.ImportFrom():
            yield from ((alias.asname or alias.name, node.lineno) for alias in node.names if alias.name != "*")
        case ast.If() | ast.Try():
            handlers = getattr(node, "handlers", [])
            for inner in (*node.body, *node.orelse, *(each for handler in handlers for each in handler.body)):
                yield from _bound(inner)
