"""Real commands are measured, with all that they start."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from measure import Run, measure
from tree import below, proportional, resident

HOLD = "held = b'x' * (80 << 20); print('ready', flush=True); input()"
HOLD_TOGETHER = """
import hashlib, subprocess, sys
pair = [subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=-1, stdout=-1) for _ in range(2)]
for each in pair:
    each.stdout.readline()
for _ in range(int(sys.argv[2])):
    hashlib.sha256(bytes(10 << 20))
for each in pair:
    each.communicate(b"\\n")
"""


def run(*command: str, told: str = "", limit: float = 60.0, sample: bool = False) -> Run:
    return measure(command, env={"PATH": os.defpath}, cwd=Path("/"), told=told, limit=limit, sample=sample)


def is_ended(pid: int) -> bool:
    """Whether a process is gone, or goes within ten seconds: whoever kills does not wait for it."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_a_run_has_its_code_and_both_its_outputs() -> None:
    done = run("sh", "-c", "cat; echo wrong >&2; exit 3", told="given")
    assert (done.code, done.output, done.errors, done.peak) == (3, "given", "wrong\n", None)


def test_after_the_limit_all_of_it_is_gone() -> None:
    # the grandchild has a session of its own, so that no signal to the group reaches it
    done = run("sh", "-c", "setsid tail -f /dev/null & echo $!; wait", limit=0.5)
    assert done.code < 0
    assert is_ended(int(done.output))


def test_cpu_time_counts_what_children_used() -> None:
    done = run("sh", "-c", f"{sys.executable} -c 'sum(range(10**7))'; true")
    assert done.cpu > 0.05


def test_the_peak_is_that_of_the_whole_tree() -> None:
    assert any(160 < peak_of_two(rounds) < 300 for rounds in (40, 400, 4000))  # the busier it is, the rarer the samples


def peak_of_two(rounds: int) -> float:
    """Two children that hold 80 MiB each, for as long as so many rounds of work take."""
    done = run(sys.executable, "-c", HOLD_TOGETHER, HOLD, str(rounds), sample=True)
    assert (done.code, done.errors) == (0, "")
    assert done.peak is not None
    return done.peak


def test_a_process_holds_what_it_has_written_to_and_is_below_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 80 < resident(process.pid) < 160
        assert process.pid in below(os.getpid())
        assert os.getpid() not in below(process.pid)
        process.communicate(b"\n")
    assert resident(process.pid) == 0.0


def test_a_grandchild_is_below_too() -> None:
    script = "tail -f /dev/null & echo $!; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        found = below(os.getpid())
        os.kill(grandchild, signal.SIGKILL)
    assert {process.pid, grandchild} <= set(found)


def test_memory_is_read_from_the_line_of_proportional_sizes() -> None:
    assert proportional("00400000-7fff ---p [rollup]\nRss:  4096 kB\nPss:  2048 kB\nPss_Dirty:  1024 kB\n") == 2.0


def test_a_process_that_is_ending_holds_nothing() -> None:
    assert proportional("") == 0.0
