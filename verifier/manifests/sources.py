"""Files that evidence is read from: their bytes with a digest, and strict readers of JSON, XML and times."""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, cast

from msgspec import Struct

from verifier.manifests.model import Absent, Json, Source
from verifier.model import Problem

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

FARTHEST = timedelta(hours=14)
"""No clock on earth is further from UTC: what a time without a zone may be off by."""
DEEPEST = 100


class Content(Struct, frozen=True):
    """What a file holds, and which file at which state that was."""

    source: Source
    data: bytes


def content_of(path: Path, shown: str) -> Content | Absent | Problem:
    """The bytes of a file, with its digest. `shown` is its path as the repository has it."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  a pipe would be waited for
            return Problem(what="is no file")
        data = path.read_bytes()
    except FileNotFoundError:
        return Absent(f"there is no {shown}")
    except NotADirectoryError:
        return Absent(f"there is no {shown}")
    except (OSError, ValueError) as broken:
        return Problem(what=f"cannot be read: {getattr(broken, 'strerror', None) or broken}")
    return Content(Source(shown, hashlib.sha256(data).hexdigest()), data)


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_of(data: bytes) -> Json | Problem:
    """A document, if it can be written again as it was read: no NaN, no number out of range, no key twice.

    One that is nested more than `DEEPEST` times is a problem: what walks through it should not have to care.
    """
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refused, parse_float=_finite, object_pairs_hook=_each_key_once)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair can be read, and not be written
    except json.JSONDecodeError as broken:
        return Problem(what=f"is no JSON: {broken.msg}", line=broken.lineno)
    except UnicodeDecodeError as broken:
        return Problem(what=f"is no UTF-8: {broken.reason}", line=data.count(b"\n", 0, broken.start) + 1)
    except UnicodeEncodeError:
        return Problem(what="is no JSON that can be written again: it has half of a surrogate pair")
    except RecursionError:
        return Problem(what="is nested too deeply to be read")
    except ValueError as broken:
        return Problem(what=f"is no JSON: {broken}")
    return Problem(what="is nested too deeply to be read") if _is_deep(value) else cast("Json", value)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        inner = (each for outer in level if isinstance(outer, dict | list) for each in _within(outer))
        level = [each for each in inner if isinstance(each, dict | list)]
    return bool(level)


def _within(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        raise ValueError(f"{shown} is out of the range of numbers")
    return number


def _each_key_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {json.dumps(twice)} is there twice")
    return found


# --- YAML -------------------------------------------------------------------------------------------------------------


def yaml_of(data: bytes) -> Json | Problem:
    """A document that could be JSON as well: no alias, no date, no number that is none, no key twice."""
    import yaml  # noqa: PLC0415  few files are YAML

    try:
        text = data.decode("utf-8-sig")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            return Problem(what="has aliases: write out what they stand for")
        if twice := _twice(yaml.compose(text, yaml.SafeLoader)):
            return twice
        return json_of(json.dumps(yaml.safe_load(text), ensure_ascii=False).encode())
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark
        return Problem(what=f"is no YAML: {broken.problem}", line=mark.line + 1 if mark else None)
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as broken:
        return Problem(what=f"is no YAML that could be JSON: {str(broken).partition(chr(10))[0]}")


def _twice(root: object) -> Problem | None:
    """A key that stands twice in one mapping, anywhere below this node."""
    waiting = [root]
    while waiting:
        value = getattr(waiting.pop(), "value", None)
        pairs = [each for each in value if isinstance(each, tuple)] if isinstance(value, list) else []
        keys = [key.value for key, _ in pairs]
        for key, _ in pairs:
            if isinstance(key.value, str) and keys.count(key.value) > 1:
                line = max(each.start_mark.line for each, _ in pairs if each.value == key.value) + 1
                return Problem(what=f"has the key {key.value!r} twice", line=line)
        waiting += [inner for _, inner in pairs] or (value if isinstance(value, list) else [])
    return None


# --- XML --------------------------------------------------------------------------------------------------------------


def xml_of(data: bytes) -> Element | Problem:
    """The root of a document. One that may declare entities is refused; what it names elsewhere is never fetched."""
    from xml.etree.ElementTree import TreeBuilder  # noqa: PLC0415  only reports of coverage and tests need it
    from xml.parsers import expat  # noqa: PLC0415  as above

    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _without_subset
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as broken:
        return Problem(what=f"is no XML: {expat.ErrorString(broken.code)}", line=broken.lineno)
    except (ValueError, LookupError, AssertionError, TypeError) as broken:
        return Problem(what=f"is no XML: {broken}")


def _without_subset(*told: str | int | None) -> None:
    """Told of a document type: its name, where it is described, and whether it is described in the document as well."""
    if told[-1]:
        raise ValueError("it declares a document type of its own, which may hold entities")


# --- times ------------------------------------------------------------------------------------------------------------


def moment(text: str, now: datetime) -> datetime | Problem:
    """A time as reports have it (ISO 8601), in UTC; without a zone it counts as UTC. One after `now` is a problem."""
    try:
        when = datetime.fromisoformat(text)
        zoned = when.tzinfo is not None
        when = when.astimezone(UTC) if zoned else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return Problem(what=f"{text[:40]!r} is no time")
    if when > now + (timedelta() if zoned else FARTHEST):
        return Problem(what=f"it is from the future: {written(when)}, and now is {written(now)}")
    return when


def written(when: datetime) -> str:
    """A time as manifests have it: UTC, in whole seconds, with `Z`."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
