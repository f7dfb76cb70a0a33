"""The artifacts of measurements in a repository: each is read once, and shared out among the modules."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from verifier.manifests.belonging import Belonging, Shares, belonging
from verifier.manifests.model import Absent
from verifier.manifests.readers import bench, coverage, tests
from verifier.manifests.readers.bench import BenchReading
from verifier.manifests.readers.coverage import CoverageReading, FileLines
from verifier.manifests.readers.tests import Case, TestsReading
from verifier.manifests.repository import Repository
from verifier.model import Problem


class Artifacts:
    """The artifacts of a repository, as they are now. Those that all modules share are read once."""

    def __init__(self, repository: Repository, now: datetime) -> None:
        self.repository = repository
        self.now = now
        self._coverage: dict[str, CoverageReading | Absent | Problem] = {}
        self._files: dict[str, Shares[FileLines]] = {}

    def bench(self, shown: str, module: str) -> BenchReading | Absent | Problem:
        """The measurement at a path of the repository, which has to be of this module."""
        return bench.read(self.repository.root / shown, shown, module=module, now=self.now)

    def coverage(self, shown: str) -> CoverageReading | Absent | Problem:
        """The report of coverage at a path of the repository."""
        if shown not in self._coverage:
            root = self.repository.root
            self._coverage[shown] = coverage.read(root / shown, shown, root=root, now=self.now)
        return self._coverage[shown]

    @cached_property
    def tests(self) -> TestsReading | Absent | Problem:
        """The report of tests that the configuration names."""
        shown = self.repository.settings.tests
        return tests.read(self.repository.root / shown, shown, now=self.now)

    def files(self, shown: str) -> Shares[FileLines]:
        """The files that a report of coverage has, by module; none of one that cannot be used."""
        if shown not in self._files:
            found = self.coverage(shown)
            files = found.files if isinstance(found, CoverageReading) else ()
            self._files[shown] = self._belonging.shares(files, lambda file: file.path)
        return self._files[shown]

    @cached_property
    def cases(self) -> Shares[Case]:
        """The tests of the report, by module; none of one that cannot be used."""
        found = self.tests
        cases = found.cases if isinstance(found, TestsReading) else ()
        return self._belonging.shares(cases, lambda case: case.where)

    @cached_property
    def _belonging(self) -> Belonging:
        return belonging(self.repository.paths, self.repository.settings.elsewhere)
