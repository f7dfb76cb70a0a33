"""What a project's `pyproject.toml` and `setup.cfg` say of it. `setup.py` is a program, and never run."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from verifier.apis.targets.backends import READERS, Placed, Table, setuptools, table, text
from verifier.apis.targets.places import is_dotted_name
from verifier.apis.targets.roots import outermost_files, root_names
from verifier.errors import UserError


class Declared(Struct, frozen=True, kw_only=True):
    """What a project says of itself; a part is empty where nothing says it that can be read without running it."""

    name: str | None = None
    version: str | None = None
    backend: str = "setuptools"
    placed: tuple[Placed, ...] = ()
    """The import roots that its configuration names, sorted, and where they lie."""


def read_declared(project: Path) -> Declared:
    """The configuration of the project folder `project`.

    Raises UserError if a file cannot be read or parsed, or names a package that is not there.
    """
    toml = _toml(project / "pyproject.toml")
    cfg = _cfg(project / "setup.cfg")
    tool = table(toml, "tool")
    named = (table(toml, "project"), table(tool, "poetry"), table(cfg, "metadata"))
    version = next(filter(None, (text(one, "version") for one in named)), None)
    backend = text(table(toml, "build-system"), "build-backend") or "setuptools"
    placed = [*_placed(backend, tool, project)] or [*setuptools(_as_setuptools(cfg), project)]
    return Declared(
        name=next(filter(None, (text(one, "name") for one in named)), None),
        version=None if version and version.startswith(("attr:", "file:")) else version,
        backend=backend,
        placed=tuple(sorted({root for one in placed for root in _roots_at(one, project)})),
    )


def _placed(backend: str, tool: Table, project: Path) -> tuple[Placed, ...]:
    readers = ((name, read) for start, name, read in READERS if backend.startswith(start))
    return tuple(one for name, read in readers for one in read(table(tool, name), project))


def _roots_at(placed: Placed, project: Path) -> tuple[Placed, ...]:
    """The root itself if it is a package or module; the roots in it if it is a folder without `__init__` (PEP 420)."""
    name, place = placed
    folder = project / place
    if not any((project / f"{place}{end}").exists() for end in ("", ".py", ".pyi")):
        what = f"the configuration names {name or place!r}, and there is no such folder or module"
        raise UserError(what, where=str(folder), fix="correct the project's build configuration")
    if name and (not folder.is_dir() or any(folder.glob("__init__.*"))):
        return ((name, place),) if is_dotted_name(name) else ()
    below = root_names(outermost_files(folder))
    return tuple((".".join(filter(None, (name, root))), f"{place}/{root.replace('.', '/')}") for root in below)


# --- the files --------------------------------------------------------------------------------------------------------


def _toml(file: Path) -> Table:
    import tomllib  # noqa: PLC0415 - slow, and only folders need it

    try:
        return tomllib.loads(_text(file))
    except (ValueError, RecursionError) as broken:  # TOMLDecodeError, and integers with too many digits
        raise _unreadable(file, broken) from broken


def _cfg(file: Path) -> Table:
    import configparser  # noqa: PLC0415 - slow, and only folders need it

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(file))
    except configparser.Error as broken:
        raise _unreadable(file, broken) from broken
    return {name: dict(section) for name, section in parser.items()}


def _text(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as broken:
        raise _unreadable(file, broken) from broken


def _unreadable(file: Path, broken: Exception) -> UserError:
    reason = " ".join(str(broken).split())
    return UserError(
        f"this file cannot be read: {reason}", where=str(file), fix="correct it, or name the package folder"
    )


def _as_setuptools(cfg: Table) -> Table:
    """The `[options]` of a `setup.cfg` in the form of `[tool.setuptools]`."""
    options = table(cfg, "options")
    packages = _listed(options, "packages")
    find: Table = {key: _listed(table(cfg, "options.packages.find"), key) for key in ("where", "include", "exclude")}
    folders = (line.partition("=") for line in _listed(options, "package_dir"))
    return {
        "packages": {"find": find} if packages[:1] in (["find:"], ["find_namespace:"]) else packages,
        "py-modules": _listed(options, "py_modules"),
        "package-dir": {name.strip(): place.strip() for name, _, place in folders},
    }


def _listed(section: Table, key: str) -> list[str]:
    """The values of a list in a `setup.cfg`: on lines of their own, or between commas."""
    return [value.strip() for value in (text(section, key) or "").replace(",", "\n").splitlines() if value.strip()]
