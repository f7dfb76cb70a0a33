"""What a requirements file names: the format of pip, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.building import INTERPRETER
from verifier.apis.targets.requirements import required
from verifier.errors import UserError


def names(folder: Path, text: str) -> list[str]:
    """The names that a file with this text wants; for a line that names none, what is said of it."""
    file = folder / "requirements.txt"
    file.write_text(text, encoding="utf-8")
    return [each if isinstance(each, str) else f"! {each.where.rpartition(':')[2]}" for each in read(file)]


def read(file: Path) -> tuple[str | UserError, ...]:
    """The same, with the errors."""
    return required(file, INTERPRETER)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("demo", ["demo"]),
        ("  Demo_One >=1,<2 ", ["Demo_One"]),
        ("demo[extra,more]==1.0", ["demo"]),
        ("demo (>=1)", ["demo"]),
        ("demo==1  # why", ["demo"]),
        ("demo==1 --hash=sha256:aaaa --hash=sha256:bbbb", ["demo"]),
        ("demo @ https://example.org/x.tar.gz#sha256=aa", ["demo"]),
        ("demo @ git+https://example.org/x.git@main", ["demo"]),
        ("https://example.org/demo_one-1.0-py3-none-any.whl?x=1", ["demo-one"]),
        ("./dist/demo_one-1.0-py3-none-any.whl", ["demo-one"]),
        ("git+https://example.org/x.git#egg=demo", ["demo"]),
        ("-e git+https://example.org/x.git@main#subdirectory=y&egg=demo", ["demo"]),
        ("--editable=git+https://example.org/x.git#egg=demo", ["demo"]),
        ("# demo", []),
        ("", []),
        ("-c constraints.txt", []),
        ("--constraint=constraints.txt", []),
        ("--no-binary :all:", []),
        ("--hash=sha256:aaaa", []),
    ],
)
def test_a_line_names_what_it_installs(line: str, name: list[str], tmp_path: Path) -> None:
    assert names(tmp_path, f"{line}\n") == name


@pytest.mark.parametrize(
    "line", ["!", "demo ==", "demo one", "demo; nonsense == 3", "=1", "https://example.org/x.tar.gz"]
)
def test_a_line_that_names_nothing_is_told_with_its_place(line: str, tmp_path: Path) -> None:
    assert names(tmp_path, f"first\n{line}\nlast\n") == ["first", "! 2", "last"]


def test_a_line_goes_on_after_a_backslash(tmp_path: Path) -> None:
    assert names(tmp_path, "demo \\\n  ==1.0 \\\n  --hash=sha256:aa\n!\nlast") == ["demo", "! 4", "last"]


def test_a_comment_does_not_go_on(tmp_path: Path) -> None:
    assert names(tmp_path, "# one \\\ntwo\nthree # \\\nfour\\") == ["two", "three", "four"]


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version >= '3.11'", True),
        ("python_version < '3.11'", False),
        ("python_full_version == '3.11.7'", True),
        ("sys_platform == 'linux' and os_name == 'posix'", True),
        ("platform_system == 'Windows'", False),
        ("platform_machine == 'x86_64'", True),
        ("implementation_name == 'cpython' and platform_python_implementation == 'CPython'", True),
        ("extra == 'dev'", False),
        ("os_name ~= 'what'", True),
    ],
)
def test_a_marker_is_asked_of_the_target_s_interpreter(marker: str, holds: bool, tmp_path: Path) -> None:
    assert names(tmp_path, f"demo; {marker}\n") == (["demo"] if holds else [])


@pytest.mark.parametrize(
    "spelled", ["-r more/other.txt", "--requirement more/other.txt", "--requirement=more/other.txt"]
)
def test_another_file_is_followed_from_where_it_is_named(spelled: str, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "other.txt").write_text("inner\n-r last.txt\n")
    (tmp_path / "more" / "last.txt").write_text("last\n-r ../requirements.txt\n")
    assert names(tmp_path, f"first\n{spelled}\nend\n") == ["first", "inner", "last", "end"]


def test_another_file_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r gone.txt\nlast\n")
    broken, last = read(tmp_path / "requirements.txt")
    assert isinstance(broken, UserError)
    assert (broken.where, last) == (str(tmp_path / "gone.txt"), "last")


def test_a_project_in_a_folder_has_the_name_that_it_declares(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    assert names(tmp_path, f"-e {tmp_path}[dev]\n{tmp_path}\n-e {tmp_path}/gone\n") == ["demo", "demo", "! 3"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfa"])
def test_a_file_that_cannot_be_read_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        read(file)
