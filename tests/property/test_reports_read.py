"""Whatever bytes a report or a source file has: it is read, or there is a problem, and never an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier.manifests.model import Absent
from verifier.manifests.readers import bench, coverage, git, index, package, tests
from verifier.manifests.readers.bench import fingerprint
from verifier.manifests.sources import json_of
from verifier.model import Problem

NOW = datetime(2025, 2, 1, tzinfo=UTC)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
words = st.text(max_size=6) | st.sampled_from(["2025-01-31T12:00:00Z", "ms", "shop", "a.py", "../x.py", "\0", "NaN"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
TIMES = {"p50_ms": 1, "p95_ms": 2, "p99_ms": 3, "stddev_ms": 0.1, "rounds": 9}
WHOLE: dict[str, dict[str, Any]] = {
    "bench": {
        "contract": "bench/1",
        "module": "shop",
        "observed_at": "2025-01-31T12:00:00Z",
        "env_fingerprint": {"facts": {"a": 1}, "sha256": fingerprint({"a": 1})},
        "entrypoints": {"shop.f": TIMES},
    },
    "coverage": {
        "meta": {"timestamp": "2025-01-31T12:00:00"},
        "files": {"a.py": {"executed_lines": [1], "summary": {"num_statements": 2, "covered_lines": 1}}},
    },
    "index": {"files": [{"file": "a.py", "exports": ["X", {"name": "Y"}]}], "performance_metadata": {"a": 85.0}},
}
XML = {
    "coverage": '<coverage timestamp="1738324800"><sources><source>/b</source></sources><class filename="a.py">'
    '<line number="1" hits="1"/></class></coverage>',
    "tests": '<testsuites><testsuite tests="1" timestamp="2025-01-31T12:00:00"><testcase classname="a.b" name="c">'
    "<failure/></testcase></testsuite></testsuites>",
}


def read_all(folder: Path, data: bytes) -> list[Any]:
    """The file as each reader sees it."""
    path = folder / "report"
    path.write_bytes(data)
    return [
        bench.read(path, "report", module="shop", now=NOW),
        coverage.read(path, "report", root=folder, now=NOW),
        tests.read(path, "report", now=NOW),
        index.read(path, "report"),
        package.docstring_of(data, "report"),
    ]


@st.composite
def changed(draw: st.DrawFn, name: str) -> bytes:
    """A sound document in which one value is another, or is gone."""
    document = json.loads(json.dumps(WHOLE[name]))
    inner: Any = document
    while True:
        key = draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        deeper = isinstance(inner[key], dict | list) and inner[key]
        if not deeper or draw(st.booleans()):
            break
        inner = inner[key]
    if draw(st.booleans()):
        inner[key] = draw(values)
    else:
        del inner[key]
    return json.dumps(document).encode("utf-8", "surrogatepass")


@st.composite
def cut(draw: st.DrawFn, text: str) -> bytes:
    """A sound document in which some bytes are others."""
    data = text.encode()
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 20)))
    return data[:start] + draw(st.binary(max_size=6) | words.map(lambda each: each.encode())) + data[end:]


@patient
@given(data=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
def test_noise_is_never_an_error(data: bytes, tmp_path: Path) -> None:
    for found in read_all(tmp_path, data):
        assert not isinstance(found, Absent)
        assert not isinstance(found, Problem) or found.what


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_document_that_is_nearly_sound_is_never_an_error(name: str, tmp_path: Path) -> None:
    assert any(type(found).__name__.lower() == f"{name}reading" for found in read_all(tmp_path, sound(name)))

    @patient
    @given(data=changed(name) | cut(sound(name).decode()))
    def look(data: bytes) -> None:
        read_all(tmp_path, data)

    look()


@pytest.mark.parametrize("name", sorted(XML))
def test_xml_that_is_nearly_sound_is_never_an_error(name: str, tmp_path: Path) -> None:
    assert any(type(found).__name__.lower() == f"{name}reading" for found in read_all(tmp_path, XML[name].encode()))

    @patient
    @given(data=cut(XML[name]))
    def look(data: bytes) -> None:
        read_all(tmp_path, data)

    look()


def sound(name: str) -> bytes:
    return json.dumps(WHOLE[name]).encode()


@given(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()))
def test_json_that_is_read_can_be_written(data: bytes) -> None:
    value = json_of(data)
    if not isinstance(value, Problem):
        assert json_of(json.dumps(value, ensure_ascii=False, allow_nan=False).encode()) == value


@given(st.text(st.sampled_from("*?/\\[]!#@ab. \n\t"), max_size=30), st.text(st.sampled_from("ab/."), max_size=10))
def test_any_code_owners_have_rules_or_problems(text: str, path: str) -> None:
    found = git.owners_of(text, "CODEOWNERS")
    assert all(owner.strip() for owner in found.of(path))
