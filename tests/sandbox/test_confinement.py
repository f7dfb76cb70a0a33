"""Nothing an import does gets out of the scratch folder, and each attempt is told."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import processes_of
from tests.sandbox.conftest import Run
from verifier.model import Effect, Ending, ImportResult

Package = Callable[..., Path]
LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"

ATTEMPTS = {
    "write": ("open({canary!r}, 'w')", "write", "kernel"),
    "append": ("open({canary!r}, 'ab')", "write", "kernel"),
    "create": ("import os; os.close(os.open({canary!r} + '.new', os.O_CREAT | os.O_WRONLY))", "write", "kernel"),
    "delete": ("import os; os.remove({canary!r})", "delete", "kernel"),
    "delete by folder": (
        "import os; at = os.open({folder!r}, os.O_PATH); os.unlink('canary.txt', dir_fd=at)",
        "delete",
        "kernel",
    ),
    "rename into scratch": ("import os; os.rename({canary!r}, os.environ['HOME'] + '/mine')", "rename", "kernel"),
    "hard link": ("import os; os.link({canary!r}, os.environ['HOME'] + '/mine')", "link", "kernel"),
    "folder": ("import os; os.mkdir({canary!r} + '.d')", "mkdir", "kernel"),
    "mode": ("import os; os.chmod({canary!r}, 0)", "metadata", "kernel"),
    "times": ("import os; os.utime({canary!r}, (0, 0))", "metadata", "kernel"),
    "truncate": ("import os; os.truncate({canary!r}, 0)", "write", "kernel"),
    "read": ("open({canary!r})", "read", "audit"),
    "list a folder": ("import os; os.listdir({folder!r})", "read", "audit"),
    "scan a folder": ("import os; os.scandir({folder!r})", "read", "audit"),
    "read by a detour": ("open('/usr/..' + {canary!r})", "read", "audit"),
    "another process's environment": ("import os; open('/proc/1/environ')", "read", "audit"),
    "shared memory": ("open('/dev/shm/verify-apis-test', 'w')", "write", "kernel"),
    "connect": ("import socket; socket.create_connection(('127.0.0.1', {port}))", "connect", "kernel"),
    "datagram": (
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "send",
        "kernel",
    ),
    "message": (
        "from socket import *; socket(AF_INET, SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', {port}))",
        "send",
        "audit",
    ),
    "unix socket": ("import socket; socket.socket(socket.AF_UNIX).connect({unix!r})", "connect", "kernel"),
    "program": ("import subprocess; subprocess.run(['/bin/true'])", "spawn", "kernel"),
    "shell": ("import os; assert os.system('true') == 0", "spawn", "kernel"),
    "exec": ("import os; os.execv('/bin/true', ['true'])", "exec", "kernel"),
    "fork": ("import os; os.fork() or os._exit(0)", "fork", "kernel"),
    "signal": ("import os; os.kill(os.getppid(), 0)", "signal", "kernel"),
    "group signal": ("import os; os.kill(0, 0)", "signal", "kernel"),
    "session": ("import os; os.setsid()", "kernel", "kernel"),
    "connect in C": (LIBC + "assert not libc.connect(libc.socket(2, 1, 0), {address!r}, 16)", "connect", "kernel"),
    "mode in C": (LIBC + "assert not libc.chmod({canary!r}.encode(), 0)", "metadata", "kernel"),
    "write in C": (LIBC + "assert libc.open({canary!r}.encode(), 1) >= 0", "write", "kernel"),
    "delete in C": (LIBC + "assert not libc.unlink({canary!r}.encode())", "delete", "kernel"),
    "folder in C": (LIBC + "assert not libc.mkdir({canary!r}.encode() + b'.d', 0o700)", "mkdir", "kernel"),
    "rename in C": (LIBC + "assert not libc.rename({canary!r}.encode(), b'mine')", "rename", "kernel"),
    "hard link in C": (LIBC + "assert not libc.link({canary!r}.encode(), b'mine')", "link", "kernel"),
    "symbolic link in C": (LIBC + "assert not libc.symlink(b'x', {canary!r}.encode() + b'.l')", "link", "kernel"),
    "truncate in C": (LIBC + "assert not libc.truncate({canary!r}.encode(), 0)", "write", "kernel"),
    "shared memory in C": (LIBC + "assert libc.shm_open(b'/verify-apis-test', 0o102, 0o600) >= 0", "write", "kernel"),
    "program in C": (LIBC + "assert not libc.execv(b'/bin/true', (ctypes.c_char_p * 1)())", "exec", "kernel"),
    "fork in C": (LIBC + "p = libc.fork()\nassert p > 0", "fork", "kernel"),
    "trace": (LIBC + "assert not libc.ptrace(0, 0, 0, 0)", "kernel", "kernel"),
    "namespace": (LIBC + "assert not libc.unshare(0x10000000)", "kernel", "kernel"),
    "asynchronous calls": (LIBC + "assert libc.syscall(425, 1, 0) >= 0", "kernel", "kernel"),
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A TCP listener on the loopback that nobody may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def unix_listener(tmp_path: Path) -> Iterator[Path]:
    """A Unix socket that nobody may reach."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        yield tmp_path / "socket"


