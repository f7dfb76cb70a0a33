"""Where evidence is kept between runs: one file an entry, in a folder of the user's own.

A file is written beside its place and moved there, so a reader finds all of it or nothing. What is not whole, of
another version, or not the user's own counts as nothing: a cache can be slow, and never wrong.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

VERSION = b"verify-apis evidence 2\n"
CHECKSUM = 4
"""Bytes of the CRC-32 of what is kept, which tells of a disk's faults: nobody else writes here."""
MOST_BYTES = 512 << 20
"""Beyond that the entries that nobody has used for the longest time go."""
UNFINISHED = ".part"
OURS = {".record", ".facts", ".python", ".accepted", ".modules", UNFINISHED}
"""How the names of our files end: somebody may have named a folder that holds more."""


class Size(Struct, frozen=True):
    """What a cache holds."""

    entries: int
    bytes: int


class Store:
    """Entries by key, a word of letters and digits. No method raises for what is wrong with the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, key: str) -> bytes | None:
        """What was saved under `key`; None if nothing was, or nothing that can be trusted."""
        path = self.folder / key
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_uid != os.getuid():
                    return None
                data = file.read()
        except OSError:
            return None
        head = len(VERSION) + CHECKSUM
        payload = data[head:]
        if data[:head] != _head(payload):
            return None
        with suppress(OSError):
            os.utime(path)  # it has been of use
        return payload

    def save(self, key: str, payload: bytes) -> None:
        """Keep `payload`; nothing is kept where the folder cannot be written."""
        import tempfile  # noqa: PLC0415  slow, and not needed where all is known

        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(suffix=UNFINISHED, dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_head(payload) + payload)
                os.replace(part, self.folder / key)  # noqa: PTH105  a name, not a Path
            except OSError:
                os.unlink(part)  # noqa: PTH108
                raise
            self._prune()

    def size(self) -> Size:
        """How much is kept."""
        sizes = [found.st_size for _, found in self._files()]
        return Size(entries=len(sizes), bytes=sum(sizes))

    def clear(self) -> Size:
        """Remove everything; what was removed."""
        was = self.size()
        for path, _ in self._files():
            with suppress(OSError):
                path.unlink()
        return was

    def _prune(self) -> None:
        """Remove what has not been of use for the longest time."""
        files = sorted(self._files(), key=lambda each: each[1].st_mtime_ns)
        total = sum(found.st_size for _, found in files)
        for path, found in files:
            if total <= MOST_BYTES:
                break
            with suppress(OSError):
                path.unlink()
            total -= found.st_size

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        with suppress(OSError):
            for path in self.folder.iterdir():
                with suppress(OSError):
                    if path.suffix in OURS and path.is_file():
                        yield path, path.stat()


def _head(payload: bytes) -> bytes:
    """What stands before it in a file."""
    return VERSION + zlib.crc32(payload).to_bytes(CHECKSUM, "big")
