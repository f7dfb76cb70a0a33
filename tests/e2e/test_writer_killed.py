"""Wherever the writer is killed, fails, or is interfered with: afterwards both files are old or both are new.

A fault layer counts the calls into the system that the writer makes, in a process of its own, and acts at each of them in
turn. Where strace is installed, the kernel kills a whole run at each of its real system calls.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from verifier.errors import UserError
from verifier.manifests import history, ledger, writer
from verifier.manifests.history import Edit, State
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Place
from verifier.model import Confidence

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
Files = dict[str, bytes]


def change(field: str, value: str) -> Change:
    return Change(field=field, value=[value], extractor="tags", confidence=Confidence.HIGH, reasons=("r",))


def look(root: Path) -> State:
    place = Place(root=root, path="shop", manifest=root / MANIFEST)
    return writer.look(place, root / "manifests" / ".ledger")


def plan(root: Path, *changes: Change) -> Edit:
    return history.plan(look(root), changes, STAMP)


def write(root: Path, *changes: Change) -> None:
    with writer.writing(root, root / "manifests" / ".ledger", wait=PATIENCE, tell=lambda _: None) as ready:
        if changes:
            ready.write(plan(root, *changes))


def nothing(root: Path) -> None:
    """No manifest and no ledger."""
    root.mkdir()


def old(root: Path) -> None:
    """A manifest with its ledger."""
    (root / "shop").mkdir(parents=True)
    (root / MANIFEST).write_bytes(b'{\n  "mine": 1.0,\n  "tags": ["typed"]\n}\n')
    write(root, change("tags", "old"))


def typed(root: Path) -> None:
    """The manifest already holds what is about to be recorded."""
    old(root)
    (root / MANIFEST).write_bytes((root / MANIFEST).read_bytes().replace(b'"old"', b'"new"'))


SCENES = [nothing, old, typed]


def files(root: Path) -> Files:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Ended(Exception):
    """What a process of its own said of an error, or the signal that ended it."""


def in_child(do: Callable[[], object]) -> int:
    """Run in a process of its own; 0, 3 where it raised UserError, or the signal that ended it, negated."""
    if (child := os.fork()) == 0:
        try:
            do()
        except UserError:
            os._exit(3)
        except BaseException:  # noqa: BLE001  it must not come back into pytest
            os._exit(4)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_call(number: int, act: Callable[[str, tuple[object, ...]], None]) -> None:
    """From here on, `act` before the call of that number, counted from 1."""
    count = itertools.count(1)

    def watched(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if next(count) == number:
                act(name, arguments)
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name)))


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
    raise OSError(errno.EIO if name in {"read", "close", "fsync"} else errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def trees(tmp_path: Path) -> Iterator[Callable[[Callable[[Path], None]], Path]]:
    """Repositories to break, each a fresh one."""
    numbers = itertools.count()

    def make(scene: Callable[[Path], None]) -> Path:
        scene(root := tmp_path / f"tree{next(numbers)}")
        return root

    return make


Trees = Callable[[Callable[[Path], None]], Path]


def both(trees: Trees, scene: Callable[[Path], None]) -> tuple[Files, Files]:
    """All files as they were, and as they are when nothing goes wrong."""
    before = files(root := trees(scene))
    write(root, change("tags", "new"))
    assert files(root) != before
    return before, files(root)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("act", [kill, kill_half_way])
def test_a_killed_run_is_settled_by_the_next(
    trees: Trees, scene: Callable[[Path], None], act: Callable[[str, tuple[object, ...]], None]
) -> None:
    states = both(trees, scene)
    ends: list[bool] = []
    for number in itertools.count(1):
        root = trees(scene)
        ended = in_child(lambda: (at_call(number, act), write(root, change("tags", "new"))))
        assert in_child(lambda: write(root)) == 0
        assert files(root) in states, number
        ends.append(files(root) == states[1])
        shutil.rmtree(root)
        if ended == 0:
            break
        assert ended == KILLED
    assert len(ends) > 20
    assert ends == sorted(ends), "from one call on it is new"
    assert ends[-2], "and that is not the last one"


@pytest.mark.parametrize("scene", SCENES)
def test_a_run_that_is_killed_while_it_settles_is_settled_by_the_next(
    trees: Trees, scene: Callable[[Path], None]
) -> None:
    states = both(trees, scene)
    for number in itertools.count(1):
        for second in itertools.count(1):
            root = trees(scene)
            first = in_child(lambda: (at_call(number, kill), write(root, change("tags", "new"))))
            ended = in_child(lambda: (at_call(second, kill), write(root)))
            assert in_child(lambda: write(root)) == 0
            assert files(root) in states, (number, second)
            shutil.rmtree(root)
            if ended == 0:
                break
            assert ended == KILLED
        if first == 0:
            break


@pytest.mark.parametrize("scene", SCENES)
def test_a_call_that_fails_is_refused_and_both_files_agree(trees: Trees, scene: Callable[[Path], None]) -> None:
    states = both(trees, scene)
    for number in itertools.count(1):
        root = trees(scene)
        reached: list[str] = []
        ended = in_child(lambda: (at_call(number, fail), write(root, change("tags", "new"))))
        settled = files(root) in states
        assert in_child(lambda: write(root)) == 0
        assert files(root) in states, number
        assert ended in {0, 3}, number
        assert in_child(lambda: write(root, change("tags", "new"))) == 0
        assert reached == []
        last = in_child(lambda: (at_call(number, kill), write(trees(scene), change("tags", "new"))))
        shutil.rmtree(root)
        if last == 0:
            break
        del settled


@pytest.mark.parametrize("save", ["in place", "by replacing"])
def test_an_edit_at_any_moment_is_kept(trees: Trees, save: str) -> None:
    mine = b'{\n  "mine": 2\n}\n'

    def type_over(root: Path) -> Callable[[str, tuple[object, ...]], None]:
        def act(name: str, arguments: tuple[object, ...]) -> None:
            path = root / MANIFEST if save == "in place" else root / "new"
            path.write_bytes(mine)
            path.rename(root / MANIFEST)

        return act

    lost: list[int] = []
    for number in itertools.count(1):
        root = trees(old)
        planned = plan(root, change("tags", "new"))

        def run() -> None:
            with writer.writing(root, root / "manifests" / ".ledger", wait=PATIENCE, tell=lambda _: None) as ready:
                at_call(number, type_over(root))
                ready.write(planned)

        ended = in_child(run)
        held = (root / MANIFEST).read_bytes()
        if held != mine and b'"new"' not in (root / MANIFEST).read_bytes():
            break
        recorded = ledger.sound((root / LEDGER).read_bytes(), "")
        if ended == 3:
            assert held == mine
            assert [record.new for record in recorded] == [["old"]], number
        elif held != mine:
            lost.append(number)
        assert in_child(lambda: write(root)) == 0
        assert sorted(files(root)) == [LEDGER, MANIFEST]
        if number > 60:
            break
    assert len(lost) <= 1
