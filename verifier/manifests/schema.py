"""Whether a document keeps its contract: a manifest, with the words of the vocabularies, or what is read beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec import Struct

from verifier.codes import Code
from verifier.manifests import provenance
from verifier.manifests.model import Json
from verifier.resources import load_schema

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

At: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a place in a document."""
LONGEST = 60


class Keys(Struct, frozen=True, kw_only=True):
    """The canonical words that a manifest may use. One that ends with `*` stands for all that begin like it."""

    features: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()


class Violation(Struct, frozen=True, kw_only=True):
    """One thing in a document that its contract does not allow."""

    file: str
    at: At
    value: str
    """What stands there, as JSON, shortened; `(missing)` where nothing does."""
    rule: str
    """One of `RULES`."""
    what: str
    """What the rule asks for."""
    remedy: str

    @property
    def path(self) -> str:
        """As JSON path: `$.apis["shop.Cart"].module`."""
        return json_path(self.at)

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.value}: {self.what} ({self.rule})\n  fix: {self.remedy}"


class Rule(Struct, frozen=True):
    """What a keyword of the schema means for people. `{due}` is its value, `{size}` the length of what it is about."""

    what: str
    remedy: str


EDIT = "correct it by hand; an older file as a whole: `enrich migrate`"
RULES = {
    "type": Rule("it must be of the type {due}", EDIT),
    "const": Rule(
        "it must be {due}", "put what is due; an API that lacks it belongs into `apis_pending`: `enrich` sorts"
    ),
    "enum": Rule("it must be one of {due}", "choose one of these"),
    "vocabulary": Rule(
        "it is no canonical word of the vocabulary '{due}'",
        "use the canonical key, or add this one: `enrich review --promote PHRASE --as KEY`",
    ),
    "minLength": Rule("it has {size} characters, and {due} are the least", "`enrich` builds it from evidence"),
    "maxLength": Rule("it has {size} characters, and {due} are the most", "`enrich` builds it from evidence"),
    "minItems": Rule("it has {size} entries, and {due} are the least", "say where it comes from: `enrich` writes that"),
    "minProperties": Rule("it has {size} fields, and {due} are the least", "add what it is for, or remove it"),
    "uniqueItems": Rule("an entry is there twice", "remove the second one"),
    "sorted": Rule("its entries are not in the order of their code points", "sort them"),
    "apart": Rule(
        "the name is in {due}, too", "an API is verified or pending, never both: remove the one that is wrong"
    ),
    "minimum": Rule("it must be {due} or more", "correct the number where it comes from"),
    "exclusiveMinimum": Rule("it must be more than {due}", "correct the number where it comes from"),
    "maximum": Rule("it must be {due} or less", "correct the number where it comes from"),
    "pattern": Rule("it does not have the form {due}", EDIT),
    "format": Rule(
        "it is no {due}",
        "a date-time is `2025-01-31T12:00:00Z`; the forms of provenance stand in docs/manifest.md",
    ),
    "required": Rule("it is missing", "add it, or remove what it belongs to: `enrich` writes both together"),
    "dependentRequired": Rule("it needs {due} beside it", "say when it was measured, or remove the number"),
    "additionalProperties": Rule(
        "no such field belongs here", "remove it, or put it outside of the fields of `enrich`"
    ),
    "provenance": Rule(
        "`_provenance` does not say where it comes from",
        "let `enrich` write it from evidence; what an older file said is put aside by `enrich migrate`",
    ),
}
"""By the keyword of JSON Schema, or by a name of ours where a keyword stands for several things."""
OURS = {"x-sorted": "sorted", "x-apart": "apart"}
VOCABULARY, UNEXPLAINED = "vocabulary", "provenance"
"""Rules of ours: a word that is not canonical, and a field that nobody knows the source of."""


def check(document: Json, keys: Keys, *, file: str) -> tuple[Violation, ...]:
    """Everything in a manifest that its contract does not allow, by place; empty if all is well."""
    return _check(_of_manifests(keys), document, file)


def check_as(name: str, document: Json, *, file: str) -> tuple[Violation, ...]:
    """The same for a document of another contract: `bench`, `review`."""
    return _check(_of(name), document, file)


def contract(keys: Keys) -> dict[str, Any]:
    """The schema of manifests, with the words of the vocabularies in their places."""
    words = {name: getattr(keys, name) for name in keys.__struct_fields__}
    words["codes"] = frozenset(code.code for code in Code)
    schema = load_schema("manifest")
    for node in _objects(schema):
        if name := node.get("x-vocabulary"):
            node.update(_one_of(words[name]))
    return schema


def json_path(at: Iterable[str | int]) -> str:
    """As JSON path: `$.apis["shop.Cart"].module`."""
    return "$" + "".join(_step(key) for key in at)


# --- the validator ----------------------------------------------------------------------------------------------------


