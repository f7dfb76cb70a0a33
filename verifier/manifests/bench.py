"""bench: measures the modules of a repository, one after the other, and leaves an artifact for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial

from msgspec import Struct
from msgspec.structs import replace

from verifier.apis import runner
from verifier.apis.timing import Call, Samples, time_call
from verifier.config import Config
from verifier.errors import UserError
from verifier.manifests import layout, writer
from verifier.manifests.enriched import Enriched, refused
from verifier.manifests.generations import lane_of
from verifier.manifests.history import Edit, File
from verifier.manifests.ledger import path as ledger_of
from verifier.manifests.measurements import Measurements, place_of_bench, source_digests
from verifier.manifests.model import Absent, Json, Place
from verifier.manifests.readers import package
from verifier.manifests.readers.apis import Named, dotted_name, target_of
from verifier.manifests.readers.bench import BenchReading, fingerprint
from verifier.manifests.readers.benchmarks import Benchmarks, Entrypoint, Task
from verifier.manifests.readers.machine import facts
from verifier.manifests.repository import Repository
from verifier.manifests.settings import Lane
from verifier.manifests.sources import written
from verifier.manifests.statistics import samples_of, summary
from verifier.model import Interpreter, Isolation, Problem, Target

CONTRACT = "bench/1"
IMPORTS = 20
"""So many fresh interpreters import a module that nothing else can be measured of."""


class Bench(Struct, frozen=True, kw_only=True, dict=True):
    """What is the same for all modules of a run."""

    repository: Repository
    benchmarks: Benchmarks
    interpreter: Interpreter
    config: Config
    confined: bool
    """False: what is measured may write, connect and start what it likes."""
    now: Callable[[], datetime]

    @cached_property
    def facts(self) -> Mapping[str, Json]:
        """What all times of this run depend on beside the code."""
        return facts(partial(runner.ask, self.interpreter.path))


def measure(chosen: Sequence[Place], bench: Bench, skip: Callable[[Place], bool]) -> Iterator[Enriched]:
    """The artifact that there is to write for each of the `chosen` modules that is not to `skip`. Nothing is written.

    A module of which anything cannot be measured is refused: it keeps the artifact that it has.
    """
    for place in chosen:
        try:
            yield Enriched(place=place, is_skipped=True) if skip(place) else _measured(place, bench)
        except UserError as error:
            yield refused(place, error)


def is_code(place: Place, repository: Repository) -> bool:
    """Whether there is anything of a module that could be measured: it has a name in Python, and code."""
    return not isinstance(_named(place, repository), Absent)


def _named(place: Place, repository: Repository) -> Named:
    if not package.files(place, repository.paths) and not any(place.folder.glob("*.so")):
        return Absent("it has no code")
    return dotted_name(place, repository.settings.import_roots)


def is_due(place: Place, bench: Bench, measurements: Measurements) -> bool:
    """Whether a module has no artifact of what is to be measured of it, as its sources are now, and not too old.

    A measurement that its lane would warn of is too old.
    """
    found = measurements.bench(place)
    if not isinstance(found, BenchReading):
        return True
    settings = bench.repository.settings
    manifest = writer.look(place, bench.repository.ledgers).document.value
    lane = lane_of(manifest, bench.repository.spellings)
    days = settings.lanes[lane].warn_days if isinstance(lane, str) and lane in settings.lanes else Lane().warn_days
    asked, measured = {str(task.entrypoint) for task in _tasks(place, bench)}, {each.name for each in found.entrypoints}
    return bench.now() - found.observed_at > timedelta(days=days) or bool(asked and asked != measured)


def _measured(place: Place, bench: Bench) -> Enriched:
    found = _named(place, bench.repository)
    if isinstance(found, Absent):
        raise UserError(f"there is nothing to measure: {found.why}", where=place.path, fix="name a module that is code")
    importable, name = found
    target = _with_all_roots(target_of(importable, bench.interpreter), bench.repository)
    sources = source_digests(place, bench.repository)
    if tasks := [*_tasks(place, bench)]:
        kind, timed = "call", {str(task.entrypoint): _timed(place, target, _call(task), bench) for task in tasks}
    else:
        kind, timed = "import", {name: _imported(place, target, name, bench)}
    if source_digests(place, bench.repository) != sources:
        raise UserError("its source has changed meanwhile", where=place.path, fix="measure it again")
    isolation = next(iter(timed.values())).isolation
    document = {
        "contract": CONTRACT,
        "module": place.path,
        "observed_at": written(bench.now()),
        "env_fingerprint": _environment(bench.facts, isolation),
        "confined": isolation.native_code_confined,
        "sources": sources,
        "entrypoints": {entrypoint: _statistics(kind, samples) for entrypoint, samples in timed.items()},
    }
    is_loose = bench.confined and not isolation.native_code_confined
    warnings = (f"{place.path}: the kernel does not confine it here",) if is_loose else ()
    return Enriched(place=place, edit=_edit(place, document, bench.repository), warnings=warnings)


def _statistics(kind: str, samples: Samples) -> dict[str, Json]:
    return {"kind": kind, **summary(samples_of(samples.rounds, samples.calls))}


def _with_all_roots(target: Target, repository: Repository) -> Target:
    """The same, where a set-up can be imported from any folder that modules are imported from."""
    folders = (repository.root / name for name in repository.settings.import_roots)
    others = (folder for folder in folders if folder.is_dir() and folder not in target.added_path)
    return replace(target, added_path=(*target.added_path, *others))


def _tasks(place: Place, bench: Bench) -> Iterator[Task]:
    """What is called: the module's own task; without one, each of its verified APIs that is safe to call."""
    if own := bench.benchmarks.tasks.get(place.path):
        yield own
        return
    apis = layout.value_at(writer.look(place, bench.repository.ledgers).document.value, "apis")
    verified = {
        Entrypoint(str(api["module"]), name.rpartition(".")[2])
        for name, api in (apis.items() if isinstance(apis, dict) else ())
        if isinstance(api, dict) and "module" in api
    }
    yield from (Task(entrypoint=each) for each in bench.benchmarks.safe if each in verified)


