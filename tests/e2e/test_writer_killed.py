"""Wherever the writer is killed, fails, or is interfered with: afterwards both files are old or both are new.

A fault layer counts the calls into the system that the writer makes, in a process of its own, and acts at each of them
in turn. Where strace is installed, a whole run is killed at each of its real system calls as well.
"""

from __future__ import annotations

import errno
import functools
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from verifier.errors import UserError
from verifier.manifests import history, ledger, writer
from verifier.manifests.history import Edit, State
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Place
from verifier.model import Confidence

REPOSITORY = Path(__file__).parents[2]
STAMP = Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)
MANIFEST = "shop/module.manifest.json"
LEDGER = "manifests/.ledger/shop.ndjson"
CALLS = (
    *("open", "read", "write", "fsync", "close", "replace", "unlink", "truncate", "mkdir", "rmdir"),
    *("chmod", "fchmod", "chown", "utime", "setxattr"),
)
"""Functions of `os` that change something, or stand between two that do."""
KILLED = -signal.SIGKILL
PATIENCE = 60
REFUSED, NOT_REACHED, BROKEN = 3, 4, 5
"""How a process of ours ends: with UserError, without the call that was to be acted at, with any other error."""
MEMORY = Path("/dev/shm")
"""Where nothing waits for a disk, if there is such a place."""


def look(root: Path) -> State:
    place = Place(root=root, path="shop", manifest=root / MANIFEST)
    return writer.look(place, root / "manifests" / ".ledger")


def plan(root: Path, value: str) -> Edit:
    change = Change(field="tags", value=[value], extractor="tags", confidence=Confidence.HIGH, reasons=("r",))
    return history.plan(look(root), [change], STAMP)


def write(root: Path, *values: str) -> None:
    """A whole run, which sets `tags` to each value; without any it only settles what another has left."""
    with writer.writing(root, root / "manifests" / ".ledger", wait=PATIENCE, tell=lambda _: None) as ready:
        for value in values:
            ready.write(plan(root, value))


def nothing(root: Path) -> None:
    """No manifest and no ledger."""
    root.mkdir()


def old(root: Path) -> None:
    """A manifest with its ledger."""
    (root / "shop").mkdir(parents=True)
    (root / MANIFEST).write_bytes(b'{\n  "mine": 1.0,\n  "tags": ["typed"]\n}\n')
    write(root, "old")


def typed(root: Path) -> None:
    """The manifest already holds what is about to be recorded."""
    old(root)
    (root / MANIFEST).write_bytes((root / MANIFEST).read_bytes().replace(b'"old"', b'"new"'))


SCENES = [nothing, old, typed]


def files(root: Path) -> dict[str, bytes]:
    """Every file that is there, the hidden ones too."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def everything(root: Path) -> dict[str, bytes | None]:
    """Files and folders."""
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


Act = Callable[[str, tuple[object, ...]], object]
Trees = Callable[[Callable[[Path], None]], Path]


@pytest.fixture
def trees() -> Iterator[Trees]:
    """Repositories to break, each a fresh one."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:

        def make(scene: Callable[[Path], None]) -> Path:
            scene(root := Path(folder) / f"tree{next(numbers)}")
            return root

        yield make


