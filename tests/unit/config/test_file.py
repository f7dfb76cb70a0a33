"""Which file counts, and what is said of one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.config.file import named, nearest, read, shown, upwards
from verifier.errors import Exit, UserError

TABLE = "[tool.verify-apis]\n"


def write(folder: Path, text: str | bytes = TABLE) -> Path:
    """A `pyproject.toml` in a folder that is made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pyproject.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def refusal(file: Path) -> str:
    """The message with which a file is refused."""
    with pytest.raises(UserError) as caught:
        read(file)
    assert caught.value.exit is Exit.USAGE
    return str(caught.value)


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    write(tmp_path / "a/b", "[tool.other]\n")
    wanted = write(tmp_path / "a")
    write(tmp_path)
    found = nearest([tmp_path / "a/b/c", tmp_path / "a/b", tmp_path / "a", tmp_path])
    assert found is not None
    assert found.file == wanted


def test_the_way_up_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "a/.git").mkdir(parents=True)
    folders = list(upwards(tmp_path / "a/b/c", tmp_path / "home"))
    assert folders == [tmp_path / "a/b/c", tmp_path / "a/b", tmp_path / "a"]


def test_the_way_up_ends_at_the_home_folder(tmp_path: Path) -> None:
    assert list(upwards(tmp_path / "a/b", tmp_path / "a")) == [tmp_path / "a/b", tmp_path / "a"]


def test_without_either_it_goes_to_the_root(tmp_path: Path) -> None:
    assert list(upwards(tmp_path, tmp_path / "home"))[-1] == Path(tmp_path.anchor)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "tool = 3\n# verify-apis", "no = toml = here"])
def test_a_file_without_the_table_is_nobody_s_business(text: str, tmp_path: Path) -> None:
    assert read(write(tmp_path, text)) is None


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    assert read(tmp_path / "pyproject.toml") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{TABLE}timeout = \n", "it is no TOML"),
        (f"{TABLE}x = {'[' * 5000}", "it is no TOML"),
        (f"{TABLE}x = {'1' * 5000}", "it is no TOML"),
        (b"\xff\xfe[\0t\0", "it cannot be decoded as UTF-8"),
        (TABLE.encode() + b"prelude = '\xe9'\n", "it cannot be decoded as UTF-8"),
        ("[tool]\nverify-apis = 3\n", "tool.verify-apis: a table was due, not an integer"),
    ],
    ids=["cut off", "nested", "digits", "UTF-16", "Latin-1", "no table"],
)
def test_a_broken_file_is_told_with_its_name(text: str | bytes, words: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)
    told = refusal(file)
    assert f"{file}: {words}" in told
    assert told.startswith("error: there is a mistake in the configuration\n")


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path: Path) -> None:
    assert read(write(tmp_path, b"\xef\xbb\xbf" + TABLE.encode())) is not None


def test_all_mistakes_are_in_one_message(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, f"{TABLE}jobs = 0\nmin_doc = 3\nenv.HOME = ''\n")).splitlines()
    assert told[0] == "error: there are 3 mistakes in the configuration"
    assert [line.split(": ")[1] for line in told[1:4]] == [
        *("tool.verify-apis.env.HOME", "tool.verify-apis.jobs", "tool.verify-apis.min_doc"),
    ]


def test_a_named_file_must_be_there_and_have_the_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such configuration file"):
        named(tmp_path / "nowhere.toml")
    with pytest.raises(UserError, match=r"no table \[tool.verify-apis\]"):
        named(write(tmp_path, "[tool.other]\n"))
    assert named(write(tmp_path)).said == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [("3.12", "3.12"), ("python3", "python3"), ("env/bin/python", "{}/env/bin/python"), ("/opt/py", "/opt/py"),
     ("env", "{}/env"), ("~nobody-of-this-name/py", "{}/~nobody-of-this-name/py")],
)  # fmt: skip
def test_the_path_of_an_interpreter_starts_at_the_file(said: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    found = read(write(tmp_path, f"{TABLE}python = {said!r}\n"))
    assert found is not None
    assert found.said["python"] == meant.format(tmp_path)


def test_a_file_is_shown_as_it_is_seen_from_here() -> None:
    here = Path("/srv/jobs/demo")
    assert shown(here / "pyproject.toml", here) == "pyproject.toml"
    assert shown(here / "a/pyproject.toml", here) == "a/pyproject.toml"
    assert shown(here.parent / "pyproject.toml", here) == "../pyproject.toml"
    assert shown(Path("/srv/other/pyproject.toml"), here) == "/srv/other/pyproject.toml"
