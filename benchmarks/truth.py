"""Is what `verify-apis` says true? Every public module and name is also asked of a fresh interpreter, one process each.

    python benchmarks/truth.py --python .venvs/truth/bin/python [--packages requests,yaml] [--sample 20] [--save]
    python benchmarks/truth.py --python .venvs/many/bin/python --all-installed --names 2000

Prints a table and every disagreement; exit code 1 if there is one. Disagreements are:

- a module that only one of the two imports, or that fails with another exception;
- a verified name that the fresh interpreter lacks;
- a name reported as missing or not importable that the fresh interpreter has;
- a public module among the package's installed files that the report does not have.

The fresh interpreter is not confined: this really imports the packages.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fresh import Fresh, ask
from installed import public_modules

HERE = Path(__file__).parent
PACKAGES = HERE / "truth-packages.txt"
RESULTS = HERE / "results" / "truth.json"
WORKERS = 2
SEED = 0
THERE = {"needs_docs", "none_value", "fabricated", "runtime_only"}
"""Codes of names that can be had, whatever else is wrong with them."""
OPEN = {"forbidden_effect", "needs_system", "shadowed"}
"""Codes that say nothing on whether a name can be had. All codes that are not listed here say that it cannot."""


HEAD = """\
| package | version | modules | asked | names | failing in both | refused effect | disagreements |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that the report and a fresh interpreter see differently."""

    where: str
    report: str
    fresh: str

    def __str__(self) -> str:
        return f"{self.where}: the report says {self.report}; a fresh interpreter says {self.fresh}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One package, compared."""

    package: str
    version: str
    modules: int
    asked: int
    """Modules that were asked of a fresh interpreter: all, or the sample."""
    names: int
    failing: int
    refused: int
    """Modules that import freely and do not in the sandbox, which reports the forbidden effect that it refused."""
    disagreements: tuple[Disagreement, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare each package and print the table; 0 if there is no disagreement, else 1."""
    options = parser().parse_args(arguments)
    results = []
    print(HEAD)
    for result in checked(options):
        results.append(result)
        print(line(result), flush=True)
    print("\n".join(("", *summary(results))))
    if options.save:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")
    return 1 if any(result.disagreements for result in results) else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--python", type=Path, required=True, help="the interpreter that has the packages installed")
    options.add_argument("--packages", help=f"comma-separated names (default: all of {PACKAGES.name})")
    options.add_argument(
        "--sample", type=int, help="ask at most so many modules of each package, the same ones each time"
    )
    options.add_argument("--all-installed", action="store_true", help="all that is installed, in one run of the tool")
    options.add_argument("--names", type=int, default=2000, help="then: ask for so many names, the same ones each time")
    options.add_argument("--save", action="store_true", help=f"write {RESULTS.relative_to(HERE.parent)}")
    return options


def listed_packages() -> list[str]:
    """The names of truth-packages.txt."""
    lines = PACKAGES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def checked(options: argparse.Namespace) -> Iterable[Checked]:
    """What the options ask for, package by package."""
    if options.all_installed:
        return check_all(options.python, options.names)
    names = options.packages.split(",") if options.packages else listed_packages()
    return (check(name, options.python, options.sample) for name in names)


def check_all(python: Path, count: int) -> Iterable[Checked]:
    """Run the tool once on all that is installed, and compare `count` of the names that it tells of."""
    progress("all that is installed: verify-apis")
    reports = verify("--all-installed", python)
    names = [(at, path) for at, report in enumerate(reports) for path in (*report["apis"], *report["apis_pending"])]
    chosen: dict[int, set[str]] = {}
    for at, path in random.Random(SEED).sample(names, min(count, len(names))):
        chosen.setdefault(at, set()).add(path)
    for at, paths in sorted(chosen.items()):
        report = reports[at]
        for key in ("apis", "apis_pending"):
            report[key] = {path: api for path, api in report[key].items() if path in paths}
        yield compare(report["name"], report, sorted(names_by_module(report)), python)


def check(package: str, python: Path, sample: int | None) -> Checked:
    """Run the tool on `package`, ask a fresh interpreter about its modules, and compare."""
    progress(f"{package}: verify-apis")
    (report,) = verify(package, python)
    asked = sorted(report["modules"])
    if sample is not None and sample < len(asked):
        asked = sorted(random.Random(SEED).sample(asked, sample))
    missed = sorted(expected_modules(package, python) - report["modules"].keys())
    return compare(package, report, asked, python, missed)


def compare(package: str, report: Any, asked: Sequence[str], python: Path, missed: Sequence[str] = ()) -> Checked:
    """Ask a fresh interpreter about these modules, and the names that the report has of them."""
    modules, names = report["modules"], names_by_module(report)
    progress(f"{package}: {len(asked)} fresh interpreters")
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = dict(
            zip(asked, pool.map(lambda module: ask(python, module, names.get(module, ())), asked), strict=True)
        )
    return Checked(
        package=package,
        version=report["version"] or "?",
        modules=len(modules),
        asked=len(asked),
        names=sum(len(names.get(module, ())) for module in asked),
        failing=sum(answer.error is not None for answer in answers.values()),
        refused=sum(was_refused(modules[module], answer) for module, answer in answers.items()),
        disagreements=(
            *(
                Disagreement(where=module, report="nothing of this module", fresh="its file is installed")
                for module in missed
            ),
            *compare_modules(modules, answers),
            *compare_names(report, answers, confirm=lambda module, name: ask(python, module, (name,))),
        ),
    )


def expected_modules(package: str, python: Path) -> frozenset[str]:
    """What the report must have: where `attrs` is an import name too, that is what was asked for, and not `attr`."""
    installed = public_modules(package, python)
    below = frozenset(name for name in installed if name.partition(".")[0] == package)
    return below or installed


def verify(target: str, python: Path) -> Any:
    """The tool's own reports on `target`: the targets of its JSON."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "verifier.cli.verify_apis",
        target,
        "--json",
        "--no-cache",
        "--python",
        str(python),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    return json.loads(done.stdout)["targets"]


def names_by_module(report: Any) -> Mapping[str, list[str]]:
    """Every advertised name, verified or pending, by its module."""
    names: dict[str, list[str]] = {}
    for api in (*report["apis"].values(), *report["apis_pending"].values()):
        names.setdefault(api["module"], []).append(api["name"])
    return names


def was_refused(module: Any, answer: Fresh) -> bool:
    """Whether a module fails in the sandbox alone, and the report names what was refused as the reason."""
    refused = any(effect["stopped"] for effect in module["effects"])
    return refused and module["status"] != "imported" and answer.error is None


def compare_modules(modules: Mapping[str, Any], answers: Mapping[str, Fresh]) -> Iterable[Disagreement]:
    """Whether the same modules import, and the others fail with the same exception."""
    for name, answer in answers.items():
        module = modules[name]
        reported = module["error"]["type"] if module["error"] else None
        same = answer.error is not None if module["status"] == "not_tried" else reported == answer.error
        if not same and not was_refused(module, answer):
            yield Disagreement(
                where=name,
                report=f"{module['status']}, {module['error']}",
                fresh=f"{answer.error}: {answer.message}" if answer.error else "it imports",
            )


def compare_names(
    report: Any, answers: Mapping[str, Fresh], confirm: Callable[[str, str], Fresh]
) -> Iterable[Disagreement]:
    """Whether verified names are there and missing ones are not.

    A name is asked for again, alone, before it counts: looking up one name can bring another.
    """
    for path, api in sorted({**report["apis"], **report["apis_pending"]}.items()):
        module, name = api["module"], api["name"]
        claim = claims_presence(api)
        if module in answers and claim is not None and has(answers[module], name) != claim:
            alone = confirm(module, name)
            if has(alone, name) != claim:
                codes = ", ".join(reason["code"] for reason in api["reasons"])
                yield Disagreement(
                    where=path, report=codes or "verified", fresh=alone.error or f"has it: {has(alone, name)}"
                )


def claims_presence(api: Any) -> bool | None:
    """What the report says of a name: it can be had, it cannot, or neither."""
    codes = {reason["code"] for reason in api["reasons"]}
    return None if codes & OPEN else codes <= THERE


def has(answer: Fresh, name: str) -> bool:
    """Whether a fresh interpreter can import the module and finds the name on it."""
    return answer.error is None and answer.has[name]


def line(row: Checked) -> str:
    """One line of the table."""
    cells = (
        row.package,
        row.version,
        row.modules,
        row.asked,
        row.names,
        row.failing,
        row.refused,
        len(row.disagreements),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def summary(results: Sequence[Checked]) -> Iterable[str]:
    """Every disagreement, and the sums."""
    yield from (f"- {row.package}: {problem}" for row in results for problem in row.disagreements)
    modules, asked, names = (sum(getattr(row, key) for row in results) for key in ("modules", "asked", "names"))
    wrong = sum(len(row.disagreements) for row in results)
    yield f"{len(results)} packages, {modules} modules ({asked} asked), {names} names, {wrong} disagreements"


def progress(line: str) -> None:
    """One line for whoever waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
