"""What an audit finds: each flaw has a code, a meaning and a remedy; and how findings are told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from verifier.manifests import layout
from verifier.manifests.compose import MEASURED, ORIGINS, OURS
from verifier.manifests.extractors.description import counted
from verifier.manifests.model import Json

CONTRACT = "audit/1"


class Flaw(Enum):
    """`name`, meaning, remedy. Of one field, findings are told in this order."""

    UNREADABLE = ("unreadable", "the manifest or its ledger cannot be read", "mend that: nothing else was looked at")
    GENERATION = (
        "generation",
        "the manifest is of an older generation, or of none that is known",
        "`enrich migrate --module {module}` makes an older one valid, and keeps what does not fit",
    )
    CONFLICT = (
        "conflict",
        "git has left a conflict in the ledger",
        "remove the lines of git's marks and keep all others, of both sides; then `{enrich} --module {module}`",
    )
    TAMPERED = (
        "tampered",
        "a record of the ledger was changed, lost, put in or renumbered",
        "take the ledger back from git: nobody writes it but enrich",
    )
    UNRECONCILED = (
        "unreconciled",
        "two branches have met in the ledger that disagree on the field",
        "`{enrich} --module {module}` reconciles them",
    )
    UNRECORDED = (
        "unrecorded",
        "no record of the ledger has set the field",
        "take the ledger back from git; or `{enrich} --module {module}` begins anew, with what has evidence",
    )
    EDITED = (
        "edited",
        "the manifest does not hold what its ledger says",
        "`{enrich} --module {module}` composes it anew; `enrich replay --module {module}` puts back what was recorded",
    )
    ORPHANED = ("orphaned", "`_provenance` has an entry for a field that is not there", "remove the entry")
    CONTRACT = ("contract", "the contract of manifests is broken", "`enrich validate` lists what to do, place by place")
    VOCABULARY = (
        "vocabulary",
        "a word is no canonical one of its vocabulary",
        "use the canonical key, or add this one: `enrich review --promote PHRASE --as KEY`",
    )
    UNEXPLAINED = (
        "unexplained",
        "`_provenance` does not say where the field comes from",
        "let `enrich --module {module}` write it from evidence; or remove the field",
    )
    UNVERIFIED = (
        "unverified",
        "an API in `apis` is not verified now",
        "mend its import, or let `{enrich} --module {module}` take it out; `verify-apis` says all about it",
    )
    UNSUPPORTED = (
        "unsupported",
        "nothing speaks for the value, or for a part of it",
        "say it where its evidence is to stand; or let `{enrich} --module {module}` take it out",
    )
    UNMEASURED = (
        "unmeasured",
        "a number that its artifact does not have, or that has none",
        "measure it, or let `enrich observe --module {module}` take it out",
    )
    DIFFERS = ("differs", "the sources come to something else", "`{enrich} --module {module}` composes it anew")
    DANGLING = (
        "dangling",
        "a pointer of its provenance leads to nothing",
        "point to what is there: `{enrich} --module {module}` does so for the fields that it composes",
    )
    MOVED = (
        "moved",
        "a file that the field rests on has changed since, or is gone",
        "the evidence has moved on: `{enrich} --module {module}` composes the field anew",
    )

    def __init__(self, code: str, meaning: str, remedy: str) -> None:
        self.code = code
        self.meaning = meaning
        self.remedy = remedy


RANKS = {flaw: rank for rank, flaw in enumerate(Flaw)}


class Finding(Struct, frozen=True, kw_only=True):
    """Something that does not hold."""

    module: str
    """The path of the module."""
    field: str
    """Dotted, as in ledgers: `components`, `_provenance.components`; empty for a file as a whole."""
    flaw: Flaw
    what: str
    where: str
    """A path of the repository, with the line of a ledger."""
    fix: str


class Audited(Struct, frozen=True, kw_only=True):
    """What became of one module."""

    module: str
    holds: tuple[str, ...] = ()
    """The enriched fields that nothing speaks against."""
    findings: tuple[Finding, ...] = ()


def finding(flaw: Flaw, module: str, field: str, what: str, where: str) -> Finding:
    """A finding with the remedy of its flaw."""
    enrich = "enrich observe" if owner(field) in MEASURED else "enrich"
    fix = flaw.remedy.format(module=module, enrich=enrich)
    return Finding(module=module, field=field, flaw=flaw, what=what, where=where, fix=fix)


def owner(field: str) -> str:
    """The field that a name is about: that of an entry of `_provenance` is the one that it speaks of."""
    keys = layout.keys_of(field)
    return keys[1] if keys[0] == ORIGINS and len(keys) > 1 else field


def wholes(fields: Iterable[str]) -> frozenset[str]:
    """The fields of ours that these names are about, or about a part of; what is in none of them stays as it is."""
    return frozenset(map(_whole, filter(None, fields)))


def _whole(field: str) -> str:
    about = f"{owner(field)}."
    return next((each for each in OURS if about.startswith(f"{each}.")), owner(field))


def each_once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which they are told, one for a field and a flaw; of a file as a whole, each one."""
    alike: dict[tuple[Flaw, str, str], list[Finding]] = {}
    for each in found:
        apart = "" if each.field else f"{each.where} {each.what}"
        alike.setdefault((each.flaw, each.field, apart), []).append(each)
    return tuple(sorted(map(_joined, alike.values()), key=_order))


