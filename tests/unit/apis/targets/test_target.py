from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

from verifier.apis.targets.target import is_path, resolve
from verifier.config import Config
from verifier.errors import Exit, NothingToCheck, UserError
from verifier.model import Target, TargetKind


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


class World:
    """An interpreter with a standard library and site-packages, and a working folder, all below one folder."""

    def __init__(self, folder: Path) -> None:
        self.standard_library = tree(folder / "lib", "json/__init__.py", "this.py")
        self.site = self.standard_library / "site-packages"
        self.here = folder / "here"
        self.site.mkdir()
        self.here.mkdir()
        self.python = tree(folder, "bin/python") / "bin/python"

    def ask(self, python: Path, program: str) -> str:
        """What the interpreter tells of itself; there is only one in this world."""
        return json.dumps(
            {
                "executable": str(self.python),
                "version": [3, 11, 7],
                "implementation": "cpython",
                "platform": "linux-x86_64",
                "prefix": "/env",
                "base_prefix": "/usr",
                "standard_library": [str(self.standard_library)],
                "sites": [str(self.site)],
                "extension_suffixes": [".cpython-311.so", ".so"],
                "builtin_modules": ["sys", "time"],
                "build": "3.11.7 (main) [GCC]",
                "cache_tag": "cpython-311",
                "has_ctypes": True,
            }
        )

    def install(self, name: str, *files: str, **metadata: str) -> None:
        """Install a distribution that brings `files`, with other metadata files (`__` stands for a dot)."""
        metadata_name = f"{name.replace('-', '_')}-1.0.dist-info"
        folder = tree(self.site, *files, f"{metadata_name}/INSTALLER") / metadata_name
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n", encoding="utf-8")
        (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
        for file, text in metadata.items():
            (folder / file.replace("__", ".")).write_text(text, encoding="utf-8")

    def install_editable(self, name: str, source: Path, *pth_lines: str) -> None:
        """Install the project in `source` so that it stays where it is."""
        origin = json.dumps({"dir_info": {"editable": True}, "url": source.as_uri()})
        self.install(name, f"{name}.pth", direct_url__json=origin)
        (self.site / f"{name}.pth").write_text("\n".join(pth_lines), encoding="utf-8")

    @contextmanager
    def target(self, asked: str, python: str | None = None) -> Iterator[Target]:
        """The target that `asked` names in this world."""
        with resolve(asked, Config(python=python), self.ask, environ={"PATH": "/nowhere"}, here=self.here) as found:
            yield found

    def roots(self, asked: str) -> dict[str, tuple[Path, ...]]:
        """The import roots of the target, and where they are."""
        with self.target(asked) as found:
            return {root.name: root.locations for root in found.roots}

    def refusal(self, asked: str) -> UserError:
        """The error that `asked` is refused with."""
        with pytest.raises(UserError) as raised, self.target(asked):
            pass
        return raised.value


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def wheel(folder: Path, *files: str, name: str = "a-1.0-py3-none-any.whl") -> Path:
    with ZipFile(folder / name, "w") as archive:
        for file in files:
            archive.writestr(file, "")
        archive.writestr("a-1.0.dist-info/METADATA", "Name: A\nVersion: 1.0\n")
    return folder / name


# --- an installed package, by import name -----------------------------------------------------------------------------


def test_a_package_is_found_by_its_import_name(world: World) -> None:
    world.install("PyYAML", "yaml/__init__.py", "_yaml/__init__.py")
    with world.target("yaml") as found:
        assert (found.asked, found.name, found.version, found.kind) == ("yaml", "PyYAML", "1.0", TargetKind.PACKAGE)
        assert [root.name for root in found.roots] == ["yaml"]
        assert found.distribution is not None
        assert found.added_path == ()


def test_a_dotted_part_is_its_own_root_and_belongs_to_the_distribution(world: World) -> None:
    world.install("Django", "django/__init__.py", "django/db/__init__.py")
    with world.target("django.db") as found:
        assert [(root.name, root.locations) for root in found.roots] == [("django.db", (world.site / "django/db",))]
        assert found.name == "Django"


def test_a_single_file_is_found(world: World) -> None:
    world.install("six", "six.py")
    assert world.roots("six") == {"six": (world.site / "six.py",)}


def test_a_stub_only_module_is_found(world: World) -> None:
    world.install("a", "a.pyi")
    assert world.roots("a") == {"a": (world.site / "a.pyi",)}


def test_a_module_of_the_standard_library_is_a_target(world: World) -> None:
    with world.target("json") as found:
        assert (found.name, found.version, found.distribution) == ("json", None, None)


def test_the_standard_library_comes_before_site_packages(world: World) -> None:
    world.install("simplejson", "json/__init__.py")
    assert world.roots("json") == {"json": (world.standard_library / "json",)}


def test_the_import_name_wins_over_a_distribution_of_the_same_name(world: World) -> None:
    world.install("attrs", "attrs/__init__.py", "attr/__init__.py")
    assert list(world.roots("attrs")) == ["attrs"]


def test_a_namespace_is_all_its_portions_and_belongs_to_nobody(world: World, tmp_path: Path) -> None:
    world.install("a", "google/a/__init__.py")
    world.install("b", "google/b/__init__.py")
    other = tree(tmp_path / "other", "google/c.py")
    (world.site / "c.pth").write_text(str(other), encoding="utf-8")
    with world.target("google") as found:
        assert [root.locations for root in found.roots] == [(world.site / "google", other / "google")]
        assert (found.name, found.version, found.distribution) == ("google", None, None)


def test_a_folder_that_an_uninstall_left_behind_does_not_hide_a_distribution(world: World) -> None:
    world.install("pillow", "PIL/__init__.py")
    tree(world.site, "pillow/__pycache__/x.pyc", "pillow/data.txt")
    assert list(world.roots("pillow")) == ["PIL"]


# --- an installed package, by distribution name -----------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["beautifulsoup4", "BeautifulSoup4"])
def test_a_distribution_is_found_by_its_name(world: World, asked: str) -> None:
    world.install("beautifulsoup4", "bs4/__init__.py")
    with world.target(asked) as found:
        assert (found.asked, found.name, found.version) == (asked, "beautifulsoup4", "1.0")
        assert [root.name for root in found.roots] == ["bs4"]


def test_a_distribution_brings_all_its_roots(world: World) -> None:
    world.install("google-cloud-storage", "google/cloud/storage/__init__.py", "google/cloud/_storage_v2/__init__.py")
    assert list(world.roots("google-cloud-storage")) == ["google.cloud._storage_v2", "google.cloud.storage"]


def test_a_distribution_of_stubs_is_nothing_to_check(world: World) -> None:
    world.install("types-PyYAML", "yaml-stubs/__init__.pyi", top_level__txt="yaml-stubs\n")
    error = world.refusal("types-PyYAML")
    assert error.exit is Exit.NOTHING
    assert error.what == "the distribution 'types-PyYAML' brings no module that this interpreter could import"


# --- an editable install ----------------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project with a package in `src/`."""
    folder = tree(tmp_path / "source", "src/my_pkg/__init__.py", "src/my_pkg/sub/__init__.py")
    (folder / "pyproject.toml").write_text('[project]\nname = "my-pkg"\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize("asked", ["my_pkg", "my-pkg"])
def test_an_editable_install_that_adds_a_folder_is_found(world: World, source: Path, asked: str) -> None:
    world.install_editable("My-Pkg", source, str(source / "src"))
    with world.target(asked) as found:
        assert [(root.name, root.locations) for root in found.roots] == [("my_pkg", (source / "src/my_pkg",))]
        assert found.name == "My-Pkg"


@pytest.mark.parametrize("asked", ["my_pkg", "my-pkg"])
def test_an_editable_install_with_a_finder_is_found(world: World, source: Path, asked: str) -> None:
    world.install_editable("my_pkg", source, "import __editable___my_pkg_finder; __editable___my_pkg_finder.install()")
    finder = world.site / "__editable___my_pkg_finder.py"
    finder.write_text(f"MAPPING = {{'my_pkg': {str(source / 'src/my_pkg')!r}}}\n", encoding="utf-8")
    with world.target(asked) as found:
        assert [(root.name, root.locations) for root in found.roots] == [("my_pkg", (source / "src/my_pkg",))]
        assert found.name == "my_pkg"


@pytest.mark.parametrize(("asked", "name"), [("acme", "acme.rocket"), ("acme.rocket.fuel", "acme.rocket.fuel")])
def test_a_finder_serves_what_is_above_and_below_its_root(world: World, tmp_path: Path, asked: str, name: str) -> None:
    package = tree(tmp_path, "rocket/__init__.py", "rocket/fuel.py") / "rocket"
    (world.site / "a.pth").write_text("import _editable_impl_a", encoding="utf-8")
    finder = f"F.map_module('acme.rocket', {str(package / '__init__.py')!r})\n"
    (world.site / "_editable_impl_a.py").write_text(finder, encoding="utf-8")
    assert list(world.roots(asked)) == [name]


def test_an_editable_install_whose_source_is_gone_is_nothing_to_check(world: World, tmp_path: Path) -> None:
    world.install_editable("my-pkg", tmp_path / "gone", str(tmp_path / "gone"))
    assert world.refusal("my-pkg").exit is Exit.NOTHING


# --- a name that is not found -----------------------------------------------------------------------------------------


def test_near_names_are_proposed(world: World) -> None:
    world.install("requests", "requests/__init__.py")
    error = world.refusal("reqests")
    assert isinstance(error, NothingToCheck)
    assert error.what == "no module and no distribution named 'reqests' for this interpreter"
    assert error.where == f"{world.python} (3.11.7, the tool's own)"
    assert error.fix == "did you mean 'requests'?"


def test_near_names_of_distributions_are_proposed(world: World) -> None:
    world.install("beautifulsoup4", "bs4/__init__.py")
    assert world.refusal("beautifullsoup").fix == "did you mean 'beautifulsoup4'?"


@pytest.mark.parametrize(
    ("asked", "fix"),
    [
        ("django.dbx", "did you mean 'django.db'?; what a module defines is checked with it: verify-apis django"),
        ("django.setup", "what a module defines is checked with it: verify-apis django"),
        ("Django.db", "did you mean 'django'?"),
    ],
)
def test_a_dotted_name_is_compared_part_by_part(world: World, asked: str, fix: str) -> None:
    world.install("django", "django/__init__.py", "django/db/__init__.py")
    assert world.refusal(asked).fix == fix


def test_a_folder_of_that_name_needs_a_slash(world: World) -> None:
    tree(world.here, "my_pkg/__init__.py")
    assert world.refusal("my_pkg").fix == "a folder or file needs a slash: verify-apis ./my_pkg"


def test_where_nothing_comes_near_the_fix_is_to_install_it(world: World) -> None:
    assert world.refusal("quux").fix == "install it there, or give --python the interpreter that has it"


def test_a_built_in_module_has_no_file_to_check(world: World) -> None:
    world.install("sys", "sys.py")  # which no import would ever find
    error = world.refusal("sys")
    assert (error.exit, error.what) == (Exit.NOTHING, "'sys' is built into the interpreter: there is no file to check")


@pytest.mark.parametrize(
    ("asked", "fix"),
    [
        ("requests>=2", "name the package alone: verify-apis requests"),
        ("requests[socks]", "name the package alone: verify-apis requests"),
        ("foo bar", "name the package alone: verify-apis foo"),
        ("", "give a package's name, or a path"),
        ("\0", "give a package's name, or a path"),
    ],
)
def test_what_is_no_name_is_refused(world: World, asked: str, fix: str) -> None:
    error = world.refusal(asked)
    assert (error.exit, error.fix) == (Exit.USAGE, fix)


@pytest.mark.parametrize("asked", ["a..b", "a.", "-", "import", "1", "__main__"])
def test_odd_names_are_not_found_and_nothing_breaks(world: World, asked: str) -> None:
    assert world.refusal(asked).exit is Exit.NOTHING


# --- a folder, a module file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("./a", True),
        (".", True),
        ("..", True),
        ("a/b", True),
        ("a-1.0.whl", True),
        ("~/a", True),
        ("a", False),
        ("a.b", False),
    ],
)
def test_a_separator_a_leading_dot_or_the_ending_of_a_wheel_make_a_path(asked: str, expected: bool) -> None:
    assert is_path(asked) is expected


