"""Noisy context files: never a crash, never a value from code, and order and noise change nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.manifests.texts import MODULES, OWN, VOCABULARY
from verifier.manifests import provenance
from verifier.manifests.document import Docstring, Document
from verifier.manifests.extractors.components import components
from verifier.manifests.extractors.features import features, mentions
from verifier.manifests.model import Absent, Signal
from verifier.manifests.phrases import candidates
from verifier.manifests.readers.context import document_of

PROSE = "It runs jobs, and keeps those that have failed until somebody looks at them."
PHRASES = ("task queue", "Job Queues", "time-series", "distributed task queues", "**task** queue", "*Queue* of jobs")
WORDS = ("fast", "small", "with", "of", "red", "lamps", "and", "quiet", "on", "paper")
PICTURES = ("🚀", "✅", "🧠", "", "", "⚡️", "👩‍💻")
MARKUP = (
    *(
        "**",
        "*",
        "`",
        "~~",
        "__",
        "[",
        "](x)",
        "<b>",
        "<!--",
        "-->",
        "|",
        "> ",
        "- ",
        "1. ",
        "# ",
        "```",
        "~~~",
        "    ",
    ),
    *("\t", "---", "===", "\\", "&amp;", "├──", "{{", "[ ] ", "TODO", ":", "?", "(", ")", '"', "→", "\n", "\n\n"),
    *("not ", "see ", "é"),
)

patient = settings(deadline=None)
pictures = st.sampled_from(PICTURES)
phrases = st.sampled_from(PHRASES)
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
pieces = st.one_of(st.sampled_from(MARKUP), phrases, words, st.characters(exclude_categories=["Cs"]))
noise = st.lists(pieces, max_size=60).map("".join)


def read(text: str | bytes) -> Document | Absent:
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return document_of(data, "README.md", f"{OWN}/README.md")


def told(text: str | bytes, *docstrings: str) -> tuple[Signal | None, tuple[object, ...], int]:
    found = [Docstring(path=f"m{index}.py", text=each) for index, each in enumerate(docstrings)]
    document = read(text)
    seen = mentions(document, found, VOCABULARY, MODULES, OWN)
    candidates(document, VOCABULARY, MODULES, OWN)
    return (*features(document, found, VOCABULARY, MODULES, OWN), len(seen))


def said(text: str | bytes, *docstrings: str) -> tuple[object, object, list[object]]:
    """What a text says, but for the lines that it says it in."""
    signal, withheld, _ = told(text, *docstrings)
    values = sorted(str(getattr(each, "value", "")) for each in withheld)
    return (signal.value, signal.reasons, [*values]) if signal else (None, None, [*values])


# --- anything at all --------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_come_to_a_document_or_to_a_reason(data: bytes) -> None:
    assert isinstance(read(data), Document | Absent)


@given(noise, noise, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
def test_any_text_comes_to_an_end_with_pointers_that_are_read_back(text: str, docstring: str, encoding: str) -> None:
    data = text.encode(encoding, errors="replace")
    signal, _, _ = told(data, docstring)
    document = read(data)
    lines = text.count("\n") + text.count("\r") + 1
    for block in document.blocks if isinstance(document, Document) else ():
        assert 1 <= block.first <= block.last <= lines
        assert provenance.parse(block.pointer("README.md")) is not None
        assert 0 <= block.lead <= len(block.text)
        assert all(0 <= first < last <= len(block.text) for first, last in block.links)
        assert len(block.codes) == block.text.count("\N{OBJECT REPLACEMENT CHARACTER}") or block.codes == ()
    assert signal is None or all(provenance.parse(each) for each in signal.provenance)


@given(noise, noise)
def test_the_same_text_gives_the_same_values(text: str, docstring: str) -> None:
    assert told(text, docstring) == told(text, docstring)


# --- code is no evidence ----------------------------------------------------------------------------------------------

inside = st.lists(
    st.one_of(phrases, words, st.sampled_from(["- ", "# ", "**", "\n", "\n\n", "|", "> ", "🚀"])), max_size=20
).map("".join)


@given(inside, st.sampled_from(["```", "~~~", "````", "```yaml", "~~~~ md"]), st.sampled_from(["", "- x\n\n  ", "> "]))
def test_nothing_comes_from_a_fence(code: str, fence: str, before: str) -> None:
    pad = {"": "", "> ": "> "}.get(before, "  ")
    lines = [fence, *code.split("\n"), fence.rstrip(" mdyal")]
    text = f"{PROSE}\n\n" + before + ("\n" + pad).join(lines) + "\n"
    assert told(text)[2] == 0


@given(inside)
def test_nothing_comes_from_indented_code_html_trees_and_code_spans(code: str) -> None:
    flat = " ".join(code.split())
    indented = "\n".join(f"    {line}" for line in code.split("\n"))
    bare = flat.replace("`", "").replace(">", "").replace("-", " ")
    for text in (indented, f"<div>{flat}</div>", f"<!-- {bare} -->", f"├── {flat}", f"It is `{flat or 'x'}`."):
        assert told(f"{PROSE}\n\n{text}\n")[2] == 0, text


@given(inside, st.sampled_from(["```", "~~~"]), st.integers(1, 3), st.booleans())
def test_nothing_comes_from_a_fence_in_a_list_in_a_list_or_from_one_without_end(
    code: str, fence: str, depth: int, ended: bool
) -> None:
    items = [f"{'  ' * level}- red lamps" for level in range(depth)]
    pad = "  " * depth
    lines = [fence, *code.split("\n"), "7 components", *([fence] if ended else [])]
    text = f"# Jobs\n\n{PROSE}\n\n" + "\n".join(items) + "\n\n" + "\n".join(pad + line for line in lines) + "\n"
    assert told(text)[2] == 0
    assert components(read(text)) is None


# --- order and noise --------------------------------------------------------------------------------------------------


def heading(phrase: str, picture: str, level: int) -> str:
    return f"{'#' * level} {picture} {phrase} {picture}".strip()


sections = st.builds(
    lambda phrase, picture, items, text: (
        f"{heading(phrase, picture, 2)}\n\n{text}.\n\n" + "\n".join(f"- {picture} {item}" for item in items) + "\n"
    ),
    st.one_of(phrases, words),
    pictures,
    st.lists(st.tuples(words, phrases, words).map(" ".join) | words, min_size=1, max_size=5, unique=True),
    st.tuples(words, st.just("a"), phrases).map(" ".join) | words,
)
documents = st.lists(sections, min_size=1, max_size=4, unique=True)


@patient
@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_sections_makes_no_difference(parts: list[str], order: random.Random) -> None:
    shuffled = order.sample(parts, len(parts))
    begin = f"# Jobs\n\n{PROSE}\n\n"
    assert said(begin + "\n".join(parts)) == said(begin + "\n".join(shuffled))


@given(
    st.lists(st.tuples(words, phrases, words).map(" ".join) | words, min_size=2, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_items_makes_no_difference(items: list[str], order: random.Random) -> None:
    def text(those: list[str]) -> str:
        return f"# Jobs\n\n{PROSE}\n\n## Task queue\n\n" + "".join(f"- {item}\n" for item in those)

    assert said(text(items)) == said(text(order.sample(items, len(items))))


@patient
@given(documents, st.lists(st.sampled_from(["mini.py", "other.py", "z.py"]), unique=True))
def test_the_order_of_docstrings_makes_no_difference(parts: list[str], names: list[str]) -> None:
    found = [Docstring(path=name, text=f"{name[0]} task queue of {index}") for index, name in enumerate(names)]
    document = read(f"# Jobs\n\n{PROSE}\n\n" + "\n".join(parts))
    one = features(document, found, VOCABULARY, MODULES, OWN)
    assert one == features(document, found[::-1], VOCABULARY, MODULES, OWN)


NOISES = (
    "```\n- task queue\n```",
    "<!-- task queue -->",
    "![task queue](queue.png)",
    "[![Job queue](b.svg)](https://ci.example.org/task-queue)",
    "├── task queue",
    "Nothing of interest.",
    "- red lamps\n- quiet rooms",
    "| a | b |\n|---|---|\n| c | d |",
    "See https://example.org/task-queue.",
)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("text", ["", "- a task queue\n\n", "## Job queue\n\n- a task queue\n\n"])
def test_noise_by_itself_says_nothing(text: str, noise: str) -> None:
    begin = f"# Jobs\n\n{PROSE}\n\n{text}"
    assert said(begin) == said(f"{begin}{noise}\n")


@patient
@given(documents, st.lists(st.sampled_from(NOISES), max_size=4), st.data())
def test_noise_between_sections_makes_no_difference(parts: list[str], noises: list[str], data: st.DataObject) -> None:
    with_noise = list(parts)
    for each in noises:
        # never in front of the first one, where it would be a part of what is not noise
        with_noise.insert(data.draw(st.integers(1, len(with_noise))), each + "\n")
    begin = f"# Jobs\n\n{PROSE}\n\n"
    assert said(begin + "\n".join(parts)) == said(begin + "\n".join(with_noise))


@patient
@given(documents)
def test_line_ends_and_encodings_make_no_difference(parts: list[str]) -> None:
    text = f"# Jobs\n\n{PROSE}\n\n" + "\n".join(parts)
    plain = said(text)
    for data in (
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        f"\n\n{text}\n\n".encode(),
    ):
        assert said(data) == plain


@given(phrases, phrases, pictures)
def test_pictures_and_markup_inside_a_phrase_make_no_difference(one: str, other: str, picture: str) -> None:
    plain = f"# Jobs\n\n{PROSE}\n\n## {one}\n\n- {other}\n"
    noisy = f"# 🧰 Jobs\n\n{PROSE}\n\n## {picture} {one.upper()} {picture}\n\n* {picture} {other.replace(' ', '  ')}\n"
    assert said(plain) == said(noisy)


@given(phrases, phrases, st.sampled_from("*+-"), st.integers(2, 6), st.sampled_from(["\n", "\r\n"]))
def test_the_mark_of_a_bullet_and_the_level_of_a_heading_make_no_difference(
    one: str, other: str, bullet: str, level: int, end: str
) -> None:
    plain = f"# Jobs\n\n{PROSE}\n\n## {one}\n\n- a {other}\n- {other} for mail\n"
    noisy = f"# Jobs\n\n{PROSE}\n\n{'#' * level} {one} {'#' * level}\n\n{bullet} a {other}\n{bullet} {other} for mail\n"
    signal, (values, reasons, withheld) = told(noisy.replace("\n", end))[0], said(plain)
    assert (signal.value if signal else None) == values
    assert said(noisy)[2] == withheld
    shown = [reason.replace("H2", f"H{level}") for reason in reasons] if isinstance(reasons, tuple) else []
    assert [*(signal.reasons if signal else ())] == shown


@given(phrases, phrases, st.integers(0, 4), st.sampled_from(["  ", "\t", "    "]))
def test_the_depth_of_a_bullet_makes_no_difference(one: str, other: str, depth: int, unit: str) -> None:
    begin = f"# Jobs\n\n{PROSE}\n\n## {one}\n\n"
    nested = "".join(f"{unit * level}- red lamps {level}\n" for level in range(depth))
    assert said(f"{begin}{nested}{unit * depth}- a {other}\n") == said(f"{begin}- a {other}\n")


# --- components -------------------------------------------------------------------------------------------------------

stated = st.sampled_from(
    [
        "It has {} components.",
        "- {} components",
        "**Components**: {}",
        "## Components ({})\n\nAll of them.",
        "{} components",
    ]
)
numbers = st.lists(st.tuples(stated, st.integers(1, 40)), max_size=4)


@patient
@given(numbers, documents, st.randoms(use_true_random=False))
def test_the_order_in_which_components_are_stated_makes_no_difference(
    found: list[tuple[str, int]], parts: list[str], order: random.Random
) -> None:
    def number(sections: list[str]) -> tuple[object, object]:
        signal = components(read(f"# Jobs\n\n{PROSE}\n\n" + "\n\n".join(sections) + "\n"))
        return type(signal), getattr(signal, "value", None)

    sections = [form.format(value) for form, value in found] + parts
    once = number(sections)
    assert once == number(order.sample(sections, len(sections)))
    assert once[1] in {None, *(value for _, value in found)}
    if len({value for _, value in found}) > 1:
        assert once[1] is None, "it contradicts itself"


@patient
@given(numbers, st.lists(st.sampled_from(NOISES), max_size=3), st.sampled_from(["utf-8-sig", "utf-16", "latin-1"]))
def test_noise_and_encodings_change_no_number(found: list[tuple[str, int]], noises: list[str], encoding: str) -> None:
    begin = f"# Jobs\n\n{PROSE}\n\n" + "".join(f"{form.format(value)}\n\n" for form, value in found)
    noisy = (begin + "\n\n".join(noises)).replace("\n", "\r\n").encode(encoding, errors="replace")
    plain, other = components(read(begin)), components(read(noisy))
    assert getattr(plain, "value", None) == getattr(other, "value", None)
    assert getattr(plain, "provenance", None) == getattr(other, "provenance", None)
