"""`verify-apis --changed`, by itself and as a hook: what got worse by a change, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
Command = Callable[..., subprocess.CompletedProcess[str]]
LONG = "It is documented at length, so that nothing but its import can speak against it: no check may object."
SOUND = f'__all__ = ["sound"]\n\n\ndef sound() -> None:\n    """{LONG}"""\n'
GHOST = SOUND.replace('"sound"]', '"sound", "ghost"]')
OLD = '__all__ = ["old_ghost"]\n'


def write(path: Path, content: str) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one package, one of whose modules was never in order, and an environment of its own."""
    folder = tmp_path / "project"
    write(folder / "pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n')
    write(folder / "shop" / "__init__.py", SOUND)
    write(folder / "shop" / "old.py", OLD)
    write(folder / "shop" / "uses.py", f'"""{LONG}"""\nfrom shop import sound\n')
    venv.create(folder / ".venv", symlinks=True)
    return folder


@pytest.fixture
def changed(project: Path, verify_apis: Command) -> Callable[..., tuple[int, str]]:
    """Run `--changed` over files; the exit code and what is printed."""

    def run(*files: str, cwd: Path = project) -> tuple[int, str]:
        done = verify_apis("--changed", *files, "--cache-dir", str(project.parent / "cache"), cwd=cwd)
        return done.returncode, done.stdout + done.stderr

    return run


def test_what_is_in_order_is_passed_in_silence(changed: Callable[..., tuple[int, str]]) -> None:
    assert changed("shop/__init__.py") == (0, "")


def test_what_got_worse_is_told_until_it_is_mended(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", GHOST)
    told = "shop/__init__.py:1: shop.ghost: unresolved: module 'shop' has no attribute 'ghost'\n"
    assert changed("shop/__init__.py") == (1, told)
    assert changed("shop/__init__.py") == (1, told)
    write(project / "shop" / "__init__.py", SOUND)
    assert changed("shop/__init__.py") == (0, "")


def test_what_a_change_breaks_elsewhere_is_told(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    write(project / "shop" / "uses.py", f'from shop import sound\n\n\ndef use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND.replace("sound", "other"))
    code, told = changed("shop/__init__.py")
    assert (code, told.count("\n")) == (1, 1)
    assert told.startswith("shop/uses.py:4: shop.uses.use: import_error: ImportError: cannot import name 'sound'")


def test_what_was_never_in_order_is_told_to_those_alone_who_touch_it(changed: Callable[..., tuple[int, str]]) -> None:
    code, told = changed("shop/old.py")
    assert (code, "shop.old.old_ghost" in told) == (1, True)
    assert changed("shop/__init__.py") == (0, "")
    assert changed("shop/old.py") == (0, "")


def test_files_are_named_from_where_one_is(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    write(project / "shop" / "__init__.py", GHOST)
    code, told = changed("__init__.py", cwd=project / "shop")
    assert (code, told.partition(":")[0]) == (1, "__init__.py")


def test_a_file_that_is_gone_is_no_error(changed: Callable[..., tuple[int, str]]) -> None:
    assert changed("shop/gone.py") == (0, "")


def test_without_an_environment_it_says_what_to_do(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    shutil.rmtree(project / ".venv")
    write(project / "shop" / "__init__.py", "import no_such_dependency\n" + SOUND)
    code, told = changed("shop/__init__.py")
    assert code == 2
    assert told.startswith("error: no environment was found that has what the package needs")
    assert "fix:   make one: `python -m venv .venv" in told


@pytest.mark.parametrize("how", [["--json"], ["--format", "json"], ["--requirements", "r.txt"], ["--all-installed"]])
def test_it_tells_of_files_in_lines(how: list[str], project: Path, verify_apis: Command) -> None:
    done = verify_apis("--changed", "shop/__init__.py", *how, cwd=project)
    assert (done.returncode, done.stdout, "--changed" in done.stderr) == (2, "", True)


# --- what a change can affect -----------------------------------------------------------------------------------------


COUNTS = f"""import shop
assert not [name for name in vars(shop) if name.startswith("new")]


def count() -> None:
    \"\"\"{LONG}\"\"\"
"""
ANOTHER = f'\n\ndef newest() -> None:\n    """{LONG}"""\n'


def test_what_does_not_speak_of_a_change_waits_for_a_full_run(
    project: Path, changed: Callable[..., tuple[int, str]], verify_apis: Command
) -> None:
    write(project / "shop" / "counts.py", COUNTS)
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND + ANOTHER)
    assert changed("shop/__init__.py") == (0, "")
    assert changed("shop/__init__.py") == (0, "")
    full = verify_apis("./shop", "--cache-dir", str(project.parent / "cache"), cwd=project)
    assert (full.returncode, "AssertionError" in full.stdout) == (1, True)
    write(project / "shop" / "counts.py", COUNTS.replace("import shop", "import shop  # newest"))
    write(project / "shop" / "__init__.py", SOUND)
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND + ANOTHER)
    code, told = changed("shop/__init__.py")
    assert (code, "shop/counts.py:5: shop.counts.count: import_error" in told) == (1, True)


def test_what_depends_on_what_is_affected_is_affected(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    write(project / "shop" / "middle.py", "from shop import *\n")
    write(project / "shop" / "last.py", f'from shop.middle import sound\n\n\ndef use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND.replace("sound", "other"))
    code, told = changed("shop/__init__.py")
    assert (code, "shop/last.py:4: shop.last.use: import_error" in told) == (1, True)


def test_all_falls_with_its_package(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    write(project / "shop" / "apart.py", f'def use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND + "assert not 1\n")
    code, told = changed("shop/__init__.py")
    assert (code, "shop.apart.use: import_error: AssertionError" in told) == (1, True)


def test_what_falls_with_its_package_is_believed_as_the_package_is(
    project: Path, changed: Callable[..., tuple[int, str]], verify_apis: Command
) -> None:
    notices = "import shop\nif [name for name in vars(shop) if name.startswith('new')]:\n    import no_such_module\n"
    write(project / "shop" / "broken" / "__init__.py", f"{notices}raise ValueError\n")
    write(project / "shop" / "broken" / "below.py", f'def use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND + ANOTHER)
    assert changed("shop/__init__.py") == (0, "")
    full = verify_apis("./shop", "--cache-dir", str(project.parent / "cache"), cwd=project)
    assert (full.returncode, "no_such_module" in full.stdout) == (1, True)


def test_a_module_that_comes_or_goes_affects_those_that_speak_of_it(
    project: Path, changed: Callable[..., tuple[int, str]]
) -> None:
    guarded = "try:\n    from shop.fast import go\nexcept ImportError:\n    go = 1\nassert go == 1\n"
    write(project / "shop" / "guarded.py", f'{guarded}\n\ndef use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "fast.py", f'def go() -> None:\n    """{LONG}"""\n')
    code, told = changed("shop/fast.py")
    assert (code, "shop.guarded.use: import_error: AssertionError" in told) == (1, True)
    (project / "shop" / "fast.py").unlink()
    assert changed("shop/fast.py") == (0, "")


def test_a_file_that_is_no_module_may_concern_anybody(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    looks = "import pathlib\nassert not pathlib.Path(__file__).with_name('data.txt').exists()\n"
    write(project / "shop" / "looks.py", f'{looks}\n\ndef use() -> None:\n    """{LONG}"""\n')
    changed("shop/__init__.py")
    write(project / "shop" / "data.txt", "")
    code, told = changed("shop/__init__.py")
    assert (code, "shop.looks.use: import_error: AssertionError" in told) == (1, True)


def test_what_a_stub_adds_is_asked_for(project: Path, changed: Callable[..., tuple[int, str]]) -> None:
    write(project / "shop" / "made.py", f'def sound() -> None:\n    """{LONG}"""\n\n\nvars()["late"] = sound\n')
    write(project / "shop" / "made.pyi", "def sound() -> None: ...\n")
    changed("shop/__init__.py")
    write(project / "shop" / "__init__.py", SOUND + ANOTHER)
    write(project / "shop" / "made.pyi", f'def sound() -> None: ...\ndef late() -> None:\n    """{LONG}"""\n')
    assert changed("shop/__init__.py", "shop/made.pyi") == (0, "")


# --- through pre-commit -----------------------------------------------------------------------------------------------


def git(folder: Path, *words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One git command; what it says."""
    names = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["git", *words], cwd=folder, env={**env, **names}, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture
def own_repository(tmp_path: Path, scrubbed: Mapping[str, str]) -> Path:
    """This repository as it is now, in a form that pre-commit can clone."""
    folder = tmp_path / "verify-apis"
    kept = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "fixtures", "tests", "build", "dist")
    shutil.copytree(REPOSITORY, folder, ignore=kept)
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "as it is"]):
        git(folder, *words, env=scrubbed)
    return folder


def test_a_commit_is_held_up_by_what_it_breaks(
    project: Path, own_repository: Path, tmp_path: Path, scrubbed: Mapping[str, str]
) -> None:
    environment = {
        **scrubbed,
        **{name: text for name, text in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_", "HTTP"))},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), scrubbed["PATH"]]),
        "PIP_CONSTRAINT": str(REPOSITORY / "constraints.txt"),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "XDG_CACHE_HOME": str(tmp_path / "caches"),
    }
    hooks = f"repos:\n- repo: {own_repository}\n  rev: {{}}\n  hooks:\n  - id: verify-apis\n"
    head = git(own_repository, "rev-parse", "HEAD", env=environment).stdout.strip()
    write(project / ".pre-commit-config.yaml", hooks.format(head))
    write(project / ".gitignore", ".venv\n")
    needs = "import only_installed_here\n"
    write(project / "shop" / "__init__.py", SOUND + needs)
    (site,) = (project / ".venv" / "lib").glob("python*/site-packages")
    write(site / "only_installed_here.py", "")
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "first"]):
        git(project, *words, env=environment)
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install", "--install-hooks"],
        cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stdout + installed.stderr

    write(project / "shop" / "__init__.py", GHOST + needs)
    held = git(project, "commit", "-qam", "broken", env=environment)
    assert held.returncode == 1, held.stdout + held.stderr
    assert "shop/__init__.py:1: shop.ghost: unresolved" in held.stdout + held.stderr

    write(project / "shop" / "__init__.py", SOUND + "\n" + needs)
    passed = git(project, "commit", "-qam", "mended", env=environment)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert git(project, "log", "--format=%s", env=environment).stdout.split() == ["mended", "first"]