def attempts(result: ImportResult) -> list[Effect]:
    """What it tried, without what it left changed in its own process."""
    return [effect for effect in result.effects if effect.seen_by != ("picture",)]


def picture(path: Path) -> tuple[object, ...]:
    """Everything about a file that must not change."""
    state = path.lstat()
    return path.read_bytes(), state.st_mode, state.st_mtime_ns, state.st_nlink, state.st_ctime_ns


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_is_refused_and_told(
    name: str, python: str, package: Package, run: Run, tmp_path: Path, listener: socket.socket, unix_listener: Path
) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("untouched")
    port = listener.getsockname()[1]
    address = b"\x02\x00" + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    source, kind, witness = ATTEMPTS[name]
    code = source.format(canary=str(canary), folder=str(tmp_path), port=port, unix=str(unix_listener), address=address)
    before = picture(canary)
    result = run(python, package(demo=code), ["demo"]).results["demo"]
    assert picture(canary) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["canary.txt", "path", "socket"]
    assert not Path("/dev/shm/verify-apis-test").exists()
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert result.ending is not Ending.DONE, "the attempt went through"
    seen = {effect.kind: effect.seen_by for effect in result.effects}
    assert witness in seen.get(kind, ()), seen


def test_a_quiet_module_has_no_effects(python: str, package: Package, run: Run) -> None:
    source = """
import threading, os, tempfile, socket, select
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
open(os.devnull, "w").close()
a, b = socket.socketpair()
a.send(b"x")
assert b.recv(1) == b"x"
os.kill(os.getpid(), 0)
"""
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    assert [effect for effect in attempts(result) if effect.kind != "signal"] == []


def test_scratch_may_be_written_and_is_told(python: str, package: Package, run: Run, tmp_path: Path) -> None:
    source = "import os, tempfile\nos.makedirs(os.path.expanduser('~/.cache/demo'))\ntempfile.mkdtemp()\n"
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    assert all(effect.contained for effect in result.effects)
    assert {(effect.kind, effect.target) for effect in result.effects} >= {
        ("mkdir", "<scratch>/.cache"),
        ("mkdir", "<scratch>/.cache/demo"),
        ("mkdir", "<scratch>"),
    }


def test_what_anybody_needs_may_be_read_and_is_not_told(python: str, package: Package, run: Run) -> None:
    source = """
import mimetypes, os, ssl, sys, zipfile
mimetypes.init()
ssl.create_default_context()
for path in ("/etc/hosts", "/etc/passwd", "/proc/self/status", "/proc/cpuinfo", "/dev/urandom", os.__file__, __file__):
    with open(path, "rb") as file:
        file.read(1)
for folder in ("/etc", "/usr/lib", "/sys", os.path.dirname(__file__), os.path.expanduser("~"), "."):
    os.listdir(folder)
for path in ("/nowhere", os.path.expanduser("~/.netrc")):
    try:
        open(path)
    except FileNotFoundError:
        pass
"""
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert (result.ending, result.effects) == (Ending.DONE, ()), result.failure


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could read it without us")
def test_what_only_root_may_read_no_import_may_read(own_python: str, package: Package, run: Run) -> None:
    result = run(own_python, package(demo="open('/etc/shadow')"), ["demo"]).results["demo"]
    assert result.failure is not None
    assert result.failure.type == "PermissionError"


