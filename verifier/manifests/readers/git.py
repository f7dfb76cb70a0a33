"""What git knows of a repository: its commit, what has changed since, who owns what.

Reading starts git alone, and git starts no hook and no monitor of the file system. Filters that the user's own
configuration of git names may run: without them nobody could tell whether a file has changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from verifier.apis.source import read_bytes
from verifier.manifests.model import Absent
from verifier.model import Problem

# git writes nothing here, so it has no reason to run a hook; should it find one, there is no hook to be found
QUIET = (
    "--no-optional-locks", "--literal-pathspecs",
    "-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
    "-c", "log.follow=false",
)  # fmt: skip
STATUS = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty")
OWN_VARIABLES = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": ""}
PATIENCE = 120.0
"""Seconds after which git counts as hung."""
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The first of these that is there counts, as GitHub documents it."""
OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


class Rule(Struct, frozen=True, kw_only=True):
    """A line of CODEOWNERS."""

    line: int
    form: str
    """A regular expression for whole paths, relative to the root."""
    owners: tuple[str, ...]
    """Empty where the line takes owners away."""


class Owners(Struct, frozen=True, kw_only=True):
    """Who owns what, as a CODEOWNERS file says."""

    file: str
    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()
    """Lines that nobody can use, which GitHub skips."""

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file: those of the last line that fits its path; none if no line does."""
        return next((rule.owners for rule in reversed(self.rules) if re.fullmatch(rule.form, path)), ())


class GitReading(Struct, frozen=True, kw_only=True):
    """The state of a repository."""

    head: str
    """The commit's name, in full."""
    branch: str | Absent
    changed: tuple[str, ...]
    """What differs from the commit, or is not in it: paths below the root, sorted. A new folder ends with `/`."""
    is_shallow: bool
    """Its history is cut off."""
    submodules: tuple[str, ...] = ()
    """Paths below the root that are repositories of their own, sorted."""

    def is_dirty(self, paths: Collection[str]) -> bool | Absent:
        """Whether any of the files or folders differs from the commit."""
        if other := self._of_another(paths):
            return Absent(f"{other} is a repository of its own")
        return any(_touches(changed, path) for changed in self.changed for path in paths)

    def head_of(self, path: str) -> str | Absent:
        """The commit that a file or folder is in."""
        other = self._of_another([path])
        return Absent(f"{other} is a repository of its own") if other else self.head

    def _of_another(self, paths: Collection[str]) -> str:
        return next((other for other in self.submodules for path in paths if f"{path}/".startswith(f"{other}/")), "")


def read(root: Path) -> GitReading | Absent:
    """The state of the repository that `root` is in. All paths are relative to `root`."""
    told = _git(root, "rev-parse", "--show-prefix", "--is-shallow-repository", "--is-inside-work-tree")
    if isinstance(told, Absent):
        return told
    prefix, shallow, inside = told.rsplit(b"\n", 3)[:3]
    if inside != b"true":
        return Absent("there is no work tree")
    head = _git(root, "rev-parse", "--verify", "HEAD^{commit}")
    if isinstance(head, Absent):
        return Absent("there is no commit yet")
    status = _git(root, *STATUS, "--", ".")
    modules = _git(root, "ls-files", "--stage", "-z", "--full-name", "--", ".")
    if isinstance(status, Absent) or isinstance(modules, Absent):
        return status if isinstance(status, Absent) else Absent("its index cannot be read")
    above = os.fsdecode(prefix)
    return GitReading(
        head=head.strip().decode(),
        branch=_branch(root),
        changed=tuple(sorted(os.fsdecode(entry[3:]).removeprefix(above) for entry in status.split(b"\0") if entry)),
        is_shallow=shallow == b"true",
        submodules=tuple(sorted(_submodules(modules, above))),
    )


