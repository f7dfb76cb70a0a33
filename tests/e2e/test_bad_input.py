"""Bad input gets one clear message, says what to do, and has its exit code; never a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def write(path: Path, content: str | bytes = "") -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def wheel(path: Path, files: Mapping[str, str]) -> Path:
    """A wheel with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def no_interpreter(folder: Path) -> list[str]:
    """A file that is no Python."""
    script = write(folder / "python", "#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    return ["json", "--python", str(script)]


def old_interpreter(folder: Path) -> list[str]:
    """A Python that is too old, as far as it says."""
    said = '{"version": [3, 6, 15], "implementation": "cpython"}'
    script = write(folder / "python3.6", f"#!/bin/sh\necho '{said}'\n")
    script.chmod(0o755)
    return ["json", "--python", str(script)]


def escaping_wheel(folder: Path) -> list[str]:
    """A wheel that names a path outside itself."""
    files = {"../evil.py": "x = 1", "demo.py": "", "demo-1.dist-info/METADATA": "Name: demo\nVersion: 1\n"}
    return [str(wheel(folder / "demo-1-py3-none-any.whl", files))]


def empty_folder(folder: Path) -> list[str]:
    """A folder with nothing in it."""
    (folder / "void").mkdir()
    return ["./void"]


def everything_left_out(folder: Path) -> list[str]:
    """A package of which the configuration wants nothing."""
    write(folder / "pyproject.toml", '[tool.verify-apis]\nexclude = ["*"]\n')
    return [str(write(folder / "left" / "__init__.py").parent)]


CASES: dict[str, tuple[Callable[[Path], list[str]], int, str]] = {
    "no such package": (lambda _: ["hypothesi", "--python", sys.executable], 3, "'hypothesis'"),
    "no such folder": (lambda _: ["./nowhere"], 3, "nowhere"),
    "empty folder": (empty_folder, 3, "void"),
    "not a package": (lambda folder: [str(write(folder / "texts" / "a.txt").parent) + "/"], 3, "texts"),
    "a wheel that is no zip": (lambda folder: [str(write(folder / "demo-1-py3-none-any.whl", "no zip"))], 2, "zip"),
    "a wheel that escapes": (escaping_wheel, 2, "../evil.py"),
    "a wheel that is not there": (lambda _: ["./gone-1-py3-none-any.whl"], 3, "gone"),
    "no interpreter there": (lambda _: ["json", "--python", "/nowhere/python"], 2, "/nowhere/python"),
    "no interpreter": (no_interpreter, 2, "python"),
    "an interpreter version that is not installed": (lambda _: ["json", "--python", "3.99"], 2, "3.99"),
    "an interpreter that is too old": (old_interpreter, 2, "3.9"),
    "an unknown option": (lambda _: ["json", "--fromat", "json"], 2, "--fromat"),
    "no target": (lambda _: [], 2, "TARGET"),
    "a limit that is no limit": (lambda _: ["json", "--timeout", "0"], 2, "--timeout"),
    "everything left out": (everything_left_out, 3, "no public module"),
    "nothing public": (lambda folder: [str(write(folder / "void_of" / "__init__.py").parent)], 3, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_told_in_one_message(name: str, tmp_path: Path, verify_apis: Command) -> None:
    arguments, code, words = CASES[name]
    done = verify_apis(*arguments(tmp_path), cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error:") <= 1


def test_an_unreadable_file_is_a_module_with_a_problem(tmp_path: Path, verify_apis: Command) -> None:
    package = write(tmp_path / "halfread" / "__init__.py", '"""Fine."""\n').parent
    write(package / "bad.py", b"# -*- coding: utf-8 -*-\nx = '\xff'\n")
    write(package / "good.py", "def fine():\n    " + f'"""{"words " * 20}"""\n')
    done = verify_apis(str(package), cwd=tmp_path)
    assert done.returncode == 1
    assert "halfread/bad.py" in done.stdout
    assert "1 of 1 API verified" in done.stdout


def test_a_package_whose_top_fails_is_reported_as_far_as_it_can_be(tmp_path: Path, verify_apis: Command) -> None:
    package = write(tmp_path / "broken" / "__init__.py", "import nosuch_dependency\ndef top(): 'doc'\n").parent
    write(package / "below.py", "def below(): 'doc'\n")
    done = verify_apis(str(package), cwd=tmp_path)
    assert done.returncode == 1
    assert "no module named 'nosuch_dependency' [missing_dependency]: 2 modules, 2 APIs" in done.stdout


def test_one_target_that_cannot_be_looked_at_does_not_hide_the_others(tmp_path: Path, verify_apis: Command) -> None:
    done = verify_apis("nosuch_package_at_all", "colorsys", cwd=tmp_path)
    assert done.returncode == 3
    assert "colorsys" in done.stdout
    assert "nosuch_package_at_all" in done.stderr


def test_a_reader_that_goes_away_is_no_error_of_ours(tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    shell = f"{sys.executable} -P -m verifier.cli.verify_apis json --json --no-cache | head -n 1"
    done = subprocess.run(
        ["/bin/sh", "-c", shell], cwd=tmp_path, env=dict(scrubbed), capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_a_terminal_that_knows_ascii_only_is_enough(tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    package = write(tmp_path / "café" / "__init__.py", "def ünter(): 'doc'\n").parent
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.verify_apis", str(package), "-v", "--no-cache"],
        cwd=tmp_path,
        env=dict(scrubbed, LC_ALL="C", PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    assert b"caf\\xe9" in done.stdout
    assert b"Traceback" not in done.stderr


def test_an_interrupt_leaves_no_child(tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    package = write(
        tmp_path / "endless" / "__init__.py",
        "import pathlib\npathlib.Path.home().joinpath('up').touch()\nwhile True: pass",
    ).parent
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    command = [sys.executable, "-P", "-m", "verifier.cli.verify_apis", str(package), "--timeout", "100", "--no-cache"]
    environment = dict(scrubbed, TMPDIR=str(scratch))
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no thread is running
    ) as running:  # fmt: skip
        while not list(scratch.glob("verify-apis-*/scratch/*/up")):
            assert running.poll() is None, "it ended before it was interrupted"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    # CPython ends itself by the signal where the interrupt came in the middle of an `exec`; a shell shows 130 for both
    assert running.returncode in (130, -signal.SIGINT), said
    assert "Traceback" not in said
    assert list(scratch.iterdir()) == []
    assert [each for each in Path("/proc").glob("[0-9]*") if _environment_has(each, str(scratch))] == []


def test_where_interrupts_are_ignored_an_import_finds_them_as_ever(tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    """A shell ignores them for what it runs in the background."""
    source = "import signal\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    package = write(tmp_path / "demo" / "__init__.py", source).parent
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.verify_apis", str(package), "--no-cache"],
        env=dict(scrubbed), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "1 of 1 import" in done.stdout, done.stdout + done.stderr


def _environment_has(process: Path, text: str) -> bool:
    try:
        return text.encode() in (process / "environ").read_bytes()
    except OSError:
        return False
