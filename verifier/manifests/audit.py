"""audit: tries to prove the manifest of each module wrong. Reads only, and believes no evidence of earlier runs.

Each check takes a module with all that there is to hold it against, and tells what does not hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from msgspec import UNSET

from verifier.manifests import history, layout, ledger, measured, schema
from verifier.manifests.batch import Tell
from verifier.manifests.case import Case, each_case
from verifier.manifests.compose import FIELDS, ORIGINS, OURS
from verifier.manifests.extractors.apis import VERIFIED
from verifier.manifests.extractors.observed import OBSERVED
from verifier.manifests.findings import Audited, Finding, Flaw, each_once, owner
from verifier.manifests.layout import Value, same, value_at
from verifier.manifests.model import Absent, Json, Place
from verifier.manifests.pipeline import World
from verifier.manifests.readers.apis import Apis
from verifier.manifests.resolve import Resolver
from verifier.model import Problem

WIDEST = 60
"""So many characters of a value are told."""
BEFORE = 12
"""So many of those that two values have in common, before the first that differs."""
NAMED = 3
"""So many names are told, and of the others how many there are."""
POINTERS = (
    (ORIGINS, "*", "provenance"),
    ("apis", "*", "provenance"),
    ("apis_pending", "*", "provenance"),
    ("performance", "observed", "provenance"),
)
"""Where manifests have pointers; `*` is any key."""


Check: TypeAlias = Callable[[Case], Iterator[Finding]]


def audit(chosen: Sequence[Place], world: World, tell: Tell) -> tuple[Audited, ...]:
    """What holds in each of the `chosen` modules, and what does not, by path. That one cannot be read is a finding."""
    return tuple(sorted(each_case(chosen, world, examined, tell), key=lambda each: each.module))


def examined(case: Case | Finding) -> Audited:
    """What holds in a module, and what does not; of one that cannot be read, just that."""
    if isinstance(case, Finding):
        return Audited(module=case.module, findings=(case,))
    found = each_once(each for check in CHECKS for each in check(case))
    wrong = {owner(each.field) for each in found}
    holds = (field for field in claimed(case.manifest) if field not in wrong)
    return Audited(module=case.place.path, holds=tuple(holds), findings=found)


def claimed(manifest: Json) -> tuple[str, ...]:
    """The enriched fields that a manifest has; an empty one says nothing."""
    return tuple(field for field in OURS if _claims(value_at(manifest, field)))


def _claims(value: Value) -> bool:
    """Whether a field says anything: an empty one does not."""
    return value is not UNSET and value not in ([], {})


def _origin(field: str) -> str:
    return layout.field_of((ORIGINS, field))


# --- against the ledger -----------------------------------------------------------------------------------------------


def ledger_is_whole(case: Case) -> Iterator[Finding]:
    """Every record is as it was written, and in its place."""
    flaw, shown = Flaw.CONFLICT if case.ledger.conflict else Flaw.TAMPERED, case.place.shown(case.state.ledger)
    for problem in case.ledger.problems:
        yield case.wrong(flaw, "", problem.what, where=f"{shown}:{problem.line}")


def branches_are_reconciled(case: Case) -> Iterator[Finding]:
    """Where branches have met, they agree on every field."""
    for field in sorted(_disputed(case)):
        said = {_json(branch.get(field, UNSET)) for branch in ledger.branches(case.records)}
        told = " and ".join(_cut(each) for each in sorted(said)) if len(said) > 1 else "different things of its origin"
        yield case.wrong(Flaw.UNRECONCILED, field, f"branches say {told}", where=case.place.shown(case.state.ledger))


def _disputed(case: Case) -> frozenset[str]:
    return frozenset(owner(change.field) for change in history.reconciled(case.records, case.manifest))


def manifest_is_as_recorded(case: Case) -> Iterator[Finding]:
    """The fields and their origins are those that the ledger comes to."""
    recorded, disputed = ledger.replay(case.records), _disputed(case)
    for name in history.differing(case.records, case.manifest):
        if owner(name) in OURS and owner(name) not in disputed:
            held, due = _apart(value_at(case.manifest, name), recorded.get(name, UNSET))
            yield case.wrong(Flaw.EDITED, name, f"it holds {held}, and the ledger says {due}")


def fields_are_recorded(case: Case) -> Iterator[Finding]:
    """Every field that is composed of evidence was set by a record."""
    if case.ledger.problems:
        return
    known = {record.field for record in case.records}
    for field in OURS:
        names = [name for name in (field, _origin(field)) if _claims(value_at(case.manifest, name))]
        if any(name not in known for name in names):
            no_ledger = case.state.recorded is None
            yield case.wrong(Flaw.UNRECORDED, field, "there is no ledger" if no_ledger else "no record has set it")


def sources_are_as_they_were(case: Case) -> Iterator[Finding]:
    """The files that a field rests on are those that its last record has seen."""
    standing = {record.field: record for record in case.records}
    for field in standing.keys() & {*OURS} - _disputed(case):
        if _claims(value_at(case.manifest, field)):
            for path, digest in sorted(standing[field].sources.items()):
                if what := _moved(path, digest, case.resolver):
                    yield case.wrong(Flaw.MOVED, field, f"{path} {what}", where=path)


def _moved(path: str, digest: str, resolver: Resolver) -> str:
    content = resolver.content(f"/{path}")
    if isinstance(content, Absent):
        return "is gone"
    if isinstance(content, Problem):
        return content.what
    return "" if content.source.digest == digest else "has changed since"


# --- against the contract ---------------------------------------------------------------------------------------------


def origins_have_fields(case: Case) -> Iterator[Finding]:
    """`_provenance` speaks of fields that are there."""
    origins = case.manifest.get(ORIGINS)
    for field in sorted(origins) if isinstance(origins, dict) else ():
        if value_at(case.manifest, field) is UNSET:
            yield case.wrong(Flaw.ORPHANED, _origin(field), f"there is no field {field}")


def fields_have_origins(case: Case) -> Iterator[Finding]:
    """`_provenance` speaks of every enriched field. What was measured together has its provenance beside it."""
    for field in claimed(case.manifest):
        if field != OBSERVED and value_at(case.manifest, _origin(field)) is UNSET:
            yield case.wrong(Flaw.UNEXPLAINED, field, "`_provenance` does not say where it comes from")


def contract_is_kept(case: Case) -> Iterator[Finding]:
    """Schema, vocabularies and forms are kept."""
    for each in schema.check(case.manifest, case.keys, file=case.shown):
        if each.rule != schema.UNEXPLAINED:
            flaw = Flaw.VOCABULARY if each.rule == schema.VOCABULARY else Flaw.CONTRACT
            yield case.wrong(flaw, _field_at(each.at), f"{each.path}: {each.value}: {each.what}")


def _field_at(at: schema.At) -> str:
    """The field of ours that a place is in, or the entry of `_provenance`; else the field of its users'."""
    keys = tuple(map(str, at))
    if keys[:1] == (ORIGINS,):
        return layout.field_of(keys[:2])
    within = (field for field in OURS if keys[: len(layout.keys_of(field))] == layout.keys_of(field))
    return next(within, layout.field_of(keys[:1]))


