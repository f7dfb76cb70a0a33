"""The state of a path: what a file holds, or which names a folder has. While it stays, so does what was seen of it.

A file is read again unless everything that the system tells of it is as it was, the time of its last change (`ctime`)
too: nobody can set that one, so a change behind an unchanged size and time stamp is seen.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from verifier.apis.cache.digest import blake2b

UNSETTLED_NS = 20_000_000
"""What has changed that shortly before may change again within one tick of the file system's clock."""
CHUNK = 1 << 20
MOST_BYTES = 1 << 30
MOST_OF_SYSTEM = 1 << 20
OF_SYSTEM = ("/proc/", "/sys/")
OF_PROCESS = re.compile(r"/proc/(?:self|thread-self|\d+)(?:/|$)")
BYTECODE = "__pycache__"
DROPPINGS = (BYTECODE, "~", ".swp", ".swo", ".swx")
"""How names end that come and go: bytecode, and what an editor has beside the files at hand."""
DIGEST = 16
"""Bytes of the digest of what a file holds."""
HEADER = 16
"""Bytes of a `.pyc` before its code (PEP 552)."""
ABSENT, UNREADABLE, SPECIAL = "absent", "unreadable", "special"
NEVER = ""
"""The state of what never stays the same: it equals nothing."""

Signature = bytes
"""All of what `os.stat` tells that changes with a file, in one value: a record has thousands, read at each start."""
as_signature = struct.Struct("=qQLQqq").pack


class State(Struct, frozen=True, array_like=True):
    """The state of a path, and what the system told of it then; nothing where that is not to be relied on."""

    digest: str
    signature: Signature = b""


class States:
    """States of paths as they are now, each looked at once; what is `known` from before spares the reading.

    `cache_tag` is that of the Python whose bytecode counts with a source file; None where source is only read.
    """

    def __init__(self, known: Mapping[str, State], cache_tag: str | None) -> None:
        self._known = known
        self._now: dict[str, State] = {}
        self._bytecode = f".{cache_tag}.pyc" if cache_tag is not None else None

    def of(self, path: str) -> State:
        """The state of `path`."""
        state = self._now.get(path)
        if state is None:
            state = self._now[path] = self._look(path)
        return state

    def _look(self, path: str) -> State:
        if path.startswith("/proc/") and OF_PROCESS.match(path):
            return State(NEVER)
        before = time.time_ns()
        try:
            found = os.stat(path)  # noqa: PTH116  a hundred thousand of them
        except OSError as error:
            return State(UNREADABLE if isinstance(error, PermissionError) else ABSENT)
        except ValueError:
            return State(ABSENT)
        bytecode = self._bytecode_of(path)
        beside = _stat(bytecode) if bytecode else None
        signature = _signature(found)
        if beside:
            signature += _signature(beside)
        known = self._known.get(path)
        if known is not None and known.signature == signature:
            return known
        digest = _digest(path, found)
        if digest and bytecode and beside:
            digest += _of_bytecode(bytecode, beside, found)
        times = [found.st_ctime_ns, *([beside.st_ctime_ns] if beside else [])]
        is_settled = max(times) < before - UNSETTLED_NS and not path.startswith(OF_SYSTEM)
        return State(digest, signature if is_settled and digest else b"")

    def _bytecode_of(self, path: str) -> str | None:
        """Where Python keeps the bytecode of a source file (PEP 3147), if that matters."""
        if self._bytecode is None or not path.endswith(".py"):
            return None
        folder, _, name = path.rpartition("/")
        return f"{folder}/{BYTECODE}/{name[:-3]}{self._bytecode}"


def changed_since(path: str, moment_ns: int) -> bool:
    """Whether `path`, or the bytecode beside it, may have changed since a moment, in nanoseconds since the epoch."""
    found = _stat(path)
    return found is not None and found.st_ctime_ns >= moment_ns - UNSETTLED_NS


def states_since(paths: Iterable[str], moment_ns: int) -> dict[str, State] | None:
    """The states of `paths`, which are only read; None if any of them has changed since a moment."""
    now = States({}, None)
    found = {path: now.of(path) for path in paths}
    return None if any(changed_since(path, moment_ns) for path in found) else found


def state_of(content: bytes | None) -> State:
    """The state of a file that holds this, whenever it was written; of None, that there is none."""
    return State(ABSENT if content is None else blake2b(content, digest_size=DIGEST).hexdigest())


def signature_of(path: str) -> Signature | None:
    """What the system tells of a file; None where there is none."""
    found = _stat(path)
    return _signature(found) if found else None


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  a hundred thousand of them
    except (OSError, ValueError):
        return None


def _signature(found: os.stat_result) -> Signature:
    return as_signature(found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _digest(path: str, found: os.stat_result) -> str:
    try:
        if stat.S_ISDIR(found.st_mode):
            return _of_names(path)
        if stat.S_ISREG(found.st_mode):
            return _of_content(path)
    except OSError:
        return UNREADABLE
    return SPECIAL


def _of_names(path: str) -> str:
    with os.scandir(path) as entries:
        names = sorted(_named(entry) for entry in entries if not entry.name.endswith(DROPPINGS))
    return blake2b("\0".join(names).encode("utf-8", "surrogateescape"), digest_size=DIGEST).hexdigest()


def _named(entry: os.DirEntry[str]) -> str:
    """The name of what a folder holds, and whether that is a folder itself, a file, or neither: a link to nowhere."""
    return f"{entry.name}/" if entry.is_dir() else entry.name if entry.is_file() else f"{entry.name}?"


def _of_content(path: str) -> str:
    most = MOST_OF_SYSTEM if path.startswith(OF_SYSTEM) else MOST_BYTES
    digest = blake2b(digest_size=DIGEST)
    size = 0
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
        while data := file.read(CHUNK):
            size += len(data)
            if size > most:
                return NEVER
            digest.update(data)
    return digest.hexdigest()


def _of_bytecode(path: str, bytecode: os.stat_result, source: os.stat_result) -> str:
    """What an import would run in place of the source, where that need not be made of the source as it is now.

    Python takes a `.pyc` for up to date if the time and size that stand in it are those of the source, which somebody
    may have set; or whatever the source is, if its flags say so (PEP 552).
    """
    try:
        data = Path(path).read_bytes()
    except OSError:
        return ""
    flags, modified, size = (int.from_bytes(data[at : at + 4], "little") for at in (4, 8, 12))
    if flags & 1:
        is_checked, fits = bool(flags & 2), True
    else:
        is_checked = bytecode.st_ctime_ns > source.st_ctime_ns
        fits = (modified, size) == (int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF)
    return "" if is_checked or not fits else f"+{blake2b(data, digest_size=DIGEST).hexdigest()}"
