"""A folder or module file as a target: what of it can be imported, under which names, and from which folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from verifier.apis.targets.declared import Declared, read_declared
from verifier.apis.targets.metadata import canonical
from verifier.apis.targets.places import is_importable, read_place
from verifier.apis.targets.roots import outermost_files, root_names
from verifier.errors import NothingToCheck, UserError

PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
# fmt: off
NOT_PACKAGES = frozenset({
    "bench", "benchmark", "benchmarks", "build", "ci", "conda", "debian", "demo", "demos", "dist", "doc", "docs", "env",
    "example", "examples", "extras", "htmlcov", "integration_tests", "node_modules", "notebooks", "requirements",
    "samples", "script", "scripts", "site", "task", "tasks", "test", "testing", "tests", "tools", "typings",
    "unit_tests", "venv", "vendor",
})
"""Folders beside a package that are not installed with it."""
NOT_MODULES = frozenset({
    "conf", "conftest", "dodo", "fabfile", "hatch_build", "manage", "noxfile", "setup", "sitecustomize", "tasks",
    "usercustomize", "versioneer", "wscript",
})
"""Modules beside the configuration that are not installed."""
# fmt: on
DEPTH = 4
"""Folders without `__init__` that a namespace may be nested in, in a folder that may hold anything else too."""


class Project(Struct, frozen=True, kw_only=True):
    """What was found at a path: the names of its import roots, and the folders to put on the search path for them."""

    names: tuple[str, ...]
    path: tuple[Path, ...]
    name: str | None = None
    """The distribution's, where its configuration tells."""
    version: str | None = None
    folder: Path | None = None
    """Where its configuration lies."""


def read_project(path: Path) -> Project:
    """What to check for the absolute `path`: a project folder, a package or part of one, a namespace, a module file.

    Raises NothingToCheck if nothing is there or nothing in it can be imported, and UserError if it is no Python, or a
    configuration is broken.
    """
    if not path.exists():
        raise NothingToCheck(
            "no such file or folder", where=str(path), fix="an installed package goes by its name alone"
        )
    if path.is_file() and path.suffix != ".py":
        fix = "name a folder, a .py file, a wheel (`python -m build --wheel`), or an installed package"
        raise UserError("this is neither a package nor a module nor a wheel", where=str(path), fix=fix)
    if path.is_file() and path.stem == "__init__":
        path = path.parent
    if path.is_dir() and is_project(path) and (whole := _whole(path)):
        return whole
    return _part(path) or _alone(path)


def enclosing(path: Path) -> Path | None:
    """The nearest folder above `path` that holds a project's configuration."""
    return next((folder for folder in path.parents if is_project(folder)), None)


def outermost_package(path: Path) -> Path:
    """The package around `path` that is in no other; the file itself where there is none."""
    package = path
    while _has_init(package.parent) and package != package.parent:
        package = package.parent
    return package


def is_project(folder: Path) -> bool:
    """Whether a folder holds a project's configuration; a copy of it in the package that it is about makes none."""
    try:
        if not any((folder / name).is_file() for name in PROJECT_FILES):
            return False
        return not (_has_init(folder) and canonical(read_declared(folder).name or "") == canonical(folder.name))
    except UserError:  # it is broken, and to be told as that
        return True
    except OSError:  # a folder that nobody may look into is no project of this user's
        return False


def _whole(folder: Path) -> Project | None:
    declared = read_declared(folder)
    if declared.placed:
        path = tuple(dict.fromkeys(_above(name, folder / place) for name, place in declared.placed))
        names = tuple(name for name, _ in declared.placed)
    else:
        names, above = _discovered(folder, declared)
        path = (above,)
    if not names:
        return None
    return Project(names=names, path=path, name=declared.name, version=declared.version, folder=folder)


def _above(name: str, place: Path) -> Path:
    """The folder from which `name` is imported. Raises UserError if its path does not end as its name does."""
    parts = name.split(".")
    if place.parts[-len(parts) :] != tuple(parts):
        what = f"{name!r} is kept under another name, so it cannot be imported from here"
        raise UserError(what, where=str(place), fix=f"install it, then: verify-apis {name}")
    return place.parents[len(parts) - 1]


# --- a part of something larger ---------------------------------------------------------------------------------------


