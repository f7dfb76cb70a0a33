"""How long `verify-apis` takes, against the ways that people check a package by hand.

    python benchmarks/bench.py --python .venvs/bench/bin/python [--packages requests] [--runs 5] [--full]

Prints a markdown table. Against:

- `fresh`: one new interpreter for each public module, one after the other. Right, and slow;
- `one process`: every public module in one interpreter. Fast, unconfined, and wrong where
  modules hide each other's faults;
- `stubtest` and `pyright --verifytypes`, where they run.

Only ratios of one run on one machine mean anything.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Measured, measure, median_of

PACKAGES = ("requests", "networkx", "django", "sympy", "pandas")
SAMPLE = 40
SEED = 0
PEER_LIMIT = 300.0
"""Seconds after which a peer is given up."""
ONE_PROCESS = """
import sys
for name in sys.argv[1:]:
    try:
        __import__(name)
    except BaseException:
        pass
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how everything is run."""

    python: Path
    """Of the environment that has the packages and the peers."""
    env: Mapping[str, str]
    cwd: Path
    runs: int

    def time(self, command: Sequence[str], *, limit: float = 600.0) -> Measured:
        """Median of the runs of `command`."""
        return median_of([measure(command, env=self.env, cwd=self.cwd, limit=limit) for _ in range(self.runs)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to check one package. `seconds` is None where it did not run, and `remark` says why."""

    way: str
    seconds: float | None
    megabytes: float | None
    remark: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each package in turn and print the table."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as empty:
        place = Place(
            python=options.python.absolute(), env=environment(options.python, empty), cwd=Path(empty), runs=options.runs
        )
        print(
            f"{heading(options)}\n\n| package | way | wall s | of verify-apis | peak MiB | |\n|---|---|---|---|---|---|"
        )
        for package in options.packages.split(","):
            print("\n".join(lines(package, rows(package, place, full=options.full))), flush=True)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument(
        "--python", type=Path, required=True, help="of the environment with the packages and the peers"
    )
    options.add_argument("--packages", default=",".join(PACKAGES), help="comma-separated (default: %(default)s)")
    options.add_argument("--runs", type=int, default=1, help="show the medians of so many runs (default: 1)")
    options.add_argument(
        "--full", action="store_true", help=f"a fresh interpreter for every module, not for {SAMPLE}, scaled"
    )
    return options


def environment(python: Path, home: str) -> dict[str, str]:
    """Everybody gets the same: the activated environment, an empty home, byte code allowed."""
    folder = python.absolute().parent
    return {
        "PATH": f"{folder}{os.pathsep}{os.defpath}",
        "VIRTUAL_ENV": str(folder.parent),
        "HOME": home,
        "LC_ALL": "C.UTF-8",
    }


def heading(options: argparse.Namespace) -> str:
    """What was measured where, so that somebody else can do it again."""
    runs = "one run each" if options.runs == 1 else f"medians of {options.runs} runs"
    command = f"make bench{' FULL=1' if options.full else ''}{f' RUNS={options.runs}' if options.runs > 1 else ''}"
    machine = f"{platform.system()} {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    return f"`{command}`: {runs}, warm disk cache, Python {version(options.python)}, {machine}."


def version(python: Path) -> str:
    """Three numbers."""
    program = "import platform; print(platform.python_version())"
    return subprocess.run(
        [str(python), "-I", "-c", program], capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()


def rows(package: str, place: Place, *, full: bool) -> list[Row]:
    """All ways to check `package`; the tool itself first, warmed up once."""
    print(f"{package} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-P", "-m", "verifier.cli.verify_apis", package, "--json", "--python", str(place.python)]
    modules = reported_modules(measure(command, env=place.env, cwd=place.cwd))
    tool = place.time(command)
    return [
        Row(way="verify-apis", seconds=tool.seconds, megabytes=tool.megabytes, remark=f"{len(modules)} modules"),
        fresh(modules, place, full=full),
        one_process(modules, place),
        stubtest(package, place),
        verifytypes(package, place),
    ]


def reported_modules(run: Measured) -> list[str]:
    """The public modules, as the tool's report names them."""
    if run.code not in (0, 1):
        sys.exit(f"verify-apis ended with {run.code}:\n{run.errors}")
    (target,) = json.loads(run.output)["targets"]
    return sorted(target["modules"])


def fresh(modules: Sequence[str], place: Place, *, full: bool) -> Row:
    """One interpreter a module, one after the other; a sample of them, scaled, unless `full`."""
    chosen = list(modules) if full or len(modules) <= SAMPLE else random.Random(SEED).sample(modules, SAMPLE)
    runs = [place.time([str(place.python), "-I", "-c", f"import {module}"]) for module in chosen]
    return Row(
        way="fresh interpreters",
        seconds=sum(run.seconds for run in runs) * len(modules) / len(chosen),
        megabytes=max(run.megabytes for run in runs),
        remark="all modules" if len(chosen) == len(modules) else f"scaled from {len(chosen)} modules",
    )


def one_process(modules: Sequence[str], place: Place) -> Row:
    """Every module in the same interpreter, whatever happens."""
    run = place.time([str(place.python), "-I", "-c", ONE_PROCESS, *modules])
    if run.code:
        return Row(way="one process", seconds=None, megabytes=None, remark=f"ended with {run.code}")
    return Row(way="one process", seconds=run.seconds, megabytes=run.megabytes, remark="unconfined")


def stubtest(package: str, place: Place) -> Row:
    """The comparison of stubs (or inline types) with the running package, from mypy."""
    run = place.time([str(place.python), "-m", "mypy.stubtest", package], limit=PEER_LIMIT)
    return peer("stubtest", run, refusals=("not checking stubs", "failed to find stubs"), result=r"^(Found|Success).*")


def verifytypes(package: str, place: Place) -> Row:
    """The account of the package's public types, from pyright."""
    run = place.time(["pyright", "--verifytypes", package, "--ignoreexternal"], limit=PEER_LIMIT)
    return peer(
        "pyright --verifytypes", run, refusals=("No py.typed file found",), result=r"^Type completeness score.*"
    )


def peer(way: str, run: Measured, *, refusals: Sequence[str], result: str) -> Row:
    """A row for a tool that may not run on this package: then it has no time, and its own words say why."""
    said = f"{run.output}\n{run.errors}"
    refused = next((line.strip() for line in said.splitlines() if any(words in line for words in refusals)), None)
    found = re.search(result, said, re.MULTILINE)
    if run.code < 0:
        return Row(way=way, seconds=None, megabytes=None, remark=f"not done after {PEER_LIMIT:g} s")
    if refused or not found:
        return Row(way=way, seconds=None, megabytes=None, remark=f"did not run: {refused or last_line(said)}")
    return Row(way=way, seconds=run.seconds, megabytes=run.megabytes, remark=found[0])


def last_line(text: str) -> str:
    """The last line that says anything."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no output")


def lines(package: str, measured: Sequence[Row]) -> list[str]:
    """The table's lines for one package; ratios are to its first row."""
    return [line(package, row, measured[0]) for row in measured]


def line(package: str, row: Row, first: Row) -> str:
    """One line of the table."""
    if row.seconds is None or row.megabytes is None or first.seconds is None:
        return f"| {package} | {row.way} | - | - | - | {row.remark} |"
    ratio = f"{row.seconds / first.seconds:.1f}x"
    return f"| {package} | {row.way} | {row.seconds:.2f} | {ratio} | {row.megabytes:.0f} | {row.remark} |"


if __name__ == "__main__":
    sys.exit(main())
