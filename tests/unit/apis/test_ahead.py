"""Sources that are read by several processes ahead of who asks for them."""

from __future__ import annotations

import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from verifier.apis.cache import ahead
from verifier.apis.cache.ahead import Source, read_ahead, sources_of
from verifier.apis.cache.facts import FactsCache
from verifier.apis.facts import Facts
from verifier.model import Module, ModuleKind

LINE = f"def f() -> None:\n    '''{'x' * 90}'''\n\n\n"


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    """As much as is read by several processes, and a file that is not there."""
    for number in range(8):
        text = f"name{number} = 1\n" + LINE * (ahead.WORTH_BYTES // len(LINE) // 8 + 1)
        (tmp_path / f"m{number}.py").write_text(text, encoding="utf-8")
    return tuple(
        Source(path=tmp_path / f"m{number}.py", module=f"m{number}", is_package=False, is_stub=False)
        for number in range(9)
    )


def count(sources: object) -> dict[str, bytes]:
    """What a reader may make of sources."""
    return {each.module: str(os.getpid()).encode() for each in sources}  # type: ignore[attr-defined]


def names(cache: FactsCache, source: Source) -> frozenset[str] | None:
    said = cache.read(source.path, source.module, is_package=False)
    return said.names if isinstance(said, Facts) else None


def test_what_was_read_ahead_is_what_reading_says(sources: tuple[Source, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FactsCache(None)
    cache.read_ahead(sources, 2)
    with monkeypatch.context() as patched:
        patched.setattr("verifier.apis.cache.facts.facts_of", None)  # nobody reads any more
        found = [names(cache, source) for source in sources]
    assert found == [frozenset({f"name{number}", "f"}) for number in range(8)] + [None]
    assert cache.encode(all_read=True) == _read(sources).encode(all_read=True)


def _read(sources: tuple[Source, ...]) -> FactsCache:
    cache = FactsCache(None)
    for source in sources:
        names(cache, source)
    return cache


def test_what_has_changed_since_is_read_as_it_is(sources: tuple[Source, ...]) -> None:
    cache = FactsCache(None)
    cache.read_ahead(sources, 2)
    sources[0].path.write_text("other = 1\n", encoding="utf-8")
    assert names(cache, sources[0]) == frozenset({"other"})


def test_what_is_known_is_not_read_again(sources: tuple[Source, ...]) -> None:
    cache = FactsCache(_read(sources).encode(all_read=True))
    cache.read_ahead(sources, 2)
    assert cache._ahead == {}


@pytest.mark.parametrize("jobs", [2, 64])
def test_the_work_is_shared_by_as_many_as_it_is_enough_for(jobs: int, sources: tuple[Source, ...]) -> None:
    found = read_ahead(sources, count, jobs)
    assert found.keys() == {f"m{number}" for number in range(8)}
    assert str(os.getpid()).encode() not in found.values()
    assert len(set(found.values())) == 2 * ahead.PARTS_PER_JOB


def test_where_it_would_not_pay_nothing_is_read(sources: tuple[Source, ...]) -> None:
    assert read_ahead(sources[:1], count, 2) == {}
    assert read_ahead(sources, count, 1) == {}


def test_a_process_that_may_have_no_children_reads_nothing_ahead(sources: tuple[Source, ...]) -> None:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=lambda: theirs.send(read_ahead(sources, count, 2)), daemon=True)
    process.start()
    assert ours.poll(60)
    assert ours.recv() == {}
    process.join()


def test_what_a_process_dies_of_is_left_to_who_asks(sources: tuple[Source, ...]) -> None:
    def die(some: object) -> dict[str, bytes]:
        found = count(some)
        return os._exit(1) if "m3" in found else found

    assert "m3" not in read_ahead(sources, die, 2)
    assert "m4" in read_ahead(sources, die, 2)


def module(name: str, kind: ModuleKind, file: str | None, stub: str | None = None) -> Module:
    paths = [None if each is None else Path(each) for each in (file, stub)]
    return Module(name=name, kind=kind, file=paths[0], shown=name, is_package=False, stub=paths[1])


def test_each_module_has_its_source_and_its_stub() -> None:
    modules = [
        module("a", ModuleKind.SOURCE, "a.py", "a.pyi"),
        module("b", ModuleKind.STUB, "b.pyi"),
        module("c", ModuleKind.COMPILED, "c.so", "c.pyi"),
        module("d", ModuleKind.NAMESPACE, None),
    ]
    shown = [(source.path.name, source.module, source.is_stub) for source in sources_of(modules)]
    assert shown == [("a.py", "a", False), ("a.pyi", "a", True), ("b.pyi", "b", True), ("c.pyi", "c", True)]
