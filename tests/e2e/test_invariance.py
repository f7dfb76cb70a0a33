"""The same repository gives the same bytes, wherever and whenever it is enriched, and a second run changes no file.

Shown with the real command on fixtures/monorepo, which has all that goes wrong in real repositories, and on each case
of fixtures/manifests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec import UNSET

from tests.repositories import (
    CASES,
    MONOREPO,
    PATIENCE,
    command,
    commands_of,
    copied,
    enrich,
    environment,
    files,
    transcript,
)
from verifier.manifests import history, layout, ledger
from verifier.manifests.layout import EMPTY
from verifier.manifests.ledger import Record
from verifier.manifests.repository import MANIFEST

WRITING = tuple(case for case in CASES if (case / "after").exists())
ENRICHED = tuple(case for case in WRITING if ["--all"] in commands_of(case) and case.name != "revert")
"""Those that one run has brought to its end: a second one has nothing to do."""
REFUSED = 2
"""The exit code: one module of the monorepo has an empty manifest."""
LEDGERS = "manifests/.ledger"
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "random",
    "LC_ALL": "C",
}
LATER = {"TZ": "America/St_Johns", "PYTHONHASHSEED": "1", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1900000000"}
MEMORY = Path("/dev/shm")
"""A file system that lists what was made last first, if there is one."""
Picture = dict[str, tuple[int, int, int, bytes]]


def picture(root: Path) -> Picture:
    """Every file: its inode, the time of its last change, its mode, its bytes."""
    return {
        name: ((found := (root / name).stat()).st_ino, found.st_mtime_ns, found.st_mode, data)
        for name, data in files(root).items()
    }


def modes(root: Path) -> dict[str, int]:
    """The mode of every file and folder."""
    return {path.relative_to(root).as_posix(): path.stat().st_mode for path in root.rglob("*")}


def modules(root: Path) -> list[str]:
    """The paths of all modules but those that are left out."""
    found = sorted(path.parent.relative_to(root).as_posix() for path in root.rglob(MANIFEST))
    return [path for path in found if not path.startswith(("archive/", "labs/scratch"))]


def ledgers(root: Path) -> dict[str, tuple[Record, ...]]:
    """The records of each module."""
    return {
        path.relative_to(root / LEDGERS).with_suffix("").as_posix(): ledger.sound(path.read_bytes(), path.name)
        for path in (root / LEDGERS).rglob("*.ndjson")
    }


def recorded(root: Path) -> dict[str, dict[str, bytes]]:
    """The enriched fields of each module, as the ledger has them, each in the one way to write a value."""
    return {
        module: {name: layout.canonical(value) for name, value in ledger.replay(records).items()}
        for module, records in ledgers(root).items()
    }


def held(root: Path) -> dict[str, dict[str, bytes]]:
    """The same fields, as far as the manifests have them."""
    found: dict[str, dict[str, bytes]] = {}
    for module, fields in recorded(root).items():
        manifest = layout.read((root / module / MANIFEST).read_bytes(), module).value
        values = {name: layout.value_at(manifest, name) for name in fields}
        found[module] = {name: layout.canonical(value) for name, value in values.items() if value is not UNSET}
    return found


@pytest.fixture(scope="module")
def env(scrubbed: Mapping[str, str]) -> dict[str, str]:
    """What runs see, unless a test says otherwise."""
    return environment(scrubbed, PYTHONHASHSEED="0", TZ="UTC")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Path:
    """The monorepo, of which every manifest is one of ours now. To be copied."""
    root = copied(MONOREPO, tmp_path_factory.mktemp("migrated") / "monorepo")
    assert enrich(root, "migrate", "--all", env=env).returncode == REFUSED
    return root


@pytest.fixture(scope="module")
def enriched(tmp_path_factory: pytest.TempPathFactory, migrated: Path, env: dict[str, str]) -> Path:
    """The monorepo, enriched. To be looked at, or copied."""
    root = copied(migrated, tmp_path_factory.mktemp("enriched") / "monorepo")
    done = enrich(root, "--all", env=env)
    assert (done.returncode, "1 refused, 28 written" in done.stdout.splitlines()) == (REFUSED, True)
    return root


# --- a second run -----------------------------------------------------------------------------------------------------


def test_a_second_run_changes_no_file(enriched: Path, env: dict[str, str]) -> None:
    before = picture(enriched)
    named = [f"--module={path}" for path in reversed(modules(enriched))]
    told = [
        enrich(enriched, *options, env={**env, **LATER}, umask=0o077).stdout
        for options in (named, ["migrate", "--all"], ["replay", "--all"])
    ]
    assert told == ["1 refused, 28 unchanged\n", "1 refused, 28 unchanged\n", "29 unchanged\n"]
    assert picture(enriched) == before


@pytest.mark.parametrize("how", ["--dry-run", "--check"])
def test_after_it_there_is_nothing_to_show(how: str, enriched: Path, env: dict[str, str]) -> None:
    before = picture(enriched)
    done = enrich(enriched, "--all", how, env=env)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert picture(enriched) == before


# --- another place ----------------------------------------------------------------------------------------------------


def test_elsewhere_and_backwards_the_same_repository_gives_the_same_bytes(
    enriched: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    """A deeper folder, with a blank; made in no order, named backwards; another zone, locale, seed and umask."""
    root = copied(MONOREPO, tmp_path / "another place" / "of some depth" / "mono repo", mixed=True)
    named = [f"--module={path}" for path in reversed(modules(root))]
    for options in (["migrate", "--all"], named[:5], named[5:15], named[15:], ["--all"]):
        enrich(root, *options, env={**env, **ELSEWHERE}, umask=0o077)
    assert files(root) == files(enriched)
    assert modes(root) == modes(enriched)
    made = {name: mode for name, mode in modes(root).items() if name.startswith("manifests")}
    assert {oct(mode) for mode in made.values()} == {"0o100644", "0o40755"}


def test_no_file_names_the_machine(enriched: Path) -> None:
    names = [os.fsencode(folder) for folder in (enriched, sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"))]
    assert [name for name, data in files(enriched).items() if any(folder in data for folder in names)] == []


@pytest.fixture(scope="module")
def elsewhere(env: dict[str, str]) -> Iterator[dict[Path, tuple[Path, str]]]:
    """Each case that writes, where names are listed in another order than on a disk; and what its commands print."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, ThreadPoolExecutor() as pool:

        def run(case: Path) -> tuple[Path, str]:
            root = copied(case / "before", Path(folder) / "another place" / case.name, mixed=True)
            return root, transcript(case, root, env={**env, **ELSEWHERE}, umask=0o077)

        yield dict(zip(WRITING, pool.map(run, WRITING), strict=True))


