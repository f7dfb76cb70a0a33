"""What a look at the text of a file tells: whether libcst must read it too, and habits that no statement shows.

libcst costs ten times what griffe costs, so it reads only the files that hold something that griffe does not see. A
false hit (a docstring that begins a line with `for`) costs time and nothing else; a miss would cost the truth.
"""

from __future__ import annotations

import re
from itertools import pairwise
from textwrap import dedent

HEAD = re.compile(r"^[^\s#].*", re.MULTILINE)
COMPOUND = re.compile(r"^(?:if|elif|else|try|for|while|with|match)\b.*[:(\[{\\]", re.MULTILINE)
TYPE_CHECKING = re.compile(
    r"^if[ \t]+(?:typing\.)?TYPE_CHECKING[ \t]*:[ \t]*(?:#.*)?\n(?P<body>(?:[ \t]+\S.*\n|[ \t]*\n|\#.*\n)*)",
    re.MULTILINE,
)
NESTED = re.compile(r"^[ \t]+(?:if|try|for|while|with|match)\b.*[:(\[{\\]", re.MULTILINE)
BOUND = re.compile(
    r"""^(?:
        (?:async[ \t]+)?(?:def|class)[ \t]+(\w+)
        | (?:from\b.*?)?\bimport\b(?:[ \t]*\(([^)]*)\)|(.*))
        | (\w+)[ \t]*(?::|=(?!=))
    )""",
    re.MULTILINE | re.VERBOSE,
)
DELETION = re.compile(r"^(?:.*;[ \t]*)?del[ \t(]", re.MULTILINE)
UNPACKING = re.compile(
    r"""^(?:
        [\w.]+[ \t]*,[^=\n]*                                           # a, b =
        | [(\[*][^=\n]*                                                # (a, b) =
        | [)\]][ \t]*                                                  # the end of one that spans lines
        | \w+[ \t]*=[ \t]*[\w.]+(?:\[[^\n=]*\]|[ \t]*,[^=\n(]*)[ \t]*  # a = b[0] =
    )=(?!=)""",
    re.MULTILINE | re.VERBOSE,
)
IMPORT = re.compile(r"^(?:.*;[ \t]*)?import[ \t]+([^;#\\\n]+)", re.MULTILINE)
FROM = re.compile(r"^(?:.*;[ \t]*)?from[ \t]+([\w.]+)[ \t]+import\b", re.MULTILINE)
AS = re.compile(r"[ \t]as[ \t]+")
NAME = re.compile(r"\w+")
LAST_NAME = re.compile(r"(?<![\w.])(?P<name>\w+)[ \t]*$")
LONGEST = 100
GLOBAL = re.compile(r"^[ \t]+global[ \t]+(\w[\w, \t]*)", re.MULTILINE)
STRINGS = r"""(?:\s|,|\#.*|"[^"\\\n]*"|'[^'\\\n]*')*"""
PLAIN_EXPORTS = re.compile(
    rf"^__all__[ \t]*(?::[^=\n]+)?=[ \t]*(?:\[{STRINGS}\]|\({STRINGS}\))[ \t]*(?:#.*)?$", re.MULTILINE
)

REPLACEMENT = re.compile(r"modules\[__name__\](?:\.__class__)?[ \t]*=(?!=)|^\w+\.__class__[ \t]*=(?!=)", re.MULTILINE)


def needs_libcst(text: str, module: str, *, is_package: bool) -> bool:
    """Whether the source of `module` holds something that griffe does not see, or gets wrong."""
    text = f"{text}\n"
    heads = "\n".join(HEAD.findall(text))
    return (
        "__getattr__" in heads
        or _has_conditions(text, heads)
        or DELETION.search(heads) is not None
        or UNPACKING.search(heads) is not None
        or _imports_as_itself(text)
        or ("__all__" in text and not _is_plain(text))
        or _hides_imports(heads, module, is_package=is_package)
    )


def _has_conditions(text: str, heads: str) -> bool:
    """Griffe marks what stands under `if TYPE_CHECKING`, and keeps one of two bindings; other conditions it ignores.

    What follows a compound statement inside it does not mark, and what stands in an `else` it does.
    """
    blocks = [block["body"] for block in TYPE_CHECKING.finditer(text)]
    if len(COMPOUND.findall(heads)) > len(blocks) or any(NESTED.search(block) for block in blocks):
        return True
    bound = _bound(text) if blocks else set()
    return any(not bound.isdisjoint(_bound(dedent(block))) for block in blocks)


def _bound(text: str) -> set[str]:
    """The names that the lines of `text` without indentation seem to bind."""
    return {name for found in BOUND.findall(text) for part in found for name in NAME.findall(part)}


def _imports_as_itself(text: str) -> bool:
    """Whether some `b as b` stands anywhere. Split first: a regular expression would try each word of the file."""
    parts = AS.split(text)
    return any(
        (left := LAST_NAME.search(before[-LONGEST:])) and (right := NAME.match(after)) and left["name"] == right[0]
        for before, after in pairwise(parts)
    )


def _is_plain(text: str) -> bool:
    return text.count("__all__") == 1 and PLAIN_EXPORTS.search(text) is not None


def _hides_imports(heads: str, module: str, *, is_package: bool) -> bool:
    """Whether griffe leaves out an import of its own package (`from . import b`), or cuts it short (`import a.b`)."""
    top, last = module.partition(".")[0], module.rpartition(".")[2]
    whole = (part.split() for found in IMPORT.findall(heads) for part in found.split(","))
    if any(len(words) != 3 and words and words[0].startswith(f"{top}.") for words in whole):
        return True
    sources = FROM.findall(heads) if is_package else ()
    return any(each in (".", module) or (each.startswith("..") and each.lstrip(".") == last) for each in sources)


def replaces_itself(text: str) -> bool:
    """Whether the source puts something else in the module's place in `sys.modules`, or changes the module's class."""
    return ("modules[__name__]" in text or ".__class__" in text) and REPLACEMENT.search(text) is not None


def bound_in_passing(text: str) -> frozenset[str]:
    """Names that some `:=` or `global` speaks of: those of functions too, for these are explained, not advertised."""
    lefts = (LAST_NAME.search(part[-LONGEST:]) for part in text.split(":=")[:-1])
    shared = (NAME.findall(names) for names in GLOBAL.findall(text)) if "global " in text else ()
    return frozenset(left["name"] for left in lefts if left).union(*shared)
