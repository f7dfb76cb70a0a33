"""Context files: which one is taken, in which encoding, and whether somebody has written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.manifests.texts import document
from verifier.manifests.document import Document, Status
from verifier.manifests.model import Absent, Place, Unusable
from verifier.manifests.readers.context import LARGEST, document_of, read

SENTENCE = "It takes orders from the shop and makes sure that none of them is lost or charged twice."
NAMES = ("claude.me", "README.md")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "libs" / "jobs").mkdir(parents=True)
    return Place(root=tmp_path, path="libs/jobs", manifest=tmp_path / "libs" / "jobs" / "module.manifest.json")


def taken(place: Place) -> Document:
    found = read(place, NAMES)
    assert isinstance(found, Document)
    return found


def test_the_first_file_in_the_order_of_trust_is_taken(place: Place) -> None:
    (place.folder / "README.md").write_text(f"# B\n\n{SENTENCE}\n")
    assert taken(place).path == "README.md"
    (place.folder / "claude.me").write_text(f"# A\n\n{SENTENCE}\n")
    assert (taken(place).path, taken(place).title) == ("claude.me", "A")
    assert taken(place).source.path == "libs/jobs/claude.me"
    assert taken(place).passed_over == ()


@pytest.mark.parametrize("text", ["---\nstatus: draft\n---\n# A\n", "# A\n\n## Components (0 entrypoints)\n", "\0"])
def test_one_that_says_nothing_is_passed_over_and_that_is_told(place: Place, text: str) -> None:
    (place.folder / "claude.me").write_text(text)
    (place.folder / "README.md").write_text(f"# B\n\n{SENTENCE}\n")
    assert taken(place).path == "README.md"
    assert [each.partition(":")[0] for each in taken(place).passed_over] == ["claude.me"]


def test_where_none_is_written_the_first_one_says_why(place: Place) -> None:
    (place.folder / "claude.me").write_text("---\nstatus: draft\n---\n# A\n")
    (place.folder / "README.md").write_text("# B\n")
    assert (taken(place).path, taken(place).status) == ("claude.me", Status.DRAFT)
    assert taken(place).passed_over == ("README.md: it is a stub: there is no sentence in it",)


def test_a_module_without_a_file_says_so(place: Place) -> None:
    assert read(place, NAMES) == Absent("there is no claude.me or README.md")


def test_what_is_no_file_is_told(place: Place) -> None:
    (place.folder / "claude.me").mkdir()
    assert read(place, NAMES) == Unusable("claude.me: it is no file")


def test_a_pipe_is_not_waited_for(place: Place) -> None:
    os.mkfifo(place.folder / "claude.me")
    assert read(place, NAMES) == Unusable("claude.me: it is no file")


def test_a_huge_file_is_not_read(place: Place) -> None:
    (place.folder / "claude.me").write_bytes(b"a" * (LARGEST + 1))
    assert read(place, NAMES) == Unusable("claude.me: it has more than 256 KiB")


@pytest.mark.parametrize(
    "data",
    ["# Ä\n\nb é\n".encode(), "# Ä\n\nb é\n".encode("utf-8-sig"), "# Ä\n\nb é\n".encode("utf-16"),
     "# Ä\r\n\r\nb é\r\n".encode(),
     "# Ä\r\rb é\r".encode(), "# Ä\n\nb é\n".encode("latin-1"), "# A\u0308\n\nb e\u0301\n".encode()],
    ids=["utf-8", "mark", "utf-16", "crlf", "cr", "latin-1", "decomposed"],
)  # fmt: skip
def test_encodings_and_line_ends_make_no_difference(data: bytes) -> None:
    assert [(each.text, each.first) for each in document(data).blocks] == [("Ä", 1), ("b é", 3)]


def test_latin_1_is_told() -> None:
    assert document("é b".encode("latin-1")).problems == ("it is no UTF-8, and was read as Latin-1",)
    assert document("é b").problems == ()


@pytest.mark.parametrize("data", [b"a\0b", b"\x80\x81\xff", b"\xff\xfe\x00", b"\xfe\xff\xd8\x00\x00\x00"])
def test_what_is_no_text_is_absent(data: bytes) -> None:
    assert isinstance(document_of(data, "a", "a"), Absent)


# --- front matter -----------------------------------------------------------------------------------------------------


def test_front_matter_is_a_mapping_and_no_text() -> None:
    found = document("---\ntitle: a b\ndate: 2025-01-31\nlist: [1, {x: .nan}]\n1: y\n---\n\nc\n")
    assert found.front == {"title": "a b", "date": "2025-01-31", "list": [1, {"x": "nan"}], "1": "y"}
    assert [(each.text, each.first) for each in found.blocks] == [("c", 8)]


def test_blank_lines_before_front_matter_do_not_count() -> None:
    found = document("\n\n---\na: b\n---\nc\n")
    assert found.front == {"a": "b"}
    assert [(each.text, each.first, each.last) for each in found.blocks] == [("c", 6, 6)]


def test_so_it_is_with_other_line_ends() -> None:
    assert document("\r\n---\r\na: b\r\n---\r\nc\r\n").front == {"a": "b"}


def test_a_text_between_two_rules_is_no_front_matter() -> None:
    found = document("---\n\nA sentence.\n\n---\n\nb\n")
    assert [each.text for each in found.blocks] == ["A sentence.", "b"]
    assert "counts as text" in found.problems[0]


@pytest.mark.parametrize(
    "yaml",
    ["a: &x [1]\nb: *x", "- a", "a: [", "a: !!python/object:os.system {}", "? [a]\n: b", "[" * 2_000,
     "a: " + "x" * 70_000, "&a [*a]"],
    ids=["alias", "list", "broken", "tag", "key", "deep", "large", "itself"],
)  # fmt: skip
def test_front_matter_that_cannot_be_read_is_told_and_counts_as_text(yaml: str) -> None:
    found = document(f"---\n{yaml}\n---\n\nc\n")
    assert found.front == {}
    assert len(found.problems) == 1
    assert found.blocks[-1].text == "c"


# --- drafts and stubs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "---\nstatus: draft\n---\n",
        "---\nstatus: ' Draft'\n---\n",
        "---\ndraft: true\n---\n",
        "- **Status**: Draft\n\n",
        "Status: draft\n\n",
    ],
)
def test_a_draft_is_one_however_much_it_says(text: str) -> None:
    found = document(f"{text}# A\n\n{SENTENCE} {SENTENCE}\n")
    assert (found.status, found.why[:14]) == (Status.DRAFT, "it is a draft:")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# A\n\n**Status**: Complete\n\n## Components (0 entrypoints)\n\n## Notes\n", "`(0 entrypoints)` in line 5"),
        ("# A\n\nThe A module implementing A with 0 components for systems.\n\n## Parts\n", "`0 components` in line 3"),
        ("# A\n\nThis package is for the transition.\n\n- **Entrypoints**: 0\n", "`Entrypoints: 0` in line 5"),
        (f"# A\n\n{SENTENCE}\n\n## Components (0 entrypoints)\n", "and 18 words beside that"),
        (
            "# A\n\n## Goals\n\n_TODO: what is it for?_\n\n## Inputs\n\n- `topic.name@v1`: _TODO_\n",
            "a placeholder in line 5 and 1 more",
        ),
        ("# A\n\n## B\n\n## C\n\nFew words.\n\n## D\n", "2 of 4 sections are empty, and it has 2 words"),
        ("# A\n\n- **Module**: a\n- **Lane**: L2\n", "there is no sentence in it"),
        ("", "there is no sentence in it"),
        ("# A\n\n- [b](c)\n- [d](e)\n", "there is no sentence in it"),
    ],
)
def test_a_stub_is_one_and_says_why(text: str, why: str) -> None:
    found = document(text)
    assert found.status is Status.STUB
    assert why in found.why


@pytest.mark.parametrize(
    "text",
    [
        f"# A\n\n{SENTENCE}\n",
        "# A\n\nRuns jobs.\n",
        "# A\n\nRuns jobs in 10 components, with 1.0 files of nothing.\n\n- **Entrypoints**: 10\n",
        f"# A\n\n{SENTENCE} {SENTENCE}\n\n## More\n\n_TODO: write more_\n",
        f"# A\n\n{SENTENCE} {SENTENCE}\n\n## Components (0 entrypoints)\n",
        "# A\n\n- **Purpose**: takes orders from the shop, so that none is lost\n",
        "# A\n\n## B\n\nFew words.\n\n## C\n",
        "# A\n\n- Jobs\n- TODO: priorities\n- TODO: deadlines\n",
        "---\nstatus: stable\n---\n# A\n\nRuns jobs.\n",
    ],
)
def test_a_file_that_says_something_is_written(text: str) -> None:
    assert document(text).status is Status.WRITTEN
