"""The review queue for people: what is to be decided, where it stands, and the command that decides it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from verifier.manifests.review import Entry, Kind
from verifier.manifests.sources import Content, content_of

Tone: TypeAlias = Literal["title", "warning", "quiet"]
Paint: TypeAlias = Callable[[str, Tone], str]
MOST_PLACES = 3
WIDEST = 100
PLURAL = {Kind.PHRASE: "phrases", Kind.WITHHELD: "withheld", Kind.CONTRADICTION: "contradictions"}


def listing(entries: Sequence[Entry], limit: int, paint: Paint) -> str:
    """The first `limit` of the entries, and how many there are."""
    shown = entries[:limit]
    width = max((len(modules(each)) for each in shown), default=0)
    told = [rendered(each, paint, width) for each in shown]
    kinds = Counter(each.kind for each in entries)
    number = f"{len(entries)} entries" if len(entries) != 1 else "1 entry"
    counted = ", ".join(f"{kinds[kind]} {PLURAL[kind] if kinds[kind] != 1 else kind}" for kind in Kind if kinds[kind])
    rest = f"; {limit} shown, --limit {len(entries)} shows all" if len(entries) > limit else ""
    return "\n".join([*told, paint(f"{number}: {counted}{rest}", "quiet")]) + "\n"


def rendered(entry: Entry, paint: Paint, width: int = 0) -> str:
    """One entry; how many modules have it takes `width` characters."""
    indent = " " * (width + 2)
    kind = entry.kind if entry.kind is Kind.PHRASE else f"{entry.kind}, {entry.field}"
    tone: Tone = "warning" if entry.kind is Kind.CONTRADICTION else "quiet"
    lines = [f"{modules(entry):>{width}}  {paint(entry.what, 'title')}  {paint(f'({kind})', tone)}"]
    lines += [f"{indent}{paint(f'{name:<4}', 'quiet')}  {text}" for name, text in _details(entry)]
    return "\n".join(lines) + "\n"


def _details(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "why", entry.why
    yield "at", places(entry)
    if entry.near:
        yield "near", ", ".join(f"{each.key} ({each.phrase})" for each in entry.near)
    if entry.kind is Kind.PHRASE:
        yield "do", _command(entry)


def places(entry: Entry) -> str:
    """The first places, those of different modules first, as terminals make links of them."""
    found = [(index, place) for each in entry.found for index, place in enumerate(each.places)]
    shown = [place for _, place in sorted(found, key=lambda each: each[0])]  # a stable sort
    more = f"  and {len(shown) - MOST_PLACES} more" if len(shown) > MOST_PLACES else ""
    return "  ".join(shown[:MOST_PLACES]) + more


def quoted(entry: Entry, root: Path) -> str:
    """The line at the first place of an entry, as the file has it now; empty if it cannot be read."""
    path, _, line = next((place for each in entry.found for place in each.places), "").rpartition(":")
    found = content_of(root / path, path)
    lines = found.data.decode(errors="replace").splitlines() if isinstance(found, Content) else []
    text = lines[int(line) - 1] if line.isdigit() and int(line) <= len(lines) else ""
    plain = "".join(each if each.isprintable() else " " for each in text).strip()
    return plain if len(plain) <= WIDEST else f"{plain[: WIDEST - 1]}…"


def modules(entry: Entry) -> str:
    """How many modules have it."""
    return f"{len(entry.found)} module" + ("s" if len(entry.found) != 1 else "")


def _command(entry: Entry) -> str:
    """The command that promotes a phrase to the nearest key, or to one that is to be named."""
    phrase = shlex.quote(entry.what)
    return f"enrich review --promote {phrase} --as {entry.near[0].key if entry.near else 'KEY'}"
