"""The text of a user's JSON file, changed in a few fields and left alone in all else.

Where a value begins and ends is asked of the standard library's own decoder (`raw_decode`), so that the text is cut
where it was understood. What does not change keeps its bytes: order, indentation, line ends, escapes, numbers, mark.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn, TypeAlias, cast

from msgspec import UNSET, Struct, UnsetType

from verifier.errors import UserError
from verifier.manifests.model import Json

Value: TypeAlias = "Json | UnsetType"
"""What a field holds; UNSET where there is no such field."""

ORDER = (
    "schema_version",
    "module",
    "description",
    "features",
    "tags",
    "apis",
    "apis_pending",
    "components",
    "performance",
    "testing",
    "x_legacy",
    "_provenance",
)
"""Where a new field goes: behind the closest one before it in this list. Within an object names are sorted."""
NOWHERE = (len(ORDER), "")
EMPTY = b"{}\n"
"""What a manifest that does not exist yet is made from."""
LONGEST_LINE = 100
MARK = b"\xef\xbb\xbf"
SPACE = re.compile(r"[ \t\r\n]*")
BREAK = re.compile(r"\r\n|\n|\r")
CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")
HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can escape it, UTF-8 cannot hold it."""


class Document(Struct, frozen=True, kw_only=True):
    """A JSON file that holds an object."""

    shown: str
    """The path, for people."""
    text: str
    value: dict[str, Json]
    marked: bool = False
    """It begins with a byte order mark."""


def read(data: bytes, shown: str) -> Document:
    """The object that a file holds. Raises UserError, with line and column, for what is none or is ambiguous."""
    marked = data.startswith(MARK)
    try:
        text = data.removeprefix(MARK).decode()
    except UnicodeDecodeError as broken:
        before = data[: broken.start + (len(MARK) if marked else 0)].decode(errors="replace")
        _refuse("it is no UTF-8", f"{shown}:{_line(before, len(before))}", "save it as UTF-8")
    try:
        value = STRICT.decode(text)
    except _Twice as broken:
        at = _twice(text, _skip(text, 0))
        _refuse(f"the key {broken} stands there twice", f"{shown}:{_line(text, at or 0)}", "remove one of them")
    except json.JSONDecodeError as broken:
        if CONFLICT.search(text):
            _refuse("git has left a conflict in it", shown, f"take one side whole: git checkout --ours -- {shown}")
        _refuse(f"it is no JSON: {broken.msg}", f"{shown}:{broken.lineno}:{broken.colno}", "mend the JSON there")
    except RecursionError:
        _refuse("its values are nested too deeply", shown, "no manifest needs that: look at what has written it")
    except ValueError as broken:
        _refuse(f"it holds a number that cannot be read: {broken}", shown, "write that number as a string")
    if not isinstance(value, dict):
        _refuse("it holds no object", f"{shown}:1:1", "a manifest begins with { and ends with }")
    return Document(shown=shown, text=text, value=value, marked=marked)


def changed(document: Document, fields: Mapping[str, Value]) -> bytes:
    """The file's bytes with these fields set, or removed where UNSET; the same bytes if they are so already.

    The order of `fields` does not matter. Raises UserError where a field would have to stand in what is no object.
    """
    text, value = document.text, document.value
    for field in sorted(fields, key=lambda field: (_rank(keys_of(field)[0]), keys_of(field))):
        if not same(value_at(value, field), fields[field]):
            text = _Text(text).changed(keys_of(field), fields[field], document.shown)
            value = DECODER.decode(text)
    return (MARK if document.marked else b"") + text.encode()


def value_at(value: Json, field: str) -> Value:
    """What stands at a dotted field."""
    for key in keys_of(field):
        if not isinstance(value, dict) or key not in value:
            return UNSET
        value = value[key]
    return value


def same(one: Value, other: Value) -> bool:
    """Whether they are the same JSON: `1` is not `1.0`, nor `true`; the order of keys does not matter."""
    if one is UNSET or other is UNSET:
        return one is other
    return canonical(one) == canonical(other)


def canonical(value: Json) -> bytes:
    """The one way to write a value: sorted keys, no spaces, UTF-8."""
    return _dumped(value, separators=(",", ":")).encode()


