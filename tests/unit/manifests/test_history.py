"""What a run would change is planned before anything is written, and can be taken back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from msgspec import UNSET, structs

from tests.unit.manifests.changes import change
from verifier.errors import UserError
from verifier.manifests import history, layout, ledger
from verifier.manifests.history import File, State
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Place

ROOT = Path("/repository")
PLACE = Place(root=ROOT, path="shop", manifest=ROOT / "shop" / "module.manifest.json")
STAMP = Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)
LATER = Stamp(timestamp="2025-05-01T12:00:00Z", sha="abc")
MANIFEST = b'{\n  "module": "shop",\n  "tags": ["typed"]\n}\n'


def state(manifest: bytes | None = MANIFEST, recorded: bytes | None = None) -> State:
    return State(place=PLACE, ledger=ROOT / "shop.ndjson", manifest=manifest, recorded=recorded)


def after(before: State, *changes: Change, stamp: Stamp = STAMP) -> State:
    """The state when the plan has been written."""
    edit = history.plan(before, changes, stamp)
    return structs.replace(before, manifest=edit.manifest.after, recorded=edit.ledger.after)


def steps(before: State, *changes: Change) -> list[tuple[str, object, object, bool]]:
    edit = history.plan(before, changes, STAMP)
    return [(step.change.field, step.old, step.change.value, step.stays) for step in edit.steps]


WANTED = (change("features", ["a"]), change("tags", ["x"]), change("performance.sla", {"p95": 5}))
FIRST = after(state(), *WANTED)


def test_each_change_is_in_the_manifest_and_in_the_ledger() -> None:
    assert json.loads(FIRST.manifest or b"") == {
        "module": "shop",
        "features": ["a"],
        "tags": ["x"],
        "performance": {"sla": {"p95": 5}},
    }
    assert steps(state(), *WANTED) == [
        ("features", UNSET, ["a"], False),
        ("performance.sla", UNSET, {"p95": 5}, False),
        ("tags", ["typed"], ["x"], False),
    ]
    assert history.differing(FIRST.records, FIRST.document.value) == ()


def test_a_second_run_changes_nothing_at_whatever_time() -> None:
    assert not history.plan(FIRST, WANTED, LATER).changes
    assert history.plan(FIRST, reversed(WANTED), LATER).steps == ()


def test_nothing_wanted_makes_no_file() -> None:
    edit = history.plan(state(manifest=None), [change("features", UNSET)], STAMP)
    assert (edit.changes, edit.manifest.after, edit.ledger.after) == (False, None, None)


def test_a_manifest_that_is_not_there_is_made() -> None:
    assert after(state(manifest=None), change("tags", [])).manifest == b'{\n  "tags": []\n}\n'


def test_what_stood_there_already_is_recorded_and_not_rewritten() -> None:
    edit = history.plan(state(), [change("tags", ["typed"])], STAMP)
    assert not edit.manifest.changes
    assert [step.old for step in edit.steps] == [UNSET]


def test_new_sources_are_recorded_with_no_word_on_the_value() -> None:
    assert steps(FIRST, change("tags", ["x"], source="b")) == [("tags", UNSET, ["x"], True)]
    again = after(FIRST, change("tags", ["x"], source="b"))
    assert again.manifest == FIRST.manifest
    assert steps(again, change("tags", ["x"], source="b")) == []


def test_what_somebody_has_typed_over_is_the_old_value() -> None:
    typed = structs.replace(FIRST, manifest=(FIRST.manifest or b"").replace(b'["x"]', b'["typed again"]'))
    assert history.differing(typed.records, typed.document.value) == ("tags",)
    assert steps(typed, *WANTED) == [("tags", ["typed again"], ["x"], False)]


def test_a_field_that_is_no_longer_wanted_goes() -> None:
    gone = after(FIRST, change("performance.sla", UNSET))
    assert "performance" not in gone.document.value
    assert ledger.replay(gone.records) == {"features": ["a"], "tags": ["x"]}
    assert steps(gone, change("performance.sla", UNSET)) == []


def test_a_broken_ledger_or_manifest_is_refused() -> None:
    with pytest.raises(UserError) as refused:
        history.plan(state(recorded=b"{}\n"), WANTED, STAMP)
    assert refused.value.where == "shop.ndjson:1"
    with pytest.raises(UserError) as refused:
        history.plan(state(manifest=b"{"), WANTED, STAMP)
    assert refused.value.where == "shop/module.manifest.json:1:2"
    with pytest.raises(UserError):
        history.plan(state(manifest=b""), WANTED, STAMP)


# --- ways back --------------------------------------------------------------------------------------------------------


def test_a_revert_to_before_the_first_record_gives_the_manifest_as_it_was() -> None:
    changes = history.reverted(FIRST.records, 0, "shop.ndjson")
    back = after(FIRST, *changes, stamp=LATER)
    assert back.manifest == MANIFEST
    assert (back.recorded or b"").startswith(FIRST.recorded or b"-")
    assert [record.extractor for record in back.records[3:]] == ["revert"] * 3


def test_a_revert_to_a_record_takes_back_what_came_after_it() -> None:
    second = after(FIRST, change("tags", ["y"]), change("features", UNSET))
    changes = history.reverted(second.records, 3, "shop.ndjson")
    assert [(each.field, each.value) for each in changes] == [("features", ["a"]), ("tags", ["x"])]
    assert changes[1].sources == WANTED[1].sources
    assert after(second, *changes).manifest == FIRST.manifest
    assert history.reverted(FIRST.records, 3, "shop.ndjson") == ()


def test_a_revert_of_a_field_takes_back_its_last_change_and_is_itself_reverted() -> None:
    second = after(FIRST, change("tags", ["y"]), change("features", ["b"]))
    back = after(second, *history.reverted_field(second.records, "tags", "shop.ndjson"))
    assert back.document.value["tags"] == ["x"]
    assert back.document.value["features"] == ["b"]
    forth = after(back, *history.reverted_field(back.records, "tags", "shop.ndjson"))
    assert forth.document.value["tags"] == ["y"]


def test_a_revert_to_what_never_was_is_refused() -> None:
    with pytest.raises(UserError, match="no record 4") as refused:
        history.reverted(FIRST.records, 4, "shop.ndjson")
    assert "0 to 3" in refused.value.fix
    with pytest.raises(UserError, match="no record has changed apis") as refused:
        history.reverted_field(FIRST.records, "apis", "shop.ndjson")
    assert "features, performance.sla, tags" in refused.value.fix


def test_a_manifest_is_rebuilt_from_its_ledger() -> None:
    lost = structs.replace(FIRST, manifest=None)
    made = history.rebuilt(lost).manifest.after
    assert made == after(state(manifest=None), *WANTED).manifest
    typed = structs.replace(FIRST, manifest=(FIRST.manifest or b"").replace(b'["x"]', b'["typed"]'))
    assert history.rebuilt(typed).manifest.after == FIRST.manifest
    assert not history.rebuilt(FIRST).changes


# --- branches ---------------------------------------------------------------------------------------------------------


def merged(ours: State, theirs: State, manifest: bytes | None) -> State:
    """What git makes of two branches, with its union of the ledgers."""
    lines = (ours.recorded or b"") + (theirs.recorded or b"").removeprefix(FIRST.recorded or b"-")
    return structs.replace(ours, manifest=manifest, recorded=lines)


OURS = after(FIRST, change("tags", ["ours"]))
THEIRS = after(FIRST, change("tags", ["theirs"]), change("features", ["theirs"]))


def test_the_next_run_reconciles_two_branches() -> None:
    both = merged(OURS, THEIRS, OURS.manifest)
    again = after(both, change("tags", ["both"]), change("features", ["theirs"]))
    assert len(ledger.heads(again.records)) == 1
    assert again.document.value["tags"] == ["both"]
    assert history.differing(again.records, again.document.value) == ()
    assert steps(again, change("tags", ["both"]), change("features", ["theirs"])) == []


@pytest.mark.parametrize("branch", [OURS, THEIRS], ids=["ours", "theirs"])
def test_what_nobody_composes_is_reconciled_to_what_the_manifest_has(branch: State) -> None:
    both = merged(OURS, THEIRS, branch.manifest)
    again = after(both)
    assert again.manifest == branch.manifest
    assert len(ledger.heads(again.records)) == 1
    assert history.differing(again.records, again.document.value) == ()
    assert not history.plan(again, (), LATER).changes


def test_what_no_branch_has_written_is_reconciled_to_what_came_last() -> None:
    again = after(merged(OURS, THEIRS, FIRST.manifest))
    assert again.document.value["tags"] in (["ours"], ["theirs"])
    assert history.differing(again.records, again.document.value) == ()


def test_branches_that_agree_need_no_record() -> None:
    theirs = after(FIRST, change("tags", ["ours"]), stamp=LATER)
    both = merged(OURS, theirs, OURS.manifest)
    assert len(ledger.heads(both.records)) == 2
    assert not history.plan(both, [change("tags", ["ours"])], LATER).changes


# --- the diff ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        pytest.param(MANIFEST, MANIFEST.replace(b"typed", b"x"), id="a line"),
        pytest.param(None, MANIFEST, id="a new file"),
        pytest.param(b"{}", b'{"a": 1}', id="no end of line"),
        pytest.param(b"{}", b'{\n  "a": 1\n}\n', id="an end of line more"),
        pytest.param(b'{\n  "a": 1\n}\n', b"{}", id="an end of line less"),
        pytest.param(b'{\r\n"a": 1\r\n}\r\n', b'{\r\n"a": 2\r\n}\r\n', id="CRLF"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}\n', b'\xef\xbb\xbf{"a": 2}\n', id="byte order mark"),
        pytest.param('{"a": "\u2028\x0c"\n,"b": 1}'.encode(), '{"a": "\u2028\x0c"\n,"b": 2}'.encode(), id="odd breaks"),
        pytest.param(b"{\n" + b"\n" * 40 + b"}", b"{ \n" + b"\n" * 40 + b" }", id="two hunks"),
    ],
)
@pytest.mark.parametrize("folder", ["shop", "my shop", "a/b-c", 'o"d\\d', "t\tab", "näh", "b b/c"])
def test_git_applies_the_diff(
    tmp_path: Path, scrubbed: dict[str, str], before: bytes | None, behind: bytes, folder: str
) -> None:
    path = tmp_path / folder / "module.manifest.json"
    path.parent.mkdir(parents=True)
    if before is not None:
        path.write_bytes(before)
    text = history.diff(File(path=path, before=before, after=behind), tmp_path)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, env=dict(scrubbed), input=text.encode(), check=False
    )
    assert done.returncode == 0, text
    assert path.read_bytes() == behind


def test_the_diff_has_the_paths_of_the_repository() -> None:
    file = File(path=PLACE.manifest, before=b"{}\n", after=b'{"a": 1}\n')
    assert history.diff(file, ROOT).splitlines()[:2] == [
        "--- a/shop/module.manifest.json",
        "+++ b/shop/module.manifest.json",
    ]


def test_no_change_is_no_diff() -> None:
    assert history.diff(File(path=PLACE.manifest, before=b"{}", after=b"{}"), ROOT) == ""


def test_a_rebuilt_manifest_without_a_ledger_stays_as_it_is() -> None:
    assert not history.rebuilt(state(manifest=None)).changes
    assert layout.value_at(state().document.value, "tags") == ["typed"]