def states(trees: Trees, scene: Callable[[Path], None]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """All files as they were, and as they are when nothing goes wrong."""
    before = files(root := trees(scene))
    write(root, "new")
    assert files(root) != before
    return before, files(root)


def start(do: Callable[[], object]) -> int:
    """A process of its own."""
    if child := os.fork():
        return child
    try:
        os._exit(NOT_REACHED if do() == NOT_REACHED else 0)
    except UserError:
        os._exit(REFUSED)
    except BaseException:  # noqa: BLE001  it must not come back into pytest
        os._exit(BROKEN)


def end(child: int) -> int:
    """How it ended: one of the above, 0, or the signal, negated."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def disturbed(root: Path, number: int, act: Act, *values: str) -> int:
    """Start a run in which `act` happens before the call of that number, counted from 1."""

    def run() -> int:
        calls = at_call(number, act)
        write(root, *values)
        return 0 if next(calls) > number else NOT_REACHED

    return start(run)


def at_call(number: int, act: Act) -> Iterator[int]:
    """From here on, `act` before the call of that number; the counter."""
    count = itertools.count(1)

    def watched(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if next(count) == number:
                act(name, arguments)
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name)))
    return count


REAL_WRITE = os.write


def kill(name: str, arguments: tuple[object, ...]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_half_way(name: str, arguments: tuple[object, ...]) -> None:
    """What a killed write may leave: the first part of it."""
    if name == "write":
        descriptor, data = arguments
        assert isinstance(descriptor, int)
        assert isinstance(data, bytes)
        REAL_WRITE(descriptor, data[: len(data) // 2])
    kill(name, arguments)


def fail(name: str, arguments: tuple[object, ...]) -> None:
    number = errno.EIO if name in {"read", "close", "fsync"} else errno.ENOSPC
    raise OSError(number, os.strerror(number))


def settle(root: Path) -> dict[str, bytes]:
    """All files after the next run, which has nothing to write itself."""
    assert end(start(functools.partial(write, root))) == 0
    return files(root)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("act", [kill, kill_half_way])
def test_a_killed_run_is_settled_by_the_next(trees: Trees, scene: Callable[[Path], None], act: Act) -> None:
    old_and_new = states(trees, scene)
    ends: list[bool] = []
    for number in itertools.count(1):
        ended = end(disturbed(root := trees(scene), number, act, "new"))
        after = settle(root)
        assert after in old_and_new, number
        assert (root / "shop").exists() == (MANIFEST in after)
        ends.append(after == old_and_new[1])
        if ended == NOT_REACHED:
            break
        assert ended == KILLED
    assert len(ends) > 20
    assert ends == sorted(ends), "from one call on it is new"
    assert ends[-2], "and that is not the last one"


@pytest.mark.parametrize("scene", SCENES)
def test_a_run_that_is_killed_while_it_settles_is_settled_by_the_next(
    trees: Trees, scene: Callable[[Path], None]
) -> None:
    old_and_new = states(trees, scene)
    met: list[dict[str, bytes | None]] = []
    for number in itertools.count(1):
        ended = end(disturbed(root := trees(scene), number, kill, "new"))
        if (left := everything(root)) not in met:  # not where no call since the last has changed anything
            met.append(left)
            for again in itertools.count(1):
                end(disturbed(root := trees(scene), number, kill, "new"))
                second = end(disturbed(root, again, kill))
                assert settle(root) in old_and_new, (number, again)
                shutil.rmtree(root)
                if second == NOT_REACHED:
                    break
                assert second == KILLED
        if ended == NOT_REACHED:
            break
        assert ended == KILLED
    assert len(met) > 8


@pytest.mark.parametrize("scene", SCENES)
def test_a_call_that_fails_is_refused_and_nothing_is_lost(trees: Trees, scene: Callable[[Path], None]) -> None:
    old_and_new = states(trees, scene)
    for number in itertools.count(1):
        ended = end(disturbed(root := trees(scene), number, fail, "new"))
        assert ended in {0, REFUSED, NOT_REACHED}, number
        assert (after := settle(root)) in old_and_new, number
        assert ended == REFUSED or after == old_and_new[1], number
        write(root, "new")
        assert files(root) == old_and_new[1]
        if ended == NOT_REACHED:
            break


@pytest.mark.parametrize("save", ["in place", "by replacing"])
def test_an_edit_at_any_moment_but_that_of_replacing_is_kept(trees: Trees, save: str) -> None:
    mine = b'{\n  "mine": 2\n}\n'

    def type_over(root: Path) -> Act:
        path = root / MANIFEST
        if save == "in place":
            return lambda *_: path.write_bytes(mine)
        return lambda *_: ((root / "mine").write_bytes(mine), (root / "mine").rename(path))

    lost: list[int] = []
    for number in itertools.count(1):
        ended = end(disturbed(root := trees(old), number, type_over(root), "new"))
        after = settle(root)
        values = [record.new for record in ledger.sound(after[LEDGER], LEDGER)]
        if ended == NOT_REACHED:
            break
        assert sorted(after) == [LEDGER, MANIFEST], number
        if after[MANIFEST] == mine:
            assert values == ([["old"]] if ended == REFUSED else [["old"], ["new"]]), number
        elif b'"mine": 2' not in after[MANIFEST]:  # where it came before the first look, it is enriched
            lost.append(number)
    assert lost
    assert lost == [*range(min(lost), max(lost) + 1)]
    assert len(lost) <= 5, "from the last look at it (open, read, read, close) to its replacement"


def test_a_ledger_that_git_replaces_at_any_moment_is_kept_and_the_manifest_is_whole(trees: Trees) -> None:
    before, after = states(trees, old)
    write(other := trees(old), "theirs")
    theirs = (other / LEDGER).read_bytes()

    def replace_ledger(root: Path) -> Act:
        return lambda *_: ((root / "theirs").write_bytes(theirs), (root / "theirs").rename(root / LEDGER))

    lost = 0
    for number in itertools.count(1):
        ended = end(disturbed(root := trees(old), number, replace_ledger(root), "new"))
        found = settle(root)
        if ended == NOT_REACHED:
            break
        assert sorted(found) == [LEDGER, MANIFEST], number
        assert found[MANIFEST] in (before[MANIFEST], after[MANIFEST]), number
        assert found[MANIFEST] == before[MANIFEST] or ended == 0, number
        lost += not found[LEDGER].startswith(theirs)
    assert lost <= 5


def test_of_two_runs_one_waits_and_finds_what_the_other_was_killed_with(trees: Trees) -> None:
    for number in itertools.count(1):
        one = disturbed(root := trees(old), number, kill, "a", "b")
        other = start(functools.partial(write, root, "c", "d"))
        ended = end(one)
        assert end(other) == 0, number
        after = settle(root)
        assert sorted(after) == [LEDGER, MANIFEST], number
        state = look(root)
        assert history.differing(state.records, state.document.value) == (), number
        values = [record.new for record in state.records]
        assert ["c"] in values, number
        assert ["d"] in values, number
        if ended == NOT_REACHED:
            assert len(values) == 5
            break
        assert ended == KILLED
        shutil.rmtree(root)


def test_runs_that_begin_all_at_once_each_write(trees: Trees) -> None:
    values = [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"], ["i", "j"], ["k", "l"]]
    for _ in range(5):
        root = trees(nothing)
        children = [start(functools.partial(write, root, *pair)) for pair in values]
        assert [end(child) for child in children] == [0] * len(values)
        assert sorted(files(root)) == [LEDGER, MANIFEST]
        recorded = [record.new for record in look(root).records]
        assert sorted(recorded, key=str) == [[value] for pair in values for value in pair]


# --- at real system calls ---------------------------------------------------------------------------------------------

RUN = """
import os, sys
from pathlib import Path
import filelock._unix
from verifier.manifests import history, writer
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Place
from verifier.model import Confidence
root = Path(sys.argv[1])
place = Place(root=root, path="shop", manifest=root / "shop/module.manifest.json")
change = Change(field="tags", value=["new"], extractor="tags", confidence=Confidence.HIGH, reasons=("r",))
os.path.exists("/begin here")
with writer.writing(root, root / "manifests/.ledger", wait=0, tell=print) as ready:
    state = writer.look(place, root / "manifests/.ledger")
    ready.write(history.plan(state, [change], Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)))