def test_a_path_that_only_the_kernel_sees_is_told(own_python: str, package: Package, run: Run, tmp_path: Path) -> None:
    calls = "libc.open(b'{}/new', 0o101, 0o600)\nlibc.rename(b'mine', b'{}/goal')\nlibc.open(b'mine', 0o101, 0o600)\n"
    source = LIBC + calls.format(tmp_path, tmp_path)
    result = run(own_python, package(demo=source), ["demo"]).results["demo"]
    assert {(effect.kind, effect.target, effect.seen_by) for effect in attempts(result)} == {
        ("write", f"{tmp_path}/new", ("kernel",)),
        ("rename", f"{tmp_path}/goal", ("kernel",)),
    }


def test_a_lock_of_multiprocessing_can_be_made_and_leaves_nothing(python: str, package: Package, run: Run) -> None:
    before = set(Path("/dev/shm").iterdir())
    source = "import multiprocessing\nlock = multiprocessing.Lock()\nwith lock: pass\n"
    folder = package(demo=source, demo__sub="from demo import lock\nwith lock: pass")
    results = run(python, folder, ["demo", "demo.sub"]).results
    assert {each.ending for each in results.values()} == {Ending.DONE}, results
    assert [(effect.kind, effect.contained) for effect in attempts(results["demo"])] == [("semaphore", True)]
    assert set(Path("/dev/shm").iterdir()) == before


def test_a_semaphore_s_name_leads_nowhere_else(own_python: str, package: Package, run: Run, tmp_path: Path) -> None:
    """The supervisor acts in the module's place, so the module must not choose where."""
    (tmp_path / "victim").write_text("untouched")
    source = (
        LIBC
        + f"""
import os
got = [
    libc.open(b"/dev/shm/sem./../../../../../../..{tmp_path}/victim", os.O_RDWR),
    libc.open(b"/dev/shm/sem.mine", os.O_RDWR | os.O_CREAT, 0o600) and -1,
    libc.link(b"/dev/shm/sem.mine", b"{tmp_path}/new"),
    libc.symlink(b"{tmp_path}/victim", b"../../semaphores/sem.other"),
    libc.link(b"{tmp_path}/victim", b"/dev/shm/sem.mine"),
    libc.unlink(b"/dev/shm/sem.nothing"),
]
assert got == [-1] * 6, got
"""
    )
    result = run(own_python, package(demo=source), ["demo"]).results["demo"]
    assert result.ending is Ending.DONE, result.failure
    assert (tmp_path / "victim").read_text() == "untouched"
    assert not (tmp_path / "new").exists()


def test_a_thread_that_is_left_running_is_told(python: str, package: Package, run: Run) -> None:
    source = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    result = run(python, package(demo=source), ["demo"]).results["demo"]
    assert [effect.kind for effect in result.effects] == ["thread"]


def test_what_a_package_does_is_its_modules_effect_too(python: str, package: Package, run: Run) -> None:
    source = "try:\n    open('/nowhere-verify-apis', 'w')\nexcept OSError:\n    pass\n"
    folder = package(demo=source, demo__sub="x = 1", demo__other="y = 1")
    results = run(python, folder, ["demo.sub", "demo.other"]).results
    assert {name: [effect.target for effect in result.effects] for name, result in results.items()} == {
        "demo.sub": ["/nowhere-verify-apis"],
        "demo.other": ["/nowhere-verify-apis"],
    }


FORGED = {
    "an answer": '{"v":1,"m":"answer","module":"demo.bad","nonce":"00","names":{"ghost":{"how":"dict"}}}\n',
    "what it may not say now": '{"v":1,"m":"done"}\n',
    "a message of no kind": '{"v":1,"m":"please"}\n',
    "another version": '{"v":2,"m":"effect","kind":"write","target":"x","where":"","contained":true}\n',
    "no version": '{"m":"effect","kind":"write","target":"x","where":"","contained":true}\n',
    "no object": "[1]\n",
    "no JSON": "hello\n",
    "deep JSON": "[" * 100_000 + "\n",
    "no text": "\udcff\n",
    "an endless line": "x" * (33 << 20),
}


