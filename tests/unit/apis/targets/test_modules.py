from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from verifier.apis.targets import places
from verifier.apis.targets.modules import find_modules
from verifier.model import ImportRoot, Interpreter, Module, ModuleKind, ModuleList, Target, TargetKind

PYTHON = Interpreter(
    path=Path("/usr/bin/python3"),
    chosen="--python",
    version="3.11.7",
    implementation="cpython",
    platform="linux-x86_64",
    prefix=Path("/usr"),
    base_prefix=Path("/usr"),
    standard_library=(),
    site_packages=(),
    extension_suffixes=(".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so"),
    builtin_modules=frozenset(),
)


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def target(*roots: ImportRoot) -> Target:
    return Target(asked="x", name="x", version=None, kind=TargetKind.PACKAGE, interpreter=PYTHON, roots=roots)


def root(name: str, *locations: Path) -> ImportRoot:
    return ImportRoot(name=name, locations=locations)


def listed(folder: Path, *files: str, include_private: bool = False, include_tests: bool = False) -> ModuleList:
    """The modules of the package `p` made of `files`."""
    tree(folder, *files)
    return find_modules(target(root("p", folder / "p")), include_private=include_private, include_tests=include_tests)


def without(folder: Path, patterns: Iterable[str], *files: str, include_private: bool = False) -> ModuleList:
    """The modules of the package `p` made of `files` that no pattern fits."""
    tree(folder, *files)
    return find_modules(target(root("p", folder / "p")), include_private=include_private, exclude=patterns)


def names(found: ModuleList) -> list[str]:
    return [module.name for module in found.modules]


def only(found: ModuleList, name: str) -> Module:
    return next(module for module in found.modules if module.name == name)


# --- what can be imported ---------------------------------------------------------------------------------------------


def test_modules_come_sorted_by_name(tmp_path: Path) -> None:
    assert names(listed(tmp_path, "p/__init__.py", "p/b.py", "p/a/__init__.py", "p/a/z.py")) == [
        "p",
        "p.a",
        "p.a.z",
        "p.b",
    ]


def test_a_source_module_has_its_file_and_its_path_from_the_root(tmp_path: Path) -> None:
    module = only(listed(tmp_path, "p/__init__.py", "p/a.py"), "p.a")
    assert (module.kind, module.file, module.shown) == (ModuleKind.SOURCE, tmp_path / "p/a.py", "p/a.py")


def test_a_package_is_its_init_file(tmp_path: Path) -> None:
    module = only(listed(tmp_path, "p/__init__.py"), "p")
    assert (module.is_package, module.shown) == (True, "p/__init__.py")


def test_an_extension_module_is_compiled(tmp_path: Path) -> None:
    module = only(listed(tmp_path, "p/__init__.py", "p/a.abi3.so", "p/a.py"), "p.a")
    assert (module.kind, module.shown) == (ModuleKind.COMPILED, "p/a.abi3.so")


def test_an_extension_module_of_another_python_is_no_module(tmp_path: Path) -> None:
    assert names(listed(tmp_path, "p/__init__.py", "p/a.cpython-39-x86_64-linux-gnu.so")) == ["p"]


def test_a_package_may_be_compiled(tmp_path: Path) -> None:
    assert only(listed(tmp_path, "p/__init__.so"), "p").kind is ModuleKind.COMPILED


def test_a_stub_with_nothing_to_import_beside_it_is_a_stub_only_module(tmp_path: Path) -> None:
    module = only(listed(tmp_path, "p/__init__.py", "p/a.pyi"), "p.a")
    assert (module.kind, module.file, module.stub) == (ModuleKind.STUB, tmp_path / "p/a.pyi", None)


def test_a_package_with_a_stub_only_is_a_stub_only_package(tmp_path: Path) -> None:
    module = only(listed(tmp_path, "p/__init__.pyi"), "p")
    assert (module.kind, module.is_package) == (ModuleKind.STUB, True)


