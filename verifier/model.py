"""The words of this project, as frozen values. Nothing here reads, imports or decides.

Those of which a report has ten thousand are left alone by the collector (`gc=False`): they hold values, and no circles.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field

from verifier.codes import Code
from verifier.errors import Exit


class Problem(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """An input that could not be read: a value beside the good ones, never a hole."""

    what: str
    line: int | None = None
    undecodable: bool = False
    """Its bytes are no text in the encoding that the file declares."""


# --- target -----------------------------------------------------------------------------------------------------------


class Interpreter(Struct, frozen=True, kw_only=True, array_like=True):
    """The Python that the target belongs to, as that Python itself and its `pyvenv.cfg` describe it."""

    path: Path
    chosen: str
    """Why this one: `--python`, `active virtual environment`, …"""
    version: str
    """Three numbers, such as `3.11.7`."""
    implementation: str
    """As in `sys.implementation.name`: `cpython`, `pypy`."""
    platform: str
    """As in `sysconfig.get_platform()`: `linux-x86_64`."""
    prefix: Path
    base_prefix: Path
    standard_library: tuple[Path, ...]
    """The standard library's entries of `sys.path`, in order."""
    site_packages: tuple[Path, ...]
    """What `site` will append, in order: the site-packages folders and the path lines of their `.pth` files."""
    extension_suffixes: tuple[str, ...]
    """As in `importlib.machinery.EXTENSION_SUFFIXES`: `.cpython-311-x86_64-linux-gnu.so`, `.abi3.so`, `.so`."""
    builtin_modules: frozenset[str]
    """As in `sys.builtin_module_names`."""
    build: str = ""
    """As in `sys.version`: with compiler and date."""
    cache_tag: str = ""
    """As in `sys.implementation.cache_tag`: `cpython-311`."""
    has_ctypes: bool = True
    """It has `_ctypes`, and with it a way to the kernel."""


class TargetKind(StrEnum):
    """What the user named."""

    PACKAGE = "package"
    FOLDER = "folder"
    WHEEL = "wheel"


class ImportRoot(Struct, frozen=True, kw_only=True, array_like=True):
    """One importable top: `requests`, or `google.cloud.storage` where `google` and `google.cloud` are namespaces."""

    name: str
    locations: tuple[Path, ...]
    """The file of a single-file module, or the folders of a package (several for a namespace package)."""


class Distribution(Struct, frozen=True, kw_only=True, array_like=True):
    """The installed or unpacked distribution that a target belongs to."""

    name: str
    version: str
    metadata: Path
    """Its `.dist-info` or `.egg-info` folder (or file)."""


class Target(Struct, frozen=True, kw_only=True, array_like=True):
    """What the user named, resolved: import roots, search path, interpreter."""

    asked: str
    name: str
    version: str | None
    kind: TargetKind
    interpreter: Interpreter
    roots: tuple[ImportRoot, ...]
    added_path: tuple[Path, ...] = ()
    """Folders (a folder's or a wheel's own) to put on `sys.path` after the standard library, before `site-packages`."""
    distribution: Distribution | None = None

    @property
    def search_path(self) -> tuple[Path, ...]:
        """Where the target's imports are looked for, in order."""
        return (*self.interpreter.standard_library, *self.added_path, *self.interpreter.site_packages)


class ModuleKind(StrEnum):
    """How a module is stored."""

    SOURCE = "source"
    COMPILED = "compiled"
    STUB = "stub"
    """A `.pyi` file with nothing to import beside it."""
    NAMESPACE = "namespace"
    """A folder without `__init__` (PEP 420)."""


class Module(Struct, frozen=True, kw_only=True, array_like=True):
    """One importable dotted name with its file."""

    name: str
    kind: ModuleKind
    file: Path | None
    """The `.py`, extension or `.pyi` file; None for a namespace."""
    shown: str
    """`file` (a namespace: its folder) relative to the folder that holds the import root: `requests/api.py`."""
    is_package: bool = False
    stub: Path | None = None
    """The `.pyi` beside a source or compiled module."""


