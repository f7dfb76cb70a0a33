"""The layers that hold an import: resource limits, Landlock, seccomp. Each is applied, then tried, then reported.

Neither kernel layer is enough alone: Landlock has no rules for metadata, UDP, Unix sockets by path and processes;
seccomp cannot see paths. Both apply to the calling thread and what it starts: call them before any thread exists.
"""

from __future__ import annotations

import _struct
import errno
import posix

from .kernel import ALLOW, NOTIFY, SUPPORTED, KernelCalls, Program, errno_action

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MIB = 1 << 20

# --- resource limits --------------------------------------------------------------------------------------------------

HARD_CPU_FACTOR = 20


def limit_resources(cpu_seconds: int, memory_mib: int) -> list[str]:
    """Limits that every process of the tree inherits; names of those that hold.

    `RLIMIT_DATA` and not `RLIMIT_AS`: libraries reserve address space that they never touch (OpenBLAS, CUDA).
    """
    import resource  # noqa: PLC0415  Windows has none

    # a process may check several modules one after the other, each with `cpu_seconds`: see `allow_cpu`
    wanted = {
        "CPU": cpu_seconds * HARD_CPU_FACTOR,
        "DATA": memory_mib * MIB,
        "FSIZE": 64 * MIB,
        "NOFILE": 256,
        "CORE": 0,
    }
    held = []
    for name, value in wanted.items():
        kind = getattr(resource, "RLIMIT_" + name, None)
        if kind is None:
            continue
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue
        held.append(name.lower())
    return held


def allow_cpu(seconds: int) -> None:
    """Let this process use `seconds` of CPU time more than it has used so far."""
    import resource  # noqa: PLC0415

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


# --- Landlock (landlock(7)) -------------------------------------------------------------------------------------------

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE = 1 << 13, 1 << 14
# EXECUTE to MAKE_SYM exist since ABI 1. IOCTL_DEV (ABI 5) is left alone: isatty() on an open terminal is no hazard.
ALL_OF_ABI_1 = (1 << 13) - 1
ALL = (1 << 64) - 1
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
READ = READ_FILE | READ_DIR
WRITE = ALL & ~EXECUTE
TYPE_OF_FILE, FOLDER = 0o170000, 0o040000
BIND_TCP_AND_CONNECT_TCP = 3
SCOPE_ABSTRACT_UNIX_AND_SIGNALS = 3
RULE_PATH_BENEATH = 1
GET_VERSION = 1
TRUNCATE_SINCE = 3


def landlock_abi(call: KernelCalls) -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    try:
        return call("landlock_create_ruleset", None, 0, GET_VERSION)
    except OSError:
        return 0


def restrict_files(call: KernelCalls, abi: int, grants: list[tuple[str, int]]) -> None:
    """Nothing but the `grants` (path, rights), no program started, no TCP (ABI 4), no signals to others (ABI 6).

    A path that does not exist is passed over.
    """
    rights = ALL_OF_ABI_1
    rights |= REFER if abi >= 2 else 0
    rights |= TRUNCATE if abi >= TRUNCATE_SINCE else 0
    network = BIND_TCP_AND_CONNECT_TCP if abi >= 4 else 0
    scope = SCOPE_ABSTRACT_UNIX_AND_SIGNALS if abi >= 6 else 0
    attributes = _struct.pack("=QQQ", rights, network, scope)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = call("landlock_create_ruleset", attributes, size, 0)
    for path, granted in grants:
        try:
            descriptor = posix.open(path, posix.O_PATH | posix.O_CLOEXEC)
        except OSError:
            continue
        is_folder = posix.fstat(descriptor).st_mode & TYPE_OF_FILE == FOLDER
        wanted = granted & rights & (ALL if is_folder else FILE_RIGHTS)
        call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, _struct.pack("=Qi", wanted, descriptor), 0)
        posix.close(descriptor)
    call("landlock_restrict_self", ruleset, 0)
    posix.close(ruleset)


# --- capabilities (capabilities(7)) -----------------------------------------------------------------------------------

CAPABILITY_VERSION = 0x20080522
# what root needs to read and write the files of others, which Landlock rules over
KEPT_CAPABILITIES = 1 << 1 | 1 << 2


def drop_capabilities(call: KernelCalls) -> None:
    """Root keeps what the files of others take, and nothing that opens the kernel's memory or other processes."""
    header = _struct.pack("=Ii", CAPABILITY_VERSION, 0)
    try:
        held = posix.geteuid() == 0
        kept = KEPT_CAPABILITIES if held else 0
        call("capset", header, _struct.pack("=6I", kept, kept, 0, 0, 0, 0))
    except OSError:
        pass  # it has fewer than that already


# --- seccomp (seccomp(2)) ---------------------------------------------------------------------------------------------

NEVER = (
    "ptrace mount umount2 pivot_root chroot setns unshare open_tree move_mount fsopen fsconfig fsmount mount_setattr "
    "bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd keyctl add_key request_key "
    "init_module finit_module delete_module kexec_load reboot swapon swapoff sethostname settimeofday clock_settime "
    "adjtimex clock_adjtime syslog quotactl acct open_by_handle_at process_vm_readv process_vm_writev process_madvise "
    "pidfd_getfd pidfd_send_signal shmget msgget semget mq_open setsid setpgid execve execveat connect bind listen"
).split()
METADATA = (
    "chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes futimesat utimensat setxattr lsetxattr "
    "fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat"
).split()
SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo".split()
FORKS = "fork vfork".split()
CHANGES = (
    "creat unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir symlink symlinkat link linkat truncate mknod "
    "mknodat"
).split()
OPENS = (("open", 1), ("openat", 2))
WRITE_BITS = posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT | posix.O_TRUNC
CLONE_THREAD = 0x00010000
UNIX, INET, INET6 = 1, 2, 10
SET_MODE_FILTER, NEW_LISTENER = 1, 8
LISTENER_MAY_CONTINUE = (5, 5)  # SECCOMP_USER_NOTIF_FLAG_CONTINUE


