"""Puts modules of the standard library in place that were recorded: as an import would, without one.

The hook stands where the import system looks for a module (`importlib._bootstrap._find_spec`): the locks, the parents
and the frames below a module's own code are those of any import. Wherever anything is not as it was when the module was
recorded (the import system, the path, a module that it uses), this process gives up: a real import would not be right
either, since extension modules know that they have been imported before.

It runs among foreign code. So what it uses was captured before, and objects are compared by identity alone. Who takes
hold of it gains nothing: whoever runs here can put into `sys.modules` what he likes anyway.
"""

from __future__ import annotations

import _thread
import builtins
import sys

from .pictures import tracers
from .record import NEVER_FIRST, Recorder, boot, module_dict, modules, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# what the library itself changes: after a fork, and when it is asked
OWN_CHANGES = {
    "threading": ("_main_thread", "_active_limbo_lock", "_shutdown_locks_lock", "_shutdown_locks"),
    "platform": ("_uname_cache",),
}
PATCHER, PATCHED = "typing_extensions", "typing"  # by other functions to the same effect
PROPER_NAMES = ("__name__", "__package__", "__file__")  # `importlib` gives them to its two frozen halves
APPENDED_FINDERS = ("_SixMetaPathImporter",)  # knows modules of `six` only
LOADERS = (
    *("FileFinder", "PathFinder", "FileLoader", "SourceLoader", "SourceFileLoader"),
    *("ExtensionFileLoader", "_LoaderBasics"),
)

external: Any = modules["_frozen_importlib_external"]
COMPARED_ELSEWHERE = (sys, boot, external)
IMPORT_SYSTEM = (module_dict(boot), module_dict(external))
builtins_dict, sys_dict = module_dict(builtins), module_dict(sys)
getframe, count_threads = sys._getframe, _thread._count
dict_of_class: Any = type.__dict__["__dict__"].__get__
name_of_class: Any = type.__dict__["__name__"].__get__
type_, len_, list_, tuple_, dict_, str_ = type, len, list, tuple, dict, str
all_, zip_, base_exception, same_ = all, zip, BaseException, same
tracers_ = tracers
find_spec_ = boot._find_spec
caller = boot._find_and_load_unlocked.__code__
Spec = boot.ModuleSpec


class ImportSystem:
    """How imports are made here, as it was before anything of the target had run."""

    def __init__(self, folders: list[str]) -> None:
        own = [entry for entry in sys.path if entry.startswith(tuple(folders)) and "-packages" not in entry]
        self._finders_of = {entry: external.PathFinder._path_importer_cache(entry) for entry in own}
        self._lists = {name: tuple(sys_dict[name]) for name in ("path", "path_hooks")}
        self._finders = tuple(sys.meta_path)
        self._import = builtins.__import__
        self._classes = [dict_of_class(vars(external)[name]) for name in LOADERS]
        self._namespaces: list[tuple[dict[str, Any], list[tuple[str, object]]]] = []
        self.know()

    def know(self) -> None:
        """What its functions and its loaders' methods are now is how it is."""
        self._namespaces = [
            (each, [item for item in each.items() if item[0] not in PROPER_NAMES])
            for each in (*IMPORT_SYSTEM, *self._classes)
        ]

    def is_steady(self) -> bool:
        """Whether it is what it was, and nobody else is about."""
        cache: Any = sys_dict.get("path_importer_cache")
        finders: Any = sys_dict.get("meta_path")
        return (
            sys_dict.get("modules") is modules
            and builtins_dict.get("__import__") is self._import
            and all_([equal(sys_dict.get(name), known) for name, known in self._lists.items()])
            and type_(finders) is list_
            and equal(finders[: len_(self._finders)], self._finders)
            and all_([name_of_class(type_(each)) in APPENDED_FINDERS for each in finders[len_(self._finders) :]])
            and type_(cache) is dict_
            and all_([cache.get(entry) is finder for entry, finder in self._finders_of.items()])
            and all_([each is None for each in tracers_()])
            and count_threads() == 0
            and all_([each.get(name) is value for each, known in self._namespaces for name, value in known])
        )


