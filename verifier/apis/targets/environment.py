"""What an interpreter can import, by import name or by distribution; editable installs too. Nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from verifier.apis.targets.distributions import canonical, find_distribution, installed, owner_of, top_levels
from verifier.apis.targets.editable import editable_roots
from verifier.apis.targets.metadata import described, source_folder
from verifier.apis.targets.places import find_on_path, importable_suffixes, is_dotted_name, read_place
from verifier.apis.targets.project import read_project
from verifier.apis.targets.roots import find_root, located
from verifier.apis.targets.tree import modules_below
from verifier.errors import UserError
from verifier.model import Distribution, ImportRoot, Interpreter


def roots_by_import_name(name: str, interpreter: Interpreter) -> tuple[ImportRoot, ...]:
    """What `import name` would find; empty if nothing.

    Several roots where the name is that of a namespace which editable installs have a part in.
    """
    if not is_dotted_name(name) or name.partition(".")[0] in interpreter.builtin_modules:
        return ()
    suffixes = importable_suffixes(interpreter)
    found = find_root(name, (*interpreter.standard_library, *interpreter.site_packages), suffixes)
    if found and not _is_namespace(found, suffixes):
        return (found,)
    # A folder in which nothing can be imported is what an uninstall leaves behind, not a namespace.
    portions = (found,) if found and any(modules_below(found, suffixes)) else ()
    return (*portions, *_editable(name, interpreter, suffixes))


def _is_namespace(root: ImportRoot, suffixes: tuple[str, ...]) -> bool:
    return root.locations[0].is_dir() and not read_place(root.locations[0]).module_file("__init__", suffixes)


def _editable(name: str, interpreter: Interpreter, suffixes: tuple[str, ...]) -> Iterator[ImportRoot]:
    """What the finders of editable installs serve: the root `name`, those below it, or a part of one."""
    for root in editable_roots(interpreter.site_packages, suffixes):
        if root.name == name or root.name.startswith(f"{name}."):
            yield root
        elif name.startswith(f"{root.name}.") and (
            part := find_root(name[len(root.name) + 1 :], root.locations, suffixes)
        ):
            yield ImportRoot(name=name, locations=part.locations)


def roots_by_distribution(distribution: Distribution, interpreter: Interpreter) -> tuple[ImportRoot, ...]:
    """The import roots that an installed distribution brings; empty where it brings none, or nobody can tell."""
    suffixes = importable_suffixes(interpreter)
    if (source := source_folder(distribution)) is None:
        return top_levels(distribution, suffixes)
    served = editable_roots(interpreter.site_packages, suffixes)
    if mapped := tuple(root for root in served if root.locations[0].is_relative_to(source)):
        return mapped
    try:
        names = read_project(source).names
    except (UserError, OSError):  # moved or broken since it was installed
        return ()
    return located(names, interpreter.site_packages, suffixes)


def distribution_called(name: str, interpreter: Interpreter) -> Distribution | None:
    """The installed distribution of that name, in whatever spelling."""
    found = find_distribution(name, installed(interpreter.site_packages))
    return described(found) if found else None


def distribution_of(root: ImportRoot, interpreter: Interpreter) -> Distribution | None:
    """The distribution that brought `root`; None where nobody or several did, as for the standard library."""
    location = root.locations[0]
    suffixes = importable_suffixes(interpreter)
    file = read_place(location).module_file("__init__", suffixes) or location
    owner = owner_of(root.name, file, installed(interpreter.site_packages))
    return described(owner) if owner else None


def near_names(name: str, interpreter: Interpreter) -> tuple[str, ...]:
    """Up to three names of this environment that look like `name`, best first: modules, and distributions.

    Of a dotted name the last part is compared, where what is above it can be imported, else the first.
    """
    suffixes = importable_suffixes(interpreter)
    path = (*interpreter.standard_library, *interpreter.site_packages)
    above, _, last = name.rpartition(".")
    if above and is_dotted_name(above) and (found := find_on_path(above, path, suffixes)):
        known = {part for place in found.places for part in place.offered(suffixes)}
        return tuple(f"{above}.{part}" for part in _alike(last, known))
    known = {part for folder in path for part in read_place(folder).offered(suffixes)}
    known |= {canonical(distribution.name) for distribution in installed(interpreter.site_packages)}
    return _alike(name.partition(".")[0], known)


def _alike(name: str, known: set[str]) -> tuple[str, ...]:
    spelled = {one.lower(): one for one in sorted(known) if not one.startswith("_")}
    return tuple(spelled[one] for one in get_close_matches(name.lower(), spelled, n=3, cutoff=0.75))
