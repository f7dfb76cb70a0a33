"""What an import may read: the interpreter, the system's libraries, the target. Not what belongs to a user.

The list is made before anything foreign runs, in the supervisor, from what the host names and what the system is.
"""

from __future__ import annotations

import os
import stat

SYSTEM = (
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /nix/store /gnu/store /proc /sys /dev/null /dev/zero /dev/full "
    "/dev/random /dev/urandom /var/cache/fontconfig /var/lib/ca-certificates"
).split()
LINKER = ("/etc/ld.so.conf", "/etc/ld.so.conf.d")
SETTINGS = "/etc"
DEEPEST = 8


def readable(places: list[str]) -> tuple[list[str], list[str]]:
    """Folders and files that may be read, and folders of which only the names may: `places` and the system's own."""
    granted = [*SYSTEM, *linker_folders(), *places]
    whole, mixed = settings(SETTINGS)
    return sorted({*granted, *whole, *linked(SETTINGS)}), mixed


def settings(folder: str) -> tuple[list[str], list[str]]:
    """The system's settings that everybody may read, and folders that hold others, too.

    Passwords and keys lie there as well. The modes of the files keep them from a user, but not from root, who would
    then have to be told from a user by us.
    """
    if os.geteuid() != 0:
        return [folder], []
    mixed: list[str] = []
    _, whole = open_to_all(folder, mixed, DEEPEST)
    return whole, mixed


def open_to_all(place: str, mixed: list[str], depth: int) -> tuple[bool, list[str]]:
    """Whether everybody may read all of `place`, and the largest parts of it of which that is true."""
    try:
        mode = os.lstat(place).st_mode
        if stat.S_ISLNK(mode):
            return True, []  # what it leads to has rights of its own
        if not mode & stat.S_IROTH or (stat.S_ISDIR(mode) and not mode & stat.S_IXOTH) or not depth:
            return False, []
        if not stat.S_ISDIR(mode):
            return True, [place]
        parts = [open_to_all(place + "/" + name, mixed, depth - 1) for name in os.listdir(place)]
    except OSError:
        return False, []
    if all(whole for whole, _ in parts):
        return True, [place]
    mixed.append(place)
    return False, [each for _, found in parts for each in found]


def linked(folder: str) -> list[str]:
    """What the links in a folder lead to outside of it: `/etc/resolv.conf` is often one."""
    found = []
    for entry in os.scandir(folder) if os.path.isdir(folder) else ():
        place = os.path.realpath(entry.path) if entry.is_symlink() else ""
        if os.path.isfile(place) and not place.startswith(("/proc/", folder + "/")) and os.stat(place).st_mode & 4:
            found.append(place)
    return found


def linker_folders() -> list[str]:
    """The folders that the dynamic linker looks in besides its own (ld.so(8))."""
    start, folder = LINKER
    files = [start]
    if os.path.isdir(folder):
        files += [folder + "/" + name for name in sorted(os.listdir(folder))]
    return [line for file in files for line in text_of(file).split() if line.startswith("/")]


def text_of(file: str) -> str:
    """What a file says; nothing if it cannot be read."""
    try:
        with open(file, encoding="utf-8", errors="replace") as source:
            return source.read()
    except OSError:
        return ""
