"""What the sandbox says becomes values; what has not its shape becomes a tampered module."""

from __future__ import annotations

from verifier.apis import wire
from verifier.model import Ending, Failure, How, ImportResult

RAISED = {"type": "ValueError", "message": "no <object at 0x7f3ea477c7c0>", "frames": [["/x.py", 3]]}


def event(**changes: object) -> dict[str, object]:
    return {"event": "module", "module": "demo", "ending": "done", "effects": [], "names": {}, **changes}


def result(**changes: object) -> ImportResult:
    return wire.result(event(**changes))  # type: ignore[arg-type]  # any shape may come


def test_an_answer_is_read() -> None:
    shown = result(names={"x": {"how": "dict", "kind": "value", "none": True}, "y": {"how": "missing"}})
    assert {name: (answer.how, answer.is_none) for name, answer in shown.answers.items()} == {
        "x": (How.DICT, True),
        "y": (How.MISSING, False),
    }


def test_a_lazy_answer_proves_nothing_where_a_random_name_is_answered_too() -> None:
    names = {"x": {"how": "lazy", "kind": "class"}}
    assert result(names=names, random=True).answers["x"].how is How.FABRICATED
    assert result(names=names, random=False).answers["x"].how is How.LAZY


def test_a_docstring_is_measured_as_inspect_cleans_it() -> None:
    names = {"x": {"how": "dict", "kind": "class", "doc": "  One.\n\n      Two.\n   "}}
    assert result(names=names).answers["x"].doc_chars == len("One.\n\nTwo.")


def test_addresses_and_scratch_folders_are_left_out_of_messages() -> None:
    failure = dict(RAISED, message="no <object at 0x7f3ea477c7c0> in /tmp/verify-apis-abc12/scratch/17/x")
    shown = result(ending="raised", failure=failure)
    assert shown.failure is not None
    assert shown.failure.message == "no <object at 0x…> in <scratch>/x"


def test_files_are_named_relative_to_the_innermost_folder_of_the_search_path() -> None:
    failure = {
        "type": "E",
        "message": "see (/env/site/demo/x.py)",
        "frames": [["/env/site/demo/x.py", 3], ["/y.py", 1]],
    }
    shown = wire.result(event(ending="raised", failure=failure), ("/env/site", "/env"))  # type: ignore[arg-type]
    assert shown.failure is not None
    assert shown.failure.message == "see (demo/x.py)"
    assert [frame.file for frame in shown.failure.frames] == ["demo/x.py", "/y.py"]


def test_malformed_fields_make_a_tampered_module() -> None:
    bad = (
        {"names": {"x": {"how": "telepathy"}}},
        {"names": {"x": 7}},
        {"names": [1]},
        {"ending": "raised", "failure": None},
        {"ending": "raised", "failure": {"type": 1, "message": "", "frames": []}},
        {"ending": "raised", "failure": {"type": "E", "message": "", "frames": [["/x"]]}},
        {"exports": [1]},
        {"origin": 3},
        {"effects": [{"kind": "write"}]},
        {"ending": "victory"},
    )
    for changes in bad:
        assert result(**changes).ending is Ending.TAMPERED, changes


def test_what_an_error_was_raised_after_is_read() -> None:
    shown = result(ending="raised", failure={**RAISED, "variable": "DEMO_URL", "after_import": True}).failure
    assert shown is not None
    assert (shown.variable, shown.after_import) == ("DEMO_URL", True)
    plain = result(ending="raised", failure=RAISED).failure
    assert plain is not None
    assert (plain.variable, plain.after_import) == (None, False)
    assert result(ending="raised", failure={**RAISED, "variable": 3}).ending is Ending.TAMPERED


def test_why_nothing_was_tried_is_told_with_who_is_to_blame() -> None:
    told: dict[str, wire.Json] = {
        "failure": {"type": "ValueError", "message": "no <object at 0x7f3ea477c7c0>", "frames": []}
    }
    start, prelude = wire.no_start(told), wire.no_start({**told, "prelude": True})
    assert (start.type, start.message) == ("ValueError", "the interpreter's start-up failed: no <object at 0x…>")
    assert (prelude.type, prelude.message) == ("ValueError", "the prelude failed: no <object at 0x…>")
    assert (start.in_prelude, prelude.in_prelude) == (False, True)


def test_a_start_that_did_not_end_is_told_with_what_ended_it() -> None:
    told = {ending: wire.no_start({"prelude": True, "ending": ending}).message for ending in ("timeout", "disk", "?")}
    assert told == {
        "timeout": "the prelude did not end in time",
        "disk": "the prelude stored more than allowed",
        "?": "the prelude did not come through",
    }
    assert wire.no_start({"ending": "timeout"}).message == (
        "the interpreter's start-up (.pth files, sitecustomize) did not end in time"
    )


def test_a_start_that_is_told_in_no_known_shape_did_not_come_through() -> None:
    odd: tuple[wire.Json, ...] = (None, 3, [], {}, {"failure": 3}, {"failure": {"type": 1}}, {"ending": []})
    assert {wire.no_start(shown).type for shown in odd} == {"NoStart"}


def test_where_nothing_started_every_module_has_that_reason_as_its_own() -> None:
    why = Failure(type="E", message="the prelude failed", in_prelude=True)
    results = wire.complete({}, ["demo", "demo.sub"], why)
    assert [(each.ending, each.failure, each.culprit) for each in results.values()] == [
        (Ending.NOT_REACHED, why, None),
        (Ending.NOT_REACHED, why, None),
    ]


def test_a_death_is_told_by_its_status() -> None:
    told = {status: wire.death(status).type for status in (0, 3 << 8, 9, 11, 24, 77)}
    assert told == {0: "Exited", 3 << 8: "Exited", 9: "Crashed", 11: "Crashed", 24: "Timeout", 77: "Crashed"}
    assert wire.death(None).type == "Died"
    assert wire.death(0).exits
    assert not wire.death(11).exits


def test_modules_below_a_failure_take_its_exception() -> None:
    top = result(ending="raised", failure=RAISED)
    known = wire.complete({"demo": top}, ["demo", "demo.a", "demo.a.b"], None)
    assert {name: (shown.ending, shown.culprit) for name, shown in known.items()} == {
        "demo": (Ending.RAISED, None),
        "demo.a": (Ending.RAISED, "demo"),
        "demo.a.b": (Ending.RAISED, "demo"),
    }


def test_modules_below_a_death_were_not_tried() -> None:
    top = result(ending="timeout")
    known = wire.complete({"demo": top}, ["demo.a"], None)
    assert known["demo.a"].ending is Ending.NOT_REACHED
    assert known["demo.a"].culprit == "demo"


def test_modules_that_nobody_came_to_say_why() -> None:
    why = Failure(type="NoStart", message="sitecustomize raised")
    assert wire.complete({}, ["demo"], why)["demo"].failure == why
    assert wire.complete({}, ["demo"], None)["demo"].ending is Ending.NOT_REACHED
