"""What interpreters have said of themselves: what is the same file, in the same environment, would say it again."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from verifier.apis.cache.digest import blake2b
from verifier.apis.cache.states import Signature, changed_since, signature_of
from verifier.apis.cache.store import Store
from verifier.apis.targets.interpreter import Ask

CONFIGURATION = "pyvenv.cfg"
"""Makes a virtual environment of the folder of an interpreter, or of the one above (PEP 405)."""


class Said(Struct, frozen=True, array_like=True):
    """An answer, and the files that it hangs on, as they were."""

    answer: str
    files: dict[str, Signature | None]


class Answers:
    """Asks interpreters as `ask` does, and those that it knows no more than the system for their files."""

    def __init__(self, folder: Path, ask: Ask) -> None:
        self._store = Store(folder)
        self._ask = ask

    def __call__(self, python: Path, program: str) -> str:
        """What `program` prints under `python`. Raises what `ask` raises."""
        path = os.path.abspath(python)  # noqa: PTH100  links are kept: they make virtual environments
        key = f"{blake2b(f'{path} {program}'.encode('utf-8', 'surrogateescape'), digest_size=20).hexdigest()}.python"
        known = _decode(self._store.load(key))
        if known is not None and known.files == _files(path):
            return known.answer
        began_ns = time.time_ns()
        answer = self._ask(python, program)
        files = _files(path)
        if _is_from(path, answer) and not any(changed_since(file, began_ns) for file in files):
            self._store.save(key, msgspec.msgpack.encode(Said(answer, files)))
        return answer


def _decode(data: bytes | None) -> Said | None:
    try:
        return msgspec.msgpack.decode(data, type=Said) if data else None
    except msgspec.MsgspecError:
        return None


def _files(path: str) -> dict[str, Signature | None]:
    folder = os.path.dirname(path)  # noqa: PTH120  as it stands
    configurations = [f"{place}/{CONFIGURATION}" for place in (folder, os.path.dirname(folder))]  # noqa: PTH120
    return {file: signature_of(file) for file in (os.path.realpath(path), *configurations)}


def _is_from(path: str, answer: str) -> bool:
    """Whether the interpreter itself has answered: a launcher may choose another one each time."""
    try:
        return bool(json.loads(answer)["executable"] == path)
    except (ValueError, TypeError, KeyError):
        return False
