"""Running text as tokens, and the places where it uses one of many phrases.

Two spellings are the same phrase if their words are: upper or lower case, hyphens, slashes, blanks and the plural make
no difference (`Task Queue`, `task-queues`). What is an address, a path, a dotted name or an identifier is one token, so
that no phrase is ever found inside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

TOKEN = re.compile(
    r"""
    (?P<short>\b(?:e\.g|i\.e|etc|vs|cf|approx)\.)
    | (?P<opaque>
          (?:\w+://|www\.)\S*[\w/] | [\w.+-]+@[\w-]+\.\w+            # addresses
        | (?<!\w)(?:\.{0,2}/|~/|\\)[\w.*/\\-]*[\w*/\\]                # paths, from where they begin
        | [\w.*-]+(?:[/\\][\w.*-]*[\w*])(?:[/\\][\w.*-]*[\w*])+/?    # paths of three parts
        | [\w*-]+[/\\][\w.*-]*\.\w+                                  # a file in a folder
        | [\w-]+/(?=\s|$)                            # a folder
        | \w+(?:[.:]{1,2}\w+)+(?:\(\))?              # dotted names, files, versions, times
        | \w*_\w*(?:\(\))?                           # identifiers
        | [@#]\w[\w-]*                               # mentions of people and of issues
      )
    | (?P<word>[^\W_]+(?:['\u2019][^\W_]+)*)
    | (?P<joint>(?<=[^\W_])[-\u2010\u2011/](?=[^\W_]))         # between two words it belongs to neither
    | (?P<and>&)
    | (?P<mark>->|=>|\.{2,}|[^\w\s])
    """,
    re.VERBOSE,
)
COMPOUND = re.compile(r"[a-z][A-Z]")
SHORT = {"e.g.": "eg", "i.e.": "ie"}
IRREGULAR = {"indices": "index", "matrices": "matrix", "vertices": "vertex", "analyses": "analysis"}
ENDS = frozenset({".", "!", "?", "...", "…", ".."})


class Token(Struct, frozen=True):
    """A word, or a mark between words."""

    word: str
    """In lower case, without a possessive `'s`; a mark as it stands."""
    stem: str
    """The word without its plural ending; empty for a mark."""
    start: int
    end: int
    """Where it stands in its text."""
    possessive: bool = False
    compound: bool = False
    """Written in one with capitals inside, as classes are: `TaskQueue`."""
    joint: bool = False
    """A hyphen or a slash holds it to the word before it."""
    spaced: bool = True
    """A mark with a blank, or nothing, behind it."""


def tokens(text: str) -> tuple[Token, ...]:
    """The words and marks of a text."""
    found: list[Token] = []
    joint = False
    for match in TOKEN.finditer(text):
        if match.lastgroup != "joint":
            found.append(_token(match, text, joint))
        joint = match.lastgroup == "joint"
    return tuple(found)


def _token(found: re.Match[str], text: str, joint: bool) -> Token:
    kind, raw = found.lastgroup, found[0]
    at = found.span()
    if kind == "mark":
        return Token(raw, "", *at, spaced=text[at[1] : at[1] + 1].strip() == "")
    if kind == "and":
        return Token("and", "and", *at)
    if kind == "short":
        word = SHORT.get(raw.casefold(), raw.casefold().rstrip("."))
        return Token(word, word, *at)
    word, bare, possessive, compound = _read(raw, kind == "opaque")
    return Token(word, bare, *at, possessive=possessive, compound=compound, joint=joint)


@lru_cache(maxsize=1 << 16)
def _read(raw: str, opaque: bool) -> tuple[str, str, bool, bool]:
    """Word, stem, whether it is possessive, and whether it has capitals inside. Words repeat, so it is kept."""
    word = unicodedata.normalize("NFKC", raw).casefold().replace("\u2019", "'")
    if opaque:
        return word, word, False, True
    bare = word.removesuffix("'s")
    return bare, stem(bare), bare != word, COMPOUND.search(raw) is not None


def stem(word: str) -> str:
    """What singular and plural of a word have in common, which may be no word."""
    word = IRREGULAR.get(word, word)
    if len(word) <= 3:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "ses")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word.removesuffix("e")


def sentences(line: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """The sentences of a text."""
    begin = 0
    for index, token in enumerate(line):
        if token.word in ENDS and token.spaced and not token.stem:
            yield tuple(line[begin : index + 1])
            begin = index + 1
    if begin < len(line):
        yield tuple(line[begin:])


class Found(Struct, frozen=True):
    """A phrase in a text: what it stands for, and which tokens it is made of."""

    key: str
    phrase: str
    first: int
    last: int
    """Indices of tokens, both included."""


class Phrases:
    """Phrases, and what each stands for. Of two that overlap, the longer one is meant."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Pairs of a phrase and what it stands for."""
        self._known: dict[str, tuple[str, str]] = {}
        self._begin: set[str] = set()
        """The first letters of all, since most words of a text begin none."""
        self._longest = 0
        for phrase, key in phrases:
            for form in forms(phrase):
                self._known.setdefault(form, (phrase, key))
                self._begin |= {form.replace(" ", "")[:length] for length in (1, 2, 3)}
            self._longest = max(self._longest, len(_words(phrase)) + 1)

    def find(self, line: Sequence[Token]) -> Iterator[Found]:
        """Where the text uses one of the phrases, from left to right."""
        index = 0
        while index < len(line):
            found = self._at(line, index)
            if found:
                yield found
            index = found.last + 1 if found else index + 1

    def _at(self, line: Sequence[Token], index: int) -> Found | None:
        if line[index].stem[:3] not in self._begin:
            return None
        window: list[Token] = []
        for token in line[index : index + self._longest]:
            if not token.stem:
                break
            window.append(token)
        while window:
            for form in _forms(window):
                if (known := self._known.get(form)) and not _is_a_name(window, known[0]):
                    return Found(known[1], known[0], index, index + len(window) - 1)
            window.pop()
        return None


def forms(phrase: str) -> tuple[str, ...]:
    """What all spellings of a phrase have in common, one or both of these; none if there is no word in it."""
    words = _words(phrase)
    return _forms(words) if words else ()


def _words(phrase: str) -> list[Token]:
    return [token for token in tokens(phrase) if token.stem]


def _forms(words: Sequence[Token]) -> tuple[str, str]:
    """Word by word (`task queue`), and written in one (`timeseries`)."""
    return " ".join(word.stem for word in words), stem("".join(word.word for word in words))


def _is_a_name(window: Sequence[Token], phrase: str) -> bool:
    """Whether several words are written in one with capitals: the name of a class, not the phrase."""
    return len(window) == 1 and window[0].compound and len(_words(phrase)) > 1
