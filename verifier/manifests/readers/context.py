"""The context file of a module, such as `README.md`: its blocks, its front matter, and whether it is written."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests.document import Block, Document, Kind, Mark, Status
from verifier.manifests.markdown import parse
from verifier.manifests.metadata import key_of, words_of
from verifier.manifests.model import Absent, Json, Place, Source, Unusable

LARGEST = 256 << 10
"""Bytes. The largest that people have written by hand are a tenth of it."""
LARGEST_FRONT, DEEPEST = 16 << 10, 20
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
"""Control characters that no text has in Latin-1."""
COUNTED = "(?:components?|entry ?points?|modules?|exports?|classes|functions|files)"
ZERO = re.compile(rf"\(\s*0 [A-Za-z -]+\)$|(?<![\d.,])0 {COUNTED}\b|^{COUNTED}: 0$", re.IGNORECASE)
"""What a generator writes of a module in which it has found nothing."""
SUBSTANCE, SOME_SUBSTANCE = 30, 12
"""Words below which a file with signs of a template, or with empty sections, is a stub."""


def read(place: Place, names: Sequence[str]) -> Document | Absent:
    """The first of the module's files of these names that somebody has written; or else the first that can be read.

    `names` are in order of trust. What comes before the one that is taken is told in `passed_over`.
    """
    passed_over: list[str] = []
    unwritten: list[Document] = []
    for name in names:
        found = _read(place, name)
        if found is None:
            continue
        if isinstance(found, Document) and found.status is Status.WRITTEN:
            return replace(found, passed_over=tuple(passed_over))
        passed_over.append(f"{name}: {found.why}")
        if isinstance(found, Document):
            unwritten.append(found)
    if unwritten:
        return replace(unwritten[0], passed_over=tuple(told for told in passed_over if told != _told(unwritten[0])))
    return Unusable("; ".join(passed_over)) if passed_over else Absent(f"there is no {' or '.join(names)}")


def _told(document: Document) -> str:
    return f"{document.path}: {document.why}"


def _read(place: Place, name: str) -> Document | Absent | None:
    """None if there is no such file."""
    path = place.folder / name
    try:
        if not path.is_file():
            return Absent("it is no file") if path.exists() else None
        if path.stat().st_size > LARGEST:
            return Absent(f"it has more than {LARGEST >> 10} KiB")
        data = path.read_bytes()
    except (OSError, ValueError) as broken:
        return Absent(f"it cannot be read: {getattr(broken, 'strerror', None) or broken}")
    return document_of(data, name, f"{place.path}/{name}")


def document_of(data: bytes, path: str, shown: str) -> Document | Absent:
    """A context file of these bytes. `path` is relative to the module's folder, `shown` to the repository's root."""
    decoded = _decoded(data)
    if isinstance(decoded, Absent):
        return decoded
    content = _contents(decoded.text)
    status, why = _status(content.front, content.blocks)
    return Document(
        path=path,
        source=Source(shown, hashlib.sha256(data).hexdigest()),
        status=status,
        why=why,
        front=content.front,
        blocks=content.blocks,
        problems=tuple(filter(None, (decoded.problem, content.problem))),
    )


# --- bytes ------------------------------------------------------------------------------------------------------------


class _Decoded(Struct, frozen=True):
    text: str
    problem: str = ""


def _decoded(data: bytes) -> _Decoded | Absent:
    """UTF-8, UTF-16 with a mark at its beginning, or Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _Decoded(_normal(data.decode("utf-16")))
        except UnicodeDecodeError:
            return Absent("it cannot be decoded: it says that it is UTF-16, and is not")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        text = data.decode("latin-1")
        if NO_TEXT.search(text):
            return Absent(f"it cannot be decoded: neither UTF-8 ({broken.reason} at byte {broken.start}) nor Latin-1")
        return _Decoded(_normal(text), "it is no UTF-8, and was read as Latin-1")
    return Absent("it is no text: it has a NUL") if "\0" in text else _Decoded(_normal(text))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


