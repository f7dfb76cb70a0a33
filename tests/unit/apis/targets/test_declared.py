from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.targets.declared import Declared, read_declared
from verifier.errors import Exit, UserError

FLIT = '[build-system]\nbuild-backend = "flit_core.buildapi"\n'
HATCH = '[build-system]\nbuild-backend = "hatchling.build"\n'
MATURIN = '[build-system]\nbuild-backend = "maturin"\n'
PDM = '[build-system]\nbuild-backend = "pdm.backend"\n'
POETRY = '[build-system]\nbuild-backend = "poetry.core.masonry.api"\n'
SETUPTOOLS = '[build-system]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\n'
UV = '[build-system]\nbuild-backend = "uv_build"\n'


def project(folder: Path, *files: str, toml: str = "", cfg: str = "") -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "pyproject.toml").write_text(toml, encoding="utf-8")
    (folder / "setup.cfg").write_text(cfg, encoding="utf-8")
    return folder


def placed(folder: Path, *files: str, toml: str = "", cfg: str = "") -> dict[str, str]:
    return dict(read_declared(project(folder, *files, toml=toml, cfg=cfg)).placed)


FILES = (
    "a/__init__.py",
    "a/b/__init__.py",
    "c.py",
    "src/d/__init__.py",
    "src/n/e/__init__.py",
    "lib/f/__init__.py",
    "tests/__init__.py",
)


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        pytest.param(SETUPTOOLS + 'packages = ["a", "a.b"]', {"a": "a"}, id="setuptools: packages"),
        pytest.param(
            SETUPTOOLS + 'packages = ["d", "n.e"]\npackage-dir = {"" = "src"}',
            {"d": "src/d", "n.e": "src/n/e"},
            id="setuptools: all in a folder",
        ),
        pytest.param(
            SETUPTOOLS + 'packages = ["z", "z.y"]\npackage-dir = {"z" = "a"}',
            {"z": "a"},
            id="setuptools: one in a folder",
        ),
        pytest.param(
            SETUPTOOLS + 'packages = ["d.x"]\npackage-dir = {"d" = "src/d", "d.x" = "a"}',
            {"d.x": "a"},
            id="setuptools: nearest folder",
        ),
        pytest.param(SETUPTOOLS + 'py-modules = ["c"]', {"c": "c"}, id="setuptools: modules"),
        pytest.param(SETUPTOOLS + 'package-dir = {"" = "lib"}', {"f": "lib/f"}, id="setuptools: only the folder"),
        pytest.param(
            SETUPTOOLS + 'packages.find.where = ["src"]', {"d": "src/d", "n.e": "src/n/e"}, id="setuptools: find"
        ),
        pytest.param(SETUPTOOLS + 'packages.find = {include = ["a*"]}', {"a": "./a"}, id="setuptools: find some"),
        pytest.param(
            SETUPTOOLS + 'packages.find = {where = ["src"], exclude = ["n*"]}',
            {"d": "src/d"},
            id="setuptools: find all but",
        ),
        pytest.param(SETUPTOOLS + "packages.find = {}", {}, id="setuptools: an unlimited find is left to discovery"),
        pytest.param(
            HATCH + '[tool.hatch.build.targets.wheel]\npackages = ["src/d", "/a"]',
            {"a": "a", "d": "src/d"},
            id="hatch: packages",
        ),
        pytest.param(HATCH + '[tool.hatch.build]\npackages = ["a"]', {"a": "a"}, id="hatch: for all targets"),
        pytest.param(
            HATCH + '[tool.hatch.build.targets.wheel]\nonly-include = ["src"]\nsources = ["src"]',
            {"d": "src/d", "n.e": "src/n/e"},
            id="hatch: only-include",
        ),
        pytest.param(
            HATCH + '[tool.hatch.build.targets.wheel]\nonly-include = ["src/d"]\nsources = ["src"]',
            {"d": "src/d"},
            id="hatch: a source folder taken away",
        ),
        pytest.param(
            HATCH + '[tool.hatch.build.targets.wheel]\nonly-include = ["src/d"]\nsources.src = "x"',
            {"x.d": "src/d"},
            id="hatch: a source folder renamed",
        ),
        pytest.param(
            HATCH + '[tool.hatch.build.targets.wheel]\nonly-include = ["c.py"]', {"c": "c"}, id="hatch: a module"
        ),
        pytest.param(HATCH + '[tool.hatch.build.targets.wheel]\ninclude = ["/a/**"]', {"a": "a"}, id="hatch: include"),
        pytest.param(FLIT + '[tool.flit.module]\nname = "d"', {"d": "src/d"}, id="flit: in src"),
        pytest.param(FLIT + '[tool.flit.module]\nname = "a"', {"a": "a"}, id="flit: beside"),
        pytest.param(FLIT + '[tool.flit.module]\nname = "n.e"', {"n.e": "src/n/e"}, id="flit: in a namespace"),
        pytest.param(
            POETRY + '[[tool.poetry.packages]]\ninclude = "d"\nfrom = "src"', {"d": "src/d"}, id="poetry: from"
        ),
        pytest.param(POETRY + '[[tool.poetry.packages]]\ninclude = "a/**/*.py"', {"a": "a"}, id="poetry: a glob"),
        pytest.param(POETRY + '[[tool.poetry.packages]]\ninclude = "c.py"', {"c": "c"}, id="poetry: a module"),
        pytest.param(PDM + '[tool.pdm.build]\nincludes = ["src/d"]', {"d": "src/d"}, id="pdm: includes"),
        pytest.param(PDM + '[tool.pdm.build]\npackage-dir = "lib"', {"f": "lib/f"}, id="pdm: package-dir"),
        pytest.param(UV + '[tool.uv.build-backend]\nmodule-name = "n.e"', {"n.e": "src/n/e"}, id="uv: in src"),
        pytest.param(
            UV + '[tool.uv.build-backend]\nmodule-name = ["a"]\nmodule-root = ""', {"a": "a"}, id="uv: beside"
        ),
        pytest.param(UV + '[tool.uv.build-backend]\nmodule-root = "lib"', {"f": "lib/f"}, id="uv: only the folder"),
        pytest.param(MATURIN + '[tool.maturin]\npython-source = "lib"', {"f": "lib/f"}, id="maturin"),
        pytest.param('[tool.setuptools]\npackages = ["a"]', {"a": "a"}, id="setuptools where no backend is named"),
        pytest.param(HATCH + '[tool.setuptools]\npackages = ["a"]', {}, id="the table of another backend"),
        pytest.param('[build-system]\nbuild-backend = "own"', {}, id="a backend that is not known"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_what_a_pyproject_says(tmp_path: Path, toml: str, expected: dict[str, str]) -> None:
    assert placed(tmp_path, *FILES, toml=toml) == expected


@pytest.mark.parametrize(
    ("cfg", "expected"),
    [
        pytest.param("[options]\npackages = a, a.b", {"a": "a"}, id="between commas"),
        pytest.param("[options]\npackages =\n    a\n    a.b\npy_modules = c", {"a": "a", "c": "c"}, id="on lines"),
        pytest.param(
            "[options]\npackages = find:\npackage_dir =\n    = src",
            {"d": "src/d", "n.e": "src/n/e"},
            id="found in a folder",
        ),
        pytest.param(
            "[options]\npackages = find_namespace:\n[options.packages.find]\nwhere = src\nexclude = n*",
            {"d": "src/d"},
            id="found but",
        ),
        pytest.param("[options]\npackages = find:", {}, id="an unlimited find"),
        pytest.param("[flake8]\nexclude = a", {}, id="nothing"),
    ],
)
def test_what_a_setup_cfg_says(tmp_path: Path, cfg: str, expected: dict[str, str]) -> None:
    assert placed(tmp_path, *FILES, cfg=cfg) == expected


def test_a_pyproject_counts_before_a_setup_cfg(tmp_path: Path) -> None:
    toml, cfg = SETUPTOOLS + 'packages = ["a"]', "[options]\npy_modules = c"
    assert placed(tmp_path, *FILES, toml=toml, cfg=cfg) == {"a": "a"}


@pytest.mark.parametrize(
    ("toml", "cfg"),
    [
        ('[project]\nname = "a-b"\nversion = "1"', ""),
        ('[tool.poetry]\nname = "a-b"\nversion = "1"', ""),
        ("", "[metadata]\nname = a-b\nversion = 1"),
    ],
)
def test_name_and_version_are_read(tmp_path: Path, toml: str, cfg: str) -> None:
    found = read_declared(project(tmp_path, toml=toml, cfg=cfg))
    assert (found.name, found.version) == ("a-b", "1")


@pytest.mark.parametrize("version", ["attr: a.__version__", "file: VERSION"])
def test_a_version_that_is_kept_elsewhere_is_not_known(tmp_path: Path, version: str) -> None:
    assert read_declared(project(tmp_path, cfg=f"[metadata]\nversion = {version}")).version is None


def test_a_folder_without_configuration_says_nothing(tmp_path: Path) -> None:
    assert read_declared(tmp_path) == Declared()


def test_a_package_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="names 'gone', and there is no such folder") as raised:
        placed(tmp_path, *FILES, toml=SETUPTOOLS + 'packages = ["a", "gone"]')
    assert raised.value.where == str(tmp_path / "gone")


