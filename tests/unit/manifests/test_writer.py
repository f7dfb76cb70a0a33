"""The writer changes a manifest and its ledger together, keeps what is the user's, and refuses what it could harm."""

from __future__ import annotations

import os
import resource
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from verifier.errors import UserError
from verifier.manifests import history, ledger, writer
from verifier.manifests.history import Edit
from verifier.manifests.ledger import Change, Stamp
from verifier.manifests.model import Place
from verifier.manifests.writer import Writer
from verifier.model import Confidence

STAMP = Stamp(timestamp="2024-05-01T12:00:00Z", sha=None)
MANIFEST = b'{\n  "tags": ["typed"]\n}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one module, and a second one that has no manifest."""
    for name in ("shop", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "shop" / "module.manifest.json").write_bytes(MANIFEST)
    return tmp_path


def place(root: Path, path: str = "shop") -> Place:
    return Place(root=root, path=path, manifest=root / path / "module.manifest.json")


def ledgers(root: Path) -> Path:
    return root / "manifests" / ".ledger"


def edit(root: Path, path: str = "shop", value: str = "x") -> Edit:
    change = Change(field="tags", value=[value], extractor="tags", confidence=Confidence.HIGH, reasons=("r",))
    return history.plan(writer.look(place(root, path), ledgers(root)), [change], STAMP)


