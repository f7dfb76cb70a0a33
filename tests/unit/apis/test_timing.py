"""What a process says of its own times is not taken on trust: what no clock could have told is no sample."""

from __future__ import annotations

import pytest

from tests.unit.building import KERNEL
from verifier.apis.heard import Heard
from verifier.apis.timing import Samples, samples_in
from verifier.apis.wire import Json
from verifier.model import Problem


def heard(said: Json, **event: Json) -> Heard:
    found = Heard(("/srv/shop",))
    found.isolation = KERNEL
    whole: dict[str, Json] = {"event": "module", "module": "demo", "ending": "done", "effects": [], "names": {}}
    found.take({**whole, "measured": said, **event})
    return found


def test_samples_are_what_was_told() -> None:
    found = samples_in(heard({"samples": [5, 7, 6], "calls": 3}), "demo")
    assert found == Samples(rounds=(5, 7, 6), calls=3, isolation=KERNEL)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "fast",
        {},
        {"samples": [5]},
        {"samples": [], "calls": 1},
        {"samples": [0], "calls": 1},
        {"samples": [-5], "calls": 1},
        {"samples": [5.5], "calls": 1},
        {"samples": [True], "calls": 1},
        {"samples": ["5"], "calls": 1},
        {"samples": [5], "calls": 0},
        {"samples": {"0": 5}, "calls": 1},
        {"why": 3},
        {"why": "raises"},
        {"why": "raises", "failure": {"type": "X"}},
    ],
)
def test_what_is_malformed_is_no_sample(said: Json) -> None:
    assert samples_in(heard(said), "demo") == Problem(what="its process sent something malformed")


def test_an_exception_is_told_with_its_place() -> None:
    failure: Json = {"type": "ValueError", "message": "no", "frames": [["/srv/shop/shop/cart.py", 7]]}
    found = samples_in(heard({"why": "raises", "failure": failure}), "demo")
    assert found == Problem(what="it raises ValueError: no (shop/cart.py:7)")


def test_who_was_asked_and_took_too_long_is_known() -> None:
    assert heard(None, ending="timeout", state="answering").late == {"demo"}
    assert heard(None, ending="timeout", state="importing").late == set()