def test_a_stub_beside_a_module_belongs_to_it(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/__init__.pyi", "p/a.so", "p/a.pyi")
    assert [module.stub for module in found.modules] == [tmp_path / "p/__init__.pyi", tmp_path / "p/a.pyi"]


def test_a_folder_without_init_that_holds_modules_is_a_namespace(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/a/b/c.py")
    assert names(found) == ["p", "p.a", "p.a.b", "p.a.b.c"]
    namespace = only(found, "p.a")
    assert (namespace.kind, namespace.file, namespace.shown) == (ModuleKind.NAMESPACE, None, "p/a")


def test_a_folder_of_data_is_no_namespace(tmp_path: Path) -> None:
    assert names(listed(tmp_path, "p/__init__.py", "p/data/x.json", "p/__pycache__/a.cpython-311.pyc")) == ["p"]


def test_a_namespace_with_nothing_but_tests_is_not_listed(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/a/tests/test_x.py")
    assert (names(found), found.tests) == (["p"], 1)


def test_what_no_import_can_spell_is_no_module(tmp_path: Path) -> None:
    assert names(listed(tmp_path, "p/__init__.py", "p/my-script.py", "p/class.py", "p/x-y/__init__.py")) == ["p"]


def test_a_single_file_is_a_root(tmp_path: Path) -> None:
    tree(tmp_path, "six.py", "six.pyi")
    module = only(find_modules(target(root("six", tmp_path / "six.py"))), "six")
    assert (module.shown, module.stub) == ("six.py", tmp_path / "six.pyi")


def test_a_dotted_root_shows_its_whole_path(tmp_path: Path) -> None:
    tree(tmp_path, "django/__init__.py", "django/db/__init__.py", "django/db/utils.py")
    found = find_modules(target(root("django.db", tmp_path / "django/db")))
    assert [module.shown for module in found.modules] == ["django/db/__init__.py", "django/db/utils.py"]


def test_a_namespace_root_has_the_modules_of_all_its_portions(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "1", "g/a.py") / "g", tree(tmp_path / "2", "g/b/__init__.py") / "g"
    assert names(find_modules(target(root("g", first, second)))) == ["g", "g.a", "g.b"]


def test_a_root_that_is_gone_has_no_modules(tmp_path: Path) -> None:
    assert find_modules(target(root("p", tmp_path / "p"))) == ModuleList(modules=())


def test_links_are_followed(tmp_path: Path) -> None:
    tree(tmp_path, "p/__init__.py", "elsewhere/a.py")
    (tmp_path / "p/b").symlink_to(tmp_path / "elsewhere")
    assert names(listed(tmp_path)) == ["p", "p.b", "p.b.a"]


def test_a_link_back_up_is_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "p/__init__.py")
    (tmp_path / "p/again").symlink_to(tmp_path / "p")
    assert names(listed(tmp_path)) == ["p"]


def test_two_links_that_lead_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    tree(tmp_path, "p/__init__.py", "p/a/__init__.py", "p/b/__init__.py")
    (tmp_path / "p/a/x").symlink_to(tmp_path / "p/b")
    (tmp_path / "p/b/y").symlink_to(tmp_path / "p/a")
    assert names(listed(tmp_path)) == ["p", "p.a", "p.a.x", "p.b", "p.b.y"]


def test_a_tree_deeper_than_the_stack_is_read(tmp_path: Path) -> None:
    folder = tree(tmp_path, "p/__init__.py") / "p"
    for _ in range(700):
        folder /= "a"
        folder.mkdir()
    (folder / "b.py").touch()
    assert len(listed(tmp_path).modules) == 702


def test_a_folder_that_cannot_be_read_is_listed_as_an_empty_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = places.read_place

    def refuse(folder: Path) -> places.Place:
        return places.Place(folder=folder, readable=False) if folder.name == "a" else read(folder)

    monkeypatch.setattr(places, "read_place", refuse)  # where permissions bind nobody, as for root
    found = listed(tmp_path, "p/__init__.py", "p/a/b.py")
    assert [(module.name, module.kind) for module in found.modules][1:] == [("p.a", ModuleKind.NAMESPACE)]


# --- what is left out -------------------------------------------------------------------------------------------------


def test_what_a_pattern_fits_is_left_out_and_counted_with_all_below_it(tmp_path: Path) -> None:
    files = ("p/__init__.py", "p/a.py", "p/gone/__init__.py", "p/gone/b.py", "p/gone/c/__init__.py", "p/gone_not.py")
    for patterns, left in (
        (["p.gone"], ["p", "p.a", "p.gone_not"]),
        (["p.gone.*"], ["p", "p.a", "p.gone", "p.gone_not"]),
        (["*.[ab]"], ["p", "p.gone", "p.gone.c", "p.gone_not"]),
        (["p"], []),
        (["gone", "P.GONE", "q.*", ""], ["p", "p.a", "p.gone", "p.gone.b", "p.gone.c", "p.gone_not"]),
    ):
        found = without(tmp_path, patterns, *files)
        assert names(found) == left
        assert found.excluded == 6 - len(left)


def test_what_is_left_out_anyway_is_not_excluded(tmp_path: Path) -> None:
    files = ("p/__init__.py", "p/_a.py", "p/b.py")
    assert without(tmp_path, ["p._a", "p.b"], *files).excluded == 1
    assert without(tmp_path, ["p._a", "p.b"], *files, include_private=True).excluded == 2


def test_private_modules_are_left_out_and_counted_with_all_below_them(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/_a.py", "p/_b/__init__.py", "p/_b/c.py", "p/_b/tests/test_c.py")
    assert found == ModuleList(modules=found.modules, private=4)
    assert names(found) == ["p"]


def test_private_modules_come_in_when_they_are_asked_for(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/_a.py", "p/_b/tests/test_c.py", include_private=True)
    assert names(found) == ["p", "p._a"]
    assert (found.private, found.tests) == (0, 1)


@pytest.mark.parametrize(
    "file",
    [
        "p/tests/__init__.py",
        "p/tests/data.py",
        "p/a/tests/b/c.py",
        "p/conftest.py",
        "p/test_a.py",
        "p/a_test.py",
        "p/a_tests.py",
    ],
)
def test_tests_are_left_out_and_counted(tmp_path: Path, file: str) -> None:
    found = listed(tmp_path, "p/__init__.py", file)
    assert (names(found), found.tests) == (["p"], 1)


@pytest.mark.parametrize(
    "file", ["p/testing.py", "p/contest.py", "p/latest.py", "p/ab_test/__init__.py", "p/unittests.py"]
)
def test_what_only_sounds_like_tests_is_kept(tmp_path: Path, file: str) -> None:
    found = listed(tmp_path, "p/__init__.py", file)
    assert (len(found.modules), found.tests) == (2, 0)


def test_a_package_called_test_without_tests_is_api(tmp_path: Path) -> None:
    assert names(listed(tmp_path, "p/__init__.py", "p/test/__init__.py", "p/test/client.py")) == [
        "p",
        "p.test",
        "p.test.client",
    ]


def test_a_package_called_test_with_tests_is_left_out_whole(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/test/__init__.py", "p/test/client.py", "p/test/test_a.py")
    assert (names(found), found.tests) == (["p"], 3)


def test_tests_come_in_when_they_are_asked_for(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/tests/test_a.py", "p/tests/_b.py", include_tests=True)
    assert names(found) == ["p", "p.tests", "p.tests.test_a"]
    assert (found.private, found.tests) == (1, 0)


def test_a_main_module_is_not_counted_as_private(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/__main__.py")
    assert (found.private, found.mains) == (0, 1)


def test_main_modules_are_left_out_whatever_else_comes_in(tmp_path: Path) -> None:
    found = listed(
        tmp_path, "p/__init__.py", "p/__main__.py", "p/a/__main__.py", include_private=True, include_tests=True
    )
    assert (names(found), found.mains) == (["p"], 2)


def test_a_main_module_in_a_private_package_counts_once_as_private(tmp_path: Path) -> None:
    found = listed(tmp_path, "p/__init__.py", "p/_v/__init__.py", "p/_v/__main__.py")
    assert (found.private, found.mains) == (2, 0)


def test_a_package_of_tests_that_the_user_named_is_not_left_out_for_its_own_name(tmp_path: Path) -> None:
    folder = tree(tmp_path / "p/test", "__init__.py", "client.py", "test_a.py")
    assert names(find_modules(target(root("p.test", folder)))) == ["p.test", "p.test.client"]


@pytest.mark.parametrize("name", ["_pytest", "tests", "test_things", "p._a"])
def test_what_the_user_named_is_not_left_out_for_its_own_name(tmp_path: Path, name: str) -> None:
    folder = tree(tmp_path / name.replace(".", "/"), "__init__.py", "mark.py")
    assert names(find_modules(target(root(name, folder)))) == [name, f"{name}.mark"]


def test_a_private_root_beside_a_public_one_is_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "yaml/__init__.py", "_yaml/__init__.py", "tests/__init__.py")
    found = find_modules(target(*(root(name, tmp_path / name) for name in ("_yaml", "tests", "yaml"))))
    assert (names(found), found.private, found.tests) == (["yaml"], 1, 1)


def test_private_roots_among_themselves_are_kept(tmp_path: Path) -> None:
    tree(tmp_path, "_a/__init__.py", "_b/__init__.py")
    assert names(find_modules(target(*(root(name, tmp_path / name) for name in ("_a", "_b"))))) == ["_a", "_b"]
