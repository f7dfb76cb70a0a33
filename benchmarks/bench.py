"""How long `verify-apis` takes, cold, warm and after a change, against the other ways to check a package.

    python benchmarks/bench.py --python .venvs/bench/bin/python [--packages requests] [--ways "cold,griffe dump"]

Every way runs once on each package to warm the disk cache and to sample its memory, and then so many times, in turns;
what takes longer than a minute runs once, and what takes less than two seconds five times as often.
A way that did not do its work has its reason in the table and no time.
Only ratios of one run on one machine mean anything; with `--keep` another run on this machine may add packages to it,
or measure some ways anew, best together with what they are held against.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edited import edited
from installed import find, site_packages
from peers import FORKED, FRESH, PEERS, peers
from results import Results, Row, add_outputs, hand_out, load, machine, save
from rounds import order
from states import (
    CHANGED,
    COLD,
    ONE_IMPORT,
    START,
    STATIC,
    WARM,
    WARM_JSON,
    Tool,
    reported,
    reported_modules,
    tool_options,
    yardsticks,
)
from table import section
from ways import Missing, Place, Refused, Way, environment

PACKAGES = ("requests", "networkx", "django", "sympy", "pandas", "sqlalchemy", "matplotlib")
COLD_ONLY = ("celery", "twisted")
"""Measured cold, against fresh interpreters and a bare fork tree; the rest would say nothing new."""
WAYS = (COLD, WARM, WARM_JSON, CHANGED, STATIC, START, ONE_IMPORT, *PEERS)
TOOLS = ("griffe", "import-effects", "interrogate", "mypy", "pyright", "ruff")
"""The distributions of the peers."""
RUNS = 5
LONG = 60.0
"""Seconds. What takes longer is run once: its times lie close together, and it is far from what it is compared with."""
QUICK = 2.0
"""Seconds. What takes less is run `OFTEN` times in each turn, since its times lie far apart."""
OFTEN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each package in turn and print the tables."""
    options = parser().parse_args(arguments)
    names = options.packages.split(",")
    versions = {name: find(name, options.python).version for name in (*names, *TOOLS)}
    told = kept(Results(command="", runs=options.runs, **machine(options.python), versions=versions, rows=()), options)
    with tempfile.TemporaryDirectory() as folder:
        place = prepared(options.python.absolute(), Path(folder))
        tool = Tool(options=tool_options(), place=place)
        for name in names:
            found = ways(name, tool, wanted(name, options.ways, told))
            told = told.with_rows(measured(name, list(found), place, options.runs))
            told = replace(told, command=command(options, told.rows))
            if options.json:
                save(told, options.json)
    hand_out(told, "bench", section(told), options)
    return 0


def kept(told: Results, options: argparse.Namespace) -> Results:
    """The same with what an earlier run has measured, if that was wanted, and was as here."""
    if not (options.keep and options.json and options.json.exists()):
        return told
    earlier = load(options.json)
    versions = {**earlier.versions, **told.versions}
    if replace(earlier, command="", rows=(), date="", versions={}) != replace(told, date="", versions={}):
        sys.exit(f"{options.json}: this was measured somewhere else, or with other runs: measure all anew")
    if changed := [name for name, version in earlier.versions.items() if versions[name] != version]:
        sys.exit(f"{options.json}: this was measured of other versions of {', '.join(changed)}: measure all anew")
    return replace(told, rows=earlier.rows, versions=versions)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--python", type=Path, required=True, help="of the environment with packages and peers")
    options.add_argument(
        "--packages", default=",".join((*PACKAGES, *COLD_ONLY)), help="comma-separated (default: %(default)s)"
    )
    options.add_argument("--ways", help=f"comma-separated (default: all of {', '.join(WAYS)})")
    options.add_argument("--runs", type=int, default=RUNS, help="timed runs of each way (default: %(default)s)")
    options.add_argument("--keep", action="store_true", help="what the --json file has of others stays in it")
    add_outputs(options)
    return options


def command(options: argparse.Namespace, rows: Iterable[Row]) -> str:
    """What somebody else types for the same."""
    found = {(row.package, row.way) for row in rows}
    packages, usual = {package for package, _ in found}, ",".join((*PACKAGES, *COLD_ONLY))
    named = usual if packages == {*PACKAGES, *COLD_ONLY} else ",".join(sorted(packages))
    is_whole = all((package, way) in found for package in packages for way in usual_ways(package))
    ways = None if is_whole else options.ways
    said = {"RUNS": (options.runs, RUNS), "PACKAGES": (named, usual), "WAYS": (ways, None)}
    return spelled("make bench", said)


