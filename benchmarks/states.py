"""`verify-apis` itself, in its states, and its static part alone; each beside what it is held against."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edited import Edited
from measure import Run
from ways import Missing, Place, Refused, Way, ending, nothing

COLD, WARM, WARM_JSON, CHANGED, STATIC = "cold", "warm", "warm, as JSON", "one file changed", "static part"
START, ONE_IMPORT = "import typer", "import of the package"
TOOL = str(Path(sys.executable).with_name("verify-apis"))
HERE = Path(__file__).parent


def known_options(help_text: str) -> frozenset[str]:
    """The long options that a `--help` lists."""
    return frozenset(re.findall(r"--[a-z][a-z-]*", help_text))


def tool_options() -> frozenset[str]:
    """Those of the `verify-apis` at hand: its table has rows for options that a version may not have."""
    done = subprocess.run([TOOL, "--help"], capture_output=True, encoding="utf-8", check=True, env={"COLUMNS": "200"})
    return known_options(done.stdout)


def lacking(options: frozenset[str], *needed: str) -> Refused | None:
    """Which of the options the tool does not have, if any."""
    absent = [name for name in needed if name not in options]
    return Refused(f"not available: verify-apis has no {', '.join(absent)}") if absent else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`verify-apis` with the options that it knows."""

    options: frozenset[str]
    place: Place

    def cold(self, package: str) -> Way:
        """Nothing is known of the package. A tool without a cache is always cold."""
        extra = ("--no-cache",) if "--no-cache" in self.options else ()
        return Way(name=COLD, command=self._command(package, "--json", *extra), judge=reported)

    def warm(self, package: str) -> Way | Missing:
        """All is known, and nothing has changed: the cache is filled here, once."""
        return self._warm(package, WARM, told)

    def warm_json(self, package: str) -> Way | Missing:
        """The same with every API in the report, where that of `warm` has a line for what was found."""
        return self._warm(package, WARM_JSON, reported, "--json")

    def changed(self, package: str, edited: Edited | Refused) -> Way | Missing:
        """All is known, and then the package's `__init__.py` is written to before each run."""
        if why := lacking(self.options, "--cache-dir", "--changed"):
            return Missing(name=CHANGED, why=why)
        if isinstance(edited, Refused):
            return Missing(name=CHANGED, why=edited)
        cache = ("--cache-dir", str(self._cache(package, "changed")))
        command = (TOOL, "--changed", str(edited.file), "--python", str(edited.python), *cache)
        return self._filled(Way(name=CHANGED, command=command, before=edited.touch, judge=told))

    def static(self, package: str) -> Way:
        """What is read of the source, without any import."""
        program = str(HERE / "static.py")
        return Way(name=STATIC, command=(sys.executable, "-P", program, package, "--python", str(self.place.python)))

    def _warm(self, package: str, name: str, judge: Callable[[Run], str | Refused], *more: str) -> Way | Missing:
        if why := lacking(self.options, "--cache-dir"):
            return Missing(name=name, why=why)
        command = self._command(package, "--cache-dir", str(self._cache(package, "warm")), *more)
        return self._filled(Way(name=name, command=command, judge=judge))

    def _command(self, package: str, *more: str) -> tuple[str, ...]:
        return (TOOL, package, "--python", str(self.place.python), *more)

    def _cache(self, package: str, name: str) -> Path:
        return self.place.scratch / f"cache-{Path(package).name}-{name}"

    def _filled(self, way: Way) -> Way | Missing:
        """Run it once, so that its cache is full."""
        outcome = way.judge(self.place.run(way.command))
        return Missing(name=way.name, why=outcome) if isinstance(outcome, Refused) else way


def yardsticks(package: str, place: Place, edited: Edited | Refused) -> list[Way]:
    """What no command can be faster than: the tool's own start, and the import of one module."""
    python, before = (place.python, nothing) if isinstance(edited, Refused) else (edited.python, edited.touch)
    return [
        Way(name=START, command=(sys.executable, "-I", "-c", "import typer")),
        Way(name=ONE_IMPORT, command=(str(python), "-I", "-c", f"import {package}"), before=before),
    ]


def reported(run: Run) -> str | Refused:
    """How many modules the report has; the exit code 1 tells of findings, all above of none."""
    if run.code not in (0, 1):
        return Refused(ending(run))
    return f"{len(reported_modules(run))} modules"


def told(run: Run) -> str | Refused:
    """How many lines it has for a reader."""
    return Refused(ending(run)) if run.code not in (0, 1) else f"{len(run.output.splitlines())} lines"


def reported_modules(run: Run) -> Sequence[str]:
    """The public modules, as the tool's report names them."""
    return sorted(name for target in json.loads(run.output)["targets"] for name in target["modules"])
