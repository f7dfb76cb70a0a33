"""The configuration of the build backends, as far as it says which packages they install. Each reads its own table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from verifier.apis.targets.roots import outermost_files, root_names

Table = Mapping[str, object]
Placed = tuple[str, str]
"""An import name and where it lies: the path of its folder, or of its module without suffix, relative to the project.

The name is empty where the folder is not itself imported, but all that is in it.
"""
Reader = Callable[[Table, Path], Iterator[Placed]]


def table(value: object, *keys: str) -> Table:
    """The table under `keys`; an empty one where there is none, or something else."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def text(of: Table, key: str) -> str | None:
    """The text under `key`; None where there is none, or something else."""
    value = of.get(key)
    return value if isinstance(value, str) else None


def strings(of: Table, key: str) -> tuple[str, ...]:
    """The list of texts under `key`, or one text alone; what is no text is left out."""
    value = of.get(key)
    listed = value if isinstance(value, list) else [value]
    return tuple(item for item in listed if isinstance(item, str))


def setuptools(said: Table, project: Path) -> Iterator[Placed]:
    """`[tool.setuptools]`: `packages` as a list or `packages.find`, `py-modules`, `package-dir`."""
    folders = {key: value for key, value in table(said, "package-dir").items() if isinstance(value, str)}
    listed = strings(said, "packages")
    for name in (*_outermost(listed), *strings(said, "py-modules")):
        yield name, _package_folder(name, folders)
    find = table(said, "packages", "find")
    if "find" in table(said, "packages"):
        for where in strings(find, "where") or (folders.get("", "."),):
            yield from _find(project, where, strings(find, "include"), strings(find, "exclude"))
    elif not listed and folders.get(""):
        yield "", folders[""]


def _outermost(names: Iterable[str]) -> Iterator[str]:
    known = frozenset(names)
    for name in sorted(known):
        if not any(name.startswith(f"{other}.") for other in known):
            yield name


def _package_folder(name: str, folders: Mapping[str, str]) -> str:
    """`package-dir` gives the folder of a package, of the nearest one above it, or under "" of all."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if (above := folders.get(".".join(parts[:end]))) is not None:
            return "/".join((above, *parts[end:]))
    return "/".join(filter(None, (folders.get(""), *parts)))


def _find(project: Path, where: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> Iterator[Placed]:
    """Packages only. In the project folder itself an unlimited search finds tests and tools too: left to discovery."""
    if where == "." and not include:
        return
    for name in root_names(outermost_files(project / where)):
        place = f"{where}/{name.replace('.', '/')}"
        wanted = any(fnmatchcase(name, pattern) for pattern in include or ("*",))
        if wanted and (project / place).is_dir() and not any(fnmatchcase(name, pattern) for pattern in exclude):
            yield name, place


def hatch(said: Table, _: Path) -> Iterator[Placed]:
    """`[tool.hatch.build]` and its `targets.wheel`: `only-include`, else `packages`, else `include`; and `sources`."""
    build = table(said, "build")
    wheel = {**build, **table(build, "targets", "wheel")}
    sources: dict[str, str] = dict.fromkeys(strings(wheel, "sources"), "")
    sources |= {key: value for key, value in table(wheel, "sources").items() if isinstance(value, str)}
    paths = strings(wheel, "only-include")
    if not paths and (packages := strings(wheel, "packages")):
        yield from ((path.strip("/").rpartition("/")[2], path.strip("/")) for path in packages)
        return
    for path in map(_plain, paths or strings(wheel, "include")):
        yield _dotted(_moved(path, sources)), path.removesuffix(".py")


def _moved(path: str, sources: Mapping[str, str]) -> str:
    for start, instead in sources.items():
        if path == start.strip("/") or path.startswith(start.strip("/") + "/"):
            return f"{instead}/{path[len(start.strip('/')) :]}".strip("/").replace("//", "/")
    return path


def flit(said: Table, project: Path) -> Iterator[Placed]:
    """`[tool.flit.module] name`, in `src/` or beside the configuration."""
    if name := text(table(said, "module"), "name"):
        path = name.replace(".", "/")
        yield name, f"src/{path}" if (project / "src" / path.partition("/")[0]).exists() else path


def poetry(said: Table, _: Path) -> Iterator[Placed]:
    """`[tool.poetry] packages`: tables with `include` and `from`."""
    listed = said.get("packages")
    for entry in listed if isinstance(listed, list) else ():
        if path := _plain(text(table(entry), "include") or ""):
            yield _dotted(path), "/".join(filter(None, (text(table(entry), "from"), path.removesuffix(".py"))))


def pdm(said: Table, project: Path) -> Iterator[Placed]:
    """`[tool.pdm.build]`: `includes`, `package-dir`."""
    build = table(said, "build")
    folder = text(build, "package-dir")
    above = folder if folder is not None else "src" if (project / "src").is_dir() else ""
    paths = tuple(map(_plain, strings(build, "includes")))
    for path in paths:
        yield _dotted(_moved(path, {above: ""}) if above else path), path.removesuffix(".py")
    if folder and not paths:
        yield "", folder


def uv(said: Table, _: Path) -> Iterator[Placed]:
    """`[tool.uv.build-backend]`: `module-name`, `module-root` (default `src`)."""
    build = table(said, "build-backend")
    root = text(build, "module-root")
    names = strings(build, "module-name")
    for name in names:
        yield name, "/".join(filter(None, ("src" if root is None else root, *name.split("."))))
    if root and not names:
        yield "", root


def maturin(said: Table, _: Path) -> Iterator[Placed]:
    """`[tool.maturin] python-source`."""
    if folder := text(said, "python-source"):
        yield "", folder


def _plain(pattern: str) -> str:
    """The folder or file that a glob such as `/src/foo/**` means; empty for one that means several."""
    path = pattern.strip("/")
    for end in ("/**/*.py", "/**/*", "/**", "/*"):
        path = path.removesuffix(end)
    return "" if any(sign in path for sign in "*?[!") else path


def _dotted(path: str) -> str:
    return path.strip("/").removesuffix(".py").replace("/", ".")


READERS: tuple[tuple[str, str, Reader], ...] = (
    ("setuptools", "setuptools", setuptools),
    ("hatchling", "hatch", hatch),
    ("flit", "flit", flit),
    ("poetry", "poetry", poetry),
    ("pdm", "pdm", pdm),
    ("uv", "uv", uv),
    ("maturin", "maturin", maturin),
)
"""How the name of a build backend begins, the table under `[tool]` that configures it, and its reader."""
