"""What the configuration may and may not change, through the real command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., subprocess.CompletedProcess[str]]
API = f'def api():\n    """{"words " * 20}"""\n'
TABLE = "[tool.verify-apis]\n"
OVERRIDE = "[[tool.verify-apis.overrides]]\n"


def project(folder: Path, configuration: str, **modules: str) -> Path:
    """A project with the package `demo`: `project(folder, "…", sub="x = 1")` has a `demo/sub.py`."""
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "__init__.py").write_text(modules.pop("demo", API), encoding="utf-8")
    (folder / "pyproject.toml").write_text(configuration, encoding="utf-8")
    for name, source in modules.items():
        (folder / "demo" / f"{name}.py").write_text(source, encoding="utf-8")
    return folder


def report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The report on the one target."""
    assert done.stdout, done.stderr
    (target,) = json.loads(done.stdout)["targets"]
    return dict(target)


def test_the_command_line_wins_over_overrides_too(tmp_path: Path, verify_apis: Command) -> None:
    table = f'{TABLE}timeout = 90\n{OVERRIDE}modules = ["demo.slow"]\ntimeout = 90\nmin-doc = 500\n'
    folder = project(tmp_path, table, slow=f"while True: pass\n{API}", brief=API)
    shown = report(verify_apis("./demo", "--json", "--timeout", "1", cwd=folder))
    assert shown["modules"]["demo.slow"]["error"]["type"] == "Timeout"
    table = f'{TABLE}{OVERRIDE}modules = ["demo"]\nmin-doc = 500\n'
    folder = project(tmp_path / "docs", table)
    assert verify_apis("./demo", "--strict", cwd=folder).returncode == 1
    assert verify_apis("./demo", "--strict", "--min-doc", "80", cwd=folder).returncode == 0


def test_what_lies_above_the_repository_is_somebody_else_s(tmp_path: Path, verify_apis: Command) -> None:
    (tmp_path / "pyproject.toml").write_text(f'{TABLE}python = "./not-ours"\n', encoding="utf-8")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    package = tmp_path / "repository" / "demo"
    package.mkdir()
    (package / "__init__.py").write_text(API, encoding="utf-8")
    shown = report(verify_apis("./demo", "--json", cwd=tmp_path / "repository"))
    assert shown["configuration"] is None


def test_a_prelude_hides_no_effect_of_a_module_that_it_loads(tmp_path: Path, verify_apis: Command) -> None:
    made = tmp_path / "made"
    source = f"import os\ntry:\n    os.mkdir({str(made)!r})\nexcept OSError:\n    pass\n{API}"
    folder = project(tmp_path / "project", f'{TABLE}prelude = "import demo.acts"\n', acts=source, other=API)
    shown = report(verify_apis("./demo", "--json", cwd=folder))
    assert list(shown["apis_pending"]) == ["demo.acts.api"]
    assert [reason["code"] for reason in shown["apis_pending"]["demo.acts.api"]["reasons"]] == ["forbidden_effect"]
    assert not made.exists()


def test_what_the_prelude_does_itself_is_no_module_s_doing(tmp_path: Path, verify_apis: Command) -> None:
    prelude = "import os\nimport demo\ntry:\n    os.mkdir('/made')\nexcept OSError:\n    pass\n"
    folder = project(tmp_path, f"{TABLE}prelude = {json.dumps(prelude)}\n")
    done = verify_apis("./demo", "--json", cwd=folder)
    assert done.returncode == 0, done.stdout
    assert ("mkdir", "/made") in {(each["kind"], each["target"]) for each in report(done)["startup"]["effects"]}
