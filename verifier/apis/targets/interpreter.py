"""The Python that a target belongs to: which one, and where it looks for modules. Nothing of the target runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from verifier.apis.targets.site_path import site_path
from verifier.errors import UserError
from verifier.model import Interpreter

Ask = Callable[[Path, str], str]
"""What a program prints under an interpreter started with `-I -S -B`: `runner.ask`."""

OLDEST = (3, 9)
FIX = "give --python the path of an interpreter, or a version such as 3.12"

# `site` is imported, which does nothing yet, only to be asked where this very Python keeps its packages: distributors
# patch that. Its `main()`, which would run code out of `.pth` files, is never called; what it does to `sys.prefix` in a
# virtual environment is done here by hand. In the syntax of Python 3.4, so that an old one can say how old it is.
FACTS = """
import json, os, site, sys, sysconfig
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder
folder = os.path.dirname(os.path.abspath(sys.executable))
above = os.path.dirname(folder)
config = [c for c in (os.path.join(p, "pyvenv.cfg") for p in (folder, above)) if os.path.isfile(c)]
base, prefix, system = sys.base_prefix, sys.base_prefix, True
if config:
    prefix = above
    with open(config[0], encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.partition("=")
            if key.strip().lower() == "include-system-site-packages":
                system = value.strip().lower() == "true"
sys.prefix = sys.exec_prefix = prefix
print(json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:3]),
    "build": sys.version,
    "cache_tag": getattr(sys.implementation, "cache_tag", None) or "",
    "implementation": sys.implementation.name,
    "platform": sysconfig.get_platform(),
    "prefix": prefix,
    "base_prefix": base,
    "standard_library": sys.path,
    "sites": site.getsitepackages([prefix] + ([base] if system and base != prefix else [])),
    "extension_suffixes": EXTENSION_SUFFIXES,
    "builtin_modules": sys.builtin_module_names,
    "has_ctypes": "_ctypes" in sys.builtin_module_names or PathFinder.find_spec("_ctypes") is not None,
}))
"""


def find_interpreter(
    python: str | None,
    *,
    beside: Iterable[Path],
    found_here: Callable[[Interpreter], bool],
    ask: Ask,
    environ: Mapping[str, str],
) -> Interpreter:
    """The interpreter to check with; `Interpreter.chosen` says by which rule.

    In this order: `python` (`--python`: a path, the folder of an environment, a command or a version); the active
    virtual environment; a `.venv` or `venv` in one of the folders `beside`; the tool's own if the target is
    `found_here`; `python3` on PATH. An environment that is broken is an error, never passed over for another one.

    Raises UserError if what was chosen is no Python, or one older than 3.9.
    """
    if python is not None:
        return _named(python, ask, environ)
    environ = _outside_of_the_hook(environ)
    if active := _active(environ):
        variable, folder = active
        return read_interpreter(_python_in(folder), f"active virtual environment ({variable})", ask)
    for environment in _environments(beside):
        return read_interpreter(_python_in(environment), f"{environment.name} beside the target", ask)
    own = read_interpreter(Path(sys.executable), "the tool's own", ask)
    if found_here(own):
        return own
    on_path = shutil.which("python3", path=environ.get("PATH", os.defpath))
    return read_interpreter(Path(on_path), "python3 on PATH", ask) if on_path else own


def _outside_of_the_hook(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment without what pre-commit adds to it: the environment that it made for this tool is nobody's."""
    if not (environ.get("PRE_COMMIT") and environ.get("VIRTUAL_ENV") == sys.prefix):
        return environ
    own = os.path.join(sys.prefix, "bin")  # noqa: PTH118  as it stands in PATH
    path = os.pathsep.join(place for place in environ.get("PATH", "").split(os.pathsep) if place != own)
    return {**{name: text for name, text in environ.items() if name != "VIRTUAL_ENV"}, "PATH": path}


def _active(environ: Mapping[str, str]) -> tuple[str, Path] | None:
    """The active environment and the variable that names it.

    Conda's `base` is active on many machines all the time, so it says nothing about the target; it is then `python3` on
    PATH anyway.
    """
    if environ.get("VIRTUAL_ENV"):
        return "VIRTUAL_ENV", Path(environ["VIRTUAL_ENV"])
    if environ.get("CONDA_PREFIX") and environ.get("CONDA_DEFAULT_ENV") != "base":
        return "CONDA_PREFIX", Path(environ["CONDA_PREFIX"])
    return None


