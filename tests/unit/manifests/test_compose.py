"""Fields are what the signals say; what nothing speaks for goes."""

from __future__ import annotations

from msgspec import UNSET

from verifier.manifests.compose import FIELDS, compose
from verifier.manifests.model import Json, Signal, Withheld
from verifier.model import Confidence


def signal(field: str, confidence: Confidence = Confidence.HIGH) -> Signal:
    return Signal(field=field, value=["x"], provenance=("importcheck",), confidence=confidence, reasons=("a:b",))


def test_a_field_is_set_with_its_origin() -> None:
    field, origin = compose([signal("performance.sla_targets")], [], {}, {}).changes
    assert (field.field, field.value, field.extractor) == ("performance.sla_targets", ["x"], "sla_targets")
    assert origin.field != field.field
    assert origin.value == {"provenance": ["importcheck"], "confidence": "high", "reasons": ["a:b"]}


def test_of_what_was_never_there_nothing_is_said() -> None:
    assert compose([], [], {"title": "x"}, {}).changes == ()


def test_what_has_no_evidence_goes_with_its_origin() -> None:
    manifest: Json = {"features": ["x"], "_provenance": {"features": {}}, "title": "x"}
    changes = compose([], [], manifest, {}).changes
    assert [(change.field, change.value) for change in changes] == [
        ("features", UNSET),
        ("_provenance.features", UNSET),
    ]


def test_what_is_not_sure_enough_is_withheld() -> None:
    low = signal("features", Confidence.LOW)
    composed = compose([low], [Withheld(field="tags", value="y", provenance=(), why="z")], {"features": ["old"]}, {})
    assert [change.value for change in composed.changes] == [UNSET]
    assert [each.field for each in composed.withheld] == ["tags", "features"]
    assert composed.withheld[1].why == "its confidence is low, and medium is the least"


def test_the_configuration_says_how_sure_a_field_has_to_be() -> None:
    medium = signal("features", Confidence.MEDIUM)
    assert compose([medium], [], {}, {}).withheld == ()
    assert compose([medium], [], {}, {"features": Confidence.HIGH}).changes == ()
    assert compose([signal("features", Confidence.LOW)], [], {}, {"features": Confidence.LOW}).withheld == ()


def test_changes_come_in_one_order() -> None:
    signals = [signal(field) for field in FIELDS]
    assert compose(signals, [], {}, {}) == compose(signals[::-1], [], {}, {})
