"""Whatever a requirements file holds, the reader makes names or mistakes of it, and never an error of its own."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests.unit.building import INTERPRETER
from verifier.apis.targets.requirements import required
from verifier.errors import UserError

SIGNS = r"demo|-r|-e|-c|--requirement=|--hash=sha256:aa|#|\|;|==|1.0|[|]|(|)|@|https://|file://|./|..|#egg=|.whl|and|in|<|~="
MARKERS = "python_version|'3'|extra|os_name|dependency_groups|platform_release|${X}"
words = st.sampled_from(
    [*SIGNS.split("|"), *MARKERS.split("|"), "\n", "\r", "\x85", "\0", " ", "é", "9" * 5000, "(" * 2000]
)
texts = st.lists(words | st.text(max_size=6), max_size=20).map("".join) | st.lists(words, max_size=20).map(" ".join)
names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True)


def read(content: bytes) -> tuple[str | UserError, ...]:
    """What a file with this content wants."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_bytes(content)
        return required(file, INTERPRETER)


@given(texts)
def test_any_text_becomes_names_or_mistakes(text: str) -> None:
    found = read(text.encode("utf-8", "surrogatepass"))
    assert all(each if isinstance(each, str) else each.what and each.where for each in found)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(UserError):
        read(content)


@given(st.lists(names, max_size=6), st.sampled_from(["", " ==1.0", "[x]>=1", " # why", "; python_version > '3'"]))
def test_every_name_that_is_written_is_read(written: list[str], more: str) -> None:
    found = read("".join(f"{name}{more}\n" for name in written).encode())
    assert [canonicalize_name(str(each)) for each in found] == [canonicalize_name(name) for name in written]
