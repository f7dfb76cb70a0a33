from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.targets.site_path import pth_files, pth_lines, site_path


def site(folder: Path, **pth: str) -> Path:
    """A site-packages folder with `.pth` files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pth.items():
        (folder / f"{name}.pth").write_text(text, encoding="utf-8")
    return folder


def path_of(*sites: Path, known: tuple[Path, ...] = (), version: tuple[int, ...] = (3, 12, 1)) -> list[Path]:
    return list(site_path(sites, known=known, version=version))


def test_a_site_folder_comes_first_and_then_the_lines_of_its_pth_files(tmp_path: Path) -> None:
    added = tmp_path / "src"
    added.mkdir()
    folder = site(tmp_path / "site", a=f"{added}\n")
    assert path_of(folder) == [folder, added]


def test_pth_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    folder = site(tmp_path / "site", b=f"{tmp_path}/1\n", a=f"{tmp_path}/2\n")
    assert path_of(folder) == [folder, tmp_path / "2", tmp_path / "1"]


def test_a_relative_line_starts_at_the_site_folder(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    folder = site(tmp_path / "site", a="../src  \n")
    assert path_of(folder) == [folder, tmp_path / "src"]


@pytest.mark.parametrize(
    "line", ["# {0}", "", "   ", "import sys; sys.path.append({0!r})", "import\tsys", "/nowhere/at/all"]
)
def test_a_line_that_names_no_existing_path_adds_nothing(tmp_path: Path, line: str) -> None:
    folder = site(tmp_path / "site", a=line.format(str(tmp_path)) + "\n")
    assert path_of(folder) == [folder]


def test_an_import_line_is_code_even_where_it_could_be_a_path(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", a="import x\n")
    (folder / "import x").mkdir()
    assert path_of(folder) == [folder]


def test_a_zip_file_may_be_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "x.zip").touch()
    folder = site(tmp_path / "site", a="../x.zip")
    assert path_of(folder) == [folder, tmp_path / "x.zip"]


def test_what_is_on_the_path_already_is_not_added_again(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    folder = site(tmp_path / "site", a=f"{tmp_path}/lib\n.\n../lib/\n")
    assert path_of(folder, folder, known=(tmp_path / "lib",)) == [folder]


def test_a_site_folder_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert path_of(tmp_path / "nowhere") == []


@pytest.mark.parametrize(("version", "entries"), [((3, 12, 1), 2), ((3, 13, 0), 1)])
def test_python_3_13_skips_hidden_pth_files(tmp_path: Path, version: tuple[int, ...], entries: int) -> None:
    folder = site(tmp_path / "site")
    (folder / ".hidden.pth").write_text("..", encoding="utf-8")
    assert len(path_of(folder, version=version)) == entries


def test_a_byte_order_mark_is_not_part_of_the_first_line(tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    (folder / "a.pth").write_bytes(b"\xef\xbb\xbf..\n")
    assert path_of(folder) == [folder, tmp_path]


def test_a_path_that_is_not_utf_8_is_still_read(tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    odd = tmp_path / "\udce9"
    odd.mkdir()
    (folder / "a.pth").write_bytes(b"../\xe9\n")
    assert path_of(folder) == [folder, odd]


def test_what_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    assert pth_lines(tmp_path / "nowhere.pth") == []
    assert pth_files(tmp_path / "nowhere") == []
