"""`enrich --all`: many modules at a time, those that nothing has changed for skipped, and whatever one of them does."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.shop import CART, TEXT, Run, manifest, write
from tests.processes import processes_of
from verifier.manifests.repository import MANIFEST

ONLY = ("--all", "--only-changed-sources")
PATIENCE = 20.0
"""Seconds within which all must be gone: far more than it takes."""


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """What is said of all modules together."""
    return done.stdout.splitlines()[-1]


def edited_unseen(repository: Path) -> None:
    """A file as large as before, with the time stamp that it had."""
    file = repository / "shop" / "README.md"
    found = file.stat()
    file.write_text(TEXT.replace("12", "13"), encoding="utf-8")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def with_vocabulary(repository: Path) -> None:
    """Words of the repository's own."""
    text = '{"$extends": true, "shop.cart": {"title": "Shopping cart", "category": "shop"}}'
    write(repository / "words" / "features.json", text)
    append(repository / "pyproject.toml", '[tool.enrich]\nvocabulary = "words"\n')


def append(file: Path, text: str) -> None:
    """More at the end of a file, or a new one."""
    write(file, (file.read_text(encoding="utf-8") if file.exists() else "") + text)


CHANGES: Mapping[str, tuple[Callable[[Path], object], int]] = {
    "its text": (lambda root: append(root / "shop/README.md", "\nMore.\n"), 1),
    # the import of the module below has listed the folder that has a new file now
    "a text that is trusted more": (lambda root: write(root / "shop/claude.me", TEXT), 2),
    "a text behind an old time stamp": (edited_unseen, 1),
    "what defines its APIs": (lambda root: append(root / "shop/cart/__init__.py", "\n"), 2),
    "a new source file": (lambda root: write(root / "mcp-server/more.py", '"""More."""\n'), 1),
    "the package above": (lambda root: append(root / "shop/__init__.py", "\n"), 2),
    "the manifest": (lambda root: append(root / "shop" / MANIFEST, "\n"), 1),
    "the configuration": (lambda root: append(root / "pyproject.toml", "\n"), 3),
    "the vocabulary": (with_vocabulary, 3),
    "a module that was not there": (lambda root: write(root / "new" / MANIFEST, '{"contract": "manifest/1"}'), 4),
}
"""What somebody does, and how many modules have to be looked at again."""


@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_looked_at_and_nothing_else(what: str, repository: Path, enrich: Run) -> None:
    change, touched = CHANGES[what]
    enrich("--all")
    assert last_line(enrich(*ONLY)) == "3 skipped"
    change(repository)
    done = enrich(*ONLY)
    counts = {became: int(number) for number, became in map(str.split, last_line(done).split(", "))}
    assert (done.returncode, counts.pop("skipped", 0)) == (0, max(3 - touched, 0))
    assert sum(counts.values()) == touched
    assert last_line(enrich("--all")).endswith(" unchanged"), "nothing was overlooked"
    assert last_line(enrich(*ONLY)).endswith(" skipped")


def test_nothing_is_skipped_unless_that_is_wanted(repository: Path, enrich: Run) -> None:
    enrich("--all")
    assert last_line(enrich("--all")) == "3 unchanged"
    assert last_line(enrich(*ONLY, "--no-cache")) == "3 unchanged"
    for kept in (repository.parent / "caches").rglob("*.modules"):
        kept.write_bytes(kept.read_bytes()[:-1])
    assert last_line(enrich(*ONLY)) == "3 unchanged"


def test_a_module_that_was_refused_is_looked_at_again(repository: Path, enrich: Run) -> None:
    write(repository / "shop" / MANIFEST, '{"a": 1,}')
    for _ in range(2):
        done = enrich(*ONLY)
        assert done.returncode == 2
        assert done.stderr.startswith("error: it is no JSON")
        assert "1 refused" in last_line(done)


def test_a_warning_is_told_whether_the_module_is_skipped_or_not(repository: Path, enrich: Run) -> None:
    write(repository / "shop" / "README.md", f"---\nstatus: draft\n---\n{TEXT}")
    write(repository / "shop" / "cart" / "broken.py", "def\n")
    told = (
        "warning: shop/README.md: it is a draft: its front matter says `status: draft`\n"
        "warning: shop/cart/broken.py:1: is not valid for this Python: invalid syntax\n"
    )
    for options in (ONLY, ONLY, ("--all", "--check")):
        done = enrich(*options)
        assert (done.returncode, sorted(done.stderr.splitlines())) == (0, told.splitlines())
    assert enrich(*ONLY, "--fail-on-warn").returncode == 1
    assert enrich("--all", "--fail-on-warn").returncode == 1
    assert enrich("--module", "mcp-server", "--fail-on-warn").returncode == 0


def test_a_tag_of_no_vocabulary_is_told_when_it_goes(repository: Path, enrich: Run) -> None:
    write(repository / "shop" / "cart" / MANIFEST, '{"contract": "manifest/1", "tags": ["fast"]}')
    done = enrich("--module", "shop/cart")
    assert done.stderr == f"warning: shop/cart/{MANIFEST}: 'fast' is no tag of the vocabulary, and goes\n"
    assert "tags" not in manifest(repository, "shop/cart")
    assert enrich("--module", "shop/cart", "--fail-on-warn").returncode == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_is_ended_nothing_is_left_at_work(
    how: signal.Signals, repository: Path, tmp_path: Path, scrubbed: Mapping[str, str]
) -> None:
    write(repository / "shop" / "__init__.py", "import time\ntime.sleep(1000)\n")
    (place := tmp_path / "place").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "verifier.cli.enrich", "--all", "--no-cache"],
        cwd=repository, env={**scrubbed, "TMPDIR": str(place)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    until(lambda: len(processes_of(place)) > 2)
    process.send_signal(how)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == {signal.SIGINT: 130}.get(how, -how)
    assert "Traceback" not in errors
    until(lambda: not processes_of(place))
    assert "apis" not in manifest(repository, "shop")


def until(holds: Callable[[], bool]) -> None:
    """Wait until it does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline


def test_a_progress_bar_is_shown_on_a_terminal_alone(
    repository: Path, enrich: Run, scrubbed: Mapping[str, str]
) -> None:
    write(repository / "a_slow_one" / "__init__.py", "import time\ntime.sleep(1.5)\n")
    write(repository / "a_slow_one" / MANIFEST, '{"contract": "manifest/1"}')
    terminal, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.enrich", "--all", "--no-cache", "--jobs", "1"],
        cwd=repository, env=dict(scrubbed), stdout=subprocess.PIPE, stderr=theirs, check=False,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert done.returncode == 0
    assert re.search(r"\r\x1b\[K\[#+\.+\] \d of 3 packages, [\w/-]+", shown)
    assert shown.endswith("\r\x1b[K"), "and taken away"
    assert "\r" not in enrich("--all", "--no-cache").stderr


def test_packages_are_told_in_the_same_order_however_many_are_at_work(repository: Path, enrich: Run) -> None:
    for number in range(6):
        write(repository / f"pack{number}" / "__init__.py", CART)
        write(repository / f"pack{number}" / MANIFEST, '{"contract": "manifest/1"}')
    one, many = (enrich("--all", "--dry-run", "--jobs", jobs, SOURCE_DATE_EPOCH="1").stdout for jobs in ("1", "4"))
    assert one == many
    assert one.count("--- a/") == 8
