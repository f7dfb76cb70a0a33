"""Whatever is written, reverted and merged in whatever order: the ledger says what the manifest holds."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import UNSET, structs

from verifier.manifests import history, layout, ledger
from verifier.manifests.history import State
from verifier.manifests.layout import Value
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Json, Place, Source
from verifier.model import Confidence

ROOT = Path("/repository")
PLACE = Place(root=ROOT, path="shop", manifest=ROOT / "shop" / "module.manifest.json")
FIELDS = ("features", "tags", "performance.sla", "_provenance.performance\\.sla")
VALUES: st.SearchStrategy[Json] = st.sampled_from([None, 0, 0.0, False, "", "é\ud800", [], ["a"], {"b": 1, "a": []}])
CHANGES = st.lists(
    st.builds(
        Change,
        field=st.sampled_from(FIELDS),
        value=VALUES | st.just(UNSET),
        extractor=st.sampled_from(["one", "two"]),
        confidence=st.sampled_from(Confidence),
        reasons=st.just(("because",)),
        sources=st.sampled_from([(), (Source("a.md", "0" * 64),), (Source("a.md", "1" * 64),)]),
    ),
    max_size=3,
    unique_by=lambda change: change.field,
)
MANIFESTS = (None, b"{}", b'{"mine": 1.0, "tags": ["x"]}\n', b'{\r\n\t"features": []\r\n}')
STAMPS = st.builds(Stamp, timestamp=st.sampled_from(["2024-05-01T12:00:00Z", "2025-05-01T12:00:00Z"]), sha=st.none())
EMPTY = State(place=PLACE, ledger=ROOT / "shop.ndjson", manifest=None, recorded=None)


def written(state: State, changes: list[Change], stamp: Stamp) -> State:
    edit = history.plan(state, changes, stamp)
    return structs.replace(state, manifest=edit.manifest.after, recorded=edit.ledger.after)


def hashes(state: State) -> set[str]:
    return {record.hash for record in state.records}


class Branches(RuleBasedStateMachine):
    """Two branches of one repository, and all that can happen to a module in them."""

    @initialize(
        manifest=st.sampled_from([None, b"{}", b'{"mine": 1.0, "tags": ["x"]}\n', b'{\r\n\t"features": []\r\n}'])
    )
    def begin(self, manifest: bytes | None) -> None:
        self.states = [structs.replace(EMPTY, manifest=manifest) for _ in range(2)]
        self.mine = "mine" in self.states[0].document.value

    @rule(branch=st.integers(0, 1), changes=CHANGES, stamp=STAMPS)
    def enrich(self, branch: int, changes: list[Change], stamp: Stamp) -> None:
        self.states[branch] = written(self.states[branch], changes, stamp)
        for change in changes:
            assert layout.same(layout.value_at(self.states[branch].document.value, change.field), change.value)
        again = history.plan(self.states[branch], changes, structs.replace(stamp, timestamp="2030-01-01T00:00:00Z"))
        assert not again.changes

    @rule(branch=st.integers(0, 1), changes=CHANGES, stamp=STAMPS)
    def edit_by_hand(self, branch: int, changes: list[Change], stamp: Stamp) -> None:
        state = self.states[branch]
        fields: dict[str, Value] = {change.field: change.value for change in changes}
        typed = structs.replace(state, manifest=layout.changed(state.document, fields))
        self.states[branch] = written(typed, self.recorded(state), stamp)

    @rule(branch=st.integers(0, 1), data=st.data(), stamp=STAMPS)
    def revert(self, branch: int, data: st.DataObject, stamp: Stamp) -> None:
        state = self.states[branch]
        seq = data.draw(st.integers(0, max((record.seq for record in state.records), default=0)))
        self.states[branch] = written(state, [*history.reverted(state.records, seq, "")], stamp)

    @precondition(lambda self: any(state.records for state in self.states))
    @rule(data=st.data(), stamp=STAMPS)
    def revert_field(self, data: st.DataObject, stamp: Stamp) -> None:
        branch = next(at for at, state in enumerate(self.states) if state.records)
        state = self.states[branch]
        field = data.draw(st.sampled_from(sorted({record.field for record in state.records if not record.stays})))
        self.states[branch] = written(state, [*history.reverted_field(state.records, field, "")], stamp)

    @rule(branch=st.integers(0, 1), chance=st.randoms(), stamp=STAMPS)
    def merge(self, branch: int, chance: random.Random, stamp: Stamp) -> None:
        """Lines of both in any order, some of them twice; what git makes of the manifests; and the next run."""
        ours, theirs = self.states[branch], self.states[1 - branch]
        lines = [line for state in self.states for line in (state.recorded or b"").splitlines(keepends=True)]
        chance.shuffle(lines)
        both = structs.replace(ours, recorded=b"".join(lines) or None)
        if hashes(ours) < hashes(theirs):  # nothing was done here: git takes all from there
            both = structs.replace(both, manifest=theirs.manifest)
        assert hashes(both) == hashes(ours) | hashes(theirs)
        self.states[branch] = written(both, [], stamp)
        assert not history.plan(self.states[branch], [], stamp).changes

    @staticmethod
    def recorded(state: State) -> list[Change]:
        """The changes that a run would find again, with nothing changed in its sources."""
        last = {record.field: record for record in state.records}
        fields = ledger.replay(state.records)
        return [
            Change(
                field=field,
                value=fields.get(field, UNSET),
                extractor=record.extractor,
                confidence=record.confidence,
                reasons=record.reasons,
                sources=tuple(Source(path, digest) for path, digest in record.sources.items()),
            )
            for field, record in last.items()
        ]

    @invariant()
    def the_ledger_is_sound_and_says_what_the_manifest_holds(self) -> None:
        for state in self.states:
            records = state.records
            assert history.differing(records, state.document.value) == ()
            assert len(ledger.branches(records)) == 1 or history.reconciled(records, state.document.value) == ()
            assert not history.rebuilt(state).changes
            assert not self.mine or state.document.value["mine"] == 1.0

    @invariant()
    def a_manifest_made_from_nothing_has_the_same_fields_byte_for_byte(self) -> None:
        for state in self.states:
            made = layout.read(history.rebuilt(structs.replace(state, manifest=None)).manifest.after or b"{}", "")
            for field in {record.field for record in state.records}:
                assert layout.same(layout.value_at(made.value, field), layout.value_at(state.document.value, field)), (
                    field
                )


TestBranches = Branches.TestCase
TestBranches.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


@given(CHANGES, CHANGES, CHANGES, st.data())
def test_any_changed_byte_is_found(
    base: list[Change], ours: list[Change], theirs: list[Change], data: st.DataObject
) -> None:
    stamp = Stamp(timestamp="2024-05-01T12:00:00Z", sha="abc")
    first = written(EMPTY, base, stamp)
    one, other = (written(first, changes, stamp) for changes in (ours, theirs))
    both = structs.replace(one, recorded=(one.recorded or b"") + (other.recorded or b""))
    recorded = written(both, [], stamp).recorded or b""
    if recorded:
        at = data.draw(st.integers(0, len(recorded) - 1))
        byte = data.draw(st.integers(1, 255)) ^ recorded[at]
        assert ledger.read(recorded).problems == ()
        assert ledger.read(recorded[:at] + bytes([byte]) + recorded[at + 1 :]).problems != ()


def test_each_byte_of_a_ledger_counts() -> None:
    change = Change(field="tags", value=["é"], extractor="x", confidence=Confidence.LOW, reasons=("r",))
    stamp = Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)
    first = written(EMPTY, [change], stamp)
    recorded = written(first, [structs.replace(change, value=["b"])], stamp).recorded or b""
    for at in range(len(recorded)):
        for byte in (recorded[at] ^ 1, recorded[at] ^ 0x20, 0, ord("\n"), ord("\r"), ord(" ")):
            if byte != recorded[at]:
                assert ledger.read(recorded[:at] + bytes([byte]) + recorded[at + 1 :]).problems, at
