"""What gates and the score ask of a module: one function a question, over what was found out about it.

An answer is never yes because something was missing: `ABSENT` is what a module may lack where its lane says so, and
`UNKNOWN` is what nobody could find out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias, TypeGuard

from msgspec import UNSET, Struct
from msgspec.structs import replace

from verifier.manifests.evidence import Evidence
from verifier.manifests.extractors.apis import PENDING, VERIFIED
from verifier.manifests.extractors.observed import COVERAGE as COVERED
from verifier.manifests.extractors.observed import COVERED_AT, OBSERVED
from verifier.manifests.extractors.policy import COVERAGE as TARGET
from verifier.manifests.extractors.policy import TARGETS
from verifier.manifests.findings import Finding, Flaw, wholes
from verifier.manifests.layout import Value, value_at
from verifier.manifests.measured import NO_NUMBERS
from verifier.manifests.model import Absent
from verifier.manifests.settings import Lane
from verifier.manifests.sources import moment, written
from verifier.model import Problem

OBSERVED_AT = "performance.observed.observed_at"
MENDED_BY_A_RUN = "`enrich --module {module}`"
"""What opens a gate where the sources are right and the manifest is not."""
SET_LANE = "name its lane in `matrix.lane`, and that in `[tool.enrich.lanes]`"
MEASURE = "`enrich bench --module {module}`, then `enrich observe --module {module}`"
COVER = "`coverage run -m pytest && coverage json`, then `enrich observe --module {module}`"


class Answer(Enum):
    """What became of a question."""

    YES = "yes"
    NO = "no"
    ABSENT = "absent"
    """What it is about is not there."""
    UNKNOWN = "unknown"
    """Nobody could find out."""


class Ground(Struct, frozen=True, kw_only=True):
    """The answer to a question about a module, and what to do if it is not yes."""

    answer: Answer
    why: str = ""
    where: str = ""
    """A path of the repository."""
    fix: str = ""
    details: tuple[str, ...] = ()
    """All that speaks against it, where `why` tells of the first alone."""
    fields: frozenset[str] = frozenset()
    """The fields of the manifest that do not hold."""


Question: TypeAlias = Callable[[Evidence], Ground]
YES = Ground(answer=Answer.YES)


def schema_is_kept(seen: Evidence) -> Ground:
    """The contract is kept, but for words and provenance, which have questions of their own."""
    return _told(seen.of(Flaw.CONTRACT)) or YES


def apis_import(seen: Evidence) -> Ground:
    """Every name in `apis` is verified now. What the manifest says of that does not count."""
    if VERIFIED not in seen.claims:
        return _has_none(seen)
    if isinstance(seen.imported, Absent):
        return _not(seen, Answer.UNKNOWN, f"nothing could be imported: {seen.imported.why}", MENDED_BY_A_RUN)
    return _told(seen.of(Flaw.UNVERIFIED)) or YES


def _has_none(seen: Evidence) -> Ground:
    """A module without verified APIs, and what it takes to get some."""
    if isinstance(seen.imported, Absent):
        fix = "make it a package that can be imported, or let its lane do without `apis` (docs/gates.md)"
        return _not(seen, Answer.ABSENT, f"it has no `apis`: {seen.imported.why}", fix)
    if VERIFIED in seen.anew:
        return _not(seen, Answer.ABSENT, "it has no `apis`, and a run would write some", MENDED_BY_A_RUN)
    fix = "advertise one, or mend what `apis_pending` lists; then " + MENDED_BY_A_RUN
    return _not(seen, Answer.ABSENT, "it has no `apis`: no public name is verified and documented", fix)


def measured_lately(seen: Evidence) -> Ground:
    """What was measured is what its artifact has, and not older than the lane allows."""
    if isinstance(seen.policy, Absent):
        return _not(seen, Answer.UNKNOWN, f"nobody knows what counts as fresh: {seen.policy.why}", SET_LANE)
    if not _names(value_at(seen.manifest, OBSERVED)) - NO_NUMBERS:
        return _not(seen, Answer.ABSENT, "nothing was measured", MEASURE)
    return _told(seen.of(Flaw.UNMEASURED, within="performance")) or _is_fresh(seen, seen.policy)


def _is_fresh(seen: Evidence, policy: Lane) -> Ground:
    """Of measurements and coverage, the oldest counts. One that will soon be too old is a warning."""
    places = (OBSERVED_AT, COVERED_AT) if COVERED in seen.claims else (OBSERVED_AT,)
    times = [moment(str(value_at(seen.manifest, place)), seen.now) for place in places]
    if wrong := next((each for each in times if isinstance(each, Problem)), None):
        return _not(seen, Answer.NO, f"when it was measured: {wrong.what}", MEASURE)
    oldest = min(each for each in times if isinstance(each, datetime))
    age, until = seen.now - oldest, written(oldest + timedelta(days=policy.fresh_days))
    if age > timedelta(days=policy.fresh_days):
        return _not(seen, Answer.NO, f"it was measured at {written(oldest)}, and was fresh until {until}", MEASURE)
    if age > timedelta(days=policy.warn_days):
        return _not(seen, Answer.YES, f"it is fresh until {until}", MEASURE)
    return YES


def covered_enough(seen: Evidence) -> Ground:
    """The coverage that was measured is at the target or above it."""
    target, covered = value_at(seen.manifest, TARGET), value_at(seen.manifest, COVERED)
    if target is UNSET:
        fix = "name a `coverage-target` for its lane in `[tool.enrich.lanes]`, then " + MENDED_BY_A_RUN
        return _not(seen, Answer.ABSENT, "it has no `testing.coverage_target`", fix)
    if covered is UNSET:
        return _not(seen, Answer.ABSENT, "its coverage was not measured", COVER)
    if told := _told(seen.of(Flaw.UNMEASURED, within="testing")):
        return told
    if not (_is_number(target) and _is_number(covered)):
        return _not(seen, Answer.UNKNOWN, "its coverage, or the target, is no number", COVER)
    if covered < target:
        why = f"{covered} percent of its lines are covered, and {target} is the target"
        return _not(seen, Answer.NO, why, "write tests; then " + COVER)
    return YES


def words_are_canonical(seen: Evidence) -> Ground:
    """No feature, tag, capability or lane is a word that the vocabularies do not have."""
    if not {"features", "tags", VERIFIED, PENDING} & {*seen.claims}:
        return _not(seen, Answer.UNKNOWN, "it has no feature, no tag and no API", MENDED_BY_A_RUN)
    return _told(seen.of(Flaw.VOCABULARY)) or YES


def provenance_resolves(seen: Evidence) -> Ground:
    """Every enriched field says where it comes from, and that is there."""
    if not seen.claims:
        return _not(seen, Answer.UNKNOWN, "it has no enriched field", MENDED_BY_A_RUN)
    return _told(seen.of(Flaw.UNEXPLAINED, Flaw.DANGLING, Flaw.ORPHANED)) or YES


def runs_change_nothing(seen: Evidence) -> Ground:
    """The ledger is whole, the manifest is what it says and what the sources come to now: a run would write nothing."""
    of_ledger, others = _told(seen.of(*OF_LEDGERS)), _told(seen.of(*OF_RUNS))
    if of_ledger:
        return replace(of_ledger, fields=frozenset())  # what is wrong with a ledger has no cause elsewhere
    if isinstance(seen.due, Absent):
        return _not(seen, Answer.UNKNOWN, f"nobody knows what a run would change: {seen.due.why}", MENDED_BY_A_RUN)
    if seen.due:
        due = _not(seen, Answer.NO, f"a run would change {', '.join(seen.due)}", MENDED_BY_A_RUN)
        known = others or YES
        return replace(due, details=known.details, fields=known.fields | {*seen.due})
    return others or YES


OF_LEDGERS = (Flaw.CONFLICT, Flaw.TAMPERED, Flaw.UNRECONCILED)
OF_RUNS = (Flaw.UNRECORDED, Flaw.EDITED, Flaw.UNSUPPORTED, Flaw.DIFFERS, Flaw.MOVED)


# --- what only the score asks -----------------------------------------------------------------------------------------


def contract_is_kept(seen: Evidence) -> Ground:
    """The contract is kept, with the words of the vocabularies, by a manifest that says something."""
    if not seen.claims:
        return _not(seen, Answer.UNKNOWN, "it has no enriched field", MENDED_BY_A_RUN)
    return _told(seen.of(Flaw.CONTRACT, Flaw.VOCABULARY)) or YES


def features_are_there(seen: Evidence) -> Ground:
    """There is a feature, all are canonical, and all have evidence."""
    if "features" not in seen.claims:
        fix = "say what it does in its context file and docstrings (docs/vocabulary.md), then " + MENDED_BY_A_RUN
        return _not(seen, Answer.ABSENT, "it has no feature", fix)
    return _told(seen.of(Flaw.CONTRACT, Flaw.VOCABULARY, Flaw.UNSUPPORTED, within="features")) or YES


def targets_are_there(seen: Evidence) -> Ground:
    """There are targets, and they are those of the policy."""
    if TARGETS not in seen.claims:
        fix = "name `sla-targets` for its lane in `[tool.enrich.lanes]`, then " + MENDED_BY_A_RUN
        return _not(seen, Answer.ABSENT, "it has no target", fix)
    return _told(seen.of(Flaw.CONTRACT, Flaw.UNSUPPORTED, Flaw.DIFFERS, within=TARGETS)) or YES


def may_lack(subject: str, seen: Evidence) -> bool:
    """Whether the lane of a module allows that there is no such thing in it."""
    return not isinstance(seen.policy, Absent) and subject in seen.policy.without


# --- answers ----------------------------------------------------------------------------------------------------------


def _told(findings: tuple[Finding, ...]) -> Ground | None:
    """No, because of the first of these findings; None if there is none."""
    if not findings:
        return None
    first, *others = findings
    field = f"{first.field}: " if first.field else ""
    more = f"; and {len(others)} more" if others else ""
    details = tuple(f"{each.field}: {each.what} ({each.flaw.code})" for each in findings)
    why, fields = f"{field}{first.what}{more}", wholes(each.field for each in findings)
    return Ground(answer=Answer.NO, why=why, where=first.where, fix=first.fix, details=details, fields=fields)


def _not(seen: Evidence, answer: Answer, why: str, fix: str) -> Ground:
    return Ground(answer=answer, why=why, where=seen.where, fix=fix.format(module=seen.module))


def _names(value: Value) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _is_number(value: Value) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