def test_a_folder_is_put_on_the_search_path_before_site_packages(world: World) -> None:
    tree(world.here, "a/__init__.py")
    with world.target("./a") as found:
        assert (found.name, found.version, found.kind) == ("a", None, TargetKind.FOLDER)
        assert found.search_path == (world.standard_library, world.here, world.site)
        assert [root.locations for root in found.roots] == [(world.here / "a",)]


def test_a_folder_is_found_though_a_module_of_that_name_is_installed(world: World) -> None:
    world.install("a", "a/__init__.py")
    tree(world.here, "a/__init__.py")
    assert world.roots("./a") == {"a": (world.here / "a",)}


def test_the_working_folder_may_be_the_target(world: World) -> None:
    tree(world.here, "src/a/__init__.py")
    (world.here / "pyproject.toml").write_text('[project]\nname = "A"\nversion = "2"\n', encoding="utf-8")
    with world.target(".") as found:
        assert (found.name, found.version, found.added_path) == ("A", "2", (world.here / "src",))


def test_a_folder_that_is_installed_in_place_knows_its_distribution(world: World, source: Path) -> None:
    world.install_editable("my-pkg", source, str(source / "src"))
    with world.target(str(source)) as found:
        assert found.distribution is not None
        assert (found.kind, found.version) == (TargetKind.FOLDER, "1.0")


