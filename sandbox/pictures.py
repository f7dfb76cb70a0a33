"""What an import leaves changed in its own process: pictures of the process's state, before and after.

Neither the kernel nor Python's audit hook tells of it. Only what is loaded anyway is looked at, since a module that we
load is one whose missing import the target could no longer show; what cannot be seen that way (hooks at fork, random
state, modules of the standard library that the target loads and then changes) is not seen at all.

The process has run foreign code. So everything used here was captured before that, and objects are compared by identity
or by exact built-in types. Foreign code can still hide what it did: this is a witness, not a wall.
"""

from __future__ import annotations

import _thread
import gc
import posix
import sys

from .observe import stay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Change = tuple[str, str]
    """Kind and target."""
    Part = tuple[Callable[[], Any], Callable[[Any, Any], list[Change]]]
    """How it is looked at, and how two looks are compared."""

VOLATILE = frozenset(
    # what running any import changes, or what has a kind of its own
    "path meta_path path_hooks path_importer_cache modules stdin stdout stderr __stdin__ __stdout__ __stderr__ "
    "excepthook displayhook unraisablehook breakpointhook last_type last_value last_traceback last_exc "
    "flags warnoptions __interactivehook__ tzname timezone altzone daylight".split()
)
STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
HOOKS = ("excepthook", "displayhook", "unraisablehook", "breakpointhook")
FINDERS = ("meta_path", "path_hooks")
WATCHED = ("sys", "os", "posix", "posixpath", "io", "_io", "time", "codecs", "site", "_thread", "_signal", "marshal")
IMPORT_SYSTEM = ("_frozen_importlib", "_frozen_importlib_external", "_imp")
DEFAULT_LOG_LEVEL = 30
PATIENCE, PAUSE_SECONDS = 10, 0.001
PLAIN = (str, bytes, int, float, bool)

module_dict: Callable[[object], dict[str, object]] = vars(type(sys))["__dict__"].__get__
modules = sys.modules
signal: Any = modules["_signal"]  # which the interpreter itself has loaded, and type checkers do not know
builtins_dict = module_dict(modules["builtins"])
sys_dict = module_dict(sys)
getsignal, getitimer = signal.getsignal, signal.getitimer
gettrace, getprofile = sys.gettrace, sys.getprofile
getrecursionlimit, getswitchinterval = sys.getrecursionlimit, sys.getswitchinterval
function = type(len)
gc_is_on, count_threads = gc.isenabled, _thread._count
getcwd, listdir, readlink, umask = posix.getcwd, posix.listdir, posix.readlink, posix.umask


class Pictures:
    """Takes them. To be made when `site` has run and nothing of the target has."""

    def __init__(self) -> None:
        environ: Any = module_dict(modules["os"])["environ"]
        variables: dict[bytes, bytes] = environ._data
        watched = {name: module_dict(modules[name]) for name in WATCHED if name in modules}
        import_system = {name: module_dict(modules[name]) for name in IMPORT_SYSTEM}
        self._parts: list[Part] = [
            (lambda: dict(variables), variable_changes),
            (lambda: copies(watched), attribute_changes),
            (lambda: copies(import_system), import_system_changes),
            (lambda: dict(builtins_dict), builtin_changes),
            *PARTS,
        ]

    def take(self) -> list[object]:
        """The state of the process, part by part; None for one that can no longer be looked at."""
        return [quietly(look) for look, _ in self._parts]

    def changes(self, before: list[object]) -> list[Change]:
        """What is not as it was, in a fixed order."""
        found: set[Change] = set()
        for (_, compare), one, other in zip(self._parts, before, self.take()):
            if one is not None and other is not None:
                found.update(quietly(lambda: compare(one, other)) or ())  # noqa: B023  called at once
        return sorted(found)


def quietly(look: Callable[[], Any]) -> Any:
    """What it gives, or None where something foreign stands in its way."""
    try:
        return look()
    except Exception:
        return None


# --- how each part is looked at ---------------------------------------------------------------------------------------


