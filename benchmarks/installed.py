"""Which public modules a distribution has installed, from its own list of files: nothing of the tool is asked."""

from __future__ import annotations

import keyword
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

TESTS = re.compile(r"tests?|conftest|test_.*|.*_tests?")
"""Names that may be left out as tests: this list is wider than the tool's, which must only never miss anything else."""


def public_modules(package: str, python: Path) -> frozenset[str]:
    """Dotted names of the modules in the RECORD of the distribution `package`, without private ones and tests."""
    files = find(package, python).files or ()
    return frozenset(name for file in files if (name := dotted(PurePosixPath(file))) and not left_out(name.split(".")))


def find(package: str, python: Path) -> Distribution:
    """The installed distribution of that name. Exits if there is none."""
    wanted = normal(package)
    for distribution in distributions(path=[str(folder) for folder in site_packages(python)]):
        if normal(distribution.name) == wanted:
            return distribution
    raise SystemExit(f"{package} is not installed for {python}")


def site_packages(python: Path) -> Iterable[Path]:
    """The folders in which `python` has its packages."""
    program = "import sysconfig; print(sysconfig.get_path('purelib')); print(sysconfig.get_path('platlib'))"
    done = subprocess.run([str(python), "-I", "-c", program], capture_output=True, encoding="utf-8", check=True)
    return [Path(line) for line in dict.fromkeys(done.stdout.splitlines())]


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def dotted(file: PurePosixPath) -> str:
    """`a/b.py` and `a/b.cpython-311-….so` are `a.b`, `a/__init__.py` is `a`; what is no module is empty."""
    if file.suffix not in (".py", ".so", ".pyd") or file.parts[0] == "..":
        return ""
    stem = file.name.split(".")[0]
    parts = file.parts[:-1] if stem == "__init__" else (*file.parts[:-1], stem)
    importable = all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)
    return ".".join(parts) if importable else ""


def left_out(parts: list[str]) -> bool:
    """Private modules, tests and programs are no API."""
    return any(part.startswith("_") or TESTS.fullmatch(part) for part in parts)
