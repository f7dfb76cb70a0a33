from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.apis.targets.aliases import DISTRIBUTIONS
from verifier.apis.targets.metadata import (
    canonical,
    described,
    extra_for,
    extras,
    headers,
    recorded_files,
    source_folder,
    top_level,
)
from verifier.model import Distribution

REQUESTS = """Metadata-Version: 2.1
Name: requests
Version: 2.34.2
Provides-Extra: socks
Provides-Extra: use-chardet-on-py3
Requires-Dist: idna <4,>=2.5
Requires-Dist: PySocks !=1.5.7,>=1.5.6 ; extra == 'socks'
Requires-Dist: chardet <6,>=3.0.2 ; extra == 'use-chardet-on-py3'

Name: not a header any more
Requires-Dist: trap ; extra == 'description'
"""


def distribution(folder: Path, **files: str) -> Distribution:
    """One with these metadata files: `METADATA`, `RECORD`, … (`__` stands for a dot)."""
    metadata = folder / "requests-2.34.2.dist-info"
    metadata.mkdir()
    for name, text in files.items():
        (metadata / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return Distribution(name="requests", version="2.34.2", metadata=metadata)


@pytest.mark.parametrize("name", ["Foo_Bar.baz", "foo-bar-baz", "FOO--bar__baz"])
def test_names_are_compared_in_canonical_form(name: str) -> None:
    assert canonical(name) == "foo-bar-baz"


def test_name_and_version_come_from_the_metadata(tmp_path: Path) -> None:
    found = described(distribution(tmp_path, METADATA="Name: Re.Quests\nVersion: 3\nName: second\n"))
    assert (found.name, found.version) == ("Re.Quests", "3")


def test_without_metadata_they_stay_those_of_the_folder(tmp_path: Path) -> None:
    found = described(distribution(tmp_path))
    assert (found.name, found.version) == ("requests", "2.34.2")


def test_an_egg_info_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "Foo.egg-info"
    file.write_text("Name: foo\nVersion: 1\n", encoding="utf-8")
    assert described(Distribution(name="Foo", version="", metadata=file)).version == "1"


def test_the_description_is_no_header(tmp_path: Path) -> None:
    assert dict(headers(distribution(tmp_path, METADATA=REQUESTS)))["Name"] == "requests"


def test_a_folded_line_is_no_header(tmp_path: Path) -> None:
    found = distribution(tmp_path, METADATA="Name: a\nLicense: one\n        Version: two\nVersion: 3\n")
    assert [key for key, _ in headers(found)] == ["Name", "License", "Version"]


def test_the_recorded_files_are_the_first_column(tmp_path: Path) -> None:
    record = 'a/__init__.py,sha256=x,3\n"a/b,c.txt",sha256=y,4\na/RECORD,,\n'
    assert recorded_files(distribution(tmp_path, RECORD=record)) == ("a/__init__.py", "a/b,c.txt", "a/RECORD")


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    found = distribution(tmp_path)
    assert (recorded_files(found), top_level(found), source_folder(found), extras(found, {"a"})) == ((), (), None, {})


def test_an_editable_install_knows_its_source(tmp_path: Path) -> None:
    origin = '{"dir_info": {"editable": true}, "url": "file:///home/me/my%20project"}'
    assert source_folder(distribution(tmp_path, direct_url__json=origin)) == Path("/home/me/my project")


@pytest.mark.parametrize(
    "origin",
    [
        '{"dir_info": {}, "url": "file:///home/me"}',
        '{"archive_info": {}, "url": "https://example.org/x.whl"}',
        '{"dir_info": {"editable": true}, "url": "https://example.org/x"}',
        '{"dir_info": {"editable": true}}',
        "[]",
        "not json",
    ],
)
def test_another_install_has_no_source(tmp_path: Path, origin: str) -> None:
    assert source_folder(distribution(tmp_path, direct_url__json=origin)) is None


def test_an_extra_is_known_by_what_it_requires(tmp_path: Path) -> None:
    found = distribution(tmp_path, METADATA=REQUESTS)
    assert extras(found, {"pysocks", "chardet"}) == {"pysocks": ("socks",), "chardet": ("use-chardet-on-py3",)}


def test_a_requirement_may_come_with_several_extras(tmp_path: Path) -> None:
    lines = [
        f"Requires-Dist: b>=1 ; {marker}"
        for marker in ("extra == 'x'", "python_version<'3' and extra == \"y\"", "extra=='x'")
    ]
    assert extras(distribution(tmp_path, METADATA="\n".join(lines)), {"b"}) == {"b": ("x", "y")}


def test_a_requirement_that_cannot_be_parsed_is_passed_over(tmp_path: Path) -> None:
    lines = "Requires-Dist: ???; extra == 'x'\nRequires-Dist: b; extra == 'y'"
    assert extras(distribution(tmp_path, METADATA=lines), {"b"}) == {"b": ("y",)}


@pytest.mark.parametrize(
    ("module", "required"),
    [
        pytest.param("chardet", "chardet", id="the same name"),
        pytest.param("chardet.universaldetector", "chardet", id="a submodule"),
        pytest.param("async_timeout", "async-timeout", id="another spelling"),
        pytest.param("opentelemetry.sdk.trace", "opentelemetry-sdk", id="a part of a namespace"),
        pytest.param("yaml", "PyYAML", id="a well-known difference"),
        pytest.param("OpenSSL.SSL", "pyOpenSSL", id="a well-known difference in a submodule"),
        pytest.param("google.protobuf.message", "protobuf", id="a well-known difference with a dot"),
        pytest.param("cv2", "opencv_python_headless", id="one of several distributions"),
    ],
)
def test_the_extra_for_a_missing_module(tmp_path: Path, module: str, required: str) -> None:
    found = distribution(tmp_path, METADATA=f"Requires-Dist: {required}>=1 ; extra == 'x'\n")
    assert extra_for(found, module) == ("x",)


@pytest.mark.parametrize("module", ["idna", "chard", "chardets", "", "."])
def test_no_extra_is_named_for_a_module_that_none_brings(tmp_path: Path, module: str) -> None:
    assert extra_for(distribution(tmp_path, METADATA=REQUESTS), module) == ()


def test_the_table_of_well_known_differences_is_in_canonical_form() -> None:
    assert all(canonical(name) == name for names in DISTRIBUTIONS.values() for name in names)


@given(st.text())
def test_any_metadata_can_be_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    found = distribution(tmp_path_factory.mktemp("any"), METADATA=text.encode(errors="replace").decode())
    extra_for(found, "a.b")
