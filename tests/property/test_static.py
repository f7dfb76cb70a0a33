"""The static half against Python itself: what is read from the text is what happens when the text runs."""

from __future__ import annotations

import importlib.machinery
import itertools
import sys
import tempfile
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verifier.apis import source, symbols, triage
from verifier.apis.facts import Facts, absolute
from verifier.apis.finder import Finder
from verifier.apis.source import read_facts, without_bodies
from verifier.apis.syntax.read import read
from verifier.model import Guard, ModuleKind, Problem

patient = settings(deadline=None)
"""The first example pays for importing the parsers."""
NAMES = ("a", "b", "c")
CONDITIONS = ("p", "q", "r")
names = st.sampled_from(NAMES)

# --- any file at all --------------------------------------------------------------------------------------------------

fragments = st.sampled_from(
    [
        *(
            "__all__",
            "__getattr__",
            "if",
            "else:",
            "try:",
            "except:",
            "for",
            "def f(",
            "class A:",
            "import",
            "from",
            "as",
        ),
        *(
            "TYPE_CHECKING",
            "'a'",
            '"""',
            "(",
            ")",
            "[",
            "]",
            "=",
            "+=",
            ":=",
            "*",
            ".",
            ",",
            ";",
            ":",
            "\n",
            "\n    ",
            "\\",
            "#",
        ),
        *(
            "x",
            "1",
            "lambda",
            "not ",
            "\0",
            "\f",
            "\ufeff",
            "é",
            "# coding: utf-8\n",
            "del x",
            "match x:",
            "case _:",
            "type X = ",
        ),
    ]
)


@patient
@given(st.lists(fragments, max_size=40).map(" ".join).map(str.encode) | st.binary(max_size=200))
def test_any_bytes_become_facts_or_a_problem(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mod.py")
        path.write_bytes(data)
        for is_package, is_stub in itertools.product((False, True), repeat=2):
            found = read_facts(path, "pkg.mod", is_package=is_package, is_stub=is_stub)
            assert isinstance(found, Facts | Problem)


# --- programs of our own ----------------------------------------------------------------------------------------------


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


def if_else(branches: tuple[str, str, str]) -> str:
    condition, body, orelse = branches
    return f"if {condition}:\n{indented(body)}else:\n{indented(orelse)}"


simple = st.one_of(
    names.map("{} = 1\n".format),
    names.map("import sys as {}\n".format),
    names.map("def {}(): pass\n".format),
    names.map("class {}: pass\n".format),
    names.map("{}: int\n".format),
    st.just("pass\n"),
)
blocks = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(st.sampled_from(CONDITIONS), inner).map(lambda part: f"if {part[0]}:\n{indented(part[1])}"),
        st.tuples(st.sampled_from(CONDITIONS), inner, inner).map(if_else),
        st.tuples(inner, inner).map(lambda part: f"try:\n{indented(part[0])}finally:\n{indented(part[1])}"),
    ),
    max_leaves=8,
)
programs = st.lists(blocks, min_size=1, max_size=4).map("".join)


def outcomes(program: str) -> list[set[str]]:
    """The names of ours that are bound, for each way in which the conditions may turn out."""
    code = compile(program, "program", "exec")
    found = []
    for values in itertools.product((False, True), repeat=len(CONDITIONS)):
        namespace: dict[str, object] = dict(zip(CONDITIONS, values, strict=True))
        exec(code, namespace)
        found.append(namespace.keys() & set(NAMES))
    return found


@patient
@given(programs)
def test_a_name_without_a_guard_is_bound_whichever_way_the_conditions_go(program: str) -> None:
    facts = read(program, "mod", is_package=False)
    always = set.intersection(*outcomes(program))
    said = {name for name, found in facts.by_name.items() if any(each.binds for each in found)}
    assert {name for name in said if facts.guard(name) is Guard.NONE} <= always


@patient
@given(programs)
def test_a_name_that_may_be_bound_is_not_missed(program: str) -> None:
    facts = read(program, "mod", is_package=False)
    said = {name for name, found in facts.by_name.items() if any(each.binds for each in found)}
    assert said >= set.union(*outcomes(program))


for_types = st.lists(simple, min_size=1, max_size=3).map(lambda lines: "if TYPE_CHECKING:\n" + indented("".join(lines)))
plain = st.lists(simple | for_types, min_size=1, max_size=5).map("".join)


@patient
@given(plain)
def test_a_file_that_is_left_to_griffe_would_have_told_libcst_the_same(program: str) -> None:
    assume(not triage.needs_libcst(program, "mod", is_package=False))
    outline, details = symbols.read(program, "mod", is_package=False), read(program, "mod", is_package=False)
    assert outline.by_name.keys() == details.by_name.keys()
    for name, found in details.by_name.items():
        (kept,) = outline.by_name[name]
        assert {each.guard for each in found} == {kept.guard}
        assert len(found) > 1 or type(found[0]) is type(kept)


