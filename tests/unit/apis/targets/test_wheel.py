from __future__ import annotations

import io
import stat
import warnings
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.targets import wheel as wheels
from verifier.apis.targets.wheel import check_tags, unpacked
from verifier.errors import Exit, NothingToCheck, UserError
from verifier.model import Interpreter

METADATA = "a-1.0.dist-info/METADATA"
GOOD = {"a/__init__.py": "x = 1\n", METADATA: "Name: A\nVersion: 1.0\n", "a-1.0.dist-info/RECORD": ""}


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def wheel(folder: Path, files: dict[str, str], name: str = "a-1.0-py3-none-any.whl") -> Path:
    path = folder / name
    path.write_bytes(packed(files))
    return path


def refused(path: Path) -> UserError:
    """The error that `path` is refused with; nothing must be left behind."""
    with pytest.raises(UserError) as raised, unpacked(path):
        pass
    assert raised.value.where.startswith(str(path))
    assert raised.value.fix
    return raised.value


def contents(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- a good wheel -----------------------------------------------------------------------------------------------------


def test_a_wheel_is_unpacked_as_it_would_be_installed(tmp_path: Path) -> None:
    with unpacked(wheel(tmp_path, GOOD)) as found:
        assert contents(found.metadata.parent) == sorted(GOOD)


def test_name_and_version_come_from_inside(tmp_path: Path) -> None:
    with unpacked(wheel(tmp_path, GOOD, name="renamed.whl")) as found:
        assert (found.name, found.version) == ("A", "1.0")


def test_nothing_is_left_when_it_has_been_used(tmp_path: Path) -> None:
    with unpacked(wheel(tmp_path, GOOD)) as found:
        folder = found.metadata.parent
    assert not folder.exists()


def test_what_is_laid_over_the_root_is_merged_and_the_rest_of_the_data_left_out(tmp_path: Path) -> None:
    data = {f"a-1.0.data/{place}": "" for place in ("purelib/a/b.py", "platlib/c.so", "scripts/a", "data/share/d.py")}
    with unpacked(wheel(tmp_path, GOOD | data)) as found:
        assert set(contents(found.metadata.parent)) - set(GOOD) == {"a/b.py", "c.so"}


def test_entries_for_folders_are_allowed(tmp_path: Path) -> None:
    with unpacked(wheel(tmp_path, {"a/": "", **GOOD})) as found:
        assert contents(found.metadata.parent) == sorted(GOOD)


# --- a bad one --------------------------------------------------------------------------------------------------------


def test_a_wheel_that_is_not_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck), unpacked(tmp_path / "a.whl"):
        pass


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip at all", packed(GOOD)[:100], packed(GOOD)[:-30]],
    ids=["empty", "text", "its beginning", "its end is missing"],
)
def test_what_is_no_zip_or_is_truncated_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.whl"
    path.write_bytes(data)
    error = refused(path)
    assert error.what.startswith("this is no readable wheel")
    assert error.exit is Exit.USAGE


@pytest.mark.parametrize(
    "name",
    [
        "/etc/x.py",
        "../x.py",
        "a/../../x.py",
        "C:/x.py",
        "c:x.py",
        "..\\x.py",
        "\\\\host\\x.py",
        "a\\b.py",
        "a-1.0.data/purelib/../../x",
    ],
)
def test_a_path_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert "path" in refused(wheel(tmp_path, GOOD | {name: ""})).what
    assert contents(tmp_path) == ["a-1.0-py3-none-any.whl"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, GOOD)
    with ZipFile(path, "a") as archive:
        link = ZipInfo("a/link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(path).what == "this wheel holds a link"


@pytest.mark.parametrize("name", ["a/__init__.py", "a-1.0.data/purelib/a/__init__.py"])
def test_a_path_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    path = wheel(tmp_path, GOOD)
    with ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own, about what is tested here
        archive.writestr(name, "")
    assert refused(path).what == "this wheel holds a path twice"


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    assert "no readable wheel" in refused(wheel(tmp_path, GOOD | {"a/b": "", "a/b/c.py": ""})).what


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILES", 2), ("MAX_BYTES", 5)])
def test_more_than_is_sane_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(wheels, limit, value)
    assert "this wheel holds more than" in refused(wheel(tmp_path, GOOD)).what


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed({METADATA: "Name: A\n"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    path = tmp_path / "a.whl"
    path.write_bytes(data)
    assert "no readable wheel" in refused(path).what


def test_a_compression_that_wheels_do_not_use_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, GOOD)
    with ZipFile(path, "a", ZIP_BZIP2) as archive:
        archive.writestr("a/b.py", "")
    assert "compressed" in refused(path).what


@pytest.mark.parametrize("files", [{"a.py": ""}, GOOD | {"b-1.0.dist-info/METADATA": ""}])
def test_a_wheel_holds_one_distribution(tmp_path: Path, files: dict[str, str]) -> None:
    assert "holds one .dist-info" in refused(wheel(tmp_path, files)).what


@given(st.integers(0, len(packed(GOOD)) - 1), st.binary(min_size=1, max_size=8))
def test_damage_anywhere_is_refused_or_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes
) -> None:
    data = packed(GOOD)
    path = tmp_path_factory.mktemp("damaged") / "a.whl"
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    with suppress(UserError), unpacked(path):
        pass


# --- its tags ---------------------------------------------------------------------------------------------------------


def python(version: str, implementation: str = "cpython", platform: str = "linux-x86_64") -> Interpreter:
    return Interpreter(
        path=Path("/usr/bin/python3"),
        chosen="--python",
        version=version,
        implementation=implementation,
        platform=platform,
        prefix=Path("/usr"),
        base_prefix=Path("/usr"),
        standard_library=(),
        site_packages=(),
        extension_suffixes=(".so",),
        builtin_modules=frozenset(),
    )


@pytest.mark.parametrize(
    "name",
    [
        "a-1.0-py3-none-any.whl",
        "a-1.0-py2.py3-none-any.whl",
        "a-1.0-1-py3-none-any.whl",
        "a-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1.0-cp39-abi3-linux_x86_64.whl",
        "a-1.0-cp310.cp311-cp310.cp311-musllinux_1_2_x86_64.whl",
        "renamed.whl",
    ],
)
def test_a_wheel_for_this_interpreter_is_taken(name: str) -> None:
    check_tags(Path(name), python("3.11.7"))


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", "--python 3.12"),
        ("a-1.0-cp311-cp311-macosx_11_0_arm64.whl", "take the wheel for this system"),
        ("a-1.0-py3-none-win_amd64.whl", "take the wheel for this system"),
    ],
)
def test_a_wheel_for_another_interpreter_is_refused(name: str, fix: str) -> None:
    with pytest.raises(UserError) as raised:
        check_tags(Path(name), python("3.11.7"))
    assert raised.value.fix == fix


def test_a_wheel_for_cpython_is_not_for_another_implementation() -> None:
    with pytest.raises(UserError, match="the interpreter is pypy"):
        check_tags(Path("a-1.0-cp311-cp311-linux_x86_64.whl"), python("3.11.9", implementation="pypy"))


def test_on_a_system_that_is_not_known_the_platform_is_not_judged() -> None:
    check_tags(Path("a-1.0-py3-none-macosx_11_0_arm64.whl"), python("3.11.7", platform="haiku"))
