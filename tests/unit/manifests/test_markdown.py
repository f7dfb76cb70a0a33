"""Markdown as blocks: what each is, where it stands, what it stands under, and what is left out."""

from __future__ import annotations

import pytest

from verifier.manifests.document import CODE, Beside, Block, Kind, Mark
from verifier.manifests.markdown import parse


def blocks(text: str) -> tuple[Block, ...]:
    return parse(text).blocks


def texts(text: str) -> list[str]:
    return [block.text for block in blocks(text)]


def only(text: str) -> Block:
    (block,) = blocks(text)
    return block


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("## a b", Kind.HEADING),
        ("a b\n---", Kind.HEADING),
        ("- a b", Kind.BULLET),
        ("3) a b", Kind.BULLET),
        ("a b", Kind.PARAGRAPH),
        ("> a b", Kind.PARAGRAPH),
    ],
)
def test_each_kind_of_place_is_known(text: str, kind: Kind) -> None:
    assert (only(text).kind, only(text).text) == (kind, "a b")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a **b** *c* __d__ ~~e~~ f", "a b c d f"),
        ("🚀 a ✅ b ❤️", "a b"),
        ("1️⃣ a 👩‍💻 b", "1 a b"),
        ("a [b](c.md) ![d](e.png) <https://f.org>", "a b https://f.org"),
        ("a `b` c", f"a {CODE} c"),
        ("a <b>c</b> d", "a c d"),
        ("a <!-- b --> c", "a c"),
        ("a&nbsp;b&amp;c", "a b&c"),
        ("a  \nb\nc", "a b c"),
        ("a\u200bb\u00adc\ufe0f", "abc"),
        (r"a \*b\*", "a *b*"),
    ],
)  # fmt: skip
def test_markup_pictures_and_what_cannot_be_seen_are_left_out(text: str, plain: str) -> None:
    assert only(text).text == plain


@pytest.mark.parametrize(
    "text",
    [
        "```\na b\n```",
        "~~~yaml\n- a\n~~~",
        "    a b\n",
        "<div>\na b\n</div>",
        "<!--\na\n\nb\n-->",
        "src/\n├── a b\n└── c",
        "[a]: b 'c'",
        "![a b](c.png)",
        "---",
        "",
        "~~a b~~",
    ],
)
def test_code_html_trees_and_definitions_are_no_blocks(text: str) -> None:
    assert blocks(text) == ()


def test_lines_are_counted_from_one() -> None:
    found = blocks("# a\n\nb\nc\n\n- d\n  e\n- f\n\n| g |\n|---|\n| h |\n")
    assert [(each.text, each.first, each.last) for each in found] == [
        ("a", 1, 1), ("b c", 3, 4), ("d e", 6, 7), ("f", 8, 8), ("g", 10, 10), ("h", 12, 12),
    ]  # fmt: skip


def test_a_block_knows_the_headings_above_it() -> None:
    found = {block.text: block.under for block in blocks("# a\n## b\nx\n### c\ny\n## d\nz\n")}
    assert found["x"] == ("a", "b")
    assert found["y"] == ("a", "b", "c")
    assert found["z"] == ("a", "d")
    assert found["d"] == ("a",)


def test_a_heading_with_nothing_below_it_is_empty() -> None:
    empty = [
        block.text
        for block in blocks("# a\n## b\n## c\n```\nx\n```\n## d\n### e\ny\n## f")
        if Mark.EMPTY in block.marks
    ]
    assert empty == ["b", "f"]


@pytest.mark.parametrize(
    ("text", "lead"),
    [("- **A b**: c", "A b:"), ("- **A b:** c", "A b:"), ("**A** b", "A"), ("- 🚀 **A b** c", "A b"), ("1. **A** b",
     "A"),
     ("- [ ] **A b** c", "A b"), ("- a **b**", ""), ("- a", ""), ("- __A__ b", "A"), ("- *a* b", "")],
)  # fmt: skip
def test_what_is_bold_at_the_beginning_is_the_lead(text: str, lead: str) -> None:
    assert only(text).text[: only(text).lead] == lead