def changed_since(root: Path, path: str) -> frozenset[str] | Absent | Problem:
    """The files that are not as they were when a file was committed that still is as it was then.

    Absent: no commit has it as it is. A problem: there is one, and nobody can tell which, as the history is cut off.
    """
    tracked = _git(root, "ls-files", "-z", "--", path)
    if isinstance(tracked, Absent) or not tracked:
        return tracked if isinstance(tracked, Absent) else Absent("it is in no commit")
    last = _git(root, "log", "-1", "--format=%H", "--", path)
    if isinstance(last, Absent) or not last.strip():
        return last if isinstance(last, Absent) else Absent("it is in no commit")
    commit = last.strip().decode()
    told = _git(root, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--relative", commit, "--", ".")
    if isinstance(told, Absent):
        return told
    changed = frozenset(os.fsdecode(name) for name in told.split(b"\0") if name)
    if path in changed:
        return Absent("it differs from its last commit")
    if _git(root, "rev-parse", "--is-shallow-repository") != b"false\n":
        return Problem(what="the history of the repository is cut off: nobody can tell what has changed since")
    return changed


def fork_point(root: Path, ref: str) -> str | Absent:
    """The last commit that HEAD and `ref` have in common."""
    inside = _git(root, "rev-parse", "--is-inside-work-tree")
    if isinstance(inside, Absent):
        return inside
    named = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if isinstance(named, Absent):
        return Absent("the repository has no such commit")
    found = _git(root, "merge-base", "HEAD", named.decode().strip())
    return Absent("no commit is known that both come from") if isinstance(found, Absent) else found.decode().strip()


def differing(root: Path, commit: str, other: str = "") -> Mapping[str, str] | Absent:
    """The files below `root` that differ between two commits, or a commit and the working tree: paths relative to it.

    Each has git's letter for what became of it, such as A for added and D for deleted. In the working tree, files that
    git does not know count as added, but for ignored ones.
    """
    how = ("-z", "--name-status", "--relative", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty")
    found = _git(root, "diff", *how, commit, *([other] if other else []), "--", ".")
    if isinstance(found, Absent):
        return found
    new = b"" if other else _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    if isinstance(new, Absent):
        return new
    told = os.fsdecode(found).split("\0")
    letters = dict(zip(told[1::2], told[0:-1:2], strict=True))
    return letters | dict.fromkeys(filter(None, os.fsdecode(new).split("\0")), "A")


def lay_out(root: Path, commit: str, folder: Path) -> Absent | None:
    """Put the files that a commit has below `root` into an empty folder. The repository stays as it is."""
    told = _git(root, "rev-parse", "--absolute-git-dir", "--show-prefix")
    if isinstance(told, Absent):
        return told
    repository, prefix = os.fsdecode(told).split("\n")[:2]
    index = folder / ".git-index"
    for step in (("read-tree", f"{commit}:{prefix.rstrip('/')}"), ("checkout-index", "--all", "--quiet")):
        done = _run(folder, f"--git-dir={repository}", f"--work-tree={folder}", *step, index=index)
        if isinstance(done, Absent) or done.returncode:
            return done if isinstance(done, Absent) else Absent(_why(done.stderr.decode("utf-8", "replace")))
    index.unlink()
    return None


def merge_files(ours: Path, base: Path, theirs: Path) -> int | Absent:
    """Merge three versions of a text into the first file; how many conflicts are left in it, 127 at most."""
    names = [argument for label in ("ours", "base", "theirs") for argument in ("-L", label)]
    done = _run(ours.absolute().parent, "merge-file", *names, *(str(each.absolute()) for each in (ours, base, theirs)))
    if isinstance(done, Absent):
        return done
    return done.returncode if done.returncode < 128 else Absent(_why(done.stderr.decode("utf-8", "replace")))


def has_commit(root: Path, sha: str) -> bool | Absent:
    """Whether the repository has a commit of this name; the beginning of it will do."""
    told = _git(root, "rev-parse", "--is-inside-work-tree")
    if isinstance(told, Absent):
        return told
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}")
    return isinstance(found, bytes) and found.startswith(sha.encode())  # a branch may be called like a hash, too


def read_owners(root: Path) -> Owners | Absent | Problem:
    """Who owns what. `root` is the repository's."""
    for name in CODEOWNERS:
        if os.path.isfile(root / name):  # noqa: PTH113  False, no error, where nobody may look
            data = read_bytes(root / name)
            return data if isinstance(data, Problem) else owners_of(data.decode("utf-8-sig", "replace"), name)
    return Absent("there is no CODEOWNERS file")


def owners_of(text: str, file: str) -> Owners:
    """The rules in the text of a CODEOWNERS file."""
    rules, problems = [], []
    for number, line in enumerate(text.splitlines(), 1):
        found = _rule(line, number)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            rules.append(found)
    return Owners(file=file, rules=tuple(rules), problems=tuple(problems))


# --- git --------------------------------------------------------------------------------------------------------------


def _git(root: Path, *arguments: str) -> bytes | Absent:
    """What git prints."""
    done = _run(root, *arguments)
    if isinstance(done, Absent):
        return done
    return Absent(_why(done.stderr.decode("utf-8", "replace"))) if done.returncode else done.stdout


def _run(root: Path, *arguments: str, index: Path | None = None) -> subprocess.CompletedProcess[bytes] | Absent:
    """Run git. Variables that point to another repository, such as those of a hook, are not handed on.

    With an `index` that takes the place of the repository's own.
    """
    program = shutil.which("git")
    if program is None:
        return Absent("there is no git")
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    try:
        return subprocess.run(
            [program, *QUIET, *arguments],
            cwd=root,
            env={**environment, **OWN_VARIABLES, **({"GIT_INDEX_FILE": str(index)} if index else {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        return Absent("there is no such folder")
    except subprocess.TimeoutExpired:
        return Absent(f"git did not answer within {PATIENCE:g} seconds")
    except (OSError, ValueError) as broken:
        return Absent(f"git cannot be started: {getattr(broken, 'strerror', None) or broken}")


def _why(said: str) -> str:
    if "not a git repository" in said:
        return "it is in no git repository"
    if "dubious ownership" in said:
        return "the repository belongs to somebody else, and safe.directory does not name it"
    lines = said.strip().splitlines() or ["it does not say why"]
    return f"git refuses: {lines[0].removeprefix('fatal: ')}"


def _branch(root: Path) -> str | Absent:
    told = _git(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return Absent("HEAD is detached") if isinstance(told, Absent) else told.decode("utf-8", "replace").strip()


def _submodules(stages: bytes, above: str) -> Iterator[str]:
    for entry in stages.split(b"\0"):
        if entry.startswith(b"160000 "):
            yield os.fsdecode(entry.partition(b"\t")[2]).removeprefix(above)


def _touches(changed: str, path: str) -> bool:
    """Whether one of two paths is the other one, or in it."""
    one, other = f"{changed.rstrip('/')}/", f"{path.rstrip('/')}/"
    return path in {"", "."} or one.startswith(other) or (changed.endswith("/") and other.startswith(one))


# --- CODEOWNERS -------------------------------------------------------------------------------------------------------


def _rule(line: str, number: int) -> Rule | Problem | None:
    """One line: a pattern and owners, up to ` #`. What GitHub documents as not working is a problem."""
    parts = re.findall(r"(?:\\.|\S)+", re.sub(r"(?:^|(?<=\s))#.*", "", line))
    if not parts:
        return None
    pattern, *owners = parts
    if pattern.startswith(("!", "\\#")) or "[" in pattern:
        return Problem(what=f"CODEOWNERS has no such pattern: {pattern[:60]}", line=number)
    if wrong := [owner for owner in owners if not OWNER.fullmatch(owner)]:
        return Problem(what=f"this is nobody: {wrong[0][:60]}", line=number)
    return Rule(line=number, form=_form(pattern), owners=tuple(owners))


def _form(pattern: str) -> str:
    """A pattern as a regular expression: as in gitignore, but that `docs/*` is not about what is deeper."""
    is_anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    parts = [_part(token) for token in re.findall(r"\*\*/|/\*\*|\*\*|\*|\?|\\.|.", body, re.DOTALL)]
    start = "" if is_anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        return f"{start}{''.join(parts)}/.*"
    within = "" if is_anchored and body.endswith("/*") else "(?:/.*)?"
    return f"{start}{''.join(parts)}{within}"


def _part(token: str) -> str:
    special = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return special.get(token) or re.escape(token[-1])