# --- front matter and blocks ------------------------------------------------------------------------------------------


class _Contents(Struct, frozen=True):
    front: Mapping[str, Json]
    blocks: tuple[Block, ...]
    problem: str = ""


def _contents(text: str) -> _Contents:
    """Blank lines before front matter count as none, though the standard does not have it."""
    body = text.lstrip("\n \t") if text.lstrip().startswith("---") else text
    skipped = text[: len(text) - len(body)].count("\n")
    parsed = parse(body, front_matter=True)
    if not parsed.front:
        return _Contents({}, parse(text).blocks if body != text else parsed.blocks)
    front = _mapping(parsed.front)
    if isinstance(front, Absent):
        # a rule, a title and another rule look like front matter that cannot be read
        return _Contents({}, parse(text).blocks, f"its front matter is no mapping, and counts as text: {front.why}")
    moved = (replace(block, first=block.first + skipped, last=block.last + skipped) for block in parsed.blocks)
    return _Contents(front, tuple(moved))


def _mapping(text: str) -> dict[str, Json] | Absent:
    import yaml  # noqa: PLC0415  most files have no front matter

    if len(text) > LARGEST_FRONT:
        return Absent(f"it has more than {LARGEST_FRONT >> 10} KiB")
    try:
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            # an alias makes a small text large, and what is nested deeply takes long to read
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
                return Absent("it is nested too deeply" if depth > DEEPEST else "it has aliases")
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as broken:
        return Absent(str(broken).partition("\n")[0])
    return {str(key): _json(each) for key, each in value.items()} if isinstance(value, dict) else Absent("no mapping")


def _json(value: Any) -> Json:
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_json(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


# --- drafts and stubs -------------------------------------------------------------------------------------------------


def _status(front: Mapping[str, Json], blocks: tuple[Block, ...]) -> tuple[Status, str]:
    if drafted := _drafted(front, blocks):
        return Status.DRAFT, f"it is a draft: {drafted}"
    if templated := _templated(blocks):
        return Status.STUB, f"it is a stub: {templated}"
    return Status.WRITTEN, ""


def _drafted(front: Mapping[str, Json], blocks: tuple[Block, ...]) -> str:
    if str(front.get("status", "")).strip().casefold() == "draft":
        return "its front matter says `status: draft`"
    if front.get("draft") is True:
        return "its front matter says `draft: true`"
    states = (block for block in blocks if key_of(block.text).casefold() == "status")
    said = (block for block in states if block.text.partition(":")[2].strip().casefold() == "draft")
    return next((f"it says so in line {block.first}" for block in said), "")


def _templated(blocks: tuple[Block, ...]) -> str:
    """The signs of a template, or of sections that wait to be written, if there is little else; or else nothing."""
    words = sum(map(words_of, blocks))
    signs = ", ".join(_signs(blocks))
    if not words:
        return signs or "there is no sentence in it"
    headings = [block for block in blocks if block.kind is Kind.HEADING]
    empty = [block for block in headings if Mark.EMPTY in block.marks]
    if signs and words < SUBSTANCE:
        return f"{signs}, and {words} words beside that"
    if 2 * len(empty) >= len(headings) > 1 and words < SOME_SUBSTANCE:
        return f"{len(empty)} of {len(headings)} sections are empty, and it has {words} words"
    return ""


def _signs(blocks: tuple[Block, ...]) -> Iterator[str]:
    """What a generator or a template has left."""
    for block in blocks:
        if zero := ZERO.search(block.text):
            yield f"`{zero[0]}` in line {block.first}"
    places = [block.first for block in blocks if Mark.PLACEHOLDER in block.marks]
    if places:
        yield f"a placeholder in line {places[0]}" + (f" and {len(places) - 1} more" if len(places) > 1 else "")
