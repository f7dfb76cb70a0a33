"""What a module shows, and what went wrong: foreign objects as plain data.

This runs in the process that has imported the module. So everything it uses was captured before the import, and objects
are looked at through the slots of the built-in types, never through what their own classes say: no `isinstance`, no
`getattr` and no `repr` on them. The one exception is a module's own `__getattr__`: asking it is the point.
"""

from __future__ import annotations

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from .protocol import Question

modules = sys.modules
getattr_ = builtins.getattr
ModuleType = type(sys)
FunctionType = type(lambda: None)
module_dict: Callable[[object], dict[str, object]] = vars(ModuleType)["__dict__"].__get__
mro_of: Callable[[object], tuple[type, ...]] = type.__dict__["__mro__"].__get__
dict_of_class: Callable[[object], dict[str, object]] = type.__dict__["__dict__"].__get__
name_of_class: Callable[[object], str] = type.__dict__["__name__"].__get__
module_of_class: Callable[[object], object] = type.__dict__["__module__"].__get__
traceback_of: Callable[[BaseException], TracebackType | None] = BaseException.__dict__["__traceback__"].__get__
cause_of: Callable[[BaseException], BaseException | None] = BaseException.__dict__["__cause__"].__get__
context_of: Callable[[BaseException], BaseException | None] = BaseException.__dict__["__context__"].__get__
arguments_of: Callable[[BaseException], tuple[object, ...]] = BaseException.__dict__["args"].__get__
missing_of: Callable[[BaseException], object] = ImportError.__dict__["name"].__get__
syntax_file_of: Callable[[BaseException], object] = SyntaxError.__dict__["filename"].__get__
syntax_line_of: Callable[[BaseException], object] = SyntaxError.__dict__["lineno"].__get__
slot_types = (type(FunctionType.__dict__["__doc__"]), type(type.__dict__["__doc__"]))
function_types = (FunctionType, type(len), type(str.join), type(object().__str__), type(lambda: (yield)))
plain_types = (int, float, complex, str, bytes, tuple, bool)

OURS = __file__.rpartition("/")[0] + "/"
DEEPEST_TRACEBACK = 60
DEEPEST_CHAIN = 10
OS_FILES = ("<frozen os>", "/os.py")
LONGEST_MESSAGE = 2000
LONGEST_DOC = 4000
MOST_NAMES = 50_000
RANDOM_NAME = "verify_apis_probe_%s"


def look(name: str, question: Question) -> dict[str, object]:
    """The answer to the supervisor's question on a module: `{"m": "answer", "nonce": …, "names": {…}, …}`."""
    module = modules[name]
    real = any(base is ModuleType for base in mro_of(type(module)))
    namespace = module_dict(module) if real else {}
    lazy = not real or type(module) is not ModuleType or "__getattr__" in namespace
    exports = exported(namespace.get("__all__"))
    names = dict.fromkeys(question["names"])
    if question["list"]:
        names.update(dict.fromkeys(exports or listed(name, namespace)))
    return {
        "m": "answer",
        "module": name,
        "nonce": question["nonce"],
        "origin": origin(namespace),
        "exports": exports,
        "odd": has_odd_entries(namespace.get("__all__")),
        "names": {each: resolve(module, namespace, each, lazy) for each in names},
        "random": lazy and resolve(module, {}, RANDOM_NAME % question["nonce"], lazy)["how"] == "lazy",
    }


def resolve(module: object, namespace: dict[str, object], name: str, lazy: bool) -> dict[str, object]:
    """How the module answers for one name, and what kind of thing it shows."""
    if name in namespace:
        return describe_value(namespace[name], "dict")
    if not lazy:
        return {"how": "missing"}
    try:
        value = getattr_(module, name)
    except AttributeError:
        return {"how": "missing"}
    except BaseException as error:
        return {"how": "raised", "failure": describe(error)}
    return describe_value(value, "lazy")


def describe_value(value: object, how: str) -> dict[str, object]:
    """The kind of an object; for one of compiled code its own docstring too."""
    kind, doc = kind_of(value), None
    if kind == "class":
        doc = dict_of_class(value).get("__doc__")
    elif kind == "function":
        doc = slot(value, "__doc__")
    shown: dict[str, object] = {"how": how, "kind": kind}
    if value is None:
        shown["none"] = True
    if type(doc) is str:
        shown["doc"] = doc[:LONGEST_DOC]
    return shown


def kind_of(value: object) -> str:
    """`module`, `class`, `function` or `value`, from the built-in type alone."""
    cls = type(value)
    for base in mro_of(cls):
        if base is ModuleType:
            return "module"
        if base is type:
            return "class"
    if is_one_of(cls, function_types) or name_of_class(cls).endswith("function_or_method"):
        return "function"
    return "value"


def slot(value: object, name: str) -> object:
    """An attribute that compiled code keeps in a slot of the type; None where a class says otherwise."""
    for base in mro_of(type(value)):
        if name in dict_of_class(base):
            descriptor: Any = dict_of_class(base)[name]
            return descriptor.__get__(value) if is_one_of(type(descriptor), slot_types) else None
    return None