@contextmanager
def opened(root: Path) -> Iterator[Writer]:
    with writer.writing(root, ledgers(root), wait=0, tell=pytest.fail) as ready:
        yield ready


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def picture(root: Path) -> dict[str, tuple[object, ...]]:
    """All that could have been changed, but for the times of folders."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        seen = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(seen.st_mode) else None
        times = seen.st_mtime_ns if content is not None else 0
        found[path.relative_to(root).as_posix()] = (seen.st_mode, seen.st_uid, seen.st_ino, times, content)
    return found


def refused(root: Path, planned: Edit) -> UserError:
    """Why it is refused; nothing at all may have changed."""
    before = picture(root)
    with opened(root) as ready, pytest.raises(UserError) as told:
        ready.write(planned)
    assert picture(root) == before
    return told.value


def test_manifest_and_ledger_are_written_and_no_more(root: Path) -> None:
    planned = edit(root)
    with opened(root) as ready:
        ready.write(planned)
    assert files(root) == {
        "shop/module.manifest.json": b'{\n  "tags": ["x"]\n}\n',
        "manifests/.ledger/shop.ndjson": planned.ledger.after,
    }
    assert not edit(root).changes


def test_a_run_that_writes_nothing_leaves_nothing(root: Path) -> None:
    before = picture(root)
    with opened(root):
        pass
    assert picture(root) == before


def test_folders_are_made_for_a_manifest_in_a_tree_of_its_own(root: Path) -> None:
    there = Place(root=root, path="a/b", manifest=root / "manifests" / "a" / "b" / "module.manifest.json")
    change = Change(field="tags", value=["x"], extractor="tags", confidence=Confidence.HIGH, reasons=("r",))
    with opened(root) as ready:
        ready.write(history.plan(writer.look(there, ledgers(root)), [change], STAMP))
    assert there.manifest.read_bytes() == b'{\n  "tags": [\n    "x"\n  ]\n}\n'
    assert ledger.read((ledgers(root) / "a" / "b.ndjson").read_bytes()).problems == ()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_the_umask_has_no_say_in_modes(root: Path, umask: int) -> None:
    (root / "shop" / "module.manifest.json").chmod(0o640)
    planned = [edit(root), edit(root, "other")]
    was = os.umask(umask)
    try:
        with opened(root) as ready:
            for each in planned:
                ready.write(each)
    finally:
        os.umask(was)
    modes = {path.relative_to(root).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*.*json")}
    assert modes == {
        "shop/module.manifest.json": 0o640,
        "other/module.manifest.json": 0o644,
        "manifests/.ledger/shop.ndjson": 0o644,
        "manifests/.ledger/other.ndjson": 0o644,
    }
    assert stat.S_IMODE(ledgers(root).stat().st_mode) == 0o755


def test_a_file_keeps_its_owner_group_and_attributes(root: Path) -> None:
    manifest = root / "shop" / "module.manifest.json"
    if os.getuid() == 0:
        os.chown(manifest, 1234, 4321)
    try:
        os.setxattr(manifest, "user.note", b"mine")
    except OSError:
        noted = False
    else:
        noted = True
    before = manifest.stat()
    with opened(root) as ready:
        ready.write(edit(root))
    after = manifest.stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_mtime_ns > before.st_mtime_ns
    assert not noted or os.getxattr(manifest, "user.note") == b"mine"


# --- refusals ---------------------------------------------------------------------------------------------------------


def link_manifest(root: Path) -> None:
    manifest = root / "shop" / "module.manifest.json"
    manifest.rename(root / "elsewhere.json")
    manifest.symlink_to(root / "elsewhere.json")


def link_folder(root: Path) -> None:
    (root / "shop").rename(root / "elsewhere")
    (root / "shop").symlink_to(root / "elsewhere")


def link_ledger(root: Path) -> None:
    ledgers(root).mkdir(parents=True)
    (ledgers(root) / "shop.ndjson").symlink_to(root / "elsewhere.ndjson")


def change_manifest(root: Path) -> None:
    (root / "shop" / "module.manifest.json").write_bytes(MANIFEST + b"\n")


def remove_manifest(root: Path) -> None:
    (root / "shop" / "module.manifest.json").unlink()


def change_ledger(root: Path) -> None:
    ledgers(root).mkdir(parents=True)
    (ledgers(root) / "shop.ndjson").write_bytes(b"{}\n")


def take_the_name(root: Path) -> None:
    (root / "shop" / ".module.manifest.json.enrich").write_bytes(b"mine")


def link_hard(root: Path) -> None:
    (root / "other" / "same.json").hardlink_to(root / "shop" / "module.manifest.json")


def make_read_only(root: Path) -> None:
    (root / "shop" / "module.manifest.json").chmod(0o444)


def make_a_folder(root: Path) -> None:
    (root / "shop" / "module.manifest.json").unlink()
    (root / "shop" / "module.manifest.json").mkdir()


def make_a_pipe(root: Path) -> None:
    (root / "shop" / "module.manifest.json").unlink()
    os.mkfifo(root / "shop" / "module.manifest.json")


@pytest.mark.parametrize(
    ("do", "what", "where"),
    [
        (link_manifest, "symbolic link", "shop/module.manifest.json"),
        (link_folder, "symbolic link", "shop"),
        (link_ledger, "symbolic link", "manifests/.ledger/shop.ndjson"),
        (change_manifest, "changed it since it was read", "shop/module.manifest.json"),
        (remove_manifest, "changed it since it was read", "shop/module.manifest.json"),
        (change_ledger, "changed it since it was read", "manifests/.ledger/shop.ndjson"),
        (take_the_name, "taken", "shop/.module.manifest.json.enrich"),
        (link_hard, "hard links", "shop/module.manifest.json"),
        (make_read_only, "read-only", "shop/module.manifest.json"),
        (make_a_folder, "no regular file", "shop/module.manifest.json"),
        (make_a_pipe, "no regular file", "shop/module.manifest.json"),
    ],
)
def test_what_could_be_lost_is_refused_and_stays(root: Path, do: Callable[[Path], None], what: str, where: str) -> None:
    planned = edit(root)
    do(root)
    told = refused(root, planned)
    assert what in told.what
    assert told.where == where
    assert told.fix


@pytest.mark.parametrize("do", [link_manifest, link_folder, link_ledger, make_a_folder, make_a_pipe])
def test_what_would_be_refused_is_refused_when_it_is_read(root: Path, do: Callable[[Path], None]) -> None:
    do(root)
    with pytest.raises(UserError):
        writer.look(place(root), ledgers(root))


def test_the_failure_of_one_module_does_not_stop_another(root: Path) -> None:
    first, second = edit(root), edit(root, "other")
    make_read_only(root)
    with opened(root) as ready:
        with pytest.raises(UserError):
            ready.write(first)
        ready.write(second)
    assert (root / "shop" / "module.manifest.json").read_bytes() == MANIFEST
    assert not edit(root, "other").changes


def in_child(do: Callable[[], object]) -> str:
    """What a process of its own says before it ends: the errors of a user who may not do everything."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            told = str(do())
        except BaseException as error:  # noqa: BLE001  it must not come back into pytest
            told = f"{type(error).__name__}: {error}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return told