@pytest.mark.parametrize("data", [b"[project", b"\xff\xfe", b"a = " + b"[" * 5000])
def test_a_broken_pyproject_is_an_error_that_names_it(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)
    with pytest.raises(UserError, match="this file cannot be read") as raised:
        read_declared(tmp_path)
    assert (raised.value.where, raised.value.exit) == (str(tmp_path / "pyproject.toml"), Exit.USAGE)


def test_a_broken_setup_cfg_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this file cannot be read") as raised:
        read_declared(project(tmp_path, cfg="name = a\n[metadata]"))
    assert raised.value.where == str(tmp_path / "setup.cfg")


VALUES = st.recursive(
    st.integers() | st.booleans() | st.sampled_from(["a", "src", "", "*", "/a/**", "a.b"]).map(str),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["find", "where", "include", "from", "name", ""]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [
        "packages",
        "py-modules",
        "package-dir",
        "build",
        "module",
        "module-name",
        "build-backend",
        "python-source",
        "includes",
    ]
)


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {as_toml(item)}' for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@given(
    st.sampled_from(["setuptools", "hatchling", "flit_core", "poetry", "pdm", "uv_build", "maturin"]),
    st.dictionaries(KEYS, VALUES, max_size=3),
)
def test_values_of_any_type_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, backend: str, said: dict[str, object]
) -> None:
    tables = "".join(
        f"{tool} = {as_toml(said)}\n" for tool in ("setuptools", "hatch", "flit", "poetry", "pdm", "uv", "maturin")
    )
    toml = f'build-system.build-backend = "{backend}"\nproject.name = {as_toml(said.get("module"))}\n[tool]\n{tables}'
    folder = project(tmp_path_factory.mktemp("any"), *FILES, toml=toml.replace("none", "1"))
    with suppress(UserError):
        read_declared(folder)