def test_lines_with_a_lead_of_their_own_are_statements_of_their_own() -> None:
    found = blocks("**Module**: a\n**Purpose**: b\nc\n**Lane**: d")
    assert [(each.text, each.first, each.last) for each in found] == [
        ("Module: a", 1, 1), ("Purpose: b c", 2, 3), ("Lane: d", 4, 4),
    ]  # fmt: skip
    assert len({each.unit for each in found}) == 3


def test_pictures_of_bullets_are_bullets() -> None:
    assert [(each.text, each.kind) for each in blocks("• a b\n• c d")] == [("a b", Kind.BULLET), ("c d", Kind.BULLET)]
    assert texts("✅ a b\n🚀 c d\ne f") == ["a b", "c d e f"]


def test_what_stands_around_a_block_is_its_scope() -> None:
    text = "We do not do this:\n\n- a\n  - b\n\nc\n\n**Bold heading**\n\nd\n\n## e\n\nf\n"
    found = {block.text: block.scope for block in blocks(text)}
    assert found["a"] == ("We do not do this:",)
    assert found["b"] == ("We do not do this:", "a")
    assert found["c"] == ()
    assert found["d"] == ("Bold heading",)
    assert found["f"] == ()


def test_a_cell_knows_its_column_and_the_rest_of_its_row() -> None:
    cell = blocks("| A | B |\n|---|---|\n| `x` y | ❌ |\n")[2]
    assert cell.scope == ("A",)
    assert cell.beside == (Beside("B", "no"),)
    assert cell.codes == ("x",)


def test_cells_of_a_row_are_one_statement() -> None:
    found = blocks("| A | B |\n|---|---|\n| a | b |\n| c | d |\n")
    units = {block.text: block.unit for block in found}
    assert units["a"] == units["b"] != units["c"] == units["d"]


@pytest.mark.parametrize(
    ("text", "mark"),
    [("> a", Mark.QUOTE), ("> - a", Mark.QUOTE), ("- [ ] a", Mark.OPEN_TASK), ("- TODO: a", Mark.OPEN_TASK),
     ("- 🚧 a", Mark.OPEN_TASK),
     ("- ❌ a", Mark.CROSSED), ("_TODO: a b_", Mark.PLACEHOLDER), ("TODO", Mark.PLACEHOLDER),
      ("Lorem ipsum dolor", Mark.PLACEHOLDER),
     ("- `topic.name@v1`", Mark.PLACEHOLDER), ("{{ name }}", Mark.PLACEHOLDER), ("TBD: describe it", Mark.PLACEHOLDER)],
)  # fmt: skip
def test_what_a_reader_sees_at_once_is_marked(text: str, mark: Mark) -> None:
    assert only(text).marks == {mark}


@pytest.mark.parametrize("text", ["a", "- [x] a", "- ✅ a", "- a [ ] b", "The todo list", "- `topic.orders@v1`"])
def test_other_blocks_have_no_mark(text: str) -> None:
    assert only(text).marks == frozenset()


def test_a_paragraph_above_a_rule_is_no_heading() -> None:
    kinds = [(block.kind, block.text) for block in blocks("**Module**: a\n**Lane**: b\n---\n\nTitle\n=====\n")]
    assert kinds == [(Kind.PARAGRAPH, "Module: a"), (Kind.PARAGRAPH, "Lane: b"), (Kind.HEADING, "Title")]


def test_texts_of_links_are_marked() -> None:
    block = only("- a [b c](d) e [f](g)")
    assert [block.text[first:last] for first, last in block.links] == ["b c", "f"]


@pytest.mark.parametrize(
    "text", [">" * 5000 + " a", "- " * 5000 + "a", "[" * 20_000, "*" * 20_000, "`" * 9_999, "| " * 9_999]
)
def test_deep_nesting_and_endless_marks_come_to_an_end(text: str) -> None:
    assert isinstance(blocks(text), tuple)