# --- against the sources ----------------------------------------------------------------------------------------------


def sources_say_the_same(case: Case) -> Iterator[Finding]:
    """What is composed anew is what stands there. Of what does not stand there nothing can be wrong."""
    due = {change.field: change.value for change in case.composed.changes}
    for field in FIELDS:
        held, anew = value_at(case.manifest, field), due.get(field, UNSET)
        if not _claims(held):
            continue
        for flaw, what in _differences(case, field, held, anew):
            yield case.wrong(flaw, field, what)
        origin = _origin(field)
        if anew is not UNSET and not same(value_at(case.manifest, origin), due[origin]):
            yield case.wrong(Flaw.DIFFERS, origin, _contrast(value_at(case.manifest, origin), due[origin]))


def _differences(case: Case, field: str, held: Value, anew: Value) -> Iterator[tuple[Flaw, str]]:
    if field == VERIFIED and anew is UNSET:
        anew = {}
    if anew is UNSET:
        yield Flaw.UNSUPPORTED, f"nothing speaks for {_cut(_json(held))}{_withheld(case, field)}"
        return
    extra = _extra(held, anew)
    if extra and field == VERIFIED:
        yield Flaw.UNVERIFIED, _named([f"{name}: {_against(case.found, name)}" for name in extra])
    elif extra:
        yield Flaw.UNSUPPORTED, _named([f"nothing speaks for {name}{_withheld(case, field, name)}" for name in extra])
    rest = _without(held, extra)
    if not same(rest, anew):
        yield Flaw.DIFFERS, _contrast(rest, anew)


