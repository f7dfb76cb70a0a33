"""Which module a path of a report belongs to: by the folder that it lies in, and by what the configuration says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from msgspec import Struct, field

EVERY = "*"
"""In `elsewhere`: for all modules that have no entry of their own."""
SOURCE = ".py"
T = TypeVar("T")


class Shares(Struct, Generic[T], frozen=True):
    """The parts of a report by module."""

    own: Mapping[str, tuple[T, ...]] = field(default_factory=dict)
    """By the path of the module; those of nobody are left out."""
    disputed: Mapping[str, str] = field(default_factory=dict)
    """For a module that some part may or may not belong to: which, and to whom else. What it has is not all, then."""


class Belonging(Struct, frozen=True):
    """Who claims a path."""

    claims: Mapping[str, tuple[str, ...]]
    """The paths of modules, sorted, by the path of what they claim."""

    def owners(self, path: str) -> tuple[str, ...]:
        """The modules that claim a file, or the innermost folder above it that any claims; several do not agree."""
        return next((self.claims[each] for each in _upwards(path) if each in self.claims), ())

    def shares(self, parts: Iterable[T], path: Callable[[T], str]) -> Shares[T]:
        """Which of the `parts` belong to which module, by their `path`."""
        own: dict[str, list[T]] = {}
        disputed: dict[str, str] = {}
        for part in parts:
            owners = self.owners(path(part))
            for owner in owners:
                if len(owners) > 1:
                    disputed.setdefault(owner, f"{path(part)} may be of {' or of '.join(owners)}")
                else:
                    own.setdefault(owner, []).append(part)
        return Shares({module: tuple(found) for module, found in own.items()}, disputed)


def belonging(modules: Iterable[str], elsewhere: Mapping[str, Iterable[str]]) -> Belonging:
    """Who claims what: each of the `modules` its own folder, and what is its own `elsewhere`.

    There, `{path}` stands for the path of a module, and `{name}` for the last part of it.
    """
    claims: dict[str, set[str]] = {}
    for module in modules:
        for form in (module, *elsewhere.get(module, elsewhere.get(EVERY, ()))):
            claimed = form.replace("{path}", module).replace("{name}", module.rpartition("/")[2]).strip("/")
            # tests are named by a dotted class as often as by a file: tests/test_cart/TestTotal
            for each in {claimed, claimed.removesuffix(SOURCE)}:
                claims.setdefault(each, set()).add(module)
    return Belonging({claimed: tuple(sorted(found)) for claimed, found in claims.items()})


def strangers(modules: Iterable[str], elsewhere: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """What `elsewhere` names and is no module, sorted."""
    return tuple(sorted(elsewhere.keys() - {EVERY, *modules}))


def _upwards(path: str) -> Iterator[str]:
    """The path and the folders above it, innermost first."""
    while path:
        yield path
        path = path.rpartition("/")[0]