class ModuleList(Struct, frozen=True, kw_only=True, array_like=True):
    """The public modules of a target, and how many were left out."""

    modules: tuple[Module, ...]
    """Sorted by name."""
    private: int = 0
    tests: int = 0
    mains: int = 0
    excluded: int = 0
    """Left out by the configuration."""


# --- static evidence --------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a public name is."""

    CLASS = "class"
    FUNCTION = "function"
    VALUE = "value"
    MODULE = "module"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """Why a name counts as public."""

    ALL = "__all__"
    REEXPORT = "re-export"
    """`import a as a`, `from x import y as y`, `from .x import *` (typing spec, "library interface")."""
    PACKAGE_IMPORT = "package import"
    """Imported in an `__init__.py` from the package's own modules."""
    DEFINITION = "definition"
    LAZY = "lazy"
    """Served by a module `__getattr__` (PEP 562) whose source names it."""
    STUB = "stub"
    """Only a `.pyi` names it."""
    RUNTIME = "runtime"
    """Only the import shows it: a compiled module, or a computed `__all__`."""


class Guard(StrEnum):
    """The condition under which a name exists, as far as its source tells."""

    NONE = ""
    TYPE_CHECKING = "TYPE_CHECKING"
    CONDITION = "condition"
    """Bound only inside an `if`, `try`, `for`, `while`, `with` or `match` of the module."""


