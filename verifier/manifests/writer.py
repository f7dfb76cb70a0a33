"""The only file that writes into the user's tree: a manifest and its ledger together, or neither.

Before anything else an intent is stored among the ledgers: which files, and the hashes of what they hold and are to
hold. Then the new contents are written beside their files, the ledger is replaced, then the manifest; the intent goes.
Each step is on disk before the next begins. So wherever a run was killed, `settle` can tell by the intent whether the
manifest was replaced; if not, the ledger loses what was added. It runs at the end of each write, and before the first.

Between the last look at a file and its replacement lie a few microseconds, in which an editor's save would be lost: no
portable call compares and replaces at once.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec
from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests import ledger
from verifier.manifests.history import Edit, File, State
from verifier.manifests.model import Place

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".lock"
INTENT = ".intent"
PART = ".enrich"
"""How the name of a file that is not in its place yet ends. It begins with a dot."""
FILE_MODE = 0o644
FOLDER_MODE = 0o755
"""Of what is new: the umask has no say, so that the same run makes the same files."""
BLOCK = 1 << 20
FOREIGN = "it belongs to somebody else, and would be yours afterwards"
POLL = 0.05
"""Seconds between two attempts to get the lock."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of an intent."""

    path: str
    """Relative to the root, with `/`."""
    before: str | None
    """SHA-256 of what it holds; None where there is none yet."""
    length: int
    """Of what it holds, in bytes."""
    after: str
    """SHA-256 of what it will hold."""


class Intent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is about to be written."""

    targets: tuple[Target, ...]
    """In the order in which they are replaced: the ledger, then the manifest."""
    folders: tuple[str, ...]
    """Those that have to be made, from the outermost."""


def look(place: Place, ledgers: Path) -> State:
    """A module's manifest and ledger as they lie there. Raises UserError for what cannot be read, or is a link."""
    path = ledger.path(ledgers, place.path)
    with _explained(place.root):
        return State(
            place=place,
            ledger=path,
            manifest=_content(place.root, place.manifest),
            recorded=_content(place.root, path),
        )


