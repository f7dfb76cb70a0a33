"""One file in, what it says out: reads text as Python does, and asks the two observers."""

from __future__ import annotations

import io
import re
import tokenize
import warnings
from typing import TYPE_CHECKING

from msgspec.structs import replace

from verifier.apis.facts import Binding, Definition, Exports, Facts, Import
from verifier.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

EXPORTS = "__all__"
HEAD = re.compile(r"(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<word>def|class)[ \t]+(?P<name>\w+)")
QUOTED = re.compile(r"""["'](\w+)["']""")


def read_facts(
    path: Path, module: str, *, is_package: bool, is_stub: bool = False, in_depth: bool = True
) -> Facts | Problem:
    """What the file at `path`, the source (or stub) of `module`, says; or why nobody could read it.

    griffe reads every file. libcst reads those that hold what griffe does not see, unless `in_depth` is False, and
    those that griffe cannot parse: it knows the syntax of later Pythons than the one that runs this.
    """
    data = read_bytes(path)
    if isinstance(data, Problem):
        return data
    return facts_of(data, module, is_package=is_package, is_stub=is_stub, in_depth=in_depth)


def facts_of(data: bytes, module: str, *, is_package: bool, is_stub: bool, in_depth: bool) -> Facts | Problem:
    """The same for the bytes of a file."""
    from verifier.apis import triage  # noqa: PLC0415  its patterns take longer to compile than most files to read

    text = text_of(data)
    if isinstance(text, Problem):
        return text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # compiling foreign source warns of its escapes and comparisons
        facts = _observe(text, module, is_package=is_package, is_stub=is_stub, in_depth=in_depth)
    if isinstance(facts, Problem):
        return facts
    return replace(
        facts,
        answers_lazily=facts.answers_lazily or triage.replaces_itself(text),
        incidental=facts.incidental | triage.bound_in_passing(text),
        exports=_with_lines(facts, text),
        text=text if is_package and in_depth and not is_stub else "",
    )


def load_observer() -> None:
    """Load griffe, which takes as long as an interpreter takes to start: to be done while one starts."""
    import verifier.apis.symbols  # noqa: F401, PLC0415


def load_observers() -> None:
    """Load libcst too, which takes longer still: to be done before several processes would each do so."""
    load_observer()
    import verifier.apis.syntax.read  # noqa: F401, PLC0415


def read_bytes(path: Path) -> bytes | Problem:
    """What a file holds."""
    try:
        return path.read_bytes()
    except OSError as broken:
        return Problem(what=f"cannot be read: {broken.strerror}")


def text_of(data: bytes) -> str | Problem:
    """The text of a source file as Python decodes it (PEP 263), with plain line ends."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as broken:
        return Problem(what=f"cannot be decoded: {broken}", undecodable=True)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _observe(text: str, module: str, *, is_package: bool, is_stub: bool, in_depth: bool) -> Facts | Problem:
    from verifier.apis import symbols, triage  # noqa: PLC0415  imports griffe

    outline = _guarded(lambda: symbols.read(text, module, is_package=is_package, is_stub=is_stub))
    broken = isinstance(outline, Problem)
    if not broken and not (in_depth and triage.needs_libcst(text, module, is_package=is_package)):
        return outline

    from verifier.apis.syntax.read import read  # noqa: PLC0415  imports libcst

    short = text if isinstance(outline, Problem) else without_bodies(text, outline.bodies)
    details = _guarded(lambda: read(short, module, is_package=is_package, is_stub=is_stub, whole=text))
    if isinstance(details, Problem):
        return outline if isinstance(outline, Problem) else _in_doubt(outline)
    return details if isinstance(outline, Problem) else merged(outline, details)


def without_bodies(text: str, bodies: Iterable[range]) -> str:
    """The text with `...` for what stands in classes and functions, and all else on the line where it was.

    libcst takes its time for every token, and nothing in there is a name of the module. Only a `__getattr__` is kept:
    its branches are names.
    """
    lines = text.split("\n")
    for body in bodies:
        first, end = body.start - 1, body.stop - 1
        head = next(filter(None, map(HEAD.match, lines[first:end])), None)
        if head and head["name"] != "__getattr__":
            parameters = "()" if head["word"] == "def" else ""
            lines[first] = f"{head['indent']}{head['word']} {head['name']}{parameters}: ..."
            lines[first + 1 : end] = [""] * (end - first - 1)
    return "\n".join(lines)


def _guarded(look: Callable[[], Facts]) -> Facts | Problem:
    try:
        return look()
    except SyntaxError as broken:
        return Problem(what=f"is not valid Python: {broken.msg}", line=broken.lineno)
    except (RecursionError, MemoryError):
        return Problem(what="is nested too deeply to be read")
    except Exception as broken:  # noqa: BLE001  a parser that stumbles over one file must not end the run
        return Problem(what=f"cannot be parsed: {broken}", line=getattr(broken, "raw_line", None))


def _with_lines(facts: Facts, text: str) -> Exports | None:
    """`__all__` with the line of each entry that no binding can give one."""
    exports = facts.exports
    if exports is None or all(entry.name in facts.by_name for entry in exports.listed):
        return exports
    lines: dict[str, int] = {}
    at, line = 0, 1
    for found in QUOTED.finditer(text, text.find(EXPORTS)):
        line += text.count("\n", at, found.start())
        at = found.start()
        lines.setdefault(found[1], line)
    listed = (
        entry if entry.name in facts.by_name else replace(entry, line=lines.get(entry.name)) for entry in exports.listed
    )
    return replace(exports, listed=tuple(listed))


def _in_doubt(outline: Facts) -> Facts:
    """What griffe alone saw of a file that it cannot be trusted with: the import has to complete it."""
    exports = replace(outline.exports, computed=True) if outline.exports else None
    return replace(outline, exports=exports)


# --- two observers ----------------------------------------------------------------------------------------------------


def merged(outline: Facts, details: Facts) -> Facts:
    """What libcst saw, confirmed by what griffe saw."""
    seen = {(type(each), each.name): each for each in outline.bindings}
    bindings = tuple(_confirmed(each, seen.get((type(each), each.name))) for each in details.bindings)
    return replace(details, bindings=bindings, exports=_confirmed_exports(details.exports, outline.exports))


def _confirmed(each: Binding, other: Binding | None) -> Binding:
    both = (*other.observers, *each.observers) if other else ()
    match each, other:
        case Import(), Import() if each.target == other.target:
            return replace(each, observers=both, line=each.line or other.line)
        case Definition(), Definition() if each.kind is other.kind:
            doc_chars = max(each.doc_chars, other.doc_chars)
            return replace(each, observers=both, line=each.line or other.line, doc_chars=doc_chars)
    return each


def _confirmed_exports(exports: Exports | None, other: Exports | None) -> Exports | None:
    if exports is None or other is None or not other.listed:
        return exports
    return replace(exports, observers=(*other.observers, *exports.observers), line=exports.line or other.line)
