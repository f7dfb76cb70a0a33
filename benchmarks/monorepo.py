"""How long `enrich` and its gates take over a monorepo: held against `git status`, and one read of all that they go by.

    python benchmarks/monorepo.py [--sizes 2000] [--runs 5] [--json FILE]

The monorepo is made up anew (`modules.py`). Cold, nothing is known and nothing is written yet; after it everything is
committed, and the other states begin from there. Every way runs once to sample its memory, and then to be timed, in
turns; cold runs come first, each on a repository as it was at the beginning and with an empty cache.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
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


def of_size(modules: int, folder: Path, runs: int) -> list[Row]:
    """All ways, on a monorepo of so many modules."""
    root = make(folder / "made", modules)
    home = folder / "home"
    home.mkdir()
    place = Place(python=Path(sys.executable), site=folder, env=_environment(home), work=root, scratch=folder)
    name = f"{modules:,}"
    rows = measured(name, [cold(root, home)], place, runs)
    git(root, "add", "-A")
    git(root, *COMMIT)
    return rows + measured(name, list(others(root, place.env)), place, runs)


def _environment(home: Path) -> dict[str, str]:
    return environment(Path(sys.executable), home) | {"PYTHONDONTWRITEBYTECODE": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def cold(root: Path, home: Path) -> Way:
    """The first run of all."""

    def forget() -> None:
        git(root, "reset", "-q", "--hard")
        git(root, "clean", "-q", "-fdx")
        shutil.rmtree(home / ".cache", ignore_errors=True)

    return Way(name=COLD, command=(TOOL, "--all"), before=forget)


def others(root: Path, env: Mapping[str, str]) -> Iterator[Way]:
    """What is run when all is written. Each way begins with what was committed, is known, and has changed since."""
    only_changed = (TOOL, "--all", "--only-changed-sources")
    contexts = sorted(root.glob("area_*/part_*/README.md"), key=lambda file: int(file.parent.name.partition("_")[2]))
    turns = count()

    def changed(modules: int) -> Callable[[], None]:
        def before() -> None:
            git(root, "reset", "-q", "--hard")
            subprocess.run(only_changed, cwd=root, env=env, check=True, capture_output=True)
            line = f"\nLine {next(turns)}.\n"
            for file in contexts[:: len(contexts) // modules][:modules] if modules else ():
                file.write_text(file.read_text(encoding="utf-8") + line, encoding="utf-8")

        return before

    yield Way(name=STATUS, command=("git", "status", "--porcelain"))
    yield Way(name=READ, command=(sys.executable, "-I", "-c", READ_ALL))
    yield Way(name=ALL, command=(TOOL, "--all"), before=changed(0))
    yield Way(name=SAME, command=only_changed, before=changed(0))
    yield Way(name=ONE, command=only_changed, before=changed(1))
    judge = answered(r"\bmodules? open\b", codes=(0, 1))  # nothing was measured there, so no gate of it is open
    yield Way(name=GATES, command=(TOOL, "gates"), before=changed(0), judge=judge)
    of_branch = (TOOL, "gates", "--since", "main")
    yield Way(name=GATES_ONE, command=of_branch, before=changed(1), judge=judge)
    yield Way(name=GATES_MANY, command=of_branch, before=changed(MANY), judge=judge)


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
