"""What modules of the standard library load when they are imported, noted so that `replay` can do it again.

Each module is imported, noted, and hidden again: taken out of `sys.modules` and off its package. What a module leaves
elsewhere (functions to be called at exit or at fork, entries in the tables of others) is noted as well, and taken back.
"""

from __future__ import annotations

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Step = tuple[str, "Call | Entries | None"]
    """The module that is put in place (None), or what that module does elsewhere."""

modules = sys.modules
boot: Any = modules["_frozen_importlib"]
all_, zip_, len_ = all, zip, len  # some of this runs among foreign code, too
module_dict: Callable[[object], dict[str, Any]] = vars(type(sys))["__dict__"].__get__
REGISTERS = (("posix", "register_at_fork"), ("os", "register_at_fork"), ("atexit", "register"))
# what a process that was forked after the import does anew, as an import after the fork would have done
REFRESHED: dict[str, Callable[[dict[str, Any]], list[Callable[[], object]]]] = {
    "random": lambda namespace: [namespace["seed"]],
    "threading": lambda namespace: [namespace["_after_fork"], namespace["_main_thread"]._set_native_id],
}
NEVER_FIRST = ("_asyncio",)
"""Halves of a circle that looks otherwise when it is entered here."""
EXCLUDED = frozenset(
    # shown or started at import; installed by others; other people's code in the same places
    "this antigravity idlelib turtle turtledemo tkinter test lib2to3 distutils ensurepip venv pip site sitecustomize "
    "usercustomize readline rlcompleter _pyrepl __main__ __phello__ __hello__ _testcapi "
    # warn at import
    "aifc asynchat asyncore audioop binhex cgi cgitb chunk crypt formatter imghdr imp mailcap msilib nis nntplib "
    "ossaudiodev parser pipes smtpd sndhdr spwd sunau symbol telnetlib xdrlib "
    # read at import what a module may have set before: variables, the directory, the locale, the program's arguments
    "multiprocessing sysconfig zoneinfo _zoneinfo _aix_support _strptime optparse wsgiref webbrowser pydoc curses "
    # found once and then known to the interpreter itself, or loads other people's code
    "encodings _multibytecodec _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw "
    "ctypes _ctypes "
    # load one of these
    "concurrent.futures.process dbm trace xmlrpc.server pdb doctest email.mime.audio email.mime.image wave "
    "_ios_support asyncio.windows_events asyncio.windows_utils".split()
)
"""Of these and of all below them nothing is replayed, nor of what imports them."""
DEPRECATED = frozenset("sre_compile sre_constants sre_parse uu".split())  # they warn since 3.11


class Unfit(Exception):
    """What was seen while recording is not what this is made for."""


