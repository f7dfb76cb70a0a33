"""What is wrong with a vocabulary: one mistake with its place, rule and remedy, and those that no schema can tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from verifier.manifests.text import forms

Entries: TypeAlias = dict[str, Any]
"""By key, as the file has them."""


class Mistake(Struct, frozen=True, order=True):
    """Something that is wrong with a vocabulary."""

    file: str
    path: str
    """JSON path: `$["task.queue"].synonyms[2]`."""
    value: str
    rule: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.value}: {self.what} ({self.rule})\n    fix: {self.remedy}"


def mistakes_of(file: str, entries: Entries) -> Iterator[Mistake]:
    """What is wrong with the entries of a vocabulary, beside their form."""
    yield from _unclear(file, entries)
    yield from _twice(file, entries)
    yield from _astray(file, entries)


def _places(entries: Entries) -> Iterator[tuple[str, str, str]]:
    """Key, JSON path and text of every phrase."""
    for key, entry in entries.items():
        yield key, json_path([key, "title"]), entry["title"]
        for index, text in enumerate(entry.get("synonyms", ())):
            yield key, json_path([key, "synonyms", index]), text


def _unclear(file: str, entries: Entries) -> Iterator[Mistake]:
    """The same text for two keys, and texts without a word."""
    known: dict[str, tuple[str, str]] = {}
    for key, path, text in _places(entries):
        if not (spelled := forms(text)):
            yield Mistake(file, path, shown(text), "empty", "there is no word in it", "remove it")
        for other, where in {known[form] for form in spelled if form in known}:
            if _end(entries, other) != _end(entries, key):
                what = f"the same text stands for `{other}` at {where}, so nobody can say which of the two is meant"
                yield Mistake(
                    file, path, shown(text), "ambiguous", what, "keep it for one of the two, or say more in it"
                )
        for form in spelled:
            known.setdefault(form, (key, path))


def _twice(file: str, entries: Entries) -> Iterator[Mistake]:
    for key, entry in entries.items():
        seen: set[str] = set()
        for index, text in enumerate(entry.get("synonyms", ())):
            if (plain := " ".join(text.casefold().split())) in seen:
                path = json_path([key, "synonyms", index])
                yield Mistake(file, path, shown(text), "duplicate", "it is there twice", "remove one")
            seen.add(plain)


def _astray(file: str, entries: Entries) -> Iterator[Mistake]:
    """Keys that refer to one that does not exist, or in a circle."""
    for key, entry in entries.items():
        target, path = entry.get("replaced_by"), json_path([key, "replaced_by"])
        if target and target not in entries:
            yield Mistake(file, path, shown(target), "unknown", "there is no such key", "name a key of this vocabulary")
        elif target and (circle := _circle(entries, key)) and key == min(circle):
            what = "keys refer to each other in a circle: " + " → ".join((*circle, key))
            yield Mistake(file, path, shown(target), "cycle", what, "let the last one refer to none")


def _chain(entries: Entries, key: str) -> list[str]:
    """The key, and those that it refers to, until there is no further one, or one is there already."""
    chain = [key]
    while (target := entries.get(chain[-1], {}).get("replaced_by")) and target not in chain:
        chain.append(target)
    return chain


def _end(entries: Entries, key: str) -> str:
    return _chain(entries, key)[-1]


def _circle(entries: Entries, key: str) -> list[str]:
    """The keys of the circle that `key` is part of; none if it is in none."""
    chain = _chain(entries, key)
    return chain if entries.get(chain[-1], {}).get("replaced_by") == key else []


def json_path(at: Iterable[str | int]) -> str:
    """As JSON path: `$["task.queue"].synonyms[2]`."""
    return "$" + "".join(
        f"[{each}]" if isinstance(each, int) else f".{each}" if each.isidentifier() else f"[{json.dumps(each)}]"
        for each in at
    )


def shown(value: Any) -> str:
    """As JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