def test_a_folder_of_which_another_copy_is_installed_does_not_take_that_for_its_own(world: World, source: Path) -> None:
    world.install("my-pkg", "my_pkg/__init__.py")
    with world.target(str(source)) as found:
        assert (found.distribution, found.version) == (None, None)


def test_a_link_keeps_its_own_name(world: World, tmp_path: Path) -> None:
    (world.here / "a").symlink_to(tree(tmp_path / "x-1", "__init__.py"))
    assert world.roots("./a") == {"a": (world.here / "a",)}


def test_a_module_file_that_a_package_hides_is_refused(world: World) -> None:
    tree(world.here, "a.py", "a/__init__.py")
    error = world.refusal("./a.py")
    assert (error.exit, error.what) == (Exit.USAGE, "`import a` finds something else than this file")


def test_a_folder_that_this_interpreter_cannot_import_is_nothing_to_check(world: World) -> None:
    tree(world.here, "a.cpython-39.so")
    assert world.refusal(".").exit is Exit.NOTHING


def test_an_empty_folder_is_nothing_to_check(world: World) -> None:
    assert world.refusal("./").exit is Exit.NOTHING


def test_a_path_that_cannot_be_read_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)  # where permissions bind nobody, as for root
    error = world.refusal("./a")
    assert (error.exit, error.what) == (Exit.USAGE, "this cannot be read: Permission denied")