class Replayer:
    """What was recorded, and how all was at that time. It is the loader of the modules that it puts back, too."""

    def __init__(self, recorder: Recorder, system: ImportSystem) -> None:
        self._system = system
        self._recorder = recorder
        self._loaded = recorder.loaded
        self._all = {**recorder.base, **recorder.loaded}
        ready = set(recorder.loaded) - recorder.by_hand - set(NEVER_FIRST)
        self._orders = {name: recorder.order(name) for name in sorted(ready)}
        self._specs = {name: module_dict(recorder.loaded[name])["__spec__"] for name in ready}
        self._known: dict[str, tuple[tuple[str, ...], tuple[Any, ...], tuple[Any, ...] | None]] = {}
        for name in {other for order in self._orders.values() for other, _ in order}:
            module = self._all[name]
            if module not in COMPARED_ELSEWHERE and name not in recorder.by_hand and type(module) is type(sys):
                namespace = module_dict(module)
                path = tuple(namespace["__path__"]) if type(namespace.get("__path__")) is list else None
                self._known[name] = tuple(namespace), tuple(namespace.values()), path
        self._done = set(recorder.base)  # who takes one of these out of `sys.modules` wants another one

    def install(self, give_up: Callable[[], object]) -> None:
        """From now on the import system asks here first; `give_up` does not return."""
        loaded = self._loaded

        def _find_spec(name: str, path: object, target: object = None) -> object:
            if target is not None or getframe(1).f_code is not caller or type_(name) is not str_ or name not in loaded:
                return find_spec_(name, path, target)
            try:
                fits = self.fits(name, path)
            except base_exception:
                fits = False
            return Spec(name, self) if fits else give_up()

        # tracebacks and warnings leave out the frames of the import system, and ours is to be one of them
        _find_spec.__code__ = _find_spec.__code__.replace(co_filename=caller.co_filename)
        boot._find_spec = _find_spec
        self._system.know()

    def fits(self, name: str, path: object) -> bool:
        """Whether the module may be replayed now."""
        if name not in self._orders or not self._system.is_steady():
            return False
        parent = name.rpartition(".")[0]
        if parent and path is not module_dict(modules[parent]).get("__path__"):
            return False
        for other, deed in self._orders[name]:
            if deed is not None:
                fits = (other != name and other in modules) or deed.fits()
            else:
                fits = self.is_untouched(other) if other in modules else other not in self._done
            if not fits:
                return False
        return True

    def is_untouched(self, name: str) -> bool:
        """Whether a module that is in place is the one that we know, and holds what it held."""
        if modules[name] is not self._all[name]:
            return False
        if name not in self._known:
            return True
        namespace, exempt = module_dict(modules[name]), OWN_CHANGES.get(name, ())
        keys, values, path = self._known[name]
        if not same_(namespace, values):
            patches = module_dict(modules[PATCHER]) if name == PATCHED and PATCHER in modules else {}
            for key, value in zip_(keys, values):
                now = namespace.get(key)
                if not (now is value or key in exempt or (now is not None and now is patches.get(key))):
                    return False
        if len_(namespace) != len_(values):  # submodules have come, or something else has
            lazy = namespace.get("__all__", ()) if "__getattr__" in keys else ()
            for key, value in list_(namespace.items())[len_(values) :]:
                if not (key in exempt or key in lazy or value is modules.get(name + "." + key)):
                    return False
        return path is None or equal(namespace.get("__path__"), path)

    # --- as a loader (PEP 451)

    def create_module(self, spec: Any) -> object:
        """The module that was recorded."""
        return self._loaded[spec.name]

    def exec_module(self, module: Any) -> None:
        """In place of running its code: what that has loaded, and what it does elsewhere."""
        namespace = module_dict(module)
        name = namespace["__spec__"].name
        namespace["__spec__"] = self._specs[name]
        self._done.add(name)
        for other, deed in self._orders[name]:
            if deed is not None:
                if other == name or other not in modules:
                    deed.make()
            elif other not in modules:
                modules[other] = self._loaded[other]
                self._done.add(other)
                self._recorder.bind(other)


def equal(found: Any, known: tuple[Any, ...]) -> bool:
    """Whether a list or tuple holds just these objects."""
    return (
        (type_(found) is list_ or type_(found) is tuple_)
        and len_(found) == len_(known)
        and all_([one is other for one, other in zip_(found, known)])
    )