def copies(namespaces: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """What modules hold."""
    return {name: dict(namespace) for name, namespace in namespaces.items()}


def mask() -> int:
    """The mask for new files; it can only be read by setting it."""
    held = umask(0o777)
    umask(held)
    return held


def search_path() -> list[object] | None:
    """The entries of `sys.path`, if it is a real list."""
    path = sys_dict.get("path")
    return list(path) if type(path) is list else None


def finders() -> dict[str, list[object]]:
    """The finders and hooks of the import system."""
    return {name: list(found) if type(found := sys_dict.get(name)) is list else [] for name in FINDERS}


def descriptors() -> dict[str, str]:
    """What the open descriptors are, by number."""
    return {number: link(number) for number in listdir("/proc/self/fd")}


def link(number: str) -> str:
    """What a descriptor leads to; empty for that of the listing itself, which is closed by now."""
    try:
        return readlink("/proc/self/fd/" + number)
    except OSError:
        return ""


def native_threads() -> int:
    """Threads of this process that Python knows nothing of."""
    return len(listdir("/proc/self/task")) - 1 - count_threads()


def held_by(module: str, name: str, kind: type | str) -> Any:
    """What a loaded module holds under a name, if it is of the class `kind`, or of its own class of that name."""
    namespace = module_dict(modules[module]) if module in modules else {}
    found = namespace.get(name)
    return found if type(found) is (namespace.get(kind) if type(kind) is str else kind) else None


def exit_callbacks() -> int:
    """How many functions wait for the interpreter's end."""
    count = held_by("atexit", "_ncallbacks", function)
    return count() if count else 0


def warning_filters() -> list[object]:
    """The filters for warnings."""
    filters = module_dict(modules["_warnings"]).get("filters")
    return list(filters) if type(filters) is list else []


def tracers() -> list[object]:
    """Who is told of every line or call."""
    monitoring = sys_dict.get("monitoring")
    get_tool: Any = module_dict(monitoring).get("get_tool") if type(monitoring) is type(sys) else None
    is_own = type(get_tool) is function
    tools = [get_tool(number) for number in range(6)] if is_own else []
    return [gettrace(), getprofile(), *tools]


def locale() -> str:
    """That of numbers, which Python itself leaves alone at its start."""
    setlocale = held_by("_locale", "setlocale", function)
    return setlocale(module_dict(modules["_locale"])["LC_NUMERIC"], None) if setlocale else "C"


def log() -> list[object]:
    """Handlers and level of the root logger."""
    root = held_by("logging", "root", "RootLogger")
    return [len(root.handlers), root.level] if root else [0, DEFAULT_LOG_LEVEL]


def start_method() -> bool:
    """Whether multiprocessing has been told how to start processes."""
    context = held_by("multiprocessing.context", "_default_context", "DefaultContext")
    return context is not None and context._actual_context is not None


def settings() -> list[object]:
    """What all code in the interpreter shares."""
    return [getrecursionlimit(), getswitchinterval(), gc_is_on(), getitimer(0)[0] > 0]


# --- and how two looks are compared -----------------------------------------------------------------------------------


def differ(one: object, other: object) -> bool:
    """Whether two objects are not the same; texts and numbers are compared by value."""
    if one is other:
        return False
    return type(one) is not type(other) or not any(type(one) is plain for plain in PLAIN) or one != other


def replaced(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """The names that stand for something else now, or for nothing."""
    return [name for name, value in before.items() if after.get(name, before) is not value]


def once(kind: str, target: str = "") -> Callable[[Any, Any], list[Change]]:
    """A comparison of plain values."""
    return lambda before, after: [(kind, target)] if differ(before, after) else []


def new_threads(before: int, after: int) -> list[Change]:
    """Threads that Python knows nothing of."""
    return [("native_thread", "")] if after > before and stay(native_threads, before, PATIENCE, PAUSE_SECONDS) else []


def more(kind: str) -> Callable[[int, int], list[Change]]:
    """A comparison of counts, of which only more is of interest."""
    return lambda before, after: [(kind, "")] if after > before else []


def sequence(kind: str, target: str = "") -> Callable[[list[object], list[object]], list[Change]]:
    """A comparison of lists as a whole."""
    return lambda before, after: (
        [] if len(before) == len(after) and not any(map(differ, before, after)) else [(kind, target)]
    )


def each_of(kind: str, names: tuple[str, ...]) -> Callable[[list[object], list[object]], list[Change]]:
    """A comparison of lists, item by item."""
    return lambda before, after: [(kind, name) for name, one, other in zip(names, before, after) if differ(one, other)]


def variable_changes(before: dict[object, object], after: dict[object, object]) -> list[Change]:
    """Variables that were set, changed or taken away: their names, never what they hold."""
    names = [key for key in (*before, *after) if type(key) is bytes and differ(before.get(key), after.get(key))]
    return [("environment", key.decode("utf-8", "replace")) for key in names]


def finder_changes(before: dict[str, list[object]], after: dict[str, list[object]]) -> list[Change]:
    """A finder more is one thing; one that is gone, or comes after what it was before, another."""
    found: list[Change] = []
    for name in FINDERS:
        kept = [each for each in after[name] if any(each is one for one in before[name])]
        if len(kept) != len(before[name]) or any(map(differ, kept, before[name])):
            found.append(("import_system", "sys." + name))
        elif len(after[name]) > len(kept):
            found.append(("finder", "sys." + name))
    return found


def import_system_changes(before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> list[Change]:
    """Functions of the import system that are not what they were."""
    found = [name for module in before for name in replaced(before[module], after[module])]
    return [("import_system", name) for name in found if not name.startswith("__")]  # importlib gives them proper names


def builtin_changes(before: dict[str, object], after: dict[str, object]) -> list[Change]:
    """Builtins that were replaced, taken away or added."""
    names = [*replaced(before, after), *(name for name in after if type(name) is str and name not in before)]
    return [("import_system" if name == "__import__" else "builtin", name) for name in names]


def attribute_changes(before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> list[Change]:
    """Attributes of the standard modules that were replaced or taken away."""
    return [
        ("patched", module + "." + name)
        for module in before
        for name in replaced(before[module], after[module])
        if name not in VOLATILE
    ]


def descriptor_changes(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    """Descriptors that stay open: of what sort, since the rest differs from run to run."""
    opened = [place for number, place in after.items() if place and before.get(number) != place]
    return [("descriptor", "file" if place[0] == "/" else place.partition(":")[0]) for place in opened]


def signal_names() -> tuple[str, ...]:
    """The name of each signal that has a number below 32, by number."""
    names = {number: name for name, number in vars(signal).items() if name[:3] == "SIG" and name[3] != "_"}
    return tuple([names.get(number, "%d" % number) for number in range(1, 32)])


SIGNALS = signal_names()
PARTS: tuple[Part, ...] = (
    (getcwd, once("directory")),
    (mask, once("umask")),
    (lambda: [getsignal(number) for number in range(1, 32)], each_of("handler", SIGNALS)),
    (search_path, sequence("path", "sys.path")),
    (finders, finder_changes),
    (lambda: [sys_dict.get(name) for name in STREAMS], each_of("stdio", tuple("sys." + name for name in STREAMS))),
    (lambda: [sys_dict.get(name) for name in HOOKS], each_of("hook", tuple("sys." + name for name in HOOKS))),
    (tracers, each_of("trace", ("sys.settrace", "sys.setprofile", *["sys.monitoring"] * 6))),
    (descriptors, descriptor_changes),
    (native_threads, new_threads),
    (exit_callbacks, more("atexit")),
    (warning_filters, sequence("warnings")),
    (locale, once("locale")),
    (log, each_of("logging", ("handlers", "level"))),
    (start_method, once("start_method")),
    (settings, each_of("setting", ("recursion limit", "switch interval", "garbage collector", "timer"))),
)
