"""Editable installs that put a finder of their own on `sys.meta_path`: what they map, read without running them.

Those that only add a folder to `sys.path` (most of hatchling, uv, flit, poetry, pdm; setuptools for a `src` layout; the
old `easy-install.pth`) need nothing here: `site_path.py` reads their lines.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from verifier.apis.targets.metadata import text_of
from verifier.apis.targets.places import is_dotted_name
from verifier.apis.targets.site_path import pth_files, pth_lines
from verifier.model import ImportRoot

FINDERS = ("__editable___", "_editable_impl_")
"""How the names of the finders begin that setuptools and the library `editables` write."""
STARTS = re.compile(rf"import[ \t]+((?:{'|'.join(FINDERS)})\w+)\b")
"""The line by which a `.pth` file starts one."""


def editable_roots(path: Iterable[Path], suffixes: tuple[str, ...]) -> tuple[ImportRoot, ...]:
    """The import roots that finders of editable installs serve, where a `.pth` file in a folder of `path` starts them.

    `suffixes` are those of the interpreter's modules. A mapping of any other form is not understood, and left out.
    """
    found: dict[str, ImportRoot] = {}
    for site in path:
        lines = (line for name in pth_files(site) for line in pth_lines(site / name))
        for started in filter(None, map(STARTS.match, lines)):
            for root in finder_roots(text_of(site / f"{started[1]}.py"), suffixes):
                found.setdefault(root.name, root)
    return tuple(found.values())


def finder_roots(source: str, suffixes: tuple[str, ...]) -> Iterator[ImportRoot]:
    """The roots in the source of such a finder, those whose folder or file is there.

    Setuptools keeps dicts of literals: `MAPPING` of import names to a folder, or a file without its suffix, and
    `NAMESPACES` of names to folders. The library `editables` calls `F.map_module(name, file)`.
    """
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for name, places in (mapped for statement in statements for mapped in _mapped(statement)):
        locations = tuple(location for place in places if (location := _location(place, suffixes)))
        if locations and is_dotted_name(name):
            yield ImportRoot(name=name, locations=locations)


def _mapped(statement: ast.stmt) -> Iterator[tuple[str, tuple[str, ...]]]:
    match statement:
        case (
            ast.AnnAssign(target=ast.Name(id="MAPPING" | "NAMESPACES"), value=ast.Dict() as table)
            | ast.Assign(targets=[ast.Name(id="MAPPING" | "NAMESPACES")], value=ast.Dict() as table)
        ):
            yield from _table(table)
        case ast.Expr(ast.Call(ast.Attribute(attr="map_module"), [ast.Constant(str(name)), ast.Constant(str(file))])):
            yield name, (file,)


def _table(table: ast.Dict) -> Iterator[tuple[str, tuple[str, ...]]]:
    try:
        literal = ast.literal_eval(table)
    except (ValueError, TypeError, RecursionError):  # something computed, or an unhashable key
        return
    for name, places in literal.items():
        yield str(name), tuple(map(str, places)) if isinstance(places, (list, tuple)) else (str(places),)


def _location(place: str, suffixes: tuple[str, ...]) -> Path | None:
    path = Path(place)
    if path.name.startswith("__init__."):
        path = path.parent
    if not path.is_absolute():
        return None
    return next((candidate for end in ("", *suffixes) if (candidate := Path(f"{path}{end}")).exists()), None)
