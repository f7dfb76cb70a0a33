from __future__ import annotations

from pathlib import Path

import pytest

from verifier.apis.targets.distributions import find_distribution, installed, owner_of, top_levels
from verifier.model import Distribution

SUFFIXES = (".so", ".py", ".pyc")


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def install(site: Path, name: str, *files: str, record: bool = True, **metadata: str) -> Distribution:
    """A distribution that brings `files`, with other metadata files (`__` stands for a dot)."""
    tree(site, *files, f"{name}-1.0.dist-info/METADATA")
    folder = site / f"{name}-1.0.dist-info"
    if record:
        (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
    for file, text in metadata.items():
        (folder / file.replace("__", ".")).write_text(text, encoding="utf-8")
    return Distribution(name=name, version="1.0", metadata=folder)


def roots(distribution: Distribution) -> list[str]:
    return [root.name for root in top_levels(distribution, SUFFIXES)]


def owner(name: str, location: Path, site: Path) -> str | None:
    found = owner_of(name, location, installed([site]))
    return found.name if found else None


# --- which there are --------------------------------------------------------------------------------------------------


def test_distributions_are_known_by_the_names_of_their_metadata_folders(tmp_path: Path) -> None:
    tree(tmp_path, "a_b-1.0.dist-info/METADATA", "C-2.0-py3.11.egg-info/PKG-INFO", "d.egg-info", "a_b/__init__.py")
    found = [(known.name, known.version) for known in installed([tmp_path])]
    assert found == [("C", "2.0"), ("a_b", "1.0"), ("d", "")]


def test_the_first_on_the_path_counts(tmp_path: Path) -> None:
    tree(tmp_path, "1/a-1.0.dist-info/METADATA", "2/A-2.0.dist-info/METADATA")
    assert [known.version for known in installed([tmp_path / "2", tmp_path / "1"])] == ["2.0"]


def test_what_a_broken_uninstall_leaves_behind_is_no_distribution(tmp_path: Path) -> None:
    assert installed([tree(tmp_path, "~equests-1.0.dist-info/METADATA")]) == ()


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert installed([tmp_path / "nowhere"]) == ()


@pytest.mark.parametrize("name", ["zope.interface", "Zope_Interface", "zope-interface"])
def test_a_distribution_is_found_in_whatever_spelling(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "zope_interface-1.0.dist-info/METADATA")
    found = find_distribution(name, installed([tmp_path]))
    assert found is not None


def test_a_distribution_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert find_distribution("zope", installed([tree(tmp_path, "zope_interface-1.0.dist-info/METADATA")])) is None


# --- what they bring --------------------------------------------------------------------------------------------------


def test_the_roots_are_those_of_the_record(tmp_path: Path) -> None:
    assert roots(install(tmp_path, "pyyaml", "yaml/__init__.py", "_yaml/__init__.py", "x.dist-info/a.py")) == [
        "_yaml",
        "yaml",
    ]


def test_a_recorded_root_that_is_gone_is_left_out(tmp_path: Path) -> None:
    distribution = install(tmp_path, "a", "a.py", "b.py")
    (tmp_path / "b.py").unlink()
    assert roots(distribution) == ["a"]


def test_without_a_record_the_top_level_file_tells(tmp_path: Path) -> None:
    assert roots(install(tmp_path, "a", "b/__init__.py", "c.py", record=False, top_level__txt="b\nc\n")) == ["b", "c"]


def test_without_either_it_is_the_module_of_its_own_name(tmp_path: Path) -> None:
    assert roots(install(tmp_path, "A-B", "a_b/__init__.py", "c.py", record=False)) == ["a_b"]


def test_a_distribution_of_stubs_brings_nothing_to_import(tmp_path: Path) -> None:
    assert roots(install(tmp_path, "types_a", "a-stubs/__init__.pyi", top_level__txt="a-stubs\n")) == []


def test_the_finder_of_an_editable_install_is_no_root(tmp_path: Path) -> None:
    files = ("__editable___a_1_finder.py", "_editable_impl_a.py")
    assert roots(install(tmp_path, "a", *files)) == []


# --- who brought a module ---------------------------------------------------------------------------------------------


def test_the_owner_of_a_package_is_the_one_that_recorded_its_file(tmp_path: Path) -> None:
    install(tmp_path, "yaml_tools", "yaml_tools.py")
    install(tmp_path, "pyyaml", "yaml/__init__.py")
    assert owner("yaml", tmp_path / "yaml/__init__.py", tmp_path) == "pyyaml"


def test_the_name_alone_does_not_make_an_owner(tmp_path: Path) -> None:
    install(tmp_path, "yaml", "other.py")
    install(tmp_path, "pyyaml", "yaml.py")
    assert owner("yaml", tmp_path / "yaml.py", tmp_path) == "pyyaml"


def test_a_file_whose_path_only_ends_alike_does_not_count(tmp_path: Path) -> None:
    install(tmp_path, "a", "vendored/six.py", "six.pyi")
    tree(tmp_path, "six.py")
    assert owner("six", tmp_path / "six.py", tmp_path) is None


def test_a_namespace_that_one_distribution_fills_is_its_own(tmp_path: Path) -> None:
    install(tmp_path, "matplotlib", "mpl_toolkits/mplot3d/__init__.py")
    assert owner("mpl_toolkits", tmp_path / "mpl_toolkits", tmp_path) == "matplotlib"


def test_a_namespace_that_several_share_has_no_owner(tmp_path: Path) -> None:
    install(tmp_path, "a", "google/a/__init__.py")
    install(tmp_path, "b", "google/b/__init__.py")
    assert owner("google", tmp_path / "google", tmp_path) is None


def test_without_a_record_the_top_level_file_names_the_owner(tmp_path: Path) -> None:
    install(tmp_path, "a", "b/__init__.py", record=False, top_level__txt="b\n")
    assert owner("b.c", tree(tmp_path, "b/c.py") / "b/c.py", tmp_path) == "a"


def test_an_editable_install_owns_what_lies_in_its_source(tmp_path: Path) -> None:
    source = tree(tmp_path / "source", "src/a/__init__.py")
    origin = f'{{"dir_info": {{"editable": true}}, "url": "{source.as_uri()}"}}'
    install(tmp_path / "site", "a_project", "a_project.pth", direct_url__json=origin)
    assert owner("a", source / "src/a/__init__.py", tmp_path / "site") == "a_project"


def test_an_editable_install_does_not_own_a_stray_module_of_an_environment_in_its_source(tmp_path: Path) -> None:
    site = tmp_path / ".venv/site-packages"
    origin = f'{{"dir_info": {{"editable": true}}, "url": "{tmp_path.as_uri()}"}}'
    install(site, "a_project", "a_project.pth", direct_url__json=origin)
    assert owner("stray", tree(site, "stray.py") / "stray.py", site) is None