class Evidence(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One observation by one observer."""

    observer: str
    """`griffe` or `libcst`."""
    what: str
    """A stable code such as `definition`, `__all__`, `import`."""
    line: int | None = None
    """In the file of the symbol."""


class Symbol(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A public name that a module advertises."""

    module: str
    name: str
    kind: Kind
    basis: Basis
    defined_in: str | None
    """The dotted module of the definition; None where static analysis could not follow it."""
    file: str
    """Where it is advertised, as shown: `requests/__init__.py`."""
    line: int | None
    doc_chars: int | None
    """Length of its own docstring after `inspect.cleandoc`, at its definition; None where nobody could look."""
    guard: Guard = Guard.NONE
    evidence: tuple[Evidence, ...] = ()

    @property
    def path(self) -> str:
        """`requests.api.get`."""
        return f"{self.module}.{self.name}"


class Surface(Struct, frozen=True, kw_only=True, array_like=True):
    """What one module advertises, as its source tells."""

    module: str
    symbols: tuple[Symbol, ...] = ()
    """Sorted by name."""
    problem: Problem | None = None
    """The source could not be read or parsed: `symbols` is then empty."""
    computed_exports: bool = False
    """`__all__` is partly computed: what the import shows is needed to complete it."""
    answers_lazily: bool = False
    """The source defines a module `__getattr__`, or replaces the module in `sys.modules`."""
    listed_by_runtime: bool = False
    """Nothing static can list its names: a compiled module without a stub."""
    candidates: tuple[Symbol, ...] = ()
    """Where `__all__` is computed: the names that it may turn out to list, with what the source knows of each."""


# --- dynamic evidence -------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """What became of a module's import."""

    IMPORTED = "imported"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


class Ending(StrEnum):
    """How an import ended."""

    DONE = "done"
    RAISED = "raised"
    DIED = "died"
    """The process ended during the import: a crash, or `os._exit`."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    DISK = "disk"
    TAMPERED = "tampered"
    """Its process said what it had no business to say."""
    NOT_REACHED = "not_reached"
    """Never begun: what it needs first (a parent package, the start of the interpreter) did not come through."""


class Frame(Struct, frozen=True, kw_only=True, array_like=True):
    """One line of a traceback."""

    file: str
    line: int


class Failure(Struct, frozen=True, kw_only=True, array_like=True):
    """Why an import did not come through."""

    type: str
    """The exception's class name; for a death `Exited`, `Crashed`, `Timeout` or `MemoryLimit`."""
    message: str
    frames: tuple[Frame, ...] = ()
    """Outermost first; only files, no frozen modules."""
    missing: str | None = None
    """`ImportError.name`: the module that was not found, or that lacked the name."""
    exits: bool = False
    """It ends the process: SystemExit, or `os._exit`."""
    variable: str | None = None
    """The variable that `os.environ` was asked for in vain."""
    after_import: bool = False
    """It was raised while an ImportError was handled."""
    in_prelude: bool = False
    """The user's own prelude failed, before any module was tried."""


class How(StrEnum):
    """How a module answered for a name."""

    DICT = "dict"
    """In its own namespace."""
    LAZY = "lazy"
    """Through its `__getattr__`, which refuses a random name."""
    FABRICATED = "fabricated"
    """Through a `__getattr__` that answers to a random name too."""
    MISSING = "missing"
    RAISED = "raised"
    """Its `__getattr__` raised something else than AttributeError."""


THERE = (How.DICT, How.LAZY)
"""The name resolves."""


class Answer(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What a module showed for one name after its import."""

    how: How
    kind: Kind = Kind.UNKNOWN
    is_none: bool = False
    doc_chars: int | None = None
    """For objects of compiled code only: the length of their own docstring after `inspect.cleandoc`."""
    failure: Failure | None = None


class Effect(Struct, frozen=True, kw_only=True, array_like=True):
    """Something that an import tried to do to the world."""

    kind: str
    """`write`, `delete`, `connect`, `spawn`, …: the kinds that `apis/effects.py` knows."""
    target: str
    """A path, address or command, with the scratch folder shown as `<scratch>`."""
    contained: bool
    """It went to the scratch folder."""
    seen_by: tuple[str, ...]
    """`audit` (Python's audit hook), `kernel` (a refused system call), `picture` (the process before and after)."""
    where: str = ""
    """`file:line` of the innermost frame outside the standard library."""


class Trail(Struct, frozen=True, kw_only=True, array_like=True):
    """What imports depend on: files that they ran, read or looked for, and folders that they listed.

    Imports that share a process share the beginnings of their trails.
    """

    after: Trail | None
    """What was used before, all of which counts as well."""
    used: tuple[str, ...]
    """Absolute paths."""
    is_whole: bool = True
    """False where more was used than could be told."""


class ImportResult(Struct, frozen=True, kw_only=True, array_like=True):
    """What the sandbox saw of one module."""

    module: str
    ending: Ending
    failure: Failure | None = None
    culprit: str | None = None
    """The parent package whose failure ended it, where it is not its own."""
    origin: str | None = None
    """`__spec__.origin` or `__file__` of what was imported."""
    exports: tuple[str, ...] | None = None
    """`__all__`, where it is a real list or tuple of strings."""
    odd_exports: bool = False
    """`__all__` is a list or tuple, and holds something that is no string."""
    answers: Mapping[str, Answer]
    effects: tuple[Effect, ...] = ()
    trail: Trail | None = None
    """None where nobody can tell what it depends on."""

    @property
    def status(self) -> Status:
        """The three-valued summary for the report."""
        if self.ending is Ending.DONE:
            return Status.IMPORTED
        return Status.NOT_TRIED if self.ending is Ending.NOT_REACHED else Status.FAILED


class Isolation(Struct, frozen=True, kw_only=True, array_like=True):
    """What confined the imports, as measured in the child."""

    landlock: int | None
    """The ABI that was active, or None."""
    seccomp: bool
    notify: bool
    """Refused system calls were reported by the kernel (seccomp user notification)."""
    rlimits: tuple[str, ...]
    audit: bool

    @property
    def native_code_confined(self) -> bool:
        """Whether code that bypasses Python's audit hook is refused by the kernel as well."""
        return self.landlock is not None and self.seccomp


# --- verdicts ---------------------------------------------------------------------------------------------------------


class Confidence(StrEnum):
    """How sure a verdict is (DESIGN: observers agree, could not look, disagree)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Grade(StrEnum):
    """What an effect means for the verdict."""

    NOTED = "noted"
    FORBIDDEN = "forbidden"


class Reason(Struct, frozen=True, kw_only=True, array_like=True):
    """One thing that speaks against a symbol."""

    code: Code
    detail: str


class GradedEffect(Struct, frozen=True, kw_only=True, array_like=True):
    """An effect with the decision on it."""

    effect: Effect
    rule: str
    grade: Grade
    stopped: bool
    """An active layer refused it."""

    @property
    def described(self) -> str:
        """`write /etc/motd (refused)`."""
        told = f"{self.effect.kind} {self.effect.target}".strip()
        return f"{told} (refused)" if self.stopped else told


class ModuleVerdict(Struct, frozen=True, kw_only=True, array_like=True):
    """What the report says of one module."""

    module: Module
    status: Status
    failure: Failure | None = None
    effects: tuple[GradedEffect, ...] = ()


class Verdict(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The decision on one symbol: verified if no reason speaks against it."""

    symbol: Symbol
    answer: Answer
    """How its module answered for it."""
    import_verified: bool
    doc_ok: bool
    confidence: Confidence
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know of a verified symbol: `static_unavailable`, …"""

    def __post_init__(self) -> None:
        if not self.reasons and self.answer.how not in THERE:
            raise ValueError(f"{self.symbol.path}: nobody has imported it, so it cannot be verified")

    @property
    def verified(self) -> bool:
        """Nothing speaks against it."""
        return not self.reasons

    @property
    def kind(self) -> Kind:
        """What it is: as the source has it, or as the import shows it."""
        return self.answer.kind if self.symbol.kind is Kind.UNKNOWN else self.symbol.kind

    @property
    def doc_chars(self) -> int | None:
        """Length of its own docstring: as the source has it, or as compiled code shows it."""
        return self.answer.doc_chars if self.symbol.doc_chars is None else self.symbol.doc_chars


class Cause(Struct, frozen=True, kw_only=True, array_like=True):
    """One root cause and how many APIs it sinks."""

    code: Code
    what: str
    where: str
    remedy: str
    apis: int
    modules: int
    examples: tuple[str, ...] = ()
    """The first few APIs or modules that it sinks."""


class TargetReport(Struct, frozen=True, kw_only=True, array_like=True):
    """Everything that was found out about one target."""

    target: Target
    isolation: Isolation
    startup: tuple[GradedEffect, ...]
    """What the environment's `.pth` files and `sitecustomize`, and the prelude, did."""
    left_out: ModuleList
    modules: tuple[ModuleVerdict, ...]
    verdicts: tuple[Verdict, ...]
    causes: tuple[Cause, ...]
    configuration: str | None = None
    """The configuration file that was read, as shown to people."""
    strict: bool = False
    """Warnings are findings."""
    trails: Mapping[str, Trail | None] = field(default_factory=dict)
    """What the import of each module depends on; None where nobody can tell."""


class Report(Struct, frozen=True, kw_only=True, array_like=True):
    """What `verify` returns: what was found out about each target, in the order in which they were asked for."""

    targets: tuple[TargetReport, ...]


class Refused(Struct, frozen=True, kw_only=True):
    """Why a target was not looked at: as a UserError says it, or a bug of ours with its traceback."""

    what: str
    where: str = ""
    fix: str = ""
    trace: str = ""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one target of a run: a report, as numbers and drawn; or the reason why there is none."""

    asked: str
    exit: Exit
    """What the run would end with if this were its only target."""
    is_passed_over: bool = False
    """It holds nothing to check, and nobody has named it: no fault."""
    name: str = ""
    version: str | None = None
    apis: int = 0
    verified: int = 0
    errors: int = 0
    """Root causes that are no mere warnings."""
    drawn: str = ""
    refused: Refused | None = None
