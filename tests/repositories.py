"""Whole repositories, as tests copy, enrich and compare them."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
MONOREPO = FIXTURES / "monorepo"
CASES = tuple(sorted(path for path in (FIXTURES / "manifests").iterdir() if path.is_dir()))
MOMENT = "1700000000"
"""When all runs take place (`SOURCE_DATE_EPOCH`), unless a test says otherwise."""
PATIENCE = 120
"""Seconds after which a run counts as hung."""


def command(*options: str) -> list[str]:
    """The real command; `-P` keeps the repository off the tool's own `sys.path`."""
    return [sys.executable, "-P", "-m", "verifier.cli.enrich", *options]


def environment(scrubbed: Mapping[str, str], **others: str) -> dict[str, str]:
    """What a run sees: the interpreter that runs the tests is the one that imports the modules."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    return {**scrubbed, "PATH": path, "SOURCE_DATE_EPOCH": MOMENT, **others}


def git(root: Path, *arguments: str) -> str:
    """What git prints at the root of a repository, as somebody who has a name."""
    named = ("-c", "user.name=A", "-c", "user.email=a@b.example")
    return subprocess.run(["git", *named, *arguments], cwd=root, check=True, capture_output=True).stdout.decode()


def commit(root: Path, message: str = "all of it") -> None:
    """Commit all that is there."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def enrich(root: Path, *options: str, env: Mapping[str, str], umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    """Run the command at the root of a repository."""
    return subprocess.run(
        command(*options), cwd=root, env=dict(env), umask=umask,
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False,
    )  # fmt: skip


def copied(source: Path, root: Path, *, mixed: bool = False) -> Path:
    """A copy of a repository; with `mixed` its files are made in no order, and some file systems list them so."""
    found = sorted(path for path in source.rglob("*") if path.is_file())
    if mixed:
        random.Random(0).shuffle(found)
    for path in found:
        target = root / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return root


def files(root: Path) -> dict[str, bytes]:
    """Every file of a repository, the hidden ones too; none if there is no such folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def commands_of(case: Path) -> list[list[str]]:
    """The options of each command of a case, in order."""
    found: list[list[str]] = json.loads((case / "command.json").read_text(encoding="utf-8"))["commands"]
    return found


def transcript(case: Path, root: Path, *, env: Mapping[str, str], umask: int = 0o022) -> str:
    """Run the commands of a case: all that they print, one after the other."""
    told: list[str] = []
    for options in commands_of(case):
        done = enrich(root, *options, env=env, umask=umask)
        errors = "".join(f"! {line}\n" for line in done.stderr.splitlines())
        told.append(f"$ enrich {shlex.join(options)}\n{done.stdout}{errors}exit {done.returncode}\n")
    return "\n".join(told).replace(str(root), "<REPOSITORY>")
