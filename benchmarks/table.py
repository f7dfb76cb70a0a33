"""The tables that results give: one line a package, one column a way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from statistics import median

from peers import EFFECTS, FORKED, FRESH, GRIFFE, ONE_PROCESS, PEERS, RUFF
from results import Results, Row
from rounds import ratio, spread
from states import CHANGED, COLD, ONE_IMPORT, START, STATIC, WARM, WARM_JSON

HELD_AGAINST = {WARM: START, WARM_JSON: START, CHANGED: ONE_IMPORT, STATIC: GRIFFE}
"""What each state of the tool is compared with; all other ways are compared with the cold state."""
OWN = (COLD, WARM, WARM_JSON, CHANGED, STATIC)
CELLS = (
    "Cells are `wall s (how many times what it is held against), peak MiB`. Peak memory is that of the whole process "
    "tree, shared pages counted once, sampled every 10 ms in one more run, which is not timed: what lives for less may "
    "be missed."
)
NOTES = f"""\
- *{COLD}*: nothing is known of the package.
- *{WARM}*: its cache is full and nothing has changed; held against the tool's own start, `python -c "import typer"`.
- *{WARM_JSON}*: the same with every API in the report, which is megabytes long for the largest of them.
- *{CHANGED}*: its cache is full, and then its `__init__.py` is written to; held against `python -c "import PACKAGE"`.
- *{STATIC}*: what is read without any import; held against `{GRIFFE}`, which reads private modules and tests as well,
  and writes out what it has read.
- *{FRESH}* and *{EFFECTS}*: one run for each public module, two at a time as in `verify-apis`. *{FORKED}*: each
  module in a process of its own that has imported the packages above it, and nothing else is done: what a tool takes at
  least that shares no more than these. *{ONE_PROCESS}*: all of them in one interpreter, where they hide each other's
  faults. All four are unconfined.
- What takes less than two seconds is run five times as often, since short times vary most. What takes longer than a
  minute is run once, and sampled meanwhile, which slows it by 5 % at most.
- *{RUFF}* (rules `D` and `F822`) stands here for scale.
- A way that did not do its work has its reason, and no time."""
NOT_ASKED = "not measured"


def section(measured: Results) -> str:
    """All that is known, for a reader."""
    parts = [
        measured.heading,
        CELLS,
        f"`verify-apis` itself, in the states {', '.join(f'*{name}*' for name in OWN)}:",
        "\n".join(own_table(measured)),
        f"Other ways, held against *{COLD}*:",
        "\n".join(peer_table(measured)),
        widest(measured.rows),
        NOTES,
        versions(measured.versions),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def own_table(measured: Results) -> list[str]:
    """The tool in its states, each held against what it is compared with."""
    ways = [way for way in OWN if asked(measured, way)]
    heads = [f"{way}, of `{HELD_AGAINST[way]}`" if way in HELD_AGAINST else way for way in ways]
    lines = []
    for package in packages(measured):
        cold = measured.find(package, COLD)
        cells = [cell(measured, package, way, HELD_AGAINST.get(way)) for way in ways]
        lines.append([package, cold.said.removesuffix(" modules") if cold and not cold.refused else "-", *cells])
    return markdown(["package", "modules", *heads], lines)


def peer_table(measured: Results) -> list[str]:
    """The other ways, each held against the cold state."""
    ways = [way for way in (*PEERS, START, ONE_IMPORT) if asked(measured, way)]
    lines = [[package, *(cell(measured, package, way, COLD) for way in ways)] for package in packages(measured)]
    return markdown(["package", *ways], lines)


def packages(measured: Results) -> list[str]:
    """Those of fewer modules first; at the end those that were not measured."""
    return sorted(dict.fromkeys(row.package for row in measured.rows), key=lambda name: modules(measured, name))


def modules(measured: Results, package: str) -> float:
    """How many the report has; infinite where there is none."""
    cold = measured.find(package, COLD)
    return int(cold.said.removesuffix(" modules")) if cold and cold.said.endswith(" modules") else inf


def asked(measured: Results, way: str) -> bool:
    """Whether any package has a row of it."""
    return any(row.way == way for row in measured.rows)


def cell(measured: Results, package: str, way: str, base: str | None) -> str:
    """What is to say of a way on a package: its figures, or why it has none."""
    row = measured.find(package, way)
    if row is None:
        return NOT_ASKED
    if row.refused:
        return row.said.replace("|", "\\|")
    against = measured.find(package, base) if base else None
    return figures(row, against)


def figures(row: Row, against: Row | None) -> str:
    """`1.23 (4.5x), 67 MiB`; without the ratio where there is nothing to compare with."""
    times = f" ({_told(ratio(row.seconds, against.seconds))}x)" if against and against.seconds else ""
    held = f", {row.peak:.0f} MiB" if row.peak is not None else ""
    return f"{median(row.seconds):.3g}{times}{held}"


def _told(times: float) -> str:
    return f"{times:.0f}" if times >= 100 else f"{times:.2g}"


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """A table's lines."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *lines)]


def widest(rows: Sequence[Row]) -> str:
    """How far the runs of one cell lie apart, at worst: smaller differences than that mean nothing."""
    timed = [row for row in rows if len(row.seconds) > 1]
    if not timed:
        return ""
    worst = max(timed, key=lambda row: spread(row.seconds))
    return (
        f"The middle half of its runs spreads for no cell by more than {spread(worst.seconds):.0%} of its median "
        f"({worst.way}, {worst.package})."
    )


def versions(known: Mapping[str, str]) -> str:
    """Which version of everything was measured."""
    return ", ".join(f"{name} {version}" for name, version in known.items()) + "." if known else ""
