"""Files are read with their digest, and strictly."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.manifests.model import Absent, Source
from verifier.manifests.sources import Content, content_of, json_of, moment, written, xml_of
from verifier.model import Problem

NOW = datetime(2025, 2, 1, tzinfo=UTC)


def test_a_file_has_bytes_and_a_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\r\n\xff")
    digest = hashlib.sha256(b"\r\n\xff").hexdigest()
    assert content_of(tmp_path / "a", "shop/a") == Content(Source("shop/a", digest), b"\r\n\xff")


def test_what_is_not_there_is_absent_and_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "b", tmp_path / "a" / "b"):
        assert content_of(path, "x/b") == Absent("there is no x/b")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "loop", tmp_path / "a\0b"):
        assert isinstance(content_of(path, "x"), Problem)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{}", b" {}\r\n", b'{"a": [1, 2.5, null, "\\u00fc\\ud83d\\ude00"]}'])
def test_json_is_read(data: bytes) -> None:
    assert isinstance(json_of(data), dict)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is no JSON: Expecting value"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"-Infinity", "-Infinity is no number"),
        (b"1e400", "1e400 is out of the range of numbers"),
        (b"9" * 5000, "is no JSON"),
        (b'{"a": {"b": 1, "b": 2}}', 'the key "b" is there twice'),
        (b'"\xff"', "is no UTF-8"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":[' * 51 + b"]}" * 51, "nested too deeply"),
    ],
)
def test_what_cannot_be_written_again_is_refused(data: bytes, what: str) -> None:
    found = json_of(data)
    assert isinstance(found, Problem)
    assert what in found.what


def test_what_is_nested_a_hundred_times_is_read() -> None:
    assert isinstance(json_of(b'{"a":[' * 50 + b"1" + b"]}" * 50), dict)


def test_the_line_of_a_mistake_is_told() -> None:
    found = json_of(b'{\n"a": 1,\n}')
    assert isinstance(found, Problem)
    assert found.line == 3


def test_a_document_type_that_is_described_elsewhere_is_not_fetched() -> None:
    found = xml_of(b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a b="c">t</a>')
    assert not isinstance(found, Problem)
    assert (found.tag, found.text, found.get("b")) == ("a", "t", "c")


@pytest.mark.parametrize("entity", [b"&none;", b"&#0;"])
def test_an_entity_that_nobody_declares_is_a_problem_or_nothing(entity: bytes) -> None:
    assert isinstance(xml_of(b"<a>" + entity + b"</a>"), Problem)


def test_times_are_in_utc() -> None:
    assert moment("2025-01-31T13:00:00+01:00", NOW) == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert moment("2025-01-31 12:00", NOW) == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert written(datetime(2025, 1, 31, 12, 0, 0, 999, UTC)) == "2025-01-31T12:00:00Z"


@pytest.mark.parametrize("text", ["", "x", "0001-01-01T00:00:00+14:00", "2025-02-30T00:00:00Z", "2025-02-01T00:00:01Z"])
def test_what_is_no_time_or_is_yet_to_come_is_a_problem(text: str) -> None:
    assert isinstance(moment(text, NOW), Problem)
