"""The observer's one door: source text in, facts out."""

from __future__ import annotations

import libcst as cst

from verifier.apis.facts import Facts, Import
from verifier.apis.syntax.depth import is_shallow
from verifier.apis.syntax.lazy import Served, served
from verifier.apis.syntax.walk import Walk


def read(text: str, module: str, *, is_package: bool, is_stub: bool = False, whole: str | None = None) -> Facts:
    """What libcst sees in the source of `module`. It knows the syntax of later Pythons than the one that runs it.

    `whole` is the text with the bodies of functions and classes, where `text` comes without.

    Raises `libcst.ParserSyntaxError`, or RecursionError for what is nested too deeply.
    """
    if not is_shallow(text):
        raise RecursionError
    tree = cst.parse_module(text)
    walk = Walk(tree, text, module, is_package=is_package, is_stub=is_stub)
    certain = walk.run()
    lazy = _lazy(walk, module, is_package=is_package) if not is_stub else Served()
    if lazy.names or lazy.from_stub:
        walk.exports.serve([each.name for each in lazy.names], from_stub=lazy.from_stub)
    return Facts(
        module=module,
        is_package=is_package,
        doc_chars=len(tree.get_docstring() or ""),
        bindings=tuple(walk.bindings),
        exports=walk.exports.result(whole or text),
        lazy=lazy.names,
        lazy_from_stub=lazy.from_stub,
        answers_lazily=not is_stub and any(each.name == "__getattr__" for each in walk.bindings),
        incidental=frozenset(walk.incidental),
        deleted=frozenset(walk.deleted),
        certain=certain,
    )


def _lazy(walk: Walk, module: str, *, is_package: bool) -> Served:
    if walk.hook is None:
        return Served()
    imports = [each for each in walk.bindings if isinstance(each, Import)]
    return served(walk.hook, imports, module, walk.tables, is_package=is_package)