def spelled(target: str, said: Mapping[str, tuple[object, object]]) -> str:
    """A target of the Makefile with those of its variables that are said to be other than they usually are."""
    given = [f"{key}={shlex.quote(str(value))}" for key, (value, usual) in said.items() if value != usual]
    return " ".join([target, *given])


def prepared(python: Path, folder: Path) -> Place:
    """Two folders: one to work in, which stays empty but for what the peers leave there, and one for what we make."""
    work, scratch = folder / "work", folder / "scratch"
    work.mkdir()
    scratch.mkdir()
    (site,) = set(site_packages(python))
    return Place(python=python, site=site, env=environment(python, work), work=work, scratch=scratch)


def wanted(package: str, named: str | None, told: Results) -> frozenset[str]:
    """The ways to measure on a package; the cold state is one, which others are held against, unless it is known."""
    if named is not None:
        names = frozenset(re.split(r",(?! )", named))  # some have a comma in their name, and a blank after it
        if unknown := names.difference(WAYS):
            sys.exit(f"no such way: {', '.join(sorted(unknown))}; there are {', '.join(WAYS)}")
        return names if told.find(package, COLD) else names | {COLD}
    return usual_ways(package)


def usual_ways(package: str) -> frozenset[str]:
    """What is measured on a package where nothing else is asked for."""
    return frozenset({COLD, FRESH, FORKED} if package in COLD_ONLY else WAYS)


def ways(package: str, tool: Tool, names: frozenset[str]) -> Iterator[Way | Missing]:
    """Those of `names`, prepared. The first run of the tool says which modules there are."""
    cold, place = tool.cold(package), tool.place
    progress(package, "the modules")
    run = place.run(cold.command)
    if isinstance(outcome := reported(run), Refused):
        sys.exit(f"{shlex.join(cold.command)}: {outcome.why}\n{run.errors}")
    if COLD in names:
        yield cold
    if WARM in names:
        yield tool.warm(package)
    if WARM_JSON in names:
        yield tool.warm_json(package)
    copied = bool(names & {CHANGED, ONE_IMPORT})
    changing = edited(package, place.python, place.scratch / f"edited-{package}") if copied else Refused("no copy")
    if CHANGED in names:
        yield tool.changed(package, changing)
    others = (tool.static(package), *yardsticks(package, place, changing))
    yield from (way for way in (*others, *peers(package, reported_modules(run), place)) if way.name in names)


def measured(  # noqa: PLR0913, PLR0917  for tests, from when on a way is long or quick
    package: str, ways: Sequence[Way | Missing], place: Place, runs: int, long: float = LONG, quick: float = QUICK
) -> list[Row]:
    """A row for each way: one run to warm up and to sample the memory, then the timed ones in turns."""
    rows = {way.name: opened(package, way, place, long) for way in ways}
    short = [way for way in ways if isinstance(way, Way) and not rows[way.name].seconds]
    for turn in range(runs):
        for way in order(short, turn):
            progress(package, f"{way.name}, run {turn + 1}")
            rows[way.name] = timed(rows[way.name], way, place)
        again = [way for way in short if rows[way.name].seconds and rows[way.name].seconds[0] < quick]
        for time in range(1, OFTEN):
            for way in order(again, time):
                rows[way.name] = timed(rows[way.name], way, place)
    return list(rows.values())


def opened(package: str, way: Way | Missing, place: Place, long: float) -> Row:
    """The row before its timed runs; with the time of the first one, where that was `long`."""
    if isinstance(way, Missing):
        return Row(package=package, way=way.name, refused=True, said=way.why.why)
    progress(package, f"{way.name}, memory")
    way.before()
    run = place.run(way.command, way.told, sample=True)
    outcome = way.judge(run)
    if isinstance(outcome, Refused):
        return Row(package=package, way=way.name, refused=True, said=outcome.why)
    row = Row(package=package, way=way.name, peak=run.peak, said=outcome)
    return row.with_run(run) if run.seconds > long else row


def timed(row: Row, way: Way, place: Place) -> Row:
    """The row with one more run. A way that was refused once is not tried again, and keeps no times."""
    if row.refused:
        return row
    way.before()
    run = place.run(way.command, way.told)
    outcome = way.judge(run)
    if isinstance(outcome, Refused):
        return Row(package=row.package, way=row.way, refused=True, said=outcome.why)
    return row.with_run(run)


def progress(package: str, what: str) -> None:
    """One line for whoever waits."""
    print(f"{package}: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