def _environments(beside: Iterable[Path]) -> Iterator[Path]:
    candidates = (place / name for place in beside for name in (".venv", "venv"))
    return (folder for folder in candidates if (folder / "pyvenv.cfg").is_file())


def _python_in(environment: Path) -> Path:
    """The interpreter of a virtual or conda environment. Raises UserError if it has none."""
    for place in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
        if (environment / place).is_file():
            return environment / place
    raise UserError("this environment has no interpreter", where=str(environment), fix=f"create it anew, or {FIX}")


# --- by what the user said --------------------------------------------------------------------------------------------

# Where interpreters lie that are not on PATH, after the variable that names the folder above; `{v}` is such as 3.12.
USUAL_PLACES = (
    ("HOME", ".local/bin/python{v}"),
    ("HOME", ".pyenv/versions/{v}*/bin/python"),
    ("HOME", ".local/share/uv/python/*-{v}*/bin/python{v}"),
    ("LOCALAPPDATA", "Programs/Python/Python{digits}*/python.exe"),
    ("ProgramFiles", "Python{digits}*/python.exe"),
    ("SystemDrive", "Python{digits}*/python.exe"),
)


def _named(python: str, ask: Ask, environ: Mapping[str, str]) -> Interpreter:
    if re.fullmatch(r"\d+(\.\d+){0,2}", python):
        return _of_version(python, ask, environ)
    path = Path(python)
    if path.is_dir():
        return read_interpreter(_python_in(path), "--python", ask)
    if path.name == python and not path.exists() and (command := shutil.which(python, path=environ.get("PATH"))):
        path = Path(command)
    return read_interpreter(path, "--python", ask)


def _of_version(version: str, ask: Ask, environ: Mapping[str, str]) -> Interpreter:
    """The first interpreter of this version that runs: a launcher on PATH may stand for one that is not installed."""
    wanted = version.split(".")
    if tuple(map(int, wanted)) < OLDEST[: len(wanted)]:
        raise UserError(f"Python {version} is too old: 3.9 is the oldest", where="--python", fix=FIX)
    for candidate in _candidates(".".join(wanted[:2]), environ):
        try:
            found = read_interpreter(candidate, f"--python {version}", ask)
        except UserError:
            continue
        if found.version.split(".")[: len(wanted)] == wanted:
            return found
    raise UserError(f"no Python {version} that can be run", where="PATH and the usual places", fix=FIX)


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        yield from (path for end in ("", ".exe") if (path := Path(folder or ".", f"python{version}{end}")).is_file())
    for variable, pattern in USUAL_PLACES:
        if top := environ.get(variable):
            places = Path(top + "/").glob(pattern.format(v=version, digits=version.replace(".", "")))
            yield from sorted(places, key=_numbers, reverse=True)


def _numbers(path: Path) -> list[int]:
    """To sort 3.12.10 after 3.12.9."""
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


# --- what it says of itself -------------------------------------------------------------------------------------------


def read_interpreter(python: Path, chosen: str, ask: Ask) -> Interpreter:
    """What `python` tells about itself; `path` is not resolved, since the link is what makes a virtual environment.

    Raises UserError if it is no Python, or one older than 3.9.
    """
    answer = ask(python, FACTS)
    try:
        facts = json.loads(answer)
        version = tuple(map(int, facts["version"]))
        if version < OLDEST:
            raise UserError(f"Python {_dotted(version)} is too old: 3.9 is the oldest", where=str(python), fix=FIX)
        standard_library = tuple(map(Path, facts["standard_library"]))
        return Interpreter(
            # A launcher that stands for another interpreter, such as a version manager's, is replaced by that one.
            path=Path(facts["executable"] or python),
            chosen=chosen,
            version=_dotted(version),
            build=facts["build"],
            cache_tag=facts["cache_tag"],
            implementation=facts["implementation"],
            platform=facts["platform"],
            prefix=Path(facts["prefix"]),
            base_prefix=Path(facts["base_prefix"]),
            standard_library=standard_library,
            site_packages=site_path(map(Path, facts["sites"]), known=standard_library, version=version),
            extension_suffixes=tuple(facts["extension_suffixes"]),
            builtin_modules=frozenset(facts["builtin_modules"]),
            has_ctypes=bool(facts["has_ctypes"]),
        )
    except (ValueError, TypeError, KeyError) as broken:
        raise UserError("this does not answer as a Python interpreter does", where=str(python), fix=FIX) from broken


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
