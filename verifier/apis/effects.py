"""What an import did to the world: noted or forbidden. One table; what no rule knows is forbidden."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from verifier.model import Effect, Grade, GradedEffect, ImportResult, Isolation, Module

FILES = frozenset({"write", "delete", "rename", "mkdir", "link"})
BY_SECCOMP = frozenset({"metadata", "connect", "bind", "send", "resolve", "socket", "spawn", "exec", "fork", "signal"})
# what the standard library starts to learn about the system: ctypes.util.find_library, platform, and font look-ups
SYSTEM_QUERIES = frozenset({"ldconfig", "gcc", "cc", "ld", "objdump", "dump", "uname", "file", "fc-list"})
SHARED = frozenset(
    {
        "atexit", "descriptor", "environment", "finder", "hook", "locale", "logging", "native_thread", "path",
        "setting", "start_method", "warnings",
    }
)  # fmt: skip
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "")  # noqa: S104  compared, never bound


class Rule(Struct, frozen=True, kw_only=True):
    """One row of the table: the first rule that fits decides."""

    name: str
    grade: Grade
    fits: Callable[[Effect], bool]
    example: Effect
    why: str


def _seen(kind: str, target: str = "", *, contained: bool = False, by: str = "audit") -> Effect:
    return Effect(kind=kind, target=target, contained=contained, seen_by=(by,))


def _port_any(effect: Effect) -> bool:
    host, _, port = effect.target.rpartition(":")
    return effect.kind == "bind" and port == "0" and host in LOOPBACK


RULES: tuple[Rule, ...] = (
    Rule(
        name="memory.semaphore",
        grade=Grade.NOTED,
        fits=lambda e: e.kind == "semaphore" and e.contained,
        example=_seen("semaphore", contained=True),
        why="a lock of multiprocessing, which is gone when its process is; it was kept in the scratch folder",
    ),
    Rule(
        name="files.scratch",
        grade=Grade.NOTED,
        fits=lambda e: e.contained and (e.kind in FILES or e.kind == "metadata"),
        example=_seen("mkdir", "<scratch>/.cache/fonts", contained=True),
        why="a cache below the home folder is untidy, and harmless where the home folder is ours",
    ),
    Rule(
        name="files.outside",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind in FILES,
        example=_seen("write", "/srv/data/state.db"),
        why="importing must not change anybody's files",
    ),
    Rule(
        name="files.read",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind == "read",
        example=_seen("read", "/srv/keys/signing.pem"),
        why="what belongs neither to the interpreter, nor to the system's libraries, nor to the target is a user's own",
    ),
    Rule(
        name="metadata.outside",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind == "metadata",
        example=_seen("metadata", "/srv/data/state.db"),
        why="modes, owners and times are part of a file",
    ),
    Rule(
        name="network.any_port",
        grade=Grade.NOTED,
        fits=_port_any,
        example=_seen("bind", "::1:0"),
        why="binding any free local port is how programs ask whether IPv6 works",
    ),
    Rule(
        name="network.socket",
        grade=Grade.NOTED,
        fits=lambda e: e.kind == "socket",
        example=_seen("socket", "family 16"),
        why="a socket that was made and never used reaches nobody",
    ),
    Rule(
        name="network.resolve_local",
        grade=Grade.NOTED,
        fits=lambda e: e.kind == "resolve" and _needs_no_answer(e.target),
        example=_seen("resolve", "localhost"),
        why="a numeric address, or this machine's own, is resolved without asking anybody",
    ),
    Rule(
        name="network",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind in {"connect", "bind", "send", "resolve"},
        example=_seen("connect", "203.0.113.7:443"),
        why="importing must not talk to anybody",
    ),
    Rule(
        name="process.system_query",
        grade=Grade.NOTED,
        fits=lambda e: e.kind == "spawn" and e.target in SYSTEM_QUERIES,
        example=_seen("spawn", "ldconfig"),
        why="attempted, refused, and the import can do without it: the standard library asks the system this way",
    ),
    Rule(
        name="process",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind in {"spawn", "exec", "fork"},
        example=_seen("spawn", "curl"),
        why="importing must not start programs",
    ),
    Rule(
        name="signal",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind == "signal",
        example=_seen("signal", "kill"),
        why="importing must not signal processes",
    ),
    Rule(
        name="process.replaced",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind in {"builtin", "import_system", "patched", "stdio", "trace"},
        example=_seen("builtin", "open", by="picture"),
        why="what Python itself offers must be the same after an import, for all code in the process",
    ),
    Rule(
        name="process.taken_over",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind in {"directory", "umask", "handler"},
        example=_seen("handler", "SIGINT", by="picture"),
        why="where a program is, who may read its files and who gets its signals is the program's to say",
    ),
    Rule(
        name="process.shared",
        grade=Grade.NOTED,
        fits=lambda e: e.kind in SHARED,
        example=_seen("warnings", by="picture"),
        why="it concerns all code in the process, and programs live with it: filters, paths, callbacks, settings",
    ),
    Rule(
        name="thread.left",
        grade=Grade.FORBIDDEN,
        fits=lambda e: e.kind == "thread",
        example=_seen("thread"),
        why="a thread that an import leaves running outlives it, and does not survive a fork",
    ),
)
UNKNOWN = "unknown"


def _needs_no_answer(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host in LOOPBACK
    return True


@lru_cache(maxsize=4096)
def grade(effect: Effect) -> tuple[str, Grade]:
    """The name of the rule that decides, and its grade."""
    for rule in RULES:
        if rule.fits(effect):
            return rule.name, rule.grade
    return UNKNOWN, Grade.FORBIDDEN


def charge(
    results: Mapping[str, ImportResult], startup: Iterable[Effect], modules: Iterable[Module]
) -> dict[str, ImportResult]:
    """The results with what the start has done in a module's own lines: it is the doing of the module.

    A prelude, or a `.pth` line, may import a module before its turn. As ever, what a package does is told of those
    below it as well.
    """
    by_file: dict[str, list[Effect]] = {}
    for effect in startup:
        by_file.setdefault(effect.where.rpartition(":")[0], []).append(effect)
    done = {module.name: by_file[module.shown] for module in modules if by_file.get(module.shown)}
    return {
        name: replace(result, effects=(*result.effects, *found)) if (found := _of(name, done)) else result
        for name, result in results.items()
    }


def _of(module: str, done: Mapping[str, list[Effect]]) -> list[Effect]:
    """What was done by a module and the packages above it."""
    parts = module.split(".")
    return [effect for end in range(1, len(parts) + 1) for effect in done.get(".".join(parts[:end]), ())]


def judge(effect: Effect, isolation: Isolation) -> GradedEffect:
    """The decision on an effect, and whether an active layer refused it."""
    rule, decided = grade(effect)
    return GradedEffect(effect=effect, rule=rule, grade=decided, stopped=_stopped(effect, isolation))


def _stopped(effect: Effect, isolation: Isolation) -> bool:
    if effect.contained and effect.kind != "metadata":
        return False
    if "kernel" in effect.seen_by:
        return True
    if effect.kind == "read":
        return isolation.landlock is not None and not effect.target.endswith("/cmdline")
    if effect.kind in FILES:
        return isolation.landlock is not None or isolation.seccomp
    return effect.kind in BY_SECCOMP and isolation.seccomp
