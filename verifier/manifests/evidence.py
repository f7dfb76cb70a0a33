"""What gates and the score judge a module by: what its manifest holds, and what was found out about it just now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET, Struct

from verifier.errors import UserError
from verifier.manifests import history
from verifier.manifests.audit import claimed, examined
from verifier.manifests.case import Case
from verifier.manifests.compose import FIELDS
from verifier.manifests.findings import Finding, Flaw, owner
from verifier.manifests.ledger import Stamp
from verifier.manifests.model import Absent, Json
from verifier.manifests.settings import Lane


class Evidence(Struct, frozen=True, kw_only=True):
    """A module, and all that there is to judge it by."""

    module: str
    where: str
    """Its manifest."""
    manifest: dict[str, Json]
    lane: str | Absent
    """Its canonical name."""
    policy: Lane | Absent
    """What is laid down for that lane."""
    claims: tuple[str, ...]
    """The enriched fields that the manifest has."""
    findings: tuple[Finding, ...]
    """What does not hold."""
    imported: str | Absent
    """The dotted name that was imported just now."""
    anew: Mapping[str, Json]
    """What the sources come to now, by field."""
    due: tuple[str, ...] | Absent
    """The fields that a run would change, or record anew."""
    now: datetime

    def of(self, *flaws: Flaw, within: str = "") -> tuple[Finding, ...]:
        """The findings of these kinds; those about one field and the ones below it, where one is named."""
        return tuple(
            each
            for each in self.findings
            if each.flaw in flaws and (not within or f"{each.field}.".startswith(f"{within}."))
        )


def evidence_of(case: Case, stamp: Stamp) -> Evidence:
    """What there is to judge a module by."""
    resolver = case.resolver
    lane, lanes = resolver.lane, resolver.repository.settings.lanes
    return Evidence(
        module=case.place.path,
        where=case.shown,
        manifest=case.manifest,
        lane=lane,
        policy=lane if isinstance(lane, Absent) else lanes[lane],
        claims=claimed(case.manifest),
        findings=examined(case).findings,
        imported=case.found if isinstance(case.found, Absent) else case.found.name,
        anew={change.field: change.value for change in case.composed.changes if change.value is not UNSET},
        due=_due(case, stamp),
        now=datetime.fromisoformat(stamp.timestamp),
    )


def _due(case: Case, stamp: Stamp) -> tuple[str, ...] | Absent:
    """The fields that a run would change; and those whose value stays, where the ledger would say more of them."""
    try:
        edit = history.plan(case.state, case.composed.changes, stamp)
    except UserError as error:
        return Absent(error.what)
    fields = {owner(step.change.field) for step in edit.steps}
    known = [field for field in FIELDS if field in fields]
    return (*known, *sorted(fields - {*known}))
