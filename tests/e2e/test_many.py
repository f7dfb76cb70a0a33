"""Several targets in one run: a file of requirements, an environment, a folder of wheels, or what is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.processes import processes_of

SCHEMA = Path(__file__).parents[2] / "schema" / "report.schema.json"
PATIENCE = 60.0
LONG = "It is documented at length, so that nothing but its import can speak against it: no check may object."
SOUND = f'def sound():\n    """{LONG}"""\n'
BROKEN = "import fx_absent_dependency\ndef lost(): ...\n"
WAITS = """
import pathlib, time
while pathlib.Path(__file__).with_name("wait").exists():
    time.sleep(0.01)
"""
Command = Callable[..., subprocess.CompletedProcess[str]]


def write(path: Path, content: str = "") -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def install(site: Path, name: str, files: Mapping[str, str]) -> None:
    """A distribution, as an installer would lay it out."""
    for file, content in files.items():
        write(site / file, content)
    metadata = f"{name.replace('-', '_')}-1.0.dist-info"
    write(site / metadata / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    write(site / metadata / "RECORD", "".join(f"{file},,\n" for file in (*files, f"{metadata}/METADATA")))


def wheel(folder: Path, name: str, content: str, tag: str = "py3-none-any") -> Path:
    """A wheel with one package."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        archive.writestr(f"{name}/__init__.py", content)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with some distributions."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    install(site, "fx-broken", {"fx_broken/__init__.py": BROKEN})
    install(site, "fx-Sound", {"fx_sound/__init__.py": SOUND})
    install(site, "fx-two", {"fx_two_a.py": SOUND, "fx_two_b.py": SOUND})
    install(site, "fx-two-a", {"fx_other.py": SOUND})
    install(site, "fx-types", {"fx_sound-stubs/__init__.pyi": ""})
    install(site, "pip", {"pip/__init__.py": BROKEN})
    return str(folder / "bin" / "python")


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON, which follows its schema; that it is written part by part does not show."""
    said = json.loads(done.stdout)
    assert json.dumps(said, indent=2) + "\n" == done.stdout
    jsonschema.validate(said, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return dict(said)


def names(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the targets, as they come."""
    return [target["name"] for target in document(done)["targets"]]


# --- which targets ----------------------------------------------------------------------------------------------------


def test_all_that_is_installed_is_looked_at_by_name_and_the_installer_is_not(
    python: str, tmp_path: Path, verify_apis: Command
) -> None:
    done = verify_apis("--all-installed", "--json", "--python", python, cwd=tmp_path)
    assert names(done) == ["fx-broken", "fx-Sound", "fx-two", "fx-two-a"]
    assert done.returncode == 1
    assert done.stderr == ""


