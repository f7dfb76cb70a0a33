"""What the reports look like. Only what we promise: paths, versions and layers of this machine are replaced.

`make golden` rewrites the files; they are reviewed as code.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "fixtures" / "packages"
Command = Callable[..., subprocess.CompletedProcess[str]]
Golden = Callable[[str, str], None]
MACHINE = (
    (re.compile(r"(?<=  python    ).*"), "<PYTHON>"),
    (re.compile(r"(?<=  files     ).*"), "<FILES>"),
    (re.compile(r"(?<=  isolation ).*"), "<ISOLATION>"),
    (re.compile(r'(?<="interpreter": )\{.*?\}', re.DOTALL), '"<PYTHON>"'),
    (re.compile(r'(?<="isolation": )\{.*?\n      \}', re.DOTALL), '"<ISOLATION>"'),
    (re.compile(r'(?<="version": )"\d[^"]*"'), '"<VERSION>"'),
)


def normalised(text: str, world: Path) -> str:
    """The report without what differs from machine to machine."""
    for pattern, word in MACHINE:
        text = pattern.sub(word, text)
    return text.replace(str(world), "<WORLD>")


@pytest.fixture
def report(tmp_path: Path, verify_apis: Command) -> Callable[..., str]:
    """The report on one fixture package, in the format that the options ask for."""

    def run(case: str, *options: str) -> str:
        world = tmp_path / case
        shutil.copytree(PACKAGES / case, world, ignore=shutil.ignore_patterns("__pycache__"))
        done = verify_apis(f"./fx_{case}", *options, cwd=world)
        assert done.stderr == ""
        return normalised(done.stdout, world)

    return run


def test_the_text_on_a_package_with_every_fault(report: Callable[..., str], golden: Golden) -> None:
    golden("peer_matrix.txt", report("peer_matrix"))


def test_the_text_on_a_clean_package_has_nothing_to_say(report: Callable[..., str], golden: Golden) -> None:
    golden("clean.txt", report("clean"))


def test_the_long_text_lists_every_api(report: Callable[..., str], golden: Golden) -> None:
    golden("reexports.txt", report("reexports", "-v"))


def test_the_text_notes_what_an_import_did_without_harm(report: Callable[..., str], golden: Golden) -> None:
    golden("writes_below_home.txt", report("writes_below_home"))


def test_the_json(report: Callable[..., str], golden: Golden) -> None:
    golden("ghost_in_all.json", report("ghost_in_all", "--json"))


def test_the_text_on_several_targets_ends_with_a_summary(tmp_path: Path, verify_apis: Command, golden: Golden) -> None:
    for case in ("clean", "ghost_in_all"):
        shutil.copytree(PACKAGES / case / f"fx_{case}", tmp_path / f"fx_{case}")
    done = verify_apis("./fx_clean", "./fx_ghost_in_all", "fx_absent", "./nowhere", cwd=tmp_path)
    golden("several.txt", normalised(done.stdout, tmp_path))


def test_the_text_on_a_list_is_brief(tmp_path: Path, verify_apis: Command, golden: Golden) -> None:
    for case in ("clean", "ghost_in_all", "short_docstring"):
        wheel(PACKAGES / case / f"fx_{case}", tmp_path / "dist")
    (tmp_path / "dist" / "fx_damaged-1.0-py3-none-any.whl").touch()
    done = verify_apis("./dist", cwd=tmp_path)
    golden("list.txt", normalised(done.stdout, tmp_path))


def wheel(package: Path, folder: Path) -> None:
    """A wheel of a fixture."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{package.name}-1.0-py3-none-any.whl", "w") as archive:
        for path in sorted(package.rglob("*.py")):
            archive.write(path, path.relative_to(package.parent))
        archive.writestr(f"{package.name}-1.0.dist-info/METADATA", f"Name: {package.name}\nVersion: 1.0\n")