def _check(validator: Validator, document: Json, file: str) -> tuple[Violation, ...]:
    found: dict[tuple[At, str], Violation] = {}
    for error in validator.iter_errors(document):
        for at, rule, value, due in _told(error, document):
            found.setdefault((at, rule), _violation(file, at, rule, value, due))
    return tuple(sorted(found.values(), key=lambda each: (_order(each.at), each.rule)))


@lru_cache(maxsize=4)
def _of_manifests(keys: Keys) -> Validator:
    return _strict(contract(keys))


@lru_cache
def _of(name: str) -> Validator:
    return _strict(load_schema(name))


def _strict(schema: dict[str, Any]) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415  takes as long to load as all the rest
    from jsonschema.validators import extend  # noqa: PLC0415  as above

    formats = FormatChecker(["date-time"])  # raises KeyError where the library for it is not there
    formats.checks("provenance")(lambda text: not isinstance(text, str) or provenance.parse(text) is not None)
    own = {"x-sorted": _sorted, "x-apart": _apart, "pattern": _pattern}
    strict = extend(Draft202012Validator, own)  # type: ignore[no-untyped-call]  # it has no types
    return cast("Validator", strict(schema, format_checker=formats))


def _sorted(_: Validator, wanted: bool, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    if isinstance(value, list) and all(isinstance(each, str) for each in value) and value != sorted(value):
        yield _error("not sorted")


def _apart(_: Validator, names: list[str], value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    one, other = (value.get(name) for name in names) if isinstance(value, dict) else (None, None)
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() & other.keys():
            yield _error("not apart", path=(names[0], key), instance=one[key])


def _pattern(_: Validator, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    # `$` of JSON Schema is the end of the text; that of Python matches before a line end, too
    if isinstance(value, str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), value):
        yield _error("no match")


def _error(message: str, **fields: Any) -> ValidationError:
    from jsonschema import ValidationError  # noqa: PLC0415  as above

    return ValidationError(message, **fields)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _one_of(words: frozenset[str]) -> dict[str, Any]:
    families = sorted(word for word in words if word.endswith("*"))
    if not families:
        return {"enum": sorted(words)}
    plain = [re.escape(word) for word in sorted(words - {*families})]
    open_ended = [rf"{re.escape(word[:-1])}[\w./-]+" for word in families]
    return {"pattern": f"^(?:{'|'.join(plain + open_ended)})$"}


# --- what an error says -----------------------------------------------------------------------------------------------

Told: TypeAlias = tuple[At, str, Any, Any]
"""Where, which rule, what stands there, and what was due."""
MISSING = object()


def _told(error: ValidationError, document: Json) -> Iterator[Told]:
    at, rule = tuple(error.absolute_path), str(error.validator)
    due, value, schema = cast("tuple[Any, Any, dict[str, Any]]", (error.validator_value, error.instance, error.schema))
    if "propertyNames" in error.absolute_schema_path:
        yield (*at, value), rule, value, due
    elif error.absolute_schema_path[0] == "allOf":
        field = _composed()[int(error.absolute_schema_path[1])]
        yield field, UNEXPLAINED, _below(document, field), due
    elif rule == "required":
        yield from (((*at, name), rule, MISSING, due) for name in due if name not in value)
    elif rule == "additionalProperties":
        known = schema.get("properties", {})
        yield from (((*at, name), rule, value[name], due) for name in value.keys() - known.keys())
    elif rule == "dependentRequired":
        for name, others in due.items():
            if name in value and (missing := [other for other in others if other not in value]):
                yield (*at, name), rule, value[name], missing
    elif rule in {"enum", "pattern"} and "x-vocabulary" in schema:
        yield at, VOCABULARY, value, schema["x-vocabulary"]
    else:
        yield at, OURS.get(rule, rule), value, due[1:] if rule == "x-apart" else due


@lru_cache
def _composed() -> tuple[At, ...]:
    """The fields that need an entry in `_provenance`: one for each entry of `allOf`, whose comment names it."""
    return tuple(tuple(entry["$comment"].split("/")[1:]) for entry in load_schema("manifest")["allOf"])


def _below(value: Any, at: At) -> Any:
    for key in at:
        value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value


def _violation(file: str, at: At, rule: str, value: Any, due: Any) -> Violation:
    known = RULES[rule]
    size = len(value) if isinstance(value, str | list | dict) else 0
    told = due if isinstance(due, str) else json.dumps(due, ensure_ascii=False)
    what = known.what.replace("{due}", told).replace("{size}", str(size))
    return Violation(file=file, at=at, value=_shown(value), rule=rule, what=what, remedy=known.remedy)


def _shown(value: Any) -> str:
    if value is MISSING:
        return "(missing)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _order(at: At) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(key, str), key if isinstance(key, int) else 0, str(key)) for key in at)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else f"[{json.dumps(key, ensure_ascii=False)}]"
