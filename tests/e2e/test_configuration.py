"""The table `[tool.verify-apis]`, through the real command: which file counts, what it changes, what is said of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = REPOSITORY / "fixtures" / "packages"
Command = Callable[..., subprocess.CompletedProcess[str]]
LONG = "It is documented at length, so that nothing but its import can speak against it: no check may object."
DEMO = f'import os\n\n_url = os.environ["DEMO_URL"]\n\n\ndef sound():\n    """{LONG}"""\n'
GIVES_URL = '[tool.verify-apis]\nenv = { DEMO_URL = "memory://" }\n'


def write(path: Path, content: str | bytes) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The report on the one target."""
    assert done.stdout, done.stderr
    (target,) = json.loads(done.stdout)["targets"]
    return dict(target)


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The codes of all causes."""
    return [cause["code"] for cause in report(done)["causes"]]


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A project folder with the package `shop`, which wants a variable, and no configuration."""
    write(tmp_path / "world" / "shop" / "__init__.py", DEMO)
    (tmp_path / "world" / ".git").mkdir()
    return tmp_path / "world"


# --- what it changes --------------------------------------------------------------------------------------------------


def test_what_fails_without_the_configuration_is_verified_with_it(tmp_path: Path, verify_apis: Command) -> None:
    copy = tmp_path / "configured"
    shutil.copytree(PACKAGES / "configured", copy, ignore=shutil.ignore_patterns("__pycache__"))
    without, used = (verify_apis("./fx_configured", "--json", *more, cwd=copy) for more in (["--no-config"], []))
    assert (without.returncode, used.returncode) == (1, 0)
    assert set(codes(without)) == {"import_exited", "needs_configuration", "needs_docs"}
    assert codes(used) == []
    assert (report(without)["configuration"], report(used)["configuration"]) == (None, "pyproject.toml")
    assert report(used)["totals"]["left_out"]["excluded"] == 2


def test_the_remedy_is_the_line_that_helps(world: Path, verify_apis: Command) -> None:
    (cause,) = report(verify_apis("./shop", "--json", cwd=world))["causes"]
    table, line = cause["remedy"].removeprefix("write into pyproject.toml: ").split(" ", 1)
    write(world / "pyproject.toml", f"{table}\n{line}\n")
    assert verify_apis("./shop", cwd=world).returncode == 0


def test_the_prelude_shows_up_in_the_text(world: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", GIVES_URL + "prelude = \"import sys; sys.path.append('/nowhere')\"\n")
    done = verify_apis("./shop", cwd=world)
    assert "  config    pyproject.toml\n" in done.stdout
    assert "noted: path sys.path: at the start (.pth files, sitecustomize, prelude)\n" in done.stdout


def test_a_failing_prelude_is_the_one_cause(world: Path, verify_apis: Command) -> None:
    write(world / "shop" / "other.py", "")
    write(world / "pyproject.toml", '[tool.verify-apis]\nprelude = """\nimport sys\nraise LookupError("no")\n"""\n')
    done = verify_apis("./shop", "--json", cwd=world)
    (cause,) = report(done)["causes"]
    assert done.returncode == 1
    assert cause == {
        "code": "not_tried",
        "what": "LookupError: the prelude failed: no",
        "where": "pyproject.toml: prelude, line 2",
        "remedy": "correct `prelude` in [tool.verify-apis]",
        "apis": 1,
        "modules": 2,
    }


