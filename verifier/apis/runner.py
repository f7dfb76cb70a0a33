"""Host side of the sandbox: start it, feed it, collect what it saw. The only place that starts processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypedDict

from msgspec import Struct

from verifier.apis import wire
from verifier.apis.heard import Heard
from verifier.apis.reach import readable
from verifier.config import Config
from verifier.errors import NotConfined, SandboxError, UserError
from verifier.model import Effect, ImportResult, Isolation, Target, TargetKind, Trail
from verifier.resources import sandbox_program

# for tests: layers of the sandbox to do without, as on kernels and platforms that lack them
WITHOUT = "VERIFY_APIS_WITHOUT"
WITHOUT_LAYERS = ("landlock", "seccomp", "notify")
"""The names of those that keep code from the world."""
ASK_SECONDS = 20.0
GOODBYE_SECONDS = 10.0
# what the target's code may know of this machine's environment; the home and temporary folders are the sandbox's own
CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def ask(python: Path, program: str, *, meanwhile: Callable[[], object] = lambda: None) -> str:
    """What `program` prints under `python -I -S -B`: the interpreter alone, no `site`, no code of the target.

    `meanwhile` is called while it starts. Raises UserError if `python` is not an interpreter that can run it.
    """
    try:
        with subprocess.Popen(
            [str(python), "-I", "-S", "-B", "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        ) as process:
            meanwhile()
            answer = _answer(process)
    except (OSError, subprocess.SubprocessError) as broken:
        raise UserError(
            "this is not a Python interpreter that can be run",
            where=str(python),
            fix="give --python the path of an interpreter, or a version such as 3.12",
        ) from broken
    return answer.decode("utf-8", "replace")


def _answer(process: subprocess.Popen[bytes]) -> bytes:
    try:
        answer, _ = process.communicate(timeout=ASK_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return answer


class Question(Struct, frozen=True, kw_only=True, array_like=True):
    """What to ask of a module once it is imported."""

    names: tuple[str, ...] = ()
    list_public: bool = False
    """Also list what it offers: no source tells."""


class Imports(Struct, frozen=True, kw_only=True):
    """What the sandbox saw: one result for each module that it was given."""

    isolation: Isolation
    startup: tuple[Effect, ...]
    """What the environment's `.pth` files and `sitecustomize` did before the first import."""
    results: Mapping[str, ImportResult]
    trail: Trail | None
    """What that start depends on."""


class Override(TypedDict):
    """What holds for one module: seconds of wall clock and of CPU time, and variables of the environment."""

    timeout: float
    cpu: int
    environment: dict[str, str]


