"""Small values for the tests of the stages: each test changes what it is about."""

from __future__ import annotations

from pathlib import Path

from verifier.model import (
    Basis,
    Ending,
    Evidence,
    Failure,
    Frame,
    ImportResult,
    ImportRoot,
    Interpreter,
    Isolation,
    Kind,
    Module,
    ModuleKind,
    Symbol,
    Target,
    TargetKind,
)

SITE = Path("/env/lib/python3.11/site-packages")
KERNEL = Isolation(landlock=7, seccomp=True, notify=True, rlimits=("cpu",), audit=True)
AUDIT_ONLY = Isolation(landlock=None, seccomp=False, notify=False, rlimits=("cpu",), audit=True)
INTERPRETER = Interpreter(
    path=Path("/env/bin/python"),
    chosen="--python",
    version="3.11.7",
    implementation="cpython",
    platform="linux-x86_64",
    prefix=Path("/env"),
    base_prefix=Path("/usr"),
    standard_library=(Path("/usr/lib/python3.11"),),
    site_packages=(SITE,),
    extension_suffixes=(".so",),
    builtin_modules=frozenset({"sys"}),
)
TARGET = Target(
    asked="demo",
    name="demo",
    version="1.0",
    kind=TargetKind.PACKAGE,
    interpreter=INTERPRETER,
    roots=(ImportRoot(name="demo", locations=(SITE / "demo",)),),
)


def module(name: str) -> Module:
    """A source module of the target."""
    shown = name.replace(".", "/") + ("/__init__.py" if name == "demo" else ".py")
    return Module(name=name, kind=ModuleKind.SOURCE, file=SITE / shown, shown=shown, is_package=name == "demo")


def symbol(path: str, doc_chars: int = 100) -> Symbol:
    """A documented function of the target."""
    home, _, name = path.rpartition(".")
    return Symbol(
        module=home,
        name=name,
        kind=Kind.FUNCTION,
        basis=Basis.DEFINITION,
        defined_in=home,
        file=module(home).shown,
        line=3,
        doc_chars=doc_chars,
        evidence=(Evidence(observer="griffe", what="definition", line=3),),
    )


def raised(
    name: str,
    kind: str,
    message: str,
    *places: tuple[str, int],
    missing: str | None = None,
    variable: str | None = None,
) -> ImportResult:
    """An import that raised, with its traceback."""
    frames = tuple(Frame(file=file, line=line) for file, line in places)
    failure = Failure(type=kind, message=message, frames=frames, missing=missing, variable=variable)
    return ImportResult(module=name, ending=Ending.RAISED, failure=failure, answers={})
