"""System calls that Python does not offer, their numbers, and BPF programs: facts of the kernel, no policy.

Calls go through `_ctypes` alone. The package `ctypes` would do the same, but it brings modules with it, and every
module that the sandbox loads is one whose missing import the target could no longer show.

Numbers: `unistd_64.h` for x86_64, the generic table of `asm-generic/unistd.h` for aarch64.
"""

from __future__ import annotations

import _struct
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from ctypes import Array, c_char

MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}.get(posix.uname().machine.lower(), posix.uname().machine.lower())
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SUPPORTED = sys.platform == "linux" and MACHINE in AUDIT_ARCH and sys.maxsize > 2**32

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 38, 36

# name: (x86_64, aarch64); None where the architecture has no such call
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "seccomp": (317, 277), "prctl": (157, 167), "capset": (126, 91),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "openat2": (437, 437),
    "truncate": (76, 45), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "symlink": (88, None),
    "symlinkat": (266, 36), "link": (86, None), "linkat": (265, 37), "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "clone": (56, 220), "clone3": (435, 435), "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "setsid": (112, 157), "setpgid": (109, 154),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "ptrace": (101, 117), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "mount_setattr": (442, 442),
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "sethostname": (170, 161), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "syslog": (103, 116), "quotactl": (179, 60), "acct": (163, 89),
    "open_by_handle_at": (304, 265), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180),
}  # fmt: skip
COLUMN = 1 if MACHINE == "aarch64" else 0


def number(name: str) -> int | None:
    """The system call's number on this machine, or None."""
    return NUMBERS[name][COLUMN]


NAMES = {code: name for name in NUMBERS if (code := number(name)) is not None}


class KernelCalls:
    """`syscall(2)` of the C library. Raises ImportError or OSError where it cannot be reached."""

    def __init__(self) -> None:
        import _ctypes  # noqa: PLC0415  a Python may lack it

        long = type("c_long", (_ctypes._SimpleCData,), {"_type_": "l"})
        char = type("c_char", (_ctypes._SimpleCData,), {"_type_": "c"})
        flags = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
        function = type("function", (_ctypes.CFuncPtr,), {"_flags_": flags, "_restype_": long})
        self._long = long
        self._errno = _ctypes.get_errno
        library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # None is the program itself
        self._syscall: Callable[..., int] = function(_ctypes.dlsym(library, "syscall"))
        self._address = _ctypes.addressof
        self._buffer: Callable[[int], Array[c_char]] = lambda size: type(
            "buffer", (_ctypes.Array,), {"_length_": size, "_type_": char}
        )()

    def __call__(self, name: str, *arguments: int | bytes | None) -> int:
        """The call's result; integers, bytes (a pointer to them) and None may be passed. Raises OSError."""
        converted = [self._long(each) if type(each) is int else each for each in arguments]
        result = self._syscall(self._long(number(name)), *converted)
        if result < 0:
            code = self._errno()
            raise OSError(code, posix.strerror(code))
        return result

    def pointer_to(self, data: bytes) -> tuple[object, int]:
        """A C buffer with `data`, and its address; keep the buffer while the address is in use."""
        buffer = self._buffer(len(data))
        buffer.raw = data
        return buffer, self._address(buffer)

    def prctl(self, option: int, value: int) -> None:
        """The call of that name, with one argument."""
        self("prctl", option, value, 0, 0, 0)


# --- BPF --------------------------------------------------------------------------------------------------------------

ALLOW, KILL_PROCESS, NOTIFY = 0x7FFF0000, 0x80000000, 0x7FC00000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
X32_BIT = 0x40000000
OFFSET_NUMBER, OFFSET_ARCH, OFFSET_ARGUMENTS = 0, 4, 16


def errno_action(code: int) -> int:
    """The filter's answer that makes a call fail with `code`."""
    return 0x00050000 | code


