"""Each generation is known, and an older manifest becomes one that keeps the contract: fixtures/generations/<case>/.

A case has `module.manifest.json` and `expected.json`: what it shows (`about`), whether it stands in a tree of its own
(`apart`), and either why it is `refused`, or its shape, its `lane` (or `no_lane`: why it has none), and in `after.json`
what becomes of it, with the steps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from verifier.manifests.generations import SPELLINGS, canonical_lane, lane_of, shape_of
from verifier.manifests.migrate import Migration, migrate, unmigrate
from verifier.manifests.model import Absent, Json
from verifier.manifests.schema import Keys, check
from verifier.model import Problem

CASES = Path(__file__).parents[3] / "fixtures" / "generations"
KEYS = Keys(
    features=frozenset({"tax.rates"}),
    capabilities=frozenset(),
    tags=frozenset({"lane:L2-integration"}),
    lanes=frozenset(SPELLINGS),
)
SHAPE = ("generation", "module", "dependencies", "name")


def loaded(case: Path, name: str) -> Any:
    return json.loads((case / name).read_text(encoding="utf-8"))


def cases(*, refused: bool) -> list[Path]:
    return [case for case in sorted(CASES.iterdir()) if ("refused" in loaded(case, "expected.json")) is refused]


def case_id(case: Path) -> str:
    return case.name


@pytest.mark.parametrize("case", cases(refused=False), ids=case_id)
def test_its_shape_is_known(case: Path) -> None:
    expected = loaded(case, "expected.json")
    document = loaded(case, "module.manifest.json")
    shape = shape_of(document, apart=expected.get("apart", False))
    assert {key: getattr(shape, key) for key in SHAPE} == {key: expected[key] for key in SHAPE}
    lane = lane_of(document)
    assert lane == (expected["lane"] if "lane" in expected else Absent(expected["no_lane"]))


@pytest.mark.parametrize("case", cases(refused=True), ids=case_id)
def test_what_nobody_knows_is_refused_with_what_was_seen(case: Path) -> None:
    document = loaded(case, "module.manifest.json")
    problem = Problem(what=loaded(case, "expected.json")["refused"])
    assert shape_of(document) == problem
    assert migrate(document, KEYS) == problem


@pytest.mark.parametrize("case", cases(refused=False), ids=case_id)
def test_it_becomes_a_valid_one_and_comes_back(case: Path, request: pytest.FixtureRequest) -> None:
    before = loaded(case, "module.manifest.json")
    found = migrate(before, KEYS, apart=loaded(case, "expected.json").get("apart", False))
    assert isinstance(found, Migration)
    assert check(found.document, KEYS, file="") == ()
    after = {"document": found.document, "steps": [str(step) for step in found.steps]}
    path = case / "after.json"
    if request.config.getoption("--golden"):
        path.write_text(json.dumps(after, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.dumps(after) == json.dumps(loaded(case, "after.json"))
    assert json.dumps(unmigrate(found)) == json.dumps(before)


@pytest.mark.parametrize(
    ("document", "generation"),
    [
        ({"module": "a", "layout": {}, "matrix": {}}, "first"),
        ({"module": "a", "layout": {}}, "later"),
        ({"module": {"name": "a"}, "layout": {}, "matrix": {}}, "later"),
        ({"schema_version": "3", "dependencies": []}, "later"),
        ({"_provenance": {}}, "ours"),
        ({"_provenance": [], "module": "a"}, "later"),
    ],
)
def test_generations_are_told_apart_by_a_few_fields(document: Any, generation: str) -> None:
    found = shape_of(document)
    assert not isinstance(found, Problem)
    assert found.generation == generation


def test_one_common_field_alone_is_no_generation() -> None:
    assert isinstance(shape_of({"metadata": {}, "name": "a"}), Problem)


def test_nothing_is_added_to_one_that_keeps_the_contract() -> None:
    document: Any = {"contract": "manifest/1", "lane": "L2"}
    assert migrate(document, KEYS) == Migration(document=document)


def test_steps_can_be_written_down_and_read() -> None:
    found = migrate(loaded(CASES / "first", "module.manifest.json"), KEYS)
    assert isinstance(found, Migration)
    written = msgspec.json.encode(found)
    assert msgspec.json.decode(written, type=Migration) == found


def test_every_case_says_what_it_shows() -> None:
    assert all(loaded(case, "expected.json")["about"].endswith(".") for case in CASES.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "L2", "l2", "lane:L2", "lane:l2-integration", "L2-integration", "l2_integration", "Lane: Integration ",
        " Lane: L2_Integration ", "INTEGRATION",
    ],
)  # fmt: skip
def test_all_spellings_of_a_lane_mean_one(text: str) -> None:
    assert canonical_lane(text) == "L2-integration"


@pytest.mark.parametrize("text", ["", "L9", "lane:", "L2-production", "tag:L2", "L2x", "production-like"])
def test_what_no_lane_is_called_means_none(text: str) -> None:
    assert canonical_lane(text) is None


def test_a_lane_counts_if_all_places_agree_and_each_is_known() -> None:
    assert lane_of({"matrix": {"lane": "L2"}, "tags": ["lane:l2-integration", "flat", 7]}) == "L2-integration"
    for other in ("lane:L3", "lane:L9"):
        found = lane_of({"matrix": {"lane": "L2"}, "tags": [other]})
        assert found == Absent(f"it names several lanes: matrix.lane says 'L2', tags says '{other}'")


def test_the_lanes_of_a_configuration_count_alone() -> None:
    spellings = {"gold": ("L2",)}
    assert canonical_lane("lane:l2", spellings) == "gold"
    assert canonical_lane("L2-integration", spellings) is None
    assert lane_of({"lane": "production"}, spellings) == Absent(
        "it names a lane that is not configured: lane says 'production'"
    )


def test_a_tag_that_was_composed_of_the_lane_does_not_contradict_a_new_one() -> None:
    origin: Json = {
        "tags": {"provenance": ["policy:lane:L2-integration"], "confidence": "high", "reasons": ["policy:lane"]}
    }
    enriched: dict[str, Json] = {"matrix": {"lane": "L3"}, "tags": ["lane:L2-integration"], "_provenance": origin}
    assert lane_of(enriched) == "L3-production"
    assert lane_of({**enriched, "matrix": {}}) == "L2-integration", "nothing else names one"
    assert isinstance(lane_of({**enriched, "_provenance": {}}), Absent)


def test_tags_that_the_vocabulary_has_are_kept_and_the_others_put_aside() -> None:
    known = "architecture:library"
    keys = replace(KEYS, tags=frozenset({known, "lane:*"}))
    for tags, aside in (([known], None), ([known, "fast", "lane:L2"], [known, "fast", "lane:L2"])):
        old: dict[str, Json] = {"schema_version": "1", "module": "cart", "tags": [*tags], "contracts": []}
        found = migrate(old, keys)
        assert isinstance(found, Migration)
        assert found.document["tags"] == [known]
        assert found.document["_provenance"]["tags"]["provenance"] == ["policy:tags:manifest"]
        assert found.document.get("x_legacy", {}).get("tags") == aside
        assert unmigrate(found) == old
