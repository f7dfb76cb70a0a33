"""What was measured, where and when: to a JSON file with all raw times, and back."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from measure import Run

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to check one package."""

    package: str
    way: str
    refused: bool = False
    """Whether the way did not do its work: then there are no times, and `said` is why."""
    seconds: tuple[float, ...] = ()
    """Wall clock of each run, in their order."""
    cpu: tuple[float, ...] = ()
    """CPU seconds of each run, all processes together."""
    peak: float | None = None
    """MiB of the whole process tree, sampled in a run of its own that is not among `seconds`."""
    said: str = ""
    """What it found, or why it has no time."""

    def with_run(self, run: Run) -> Row:
        """The same with one more run."""
        return replace(self, seconds=(*self.seconds, run.seconds), cpu=(*self.cpu, run.cpu))


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All rows, and what somebody else needs to do it again."""

    command: str
    runs: int
    date: str
    cpu: str
    cores: int
    system: str
    python: str
    tool_python: str
    versions: Mapping[str, str]
    """Of the packages and the peers."""
    rows: tuple[Row, ...]

    def find(self, package: str, way: str) -> Row | None:
        """The row of that way on that package; None where it was not asked for."""
        return next((row for row in self.rows if (row.package, row.way) == (package, way)), None)

    def with_rows(self, rows: Sequence[Row]) -> Results:
        """The same with these rows, in place of those of the same ways on the same packages."""
        new = {(row.package, row.way) for row in rows}
        return replace(self, rows=(*(row for row in self.rows if (row.package, row.way) not in new), *rows))

    @property
    def heading(self) -> str:
        """One paragraph for above a table."""
        runs = "one run each" if self.runs == 1 else f"medians of {self.runs} runs, in turns"
        return (
            f"`{self.command}`, {self.date}: {runs}, warm disk cache, Python {self.python}, {self.cpu}, "
            f"{self.cores} cores, {self.system}."
        )


class Machine(TypedDict):
    """What is known of where something is measured."""

    date: str
    cpu: str
    cores: int
    system: str
    python: str
    tool_python: str


def machine(python: Path) -> Machine:
    """Today, here, with the packages in the environment of `python`."""
    program = "import platform; print(platform.python_version())"
    done = subprocess.run([str(python), "-I", "-c", program], capture_output=True, encoding="utf-8", check=True)
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        cpu=cpu_model(),
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=done.stdout.strip(),
        tool_python=platform.python_version(),
    )


def cpu_model(information: Path = Path("/proc/cpuinfo")) -> str:
    """What the processor calls itself."""
    text = information.read_text(encoding="utf-8", errors="replace") if information.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def save(measured: Results, file: Path) -> None:
    """Write everything."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(measured), indent=1) + "\n", encoding="utf-8")


def load(file: Path) -> Results:
    """Read what `save` has written."""
    told = json.loads(file.read_text(encoding="utf-8"))
    rows = tuple(Row(**{**row, "seconds": tuple(row["seconds"]), "cpu": tuple(row["cpu"])}) for row in told.pop("rows"))
    return Results(**told, rows=rows)


def replaced(text: str, marker: str, section: str) -> str:
    """`text` with `section` between `<!-- marker -->` and `<!-- /marker -->`. Exits if they are not there once."""
    pattern = re.compile(f"(?<=<!-- {marker} -->\n).*?(?=<!-- /{marker} -->)", re.DOTALL)
    new, count = pattern.subn(lambda _: section, text)
    if count != 1:
        raise SystemExit(f"README.md has no one section {marker}")
    return new


def publish(measured: Results, marker: str, section: str) -> None:
    """Keep the raw times in the repository, and the tables that they give in the README."""
    save(measured, ROOT / "benchmarks" / "results" / f"{marker}.json")
    readme = ROOT / "README.md"
    readme.write_text(replaced(readme.read_text(encoding="utf-8"), marker, section), encoding="utf-8")


def add_outputs(options: argparse.ArgumentParser) -> None:
    """The options that say where results go, besides to the screen."""
    options.add_argument("--json", type=Path, help="write all raw times to this file")
    options.add_argument(
        "--write-readme", action="store_true", help="put the tables into README.md, the times into benchmarks/results"
    )


def hand_out(measured: Results, marker: str, section: str, options: argparse.Namespace) -> None:
    """Print the tables, and write what the options ask for."""
    print(section)
    if options.json:
        save(measured, options.json)
    if options.write_readme:
        publish(measured, marker, section)
