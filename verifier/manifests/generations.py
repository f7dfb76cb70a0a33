"""Which generation a manifest is of, and what each calls the same things.

| generation | how it is known |
|---|---|
| `first` | `module` is a text, and at least two of `layout`, `matrix`, `identity`, `observability`, `tokenization`, … |
| `later` | `module` is a text or an object, or at least two other fields of manifests are there |
| `tree` | a later one that stands in a tree of its own, away from the code |
| `ours` | `contract` begins with `manifest/`, or `_provenance` is an object |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from verifier.manifests.model import Absent, Json
from verifier.manifests.settings import LANES
from verifier.model import Problem

CONTRACT: Final = "manifest/1"
OF_THE_FIRST = frozenset(
    {"layout", "matrix", "ownership", "runtime", "identity", "links", "observability", "tokenization"}
)
OF_LATER_ONES = frozenset(
    {"schema_version", "schema", "$schema", "module", "dependencies", "contracts", "metadata", *OF_THE_FIRST}
)
SEEN = 8
"""So many keys are told of a file that nobody knows."""


class Generation(StrEnum):
    """Who wrote a manifest."""

    FIRST = "first"
    LATER = "later"
    TREE = "tree"
    OURS = "ours"


class Shape(Struct, frozen=True, kw_only=True):
    """How a manifest is built."""

    generation: Generation
    module: str
    """`text`, `object` or `absent`."""
    dependencies: str
    """`list`, `object` or `absent`."""
    name: str = ""
    """What it calls its module; empty where it does not. Never the module's identity, which is its path."""


def shape_of(document: Json, *, apart: bool = False) -> Shape | Problem:
    """The shape of a manifest; of one that nobody knows, what was seen.

    `apart`: it stands in a tree of its own, away from the code.
    """
    if not isinstance(document, dict):
        return Problem(what=f"is no manifest: it holds {_kind(document)}, not an object")
    generation = _generation(document, apart=apart)
    if isinstance(generation, Problem):
        return generation
    module, dependencies = _kind(document.get("module")), _kind(document.get("dependencies"))
    if module not in {"text", "object", "absent"}:
        return Problem(what=f"is of an unknown generation: its `module` is {module}, and a text or an object was due")
    if dependencies not in {"list", "object", "absent"}:
        return Problem(
            what=f"is of an unknown generation: its `dependencies` are {dependencies}, and a list or an object was due"
        )
    return Shape(generation=generation, module=module, dependencies=dependencies, name=_name(document))


def _generation(document: Mapping[str, Json], *, apart: bool) -> Generation | Problem:
    contract = document.get("contract")
    if contract == CONTRACT or (contract is None and isinstance(document.get("_provenance"), dict)):
        return Generation.OURS
    if isinstance(contract, str) and contract.startswith("manifest/"):
        return Problem(what=f"is of the contract '{contract[:40]}', and this tool knows '{CONTRACT}'")
    known = OF_LATER_ONES & document.keys()
    if apart and known:
        return Generation.TREE
    if isinstance(document.get("module"), str) and len(OF_THE_FIRST & known) >= 2:
        return Generation.FIRST
    if "module" in known or len(known) >= 2:
        return Generation.LATER
    return _unknown(document)


def _unknown(document: Mapping[str, Json]) -> Problem:
    if not document:
        return Problem(what=f'is empty: a new manifest begins with {{"contract": "{CONTRACT}"}}')
    keys = ", ".join(f"`{key[:40]}`" for key in list(document)[:SEEN])
    more = f" and {len(document) - SEEN} more" if len(document) > SEEN else ""
    return Problem(what=f"is of an unknown generation: its keys are {keys}{more}")


def _name(document: Mapping[str, Json]) -> str:
    module = document.get("module")
    if isinstance(module, dict):
        module = next((module[key] for key in ("name", "id", "path") if isinstance(module.get(key), str)), "")
    return module if isinstance(module, str) else ""


def _kind(value: Json) -> str:
    names = {type(None): "absent", str: "text", dict: "object", list: "list", bool: "a boolean"}
    return names.get(type(value), "a number")


# --- lanes ------------------------------------------------------------------------------------------------------------

Spellings: TypeAlias = Mapping[str, tuple[str, ...]]
"""The canonical names of lanes, and how else each is written, in any case."""
SPELLINGS: Spellings = {name: lane.spellings for name, lane in LANES.items()}
FAMILY = "lane:"
PLACES = (("matrix", "lane"), ("lane",), ("module", "lane"), ("metadata", "lane"), ("identity", "lane"))


class LaneFound(Struct, frozen=True, kw_only=True):
    """A place in a manifest that names a lane."""

    at: tuple[str, ...]
    text: str
    lane: str
    """The canonical name; empty where no spelling fits."""


def lane_of(document: Json, spellings: Spellings = SPELLINGS) -> str | Absent:
    """The canonical name of the lane that a manifest names, if all places that name one agree.

    A tag that was composed of the lane says nothing that the lane's own field does not say, or no longer says.
    """
    found = lanes_in(document, spellings)
    of_fields = tuple(each for each in found if each.at != ("tags",))
    found = of_fields if of_fields and _has_composed_tag(document) else found
    lanes = {each.lane for each in found}
    if len(lanes) == 1 and (lane := lanes.pop()):
        return lane
    told = ", ".join(f"{'.'.join(each.at)} says {each.text[:40]!r}" for each in found)
    if any(lanes):
        return Absent(f"it names several lanes: {told}")
    return Absent(f"it names a lane that is not configured: {told}" if found else "it names no lane")


def lanes_in(document: Json, spellings: Spellings = SPELLINGS) -> tuple[LaneFound, ...]:
    """Every place that names a lane: the fields that do, and tags such as `lane:L2`."""
    return tuple(
        LaneFound(at=at, text=text, lane=canonical_lane(text, spellings) or "") for at, text in _named(document)
    )


def canonical_lane(text: str, spellings: Spellings = SPELLINGS) -> str | None:
    """The canonical name that `L2`, `lane:l2-integration` or `L2_Integration` means; None if it is none of them."""
    wanted = _plain(text)
    for lane, others in spellings.items():
        if wanted in map(_plain, (lane, *others)):
            return lane
    return None


def _named(document: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    for place in PLACES:
        value: Json = document
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            yield place, value
    tags = document.get("tags") if isinstance(document, dict) else None
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and tag.casefold().startswith(FAMILY):
            yield ("tags",), tag


def _has_composed_tag(document: Json) -> bool:
    value: Json = document
    for key in ("_provenance", "tags", "provenance"):
        value = value.get(key) if isinstance(value, dict) else None
    pointers = value if isinstance(value, list) else []
    return any(isinstance(each, str) and each.startswith("policy:lane:") for each in pointers)


def _plain(text: str) -> str:
    return text.strip().casefold().removeprefix(FAMILY).strip().replace("_", "-").replace(" ", "-")
