"""An older manifest is turned into one that keeps the contract: what does not fit is put aside, nothing is dropped.

What is put aside goes under `x_legacy`, to the place where it stood. Where that is taken, it goes under `x_legacy_2`,
and so on. Each step can be undone, so that the older manifest comes out again, with its keys in their order.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import count
from typing import Any, TypeAlias, cast

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from verifier.manifests.extractors.tags import chosen
from verifier.manifests.generations import CONTRACT, SPELLINGS, Generation, Spellings, canonical_lane, lane_of, shape_of
from verifier.manifests.model import Json
from verifier.manifests.schema import At, Keys, Violation, check, json_path
from verifier.model import Problem

Object: TypeAlias = dict[str, Json]
ASIDE, ORIGINS, TAGS = "x_legacy", "_provenance", "tags"
LANE = ("matrix", "lane")
CHOSEN: Object = {"provenance": ["policy:tags:manifest"], "confidence": "high", "reasons": ["policy:tags"]}
"""As `extractors/tags.py` has it."""
WHOLE = {"performance": 2, "testing": 2, "apis": 2, "apis_pending": 2, "_provenance": 2, "matrix": 2}
"""How many keys lead to what is put aside as a whole; elsewhere one does."""


class Step(Struct, frozen=True, kw_only=True):
    """One thing that was put aside, or put in its place."""

    at: tuple[str, ...]
    """The keys that lead to the place in question."""
    aside: tuple[str, ...] = ()
    """Where the value from there is now; empty where nothing stood there."""
    index: int = 0
    """Which of its neighbours it was, counted from 0."""
    made: tuple[tuple[str, ...], ...] = ()
    """The objects that had to be made for this, outermost first."""
    value: Any = UNSET
    """What stands there now, as JSON, if anything does."""
    why: str

    def __str__(self) -> str:
        place, aside = json_path(self.at), json_path(self.aside)
        if self.value is UNSET:
            return f"{place} was put aside as {aside}: {self.why}"
        stood = f"; what stood there was put aside as {aside}" if self.aside else ""
        return f"{place} is now {json.dumps(self.value, ensure_ascii=False)}: {self.why}{stood}"


class Migration(Struct, frozen=True, kw_only=True):
    """A manifest that keeps the contract, and how it came to that; no steps if it did before."""

    document: Any
    steps: tuple[Step, ...] = ()


def migrate(
    document: Json, keys: Keys, *, spellings: Spellings = SPELLINGS, apart: bool = False
) -> Migration | Problem:
    """An older manifest as one that keeps the contract; a problem if nobody knows what it is.

    `apart`: it stands in a tree of its own. The document itself is left alone.
    """
    shape = shape_of(document, apart=apart)
    if isinstance(shape, Problem):
        return shape
    new = cast("Object", copy.deepcopy(document))
    is_ours = shape.generation is Generation.OURS
    steps = [*_lane(new, spellings, may_add=not is_ours), *_tags(new, keys)]
    while broken := check(new, keys, file=""):
        wrong = {_unit(each.at): _why(each) for each in reversed(broken)}
        steps += [_put_aside(new, at, why) for at, why in sorted(wrong.items())]
    if not is_ours:
        steps.append(_put(new, ("contract",), CONTRACT, "it keeps this contract now"))
    return Migration(document=new, steps=tuple(steps))


def unmigrate(migration: Migration) -> Json:
    """The older manifest, as it was."""
    old = cast("Object", copy.deepcopy(migration.document))
    for step in reversed(migration.steps):
        _undo(old, step)
    return old


# --- steps ------------------------------------------------------------------------------------------------------------


def _lane(document: Object, spellings: Spellings, *, may_add: bool) -> Iterator[Step]:
    """The lane by its canonical name, where the contract has it: tags that name it are about to be put aside."""
    matrix = document.get(LANE[0], {})
    if not isinstance(matrix, dict):
        return
    said = matrix.get(LANE[1])
    lane = canonical_lane(said, spellings) if isinstance(said, str) else None
    if LANE[1] not in matrix and may_add:
        found = lane_of(document, spellings)
        lane = found if isinstance(found, str) else None
    if lane and lane != said:
        yield _put(document, LANE, lane, "the canonical name of its lane")


def _tags(document: Object, keys: Keys) -> Iterator[Step]:
    """Tags that a vocabulary has were chosen by the maintainers, and stay; that of the lane is composed again."""
    said = document.get(TAGS)
    origins = document.get(ORIGINS, {})
    if not isinstance(said, list) or not isinstance(origins, dict) or TAGS in origins:
        return
    known = chosen(said, keys.tags)
    if known:
        if known != said:
            yield _put(document, (TAGS,), [*known], "those that the vocabulary has")
        yield _put(document, (ORIGINS, TAGS), {**CHOSEN}, "the maintainers chose them")


def _unit(at: At) -> tuple[str, ...]:
    """What has to be put aside as a whole if something in it, or something that it lacks, breaks the contract."""
    keys = tuple(map(str, at))
    return keys[: WHOLE.get(keys[0], 1)]


def _why(broken: Violation) -> str:
    """What is wrong, and where, if that is within what is put aside."""
    within = broken.at[len(_unit(broken.at)) :]
    place = f"its {json_path(within).removeprefix('$').lstrip('.')}: " if within else ""
    return f"{place}{broken.what} ({broken.rule})"


def _put_aside(document: Object, at: tuple[str, ...], why: str) -> Step:
    """Take a value out and put it where it does not claim anything."""
    holder = _object(document, at[:-1])
    index = list(holder).index(at[-1])
    value = holder.pop(at[-1])
    aside, made = _free_place(document, at)
    _object(document, aside[:-1])[aside[-1]] = value
    return Step(at=at, aside=aside, index=index, made=made, why=why)


def _put(document: Object, at: tuple[str, ...], value: Json, why: str) -> Step:
    """Put a value where it belongs; what stood there is put aside."""
    made = tuple(_make(document, at[:-1]))
    holder = _object(document, at[:-1])
    if at[-1] in holder:
        step = replace(_put_aside(document, at, why), value=value)
        _insert(holder, step.index, at[-1], value)
        return step
    holder[at[-1]] = value
    return Step(at=at, made=made, value=value, why=why)


def _undo(document: Object, step: Step) -> None:
    if step.value is not UNSET:
        _object(document, step.at[:-1]).pop(step.at[-1], None)
    value: Json | UnsetType = UNSET
    if step.aside:
        value = _object(document, step.aside[:-1]).pop(step.aside[-1])
    for made in reversed(step.made):
        if not _object(document, made):
            del _object(document, made[:-1])[made[-1]]
    if value is not UNSET:
        _insert(_object(document, step.at[:-1]), step.index, step.at[-1], value)


# --- places -----------------------------------------------------------------------------------------------------------


def _free_place(document: Object, at: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A place of the same path where nothing stands yet, and the objects that were made on the way to it."""
    for number in count(1):
        top = ASIDE if number == 1 else f"{ASIDE}_{number}"
        place = (top, *at)
        if _is_free(document, place):
            return place, tuple(_make(document, place[:-1]))
    raise AssertionError  # there is always a next number


def _is_free(document: Object, place: tuple[str, ...]) -> bool:
    holder: Json = document
    for key in place:
        if not isinstance(holder, dict):
            return False
        if key not in holder:
            return True
        holder = holder[key]
    return False


def _make(document: Object, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Make the objects that lead to a place, and name those that were not there."""
    for size in range(1, len(place) + 1):
        holder = _object(document, place[: size - 1])
        if place[size - 1] not in holder:
            holder[place[size - 1]] = {}
            yield place[:size]


def _object(document: Object, place: tuple[str, ...]) -> Object:
    for key in place:
        document = cast("Object", document[key])
    return document


def _insert(holder: Object, index: int, key: str, value: Json) -> None:
    """Put a key back among its neighbours."""
    entries = list(holder.items())
    entries.insert(index, (key, value))
    holder.clear()
    holder.update(entries)
