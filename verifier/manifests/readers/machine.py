"""What measured times depend on beside the code: the interpreter, the processor, the system."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from verifier.manifests.model import Json

CPUINFO = Path("/proc/cpuinfo")
MODELS = ("model name", "Model", "Hardware", "cpu model")
"""What the kernels of different processors call the model of theirs."""
PROGRAM = """
import json, os, platform, sys, sysconfig
gil = getattr(sys, "_is_gil_enabled", lambda: True)()
libc = " ".join(platform.libc_ver()).strip()
free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
small = "mimalloc" if free else "pymalloc" if sysconfig.get_config_var("WITH_PYMALLOC") else ""
print(json.dumps({
    "python": ".".join(map(str, sys.version_info[:3])),
    "implementation": sys.implementation.name,
    "compiler": platform.python_compiler(),
    "allocator": " over ".join(name for name in (small, libc or "malloc") if name),
    "gil": "on" if gil else "off",
}))
"""


def facts(ask: Callable[[str], str]) -> Mapping[str, Json]:
    """What times depend on here. `ask` says what a program prints under the interpreter that is measured with.

    Raises UserError if that cannot be run.
    """
    said = cast("dict[str, Json]", json.loads(ask(PROGRAM)))
    return {
        **said,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
    }


def _processor() -> str | None:
    """The model of the processor; None where the system does not tell."""
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    known = {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}
    return next((known[name] for name in MODELS if known.get(name)), platform.processor() or None)
