"""What one module costs in packages of different sizes: it must not be more where there are more.

    python benchmarks/growth.py [--sizes 100,1000,10000] [--json FILE]

Each package is made up anew (`synthetic.py`) and checked by `verify-apis`: once to warm up and to sample its memory,
and then so many times to be timed, in turns, cold and, where the tool has a cache, warm.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bench import RUNS, measured, spelled
from results import Results, Row, add_outputs, hand_out, machine
from states import COLD, WARM, Tool, tool_options
from synthetic import make
from table import cell, markdown
from ways import Missing, Place, Way, environment

Section = Callable[[Results], str]
"""What makes a part of the README out of results."""
SIZES = "100,1000,10000"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in turn and print the tables."""
    options = parser().parse_args(arguments)
    sizes = options.sizes.split(",")
    python = Path(sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for size in sizes for row in of_size(int(size), python, Path(folder, size), options.runs)]
    told = Results(
        command=spelled("make bench-growth", {"RUNS": (options.runs, RUNS), "SIZES": (options.sizes, SIZES)}),
        runs=options.runs,
        **machine(python),
        versions={},
        rows=tuple(rows),
    )
    hand_out(told, "growth", section(told), options)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--sizes", default=SIZES, help="modules, comma-separated (default: %(default)s)")
    options.add_argument("--runs", type=int, default=RUNS, help="timed runs of each (default: %(default)s)")
    add_outputs(options)
    return options


def of_size(count: int, python: Path, folder: Path, runs: int) -> list[Row]:
    """Cold and warm, on a package of `count` modules."""
    work = folder / "work"
    work.mkdir(parents=True)
    package = make(folder / "made", count)
    place = Place(python=python, site=folder, env=environment(python, work), work=work, scratch=folder)
    tool = Tool(options=tool_options(), place=place)
    return measured(f"{count:,}", list(states(tool, str(package))), place, runs)


def states(tool: Tool, package: str) -> Iterator[Way | Missing]:
    """Those that are asked for here."""
    yield tool.cold(package)
    yield tool.warm(package)


def section(told: Results) -> str:
    """The table, and by how much the dearest module is dearer than the cheapest."""
    heads = ["modules", *(f"{state}, {what}" for state in (COLD, WARM) for what in ("whole", "ms a module", "KiB"))]
    sizes = list(dict.fromkeys(row.package for row in told.rows))
    lines = [[size, *cells(told, size, COLD), *cells(told, size, WARM)] for size in sizes]
    growths = [growth(told.rows, state) for state in (COLD, WARM)]
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


if __name__ == "__main__":
    sys.exit(main())