def process_filter(action: int, abi: int, hold_forks: bool, never: Iterable[str] = NEVER) -> bytes:
    """The filter for the whole tree; `action` is what a refused call gets: a notification, or an error at once.

    The tree itself must fork. Only with a listener can that be told from what a module does.
    """
    program = Program(errno.ENOSYS)
    for name in (*never, *METADATA, *SIGNALS):
        program.answer(name, action)
    # openat2 carries its flags in memory, which a filter cannot read; ENOSYS makes the C library fall back to openat
    program.answer("openat2", errno_action(errno.ENOSYS))
    # a socket that cannot connect, bind or send to an address is harmless, and what the module does next names its goal
    program.answer_unless("socket", 0, (UNIX, INET, INET6), action)
    program.answer_if_pointer("sendto", 4, action)
    if hold_forks:
        _answer_forks(program, action)
    _answer_changes(program, action, abi)
    return program.assemble()


def _answer_changes(program: Program, action: int, abi: int) -> None:
    """Changes of files: Landlock decides on them, and a listener hears of them; without Landlock there are none."""
    if 1 <= abi < TRUNCATE_SINCE:
        program.answer("truncate", action if action != NOTIFY else errno_action(errno.EACCES))
    if abi >= 1 and action != NOTIFY:
        return
    answer = NOTIFY if abi >= 1 else errno_action(errno.EACCES)
    for name in CHANGES:
        program.answer(name, answer)
    for name, flags in OPENS:
        program.answer_if_bits(name, flags, WRITE_BITS, answer)


def _answer_forks(program: Program, action: int) -> None:
    for name in FORKS:
        program.answer(name, action)
    # clone3 likewise falls back to clone, whose flags a filter can read: threads stay possible
    program.answer("clone3", errno_action(errno.ENOSYS))
    program.answer_if_bits("clone", 0, CLONE_THREAD, ALLOW, otherwise=action)


def _install(call: KernelCalls, program: bytes, flags: int) -> int:
    buffer, address = call.pointer_to(program)
    result = call("seccomp", SET_MODE_FILTER, flags, _struct.pack("HxxxxxxP", len(program) // 8, address))
    del buffer
    return result


def filter_calls(call: KernelCalls, abi: int, want_listener: bool, *, may_execute: bool) -> int | None:
    """Install the filter; the descriptor that tells of refused calls, or None where the kernel gives none.

    Without a listener nobody tells the one program that `may_execute` is about from others: Landlock does.

    There is one listener per chain of filters: where a container has one already, calls are refused unheard.
    """
    if want_listener and kernel_release() >= LISTENER_MAY_CONTINUE:
        try:
            return _install(call, process_filter(NOTIFY, abi, hold_forks=True), NEW_LISTENER)
        except OSError:
            pass
    never = [name for name in NEVER if not (may_execute and name == "execve")]
    _install(call, process_filter(errno_action(errno.EPERM), abi, hold_forks=False, never=never), 0)
    return None


def kernel_release() -> tuple[int, int]:
    """The kernel's version as two numbers."""
    major, minor = posix.uname().release.split(".")[:2]
    return int(major), int(minor.partition("-")[0])


def refuse_messages(call: KernelCalls) -> None:
    """No `sendmsg` any more: it may carry an address, and it hands out descriptors. Ours is handed over by now."""
    program = Program(errno.ENOSYS)
    program.answer("sendmsg", errno_action(errno.EPERM))
    program.answer("sendmmsg", errno_action(errno.EPERM))
    _install(call, program.assemble(), 0)


def refuse_forks(call: KernelCalls) -> None:
    """For a process that has no children of its own to start."""
    program = Program(errno.ENOSYS)
    _answer_forks(program, errno_action(errno.EPERM))
    _install(call, program.assemble(), 0)


def kernel_calls() -> KernelCalls | None:
    """`KernelCalls`, or None where this platform or this Python has no way to the kernel."""
    if not SUPPORTED:
        return None
    try:
        return KernelCalls()
    except (ImportError, OSError, AttributeError):
        return None


# --- the self-test ----------------------------------------------------------------------------------------------------


def refused(action: Callable[[], object], *codes: int) -> bool:
    """Whether `action` fails with one of the error codes: anything else means that the layer does not hold."""
    try:
        action()
    except OSError as error:
        return error.errno in codes
    return False


def files_are_held(outside: str) -> bool:
    """Try to make a file where writing must be refused, and to read what is there already."""
    create = posix.O_WRONLY | posix.O_CREAT
    return refused(lambda: posix.close(posix.open(outside + "/probe", create, 0o600)), errno.EACCES) and refused(
        lambda: posix.close(posix.open(outside, posix.O_RDONLY)), errno.EACCES
    )


def calls_are_held(outside: str) -> bool:
    """Try what only the filter refuses: change a mode."""
    return refused(lambda: posix.chmod(outside, 0o755), errno.EPERM)


def forks_are_held() -> bool:
    """Try to start a process without permission."""
    return refused(_fork_and_leave, errno.EPERM)


def _fork_and_leave() -> None:
    pid = posix.fork()
    if pid == 0:
        posix._exit(0)
    posix.waitpid(pid, 0)
