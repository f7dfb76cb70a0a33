"""Made-up packages of any size: each module brings as much work as any other, however many there are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LEAST, MOST = 10, 20
"""Modules of one sub-package. No folder has more folders than `MOST`."""
SEED = 0
NAME = "synthetic"
INIT = '''"""Package {name}, made up, whose `__init__` file is light and does next to nothing when it is imported."""
'''
OFFER = """
from {name}.{module} import LIMIT

__all__ = ["LIMIT"]
"""
MODULE = '''"""Module {number} of a made-up package, which has documented functions and classes."""

from __future__ import annotations
{imports}
LIMIT = {number}


def measure_{number}(width: int, height: int = 2, *, unit: str = "m") -> str:
    """Say how large a surface is, given its width and height, in the unit that is named or else in metres."""
    return f"{{width * height}} {{unit}}"


def total_{number}(values: list[int]) -> int:
    """Add up all values that are smaller than the limit, and leave out the others without telling anybody."""
    result = 0
    for value in values:
        if value < LIMIT:
            result += value
    return result


class Thing{number}:
    """Something that has a name and a size, and that can tell whether it is larger than something else is."""

    def __init__(self, name: str, size: int = 0) -> None:
        self.name = name
        self.size = size

    def is_larger(self, other: Thing{number}) -> bool:
        """Whether this is larger than the other thing, which must be of the same kind for the answer to mean much."""
        return self.size > other.size


class Sorted{number}:
    """A list of things that stays sorted by their size, however many of them are added, and in whatever order."""

    def __init__(self) -> None:
        self.things: list[Thing{number}] = []

    def add(self, thing: Thing{number}) -> None:
        """Put a thing where it belongs by its size."""
        self.things.append(thing)
        self.things.sort(key=lambda each: each.size)
'''


@dataclass(frozen=True, slots=True)
class Folder:
    """One package: how many modules are in it, or else which packages."""

    modules: int
    folders: tuple[Folder, ...] = ()


def make(place: Path, count: int) -> Path:
    """A package in the folder `place` with `count` modules and their `__init__` files. The same for the same count."""
    chance = random.Random(SEED)
    package = place / NAME
    write(package, NAME, plan(count, chance), iter(range(count)), chance)
    return package


def plan(count: int, chance: random.Random) -> Folder:
    """Packages of 10 to 20 modules (the last one of what is left), in folders of 20, in folders of 20 ..."""
    row: list[Folder] = []
    left = count
    while left > 0:
        row.append(Folder(min(left, chance.randint(LEAST, MOST))))
        left -= row[-1].modules
    while len(row) > 1:
        row = [Folder(0, tuple(row[start : start + MOST])) for start in range(0, len(row), MOST)]
    return row[0]


def write(place: Path, name: str, folder: Folder, numbers: Iterator[int], chance: random.Random) -> None:
    """The files of a package, and of all below it. Every other one with modules offers a name of one of them."""
    place.mkdir(parents=True)
    modules = [f"part_{next(numbers)}" for _ in range(folder.modules)]
    for position, module in enumerate(modules):
        # of neighbours alone: what one module brings along must not depend on how many there are in all
        known = chance.sample(modules[:position], min(position, position % 3))
        imports = "".join(f"\nfrom {name} import {each}" for each in sorted(known))
        text = MODULE.format(number=module.removeprefix("part_"), imports=f"{imports}\n" if imports else "")
        (place / f"{module}.py").write_text(text, encoding="utf-8")
    offer = OFFER.format(name=name, module=modules[0]) if modules and chance.random() < 0.5 else ""
    (place / "__init__.py").write_text(INIT.format(name=name) + offer, encoding="utf-8")
    for position, each in enumerate(folder.folders):
        write(place / f"area_{position}", f"{name}.area_{position}", each, numbers, chance)