@patient
@given(programs)
def test_without_bodies_the_same_names_stand_on_the_same_lines(program: str) -> None:
    outline = symbols.read(program, "mod", is_package=False)
    short = without_bodies(program, outline.bodies)
    assert short.count("\n") == program.count("\n")
    whole, cut = (read(text, "mod", is_package=False) for text in (program, short))
    assert [(each.name, each.line) for each in cut.bindings] == [(each.name, each.line) for each in whole.bindings]


@patient
@given(programs, st.integers(min_value=0, max_value=3))
def test_comments_change_nothing_but_lines(program: str, count: int) -> None:
    commented = "# for your eyes only: x = 1\n" * count + program
    plain, found = (
        source._observe(text, "mod", is_package=False, is_stub=False, in_depth=True) for text in (program, commented)
    )
    assert isinstance(plain, Facts)
    assert isinstance(found, Facts)
    assert [(each.name, (each.line or 0) + count) for each in plain.bindings] == [
        (each.name, each.line) for each in found.bindings
    ]


# --- __all__ ----------------------------------------------------------------------------------------------------------

entries = st.lists(names, max_size=3)
lists = st.one_of(
    entries.map(repr),
    entries.map(lambda found: repr(tuple(found)) if found else "[]"),
    entries.map("list({!r})".format),
    entries.map("sorted({!r})".format),
    entries.map("[*{!r}]".format),
    st.tuples(entries, entries).map(lambda pair: f"{pair[0]!r} + {pair[1]!r}"),
)
changes = st.one_of(
    lists.map("__all__ = list({})\n".format),
    lists.map("__all__ += {}\n".format),
    lists.map("__all__.extend({})\n".format),
    names.map("__all__.append({!r})\n".format),
    names.map("__all__.insert(0, {!r})\n".format),
    names.map("while {0!r} in __all__: __all__.remove({0!r})\n".format),
    lists.map("__all__ = __all__ + list({})\n".format),
    st.just("__all__.sort()\n"),
)


@patient
@given(lists, st.lists(changes, max_size=5))
def test_all_is_what_its_statements_make_of_it(first: str, then: list[str]) -> None:
    program = f"__all__ = list({first})\n" + "".join(then)
    namespace: dict[str, list[str]] = {}
    exec(program, namespace)
    exports = read(program, "mod", is_package=False).exports
    assert exports is not None
    assert not exports.computed
    assert {entry.name for entry in exports.listed} == set(namespace["__all__"])


# --- names of modules and their files ---------------------------------------------------------------------------------


@patient
@given(
    st.lists(names, min_size=1, max_size=4), st.integers(min_value=1, max_value=5), names | st.just(""), st.booleans()
)
def test_a_relative_name_is_what_importlib_makes_of_it(
    parts: list[str], level: int, name: str, is_package: bool
) -> None:
    module = ".".join(parts)
    package = module if is_package else module.rpartition(".")[0]
    expected: str | None
    try:
        expected = importlib.util.resolve_name("." * level + name, package)
    except ImportError:
        expected = None
    assert absolute(name, level, module, is_package=is_package) == expected


FILES = ("a.py", "a/__init__.py", "a.so", "a/b.py", "a/b/__init__.py", "a/b/c.py", "a/x.txt", "a.pyc", "a/b.so")
trees = st.lists(st.sets(st.sampled_from(FILES), max_size=5), min_size=1, max_size=3)


def as_python_finds(name: str, path: list[str]) -> importlib.machinery.ModuleSpec | None:
    """What Python's own finders say, part by part: they read folders, and import nothing."""
    spec = None
    for part in name.split("."):
        if path == []:
            return None
        spec = importlib.machinery.PathFinder.find_spec(part, path)
        path = list(spec.submodule_search_locations or []) if spec else []
    return spec


@patient
@given(trees, st.sampled_from(["a", "a.b", "a.b.c", "a.x"]))
def test_a_module_is_found_where_python_would_find_it(tree: list[set[str]], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        entries = [Path(folder, str(number)) for number in range(len(tree))]
        for entry, files in zip(entries, tree, strict=True):
            entry.mkdir()
            for file in sorted(files):
                path = entry / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("", encoding="utf-8")
        finder = Finder(
            tuple(entries), tuple(importlib.machinery.EXTENSION_SUFFIXES), frozenset(sys.builtin_module_names)
        )
        found, spec = finder.find(name), as_python_finds(name, [str(entry) for entry in entries])
        for entry in entries:
            sys.path_importer_cache.pop(str(entry), None)
        assert (found is None) == (spec is None)
        if found is not None and spec is not None:
            assert (found.file and str(found.file)) == (spec.origin if spec.has_location else None)
            assert (found.kind is ModuleKind.NAMESPACE) == (spec.loader is None or spec.origin is None)