"""
NO_CHANGE = re.compile(
    r"m(un)?map|mprotect|brk|mremap|madvise|rt_sig\w+|futex|getrandom|clock_\w+|exit_group|get\w?[ug]id|getpid"
    r"|(new)?fstat\w*|stat\w*|lstat|lseek|pread64|ioctl|fcntl|f?access\w*|readlink|getcwd|getdents64|listxattr|llistxattr"
)
"""Memory, time, signals and looks: between two of these nothing on a disk has changed."""


def traced(root: Path, *options: str, log: Path | None = None) -> int:
    command = ["strace", "-o", str(log or os.devnull), *options, sys.executable, "-P", "-B"]
    return subprocess.run(
        [*command, "-c", RUN, root],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0", "PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    ).returncode


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_run_that_is_killed_at_any_system_call_is_settled_by_the_next(trees: Trees, tmp_path: Path) -> None:
    old_and_new = states(trees, old)
    assert traced(trees(old), log=tmp_path / "log") == 0
    seen: dict[str, int] = {}
    points: list[tuple[str, int]] = []
    for line in (tmp_path / "log").read_text().splitlines():
        if found := re.match(r"(\w+)\(", line):
            seen[found[1]] = seen.get(found[1], 0) + 1
            if "/begin here" in line:
                points.clear()
            elif not NO_CHANGE.fullmatch(found[1]):
                points.append((found[1], seen[found[1]]))
    ends = set()
    for call, number in points:
        traced(root := trees(old), f"--trace={call}", f"--inject={call}:signal=KILL:when={number}")
        after = settle(root)
        assert after in old_and_new, (call, number)
        ends.add(after == old_and_new[1])
    assert len(points) > 50
    assert ends == {True, False}
