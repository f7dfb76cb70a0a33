"""What `[tool.enrich]` says, and everything that is wrong with it at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from verifier.errors import UserError
from verifier.manifests.settings import STRICT, Lane, Settings, Waiver, load
from verifier.model import Confidence
from verifier.resources import load_schema

WHOLE = """
[tool.enrich]
manifests = "m"
ledger = "l"
exclude = ["old/*"]
context = ["ABOUT.md"]
vocabulary = "words"
python = "3.12"
import-roots = ["lib"]
bench = "b"
benchmarks = "b.yml"
coverage = "c.xml"
tests = "t.xml"
elsewhere = {"*" = ["tests/{path}"], "shop" = []}
thresholds = {features = "high"}

[tool.enrich.lanes.L2]
spellings = ["two"]
sla-targets = {latency_p95_ms = 250}
coverage-target = 85
fresh-days = 7
warn-days = 5
min-score = 60
without = ["freshness"]
environment = "0000000000000000000000000000000000000000000000000000000000000000"

[[tool.enrich.waivers]]
module = "shop"
gate = "score"
reason = "it is new"
until = 2025-03-01
"""
WRONG = """
[tool.enrich]
manifest = 'm'
ledger = '/tmp'
thresholds = {features = 'sure'}
lanes = {L2 = {fresh-days = 0}}
"""


def write(root: Path, text: str) -> Path:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return root


def test_the_contract_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema("enrich"))


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.enrich]\n"])
def test_without_a_table_there_are_defaults(text: str, tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()
    assert load(write(tmp_path, text)) == Settings()


def test_every_key_is_read(tmp_path: Path) -> None:
    lane = Lane(
        spellings=("two",), sla_targets={"latency_p95_ms": 250}, coverage_target=85, fresh_days=7, warn_days=5,
        min_score=60, without=("freshness",), environment="0" * 64,
    )  # fmt: skip
    waiver = Waiver(module="shop", gate="score", reason="it is new", until=date(2025, 3, 1))
    assert load(write(tmp_path, WHOLE)) == Settings(
        manifests="m", ledger="l", exclude=("old/*",), context=("ABOUT.md",), vocabulary="words", python="3.12",
        import_roots=("lib",), bench="b", benchmarks="b.yml", coverage="c.xml", tests="t.xml",
        thresholds={"features": Confidence.HIGH}, elsewhere={"*": ("tests/{path}",), "shop": ()},
        lanes={"L2": lane}, waivers=(waiver,),
    )  # fmt: skip


def test_a_lane_of_a_usual_name_has_its_usual_spellings(tmp_path: Path) -> None:
    text = "[tool.enrich.lanes]\nL2-integration = {fresh-days = 3}\nL3-production = {spellings = ['live']}\nown = {}\n"
    found = load(write(tmp_path, text)).lanes
    assert {name: lane.spellings for name, lane in found.items()} == {
        "L2-integration": ("L2", "integration"),
        "L3-production": ("live",),
        "own": (),
    }


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        load(write(tmp_path, WRONG))
    told = str(raised.value)
    parts = ("4 mistakes", "'manifest' was unexpected", "enrich.ledger: ", "enrich.thresholds.features: ", "fresh-days")
    assert [part for part in parts if part not in told] == []


def test_modules_of_the_strict_lane_may_lack_nothing(tmp_path: Path) -> None:
    table = f"[tool.enrich.lanes.{STRICT}]\nwithout = {{}}\n"
    assert load(write(tmp_path, table.format("[]"))).lanes[STRICT].without == ()
    with pytest.raises(UserError, match="there is a mistake in the configuration"):
        load(write(tmp_path, table.format("['apis']")))


@pytest.mark.parametrize("text", ["[tool.enrich", "x = 1\nx = 2"])
def test_a_file_that_is_no_toml_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="it cannot be read"):
        load(write(tmp_path, text))


TEXTS = st.sampled_from(
    ["", "a", "/a", "a/b", "..", "../a", "a/../b", "a/..", "a\\b", "..a", "a..", "a\n", "/", "a/..\n"]
)
ANYTHING = st.booleans() | st.integers(-1, 4000) | st.floats() | TEXTS | st.lists(TEXTS)
LANES = st.dictionaries(
    st.sampled_from([*load_schema("enrich")["$defs"]["lane"]["properties"], "more"]),
    ANYTHING | st.sampled_from([80, 85, ["apis"]]) | st.dictionaries(TEXTS, ANYTHING),
)
WAIVERS = st.lists(
    st.fixed_dictionaries(
        {"module": TEXTS, "gate": st.sampled_from(["score", "all"]), "until": st.sampled_from(["2025-03-01", "soon"])},
        optional={"reason": TEXTS, "more": TEXTS},
    ),
    max_size=2,
)
TABLES = st.dictionaries(
    st.sampled_from([*load_schema("enrich")["properties"], "more", "import_roots"]),
    ANYTHING | WAIVERS | st.dictionaries(TEXTS | st.just(STRICT), LANES | st.sampled_from(["high", "low", "sure"])),
)


@given(TABLES)
def test_types_and_schema_accept_the_same(table: dict[str, object]) -> None:
    # a float that is a whole number counts as one for a schema, and not for us: TOML tells them apart
    assume(".0" not in repr(table))
    fits = not any(Draft202012Validator(load_schema("enrich")).iter_errors(table))
    try:
        msgspec.convert(table, Settings)
    except msgspec.ValidationError:
        assert not fits
    else:
        assert fits