@pytest.mark.parametrize("asked", ["./" + "a" * 5000, "a" * 5000 + ".whl"])
def test_a_path_that_is_too_long_is_refused(world: World, asked: str) -> None:
    assert world.refusal(asked).exit is Exit.USAGE


def test_the_path_of_an_interpreter_that_is_too_long_is_refused(world: World) -> None:
    with pytest.raises(UserError, match="cannot be read"), world.target("json", python="a/" + "a" * 5000):
        pass


# --- a wheel ----------------------------------------------------------------------------------------------------------


def test_a_wheel_is_unpacked_onto_the_search_path(world: World) -> None:
    wheel(world.here, "a/__init__.py", "a/b.py")
    with world.target("a-1.0-py3-none-any.whl") as found:
        assert (found.name, found.version, found.kind) == ("A", "1.0", TargetKind.WHEEL)
        (folder,) = found.added_path
        assert [root.locations for root in found.roots] == [(folder / "a",)]
        assert (folder / "a/b.py").is_file()
    assert not folder.exists()


def test_a_wheel_without_modules_is_nothing_to_check(world: World) -> None:
    wheel(world.here)
    assert world.refusal("./a-1.0-py3-none-any.whl").exit is Exit.NOTHING


def test_a_wheel_for_another_interpreter_is_refused(world: World) -> None:
    wheel(world.here, "a.cpython-312.so", name="a-1.0-cp312-cp312-linux_x86_64.whl")
    assert world.refusal("./a-1.0-cp312-cp312-linux_x86_64.whl").fix == "--python 3.12"


def test_a_folder_may_be_called_like_a_wheel(world: World) -> None:
    tree(world.here, "x.whl/a/__init__.py")
    assert list(world.roots("./x.whl")) == ["a"]


# --- the interpreter --------------------------------------------------------------------------------------------------


def interpreter_environment(folder: Path) -> Path:
    tree(folder, "pyvenv.cfg", "bin/python")
    return folder


@pytest.mark.parametrize(
    ("asked", "where", "mark"),
    [
        pytest.param("json", "here", None, id="a name: the working folder"),
        pytest.param("./a", "here/a", None, id="a path: the folder itself"),
        pytest.param("./a", "here", None, id="a path: the folder above"),
        pytest.param("./a", ".", ".git", id="a path: as far up as the repository"),
        pytest.param("./a", ".", "pyproject.toml", id="a path: as far up as the project"),
        pytest.param("json", ".", ".git", id="a name: as far up as the repository"),
    ],
)
def test_an_environment_is_looked_for_around_the_target(
    world: World, tmp_path: Path, asked: str, where: str, mark: str | None
) -> None:
    tree(world.here, "a/__init__.py")
    tree(tmp_path, *([mark] if mark else []))
    interpreter_environment(tmp_path / where / ".venv")
    with world.target(asked) as found:
        assert found.interpreter.chosen == ".venv beside the target"


def test_an_environment_above_the_repository_is_not_taken(world: World, tmp_path: Path) -> None:
    tree(world.here, "a/__init__.py", ".git/HEAD")
    interpreter_environment(tmp_path / ".venv")
    with world.target("./a") as found:
        assert found.interpreter.chosen == "the tool's own"


def test_the_interpreter_that_the_user_gives_is_taken(world: World) -> None:
    with world.target("json", python=str(world.python)) as found:
        assert found.interpreter.chosen == "--python"


def test_nothing_but_the_interpreter_alone_is_ever_started(world: World) -> None:
    """The one door to a process is `ask`, and it is only handed the program that prints facts."""
    programs: list[str] = []
    world.install("a", "a/__init__.py")

    def ask(python: Path, program: str) -> str:
        programs.append(program)
        return world.ask(python, program)

    with resolve("a", Config(), ask, environ={"PATH": "/nowhere"}, here=world.here):
        pass
    assert len(set(programs)) == 1
    assert "sys.version_info" in programs[0]
