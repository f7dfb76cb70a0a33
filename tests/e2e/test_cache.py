"""What the cache must see, edit by edit, and that it spares the work that it can spare."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.property.edits import (
    CONTENTS,
    Edit,
    compile_,
    differences,
    remove,
    said,
    set_up,
    swap,
    touch,
    write,
    write_behind,
)
from verifier.apis import runner, verify
from verifier.config import Config
from verifier.reports import json_report


def that_has(words: str) -> str:
    """One of the contents."""
    return next(text for text in CONTENTS if words in text)


READS, LISTS, LOOKS = map(that_has, ("read_text", "listdir", "with_name('data.txt').exists"))
IMPORTS_DEP, TRIES_MORE, OFFERS_MORE = map(
    that_has, ("import dep\n__all__", "from dep import more\nexcept", "['more']")
)
TWO = "names = ['two']\ntwo = 2\n"
CASES: dict[str, list[Edit]] = {
    "a change behind size and time": [write_behind("demo/a.py", CONTENTS[2])],
    "a change behind another time": [touch("demo/a.py"), write_behind("demo/a.py", CONTENTS[2])],
    "a data file that is read": [
        write("demo/b.py", READS),
        write("demo/data.txt", "one"),
        write("demo/data.txt", "two"),
    ],
    "a data file that was not there": [write("demo/b.py", READS), write("demo/data.txt", "one")],
    "a file that is looked for": [write("demo/b.py", LOOKS), write("demo/data.txt", "")],
    "a file that is looked for further down": [
        write("demo/folder/other.txt", ""),
        write("demo/b.py", that_has("joinpath")),
        write("demo/folder/data.txt", ""),
    ],
    "a name that only a stub tells of": [
        write("demo/a.py", "vars()['made'] = 1\n"),
        write("demo/a.pyi", ""),
        write("demo/a.pyi", "made: int\n"),
    ],
    "a folder that is listed": [write("demo/b.py", LISTS), write("demo/more.txt", "")],
    "a dependency": [write("demo/b.py", IMPORTS_DEP), write("dep/__init__.py", "names = ['two']\ntwo = 2\n")],
    "a dependency behind size and time": [
        write("demo/b.py", IMPORTS_DEP),
        write("dep/__init__.py", "names = ['one']\none = 1\n"),
        write_behind("dep/__init__.py", TWO),
    ],
    "a module that was not there": [write("demo/b.py", TRIES_MORE), write("dep/more.py", "")],
    "what a re-export is found to be": [write("demo/b.py", OFFERS_MORE), write("dep/more.py", "")],
    "another module of the same name": [
        write("demo/b.py", IMPORTS_DEP),
        write("dep.py", ""),
        remove("dep/__init__.py"),
    ],
    "files that change places": [write("demo/b.py", "raise ValueError('no')\n"), swap("demo/a.py", "demo/b.py")],
    "bytecode that is not of its source": [
        write("demo/a.py", CONTENTS[1]),
        compile_("demo/a.py"),
        write_behind("demo/a.py", CONTENTS[2]),
        compile_("demo/a.py"),
        write_behind("demo/a.py", CONTENTS[1]),
    ],
    "what a re-export is asked": [write("demo/b.py", "from demo.a import *\n"), write("demo/a.py", "added = 1\n")],
    "a parent that fails": [write("demo/sub/__init__.py", "import gone\n"), write("demo/sub/__init__.py", "")],
    "a stub": [write("demo/a.pyi", "def ghost() -> None: ...\n"), remove("demo/a.pyi")],
}


@pytest.mark.parametrize("name", CASES)
def test_the_cache_does_not_miss(name: str, tmp_path: Path) -> None:
    assert differences(tmp_path, [(edit, False) for edit in CASES[name]]) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project as it is in the beginning, some time after it was written."""
    folder = tmp_path / "project"
    folder.mkdir()
    set_up(folder)
    said(folder, None)
    return folder


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules that have been handed to a sandbox."""
    names: list[str] = []
    start: Callable[..., None] = runner.Sandbox.__init__

    def note(self: runner.Sandbox, target: object, modules: list[str], config: object) -> None:
        names.extend(modules)
        start(self, target, modules, config)

    monkeypatch.setattr(runner.Sandbox, "__init__", note)
    return names


def test_what_has_not_changed_is_not_imported_again(project: Path, tmp_path: Path, imported: list[str]) -> None:
    imported.clear()
    first = said(project, None)
    assert imported == ["demo", "demo.a", "demo.sub", "demo.sub.c"]
    said(project, tmp_path / "cache")
    imported.clear()
    again = said(project, tmp_path / "cache")
    assert (again, imported) == (first, [])


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        (write("demo/sub/c.py", "from demo.a import sound as other\n"), ["demo.sub.c"]),
        (write("demo/a.py", CONTENTS[1] + "\n"), ["demo.a", "demo.sub.c"]),
        (write("demo/__init__.py", CONTENTS[1] + "\n"), ["demo", "demo.a", "demo.sub", "demo.sub.c"]),
        (write("dep/__init__.py", "\n"), []),
        (write("demo/a.py", CONTENTS[1]), []),
    ],
    ids=["a leaf", "what a leaf imports", "the package", "what nobody imports", "nothing but its times"],
)
def test_only_what_depends_on_a_change_is_imported_again(
    edit: Edit, names: list[str], project: Path, tmp_path: Path, imported: list[str]
) -> None:
    said(project, tmp_path / "cache")
    edit(project)
    truth = said(project, None)
    imported.clear()
    assert said(project, tmp_path / "cache") == truth
    assert imported == names


def pack(wheel: Path, project: Path) -> None:
    """Put the package of the project into a wheel."""
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("demo-1.dist-info/METADATA", "Name: demo\nVersion: 1\n")
        for file in sorted((project / "demo").rglob("*.py")):
            archive.write(file, str(file.relative_to(project)))


def test_a_wheel_is_unpacked_elsewhere_and_not_imported_again(
    project: Path, tmp_path: Path, imported: list[str]
) -> None:
    wheel = tmp_path / "demo-1-py3-none-any.whl"
    pack(wheel, project)

    def report(cache: Path | None) -> str:
        return json_report.render(verify([str(wheel)], Config(cache=cache)))

    truth = report(None)
    assert report(tmp_path / "cache") == truth
    imported.clear()
    assert (report(tmp_path / "cache"), imported) == (truth, [])
    write("demo/sub/c.py", "from demo.a import sound as other\n")(project)
    pack(wheel, project)
    truth = report(None)
    imported.clear()
    assert (report(tmp_path / "cache"), imported) == (truth, ["demo.sub.c"])


@pytest.mark.parametrize("damage", ["nothing", "half", "other bytes", "a folder", "somebody's text"])
def test_a_damaged_cache_counts_as_empty(damage: str, project: Path, tmp_path: Path) -> None:
    truth = said(project, None)
    said(project, tmp_path / "cache")
    for file in list((tmp_path / "cache").iterdir()):
        data = file.read_bytes()
        if damage == "a folder":
            file.unlink()
            file.mkdir()
            continue
        middle = len(data) // 2
        other = bytes([data[middle] ^ 255])
        file.write_bytes(
            {
                "nothing": b"",
                "half": data[:middle],
                "other bytes": data[:middle] + other + data[middle + 1 :],
                "somebody's text": b"hello",
            }[damage]
        )
    assert said(project, tmp_path / "cache") == truth


def test_a_cache_that_cannot_be_written_is_done_without(project: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, no folder", encoding="utf-8")
    assert said(project, tmp_path / "cache") == said(project, None)


Command = Callable[..., subprocess.CompletedProcess[str]]


def test_the_command_tells_of_its_cache_and_removes_it(project: Path, tmp_path: Path, verify_apis: Command) -> None:
    cache = str(tmp_path / "cache")
    assert f"{cache}: 0 files" in verify_apis("cache", "info", "--cache-dir", cache, cwd=project).stdout
    verify_apis("./demo", "--cache-dir", cache, cwd=project)
    kept = len(list((tmp_path / "cache").iterdir()))
    assert kept >= 2
    (tmp_path / "cache" / "somebody's own").touch()
    assert f"{cache}: {kept} files" in verify_apis("cache", "info", "--cache-dir", cache, cwd=project).stdout
    assert f"{cache}: {kept} files removed" in verify_apis("cache", "clear", "--cache-dir", cache, cwd=project).stdout
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["somebody's own"]


def test_a_package_called_cache_can_be_checked(tmp_path: Path, verify_apis: Command) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "__init__.py").write_text(CONTENTS[1], encoding="utf-8")
    assert "cache: 1 of 1 API verified" in verify_apis("./cache", "--cache-dir", "kept", cwd=tmp_path).stdout


def test_a_cache_and_none_exclude_each_other(tmp_path: Path, verify_apis: Command) -> None:
    done = verify_apis("./demo", "--cache-dir", "kept", "--no-cache", cwd=tmp_path)
    assert (done.returncode, "exclude each other" in done.stderr) == (2, True)


def test_runs_at_once_and_one_that_is_killed_leave_right_answers(project: Path, tmp_path: Path) -> None:
    """Two write one cache at the same time, and a third one is killed at some point of its run, again and again."""
    truth = said(project, None)
    command = [sys.executable, "-P", "-m", "verifier.cli.verify_apis", "./demo", "--json", "--python", sys.executable]
    command += ["--cache-dir", str(tmp_path / "cache")]
    for round_ in range(4):
        write("demo/a.py", CONTENTS[1] + "\n" * round_)(project)
        running = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        with suppress(subprocess.TimeoutExpired):
            running[0].wait(0.1 + 0.1 * round_)
        running[0].kill()
        answers = [each.communicate()[0] for each in running]
        assert [json.loads(answer)["targets"][0]["apis"] for answer in answers[1:]] == [
            json.loads(truth)["targets"][0]["apis"]
        ] * 2
    assert said(project, tmp_path / "cache") == said(project, None)