@pytest.mark.parametrize("case", WRITING, ids=lambda case: case.name)
def test_elsewhere_a_case_gives_the_same_bytes_and_words(
    case: Path, elsewhere: Mapping[Path, tuple[Path, str]]
) -> None:
    root, told = elsewhere[case]
    assert files(root) == files(case / "before") | files(case / "after")
    assert told == (case / "output.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", ENRICHED, ids=lambda case: case.name)
def test_a_second_run_changes_no_file_of_a_case(
    case: Path, elsewhere: Mapping[Path, tuple[Path, str]], env: dict[str, str]
) -> None:
    root, _ = elsewhere[case]
    before = picture(root)
    enrich(root, "--all", env={**env, **LATER}, umask=0o077)
    assert picture(root) == before


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_runs_at_once_end_as_one(enriched: Path, migrated: Path, tmp_path: Path, env: dict[str, str]) -> None:
    root = copied(migrated, tmp_path / "monorepo")
    runs = [
        subprocess.Popen(command("--all"), cwd=root, env=env, stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    lines = [run.communicate(timeout=PATIENCE)[0].splitlines() for run in runs]
    told = sorted(line for each in lines for line in each if line.startswith("1 refused"))
    assert [run.returncode for run in runs] == [REFUSED, REFUSED]
    assert told == ["1 refused, 28 unchanged", "1 refused, 28 written"]
    assert files(root) == files(enriched)
    assert modes(root) == modes(enriched)


# --- replay -----------------------------------------------------------------------------------------------------------


def test_a_ledger_says_what_its_manifest_holds(enriched: Path) -> None:
    found = ledgers(enriched)
    assert len(found) == 28
    for module, records in found.items():
        manifest = layout.read((enriched / module / MANIFEST).read_bytes(), module).value
        assert history.differing(records, manifest) == (), module


def test_the_ledgers_give_back_the_enriched_fields_of_manifests_that_have_lost_them(
    enriched: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    root = copied(enriched, tmp_path / "monorepo")
    for module, fields in recorded(root).items():
        path = root / module / MANIFEST
        path.write_bytes(layout.changed(layout.read(path.read_bytes(), module), dict.fromkeys(fields, UNSET)))
    done = enrich(root, "replay", "--all", env=env)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 unchanged, 28 written")
    assert held(root) == recorded(enriched)
    for module in modules(root):
        found, wanted = (layout.read((each / module / MANIFEST).read_bytes(), module) for each in (root, enriched))
        assert found.value == wanted.value


def test_the_ledgers_give_back_the_enriched_fields_where_all_manifests_are_gone(
    enriched: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    root = copied(enriched, tmp_path / "monorepo")
    for module in modules(root):
        (root / module / MANIFEST).unlink()
    done = enrich(root, "replay", "--all", env=env)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "28 written")
    assert held(root) == recorded(enriched)
    assert {data for name, data in files(root).items() if name.endswith(MANIFEST)}.isdisjoint({EMPTY})
    after = picture(root)
    assert enrich(root, "replay", "--all", env={**env, **ELSEWHERE}).stdout == "28 unchanged\n"
    assert picture(root) == after
