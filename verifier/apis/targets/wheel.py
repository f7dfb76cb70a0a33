"""Opens a wheel (binary distribution format, PEP 427) into a folder of its own, as an installer would lay it out."""

from __future__ import annotations

import re
import shutil
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from verifier.apis.targets.metadata import described
from verifier.errors import NothingToCheck, UserError
from verifier.model import Distribution, Interpreter

PREFIX = "verify-apis-"
"""How the folder is named that a wheel is unpacked into; random characters follow."""
MAX_FILES = 200_000
MAX_BYTES = 2 << 30
"""Unpacked. The largest wheels that people install hold some 2 GiB."""
REBUILD = "build it again with `python -m build`"
TAGS = re.compile(r"[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl")
SYSTEMS = {"linux": ("linux", "manylinux", "musllinux"), "macosx": ("macosx",), "win": ("win",)}
"""How `sysconfig.get_platform()` begins, and how the platform tags that run there begin."""


@contextmanager
def unpacked(wheel: Path) -> Iterator[Distribution]:
    """The distribution in `wheel`, unpacked beside its `metadata` folder until the context ends.

    Raises UserError if it is no wheel, is damaged, larger than is sane, or names paths outside itself.
    """
    if not wheel.is_file():
        raise NothingToCheck("no such wheel", where=str(wheel), fix="`python -m build --wheel` puts it into dist/")
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        try:
            with ZipFile(wheel) as archive:
                _extract(archive, wheel, Path(folder))
        # zipfile says RuntimeError for an encrypted file, and NotImplementedError for what only other tools can read.
        except (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as broken:
            raise UserError(f"this is no readable wheel: {broken}", where=str(wheel), fix=REBUILD) from broken
        yield _distribution(wheel, Path(folder))


def _distribution(wheel: Path, folder: Path) -> Distribution:
    found = [path for path in folder.glob("*.dist-info") if (path / "METADATA").is_file()]
    if len(found) != 1:
        raise UserError(f"a wheel holds one .dist-info, this holds {len(found)}", where=str(wheel), fix=REBUILD)
    return described(Distribution(name=wheel.name.partition("-")[0], version="", metadata=found[0]))


def _extract(archive: ZipFile, wheel: Path, folder: Path) -> None:
    """Write what belongs on the search path; nothing is written before every entry has been looked at."""
    entries = archive.infolist()
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        limit = f"{MAX_FILES} files and {MAX_BYTES >> 30} GiB"
        raise UserError(f"this wheel holds more than {limit}", where=str(wheel), fix="check what it was built from")
    placed: dict[PurePosixPath, ZipInfo] = {}
    for entry in entries:
        if wrong := _wrong(entry):
            shown = f"{wheel}: {entry.orig_filename!r}"
            raise UserError(f"this wheel holds {wrong}", where=shown, fix=f"do not install it; {REBUILD}")
        if (place := _place(entry)) is None:
            continue
        if place in placed:
            raise UserError("this wheel holds a path twice", where=f"{wheel}: {place}", fix=REBUILD)
        placed[place] = entry
    for place, entry in placed.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)


def _wrong(entry: ZipInfo) -> str:
    """What is unsafe about an entry; empty if nothing is. Judged by the raw name, before zipfile has cleaned it."""
    name = entry.orig_filename
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in re.split(r"[/\\]", name):
        return "a path outside itself"
    if "\\" in name or "\0" in name or not name.strip("/"):
        return "a malformed path"
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        return "a file compressed in a way that wheels do not use"
    return "a link" if stat.S_ISLNK(entry.external_attr >> 16) else ""


def _place(entry: ZipInfo) -> PurePosixPath | None:
    """Where an entry goes: `X.data/purelib` and `platlib` are laid over the root, other `X.data` goes elsewhere."""
    if entry.is_dir():
        return None
    place = PurePosixPath(entry.filename)
    if len(place.parts) > 1 and place.parts[0].endswith(".data"):
        return PurePosixPath(*place.parts[2:]) if place.parts[1] in {"purelib", "platlib"} else None
    return place


def check_tags(wheel: Path, interpreter: Interpreter) -> None:
    """Raise UserError if the tags in the file name (PEP 425) say that `wheel` cannot run under `interpreter`.

    Coarse: the version of CPython and the operating system. A name without tags says nothing.
    """
    if (tags := TAGS.fullmatch(wheel.name)) is None:
        return
    pythons, abis, platforms = (tag.split(".") for tag in tags.groups())
    exact = [tag for tag in pythons if re.fullmatch(r"cp3\d+", tag)]
    if exact and not {"abi3", "none"} & set(abis) and _tag(interpreter) not in exact:
        found, fix = f"{interpreter.implementation} {interpreter.version}", f"--python 3.{exact[0].removeprefix('cp3')}"
        what = f"this wheel is for {exact[0]}, and the interpreter is {found}"
        raise UserError(what, where=str(wheel), fix=fix, is_sound=True)
    system = next((known for start, known in SYSTEMS.items() if interpreter.platform.startswith(start)), ())
    if system and not any(tag.startswith(("any", *system)) for tag in platforms):
        what = f"this wheel is for {platforms[0]}, and the interpreter for {interpreter.platform}"
        raise UserError(what, where=str(wheel), fix="take the wheel for this system", is_sound=True)


def _tag(interpreter: Interpreter) -> str:
    return ("cp" if interpreter.implementation == "cpython" else "") + "".join(interpreter.version.split(".")[:2])