def _call(task: Task) -> Call:
    return Call(
        module=task.entrypoint.module,
        path=task.entrypoint.path,
        setup=(task.setup.module, task.setup.path) if task.setup else None,
        arguments=task.arguments,
        keywords=task.keywords,
        rounds=task.rounds,
        seconds=task.seconds,
    )


def _timed(place: Place, target: Target, call: Call, bench: Bench) -> Samples:
    found = time_call(target, call, bench.config, confined=bench.confined)
    if isinstance(found, Problem):
        what = f"{call.module}:{call.path}: {found.what}" if call.path else found.what
        raise UserError(what, where=place.path, fix=f"mend it, or the entry in {bench.repository.settings.benchmarks}")
    return found


def _imported(place: Place, target: Target, name: str, bench: Bench) -> Samples:
    """The samples of imports, each in a fresh interpreter."""
    call = Call(module=name, path=None, rounds=1, seconds=0)
    found = [_timed(place, target, call, bench) for _ in range(IMPORTS)]
    return Samples(rounds=tuple(each.rounds[0] for each in found), calls=1, isolation=found[0].isolation)


def _environment(known: Mapping[str, Json], isolation: Isolation) -> dict[str, Json]:
    """What the times depend on; being watched and confined takes time, too."""
    layers = {"landlock": isolation.landlock is not None, "seccomp": isolation.seccomp, "notify": isolation.notify}
    all_facts = {**known, "confinement": ", ".join(name for name, active in layers.items() if active) or "none"}
    return {"facts": all_facts, "sha256": fingerprint(all_facts)}


def _edit(place: Place, document: Mapping[str, object], repository: Repository) -> Edit:
    """The artifact as a file to be written, beside a ledger that stays as it is."""
    path = repository.root / place_of_bench(place, repository)
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    ledger, before = ledger_of(repository.ledgers, place.path), path.read_bytes() if path.is_file() else None
    held = ledger.read_bytes() if ledger.is_file() else None
    return Edit(
        manifest=File(path=path, before=before, after=text.encode()),
        ledger=File(path=ledger, before=held, after=held),
    )
