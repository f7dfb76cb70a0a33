"""The seccomp filter, run by a small interpreter of BPF: each call gets the answer that it should get."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from sandbox import confine, kernel

NOTIFY, ALLOW, KILL = kernel.NOTIFY, kernel.ALLOW, kernel.KILL_PROCESS
ARCH = kernel.AUDIT_ARCH[kernel.MACHINE]
EACCES, ENOSYS = kernel.errno_action(errno.EACCES), kernel.errno_action(errno.ENOSYS)
HEADERS = {
    0: (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), re.compile(r"#define __NR_(\w+)\s+(\d+)")),
    1: (Path("/usr/include/asm-generic/unistd.h"), re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)")),
}


def answer(program: bytes, call: str | int, *arguments: int, arch: int = ARCH) -> int:
    """What the filter says to a call."""
    number = call if isinstance(call, int) else kernel.number(call)
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, arch, 0, *words)
    lines: list[tuple[int, int, int, int]] = list(struct.iter_unpack("=HBBI", program))
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = lines[at]
        at += 1
        if code == kernel.LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == kernel.RETURN:
            return value
        else:
            holds = {
                kernel.EQUAL: accumulator == value,
                kernel.ANY_BIT: bool(accumulator & value),
                kernel.AT_LEAST: accumulator >= value,
            }[code]
            at += if_true if holds else if_false


@pytest.fixture
def full() -> bytes:
    """The filter with a listener, over a Landlock that knows truncate."""
    return confine.process_filter(NOTIFY, 7, hold_forks=True)


def test_ordinary_calls_pass(full: bytes) -> None:
    for call in ("openat", "prctl"):
        assert answer(full, call) == ALLOW, call


def test_changes_of_files_are_told_where_landlock_decides(full: bytes) -> None:
    deaf = confine.process_filter(kernel.errno_action(errno.EPERM), 7, hold_forks=False)
    for call in ("openat", *confine.CHANGES):
        if kernel.number(call) is not None:
            assert answer(full, call, 0, 0, confine.WRITE_BITS) == NOTIFY, call
            assert answer(deaf, call, 0, 0, confine.WRITE_BITS) == ALLOW, call


@pytest.mark.parametrize("action", [NOTIFY, kernel.errno_action(errno.EPERM)])
def test_a_landlock_that_does_not_know_truncate_gets_help(action: int) -> None:
    program = confine.process_filter(action, 2, hold_forks=False)
    assert answer(program, "truncate") in (EACCES, kernel.errno_action(errno.EPERM))


@pytest.mark.parametrize("call", [*confine.NEVER, *confine.METADATA, *confine.SIGNALS, *confine.FORKS])
def test_what_must_never_happen_is_asked_about(full: bytes, call: str) -> None:
    if kernel.number(call) is not None:
        assert answer(full, call) == NOTIFY


def test_a_thread_may_start_and_a_process_may_not(full: bytes) -> None:
    assert answer(full, "clone", confine.CLONE_THREAD | 0x100) == ALLOW
    assert answer(full, "clone", 17) == NOTIFY
    assert answer(full, "clone3") == ENOSYS


def test_sockets_of_the_internet_may_be_made_and_not_addressed(full: bytes) -> None:
    for family, expected in ((1, ALLOW), (2, ALLOW), (10, ALLOW), (16, NOTIFY), (17, NOTIFY)):
        assert answer(full, "socket", family) == expected, family
    assert answer(full, "sendto", 3, 0, 0, 0, 0) == ALLOW
    assert answer(full, "sendto", 3, 0, 0, 0, 0x7F00) == NOTIFY
    assert answer(full, "sendto", 3, 0, 0, 0, 0x7F0000000000) == NOTIFY


def test_other_doors_to_the_kernel_are_shut(full: bytes) -> None:
    assert answer(full, "openat", arch=0x40000003) == KILL
    assert answer(full, "openat2") == ENOSYS
    if kernel.MACHINE == "x86_64":
        assert answer(full, kernel.X32_BIT | 2) == ENOSYS


def test_without_landlock_nothing_is_opened_for_writing() -> None:
    program = confine.process_filter(NOTIFY, 0, hold_forks=True)
    assert answer(program, "openat", 0, 0, 0) == ALLOW
    assert answer(program, "openat", 0, 0, confine.WRITE_BITS) == EACCES
    assert all(answer(program, call) == EACCES for call in confine.CHANGES if kernel.number(call) is not None)


def test_without_a_listener_the_tree_may_fork_until_a_process_gives_that_up() -> None:
    program = confine.process_filter(kernel.errno_action(errno.EPERM), 7, hold_forks=False)
    assert answer(program, "clone", 17) == ALLOW
    assert answer(program, "ptrace") == kernel.errno_action(errno.EPERM)


@pytest.mark.parametrize("column", [column for column, (header, _) in HEADERS.items() if header.exists()])
def test_the_numbers_are_those_of_the_kernel_s_headers(column: int) -> None:
    header, pattern = HEADERS[column]
    known = dict(pattern.findall(header.read_text(encoding="ascii", errors="replace")))
    ours = {name: numbers[column] for name, numbers in kernel.NUMBERS.items() if name in known}
    assert len(ours) > len(kernel.NUMBERS) // 2
    assert ours == {name: int(known[name]) for name in ours}
