"""The processes below a process, and what they hold in memory, from Linux's `/proc`."""

from __future__ import annotations

from pathlib import Path

PAGE = 4096 / 1024**2
"""MiB. Only for processes that may not be looked into."""


def below(pid: int) -> list[int]:
    """Every process that descends from `pid`, parents before children. Empty where there is no `/proc`."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    left = [pid]
    while left:
        next_ones = children.get(left.pop(), [])
        found += next_ones
        left += next_ones
    return found


def _parents() -> list[tuple[int, int]]:
    """Each process with its parent."""
    pairs = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # the second field, the program's name, is in parentheses and may hold anything
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        pairs.append((int(folder.name), int(fields[1])))
    return pairs


def resident(pid: int) -> float:
    """MiB that a process holds: a page that n processes share counts as 1/n (PSS), so that a sum over a tree is true.

    Where the kernel does not tell that to this user, shared pages count in full (RSS). 0 if the process has ended.
    """
    try:
        return proportional(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    except OSError:
        pass
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return 0.0


def proportional(rollup: str) -> float:
    """The MiB of the line `Pss:` in a `smaps_rollup`; 0 if there is none, as of a process that is ending."""
    line = next((line for line in rollup.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
    return int(line.split()[1]) / 1024
