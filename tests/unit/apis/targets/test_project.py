from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.targets.project import Project, read_project
from verifier.errors import Exit, NothingToCheck, UserError

HATCH = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "my-pkg"\n'
NAMED = '[project]\nname = "my-pkg"\nversion = "1.2"\n'


def tree(folder: Path, *files: str, toml: str | None = None) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    if toml is not None:
        (folder / "pyproject.toml").write_text(toml, encoding="utf-8")
    return folder


def found(path: Path) -> tuple[list[str], list[Path]]:
    project = read_project(path)
    return list(project.names), list(project.path)


# --- a package, a module ----------------------------------------------------------------------------------------------


def test_a_package_is_imported_from_the_folder_above(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a/__init__.py") / "a") == (["a"], [tmp_path])


def test_the_name_of_a_part_goes_up_as_far_as_there_are_packages(tmp_path: Path) -> None:
    tree(tmp_path, "django/__init__.py", "django/db/__init__.py")
    assert found(tmp_path / "django/db") == (["django.db"], [tmp_path])


def test_a_package_that_carries_its_projects_configuration_is_a_package(tmp_path: Path) -> None:
    """As pandas is installed."""
    tree(tmp_path, "my_pkg/__init__.py", "my_pkg/core/__init__.py")
    tree(tmp_path / "my_pkg", toml=NAMED)
    assert found(tmp_path / "my_pkg") == (["my_pkg"], [tmp_path])
    assert found(tmp_path / "my_pkg" / "core") == (["my_pkg.core"], [tmp_path])


def test_a_module_file_is_a_target(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a.py", "b.py") / "a.py") == (["a"], [tmp_path])


def test_a_module_file_in_a_package_has_its_whole_name(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a/__init__.py", "a/b.py") / "a/b.py") == (["a.b"], [tmp_path])


def test_an_init_file_stands_for_its_package(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a/__init__.py") / "a/__init__.py") == (["a"], [tmp_path])


def test_a_compiled_package_is_a_package(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a/__init__.abi3.so") / "a") == (["a"], [tmp_path])


# --- a project --------------------------------------------------------------------------------------------------------


def test_a_project_tells_its_name_version_and_folder(tmp_path: Path) -> None:
    project = read_project(tree(tmp_path, "my_pkg/__init__.py", toml=NAMED))
    assert project == Project(names=("my_pkg",), path=(tmp_path,), name="my-pkg", version="1.2", folder=tmp_path)


def test_what_the_configuration_names_counts_before_what_is_there(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "my_pkg/__init__.py",
        "src/a/__init__.py",
        toml=NAMED + '[tool.setuptools]\npackages = ["a"]\npackage-dir = {a = "src/a"}\n',
    )
    assert found(tmp_path) == (["a"], [tmp_path / "src"])


def test_roots_may_lie_in_several_folders(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "a/__init__.py",
        "lib/b/__init__.py",
        toml='[tool.setuptools]\npackages = ["a", "b"]\npackage-dir = {b = "lib/b"}\n',
    )
    assert found(tmp_path) == (["a", "b"], [tmp_path, tmp_path / "lib"])


def test_a_package_that_is_kept_under_another_name_cannot_be_checked_in_place(tmp_path: Path) -> None:
    tree(tmp_path, "lib/__init__.py", toml='[tool.setuptools]\npackages = ["a"]\npackage-dir = {a = "lib"}\n')
    with pytest.raises(UserError, match="'a' is kept under another name") as raised:
        read_project(tmp_path)
    assert raised.value.fix == "install it, then: verify-apis a"


def test_all_of_src_is_taken_where_setuptools_builds(tmp_path: Path) -> None:
    tree(tmp_path, "src/my_pkg/__init__.py", "src/other.py", "tests/__init__.py", toml=NAMED)
    assert found(tmp_path) == (["my_pkg", "other"], [tmp_path / "src"])


def test_only_the_package_of_the_projects_name_is_taken_where_others_build(tmp_path: Path) -> None:
    tree(tmp_path, "src/my_pkg/__init__.py", "src/other/__init__.py", toml=HATCH)
    assert found(tmp_path) == (["my_pkg"], [tmp_path / "src"])


def test_scripts_among_other_sources_in_src_do_not_hide_the_package_of_the_projects_name(tmp_path: Path) -> None:
    tree(tmp_path, "my_pkg/__init__.py", "src/generate.py", "src/main.c", toml=NAMED)
    assert found(tmp_path) == (["my_pkg"], [tmp_path])


def test_namespaces_in_src_are_passed_through(tmp_path: Path) -> None:
    tree(tmp_path, "src/google/cloud/storage/__init__.py", toml='[project]\nname = "google-cloud-storage"\n')
    assert found(tmp_path) == (["google.cloud.storage"], [tmp_path / "src"])


def test_beside_the_configuration_the_projects_name_counts_first(tmp_path: Path) -> None:
    tree(tmp_path, "my_pkg/__init__.py", "other/__init__.py", toml=NAMED)
    assert found(tmp_path) == (["my_pkg"], [tmp_path])


def test_a_project_may_be_called_like_what_is_usually_no_package(tmp_path: Path) -> None:
    tree(tmp_path, "build/__init__.py", "a/__init__.py", toml='[project]\nname = "build"\n')
    assert found(tmp_path) == (["build"], [tmp_path])


def test_a_project_may_be_a_single_module(tmp_path: Path) -> None:
    tree(tmp_path, "my_pkg.py", "setup.py", "conftest.py", "other.py", toml=NAMED)
    assert found(tmp_path) == (["my_pkg"], [tmp_path])


def test_without_its_name_all_packages_are_taken_but_the_usual_others(tmp_path: Path) -> None:
    tree(tmp_path, "setup.py", "a/__init__.py", "b/__init__.py", "tests/__init__.py", "docs/__init__.py", "c.py")
    assert found(tmp_path) == (["a", "b"], [tmp_path])


def test_without_packages_the_modules_are_taken_but_the_usual_others(tmp_path: Path) -> None:
    tree(tmp_path, "setup.py", "a.py", "noxfile.py", "conftest.py", "test_a.py")
    assert found(tmp_path) == (["a"], [tmp_path])


def test_packages_in_lib_are_found(tmp_path: Path) -> None:
    tree(tmp_path, "lib/a/__init__.py", "tools/b.py", toml=NAMED)
    assert found(tmp_path) == (["a"], [tmp_path / "lib"])


def test_a_namespace_with_the_projects_name_is_found_beside_the_configuration(tmp_path: Path) -> None:
    tree(tmp_path, "my/pkg/__init__.py", "scripts/a.py", toml=NAMED)
    assert found(tmp_path) == (["my.pkg"], [tmp_path])


def test_setup_py_is_not_run(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py")
    (tmp_path / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    assert found(tmp_path) == (["a"], [tmp_path])
    assert not (tmp_path / "ran").exists()


def test_a_project_file_inside_the_package_itself_does_not_hide_it(tmp_path: Path) -> None:
    assert found(tree(tmp_path / "a", "__init__.py", "pyproject.toml")) == (["a"], [tmp_path])


# --- a part of a project ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("src", "google.cloud.storage"),
        ("src/google", "google.cloud.storage"),
        ("src/google/cloud/storage", "google.cloud.storage"),
        ("src/google/cloud/storage/sub", "google.cloud.storage.sub"),
        ("src/google/cloud/storage/blob.py", "google.cloud.storage.blob"),
    ],
)
def test_a_part_has_the_name_that_the_project_gives_it(tmp_path: Path, part: str, name: str) -> None:
    package = "src/google/cloud/storage"
    tree(tmp_path, f"{package}/__init__.py", f"{package}/sub/__init__.py", f"{package}/blob.py", toml=NAMED)
    assert found(tmp_path / part) == ([name], [tmp_path / "src"])


def test_a_stray_init_beside_the_configuration_does_not_change_a_name(tmp_path: Path) -> None:
    tree(tmp_path, "__init__.py", "my_pkg/__init__.py", toml=NAMED)
    assert found(tmp_path / "my_pkg") == (["my_pkg"], [tmp_path])


def test_a_package_that_the_project_does_not_install_stands_for_itself(tmp_path: Path) -> None:
    tree(tmp_path, "src/a/__init__.py", "tests/cases/b/__init__.py", toml=NAMED)
    assert found(tmp_path / "tests/cases/b") == (["b"], [tmp_path / "tests/cases"])


def test_a_part_may_be_in_order_where_the_project_is_not(tmp_path: Path) -> None:
    tree(tmp_path, "a/__init__.py", toml="[broken")
    assert found(tmp_path / "a") == (["a"], [tmp_path])


# --- neither ----------------------------------------------------------------------------------------------------------


def test_a_folder_of_packages_is_put_on_the_search_path(tmp_path: Path) -> None:
    assert found(tree(tmp_path, "a/__init__.py", "b/__init__.py", "c.py")) == (["a", "b"], [tmp_path])


def test_a_folder_of_projects_asks_for_one_of_them(tmp_path: Path) -> None:
    tree(tmp_path, "one/pyproject.toml", "one/src/a/__init__.py", "two/setup.py", "two/b/__init__.py")
    with pytest.raises(NothingToCheck, match="holds projects, and is none itself: one, two"):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        pytest.param([], "this folder is empty", id="empty"),
        pytest.param(["README.md"], "no package or module here", id="no Python"),
        pytest.param(["my-script.py"], "no package or module here", id="no importable name"),
        pytest.param(["setup.py", "docs/x.txt"], "no package or module here", id="a project without packages"),
    ],
)
def test_a_folder_with_nothing_to_import_is_nothing_to_check(tmp_path: Path, files: list[str], what: str) -> None:
    with pytest.raises(NothingToCheck) as raised:
        read_project(tree(tmp_path, *files))
    assert (raised.value.what, raised.value.where, raised.value.exit) == (what, str(tmp_path), Exit.NOTHING)


def test_what_is_not_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck, match="no such file or folder"):
        read_project(tmp_path / "nowhere")


def test_a_file_that_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="neither a package nor a module nor a wheel") as raised:
        read_project(tree(tmp_path, "a-1.0.tar.gz") / "a-1.0.tar.gz")
    assert raised.value.exit is Exit.USAGE


def test_a_part_whose_name_only_begins_like_a_module_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, "my_pkg/__init__.py", "my_pkg/data.v1/__init__.py", toml=NAMED)
    with pytest.raises(UserError, match=r"'data\.v1' cannot be imported"):
        read_project(tmp_path / "my_pkg/data.v1")


@pytest.mark.parametrize("path", ["mcp-server", "my-script.py", "class.py"])
def test_a_name_that_cannot_be_imported_is_refused(tmp_path: Path, path: str) -> None:
    tree(tmp_path, "mcp-server/__init__.py", "my-script.py", "class.py")
    with pytest.raises(UserError, match="cannot be imported") as raised:
        read_project(tmp_path / path)
    assert raised.value.exit is Exit.USAGE