def low(argument: int) -> int:
    """Offset in seccomp_data of the low 32 bits of an argument (both machines are little-endian)."""
    return OFFSET_ARGUMENTS + 8 * argument


class Program:
    """A seccomp filter in the making: what no line speaks of is allowed."""

    def __init__(self, enosys: int) -> None:
        self._lines: list[bytes] = []
        self._line(LOAD, OFFSET_ARCH)
        self._line(EQUAL, AUDIT_ARCH[MACHINE], 1, 0)
        self._line(RETURN, KILL_PROCESS)  # the 32-bit door to the same kernel
        self._line(LOAD, OFFSET_NUMBER)
        if MACHINE == "x86_64":
            self._line(AT_LEAST, X32_BIT, 0, 1)
            self._line(RETURN, errno_action(enosys))

    def _line(self, code: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        self._lines.append(_struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF))

    def answer(self, name: str, action: int) -> None:
        """The call gets `action`, whatever its arguments."""
        call = number(name)
        if call is not None:
            self._line(EQUAL, call, 0, 1)
            self._line(RETURN, action)

    def answer_if_bits(self, name: str, argument: int, bits: int, action: int, otherwise: int = ALLOW) -> None:
        """The call gets `action` if any of `bits` is set in the low word of the argument."""
        call = number(name)
        if call is not None:
            self._line(EQUAL, call, 0, 4)
            self._line(LOAD, low(argument))
            self._line(ANY_BIT, bits, 0, 1)
            self._line(RETURN, action)
            self._line(RETURN, otherwise)

    def answer_if_pointer(self, name: str, argument: int, action: int) -> None:
        """The call gets `action` if the argument is no null pointer."""
        call = number(name)
        if call is not None:
            self._line(EQUAL, call, 0, 6)
            self._line(LOAD, low(argument))
            self._line(EQUAL, 0, 0, 2)
            self._line(LOAD, low(argument) + 4)
            self._line(EQUAL, 0, 1, 0)
            self._line(RETURN, action)
            self._line(RETURN, ALLOW)

    def answer_unless(self, name: str, argument: int, values: tuple[int, ...], action: int) -> None:
        """The call gets `action` unless the low word of the argument is one of `values`."""
        call = number(name)
        if call is not None:
            count = len(values)
            self._line(EQUAL, call, 0, count + 3)
            self._line(LOAD, low(argument))
            for index, value in enumerate(values):
                self._line(EQUAL, value, count - index, 0)
            self._line(RETURN, action)
            self._line(RETURN, ALLOW)

    def assemble(self) -> bytes:
        """The program as `struct sock_filter[]`; everything else is allowed."""
        self._line(RETURN, ALLOW)
        return b"".join(self._lines)


# --- user notification (seccomp_unotify(2)) ---------------------------------------------------------------------------

NOTIFY_RECEIVE, NOTIFY_SEND, NOTIFY_ADD_DESCRIPTOR = 0xC0502100, 0xC0182101, 0x40182103
CONTINUE = 1


def notification(data: bytearray) -> tuple[int, int, str | None, tuple[int, ...]]:
    """(id, thread, call name or None, arguments) of a `struct seccomp_notif`."""
    ident, thread, _, call, _, _ = _struct.unpack_from("=QIIiIQ", data)
    return ident, thread, NAMES.get(call), _struct.unpack_from("=6Q", data, 32)


def notification_reply(ident: int, error: int = 0, value: int | None = None) -> bytes:
    """A `struct seccomp_notif_resp`: fail with `error`, return `value`, or without either let the kernel decide."""
    go_on = CONTINUE if not error and value is None else 0
    return _struct.pack("=QqiI", ident, value or 0, -error, go_on)


def added_descriptor(ident: int, descriptor: int) -> bytes:
    """A `struct seccomp_notif_addfd`: give the caller a copy of one of our descriptors."""
    return _struct.pack("=QIIII", ident, 0, descriptor, 0, posix.O_CLOEXEC)
