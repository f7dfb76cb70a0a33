"""What a text search tells of a file: whether libcst must read it too, and habits that no statement shows.

libcst costs ten times what griffe costs, so it reads only the files that hold something that griffe does not see. A
false hit (a docstring that begins a line with `for`) costs time and nothing else; a miss would cost the truth.
"""

from __future__ import annotations

import re
from itertools import pairwise

HEAD = re.compile(r"^[^\s#].*", re.MULTILINE)
COMPOUND = re.compile(r"^(?:if|elif|else|try|for|while|with|match)\b.*[:(\[{\\]", re.MULTILINE)
# griffe flags these; but not what follows a compound statement inside, and an `else` it flags as well
TYPE_CHECKING = re.compile(
    r"^if[ \t]+(?:typing\.)?TYPE_CHECKING[ \t]*:[ \t]*(?:#.*)?\n(?P<body>(?:[ \t]+\S.*\n|[ \t]*\n)*)", re.MULTILINE
)
NESTED = re.compile(r"^[ \t]+(?:if|try|for|while|with|match)\b.*[:(\[{\\]", re.MULTILINE)
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
AS = re.compile(r"[ \t]as[ \t]+")
NAME = re.compile(r"\w+")
LAST_NAME = re.compile(r"(?<![\w.])(?P<name>\w+)[ \t]*$")
LONGEST = 100
GLOBAL = re.compile(r"^[ \t]+global[ \t]+(\w[\w, \t]*)", re.MULTILINE)
STRINGS = r"""(?:\s|,|\#.*|"[^"\\\n]*"|'[^'\\\n]*')*"""
PLAIN_EXPORTS = re.compile(
    rf"^__all__[ \t]*(?::[^=\n]+)?=[ \t]*(?:\[{STRINGS}\]|\({STRINGS}\))[ \t]*(?:#.*)?$", re.MULTILINE
)

DYNAMIC_WORDS = ("globals()", "vars()", "locals()", "modules[__name__]", "exec(", "setattr(")
DYNAMIC = r"""
    \b(?:globals|vars|locals)\(\)[ \t]*(?:\[[^\]\n]*\][ \t]*=(?!=)|\.(?:update|setdefault|__setitem__)\b)
    | \bmodules\[__name__\]
    | \bsetattr\([ \t\n]*MODULE[ \t]*,
    | ^exec\(
"""
REPLACEMENT = re.compile(r"modules\[__name__\](?:\.__class__)?[ \t]*=(?!=)|^\w+\.__class__[ \t]*=(?!=)", re.MULTILINE)


def needs_libcst(text: str, module: str, *, is_package: bool) -> bool:
    """Whether the source of `module` holds something that griffe does not see, or gets wrong."""
    heads = "\n".join(HEAD.findall(text))
    return (
        "__getattr__" in heads
        or _has_conditions(text, heads, is_package=is_package)
        or DELETION.search(heads) is not None
        or UNPACKING.search(heads) is not None
        or _imports_as_itself(text)
        or ("__all__" in text and not _is_plain(text))
        or _hidden_imports(module, is_package=is_package).search(heads) is not None
    )


def _has_conditions(text: str, heads: str, *, is_package: bool) -> bool:
    blocks = [block["body"] for block in TYPE_CHECKING.finditer(text)]
    if is_package and blocks:
        return True  # what is imported there for type checkers is often imported outside too: griffe keeps one of both
    return len(COMPOUND.findall(heads)) > len(blocks) or any(NESTED.search(block) for block in blocks)


def _imports_as_itself(text: str) -> bool:
    """Whether some `b as b` stands anywhere. Split first: a regular expression would try each word of the file."""
    parts = AS.split(text)
    return any(
        (left := LAST_NAME.search(before[-LONGEST:])) and (right := NAME.match(after)) and left["name"] == right[0]
        for before, after in pairwise(parts)
    )


def _is_plain(text: str) -> bool:
    return text.count("__all__") == 1 and PLAIN_EXPORTS.search(text) is not None


def _hidden_imports(module: str, *, is_package: bool) -> re.Pattern[str]:
    """Imports of the module's own package that griffe leaves out (`from . import b`) or cuts short (`import a.b`)."""
    top, last = re.escape(module.partition(".")[0]), re.escape(module.rpartition(".")[2])
    dotted = rf"import[ \t]+(?:.*,[ \t]*)?{top}\.[\w.]+[ \t]*(?:$|[,;#\\])"
    itself = rf"from[ \t]+(?:\.|\.\.+{last}|{re.escape(module)})[ \t]+import\b"
    return re.compile(
        rf"^(?:.*;[ \t]*)?(?:{dotted}|{itself})" if is_package else rf"^(?:.*;[ \t]*)?{dotted}", re.MULTILINE
    )


def is_open_ended(text: str, module: str) -> bool:
    """Whether the source of `module` binds names that it does not spell out."""
    if not any(word in text for word in DYNAMIC_WORDS):
        return False
    dynamic = DYNAMIC.replace("MODULE", re.escape(module.rpartition(".")[2]))
    return re.search(dynamic, text, re.MULTILINE | re.VERBOSE) is not None


def replaces_itself(text: str) -> bool:
    """Whether the source puts something else in the module's place in `sys.modules`, or changes the module's class."""
    return ("modules[__name__]" in text or ".__class__" in text) and REPLACEMENT.search(text) is not None


def bound_in_passing(text: str) -> frozenset[str]:
    """Names that some `:=` or `global` speaks of: those of functions too, for these are explained, not advertised."""
    lefts = (LAST_NAME.search(part[-LONGEST:]) for part in text.split(":=")[:-1])
    shared = (NAME.findall(names) for names in GLOBAL.findall(text)) if "global " in text else ()
    return frozenset(left["name"] for left in lefts if left).union(*shared)
