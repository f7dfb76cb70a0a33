"""Tags are those of the vocabulary."""

from __future__ import annotations

import pytest

from verifier.manifests.extractors.tags import tags, unknown
from verifier.manifests.model import Json

KNOWN = frozenset({"architecture:service", "lane:L2-integration", "constellation:*"})


def told(manifest: Json, lane: str | None) -> Json:
    signal = tags(manifest, lane, KNOWN)
    return signal.value if signal else None


def test_the_lane_has_a_tag() -> None:
    signal = tags({}, "L2-integration", KNOWN)
    assert signal is not None
    assert (signal.value, signal.provenance) == (["lane:L2-integration"], ("policy:lane:L2-integration",))


def test_what_the_maintainers_chose_is_kept_if_a_vocabulary_has_it() -> None:
    manifest: Json = {"tags": ["fast", "constellation:memory", "architecture:service", "lane:L9"]}
    assert told(manifest, "L2-integration") == ["architecture:service", "constellation:memory", "lane:L2-integration"]
    assert unknown(manifest, KNOWN) == ("fast",)


@pytest.mark.parametrize("manifest", [{}, {"tags": None}, {"tags": [1]}, {"tags": "a"}, [], None])
def test_without_any_there_is_nothing_to_say(manifest: Json) -> None:
    assert told(manifest, None) is None
    assert told(manifest, "L9") is None
    assert unknown(manifest, KNOWN) == ()
