"""What one module costs in packages of different sizes: it must not be more where there are more.

    python benchmarks/growth.py [--sizes 100,1000,10000] [--json FILE]

Each package is made up anew (`synthetic.py`) and checked by `verify-apis`: once to warm up and to sample its memory,
and then so many times to be timed, in turns, cold and, where the tool has a cache, warm, as JSON.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import RUNS, measured, spelled
from results import Results, Row, add_outputs, hand_out, machine
from states import COLD, WARM_JSON, Tool, tool_options
from synthetic import make
from table import cell, markdown
from ways import Missing, Place, Way, environment

Section = Callable[[Results], str]
"""What makes a part of the README out of results."""
STATES = (COLD, WARM_JSON)
SIZES = "100,1000,10000"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in turn and print the tables."""
    return over_sizes(GROWTH, arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What is measured on things made up in several sizes."""

    title: str
    target: str
    """Of the Makefile."""
    variable: str
    """Of the Makefile, with the sizes."""
    marker: str
    """Of the README."""
    sizes: str
    of_size: Callable[[int, Path, int], list[Row]]
    """Measures one size, in a folder, with so many runs."""
    section: Section


def over_sizes(benchmark: Benchmark, arguments: Sequence[str] | None) -> int:
    """Measure each size in turn, and hand out the results."""
    options = argparse.ArgumentParser(description=benchmark.title)
    options.add_argument("--sizes", default=benchmark.sizes, help="modules, comma-separated (default: %(default)s)")
    options.add_argument("--runs", type=int, default=RUNS, help="timed runs of each (default: %(default)s)")
    add_outputs(options)
    asked = options.parse_args(arguments)
    sizes = asked.sizes.split(",")
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for size in sizes for row in benchmark.of_size(int(size), Path(folder, size), asked.runs)]
    said = {"RUNS": (asked.runs, RUNS), benchmark.variable: (asked.sizes, benchmark.sizes)}
    told = Results(
        command=spelled(benchmark.target, said),
        runs=asked.runs,
        **machine(Path(sys.executable)),
        versions={},
        rows=tuple(rows),
    )
    hand_out(told, benchmark.marker, benchmark.section(told), asked)
    return 0


def of_size(count: int, folder: Path, runs: int) -> list[Row]:
    """Cold and warm, on a package of `count` modules."""
    python = Path(sys.executable)
    work = folder / "work"
    work.mkdir(parents=True)
    package = make(folder / "made", count)
    place = Place(python=python, site=folder, env=environment(python, work), work=work, scratch=folder)
    tool = Tool(options=tool_options(), place=place)
    return measured(f"{count:,}", list(states(tool, str(package))), place, runs)


def states(tool: Tool, package: str) -> Iterator[Way | Missing]:
    """Those that are asked for here."""
    yield tool.cold(package)
    yield tool.warm_json(package)


def section(told: Results) -> str:
    """The table, and by how much the dearest module is dearer than the cheapest."""
    heads = ["modules", *(f"{state}, {what}" for state in STATES for what in ("whole", "ms a module", "KiB"))]
    sizes = list(dict.fromkeys(row.package for row in told.rows))
    lines = [[size, *(each for state in STATES for each in cells(told, size, state))] for size in sizes]
    growths = [growth(told.rows, state) for state in STATES]
    return "\n\n".join([told.heading, "\n".join(markdown(heads, lines)), *filter(None, growths)]) + "\n"


def cells(told: Results, size: str, state: str) -> list[str]:
    """Seconds and MiB of all, milliseconds and KiB of one module; or why there are none."""
    row = told.find(size, state)
    if row is None or row.refused or row.peak is None:
        return [cell(told, size, state, None), "-", "-"]
    return [cell(told, size, state, None), f"{cost(row) * 1000:.2f}", f"{row.peak * 1024 / modules(row):.1f}"]


def growth(rows: Sequence[Row], state: str) -> str:
    """The ratio of the cost per module in the largest package to that in the smallest; empty with fewer than two."""
    timed = [row for row in rows if row.way == state and not row.refused]
    if len(timed) < 2:
        return ""
    ratio = cost(timed[-1]) / cost(timed[0])
    return f"One module of {timed[-1].package} costs {ratio:.2f} times what one of {timed[0].package} does ({state})."


def cost(row: Row) -> float:
    """Seconds a module."""
    return median(row.seconds) / modules(row)


def modules(row: Row) -> int:
    """How many the report had, `__init__` files among them."""
    return int(row.said.removesuffix(" modules"))


GROWTH = Benchmark(
    title=(__doc__ or "").partition("\n")[0],
    target="make bench-growth",
    variable="SIZES",
    marker="growth",
    sizes=SIZES,
    of_size=of_size,
    section=section,
)

if __name__ == "__main__":
    sys.exit(main())