class Call:
    """A call that a module makes when it is imported."""

    def __init__(self, function: Callable[..., object], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._function, self._arguments, self._named = function, arguments, named

    def fits(self) -> bool:
        """Whether it can be made now."""
        return True

    def make(self) -> None:
        """Make it."""
        self._function(*self._arguments, **self._named)


class Entries:
    """What a module enters into a table of another one when it is imported."""

    def __init__(self, table: dict[Any, Any], made: dict[Any, Any]) -> None:
        self._table, self._made = table, made

    def fits(self) -> bool:
        """Whether nobody else has entered something there."""
        return all_([self._table.get(key) is None for key in self._made])

    def make(self) -> None:
        """Enter it."""
        self._table.update(self._made)


class Table:
    """A dictionary of one module in which others make entries, all of them or those of some names."""

    def __init__(self, entries: dict[Any, Any], names: Iterable[str] | None) -> None:
        self.entries = entries
        self._names = names
        self._was = dict(entries)

    def take(self) -> dict[Any, Any]:
        """The entries that have been made since the last time; they are taken back."""
        names = [name for name in (self.entries if self._names is None else self._names) if name in self.entries]
        made = {name: self.entries[name] for name in names if self.entries[name] is not self._was.get(name)}
        for name in made:
            if name in self._was:
                self.entries[name] = self._was[name]
            else:
                del self.entries[name]
        return made


def tables(name: str, namespace: dict[str, Any]) -> Iterator[Table]:
    """Those of a module of the standard library."""
    if name == "copyreg":
        yield Table(namespace["dispatch_table"], None)
    elif name == "logging":
        yield Table(namespace["root"].manager.loggerDict, None)
    elif name == "platform":
        yield Table(namespace, ("_uname_cache",))  # it finds that out when it is first asked
    elif "__getattr__" in namespace:
        yield Table(namespace, [each for each in namespace.get("__all__", ()) if each not in namespace])


def is_library(module: object, folders: Iterable[str]) -> bool:
    """Whether a module comes with the interpreter: built in, frozen, or from one of its own folders."""
    spec: Any = module_dict(module).get("__spec__") if type(module) is type(sys) else None
    origin = spec.origin if type(spec) is boot.ModuleSpec else None
    if type(origin) is not str:
        return False
    own = origin.startswith(tuple([folder.rstrip("/") + "/" for folder in folders]))
    return origin in ("built-in", "frozen") or (own and "-packages/" not in origin)


def is_excluded(name: str) -> bool:
    """Whether a module is never replayed."""
    excluded = EXCLUDED | DEPRECATED if sys.version_info >= (3, 11) else EXCLUDED
    return name in excluded or name.partition(".")[0] in excluded


class Recorder:
    """Imports modules and notes what each has loaded, in order."""

    def __init__(self, folders: list[str]) -> None:
        self.base = dict(modules)
        self.loaded: dict[str, Any] = {}
        self.by_hand: set[str] = set()
        self._folders = folders
        self._steps: dict[str, list[Step]] = {}
        self._on_parent: set[str] = set()
        self._odd: set[str] = set()
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._stack: list[str] = []
        self._count = 0
        self._hidden: set[str] = set()
        self._orders: dict[str, list[Step]] = {}
        self._tables: list[Table] = []
        self._held: list[tuple[dict[str, Any], str, Any]] = []
        self._find_and_load = boot._find_and_load
        self._gcd_import = boot._gcd_import
        self._import = builtins.__import__

    def record(self, names: Iterable[str]) -> None:
        """Import these, one by one, and hide them.

        Raises Unfit where something else than the library gets loaded, or a module of it that is not to be replayed.
        """
        for name, module in self.base.items():
            if is_library(module, self._folders):
                self.prepare(name, module_dict(module))
        boot._find_and_load, boot._gcd_import = self.find_and_load, self.gcd_import
        builtins.__import__ = self.import_  # type: ignore[assignment]
        try:
            for name in names:
                try:
                    self._import(name)
                except ImportError:
                    pass  # it is not there: so it will be found out again
                if not all(name in self.by_hand or is_library(modules[name], self._folders) for name in self.fresh()):
                    raise Unfit(name)
                self.hide()
        finally:
            boot._find_and_load, boot._gcd_import = self._find_and_load, self._gcd_import
            builtins.__import__ = self._import
            for namespace, attribute, function in self._held:
                namespace[attribute] = function
        for name, values in self._shown.items():
            namespace = module_dict(self.loaded[name])
            if name in self._odd or is_excluded(name) or len(namespace) != len(values) or not same(namespace, values):
                raise Unfit(name)

    def prepare(self, name: str, namespace: dict[str, Any]) -> None:
        """From now on what others register with this module is noted, and not done."""
        self._tables += tables(name, namespace)
        for where, attribute in REGISTERS:
            if where == name:
                self.hold_back(namespace, attribute)

    def hold_back(self, namespace: dict[str, Any], attribute: str) -> None:
        """Put something in the place of a function that only notes the call."""
        function = namespace[attribute]

        def register(*arguments: Any, **named: Any) -> Any:
            self._steps[self._stack[-1]].append((self._stack[-1], Call(function, arguments, named)))
            return arguments[0] if arguments else None

        self._held.append((namespace, attribute, function))
        namespace[attribute] = register

    # --- in place of the import system's own

    def find_and_load(self, name: str, import_: Callable[[str], object]) -> object:
        """In place of `importlib._bootstrap._find_and_load`, for what is not in `sys.modules`."""
        if name in modules:
            return self._find_and_load(name, import_)
        self.look_for_others()
        self.note(name)
        parent, _, tail = name.rpartition(".")
        if parent and parent not in modules:
            import_(parent)
            if name in modules:
                return modules[name]
        if name in self.loaded:
            self.put(name)
        else:
            if parent and parent not in self._stack and tail in module_dict(modules[parent]):
                self._odd.add(name)
            self.load(name, import_)
        return modules[name]

    def load(self, name: str, import_: Callable[[str], object]) -> None:
        """Really import a module."""
        self.take_entries()
        self._stack.append(name)
        self._steps[name] = []
        try:
            module = self._find_and_load(name, import_)
        except BaseException as error:
            if not (type(error) is ModuleNotFoundError and (name + ".").startswith("%s." % error.name)):
                self._odd.update(self._stack)  # it ran: the next try may end otherwise
            raise
        finally:
            self.take_entries()
            self.look_for_others()
            self._stack.pop()
        namespace = module_dict(module)
        self.loaded[name] = module
        self._shown[name] = tuple(namespace.values())
        self.prepare(name, namespace)
        if name in REFRESHED:
            self._steps[name] += [(name, Call(function, (), {})) for function in REFRESHED[name](namespace)]

    def take_entries(self) -> None:
        """What the module at hand has entered elsewhere is noted, and taken back."""
        for table in self._tables if self._stack else ():
            made = table.take()
            if made:
                self._steps[self._stack[-1]].append((self._stack[-1], Entries(table.entries, made)))

    def import_(self, name: str, namespace: Any = None, _: Any = None, fromlist: Any = (), level: int = 0) -> object:
        """In place of `builtins.__import__`: notes what is loaded already, too."""
        self.look_for_others()
        try:
            return self._import(name, namespace, None, fromlist, level)
        finally:
            if self._stack:
                whole = boot._resolve_name(name, boot._calc___package__(namespace), level) if level else name
                self.note_import(whole, fromlist or ())

    def gcd_import(self, name: str, package: Any = None, level: int = 0) -> object:
        """In place of what stands below `importlib.import_module`, and imports by extension modules."""
        self.look_for_others()
        try:
            return self._gcd_import(name, package, level)
        finally:
            if self._stack:
                self.note_import(boot._resolve_name(name, package, level) if level else name, ())

    def note_import(self, name: str, wanted: Iterable[str]) -> None:
        """The module at hand has imported this, or as much of it as there is, and these names from it."""
        while name and name not in modules:
            name = name.rpartition(".")[0]
        if not name:
            return
        self.note(name)
        shown = module_dict(modules[name]) if type(modules[name]) is type(sys) else {}
        for each in wanted:
            for part in shown.get("__all__", ()) if each == "*" else (each,):
                below = name + "." + part
                if below in modules and shown.get(part) is modules[below]:
                    self.note(below)

    def note(self, name: str) -> None:
        """The module at hand has imported this one."""
        if self._stack and name != self._stack[-1]:
            self._steps[self._stack[-1]].append((name, None))

    def fresh(self) -> list[str]:
        """What is in `sys.modules` and was not at first."""
        return [name for name in modules if name not in self.base]

    def look_for_others(self) -> None:
        """What stands in `sys.modules` without an import was put there by the module at hand."""
        if len(modules) == self._count:
            return
        self._count = len(modules)
        for name in self.fresh():
            if name not in self.loaded and name not in self._stack:
                if not self._stack:
                    raise Unfit(name)
                self.by_hand.add(name)
                self.loaded[name] = modules[name]
                self._steps[name] = []
                self.note(name)

    # --- hidden and put back

    def order(self, name: str) -> list[Step]:
        """What an import of the module does, in order: modules that are complete, what is done on the way."""
        found = self._orders.get(name)
        if found is None:
            found = []
            self.walk(name, set(), found)
            if name in self._hidden:
                self._orders[name] = found
        return found

    def walk(self, name: str, begun: set[str], found: list[Step]) -> None:
        """The same, without what has begun already."""
        parent = name.rpartition(".")[0]
        if parent and parent not in begun:
            self.walk(parent, begun, found)
        if name in begun:
            return
        begun.add(name)
        for other, deed in self._steps.get(name, ()):
            if deed:
                found.append((other, deed))
            elif other not in begun and (other in self.loaded or other in self.base):
                self.walk(other, begun, found)
        found.append((name, None))

    def put(self, name: str) -> None:
        """Put a hidden module back, with all that its import has loaded."""
        for other, deed in self.order(name):
            if deed is None and other not in modules:
                modules[other] = self.loaded[other]
                self._hidden.discard(other)
                self.bind(other)

    def bind(self, name: str) -> None:
        """Make a module an attribute of its package, where hiding has taken it away."""
        if name in self._on_parent:
            parent, _, tail = name.rpartition(".")
            module_dict(modules[parent])[tail] = self.loaded[name]

    def hide(self) -> None:
        """Take away all that was not there at first."""
        names = self.fresh()
        for name in names:
            parent, _, tail = name.rpartition(".")
            if name in self._hidden or not parent or name in self.by_hand:
                continue
            owner = module_dict(self.loaded.get(parent) or self.base[parent])
            if owner.get(tail) is self.loaded[name] and all(other != name for other, _ in self.order(parent)):
                self._on_parent.add(name)
                del owner[tail]
        for name in names:
            del modules[name]
        self._hidden.update(names)
        self._orders.clear()


def same(namespace: dict[str, Any], values: tuple[Any, ...]) -> bool:
    """Whether a namespace begins with just these values."""
    return len_(namespace) >= len_(values) and all_([one is other for one, other in zip_(namespace.values(), values)])