def _extra(held: Value, anew: Value) -> list[str]:
    """The keys of an object, or the words of a list, that are not there anew."""
    if isinstance(held, dict) and isinstance(anew, dict):
        return sorted(held.keys() - anew.keys())
    if isinstance(held, list) and isinstance(anew, list):
        return [each for each in held if isinstance(each, str) and each not in anew]
    return []


def _without(held: Value, names: Sequence[str]) -> Value:
    if isinstance(held, dict):
        return {key: value for key, value in held.items() if key not in names}
    return [each for each in held if each not in names] if isinstance(held, list) else held


def _withheld(case: Case, field: str, value: str | None = None) -> str:
    """Why the sources do not come to it, where that is known."""
    those = (each for each in case.composed.withheld if each.field == field and value in (None, each.value))
    return next((f": {each.why}" for each in those), "")


def _against(found: Apis | Absent, name: str) -> str:
    """What speaks against an API."""
    if isinstance(found, Absent):
        return found.why
    path = f"{found.name}.{name}"
    reasons = [reason for verdict in found.verdicts if verdict.symbol.path == path for reason in verdict.reasons]
    return f"{reasons[0].code.code}: {reasons[0].detail}" if reasons else "its module does not advertise it"


def pointers_lead_somewhere(case: Case) -> Iterator[Finding]:
    """What provenance points to is there."""
    for place in POINTERS:
        for keys, pointer in _below(case.manifest, place):
            if wrong := case.resolver.wrong_with(pointer):
                yield case.wrong(Flaw.DANGLING, _field_at(keys), f"{_cut(pointer)}: {wrong}")


def _below(value: Json, place: Sequence[str], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The pointers at a place, each with the keys that lead there."""
    if not place:
        yield from ((above, each) for each in (value if isinstance(value, list) else ()) if isinstance(each, str))
    elif isinstance(value, dict):
        for key in value if place[0] == "*" else value.keys() & {place[0]}:
            yield from _below(value[key], place[1:], (*above, key))


def numbers_were_measured(case: Case) -> Iterator[Finding]:
    """What is called observed is what an artifact has."""
    for field, what in measured.doubts(case.manifest, case.resolver):
        yield case.wrong(Flaw.UNMEASURED, field, what)


CHECKS: tuple[Check, ...] = (
    ledger_is_whole,
    branches_are_reconciled,
    fields_are_recorded,
    manifest_is_as_recorded,
    origins_have_fields,
    fields_have_origins,
    contract_is_kept,
    sources_say_the_same,
    numbers_were_measured,
    pointers_lead_somewhere,
    sources_are_as_they_were,
)


# --- values, for people -----------------------------------------------------------------------------------------------


def _contrast(held: Value, anew: Value) -> str:
    one, other = _apart(held, anew)
    return f"it holds {one}, and its sources come to {other}"


def _apart(one: Value, other: Value) -> tuple[str, str]:
    """Both as JSON, shortened to where they differ."""
    first, second = (_json(UNSET if each == {} else each) for each in _narrowed(one, other))
    start = next((at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0) - BEFORE
    if start > 0 and max(len(first), len(second)) > WIDEST:
        first, second = f"…{first[start:]}", f"…{second[start:]}"
    return _cut(first), _cut(second)


def _narrowed(one: Value, other: Value) -> tuple[Value, Value]:
    """Both without what is the same in both."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one, other
    mine: dict[str, Json] = {}
    theirs: dict[str, Json] = {}
    for key in sorted({*one, *other}):
        pair = _narrowed(one.get(key, UNSET), other.get(key, UNSET))
        if not same(*pair):
            for side, value in zip((mine, theirs), pair, strict=True):
                side.update({} if value is UNSET else {key: value})
    return mine, theirs


def _json(value: Value) -> str:
    return "nothing" if value is UNSET else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _named(each: Sequence[str]) -> str:
    more = f" and {len(each) - NAMED} more" if len(each) > NAMED else ""
    return "; ".join(each[:NAMED]) + more
