"""Words that context files of any repository use for themselves: keys of metadata, sections of templates."""

from __future__ import annotations

import re

from verifier.manifests.document import CODE, Block, Kind, Mark
from verifier.manifests.text import stem, tokens

_KEYS = frozenset({
    "module", "module name", "name", "purpose", "lane", "status", "owner", "team", "language", "version",
    "last update", "last updated", "updated", "created", "generated", "modified", "reviewed", "last reviewed",
    "last modified", "update", "type", "category", "kind", "location", "path", "file", "author", "maintainer",
    "license", "tag", "keyword", "dependency", "tier", "constellation", "date", "contact", "repository", "source",
    "domain", "parent", "schema", "schema version", "component", "entrypoint", "export", "import", "package",
    "namespace", "stability", "maturity", "priority", "risk", "scope", "level", "phase", "stage", "star",
    "integration", "coverage", "test coverage", "test", "python", "runtime", "import path", "description", "summary",
    "note", "usage", "example", "input", "output", "return", "default", "requires", "requirement", "size", "line",
    "last review", "review", "audience", "reader", "code owner", "codeowner", "environment", "port", "endpoint",
    "url", "link", "document", "documentation", "reference", "related", "see also", "matriz", "contract",
    "gate profile", "framework", "compliance", "sla", "p95", "latency", "throughput", "id", "role",
})  # fmt: skip
"""What stands before a colon and says what kind of thing follows."""
_SECTIONS = frozenset({
    "overview", "introduction", "about", "summary", "background", "description", "purpose", "goal", "input",
    "output", "invariant", "feature", "key feature", "core feature", "main feature", "capability", "key capability",
    "component", "core component", "key component", "architecture", "design", "structure", "layout",
    "module structure", "file", "directory structure", "project structure", "file structure", "usage", "basic usage",
    "quick start", "quickstart", "get started", "getting start", "getting started", "installation", "install",
    "setup", "set up", "configuration", "option", "api", "api reference", "public api", "interface", "example",
    "usage example", "test", "testing", "test matrix", "development", "contribute", "contributing", "license",
    "changelog", "history", "roadmap", "future work", "status", "notes", "limitation", "known issues",
    "troubleshooting", "faqs", "question", "dependency", "requirement", "prerequisit", "integration",
    "integration point", "see also", "reference", "link", "resources", "related", "related modules",
    "related document", "related documentation", "content", "table of contents", "index", "documentation", "doc",
    "contact", "support", "owner", "ownership", "maintainer", "team", "performance", "security", "observability",
    "monitoring", "metric", "operation", "deployment", "entrypoint", "entry point", "contract", "what it does",
    "how it works", "how to use", "why", "what it offer", "responsibility", "non goal", "scope", "data flow",
    "workflow", "lane", "metadata", "module", "tag", "glossary", "vocabulary", "key concept", "concept",
    "terminology", "best practices", "development guidelines", "guidelines", "quick reference", "context", "mission",
    "vision", "principles", "todo", "next step", "appendix", "acknowledgement", "credit", "highlight", "benefit",
    "advantages", "use cases", "detail", "implementation", "implementation detail", "technical detail", "tips",
    "important", "warning",
})  # fmt: skip
"""Headings that templates have, and that say nothing of a module."""
KEYS, SECTIONS = (frozenset(" ".join(map(stem, each.split())) for each in words) for words in (_KEYS, _SECTIONS))
ENOUGH = 8
"""Words after a key of metadata that make a statement of their own."""


def stems(text: str) -> str:
    """The words of a text, as both lists have them."""
    return " ".join(token.stem for token in tokens(text) if token.stem)


def key_of(text: str) -> str:
    """The key of metadata that a text begins with: `**Lane**: L2`, `Lane: L2`; empty if there is none."""
    before, colon, _ = text.partition(":")
    return before.strip() if colon and len(before.split()) <= 3 and stems(before) in KEYS else ""


def is_section(text: str) -> bool:
    """Whether a heading only says what kind of section begins."""
    bare = stems(re.sub(r"\([^)]*\)", " ", text.replace(CODE, " ")))
    return not bare or bare in SECTIONS or bare in KEYS or bare.removeprefix("the ") in SECTIONS


def words_of(block: Block) -> int:
    """How many words of a block say something: none of a heading, of metadata, of a link alone."""
    if block.kind is Kind.HEADING or block.marks & {Mark.PLACEHOLDER, Mark.EMPTY}:
        return 0
    words = [token for token in tokens(block.text) if token.stem or token.word == CODE]
    words = [token for token in words if not any(first <= token.start < last for first, last in block.links)]
    if key := key_of(block.text):
        return len(words) if len(words) - len(key.split()) >= ENOUGH else 0
    return len(words)
