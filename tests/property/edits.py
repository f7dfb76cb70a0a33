"""Sequences of edits to a small project, after each of which a run with a cache must say what one without it says."""

from __future__ import annotations

import os
import py_compile
import shutil
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from verifier.apis import verify
from verifier.config import Config
from verifier.errors import UserError
from verifier.reports import json_report

LONG = "It is documented at length, so that nothing but its import can speak against it: no check may object."
FILES = (
    "demo/__init__.py",
    "demo/a.py",
    "demo/b.py",
    "demo/b.pyi",
    "demo/sub/__init__.py",
    "demo/sub/c.py",
    "demo/data.txt",
    "demo/folder/data.txt",
    "dep/__init__.py",
    "dep/more.py",
    "dep.py",
    "demo/a/__init__.py",
)
CONTENTS = (
    "",
    f'def sound():\n    """{LONG}"""\n',
    f'def sounD():\n    """{LONG}"""\n',  # of the same size
    '__all__ = ["ghost"]\n',
    '__all__ = ["ghosT"]\nghosT = 1\n',
    "from demo.a import *\n",
    "from demo.a import sound\n__all__ = ['sound']\n",
    "from demo import b\n",
    "from demo.sub import c\n",
    "import demo.sub.c\n",
    "from . import a\n",
    "try:\n    from dep import more\nexcept ImportError:\n    more = None\n",
    "from dep import more\n__all__ = ['more']\n",
    "import dep\n__all__ = list(dep.__dict__.get('names', ()))\n",
    "names = ['one']\none = 1\n",
    "names = ['two']\ntwo = 2\n",
    "vars()['made'] = 1\n",
    "made: int\n",
    "import pathlib\nassert not pathlib.Path(__file__).with_name('data.txt').exists()\n",
    "import pathlib\nassert not pathlib.Path(__file__).with_name('folder').joinpath('data.txt').exists()\n",
    "import pathlib\n__all__ = pathlib.Path(__file__).with_name('data.txt').read_text().split()\n",
    "import os\n__all__ = [name.partition('.')[0] for name in sorted(os.listdir(os.path.dirname(__file__)))]\n",
    "def __getattr__(name):\n    import demo.b\n    return getattr(demo.b, name)\n",
    "import importlib\ntry:\n    importlib.import_module('dep.more')\n    more = 1\nexcept ImportError:\n    pass\n",
    "raise ValueError('no')\n",
    "x = (\n",
    "import os\nos._exit(0)\n",
    "word\n",
)
START = {
    "demo/__init__.py": CONTENTS[1],
    "demo/a.py": CONTENTS[1],
    "demo/sub/__init__.py": "",
    "demo/sub/c.py": "from demo.a import sound\n",
    "dep/__init__.py": "names = ['one']\none = 1\n",
}

Edit = Callable[[Path], None]


def write(file: str, content: str) -> Edit:
    """Make a file, or write it anew."""

    def edit(folder: Path) -> None:
        path = folder / file
        if not (path.parent.is_file() or path.is_dir()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    return edit


def write_behind(file: str, content: str) -> Edit:
    """Write a file anew, and give it its old time stamps."""

    def edit(folder: Path) -> None:
        path = folder / file
        if path.is_file():
            was = path.stat()
            path.write_text(content, encoding="utf-8")
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))

    return edit


def touch(file: str) -> Edit:
    """Change nothing but the time stamps."""
    return lambda folder: os.utime(folder / file) if (folder / file).exists() else None


def remove(file: str) -> Edit:
    """Delete a file."""
    return lambda folder: (folder / file).unlink() if (folder / file).is_file() else None


def compile_(file: str) -> Edit:
    """Do what running the file would: leave its bytecode."""

    def edit(folder: Path) -> None:
        if (folder / file).is_file():
            py_compile.compile(str(folder / file), doraise=False, quiet=2)

    return edit


def swap(file: str, other: str) -> Edit:
    """Let two files change places; where there is only one it is renamed."""

    def edit(folder: Path) -> None:
        one, two, aside = folder / file, folder / other, folder / "aside"
        if file != other and one.is_file() and two.parent.is_dir() and not two.is_dir():
            if two.is_file():
                two.rename(aside)
            one.rename(two)
            if aside.is_file():
                aside.rename(one)

    return edit


def go_back(folder: Path) -> None:
    """Put everything back as it was in the beginning."""
    for name in ("demo", "dep"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for extra in ("dep.py",):
        (folder / extra).unlink(missing_ok=True)
    set_up(folder)


def set_up(folder: Path) -> None:
    """The project as it is in the beginning."""
    for file, content in START.items():
        write(file, content)(folder)


files = st.sampled_from(FILES)
sources = st.sampled_from([file for file in FILES if file.endswith(".py")])
contents = st.sampled_from(CONTENTS)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(write, files, contents),
    st.builds(write, files, contents),
    st.builds(write_behind, files, contents),
    st.builds(touch, files),
    st.builds(remove, files),
    st.builds(compile_, sources),
    st.builds(swap, files, files),
    st.just(go_back),
)
sequences = st.lists(st.tuples(edits, st.booleans()), min_size=1, max_size=6)
"""Edits, and whether a run as of the hook comes before the others."""


def said(folder: Path, cache: Path | None, *, believing: bool = False) -> str:
    """The whole report, or what the user is told instead of one."""
    config = Config(timeout=20.0, cache=cache, believing=believing)
    try:
        return json_report.render(verify([str(folder / "demo")], config))
    except UserError as error:
        return str(error)


def differences(folder: Path, sequence: list[tuple[Edit, bool]]) -> list[tuple[str, str]]:
    """What the cache makes other than it is, edit by edit."""
    project, cache = folder / "project", folder / "cache"
    project.mkdir()
    set_up(project)
    found = []
    for edit, is_hooked in ((set_up, False), *sequence):
        edit(project)
        truth = said(project, None)
        if is_hooked:
            said(project, cache, believing=True)
        for _ in range(2):  # the second time from what the first has kept
            answer = said(project, cache)
            if answer != truth:
                found.append((truth, answer))
    return found