class Sandbox:
    """A running sandbox, as a context manager: it imports from the start, and answers when asked.

    `without` names layers to do without, for who has asked for code to have its way. However the context is left,
    nothing of the sandbox is left running.
    """

    def __init__(self, target: Target, modules: Sequence[str], config: Config, *, without: Iterable[str] = ()) -> None:
        self._modules = tuple(modules)
        self._config = config
        self._places = tuple(sorted(map(str, target.search_path), key=len, reverse=True))
        import tempfile  # noqa: PLC0415  slow, and not needed where all is known

        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        interpreter = target.interpreter
        missing = [*os.environ.get(WITHOUT, "").split(","), *([] if config.replay else ["replay"]), *without]
        launched = "ctypes" in missing or not interpreter.has_ctypes
        ways = [*(["launch"] if launched else []), *(["fresh"] if "fork" in missing or not hasattr(os, "fork") else [])]
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable if launched else str(interpreter.path), "-I", "-S", "-B", str(sandbox_program()), *ways],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=CLEAN_ENVIRONMENT | {"TMPDIR": tempfile.gettempdir()},
            cwd=Path(sys.executable).anchor,
            start_new_session=True,
        )
        whole, names = readable(target)
        self._send(
            {
                "modules": self._modules,
                "added_path": [str(folder) for folder in target.added_path],
                "standard_library": [str(folder) for folder in interpreter.standard_library],
                "unpacked": [str(folder) for folder in target.added_path if target.kind is TargetKind.WHEEL],
                "readable": whole,
                "listed": names,
                "timeout": config.timeout,
                "cpu": cpu_seconds(config.timeout),
                "memory": config.memory,
                "jobs": config.jobs,
                "isolation": config.isolation,
                "interpreter": str(interpreter.path),
                "without": missing,
                "environment": dict(config.env),
                "prelude": config.prelude,
                "overrides": overrides(self._modules, config),
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dismiss()
        if self._process.stdout is not None:
            self._process.stdout.close()
        try:
            self._process.wait(GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def collect(self, questions: Mapping[str, Question], progress: Callable[[str, int], None]) -> Imports:
        """Ask the questions and wait for all answers; `progress` is told what is being imported, and how many are done.

        Raises NotConfined if the configuration wants confinement by the kernel and there is none, and SandboxError if
        the sandbox itself broke.
        """
        heard = self._ask({name: (each.names, each.list_public, None) for name, each in questions.items()}, progress)
        results = wire.complete(heard.results, self._modules, heard.why)
        return Imports(isolation=heard.confined_by, startup=heard.startup, results=results, trail=heard.trail)

    def time(self, module: str, task: Mapping[str, object]) -> Heard:
        """Import one module, and ask for a measurement: what was heard of it. `task` is `Task` of sandbox/protocol.py.

        Raises what `collect` raises.
        """
        return self._ask({module: ((), False, task)}, lambda *_: None)

    def _ask(self, questions: Mapping[str, object], progress: Callable[[str, int], None]) -> Heard:
        self._send({"questions": questions})
        heard = Heard(self._places)
        for event in self._events():
            module = heard.take(event)
            if module is not None:
                progress(module, len(heard.results))
        self._dismiss()  # it cleans up while we judge
        if heard.isolation is None:
            raise SandboxError(f"the sandbox did not start\n{self._said()}")
        if self._config.isolation == "kernel" and not heard.isolation.native_code_confined:
            raise _not_confined(heard.isolation)
        return heard

    def _dismiss(self) -> None:
        """Let the sandbox end: it does so when this pipe closes."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _events(self) -> Iterator[wire.Event]:
        """What the supervisor says, until it ends. Raises SandboxError if it breaks off, or speaks otherwise."""
        for line in self._process.stdout or ():
            try:
                event = json.loads(line)
            except ValueError as broken:
                raise SandboxError(f"the sandbox said something that is no JSON: {line[:200]!r}") from broken
            yield event
            if event.get("event") == "end":
                return
        raise SandboxError(f"the sandbox broke off\n{self._said()}")

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode("utf-8", "replace")

    def _send(self, message: object) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            with suppress(BrokenPipeError):  # it has ended, and what it said before tells why
                pipe.write(json.dumps(message).encode("ascii") + b"\n")
                pipe.flush()


def overrides(modules: Iterable[str], config: Config) -> dict[str, Override]:
    """What the sandbox must know of those modules, and of the packages above them, for which something else holds."""
    names = {name[:at] for name in modules for at, sign in enumerate(f"{name}.") if sign == "."}
    known = {name: (config.timeout_of(name), config.env_of(name)) for name in sorted(names)} if config.overrides else {}
    return {
        name: Override(timeout=timeout, cpu=cpu_seconds(timeout), environment=env)
        for name, (timeout, env) in known.items()
        if env or timeout != config.timeout
    }


def cpu_seconds(timeout: float) -> int:
    """The CPU time that goes with so many seconds of wall clock."""
    return max(1, int(timeout))


def _not_confined(isolation: Isolation) -> NotConfined:
    layers = {"landlock": isolation.landlock is not None, "seccomp": isolation.seccomp}
    missing = ", ".join(name for name, active in layers.items() if not active)
    return NotConfined(
        f"this kernel does not confine the imports: {missing} not available",
        fix="run on Linux 5.13 or newer outside of a container that forbids them, or drop `--isolation kernel`",
    )
