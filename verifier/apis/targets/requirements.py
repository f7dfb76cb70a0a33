"""What a requirements file of pip's names: the distributions that it wants for an interpreter. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from verifier.apis.targets.declared import read_declared
from verifier.apis.targets.specifiers import holds, name_of_wheel, read_requirement
from verifier.errors import UserError
from verifier.model import Interpreter

COMMENT = re.compile(r"(?:^|\s)#.*")
NESTED = re.compile(r"(?:-r|--requirement)(?:\s+|=)?(?P<file>\S.*)")
EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)?(?P<place>\S.*)")
OPTIONS = re.compile(r"\s+--?[A-Za-z].*")
"""What may follow a requirement in its line: `--hash=…`, `--config-settings …`."""
EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][\w.-]*)")
SYSTEMS = {
    "linux": ("linux", "Linux", "posix"),
    "macosx": ("darwin", "Darwin", "posix"),
    "win": ("win32", "Windows", "nt"),
}
"""How `sysconfig.get_platform()` begins: `sys.platform`, `platform.system()` and `os.name`."""
IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}
AFTER_PATH = re.compile(r"(?:\[[^\]]*\])?(?:[?#;\s].*)?$")
"""What may follow a path: extras, a fragment, a marker."""


def required(file: Path, interpreter: Interpreter) -> tuple[str | UserError, ...]:
    """The names of the distributions that `file` wants for `interpreter`, in order; for a line that names none, why.

    Follows `-r`; `-c` and all other options say how to install, not what. Raises UserError if the file cannot be read.
    """
    return tuple(_required(file, _environment(interpreter), (file.resolve(),)))


def _required(file: Path, environment: Mapping[str, str], inside: tuple[Path, ...]) -> Iterator[str | UserError]:
    for number, line in _logical_lines(_text(file)):
        if nested := NESTED.fullmatch(line):
            yield from _nested(file.parent / nested["file"], environment, inside)
        elif (found := _named(line, f"{file}:{number}", environment)) is not None:
            yield found


def _nested(file: Path, environment: Mapping[str, str], inside: tuple[Path, ...]) -> Iterator[str | UserError]:
    """What a file wants that another one names; nothing where it is being read already."""
    try:
        if (real := file.resolve()) not in inside:
            yield from _required(file, environment, (*inside, real))
    except UserError as broken:
        yield broken
    except (OSError, ValueError, RuntimeError):  # a path that cannot be one, or links in a circle
        yield _unreadable(file, "this is no path")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as broken:
        raise _unreadable(file, broken.strerror or "") from broken
    except UnicodeDecodeError as broken:
        raise _unreadable(file, f"it is not UTF-8: {broken.reason}") from broken
    except ValueError as broken:
        raise _unreadable(file, str(broken)) from broken


def _unreadable(file: Path, why: str) -> UserError:
    return UserError(f"this requirements file cannot be read: {why}", where=str(file), fix="check the path")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without comments and empty ones; a line that ends with a backslash goes on."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun if parts else number
        goes_on = line.endswith("\\") and not COMMENT.search(line)
        parts.append(line.removesuffix("\\") if goes_on else line)
        if not goes_on:
            yield from _whole(begun, parts)
            parts = []
    yield from _whole(begun, parts)


def _whole(number: int, parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    if line := COMMENT.sub("", "".join(parts)).strip():
        yield number, line


def _named(line: str, where: str, environment: Mapping[str, str]) -> str | UserError | None:
    """The name in a line; None where it names nothing, or nothing for this environment."""
    editable = EDITABLE.fullmatch(line)
    if line.startswith("-") and editable is None:
        return None
    wanted = editable["place"] if editable else OPTIONS.sub("", line)
    requirement = read_requirement(wanted)
    if isinstance(requirement, str) and ("/" in wanted or wanted.startswith(".")):
        return _name_at(wanted) or _nameless(wanted, where)
    if isinstance(requirement, str):
        return UserError(f"this is no requirement: {requirement}", where=where, fix="correct the line")
    if requirement.marker is None or holds(requirement.marker, environment):
        return requirement.name
    return None


def _name_at(place: str) -> str | None:
    """The name that a URL or a path tells: by `#egg=`, as a wheel's, or in the project that is there."""
    if egg := EGG.search(place):
        return egg["name"]
    path = AFTER_PATH.sub("", place)
    if name := name_of_wheel(path.rpartition("/")[2]):
        return name
    try:
        return read_declared(Path(path.removeprefix("file://"))).name
    except (UserError, OSError, ValueError):
        return None


def _nameless(wanted: str, where: str) -> UserError:
    what = f"{wanted!r} does not say which distribution it is"
    return UserError(what, where=where, fix="write its name before it: NAME @ URL; or name a folder as a TARGET")


def _environment(interpreter: Interpreter) -> Mapping[str, str]:
    """What markers are asked about (dependency specifiers, PEP 508), for this interpreter."""
    platform, _, machine = interpreter.platform.rpartition("-")
    known = (found for start, found in SYSTEMS.items() if platform.startswith(start))
    sys_platform, system, name = next(known, (platform, "", "posix"))
    return {
        "implementation_name": interpreter.implementation,
        "implementation_version": interpreter.version,
        "os_name": name,
        "platform_machine": machine,
        "platform_python_implementation": IMPLEMENTATIONS.get(interpreter.implementation, interpreter.implementation),
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_full_version": interpreter.version,
        "python_version": ".".join(interpreter.version.split(".")[:2]),
        "sys_platform": sys_platform,
        "extra": "",
    }