def _joined(alike: Sequence[Finding]) -> Finding:
    first, *others = alike
    return replace(first, what=f"{first.what} ({len(others)} more)") if others else first


def _order(found: Finding) -> tuple[int, str, int]:
    field = owner(found.field)
    place = -1 if not field else OURS.index(field) if field in OURS else len(OURS)
    return place, found.field if place == len(OURS) else "", RANKS[found.flaw]


# --- how they are told ------------------------------------------------------------------------------------------------


def as_text(audited: Sequence[Audited]) -> str:
    """For people: the findings by module, and a summary in the last line."""
    return told(audited) + _summary(audited)


def told(audited: Iterable[Audited]) -> str:
    """For people: the findings by module."""
    parts = (f"{each.module}\n{''.join(map(_told, each.findings))}\n" for each in audited if each.findings)
    return "".join(parts)


def _told(found: Finding) -> str:
    field = f"{found.field}: " if found.field else ""
    return f"  {field}{found.what} ({found.flaw.code})\n    where: {found.where}\n    fix:   {found.fix}\n"


def _summary(audited: Sequence[Audited]) -> str:
    holding, wrong = _totals(audited)
    verb, other = "holds" if holding == 1 else "hold", "does" if wrong == 1 else "do"
    modules = counted(len(audited), "module")
    return f"{counted(holding, 'field')} of {modules} {verb}; {wrong} {other} not\n"


def _totals(audited: Iterable[Audited]) -> tuple[int, int]:
    """How many fields hold, and how many do not; a file as a whole counts as one."""
    holding = wrong = 0
    for each in audited:
        holding += len(each.holds)
        wrong += len({owner(found.field) for found in each.findings})
    return holding, wrong


def as_json(audited: Sequence[Audited], **more: Json) -> str:
    """The contract `schema/audit.schema.json`; with `more` that belongs to it."""
    holding, wrong = _totals(audited)
    document: dict[str, object] = {
        "contract": CONTRACT,
        **more,
        "totals": {"modules": len(audited), "holding": holding, "wrong": wrong},
        "modules": {
            each.module: {"holds": [*each.holds], "findings": [*map(_item, each.findings)]} for each in audited
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _item(found: Finding) -> dict[str, str]:
    return {
        "field": found.field,
        "code": found.flaw.code,
        "what": found.what,
        "where": found.where,
        "fix": found.fix,
    }