def test_what_holds_no_module_and_nobody_has_named_is_counted_and_no_fault(
    python: str, tmp_path: Path, verify_apis: Command
) -> None:
    file = write(tmp_path / "requirements.txt", "fx-types\nfx-sound\n")
    done = verify_apis("-r", str(file), "--python", python, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 with nothing to check: fx-types\n" in done.stdout
    named = verify_apis("fx-types", "--python", python, cwd=tmp_path)
    assert (named.returncode, "brings no module" in named.stderr) == (3, True)


def test_only_what_holds_nothing_is_nothing_to_check(python: str, tmp_path: Path, verify_apis: Command) -> None:
    file = write(tmp_path / "requirements.txt", "fx-types\n")
    done = verify_apis("-r", str(file), "--json", "--python", python, cwd=tmp_path)
    assert (done.returncode, [each["exit"] for each in document(done)["refused"]]) == (3, [0])


def test_a_file_names_distributions_and_not_modules(python: str, tmp_path: Path, verify_apis: Command) -> None:
    """`fx_two_a` is a module of one distribution, and the name of another one."""
    file = write(tmp_path / "requirements.txt", "fx-two-a\n")
    done = verify_apis("-r", str(file), "--json", "--python", python, cwd=tmp_path)
    assert [*document(done)["targets"][0]["modules"]] == ["fx_other"]
    done = verify_apis("fx_two_a", "--json", "--python", python, cwd=tmp_path)
    assert [*document(done)["targets"][0]["modules"]] == ["fx_two_a"]


def test_one_broken_line_stops_nothing_and_nothing_is_lost(python: str, tmp_path: Path, verify_apis: Command) -> None:
    more = write(tmp_path / "more.txt", "fx-two\n")
    lines = ["fx_sound == 1.0", f"-r {more.name}", "fx-absent", "!!", "fx-broken; python_version < '3'", "Fx.Sound"]
    file = write(tmp_path / "requirements.txt", "\n".join(lines))
    done = verify_apis("--requirements", str(file), "--json", "--python", python, cwd=tmp_path)
    assert names(done) == ["fx-Sound", "fx-two"]
    absent, broken = document(done)["refused"]
    assert (absent["asked"], absent["exit"], "not installed" in absent["what"]) == ("fx-absent", 3, True)
    assert (broken["where"], broken["exit"]) == (f"{file}:4", 2)
    assert done.returncode == 3
    assert done.stderr.count("error:") == 2


def test_lists_and_names_can_be_mixed(python: str, tmp_path: Path, verify_apis: Command) -> None:
    file = write(tmp_path / "requirements.txt", "fx-two\nfx-sound\n")
    done = verify_apis("fx-sound", "fx_other", "-r", str(file), "--json", "--python", python, cwd=tmp_path)
    assert names(done) == ["fx-Sound", "fx-two-a", "fx-two"]


@pytest.mark.parametrize(("content", "code"), [(None, 2), ("# nothing\n", 3)])
def test_a_file_that_cannot_be_read_or_names_nothing_is_told(
    content: str | None, code: int, python: str, tmp_path: Path, verify_apis: Command
) -> None:
    if content is not None:
        write(tmp_path / "requirements.txt", content)
    done = verify_apis("-r", "requirements.txt", "fx_sound", "--python", python, cwd=tmp_path)
    assert (done.returncode, done.stdout, "requirements.txt" in done.stderr) == (code, "", True)


def test_a_folder_of_wheels_is_all_of_them(tmp_path: Path, verify_apis: Command) -> None:
    folder = wheel(wheel(tmp_path / "dist", "fx_b", SOUND), "fx_a", SOUND)
    wheel(folder, "fx_other_python", SOUND, "cp39-cp39-any")
    write(folder / "fx_c-1.0.tar.gz")
    done = verify_apis("./dist", "--python", sys.executable, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[:2]] == ["fx_a 1.0", "fx_b 1.0"]
    assert "2 with nothing to object" in done.stdout
    assert "1 with nothing to check: dist/fx_other_python-1.0-cp39-cp39-any.whl" in done.stdout


def test_a_project_with_a_wheel_in_it_is_a_project(tmp_path: Path, verify_apis: Command) -> None:
    project = wheel(tmp_path / "project", "fx_b", SOUND)
    write(project / "pyproject.toml", '[project]\nname = "fx-project"\n')
    write(project / "fx_project" / "__init__.py", SOUND)
    assert names(verify_apis("./project", "--json", "--python", sys.executable, cwd=tmp_path)) == ["fx-project"]


def test_lists_are_no_files_that_have_changed(tmp_path: Path, verify_apis: Command) -> None:
    done = verify_apis("--changed", "--all-installed", cwd=tmp_path)
    assert (done.returncode, "--changed" in done.stderr) == (2, True)


def test_a_folder_whose_name_is_no_text_is_looked_at_beside_others(tmp_path: Path, verify_apis: Command) -> None:
    odd = os.fsdecode(b"fx_\xe9")
    for folder in ("fx_even", odd):
        write(tmp_path / folder / "fx_package" / "__init__.py", SOUND)
    together = verify_apis("./fx_even", f"./{odd}", "--python", sys.executable, cwd=tmp_path)
    assert (together.returncode, together.stderr) == (0, "")
    assert together.stdout.count("1 of 1 API verified") == 2


# --- how they are looked at -------------------------------------------------------------------------------------------


def test_one_at_a_time_and_many_give_the_same_bytes(python: str, tmp_path: Path, verify_apis: Command) -> None:
    one, four = (
        verify_apis("--all-installed", "--json", "--python", python, "-j", jobs, cwd=tmp_path) for jobs in ("1", "4")
    )
    assert one.stdout == four.stdout
    assert len(names(one)) == 4


def test_each_report_is_the_one_of_a_run_of_its_own(python: str, tmp_path: Path, verify_apis: Command) -> None:
    together = document(verify_apis("fx_broken", "fx_sound", "--json", "--python", python, cwd=tmp_path))
    alone = [
        document(verify_apis(name, "--json", "--python", python, cwd=tmp_path)) for name in ("fx_broken", "fx_sound")
    ]
    assert together["targets"] == [each["targets"][0] for each in alone]


def test_a_reader_that_goes_away_ends_the_run(python: str, tmp_path: Path, scrubbed: Mapping[str, str]) -> None:
    command = (
        f"{sys.executable} -P -m verifier.cli.verify_apis --all-installed --python {python} --no-cache | head -n 1"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, env=dict(scrubbed), capture_output=True, encoding="utf-8", check=True
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


class Run:
    """The real command over `first`, which fails with other words each time, and `second`, which waits."""

    def __init__(self, folder: Path, scrubbed: Mapping[str, str]) -> None:
        self.folder = folder / "world"
        write(self.folder / "first" / "__init__.py", "import os\nraise ValueError(os.urandom(8).hex())\n")
        write(self.folder / "second" / "__init__.py", WAITS + SOUND)
        self.wait = write(self.folder / "second" / "wait")
        self.place = folder / "place"
        self.place.mkdir()
        self._environment = {**scrubbed, "TMPDIR": str(self.place)}

    @contextmanager
    def going(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The command; its first line is there as soon as the first report is."""
        command = [sys.executable, "-P", "-m", "verifier.cli.verify_apis", "./first", "./second", *options]
        with subprocess.Popen(
            [*command, "--python", sys.executable, "--timeout", "100"],
            cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no thread is running
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def assert_all_gone(self) -> None:
        """No process, and nothing on disk."""
        deadline = time.monotonic() + PATIENCE
        while (left := (processes_of(self.place), [*self.place.iterdir()])) != ([], []):
            assert time.monotonic() < deadline, left


@pytest.fixture
def run(tmp_path: Path, scrubbed: Mapping[str, str]) -> Run:
    return Run(tmp_path, scrubbed)


def words(text: str) -> str:
    """What `first` has said this time."""
    return text.partition("ValueError: ")[2].partition(" ")[0]


def read_until(process: subprocess.Popen[str], sign: str) -> str:
    """What the command says up to a line with this sign."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or sign not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], "it has ended"
    return "".join(lines)


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to it alone", "by a terminal, to all"])
def test_after_an_interrupt_the_next_run_goes_on_from_there(send: Callable[[int, int], None], run: Run) -> None:
    with run.going("--cache-dir", "../kept") as process:
        first = read_until(process, "ValueError")
        send(process.pid, signal.SIGINT)
        rest, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, said
    assert ("Traceback" in said, "second" in rest) == (False, False)
    assert (processes_of(run.place), [*run.place.iterdir()]) == ([], [])
    run.wait.unlink()
    with run.going("--cache-dir", "../kept") as process:
        again, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (1, "")
    assert words(again) == words(first) != ""
    assert "second: 1 of 1 API verified" in again


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_stays_where_the_tool_is_killed(how: signal.Signals, run: Run) -> None:
    with run.going("--no-cache") as process:
        read_until(process, "ValueError")
        process.send_signal(how)
        process.wait(PATIENCE)
    run.assert_all_gone()


def parent_of(pid: int) -> int:
    """The process that a process was started by."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def test_a_process_that_dies_takes_no_other_target_along(run: Run) -> None:
    with run.going("--no-cache", "--json") as process:
        read_until(process, '"causes"')
        worker = next(pid for pid in processes_of(run.place) if parent_of(pid) == process.pid)
        os.kill(worker, signal.SIGKILL)
        process.wait(PATIENCE)
        rest, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 70
    assert "the process that looked at ./second was ended by SIGKILL" in said
    assert '"exit": 70' in rest
    run.assert_all_gone()
