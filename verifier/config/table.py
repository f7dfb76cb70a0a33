"""The table `[tool.verify-apis]`: what it says, and everything that is wrong with it.

Plain code, since there are few keys, each with one type, and since the library for JSON Schema takes as long to load as
the command takes to start (docs/decisions/0004-the-configuration-is-read-by-plain-code.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from msgspec import Struct

from verifier.config import JOBS, MEMORY, MIN_DOC, TIMEOUT, Override, Range, Said, refusal

TABLE = "tool.verify-apis"


class Mistake(Struct, frozen=True):
    """Something that is wrong with a configuration file, and the key that it is about; "" for the file as a whole."""

    key: str
    what: str


Mistakes: TypeAlias = list[Mistake]
Read: TypeAlias = Callable[[object, str, Mistakes], Any]
"""A value as `tomllib` has it, its key, and where to put mistakes; what is given back counts only if there are none."""


def read_table(table: object) -> tuple[Said, tuple[Mistake, ...]]:
    """What `[tool.verify-apis]` says, which holds only if there are no mistakes in it."""
    mistakes: Mistakes = []
    said = _fields(table, TABLE, KEYS, mistakes)
    return cast("Said", said), tuple(mistakes)


def _fields(value: object, key: str, known: Mapping[str, Read], mistakes: Mistakes) -> dict[str, Any]:
    """The fields of a table by their names in Python."""
    if not isinstance(value, dict):
        mistakes.append(_due("a table", value, key))
        return {}
    for unknown in value.keys() - known.keys():
        mistakes.append(Mistake(_below(key, unknown), _unknown(unknown, known)))
    return {
        name.replace("-", "_"): read(value[name], f"{key}.{name}", mistakes)
        for name, read in known.items()
        if name in value
    }


def _unknown(key: str, known: Mapping[str, Read]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  nobody needs it as long as all is well

    near = get_close_matches(key.lower().replace("_", "-"), known, n=1)
    return f"there is no such key; did you mean '{near[0]}'?" if near else "there is no such key"


# --- one kind of value, one function ----------------------------------------------------------------------------------


def _boolean(value: object, key: str, mistakes: Mistakes) -> bool:
    if not isinstance(value, bool):
        mistakes.append(_due("true or false", value, key))
    return value is True


def _text(value: object, key: str, mistakes: Mistakes) -> str:
    if isinstance(value, str):
        return value
    mistakes.append(_due("a string", value, key))
    return ""


def _name(value: object, key: str, mistakes: Mistakes) -> str:
    """A string that names something."""
    text = _text(value, key, mistakes)
    if isinstance(value, str) and (not text.strip() or "\0" in text):
        mistakes.append(Mistake(key, f"{text!r} names nothing"))
    return text


def _names(value: object, key: str, mistakes: Mistakes) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_name(each, f"{key}[{index}]", mistakes) for index, each in enumerate(value))
    mistakes.append(_due("an array of strings", value, key))
    return ()


def _number(limits: Range, *, whole: bool) -> Read:
    def read(value: object, key: str, mistakes: Mistakes) -> float:
        kinds = int if whole else (int, float)
        told = "an integer" if whole else "a number"
        if isinstance(value, bool) or not isinstance(value, kinds):
            mistakes.append(_due(told, value, key))
        elif not limits.holds(value):
            due = f"{told} of {limits.unit} from {limits.least:,g} to {limits.most:,}"
            mistakes.append(Mistake(key, f"{due} was due, not {_short(value)}"))
        else:
            return value
        return limits.least

    return read


def _environment(value: object, key: str, mistakes: Mistakes) -> dict[str, str]:
    if not isinstance(value, dict):
        mistakes.append(_due("a table of strings", value, key))
        return {}
    for name, text in value.items():
        if not isinstance(text, str):
            mistakes.append(_due("a string", text, _below(key, name)))
        elif why := refusal(name, text):
            mistakes.append(Mistake(_below(key, name), why))
    return value


def _overrides(value: object, key: str, mistakes: Mistakes) -> tuple[Override, ...]:
    if not isinstance(value, list):
        mistakes.append(_due("an array of tables", value, key))
        return ()
    found = len(mistakes)
    read = [_override(each, f"{key}[{index}]", mistakes) for index, each in enumerate(value)]
    return () if len(mistakes) > found else tuple(Override(**fields) for fields in read)


def _override(value: object, key: str, mistakes: Mistakes) -> dict[str, Any]:
    fields = _fields(value, key, OVERRIDE_KEYS, mistakes)
    if isinstance(value, dict) and value.get("modules", []) == []:
        mistakes.append(Mistake(f"{key}.modules", "it must say for which modules it is"))
    return fields


def _below(key: str, name: str) -> str:
    """The dotted key of something in a table, with quotes where TOML wants them."""
    import json  # noqa: PLC0415  as above

    return f"{key}.{name}" if re.fullmatch(r"[\w-]+", name, re.ASCII) else f"{key}.{json.dumps(name)}"


def _due(what: str, value: object, key: str) -> Mistake:
    """A mistake about a type. The value is not repeated: it may be a secret."""
    return Mistake(key, f"{what} was due, not {_kind(value)}")


def _kind(value: object) -> str:
    """What TOML calls a value."""
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "an array", dict: "a table"}
    return names.get(type(value), "a date or a time")


def _short(number: object) -> str:
    """A number as it was written, if it is one that fits on a line."""
    try:
        text = str(number)
    except ValueError:  # more digits than Python converts
        return "what it is"
    return text if len(text) <= 20 else f"{text[:20]}…"


_timeout = _number(TIMEOUT, whole=False)
_min_doc = _number(MIN_DOC, whole=True)
OVERRIDE_KEYS: Mapping[str, Read] = {
    "modules": _names,
    "timeout": _timeout,
    "min-doc": _min_doc,
    "env": _environment,
}
KEYS: Mapping[str, Read] = {
    "env": _environment,
    "prelude": _text,
    "exclude": _names,
    "min-doc": _min_doc,
    "strict": _boolean,
    "timeout": _timeout,
    "memory": _number(MEMORY, whole=True),
    "jobs": _number(JOBS, whole=True),
    "include-private": _boolean,
    "include-tests": _boolean,
    "python": _name,
    "overrides": _overrides,
}
