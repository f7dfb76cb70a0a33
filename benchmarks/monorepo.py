"""How long `enrich` and its gates take over a monorepo: held against `git status`, and one read of all that they go by.

    python benchmarks/monorepo.py [--sizes 2000] [--runs 5] [--json FILE]

The monorepo is made up anew (`modules.py`). Cold, nothing is known and nothing is written yet; after it everything is
committed, and the other states begin from there. Every way runs once to sample its memory, and then to be timed, in
turns; cold runs come first, each on a repository as it was at the beginning and with an empty cache.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import measured
from growth import Benchmark, over_sizes
from modules import COMMIT, git, make
from peers import answered
from results import Results, Row
from table import cell, markdown
from ways import Place, Way, environment

TOOL = str(Path(sys.executable).with_name("enrich"))
STATUS, READ = "git status", "one read"
COLD, SAME, ONE, ALL = "cold", "no change", "one module changed", "no change, all looked at"
GATES, GATES_ONE, GATES_MANY = "gates", "gates, one module changed", "gates, 100 modules changed"
MANY = 100
WAYS = (STATUS, READ, COLD, SAME, ONE, ALL, GATES, GATES_ONE, GATES_MANY)
SIZES = "2000"
READ_ALL = """
import os
total = 0
for folder, below, names in os.walk("."):
    below[:] = [each for each in below if each != ".git"]
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            total += len(file.read())
print(total, "bytes")
"""
NOTES = f"""\
- *{COLD}*: `enrich --all`: modules are imported, composed, and written with their ledgers, one after the other.
- *{SAME}*: `enrich --all --only-changed-sources` afterwards; *{ONE}*: the same when one context file has a new line.
- *{ALL}*: `enrich --all` afterwards: everything is read and composed again, and imports are known.
- *{GATES}*: `enrich gates` afterwards: everything is imported, composed and followed anew, nothing is believed.
- *{GATES_ONE}*, *{GATES_MANY}*: `enrich gates --since main` when context files have a new line; of the 100, two are in
  each package of 40 modules, and a package is imported as a whole.
- *{READ}*: a Python program that reads every file once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in turn and print the table."""
    return over_sizes(MONOREPO, arguments)


def of_size(count: int, folder: Path, runs: int) -> list[Row]:
    """All ways, on a monorepo of `count` modules."""
    root = make(folder / "made", count)
    home = folder / "home"
    home.mkdir()
    place = Place(python=Path(sys.executable), site=folder, env=_environment(home), work=root, scratch=folder)
    name = f"{count:,}"
    rows = measured(name, [cold(root, home)], place, runs)
    git(root, "add", "-A")
    git(root, *COMMIT)
    return rows + measured(name, list(others(root)), place, runs)


def _environment(home: Path) -> dict[str, str]:
    return environment(Path(sys.executable), home) | {"PYTHONDONTWRITEBYTECODE": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def cold(root: Path, home: Path) -> Way:
    """The first run of all."""

    def forget() -> None:
        git(root, "reset", "-q", "--hard")
        git(root, "clean", "-q", "-fdx")
        shutil.rmtree(home / ".cache", ignore_errors=True)

    return Way(name=COLD, command=(TOOL, "--all"), before=forget)


def others(root: Path) -> Iterator[Way]:
    """What is run when all is written."""
    yield Way(name=STATUS, command=("git", "status", "--porcelain"))
    yield Way(name=READ, command=(sys.executable, "-I", "-c", READ_ALL))
    yield Way(name=ALL, command=(TOOL, "--all"))
    yield Way(name=SAME, command=(TOOL, "--all", "--only-changed-sources"))
    contexts = sorted(root.glob("area_*/part_*/README.md"), key=lambda file: int(file.parent.name.partition("_")[2]))
    yield Way(name=ONE, command=(TOOL, "--all", "--only-changed-sources"), before=lambda: edit(contexts[:1]))

    def anew(count: int) -> None:
        git(root, "reset", "-q", "--hard")
        edit(contexts[:: len(contexts) // count][:count] if count else [])

    judge = answered(r"\bmodules? open\b", codes=(0, 1))  # nothing was measured there, so no gate of it is open
    yield Way(name=GATES, command=(TOOL, "gates"), before=lambda: anew(0), judge=judge)
    of_branch = (TOOL, "gates", "--since", "main")
    yield Way(name=GATES_ONE, command=of_branch, before=lambda: anew(1), judge=judge)
    yield Way(name=GATES_MANY, command=of_branch, before=lambda: anew(MANY), judge=judge)


def edit(files: Sequence[Path]) -> None:
    """Add a line to each."""
    for file in files:
        file.write_text(f"{file.read_text(encoding='utf-8')}\nAnother line.\n", encoding="utf-8")


def section(told: Results) -> str:
    """The table: each state, held against both."""
    heads = ["modules", "state", f"s, of `{STATUS}`", f"s, of *{READ}*"]
    sizes = list(dict.fromkeys(row.package for row in told.rows))
    lines = [[size, way, cell(told, size, way, STATUS), cell(told, size, way, READ)] for size in sizes for way in WAYS]
    return "\n\n".join([told.heading, "\n".join(markdown(heads, lines)), NOTES]) + "\n"


MONOREPO = Benchmark(
    title=(__doc__ or "").partition("\n")[0],
    target="make bench-enrich",
    variable="MODULES",
    marker="monorepo",
    sizes=SIZES,
    of_size=of_size,
    section=section,
)

if __name__ == "__main__":
    sys.exit(main())
