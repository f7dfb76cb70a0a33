"""Files read ahead of who asks for them, over several processors, where there are enough of them to pay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from verifier.model import Module, ModuleKind

FEWEST, WORTH_BYTES = 2, 1 << 18
"""So much is to be read for two processes to be started, and for each further one half of it."""
PARTS_PER_JOB = 2
"""Some files take longer than their size tells: who is done early has a second part to begin."""


Read = Callable[[Sequence["Source"]], dict[str, bytes]]
"""Reads files: what each says, by a key of its own."""


class Source(Struct, frozen=True, kw_only=True):
    """A file to read, and as what."""

    path: Path
    module: str
    is_package: bool
    is_stub: bool


def sources_of(modules: Iterable[Module]) -> Iterator[Source]:
    """The files that the surfaces of these modules are read from, but for those of others."""
    for module in modules:
        source = module.file if module.kind is ModuleKind.SOURCE else None
        stub = module.file if module.kind is ModuleKind.STUB else module.stub
        for path, is_stub in ((source, False), (stub, True)):
            if path is not None:
                yield Source(path=path, module=module.name, is_package=module.is_package, is_stub=is_stub)


def read_ahead(sources: Sequence[Source], read: Read, jobs: int) -> dict[str, bytes]:
    """What `read` makes of the files in `jobs` processes; nothing, where it would not pay to start them."""
    sizes = {source: size for source in sources if (size := _size(source.path))}
    jobs = min(jobs, FEWEST * sum(sizes.values()) // WORTH_BYTES)
    if jobs < FEWEST:
        return {}

    from verifier.apis.source import load_observers  # noqa: PLC0415
    from verifier.apis.workers import Work, Workers, is_worker  # noqa: PLC0415  multiprocessing

    if is_worker():  # one of several targets, and the processors have others to look at
        return {}
    load_observers()
    parts = _parts(sizes, jobs * PARTS_PER_JOB)
    nothing: dict[str, bytes] = {}
    work = Work(
        names=["sources"] * len(parts),
        do=lambda number, _: read(parts[number]),
        failed=lambda *_: nothing,  # whoever asks for these files reads them, and meets what has ended the process
    )
    with Workers(work, jobs, lambda *_: None) as workers:
        return {key: said for number in range(len(parts)) for key, said in workers.value(number).items()}


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _parts(sizes: dict[Source, int], number: int) -> list[list[Source]]:
    """The files in so many parts of about the same size, the larger files first."""
    parts: list[list[Source]] = [[] for _ in range(number)]
    full = [0] * number
    for source in sorted(sizes, key=lambda each: sizes[each], reverse=True):
        at = full.index(min(full))
        parts[at].append(source)
        full[at] += sizes[source]
    return parts
