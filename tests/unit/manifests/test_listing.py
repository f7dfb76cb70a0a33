"""How the review queue is shown to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.manifests.listing import Tone, listing, places, quoted
from verifier.manifests.review import Entry, Finding, Kind, Near


def entry(what: str, *lines: int, modules: int = 1, kind: Kind = Kind.PHRASE, near: tuple[Near, ...] = ()) -> Entry:
    pointers = tuple(sorted(f"README.md:§A:L{line}" for line in lines))
    found = tuple(
        Finding(module=f"libs/{number}", provenance=pointers, count=len(pointers)) for number in range(modules)
    )
    return Entry(
        kind=kind, what=what, field="features", why="because", count=len(lines) * modules, found=found, near=near
    )


def plain(words: str, tone: Tone) -> str:
    return words


NEAR = (Near(key="task.queue", phrase="job queue"), Near(key="journal", phrase="journal of jobs"))


def test_what_is_to_be_decided_is_aligned_with_the_command_that_decides_it() -> None:
    entries = [
        entry("Job's queue", 3, 12, modules=12, near=NEAR),
        entry("Dream recall", 7),
        entry("journal", 7, kind=Kind.WITHHELD),
        entry("components", 7, 9, kind=Kind.CONTRADICTION),
    ]
    assert listing(entries, 4, plain) == (
        "12 modules  Job's queue  (phrase)\n"
        "            why   because\n"
        "            at    libs/0/README.md:3  libs/1/README.md:3  libs/2/README.md:3  and 21 more\n"
        "            near  task.queue (job queue), journal (journal of jobs)\n"
        "            do    enrich review --promote 'Job'\"'\"'s queue' --as task.queue\n"
        "\n"
        "  1 module  Dream recall  (phrase)\n"
        "            why   because\n"
        "            at    libs/0/README.md:7\n"
        "            do    enrich review --promote 'Dream recall' --as KEY\n"
        "\n"
        "  1 module  journal  (withheld, features)\n"
        "            why   because\n"
        "            at    libs/0/README.md:7\n"
        "\n"
        "  1 module  components  (contradiction, features)\n"
        "            why   because\n"
        "            at    libs/0/README.md:7  libs/0/README.md:9\n"
        "\n"
        "4 entries: 2 phrases, 1 withheld, 1 contradiction\n"
    )


def test_how_many_are_left_out_is_told() -> None:
    told = listing([entry("a b", 1), entry("c d", 1)], 1, plain)
    assert told.endswith("\n2 entries: 2 phrases; 1 shown, --limit 2 shows all\n")
    assert "c d" not in told
    assert listing([entry("a b", 1)], 1, plain).endswith("\n1 entry: 1 phrase\n")


def test_places_of_other_modules_come_before_further_ones_of_the_same() -> None:
    assert places(entry("a b", 12, 3, modules=2)) == (
        "libs/0/README.md:3  libs/1/README.md:3  libs/0/README.md:12  and 1 more"
    )
    assert places(entry("a b", 12, 3)) == "libs/0/README.md:3  libs/0/README.md:12"


def test_colours_do_not_change_the_words() -> None:
    def marked(words: str, tone: Tone) -> str:
        return f"<{tone}>{words}</>"

    told = listing([entry("a b", 1), entry("c", 1, kind=Kind.CONTRADICTION)], 2, marked)
    assert "<title>a b</>  <quiet>(phrase)</>" in told
    assert "<warning>(contradiction, features)</>" in told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"one\r\n  - **Drift**: x  \r\n", "- **Drift**: x"),
        (b"one\n\x1b[31mred\x07\n", "[31mred"),
        (b"one\n" + b"x" * 200, "x" * 99 + "…"),
        (b"one\n\xff\n", "\N{REPLACEMENT CHARACTER}"),
        (b"one\n", ""),
        (None, ""),
    ],
)
def test_the_line_is_quoted_as_it_is_now_without_what_a_terminal_would_obey(
    tmp_path: Path, data: bytes | None, told: str
) -> None:
    (tmp_path / "libs" / "0").mkdir(parents=True)
    if data is not None:
        (tmp_path / "libs" / "0" / "README.md").write_bytes(data)
    assert quoted(entry("a b", 2), tmp_path) == told
