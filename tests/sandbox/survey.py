"""Compares, for each module of the standard library, a replayed import with a real one.

`python -I -S -B survey.py SANDBOX [backwards]`: the folder of the sandbox, and the order of the recording.

Each import happens in a fork of its own. What is compared: `sys.modules`, in order, and what each module in it shows,
in order. Prints what differs, a line each; the last line is the number of modules that were compared.
"""

import os
import sys
from _frozen_importlib import ModuleSpec, module_from_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIBRARY = os.path.dirname(os.__file__)
UNSEEN = ("sys", "__main__", "builtins", "_frozen_importlib", "_frozen_importlib_external")
NO_PACKAGES = ("test", "site-packages", "lib-dynload", "__pycache__")


def part(name: str) -> "Any":
    """A module of the sandbox, as the sandbox itself loads it."""
    if "_survey" not in sys.modules:
        package = module_from_spec(ModuleSpec("_survey", None, is_package=True))
        package.__path__ = [sys.argv[1]]
        sys.modules["_survey"] = package
    __import__("_survey." + name)
    return sys.modules["_survey." + name]


def names() -> "list[str]":
    """All modules of the standard library that a file stands for, and the built-in ones."""
    found = list(sys.builtin_module_names)
    for folder, below, files in os.walk(LIBRARY):
        below[:] = sorted(
            each for each in below if each.isidentifier() and "test" not in each and each not in NO_PACKAGES
        )
        dotted = folder[len(LIBRARY) + 1 :].replace("/", ".")
        for file in sorted(files):
            stem = file[:-3]
            if file.endswith(".py") and "test" not in stem and stem != "__main__":
                found.append(dotted if stem == "__init__" else "%s.%s" % (dotted, stem) if dotted else stem)
    if os.path.isdir(LIBRARY + "/lib-dynload"):
        found += [file.partition(".")[0] for file in sorted(os.listdir(LIBRARY + "/lib-dynload"))]
    return [name for name in dict.fromkeys(found) if name and "test" not in name]


class Told(dict):  # type: ignore[type-arg]  # 3.9 would load more to have it said
    """The variables of the environment, which tells whether it was asked."""

    asked = False

    def _tell(self, *_: object) -> None:
        Told.asked = True
        raise KeyError

    __getitem__ = __iter__ = __contains__ = get = copy = _tell  # type: ignore[assignment]


def picture(name: str) -> "list[str]":
    """What the process looks like after an import of the module: a line for all modules, and a line for each."""
    os.environ._data = Told()  # type: ignore[attr-defined]  # what a module reads there may differ from run to run
    try:
        __import__(name)
    except BaseException as error:
        return ["%s %s" % (type(error).__name__, error)]
    shown = [" ".join(["reads" if Told.asked else "modules:", *sys.modules])]
    for each in list(sys.modules):
        if each not in UNSEEN and hasattr(sys.modules[each], "__dict__"):
            entries = vars(sys.modules[each]).items()
            shown.append(" ".join([each, *["%s:%s" % (key, type(value).__name__) for key, value in entries]]))
    return shown


def forked(name: str) -> "list[str]":
    """The picture in a fork."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        data = "\n".join(picture(name)).encode("utf-8", "replace")
        while data:
            data = data[os.write(writable, data) :]
        os._exit(0)
    os.close(writable)
    with open(readable, "rb") as file:
        shown = file.read().decode().split("\n")
    os.waitpid(pid, 0)
    return shown


def main() -> None:
    """Both pictures of each module that may be replayed."""
    record, replay = part("record"), part("replay")
    for name in list(sys.modules):
        if name.startswith("_survey") or name == "__future__":
            del sys.modules[name]
    everything = names()
    wanted = [name for name in everything if not record.is_excluded(name) and name not in record.NEVER_FIRST]
    real = {name: forked(name) for name in wanted}
    system = replay.ImportSystem([LIBRARY])
    recorder = record.Recorder([LIBRARY])
    recorder.record(wanted if len(sys.argv) < 3 else wanted[::-1])
    replayer = replay.Replayer(recorder, system)
    replayer.install(lambda: os._exit(3))
    replayed = set(replayer._orders)
    given_up = []
    for name in sorted(real):
        found = forked(name)
        if found == [""]:
            given_up.append(name)
            continue
        for one, other in zip(real[name], found):
            if one != other or (one.startswith("reads") and name in replayed):
                was, is_now = one.split(), other.split()
                odd = [pair for pair in zip(was, is_now) if pair[0] != pair[1]]
                print(name, was[0], len(was), len(is_now), odd[:3])
    print(*given_up)
    print(len(replayed & set(real)))


main()