NOBODY = 65534


def give_away(root: Path, to: int) -> None:
    """All of it belongs to this user, who can get there."""
    for path in (root, *root.rglob("*")):
        os.chown(path, to, to)
    for folder in root.parents:
        if not (mode := folder.stat().st_mode) & 0o001:
            folder.chmod(mode | 0o001)


def give_back(root: Path, mode: int) -> None:
    """The manifest belongs to root again."""
    manifest = root / "shop" / "module.manifest.json"
    os.chown(manifest, 0, 0)
    manifest.chmod(mode)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("do", "told"),
    [
        (lambda root: None, "written"),
        (lambda root: (root / "shop").chmod(0o555), "it may not be written"),
        (lambda root: root.chmod(0o555), "it may not be written"),
        (lambda root: give_back(root, 0o644), "it is read-only"),
        (lambda root: give_back(root, 0o666), "it belongs to somebody else"),
    ],
    ids=["the twin", "a read-only folder", "no place for ledgers", "somebody else's", "somebody else's, for all"],
)
def test_what_the_user_may_not_write_is_refused(root: Path, do: Callable[[Path], object], told: str) -> None:
    give_away(root, NOBODY)
    do(root)
    planned = edit(root)
    before = picture(root)

    def run() -> str:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        with opened(root) as ready:
            ready.write(planned)
        return "written"

    assert told in in_child(run)
    assert told == "written" or picture(root) == before


@pytest.mark.parametrize("most", [0, 100, 300, 700])
def test_a_full_disk_is_refused_and_all_stays(root: Path, most: int) -> None:
    planned = edit(root, value="long " * 200)
    before = picture(root)

    def run() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        with opened(root) as ready:
            ready.write(planned)

    told = in_child(run)
    assert "there is no room left" in told
    assert "nothing was changed" in told
    assert picture(root) == before


# --- one at a time ----------------------------------------------------------------------------------------------------


def test_a_second_run_says_so_and_gives_up(root: Path) -> None:
    told: list[str] = []

    def second() -> None:
        with writer.writing(root, ledgers(root), wait=0, tell=told.append):
            pass

    with opened(root) as ready:
        assert "UserError: error: another run is writing" in in_child(second)
        with pytest.raises(UserError) as refused:
            run_in_thread(second)
        ready.write(edit(root))
    assert told == ["another run is writing to manifests/.ledger: waiting for it, 0 s at most"]
    assert refused.value.where == "manifests/.ledger"


def test_a_second_run_waits_for_the_first(root: Path) -> None:
    waits = threading.Event()
    done: list[str] = []

    def second() -> None:
        with writer.writing(root, ledgers(root), wait=60, tell=lambda _: waits.set()) as ready:
            done.append("in")
            ready.write(edit(root, value="second"))

    with opened(root) as ready:
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(60)
        assert done == []
        ready.write(edit(root, value="first"))
    thread.join(60)
    assert done == ["in"]
    records = ledger.sound((ledgers(root) / "shop.ndjson").read_bytes(), "")
    assert [record.new for record in records] == [["first"], ["second"]]
    assert sorted(files(root)) == ["manifests/.ledger/shop.ndjson", "shop/module.manifest.json"]


def run_in_thread(do: Callable[[], None]) -> None:
    """A lock belongs to a thread; raises what that raised."""
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            do()
        except UserError as error:
            raised.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    for error in raised:
        raise error


# --- an intent that nobody announced ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "intent",
    [
        b"",
        b"{",
        b"[]",
        b'{"targets":[],"folders":[]}',
        b'{"targets":[{"path":"a","before":null,"length":0,"after":""}],"folders":["../x"]}',
        b'{"targets":[{"path":"/etc/hosts","before":null,"length":0,"after":""}],"folders":[]}',
        b'{"targets":[{"path":"a/../../b","before":null,"length":0,"after":""}],"folders":[]}',
    ],
)
def test_a_note_that_enrich_has_not_written_is_refused_and_kept(root: Path, intent: bytes) -> None:
    ledgers(root).mkdir(parents=True)
    (ledgers(root) / ".intent").write_bytes(intent)
    before = picture(root)
    with pytest.raises(UserError, match="no note of an unfinished run") as told, opened(root):
        pass
    assert told.value.where == "manifests/.ledger/.intent"
    assert picture(root) == before
