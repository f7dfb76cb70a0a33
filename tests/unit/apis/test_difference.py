"""What a change of a source concerns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.difference import concerned

BEFORE = '''"""A package."""

import sys
from pkg.core import make as build

__all__ = ["build", "size"]
size = 1


def helper():
    return size


if sys.version_info > (3, 12):
    fast = True
else:
    fast = False
'''


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("size = 1", "size = 1  # one", set()),
        ("A package", "Another package", set()),
        ("size = 1", "size = (\n    1\n)", set()),
        ("import sys\nfrom pkg.core import make as build\n", "from pkg.core import make as build\nimport sys\n", set()),
        ("size = 1", "size = 2", {"size"}),
        ("size = 1", "size: int = 1", {"size"}),
        ("size = 1", "size = 1\nsize += 1", {"size"}),
        ("size = 1", "size, (width, *rest) = a", {"size", "width", "rest"}),
        ("size = 1\n", "", {"size"}),
        ("return size", "return 2", {"helper"}),
        ("def helper():", "class helper:\n  def __call__():", {"helper"}),
        ("def helper():", "@other\ndef helper():", {"helper"}),
        ("make as build", "make", {"pkg", "core", "make", "build"}),
        ("import sys\n", "import sys\nimport pkg.deep.down as d\n", {"pkg", "deep", "down", "d"}),
        ("import sys\n", "import sys\nfrom . import below\n", {"below"}),
        ("size = 1", "size = 1\ndel build", {"build"}),
        ("fast = False", "fast = None", {"fast"}),
        ("fast = False", "try:\n        fast = 1\n    except E:\n        slow = 1", {"fast", "slow"}),
        ('"size"]', '"size"]\n__all__.append("fast")', {"__all__"}),
        ("size = 1", "size = 1\nassert size", set()),
    ],
)
def test_a_change_concerns_the_names_that_its_statements_bind(old: str, new: str, names: set[str]) -> None:
    assert BEFORE.count(old) == 1
    assert concerned(BEFORE, BEFORE.replace(old, new)) == frozenset(names)
    assert concerned(BEFORE.replace(old, new), BEFORE) == frozenset(names)


@pytest.mark.parametrize(
    "statement",
    [
        "register()",
        "other.attribute = 1",
        "table[0] = 1",
        "from pkg.core import *",
        "for name in names: pass",
        "with open(x) as file: pass",
        "def __getattr__(name): ...",
        "__path__ = []",
        "(",
    ],
)
def test_what_does_more_than_bind_names_may_concern_anything(statement: str) -> None:
    assert concerned(BEFORE, f"{BEFORE}\n{statement}\n") is None
    assert concerned(f"{BEFORE}\n{statement}\n", BEFORE) is None


lines = st.lists(
    st.sampled_from(
        ["a = 1", "a = 2", "b = 1", "def a(): ...", "import c.d", "from . import e", "f()", "(", "\0", "if x: g = 1"]
    )
)


@given(lines, lines)
def test_it_does_not_matter_which_of_two_texts_came_first(one: list[str], two: list[str]) -> None:
    assert concerned("\n".join(one), "\n".join(two)) == concerned("\n".join(two), "\n".join(one))


@given(st.text(), st.text())
def test_no_text_is_too_odd(before: str, after: str) -> None:
    found = concerned(before, after)
    assert found is None or isinstance(found, frozenset)
