"""Which lines tests have run: a report of coverage.py as JSON, or one in Cobertura's XML."""

from __future__ import annotations

import os.path
import posixpath
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from msgspec import Struct

from verifier.manifests.model import Absent, Json, Source
from verifier.manifests.sources import Content, content_of, json_of, moment, xml_of
from verifier.model import Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MILLISECONDS = 10**11
"""A count of seconds from here on lies after the year 5000: it counts milliseconds."""


class Lines(Struct, frozen=True, kw_only=True):
    """How many lines there are to run, and how many were."""

    total: int
    covered: int

    @property
    def percent(self) -> float | Absent:
        """0 to 100, to two places."""
        return round(100 * self.covered / self.total, 2) if self.total else Absent("it has no lines to run")


class FileLines(Struct, frozen=True, kw_only=True):
    """The lines of one file."""

    path: str
    """Relative to the repository's root, with `/`; as the report has it where it lies elsewhere."""
    lines: Lines
    numbers: tuple[int, ...] = ()
    """Which lines these are, counted from 1, sorted; empty where the report does not list them."""


def together(files: Iterable[FileLines]) -> Lines:
    """The lines of all these files."""
    lines = [file.lines for file in files]
    return Lines(total=sum(each.total for each in lines), covered=sum(each.covered for each in lines))


class CoverageReading(Struct, frozen=True, kw_only=True):
    """What a report says."""

    source: Source
    observed_at: datetime | Absent
    """In UTC."""
    files: tuple[FileLines, ...]
    """By path; at least one."""


def read(path: Path, shown: str, *, root: Path, now: datetime) -> CoverageReading | Absent | Problem:
    """The report at `path`, which `shown` is in the repository at `root`. One from after `now` is a problem."""
    content = content_of(path, shown)
    if not isinstance(content, Content):
        return content
    is_xml = content.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    try:
        report = _xml(content.data, root) if is_xml else _json(content.data, root)
    except BrokenReport as broken:
        return Problem(what=str(broken))
    if isinstance(report, Problem):
        return report
    when, files = report
    if not files:
        return Problem(what="it has no file")
    observed = _time(when, now)
    if isinstance(observed, Problem):
        return observed
    ordered = tuple(files[name] for name in sorted(files))
    return CoverageReading(source=content.source, observed_at=observed, files=ordered)


class BrokenReport(Exception):
    """A report that contradicts itself, or is none."""


def _json(data: bytes, root: Path) -> tuple[str, dict[str, FileLines]] | Problem:
    document = json_of(data)
    if isinstance(document, Problem):
        return document
    meta, files = _object(document, "meta"), _object(document, "files")
    when = meta.get("timestamp")
    found: dict[str, FileLines] = {}
    for name, file in files.items():
        path = _path(name, root, ())
        if path in found:
            raise BrokenReport(f"it has {path} twice, once as {name}")
        lines = _summary(_object(file, "summary", within=name), name, file)
        found[path] = FileLines(path=path, lines=lines, numbers=tuple(sorted(_numbers(file))))
    return when if isinstance(when, str) else "", found


def _object(value: Json, key: str, *, within: str = "") -> dict[str, Json]:
    inner = value.get(key) if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        place = f" for {within}" if within else ""
        raise BrokenReport(f"is no report of coverage.py: it has no object `{key}`{place}")
    return inner


def _summary(summary: dict[str, Json], name: str, file: Json) -> Lines:
    total, covered = summary.get("num_statements"), summary.get("covered_lines")
    if not _is_count(total) or not _is_count(covered) or covered > total:
        raise BrokenReport(f"{name}: {covered!r} of {total!r} lines cannot be covered")
    listed = file.get("executed_lines") if isinstance(file, dict) else None
    if isinstance(listed, list) and len(listed) != covered:
        raise BrokenReport(f"{name}: it counts {covered} covered lines, and lists {len(listed)}")
    return Lines(total=total, covered=covered)


def _numbers(file: Json) -> Iterator[int]:
    """The lines that are listed. 0 is none: coverage.py has it for what a module does before its first line."""
    for key in ("executed_lines", "missing_lines"):
        listed = file.get(key) if isinstance(file, dict) else None
        yield from (each for each in (listed if isinstance(listed, list) else ()) if _is_count(each) and each)


def _is_count(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# --- Cobertura --------------------------------------------------------------------------------------------------------


def _xml(data: bytes, root: Path) -> tuple[str, dict[str, FileLines]] | Problem:
    document = xml_of(data)
    if isinstance(document, Problem):
        return document
    if document.tag != "coverage":
        return Problem(what=f"is no report of coverage: it is a <{document.tag[:40]}>")
    starts = tuple(text for source in document.iterfind("sources/source") if (text := (source.text or "").strip()))
    hits: dict[str, dict[int, bool]] = {}
    for part in document.iter("class"):
        name = part.get("filename")
        if not name:
            raise BrokenReport("it has a <class> without a `filename`")
        known = hits.setdefault(_path(name, root, starts), {})
        for number, is_hit in _hits(part, name):
            known[number] = known.get(number, False) or is_hit
    found = {
        name: FileLines(
            path=name,
            lines=Lines(total=len(known), covered=sum(known.values())),
            numbers=tuple(sorted(known)),
        )
        for name, known in hits.items()
    }
    return document.get("timestamp", ""), found


def _hits(part: Element, name: str) -> Iterator[tuple[int, bool]]:
    """The lines of a class, and whether they were run; those of its methods are there, too, in some reports twice."""
    for line in part.iter("line"):
        number, hits = line.get("number", ""), line.get("hits", "")
        if not (number.isascii() and number.isdigit() and hits.isascii() and hits.isdigit()):
            raise BrokenReport(f"{name}: a line {number!r} cannot have been run {hits!r} times")
        yield int(number[:9]), bool(hits.strip("0"))


# --- paths and times --------------------------------------------------------------------------------------------------


def _path(name: str, root: Path, starts: tuple[str, ...]) -> str:
    """A path of the report as one of the repository, which may have stood elsewhere when the report was made.

    It is the longest end of the path that is there: `shop/cart.py` of `/builds/7/shop/cart.py`.
    """
    plain = posixpath.normpath(name.replace("\\", "/"))
    is_whole = plain.startswith("/") or plain[1:2] == ":"
    ends = []
    for start in (*starts, ""):
        parts = posixpath.normpath(posixpath.join(start.replace("\\", "/"), plain)).strip("/").split("/")
        least = 1 if is_whole else plain.count("/") + 1
        ends += ["/".join(parts[-size:]) for size in range(least, len(parts) + 1) if ".." not in parts]
    ends.sort(key=lambda end: end.count("/"), reverse=True)
    there = (end for end in ends if "\0" not in end and os.path.isfile(root / end))  # noqa: PTH113  False, no error
    return next(there, plain)


def _time(said: str, now: datetime) -> datetime | Absent | Problem:
    if not said:
        return Absent("it does not say when it was made")
    if not (said.isascii() and said.isdigit()):
        return moment(said, now)
    seconds = int(said[:20])
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds / (1000 if seconds >= MILLISECONDS else 1))
    except OverflowError:
        return Problem(what=f"{said[:20]} is no time")
    return moment(when.isoformat(), now)
