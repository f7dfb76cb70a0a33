"""Which names a module advertises, and why.

`__all__` where there is one. Else the typing specification's rules for re-exports ("library interface"), definitions
that are not private, what `__getattr__` serves, and in an `__init__.py` what comes from the package's own modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.apis.facts import Binding, Definition, Facts, Import
from verifier.apis.follow import Follow, is_private
from verifier.model import Basis, Guard, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


def advertised(follow: Follow, module: str) -> Mapping[str, Basis]:
    """The public names of a module that could be read, each with its basis; empty for one that could not."""
    facts = follow.facts(module)
    if facts is None:
        return {}
    if facts.exports is not None:
        return dict.fromkeys(follow.exported(module), Basis.ALL)
    lazy = {each.name: Basis.LAZY for each in follow.served(facts) if not is_private(each.name)}
    starred = dict.fromkeys(_starred(follow, module), Basis.REEXPORT)
    return lazy | starred | dict(_own(follow, facts))


def _starred(follow: Follow, module: str) -> Iterator[str]:
    """What star imports from modules of the same package bring. A star import never asks a `__getattr__`."""
    _, *others = follow.star_chain(module)
    for facts in others:
        if not follow.library.are_related(facts.module, module):
            continue
        names = follow.exported(facts.module) if facts.exports else dict(_own(follow, facts))
        yield from (name for name in names if not is_private(name))


def _own(follow: Follow, facts: Facts) -> Iterator[tuple[str, Basis]]:
    """The names that the statements of the module itself make public."""
    for name, bindings in facts.by_name.items():
        if is_private(name) or name in facts.deleted:
            continue
        basis = _basis(follow, facts, bindings)
        for_types = facts.guard(name) is Guard.TYPE_CHECKING
        if basis is not None and not (for_types and basis is not Basis.REEXPORT):
            yield name, basis


def _basis(follow: Follow, facts: Facts, bindings: tuple[Binding, ...]) -> Basis | None:
    imports = [each for each in bindings if isinstance(each, Import) and not each.is_star]
    if any(each.explicit for each in imports):
        return Basis.REEXPORT
    if any(_is_defined(each, imported=bool(imports)) for each in bindings):
        return Basis.DEFINITION
    if facts.is_package and any(_is_part(follow, facts, each) for each in imports):
        return Basis.PACKAGE_IMPORT
    return None


def _is_defined(binding: Binding, *, imported: bool) -> bool:
    """A value for a name that is imported too is no definition: `json = None` stands in for what may be missing."""
    return isinstance(binding, Definition) and binding.binds and not (imported and binding.kind is Kind.VALUE)


def _is_part(follow: Follow, facts: Facts, each: Import) -> bool:
    """Whether an `__init__.py` imports it from the package's own modules. Stubs say so with `as`, or not at all."""
    if each.attribute is None or follow.stubs:
        return False
    return follow.library.are_related(each.module, facts.module)
