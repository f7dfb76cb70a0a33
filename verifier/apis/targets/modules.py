"""A target's modules: which of those that could be imported are public, and how many are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from fnmatch import fnmatchcase

from msgspec import Struct

from verifier.apis.targets.places import importable_suffixes
from verifier.apis.targets.tree import modules_below
from verifier.model import ImportRoot, Module, ModuleKind, ModuleList, Target


class Left(Enum):
    """Why a module is left out."""

    PRIVATE = "private"
    TEST = "test"
    MAIN = "main"
    EXCLUDED = "excluded"


class _Judged(Struct, frozen=True, kw_only=True):
    """A module with the parts of its name, and how many of these the user named."""

    module: Module
    parts: tuple[str, ...]
    named: int

    @property
    def own_parts(self) -> tuple[str, ...]:
        """The parts that decide whether it is public."""
        return self.parts[self.named :]


def find_modules(
    target: Target, *, include_private: bool = False, include_tests: bool = False, exclude: Iterable[str] = ()
) -> ModuleList:
    """The public modules of `target`, sorted by name, and how many were left out and why.

    Left out are `__main__`; tests; what is private, that is below a name with a leading underscore; and what one of the
    patterns in `exclude` fits (`fnmatch`). What the user named is not left out for its own name, unless a pattern fits
    it. A package that is left out takes everything below with it.
    """
    included = {Left.PRIVATE: include_private, Left.TEST: include_tests}
    patterns = tuple(exclude)
    every = tuple(_every_module(target))
    test_packages = _test_packages(judged.module.name for judged in every)
    kept: list[Module] = []
    counted: Counter[Left] = Counter()
    for judged in every:
        speaks_against = (left for left in _left(judged, test_packages, patterns) if not included.get(left))
        if (left := next(speaks_against, None)) is None:
            kept.append(judged.module)
        else:
            counted[left] += 1
    return ModuleList(
        modules=tuple(sorted((*kept, *_namespaces(kept, target.roots)), key=lambda module: module.name)),
        private=counted[Left.PRIVATE],
        tests=counted[Left.TEST],
        mains=counted[Left.MAIN],
        excluded=counted[Left.EXCLUDED],
    )


def _every_module(target: Target) -> Iterator[_Judged]:
    """All modules of the roots; of two with one name the first root's.

    Where a distribution brings several roots and one of them is public, the roots are judged by their own names as
    well: `_yaml` beside `yaml` is private, `_pytest` alone is what the user named.
    """
    suffixes = importable_suffixes(target.interpreter)
    by_own_name = len(target.roots) > 1 and any(map(_is_public_root, target.roots))
    seen: set[str] = set()
    for root in target.roots:
        named = 0 if by_own_name else len(root.name.split("."))
        for module in modules_below(root, suffixes):
            if module.name not in seen:
                seen.add(module.name)
                yield _Judged(module=module, parts=tuple(module.name.split(".")), named=named)


def _is_public_root(root: ImportRoot) -> bool:
    parts = root.name.split(".")
    return not any(part.startswith("_") or _names_tests(part) for part in parts)


def _left(judged: _Judged, test_packages: frozenset[str], exclude: tuple[str, ...]) -> Iterator[Left]:
    if any(part.startswith("_") and part != "__main__" for part in judged.own_parts):
        yield Left.PRIVATE
    if _is_test(judged, test_packages):
        yield Left.TEST
    if judged.own_parts[-1:] == ("__main__",):
        yield Left.MAIN
    if any(fnmatchcase(name, pattern) for name in _and_above(judged.parts) for pattern in exclude):
        yield Left.EXCLUDED


def _and_above(parts: tuple[str, ...]) -> Iterator[str]:
    """A module's name, and those of the packages that it is in."""
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))


def _is_test(judged: _Judged, test_packages: frozenset[str]) -> bool:
    if any(map(_names_tests, judged.own_parts)):
        return True
    if not judged.module.is_package and judged.own_parts and judged.parts[-1].endswith(("_test", "_tests")):
        return True
    ends = range(judged.named + 1, len(judged.parts) + 1)
    return any(".".join(judged.parts[:end]) in test_packages for end in ends if judged.parts[end - 1] == "test")


def _names_tests(part: str) -> bool:
    return part in {"tests", "conftest"} or part.startswith("test_")


def _test_packages(names: Iterable[str]) -> frozenset[str]:
    """The packages called `test` that hold tests; one that does not is API, as `django.test`."""
    split = (name.rpartition(".") for name in names)
    return frozenset(parent for parent, _, last in split if last.startswith("test_") and _last(parent) == "test")


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _namespaces(modules: Iterable[Module], roots: tuple[ImportRoot, ...]) -> Iterator[Module]:
    """The namespaces (PEP 420) that `modules` lie in, from their root downwards."""
    seen = {module.name for module in modules}
    tops = {root.name for root in roots}
    for module in modules:
        name = module.name
        folder = module.shown.rpartition("/")[0] if module.is_package and module.file else module.shown
        while name not in tops:
            name, folder = name.rpartition(".")[0], folder.rpartition("/")[0]
            if name in seen:
                break
            seen.add(name)
            yield Module(name=name, kind=ModuleKind.NAMESPACE, file=None, shown=folder, is_package=True)
