"""Templates are drafts, and say so in a way that a reader of markdown and of YAML understands."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from verifier.manifests.scaffold import Kind, Template, scaffold

TODO = re.compile(r"^(?:\| )?_TODO: [^_]+_(?: \| \| \| \|)?$", re.MULTILINE)


def front_matter(template: Template) -> object:
    _, front, _ = template.text.split("---\n", 2)
    return yaml.safe_load(front)


def headings(template: Template) -> list[str]:
    tokens = MarkdownIt().parse(template.text.split("---\n", 2)[2])
    return [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]


def test_a_module_gets_its_context_and_a_test_matrix() -> None:
    context, matrix = scaffold("services/mcp-server", "module")
    assert (context.path, matrix.path) == ("claude.me", "tests/matrix.md")
    assert headings(context) == ["services/mcp-server", "Goals", "Inputs", "Outputs", "Invariants"]
    assert "| goal or invariant | test |" in matrix.text


def test_a_path_is_shown_as_it_is() -> None:
    path = "a/*b*/_c_ `d` <e> [f](g) #"
    tokens = MarkdownIt().parse(scaffold(path, "module")[0].text.split("---\n", 2)[2])
    inline = tokens[1].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == path


def test_a_core_has_contracts_and_a_module_has_none() -> None:
    assert [each.path for each in scaffold("core", "core")][2:] == ["contracts/contracts.md"]
    assert len(scaffold("core", "module")) == 2


def test_the_context_file_has_the_name_that_the_repository_gives_it() -> None:
    assert scaffold("core", "core", context="README.md")[0].path == "README.md"


@pytest.mark.parametrize("kind", ["module", "core"])
def test_each_file_is_a_draft_with_something_to_do(kind: Kind) -> None:
    for template in scaffold("services/shop", kind):
        assert front_matter(template) == {"status": "draft", "module": "services/shop"}
        assert TODO.search(template.text)
        assert template.text.endswith("\n")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(["module", "core"]))
def test_no_path_breaks_a_template(module: str, kind: Kind) -> None:
    for template in scaffold(module, kind):
        front = front_matter(template)
        assert isinstance(front, dict)
        assert front["status"] == "draft"
        assert len(front) == 2
        assert len(headings(template)) == template.text.count("\n## ") + 1