@contextmanager
def writing(root: Path, ledgers: Path, *, wait: float, tell: Callable[[str], None]) -> Iterator[Writer]:
    """The one writer of a repository, for as long as this lasts; what a killed run has left is settled first.

    `root` is absolute, and the folder of all `ledgers` below it. While another run is at work `tell` is told, once, and
    after `wait` seconds UserError is raised. Nothing stays that this alone has made.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  it loads asyncio

    lock = FileLock(ledgers / LOCK)
    made: list[Path] = []
    with _explained(root):
        while not lock.is_locked:
            # another run may end in between, and take the folder with it
            with suppress(FileNotFoundError):
                made += _make(_missing(root, ledgers))
                try:
                    lock.acquire(timeout=0)
                except Timeout:
                    tell(f"another run is writing to {_shown(root, ledgers)}: waiting for it, {wait:g} s at most")
                    _wait(lock, wait, _shown(root, ledgers))
    try:
        writer = Writer(root, ledgers)
        writer.settle()
        yield writer
    finally:
        with suppress(OSError):
            (ledgers / LOCK).unlink()  # still held: who waits for it sees that it is gone, and makes a new one
        with suppress(OSError):
            lock.release()  # what cannot be given back goes with the process
        for folder in (ledgers, *reversed(made)):
            with suppress(OSError):
                folder.rmdir()


def _wait(lock: BaseFileLock, seconds: float, shown: str) -> None:
    from filelock import Timeout  # noqa: PLC0415  it loads asyncio

    try:
        lock.acquire(timeout=seconds, poll_interval=POLL)
    except Timeout:
        fix = "wait until it has ended, and run this again"
        raise UserError("another run is writing", where=shown, fix=fix) from None


class Writer:
    """Writes edits, one after the other, in one thread. Made by `writing`."""

    def __init__(self, root: Path, ledgers: Path) -> None:
        self.root = root
        self.intent = ledgers / INTENT

    def write(self, edit: Edit) -> None:
        """Write both files. Raises UserError if that cannot be done: then both are as they were."""
        self.settle()
        files = [file for file in (edit.ledger, edit.manifest) if file.changes]
        if not files:
            return
        if not (edit.ledger.after or b"").startswith(edit.ledger.before or b""):
            raise ValueError(f"{edit.ledger.path}: a ledger only grows")
        with _explained(self.root):
            for file in files:
                _refuse_unfit(self.root, file)
            folders = [folder for file in files for folder in _missing(self.root, file.path.parent)]
            try:
                self._announce(files, [*dict.fromkeys(folders)])
                _make(folders)
                for file in files:
                    _store(_part(file.path), file.after or b"", None if file.before is None else file.path)
                for file in files:
                    _refuse_changed(self.root, file)
                    os.replace(_part(file.path), file.path)  # noqa: PTH105  as it is called, so it is seen in the tests
                    _sync_folder(file.path.parent)
            finally:
                self.settle()

    def settle(self) -> None:
        """Take back what a run has begun and not brought to its end, and clear up after it."""
        with _explained(self.root, done="the next run settles what this one has left"):
            with suppress(FileNotFoundError):
                os.unlink(_part(self.intent))  # noqa: PTH108
            intent = self._intent()
            if intent is None:
                return
            is_done = _agree(self.root, intent.targets)
            for target in intent.targets:
                with suppress(FileNotFoundError):
                    os.unlink(_part(self.root / target.path))  # noqa: PTH108
            for folder in reversed(() if is_done else intent.folders):
                with suppress(OSError):
                    os.rmdir(self.root / folder)  # noqa: PTH106
            os.unlink(self.intent)  # noqa: PTH108

    def _announce(self, files: Sequence[File], folders: Sequence[Path]) -> None:
        intent = Intent(
            targets=tuple(
                Target(
                    path=_shown(self.root, file.path),
                    before=None if file.before is None else _hash(file.before),
                    length=len(file.before or b""),
                    after=_hash(file.after or b""),
                )
                for file in files
            ),
            folders=tuple(_shown(self.root, folder) for folder in folders),
        )
        _store(_part(self.intent), msgspec.json.encode(intent))
        os.replace(_part(self.intent), self.intent)  # noqa: PTH105
        _sync_folder(self.intent.parent)

    def _intent(self) -> Intent | None:
        """What was announced. Raises UserError if nobody but somebody else can have written it."""
        data = _content(self.root, self.intent)
        if data is None:
            return None
        with suppress(msgspec.DecodeError, ValueError, UnicodeDecodeError):
            intent = msgspec.json.decode(data, type=Intent)
            for name in (*intent.folders, *(target.path for target in intent.targets)):
                if Path(name).is_absolute() or ".." in Path(name).parts:
                    raise ValueError(name)
                _refuse_links(self.root, self.root / name)
            if intent.targets:
                return intent
        where, fix = _shown(self.root, self.intent), "enrich has not written this: look at it, and remove it"
        raise UserError("this is no note of an unfinished run", where=where, fix=fix)


def _agree(root: Path, targets: Sequence[Target]) -> bool:
    """Bring the targets to agree; whether they hold what was to be written.

    The manifest is replaced last, and with it all is done. As long as its new content lies beside it, that has not
    happened. A manifest that is neither old nor new somebody has edited since: nobody's edit is touched.
    """
    first, last = targets[0], targets[-1]
    if _digest(root, first) != first.after or len(targets) == 1:
        return _digest(root, first) == first.after
    held = _digest(root, last)
    if held == last.after or (held != last.before and not os.path.lexists(_part(root / last.path))):
        return True
    _take_back(root / first.path, first)
    return False


def _digest(root: Path, target: Target) -> str | None:
    data = _content(root, root / target.path)
    return None if data is None else _hash(data)


def _take_back(path: Path, target: Target) -> None:
    """A ledger only grows, so what it was is its beginning."""
    if target.before is None:
        os.unlink(path)  # noqa: PTH108
    else:
        os.truncate(path, target.length)
        _sync(path, os.O_RDWR)
    _sync_folder(path.parent)


def _store(path: Path, data: bytes, like: Path | None = None) -> None:
    """A new file, on disk, with the owner and mode of another."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        if like is None:
            os.fchmod(descriptor, FILE_MODE)
        else:
            _own(path, like.stat(), path.stat())
            shutil.copystat(like, path)  # attributes too: an access list is one
            os.utime(path)
        os.fsync(descriptor)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        os.close(descriptor)