@pytest.mark.parametrize("name", FORGED)
def test_bytes_that_a_module_has_no_business_to_send_are_tampering(
    name: str, own_python: str, package: Package, run: Run, tmp_path: Path
) -> None:
    folder = package(
        demo="",
        demo__good="x = 1",
        demo__bad="""
import os
with open(os.path.join(os.path.dirname(__file__), "forged"), "rb") as file:
    forged = file.read()
for fd in range(3, 64):
    try:
        rest = forged
        while rest:
            rest = rest[os.write(fd, rest):]
    except OSError:
        pass
""",
    )
    (folder / "demo" / "forged").write_bytes(FORGED[name].encode("utf-8", "surrogateescape"))
    results = run(
        own_python, folder, ["demo", "demo.bad", "demo.good"], names={"demo.bad": ("ghost",)}, timeout=120.0
    ).results
    assert results["demo.bad"].ending is Ending.TAMPERED, results["demo.bad"]
    assert results["demo.good"].ending is Ending.DONE


def test_a_process_that_cuts_its_line_is_ended(own_python: str, package: Package, run: Run) -> None:
    source = "import os, time\nos.closerange(3, 256)\ntime.sleep(1000)\n"
    folder = package(demo="", demo__bad=source, demo__good="x = 1")
    results = run(own_python, folder, ["demo", "demo.bad", "demo.good"], timeout=300.0).results
    assert results["demo.bad"].ending is Ending.TAMPERED, results["demo.bad"]
    assert results["demo.good"].ending is Ending.DONE


def test_nothing_is_left_behind(
    package: Package, run: Run, own_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    hang = "import time; time.sleep(1000)"
    write = "import os; open(os.path.expanduser('~/x'), 'w').close()"
    folder = package(demo="", demo__hang=hang, demo__write=write)
    run(own_python, folder, ["demo", "demo.hang", "demo.write"], timeout=1.0)
    assert list(scratch.iterdir()) == []
    assert processes_of(scratch) == []


def test_the_parent_s_environment_is_not_shown(
    python: str, package: Package, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERY_SECRET_TOKEN", "hush")
    folder = package(demo="import os\nassert 'VERY_SECRET_TOKEN' not in os.environ")
    result = run(python, folder, ["demo"]).results["demo"]
    assert result.ending is Ending.DONE


def test_each_layer_that_is_reported_was_seen_to_refuse(package: Package, run: Run, own_python: str) -> None:
    isolation = run(own_python, package(demo=""), ["demo"]).isolation
    assert isolation.audit
    assert set(isolation.rlimits) >= {"cpu", "data", "fsize", "nofile", "core"}


def test_a_warning_that_is_blamed_on_us_is_no_attempt(python: str, package: Package, run: Run) -> None:
    """It is shown with the line of the code that it blames, which is read from our own file."""
    source = "import warnings\ndef __getattr__(name):\n    warnings.warn(name, stacklevel=2)\n    return 1\n"
    result = run(python, package(demo=source), ["demo"], names={"demo": ("x",)}).results["demo"]
    assert (result.ending, result.effects) == (Ending.DONE, ())


STORES = {
    "many files": "for n in range(20_000): open(f'{n}', 'w').close()",
    "files without a name": "import os\nkept = [os.memfd_create('x') for _ in range(8)]\n"
    "for each in kept: os.write(each, bytes(32 << 20))",
    "deleted files": "import os\nkept = []\nfor n in range(8):\n    kept.append(open(f'{n}', 'wb'))\n"
    "    os.remove(f'{n}')\n    kept[-1].write(bytes(32 << 20))\n    kept[-1].flush()",
    "shared memory": "import mmap\nkept = mmap.mmap(-1, 256 << 20)\nfor at in range(0, len(kept), 4096): kept[at] = 1",
}


@pytest.mark.parametrize("name", STORES)
def test_what_is_stored_is_limited_wherever_it_lies(name: str, own_python: str, package: Package, run: Run) -> None:
    """It must be seen while it lasts: the module then waits."""
    source = STORES[name] + "\nimport time\ntime.sleep(1000)\n"
    result = run(own_python, package(demo=source), ["demo"], memory=200, timeout=120.0).results["demo"]
    assert result.ending in (Ending.MEMORY, Ending.DISK), result.failure
