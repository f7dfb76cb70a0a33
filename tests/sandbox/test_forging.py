"""A module that answers in our place, or bends what we answer with, gains nothing that its source does not claim."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conftest import Run
from verifier.model import Ending, How

Package = Callable[..., Path]
THIEF = """
import sys, threading, os, json
def steal():
    while True:
        for frame in list(sys._current_frames().values()):
            while frame is not None:
                question, self = frame.f_locals.get("question"), frame.f_locals.get("self")
                if type(question) is dict and hasattr(self, "channel"):
                    answer = {"v": 1, "m": "answer", "module": "demo", "nonce": question["nonce"],
                              "names": {"ghost": {"how": "dict", "kind": "class"}}, "random": False}
                    os.write(self.channel.descriptor, json.dumps(answer).encode() + b"\\n")
                    return
                frame = frame.f_back
"""
HIDING = """
import _thread
_thread._count = lambda: 0
"""
BENDING = {
    "writing": "import posix\nold = posix.write\n"
    "posix.write = lambda fd, data: old(fd, data.replace(b'missing', b'dict')) + 0 * len(data)",
    "the class of dict": "import builtins\nclass dict(dict):\n    def __contains__(self, key): return True\n"
    "builtins.dict = dict",
    "looking up": "import builtins\nbuiltins.getattr = lambda *a: print\nbuiltins.hasattr = lambda *a: True",
    "types": "import builtins\nbuiltins.type = builtins.isinstance = lambda *a: True",
    "the module's own table": "import sys\nclass M(type(sys)):\n    def __getattribute__(self, name): return print\n"
    "sys.modules[__name__].__class__ = M",
    "a stand-in for the module": "import sys\nclass M:\n    def __getattr__(self, name): return print\n"
    "sys.modules[__name__] = M()",
}


@pytest.mark.parametrize("hiding", ["", HIDING], ids=["openly", "hiding"])
def test_a_thread_that_answers_first_does_not_go_unseen(
    hiding: str, own_python: str, package: Package, run: Run
) -> None:
    source = f"{THIEF}\nthreading.Thread(target=steal, daemon=True).start()\n{hiding}"
    result = run(own_python, package(demo=source), ["demo"], names={"demo": ("ghost",)}).results["demo"]
    assert "thread" in {effect.kind for effect in result.effects} or result.ending is Ending.TAMPERED


@pytest.mark.parametrize("name", BENDING)
def test_bent_tools_make_no_name_or_are_told(name: str, python: str, package: Package, run: Run) -> None:
    result = run(python, package(demo=BENDING[name]), ["demo"], names={"demo": ("ghost",)}).results["demo"]
    answer = result.answers.get("ghost")
    there = answer is not None and answer.how in (How.DICT, How.LAZY)
    assert not there or "patched" in {effect.kind for effect in result.effects}