def _part(path: Path) -> Project | None:
    """What `path` is within the project around it; None if it does not belong to what that installs."""
    if (folder := enclosing(path)) is None:
        return None
    try:
        whole = _whole(folder)
    except UserError:  # the user named a part, which may be in order where the whole is not
        return None
    if whole is None:
        return None
    places = [(name, above.joinpath(*name.split("."))) for above in whole.path for name in whole.names]
    names = {part for name, place in places if (part := _within(path, name, place))}
    return replace(whole, names=tuple(sorted(names))) if names else None


def _within(path: Path, name: str, place: Path) -> str:
    """The import name of what `path` and the root `name`, which lies at `place`, share; empty if that is nothing."""
    file = place.with_name(f"{place.name}.py")
    if path == file or (place.is_relative_to(path) and (place.is_dir() or file.is_file())):
        return name
    if not path.is_relative_to(place):
        return ""
    below = path.relative_to(place).as_posix().removesuffix(".py").split("/")
    return ".".join((name, *below)) if all(map(is_importable, below)) else ""


def _alone(path: Path) -> Project:
    """A module or package by itself: its name goes up as far as there is an `__init__`. Or a folder that holds some."""
    if path.is_dir() and not _has_init(path):
        return _container(path)
    parts, above = [path.stem if path.is_file() else path.name], path.parent
    while _has_init(above) and above != above.parent:
        parts, above = [above.name, *parts], above.parent
    if wrong := [part for part in parts if not is_importable(part)]:
        fix = "rename it, or name the project's folder"
        raise UserError(f"{wrong[0]!r} cannot be imported: it is no Python identifier", where=str(path), fix=fix)
    return Project(names=(".".join(parts),), path=(above,))


def _container(folder: Path) -> Project:
    """A folder that is neither a package nor a project: what can be imported with it on the search path."""
    names, above = _discovered(folder, Declared())
    projects = sorted(inside.name for inside in folder.iterdir() if is_project(inside))
    if projects and not any("." not in name for name in names):
        what = f"this folder holds projects, and is none itself: {', '.join(projects[:5])}"
        raise NothingToCheck(what, where=str(folder), fix="name one of them")
    if not names:
        what = "no package or module here" if any(folder.iterdir()) else "this folder is empty"
        raise NothingToCheck(what, where=str(folder), fix="name a folder with an __init__.py, or a project's folder")
    return Project(names=names, path=(above,))


def _has_init(folder: Path) -> bool:
    return any(name.startswith("__init__.") for name in read_place(folder).files)


# --- a project that does not say --------------------------------------------------------------------------------------


def _discovered(folder: Path, declared: Declared) -> tuple[tuple[str, ...], Path]:
    """The import roots of a folder whose configuration does not name them, and the folder that they are imported from.

    As build backends look: everything in `src/` (all but setuptools take only what has the project's name, if that is
    there), unless what has the project's name lies beside the configuration; that, else packages but for the usual
    others; then `lib/` and `python/`; then modules; then namespaces.
    """
    src = folder / "src"
    skip = NOT_PACKAGES - {canonical(declared.name or "").replace("-", "_")}
    inside = () if _has_init(src) else root_names(outermost_files(src))
    near = _roots_in(folder, depth=1, skip=skip)
    called = _called(declared.name, inside)
    if inside and (called or not _called(declared.name, near)):
        return called if called and not declared.backend.startswith("setuptools") else inside, src
    if names := _called(declared.name, near) or _packages(near, folder):
        return names, folder
    for other in (folder / "lib", folder / "python"):
        if not _has_init(other) and (names := _packages(_roots_in(other, depth=1, skip=skip), other)):
            return names, other
    far = _roots_in(folder, depth=DEPTH, skip=skip)
    return _called(declared.name, far) or near or far, folder


def _roots_in(folder: Path, *, depth: int, skip: frozenset[str]) -> tuple[str, ...]:
    names = root_names(outermost_files(folder, depth=depth, skip=skip))
    return tuple(name for name in names if name not in NOT_MODULES and not name.startswith("test_"))


def _packages(names: Iterable[str], folder: Path) -> tuple[str, ...]:
    return tuple(name for name in names if (folder / name).is_dir())


def _called(project: str | None, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are the project's name: `google.cloud.storage` is `google-cloud-storage`."""
    return tuple(name for name in names if project and canonical(name) == canonical(project))
