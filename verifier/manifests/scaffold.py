"""Templates for a module that nobody has described yet: drafts, which the reader of context files knows as such."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from verifier.errors import UserError
from verifier.manifests.history import Edit, File
from verifier.manifests.ledger import path as ledger_of
from verifier.manifests.model import Place
from verifier.manifests.repository import Repository

Kind: TypeAlias = Literal["module", "core"]
"""A core is a module that others rely on: it has contracts."""
MARKUP = re.compile(r"[\\`*_\[\]<>#|]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
DRAFT = "draft"


class Template(Struct, frozen=True):
    """A file to be written, if nothing is there yet."""

    path: str
    """Relative to the module's folder, with `/`."""
    text: str


def scaffold(module: str, kind: Kind, *, context: str = "claude.me") -> tuple[Template, ...]:
    """The files that describe the module at this path of the repository; `context` is the name of its context file.

    Each has `status: draft` in its front matter, and `_TODO: …_` where somebody has to say something. Nothing is
    written here, and nothing that is there may be overwritten.
    """
    found = (Template(context, _about(module)), Template("tests/matrix.md", _matrix(module)))
    return (*found, Template("contracts/contracts.md", _contracts(module))) if kind == "core" else found


def edits(place: Place, kind: Kind, repository: Repository) -> Iterator[Edit]:
    """What has to be written for a module that nobody has described yet: nothing over a file that is there.

    Raises UserError if there is nothing to describe.
    """
    if not place.folder.is_dir():
        raise UserError("there is no folder at the module's path", where=place.path, fix="remove its manifest")
    names = repository.settings.context
    if any(os.path.lexists(place.folder / name) for name in names):
        return
    ledger = ledger_of(repository.ledgers, place.path)
    for template in scaffold(place.path, kind, context=names[0]):
        path = place.folder / template.path
        if not os.path.lexists(path):
            yield Edit(
                manifest=File(path=path, before=None, after=template.text.encode()),
                ledger=File(path=ledger, before=None, after=None),
            )


def _about(module: str) -> str:
    return _page(
        module,
        _shown(module),
        _section("Goals", "what the module is for, in one sentence each; nothing that is only planned"),
        _section("Inputs", "what it is given: types, units, ranges"),
        _section("Outputs", "what it gives back, and to whom"),
        _section("Invariants", "what always holds, and how one would notice that it does not"),
    )


def _matrix(module: str) -> str:
    rows = ("| goal or invariant | test | fires | stays quiet |", "| --- | --- | --- | --- |")
    todo = _todo("one row for each; name the test that would go red")
    return _page(module, f"Tests of {_shown(module)}", "\n".join((*rows, f"| {todo} | | | |")))


def _contracts(module: str) -> str:
    return _page(
        module,
        f"Contracts of {_shown(module)}",
        _section("Promised", "what others may rely on, with the test that holds it"),
        _section("Relied on", "what it takes from other modules"),
        _section("Versions", "what counts as a breaking change"),
    )


def _page(module: str, title: str, *parts: str) -> str:
    front = f"---\nstatus: {DRAFT}\nmodule: {json.dumps(CONTROL.sub(' ', module), ensure_ascii=False)}\n---"
    return "\n\n".join((front, f"# {title}", *parts)) + "\n"


def _section(heading: str, wanted: str) -> str:
    return f"## {heading}\n\n{_todo(wanted)}"


def _todo(wanted: str) -> str:
    return f"_TODO: {wanted}_"


def _shown(module: str) -> str:
    """The path as a heading has it, without markup."""
    return MARKUP.sub(lambda found: f"\\{found[0]}", CONTROL.sub(" ", module)).strip()
