"""For CI: a report in JUnit's XML, a suite for each module and a test for each gate, or component of its score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verifier.manifests.formats.text import ranked
from verifier.manifests.gates import Judged, Result, State, Useless
from verifier.manifests.judging import Run
from verifier.manifests.past import Scored
from verifier.manifests.score import Part, shown_lost
from verifier.manifests.settings import FILE

ODD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def gates(run: Run) -> str:
    """A failed gate is a failure, one that was not evaluated an error, one that is excused is skipped."""
    root = Element("testsuites", name="gates")
    for each in run.judged:
        _module(root, each)
    if run.useless:
        _waivers(root, run.useless)
    return _written(root)


def scores(scored: Sequence[Scored]) -> str:
    """A component that has lost points is a failure, one that does not apply is skipped."""
    root = Element("testsuites", name="scores")
    for each in ranked(scored):
        suite = SubElement(root, "testsuite", name=_text(each.module))
        for part in each.score.parts:
            _part(SubElement(suite, "testcase", classname=_text(each.module), name=part.code), part, each)
        _count(suite)
    return _written(root)


def _part(test: Element, part: Part, scored: Scored) -> None:
    if lost := scored.score.lost(part):
        told = SubElement(test, "failure", type=part.code, message=_text(f"{shown_lost(lost):g} lost: {part.why}"))
        told.text = _text(f"where: {scored.where}\nfix:   {part.fix}")
    elif not part.applies:
        SubElement(test, "skipped", message="not applicable")


def _written(root: Element) -> str:
    suites = root.findall("testsuite")
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _module(root: Element, found: Judged) -> None:
    suite = SubElement(root, "testsuite", name=_text(found.module))
    for each in found.results:
        test = SubElement(suite, "testcase", classname=_text(found.module), name=each.gate)
        _told(test, each, found.cause(each))
    _count(suite)


def _told(test: Element, result: Result, cause: str) -> None:
    if cause and result.is_closed:
        SubElement(test, "skipped", message=_text(f"follows from {cause}: {result.why}"))
    elif result.is_closed:
        kind = "failure" if result.state is State.FAILED else "error"
        told = SubElement(test, kind, type=result.gate, message=_text(result.why))
        told.text = _text(f"where: {result.where}\nfix:   {result.fix}")
    elif result.waiver:
        SubElement(test, "skipped", message=_text(f"waived until {result.waiver.until}: {result.waiver.reason}"))
    elif result.is_old:
        SubElement(test, "skipped", message=_text(f"closed before: {result.why}"))
    elif result.state is State.NOT_APPLICABLE:
        SubElement(test, "skipped", message=_text(f"not applicable: {result.why}"))


def _waivers(root: Element, useless: tuple[Useless, ...]) -> None:
    suite = SubElement(root, "testsuite", name="waivers")
    for each in useless:
        test = SubElement(suite, "testcase", classname=_text(each.waiver.module), name=each.waiver.gate)
        told = SubElement(test, "failure", type="waiver", message=f"it waives nothing: {each.why}")
        told.text = f"where: {FILE}\nfix:   take it out of `[[tool.enrich.waivers]]`"
    _count(suite)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))


def _text(text: str) -> str:
    return ODD.sub("\N{REPLACEMENT CHARACTER}", text)