def test_no_secret_of_ours_gets_to_the_imports(world: Path, scrubbed: Mapping[str, str]) -> None:
    write(world / "shop" / "__init__.py", "import os\nraise ValueError(sorted(os.environ.items()))\n")
    write(world / "pyproject.toml", GIVES_URL)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "verifier.cli.verify_apis", "./shop", "--json", "--no-cache"],
        cwd=world,
        env={**scrubbed, "DEMO_SECRET": "hunter2", "DEMO_URL": "hunter2"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "memory://" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


# --- which file counts ------------------------------------------------------------------------------------------------


def test_the_file_of_the_target_counts_before_that_of_the_working_folder(
    world: Path, tmp_path: Path, verify_apis: Command
) -> None:
    write(world / "pyproject.toml", GIVES_URL)
    here = write(tmp_path / "here" / "pyproject.toml", "[tool.verify-apis]\nenv = {}\n").parent
    for target in (world / "shop", world, world / "shop" / "__init__.py"):
        done = verify_apis(str(target), "--json", cwd=here)
        assert (codes(done), report(done)["configuration"]) == ([], str(world / "pyproject.toml"))


def test_without_a_table_of_the_target_that_of_the_working_folder_counts(
    world: Path, tmp_path: Path, verify_apis: Command
) -> None:
    write(world / "pyproject.toml", "[project]\nname = 'shop'\nversion = '1'\n")
    write(tmp_path / "here" / "pyproject.toml", GIVES_URL)
    below = tmp_path / "here" / "a" / "b"
    below.mkdir(parents=True)
    done = verify_apis(str(world), "--json", cwd=below)
    assert (codes(done), report(done)["configuration"]) == ([], "../../pyproject.toml")


def test_a_wheel_has_the_file_of_the_working_folder(world: Path, tmp_path: Path, verify_apis: Command) -> None:
    write(tmp_path / "wheel" / "shop.py", DEMO)
    write(tmp_path / "wheel" / "shop-1.dist-info" / "METADATA", "Name: shop\nVersion: 1\n")
    name = shutil.make_archive(str(tmp_path / "shop-1-py3-none-any"), "zip", tmp_path / "wheel")
    wheel = Path(name).rename(tmp_path / "shop-1-py3-none-any.whl")
    write(tmp_path / "pyproject.toml", "[tool.verify-apis]\nenv = {}\n")
    write(world / "pyproject.toml", GIVES_URL)
    done = verify_apis(str(wheel), "--json", cwd=world)
    assert (codes(done), report(done)["configuration"]) == ([], "pyproject.toml")


def test_the_way_up_ends_at_the_repository(world: Path, tmp_path: Path, verify_apis: Command) -> None:
    write(tmp_path / "pyproject.toml", GIVES_URL)
    done = verify_apis("./shop", "--json", cwd=world)
    assert (codes(done), report(done)["configuration"]) == (["needs_configuration"], None)


@pytest.mark.parametrize("option", ["--config", "--config-file"])
def test_a_file_may_be_named(option: str, world: Path, tmp_path: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", "[tool.verify-apis]\nenv = {}\n")
    write(tmp_path / "other.toml", GIVES_URL)
    done = verify_apis("./shop", option, "../other.toml", "--json", cwd=world)
    assert (codes(done), report(done)["configuration"]) == ([], "../other.toml")


@pytest.fixture
def installed(world: Path, tmp_path: Path) -> Path:
    """An interpreter that has `shop` as an editable install of the project `world`."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    write(site / "shop.pth", f"{world}\n")
    metadata = site / "shop-1.0.dist-info"
    write(metadata / "METADATA", "Name: shop\nVersion: 1.0\n")
    write(metadata / "RECORD", "shop.pth,,\n")
    write(metadata / "direct_url.json", json.dumps({"dir_info": {"editable": True}, "url": world.as_uri()}))
    return python


def test_an_editable_install_has_the_file_of_its_project(
    world: Path, tmp_path: Path, installed: Path, verify_apis: Command
) -> None:
    write(world / "pyproject.toml", GIVES_URL)
    write(tmp_path / "here" / "pyproject.toml", "[tool.verify-apis]\nstrict = true\n")
    done = verify_apis("shop", "--json", "--python", str(installed), cwd=tmp_path / "here")
    assert (codes(done), report(done)["configuration"]) == ([], str(world / "pyproject.toml"))


def test_an_editable_install_without_a_table_has_the_file_of_the_working_folder(
    tmp_path: Path, installed: Path, verify_apis: Command
) -> None:
    write(tmp_path / "here" / "pyproject.toml", GIVES_URL)
    done = verify_apis("shop", "--json", "--python", str(installed), cwd=tmp_path / "here")
    assert (codes(done), report(done)["configuration"]) == ([], "pyproject.toml")


def test_the_file_names_the_interpreter(world: Path, tmp_path: Path, installed: Path, verify_apis: Command) -> None:
    """By a path that starts at the file; and a project that was found by it may name another one."""
    here = write(tmp_path / "here" / "pyproject.toml", "[tool.verify-apis]\npython = '../env'\n").parent
    done = verify_apis("shop", cwd=here)
    assert f"{installed} (python in pyproject.toml)" in done.stdout
    write(world / "pyproject.toml", GIVES_URL)
    found = verify_apis("shop", cwd=here)
    assert f"{installed} (python in {world / 'pyproject.toml'})" in found.stdout
    write(world / "pyproject.toml", f"{GIVES_URL}python = {str(tmp_path / 'link')!r}\n")
    (tmp_path / "link").symlink_to(tmp_path / "env")
    other = verify_apis("shop", cwd=here)
    assert f"{tmp_path / 'link'}/bin/python" in other.stdout
    assert other.returncode == 0


# --- the command line wins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "options", "with_file", "with_both"),
    [
        ("strict = true\nmin-doc = 9999", ["--no-strict"], 1, 0),
        ("strict = true\nmin-doc = 9999", ["--min-doc", "0"], 1, 0),
        ("min-doc = 9999", ["--strict"], 0, 1),
        ("timeout = 0.1", ["--timeout", "30.0"], 1, 0),
        ("include-private = true", ["--no-include-private"], 1, 0),
        ("include-tests = true", ["--no-include-tests"], 1, 0),
        ("jobs = 1\nmemory = 2000", ["-j", "2", "--memory", "4096"], 0, 0),
    ],
)
def test_the_command_line_wins(
    table: str, options: list[str], with_file: int, with_both: int, world: Path, verify_apis: Command
) -> None:
    write(world / "shop" / "__init__.py", DEMO + ("import time\ntime.sleep(1)\n" if "timeout" in table else ""))
    write(world / "shop" / "_private.py", "raise ValueError\n")
    write(world / "shop" / "tests.py", "raise ValueError\n")
    write(world / "pyproject.toml", f"{GIVES_URL}{table}\n")
    assert verify_apis("./shop", cwd=world).returncode == with_file
    assert verify_apis("./shop", *options, cwd=world).returncode == with_both


def test_each_target_has_its_own_settings(world: Path, tmp_path: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", f"{GIVES_URL}min-doc = 9999\nstrict = true\n")
    other = write(tmp_path / "other" / "other" / "__init__.py", 'def free():\n    """Short."""\n').parent
    write(other.parent / "pyproject.toml", "[tool.verify-apis]\nmin-doc = 3\n")
    done = verify_apis(str(other), "./shop", "--json", cwd=world)
    targets = json.loads(done.stdout)["targets"]
    assert [len(target["apis"]) for target in targets] == [1, 0]
    assert done.returncode == 1
    assert verify_apis(str(other), cwd=world).returncode == 0


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "[tool.verify-apis]\nmin_doc = 3\n",
            "tool.verify-apis.min_doc: there is no such key; did you mean 'min-doc'?",
        ),
        ("[tool.verify-apis]\nenv.HOME = '/srv'\n", "tool.verify-apis.env.HOME: the sandbox itself sets HOME"),
        ("[tool.verify-apis]\ntimeout = inf\n", "tool.verify-apis.timeout: a number of seconds from 0.1 to 86,400"),
        ("[tool.verify-apis\n", "it is no TOML"),
        (b"[tool.verify-apis]\n# \xe9\n", "it cannot be decoded as UTF-8"),
        ("tool = 3 # [tool.verify-apis]\n", ""),
    ],
)
def test_a_bad_file_is_told_in_one_message(
    content: str | bytes, words: str, world: Path, tmp_path: Path, verify_apis: Command
) -> None:
    write(world / "pyproject.toml", content)
    for target in ("./shop", "json"):
        done = verify_apis(target, cwd=world)
        assert (done.returncode == 2) is bool(words), done.stderr
        assert (f"  pyproject.toml: {words}" in done.stderr) is bool(words)
        assert "Traceback" not in done.stderr


def test_a_bad_file_that_counts_for_several_targets_is_told_once(world: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", "[tool.verify-apis]\nmin_doc = 3\njobs = 0\n")
    done = verify_apis("./shop", "json", "colorsys", cwd=world)
    assert done.returncode == 2
    assert done.stderr.count("error: there are 2 mistakes in the configuration\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--config", "nowhere.toml"], "there is no such configuration file"),
        (["--config", "shop"], "there is no such configuration file"),
        (["--config", "shop/__init__.py"], "this file has no table [tool.verify-apis]"),
        (["--config", "pyproject.toml", "--no-config"], "exclude each other"),
    ],
)
def test_a_bad_choice_of_a_file_is_told(options: list[str], words: str, world: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", GIVES_URL)
    done = verify_apis("./shop", *options, cwd=world)
    assert done.returncode == 2
    assert words in done.stderr


def test_with_no_config_a_bad_file_does_not_matter(world: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", "[tool.verify-apis]\nmin_doc = 3\n")
    assert report(verify_apis("./shop", "--no-config", "--json", cwd=world))["configuration"] is None


def test_a_file_that_does_not_speak_of_us_may_be_broken(world: Path, verify_apis: Command) -> None:
    write(world / "pyproject.toml", "{{ template }}\n")
    assert verify_apis("colorsys", cwd=world).stderr == ""


# --- other failures of the start --------------------------------------------------------------------------------------


def test_a_start_of_the_interpreter_that_hangs_is_told(world: Path, installed: Path, verify_apis: Command) -> None:
    site = next((installed.parents[1] / "lib").glob("python*/site-packages"))
    write(site / "sitecustomize.py", "while True: pass\n")
    done = verify_apis("./shop", "--python", str(installed), "--timeout", "1", cwd=world)
    assert done.returncode == 1, done.stderr
    assert "the interpreter's start-up (.pth files, sitecustomize) did not end in time [not_tried]" in done.stdout