def _own(path: Path, wanted: os.stat_result, found: os.stat_result) -> None:
    """Give a file to the owner that it should have."""
    if (wanted.st_uid, wanted.st_gid) != (found.st_uid, found.st_gid):
        try:
            os.chown(path, wanted.st_uid, wanted.st_gid)
        except PermissionError as error:
            raise PermissionError(error.errno, FOREIGN, str(path)) from error


def _make(folders: Sequence[Path]) -> list[Path]:
    """Make folders that are not there, on disk; those that were made."""
    made: list[Path] = []
    for folder in folders:
        with suppress(FileExistsError):
            os.mkdir(folder)  # noqa: PTH102
            made.append(folder)
            os.chmod(folder, FOLDER_MODE)  # noqa: PTH101
            _sync_folder(folder.parent)
    return made


def _missing(root: Path, folder: Path) -> list[Path]:
    """The folder and those that it lies in, as far as they are not there, from the outermost."""
    _refuse_links(root, folder)
    return [each for each in (*reversed(folder.parents), folder) if each.is_relative_to(root) and not each.exists()]


def _sync_folder(folder: Path) -> None:
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(root: Path, path: Path) -> bytes | None:
    """What a file holds; None if there is none."""
    _refuse_links(root, path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            _refuse("it is no regular file", root, path, "put a file in its place, or name another place")
        return b"".join(iter(lambda: os.read(descriptor, BLOCK), b""))
    finally:
        os.close(descriptor)


def _refuse_unfit(root: Path, file: File) -> None:
    """Refuse what could not be replaced without a loss, before anything is written."""
    _refuse_changed(root, file)
    part = _part(file.path)
    if os.path.lexists(part):
        _refuse("this name is needed for a moment, and taken", root, part, "look at it, and move it away")
    if file.before is None:
        return
    found = file.path.lstat()
    if found.st_nlink > 1:
        fix = "enrich would part them: remove the other names (`find . -samefile` lists them), or copy the file"
        _refuse(f"it has {found.st_nlink} names (hard links)", root, file.path, fix)
    if not found.st_mode & 0o222 or not os.access(file.path, os.W_OK, effective_ids=True):
        _refuse("it is read-only", root, file.path, f"chmod u+w {_shown(root, file.path)}")


def _refuse_changed(root: Path, file: File) -> None:
    if _content(root, file.path) != file.before:
        fix = "run this again: it starts from what is there now"
        _refuse("somebody has changed it since it was read", root, file.path, fix)


def _refuse_links(root: Path, path: Path) -> None:
    """A link below the root may lead anywhere, and two paths to one module would be two modules."""
    at = str(root)
    for part in path.relative_to(root).parts:
        at = f"{at}/{part}"
        if os.path.islink(at):  # noqa: PTH114  a name, not a Path: this is asked for every file of every module
            fix = "put the file or folder itself there, or leave the module out"
            _refuse("it is a symbolic link", root, Path(at), fix)


@contextmanager
def _explained(root: Path, done: str = "nothing was changed") -> Iterator[None]:
    """An error of the system, said so that a user can mend it; `done` is what has become of the files."""
    try:
        yield
    except OSError as error:
        where = _shown(root, _whole(Path(str(error.filename)))) if error.filename else str(root)
        what, fix = f"the system refused: {error.strerror}", "mend that, and run this again"
        if error.errno in FULL:
            what, fix = "there is no room left on the disk", "make room, and run this again"
        elif error.errno in FORBIDDEN:
            what, fix = f"it may not be written: {error.strerror}", "give yourself the right to, and run this again"
        raise UserError(what, where=where, fix=f"{fix} ({done})") from error


def _refuse(what: str, root: Path, path: Path, fix: str) -> NoReturn:
    raise UserError(what, where=_shown(root, path), fix=fix)


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}{PART}")


def _whole(path: Path) -> Path:
    """The file that a part belongs to."""
    return path.with_name(path.name[1:].removesuffix(PART)) if path.name.endswith(PART) else path


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
