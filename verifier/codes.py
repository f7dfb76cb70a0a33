"""Every reason code: meaning, remedy, severity. Filters, docs and tests use the code, never the text of a message."""

from __future__ import annotations

from enum import Enum, StrEnum


class Severity(StrEnum):
    """An error means that the API does not exist as advertised; a warning that it exists and lacks something."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """`name`, severity, meaning, remedy. Listed worst first: reports sort causes in this order."""

    FORBIDDEN_EFFECT = (
        "forbidden_effect",
        Severity.ERROR,
        "importing its module does something to the world",
        "move the work from import time into a function",
    )
    TAMPERED = (
        "tampered",
        Severity.ERROR,
        "importing its module interferes with the check",
        "read the module's source: its import writes to descriptors that are not its own",
    )
    FABRICATED = (
        "fabricated",
        Severity.ERROR,
        "a module __getattr__ makes it up: it answers to any name",
        "raise AttributeError for names that the module does not offer",
    )
    SHADOWED = (
        "shadowed",
        Severity.ERROR,
        "the import finds another file than the one that was read",
        "rename the module, or remove the other copy from the search path",
    )
    SYNTAX_ERROR = (
        "syntax_error",
        Severity.ERROR,
        "its module is not valid source for this Python",
        "correct the syntax, or state the Python versions that are supported",
    )
    UNREADABLE = (
        "unreadable",
        Severity.ERROR,
        "its module's file cannot be read",
        "check the encoding and the file's permissions",
    )
    MISSING_MODULE = (
        "missing_module",
        Severity.ERROR,
        "its module needs one of the same package that is not there",
        "add the module to what the build includes, or correct the import",
    )
    MISSING_DEPENDENCY = (
        "missing_dependency",
        Severity.ERROR,
        "its module needs one that is not installed",
        "declare the dependency, or import it where it is used",
    )
    CIRCULAR_IMPORT = (
        "circular_import",
        Severity.ERROR,
        "its module cannot be the first to be imported: the imports form a circle",
        "import inside the function that needs it, or move the shared part into a module of its own",
    )
    IMPORT_EXITED = (
        "import_exited",
        Severity.ERROR,
        "importing its module ends the process",
        "guard the call with `if __name__ == '__main__'`",
    )
    IMPORT_CRASHED = (
        "import_crashed",
        Severity.ERROR,
        "importing its module crashes the interpreter",
        "run the import under a debugger",
    )
    IMPORT_TIMEOUT = (
        "import_timeout",
        Severity.ERROR,
        "importing its module takes longer than allowed",
        "move the work from import time into a function, or raise --timeout",
    )
    IMPORT_MEMORY = (
        "import_memory",
        Severity.ERROR,
        "importing its module takes more memory than allowed",
        "move the work from import time into a function, or raise --memory",
    )
    IMPORT_DISK = (
        "import_disk",
        Severity.ERROR,
        "importing its module fills the disk: it stores more than the scratch folder may hold (256 MiB, or 4096 files)",
        "move the work from import time into a function",
    )
    IMPORT_ERROR = (
        "import_error",
        Severity.ERROR,
        "its module does not import",
        "import the module by hand to see the whole traceback",
    )
    NEEDS_CONFIGURATION = (
        "needs_configuration",
        Severity.ERROR,
        "its module needs configuration: an environment variable, or code that sets it up first",
        "configure it in `[tool.verify-apis]` of pyproject.toml: `env` for variables, `prelude` for code",
    )
    NEEDS_SYSTEM = (
        "needs_system",
        Severity.ERROR,
        "it could not be judged: its import asks a program of the system, which the sandbox does not start",
        "look the answer up when it is needed, not at import time",
    )
    NOT_TRIED = ("not_tried", Severity.ERROR, "its module could not be reached", "mend what stands in its way first")
    STUB_ONLY = (
        "stub_only",
        Severity.ERROR,
        "only the stub (.pyi) has it, the runtime does not",
        "define it in the module, or remove it from the stub",
    )
    TYPE_CHECKING_ONLY = (
        "type_checking_only",
        Severity.ERROR,
        "it exists for type checkers only, under `if TYPE_CHECKING`",
        "import it at run time too, or do not advertise it",
    )
    LAZY_RAISES = (
        "lazy_raises",
        Severity.ERROR,
        "the module's __getattr__ raises when asked for it",
        "mend what the lazy branch does",
    )
    UNRESOLVED = (
        "unresolved",
        Severity.ERROR,
        "the module has no such name",
        "define it, or remove it where it is advertised",
    )
    BAD_EXPORT = (
        "bad_export",
        Severity.ERROR,
        "an entry of __all__ is no string: every star import of the module fails",
        "write the name in quotes",
    )
    RUNTIME_ONLY = (
        "runtime_only",
        Severity.ERROR,
        "only the running module claims it; no source explains it",
        "bind the name in the source",
    )
    CONDITIONAL = (
        "conditional",
        Severity.WARNING,
        "it is bound under a condition that does not hold here",
        "advertise it only where it exists",
    )
    NONE_VALUE = (
        "none_value",
        Severity.WARNING,
        "it is None here: a guarded import did not come through",
        "install the optional dependency, or do not advertise the name without it",
    )
    NEEDS_DOCS = (
        "needs_docs",
        Severity.WARNING,
        "its own docstring is missing or too short",
        "write a docstring of its own",
    )

    def __init__(self, code: str, severity: Severity, meaning: str, remedy: str) -> None:
        self.code = code
        self.severity = severity
        self.meaning = meaning
        self.remedy = remedy

    # what `Enum` has instead is written in Python, and asked for with each reason of each API
    __hash__ = object.__hash__

    @property
    def rank(self) -> int:
        """Position in this list: 0 is the worst."""
        return list(type(self)).index(self)