def is_one_of(cls: type, known: tuple[type, ...]) -> bool:
    """Whether a class is one of those; by identity, since `in` would ask the `__eq__` of a foreign metaclass."""
    return any(cls is each for each in known)


def exported(value: object) -> list[str] | None:
    """`__all__` as a list, if it is a real list or tuple of real strings."""
    if not (type(value) is list or type(value) is tuple) or len(value) > MOST_NAMES:
        return None
    return list(value) if all(type(each) is str for each in value) else None


def has_odd_entries(value: object) -> bool:
    """Whether `__all__` holds what `from … import *` chokes on."""
    if type(value) is not list and type(value) is not tuple:
        return False
    return not all(any(base is str for base in mro_of(type(each))) for each in value[:MOST_NAMES])


def listed(name: str, namespace: dict[str, object]) -> list[str]:
    """Public names of a module that no source explains: not what it has imported from elsewhere."""
    top = name.partition(".")[0]
    return [
        each
        for each, value in list(namespace.items())[:MOST_NAMES]
        if type(each) is str and not each.startswith("_") and is_own(value, top)
    ]


def is_own(value: object, top: str) -> bool:
    """Whether a value looks like the work of the package `top`."""
    kind = kind_of(value)
    if kind == "class":
        home = module_of_class(value)
    elif kind == "function":
        home = slot(value, "__module__")
    else:
        return kind == "value" and is_one_of(type(value), plain_types)
    return type(home) is str and home.partition(".")[0] == top


def origin(namespace: dict[str, object]) -> str | None:
    """The file that the module says it came from; what its specification says, or "", if that is none.

    A module of the standard library may be frozen, and then says so beside its file. One that has no specification
    tells nothing.
    """
    spec, file = namespace.get("__spec__"), namespace.get("__file__")
    if name_of_class(type(spec)) == "ModuleSpec":
        found = spec.__dict__.get("origin")
        if type(found) is str and found.startswith("/"):
            return found
        return file if type(file) is str else found if type(found) is str else ""
    return file if type(file) is str else None


# --- what went wrong --------------------------------------------------------------------------------------------------


def describe(error: BaseException) -> dict[str, object]:
    """An exception as data. Its own `__str__` may run: it is foreign code like the import that raised it."""
    cls = type(error)
    try:
        message = str(error)
    except BaseException:
        message = ""
    where = frames(error)
    shown: dict[str, object] = {
        "type": name_of_class(cls),
        "message": message[:LONGEST_MESSAGE] if type(message) is str else "",
        "frames": where,
    }
    bases = mro_of(cls)
    if any(base is ImportError for base in bases) and type(missing_of(error)) is str:
        shown["missing"] = missing_of(error)
    if any(base is SyntaxError for base in bases):
        where += syntax_frame(error)
    if any(base is SystemExit for base in bases):
        shown["exits"] = True
    shown.update(raised_after(error))
    return shown


def raised_after(error: BaseException) -> dict[str, object]:
    """What comes first in the chain of exceptions: `os.environ` asked in vain for a variable, or a failed import."""
    each: BaseException | None = error
    for _ in range(DEEPEST_CHAIN):
        if each is None:
            break
        bases = mro_of(type(each))
        name = variable_of(each) if any(base is KeyError for base in bases) else None
        if name is not None:
            return {"variable": name}
        if each is not error and any(base is ImportError for base in bases):
            return {"after_import": True}
        each = led_to(each)
    return {}


def led_to(error: BaseException) -> BaseException | None:
    """The exception that this one was raised from, or that was handled in the very frame that has raised it.

    What was handled further out may have nothing to do with it: `except KeyError: from . import fallback`.
    """
    cause, context = cause_of(error), context_of(error)
    if cause is not None or context is None:
        return cause
    last, first = traceback_of(error), traceback_of(context)
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    together = last is not None and first is not None and last.tb_frame is first.tb_frame
    return context if together else None


def variable_of(error: BaseException) -> str | None:
    """The key of a KeyError that comes right out of the mapping that `os` has for the environment."""
    code, traceback = None, traceback_of(error)
    while traceback is not None:
        code, traceback = traceback.tb_frame.f_code, traceback.tb_next
    if code is None or code.co_name != "__getitem__" or not code.co_filename.endswith(OS_FILES):
        return None
    key = arguments_of(error)[:1]
    return key[0] if key and type(key[0]) is str else None


def frames(error: BaseException) -> list[list[object]]:
    """`[file, line]` of the traceback, outermost first, without the import system and ourselves."""
    found: list[list[object]] = []
    traceback = traceback_of(error)
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(("<", OURS)):
            found.append([file, traceback.tb_lineno])
        traceback = traceback.tb_next
    return found[-DEEPEST_TRACEBACK:]


def syntax_frame(error: BaseException) -> list[list[object]]:
    """Where the source that could not be compiled stands."""
    file, line = syntax_file_of(error), syntax_line_of(error)
    return [[file, line if type(line) is int else 1]] if type(file) is str else []
