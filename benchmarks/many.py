"""What one command over many installed packages takes: wall time, targets a second, and memory, which must not grow.

    python benchmarks/many.py --python .venvs/many/bin/python [--runs 1] [--json FILE]

Measured are the first tenth of the packages (`--requirements`) and all of them (`--all-installed`): once to warm up and
to sample the memory of all processes, and then so many times to be timed, cold and with all evidence kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import measured, prepared, spelled
from measure import Run
from results import Results, Row, add_outputs, hand_out, machine
from states import Tool, reported, tool_options
from table import markdown
from ways import Missing, Refused, Way

PACKAGES = Path(__file__).with_name("many-packages.txt")
PART = 10
"""The smaller measurement has one in so many."""
RUNS = 1
HEADS = ("targets", "modules", "state", "seconds", "targets a second", "peak MiB")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both and print the table."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = prepared(options.python.absolute(), Path(folder))
        tool = Tool(options=tool_options(), place=place)
        part = place.scratch / "part.txt"
        part.write_text("\n".join(listed()[::PART]) + "\n", encoding="utf-8")
        asked = {"part": f"--requirements={part}", "all": "--all-installed"}
        rows = [
            row
            for name, target in asked.items()
            for row in measured(name, list(ways(tool, target)), place, options.runs)
        ]
    told = Results(
        command=spelled("make bench-many", {"RUNS": (options.runs, RUNS)}),
        runs=options.runs,
        **machine(options.python),
        versions=dict(line.split("==") for line in listed()),
        rows=tuple(rows),
    )
    hand_out(told, "many", section(told), options)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--python", type=Path, required=True, help="of the environment with the packages")
    options.add_argument("--runs", type=int, default=RUNS, help="timed runs of each (default: %(default)s)")
    add_outputs(options)
    return options


def listed() -> list[str]:
    """The lines of many-packages.txt that name a package."""
    lines = PACKAGES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def ways(tool: Tool, asked: str) -> Iterator[Way | Missing]:
    """Cold and warm."""
    for way in (tool.cold(asked), tool.warm_json(asked)):
        yield replace(way, judge=counted) if isinstance(way, Way) else way


def counted(run: Run) -> str | Refused:
    """How many targets and modules the report has."""
    outcome = reported(run)
    return outcome if isinstance(outcome, Refused) else f"{len(json.loads(run.output)['targets'])} targets, {outcome}"


def section(told: Results) -> str:
    """The table."""
    return f"{told.heading}\n\n" + "\n".join(markdown(HEADS, [cells(row) for row in told.rows])) + "\n"


def cells(row: Row) -> list[str]:
    """One line; the reason in place of numbers where there are none."""
    if row.refused or not row.seconds:
        return [row.package, "-", row.way, row.said, "-", "-"]
    targets, modules = (int(part.split()[0]) for part in row.said.split(", "))
    seconds = median(row.seconds)
    peak = "-" if row.peak is None else f"{row.peak:.0f}"
    return [f"{targets:,}", f"{modules:,}", row.way, f"{seconds:.1f}", f"{targets / seconds:.1f}", peak]


if __name__ == "__main__":
    sys.exit(main())