def field_of(keys: Sequence[str]) -> str:
    r"""The dotted name of a place: `performance.sla_targets`; a dot within a key is `\.`, a backslash `\\`."""
    return ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in keys)


def keys_of(field: str) -> tuple[str, ...]:
    """The keys that a dotted name leads through: `field_of`, backwards."""
    keys = [""]
    for part in re.findall(r"\\.|\.|[^\\.]+|\\", field, re.DOTALL):
        if part == ".":
            keys.append("")
        else:
            keys[-1] += part[1:] if part in {"\\.", "\\\\"} else part
    return tuple(keys)


class _Member(NamedTuple):
    key: str
    start: int
    value: int
    end: int


class _Object(NamedTuple):
    start: int
    end: int
    members: tuple[_Member, ...]

    def member(self, key: str) -> _Member | None:
        return next((member for member in self.members if member.key == key), None)


class _Text:
    """The text of an object, and the way in which it is laid out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.top = _object(text, _skip(text, 0))
        found = BREAK.search(text)
        self.newline = found[0] if found else "\n"
        self.ascii = text.isascii() and "\\u" in text and ESCAPED.search(text) is not None
        self.colon = ": "
        self.unit: str | None = "  "
        """The indentation of one level; None where all stands on one line."""
        if self.top.members:
            first = self.top.members[0]
            between = text[DECODER.raw_decode(text, first.start)[1] : first.value]
            self.colon = ": " if BREAK.search(between) else between
            space = text[self.top.start + 1 : first.start]
            self.unit = BREAK.split(space)[-1] if BREAK.search(space) else None

    def changed(self, keys: tuple[str, ...], value: Value, shown: str) -> str:
        """The text with this value at the end of these keys."""
        found, path = self.top, [self.top]
        for depth, key in enumerate(keys):
            member = found.member(key)
            if member is None:
                return self._inserted(found, keys[: depth + 1], _nested(keys[depth + 1 :], value))
            if depth == len(keys) - 1:
                return self._removed(path, keys) if value is UNSET else self._replaced(member, value)
            if self.text[member.value] != "{":
                what = f"{field_of(keys[: depth + 1])} is no object, so {field_of(keys)} cannot stand in it"
                _refuse(what, f"{shown}:{_line(self.text, member.value)}", "run `enrich migrate`, or mend it by hand")
            found = _object(self.text, member.value)
            path.append(found)
        raise AssertionError(keys)

    def _replaced(self, member: _Member, value: Json) -> str:
        was = self.text[member.value : member.end]
        flat = was[0] in "[{" and was[1:-1].strip() != "" and not BREAK.search(was)
        new = self._rendered(value, self._indent(member.start), flat=flat)
        return self.text[: member.value] + new + self.text[member.end :]

    def _inserted(self, found: _Object, keys: tuple[str, ...], value: Json) -> str:
        key = keys[-1]
        if not found.members:
            new = self._rendered({key: value}, self._indent(found.start))
            return self.text[: found.start] + new + self.text[found.end :]
        space = self._between(found)
        indent = BREAK.split(space)[-1] if BREAK.search(space) else self._indent(found.start)
        new = self._dump(key) + self.colon + self._rendered(value, indent)
        at, is_end = _place(found.members, keys)
        if is_end:
            return self.text[:at] + "," + space + new + self.text[at:]
        return self.text[:at] + new + "," + space + self.text[at:]

    def _removed(self, path: Sequence[_Object], keys: Sequence[str]) -> str:
        """Without the member, and without the objects that held nothing else."""
        depth = len(keys) - 1
        while depth and len(path[depth].members) == 1:
            depth -= 1
        members = path[depth].members
        at = next(index for index, member in enumerate(members) if member.key == keys[depth])
        if at:
            start, end = members[at - 1].end, members[at].end
        elif len(members) > 1:
            start, end = members[0].start, members[1].start
        else:
            start, end = path[depth].start + 1, path[depth].end - 1
        return self.text[:start] + self.text[end:]

    def _between(self, found: _Object) -> str:
        """What stands between a comma and the next key."""
        first = found.members[0]
        space = self.text[found.start + 1 : first.start]
        if BREAK.search(space):
            return self.newline + BREAK.split(space)[-1]
        if len(found.members) > 1:
            between = self.text[first.end : found.members[1].start].partition(",")[2]
            return self.newline + BREAK.split(between)[-1] if BREAK.search(between) else between
        return " " if self.colon.endswith(" ") else ""

    def _indent(self, at: int) -> str:
        """The space that the line of this character begins with."""
        start = max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1
        found = re.compile(r"[ \t]*").match(self.text, start)
        return found[0] if found else ""

    def _rendered(self, value: Json, indent: str, *, flat: bool = False) -> str:
        if self.unit is None or flat:
            line = self._dump(value, separators=(", " if self.colon.endswith(" ") else ",", self.colon))
            if self.unit is None or len(line) <= LONGEST_LINE:
                return line
        lines = self._dump(value, indent=self.unit, separators=(",", self.colon))
        return lines.replace("\n", self.newline + indent)

    def _dump(self, value: Json, indent: str | None = None, separators: tuple[str, str] = (",", ":")) -> str:
        return _dumped(value, indent=indent, separators=separators, ascii_only=self.ascii)


def _dumped(value: Json, *, separators: tuple[str, str], indent: str | None = None, ascii_only: bool = False) -> str:
    text = json.dumps(
        value, ensure_ascii=ascii_only, sort_keys=True, allow_nan=False, indent=indent, separators=separators
    )
    return HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _nested(keys: Sequence[str], value: Value) -> Json:
    nested = cast("Json", value)
    for key in reversed(keys):
        nested = {key: nested}
    return nested


def _rank(key: str) -> int:
    return ORDER.index(key) if key in ORDER else len(ORDER)


def _place(members: Sequence[_Member], keys: Sequence[str]) -> tuple[int, bool]:
    """Where the last of `keys` goes: the end of the member before it and True, or the start of the first one."""
    ranked = [((_rank(each.key), "") if len(keys) == 1 else (0, each.key), each) for each in members]
    own = (_rank(keys[0]), "") if len(keys) == 1 else (0, keys[-1])
    before = [each for each in ranked if each[0] < own]
    behind = [each for each in ranked if own < each[0] < NOWHERE]
    if own == NOWHERE or not (before or behind):
        return members[-1].end, True
    at = members.index(max(before)[1]) + 1 if before else members.index(min(behind)[1])
    return (members[at - 1].end, True) if at else (members[0].start, False)


def _object(text: str, start: int) -> _Object:
    """The object that begins here, in a text that is known to be JSON."""
    members: list[_Member] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        at = _skip(text, at + 1) if text[at] == "," else at
        key, end = DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, end) + 1)
        _, end = DECODER.raw_decode(text, value)
        members.append(_Member(key, at, value, end))
        at = _skip(text, end)
    return _Object(start, at + 1, tuple(members))


def _twice(text: str, start: int) -> int | None:
    """Where a key stands for the second time in one object, anywhere below this value."""
    if text[start] == "[":
        at = _skip(text, start + 1)
        while text[at] != "]":
            at = _skip(text, at + 1) if text[at] == "," else at
            if (twice := _twice(text, at)) is not None:
                return twice
            at = _skip(text, DECODER.raw_decode(text, at)[1])
    elif text[start] == "{":
        seen: set[str] = set()
        for member in _object(text, start).members:
            if member.key in seen:
                return member.start
            seen.add(member.key)
            if (twice := _twice(text, member.value)) is not None:
                return twice
    return None


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _line(text: str, at: int) -> str:
    """`3:7`: line and column of a character, from 1."""
    before = text[:at]
    return f"{before.count(chr(10)) + 1}:{at - (before.rfind(chr(10)) + 1) + 1}"


class _Twice(ValueError):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(found := dict(pairs)) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(json.dumps(next(key for key in keys if keys.count(key) > 1)))
    return found


def _finite(number: str) -> float:
    if math.isinf(value := float(number)):
        raise ValueError(f"{number} is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _refuse(what: str, where: str, fix: str) -> NoReturn:
    raise UserError(what, where=where, fix=fix)


DECODER = json.JSONDecoder()
STRICT = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant, object_pairs_hook=_once)
