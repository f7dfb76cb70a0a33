"""Made-up monorepos of any size: modules with manifests, context files and APIs, all committed to git."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

FEATURES = (
    "Data validation", "Task queue", "Rate limiting", "Full-text search", "Event sourcing", "Message broker",
    "Session management", "Feature flags", "File storage", "Report generation", "Audit logging", "Retry logic",
)  # fmt: skip
"""What the made-up modules say that they do."""
IN_ONE = 40
"""Modules of one package."""
SETTINGS = """\
[tool.enrich.lanes.L2-integration]
sla-targets = { latency_p95_ms = 250 }
coverage-target = 85
"""
IGNORED = "__pycache__/\n"
UNION = "*.ndjson merge=union -text\n"
CONTEXT = """\
# Part {number}

It looks after one thing of area {area}, and after nothing else.

## {first}

- **{first}**: every record of part {number} goes through it, the late ones as well
- **{second}**: what part {number} hands on to its neighbours is kept there until somebody asks for it

Part {number} relies on {second_small} wherever its neighbours are slow.

| what | how many |
|---|---|
| components | {components} |

```python
# Task queue
run({number})
```
"""
INIT = '''"""Part {number}: {first_small} and what it needs, for area {area} of a company that nobody works for."""

from {name}.core import Record, handle

__all__ = ["Record", "handle"]
'''
CORE = '''"""What part {number} does: it takes records, looks at them, and hands them on."""

from __future__ import annotations


class Record:
    """Something that has a name and a size, and that a stream of records consists of, in the order of their sizes."""

    def __init__(self, name: str, size: int = {number}) -> None:
        self.name = name
        self.size = size


def handle(records: list[Record]) -> list[Record]:
    """Put records into the order of their sizes and leave out those that are empty, without a word to anybody."""
    return sorted((each for each in records if each.size), key=lambda each: each.size)
'''


def make(root: Path, count: int) -> Path:
    """A repository with `count` modules at `root`, committed. The same for the same count."""
    for number in range(count):
        area = number // IN_ONE
        folder = root / f"area_{area}" / f"part_{number}"
        for name, text in _files(number, area):
            write(folder / name, text)
        if number % IN_ONE == 0:
            write(folder.parent / "__init__.py", f'"""Area {area}."""\n')
    for name, text in {"pyproject.toml": SETTINGS, ".gitignore": IGNORED, ".gitattributes": UNION}.items():
        write(root / name, text)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], COMMIT):
        git(root, *command)
    return root


COMMIT = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "commit", "-q", "-m", "All"]


def git(root: Path, *command: str) -> None:
    """Run git there. Raises CalledProcessError if it fails."""
    subprocess.run(["git", "-C", str(root), *command], check=True, stdin=subprocess.DEVNULL)


def write(file: Path, text: str) -> None:
    """A file, and the folders that it lies in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _files(number: int, area: int) -> Iterator[tuple[str, str]]:
    first, second = (FEATURES[(number + step) % len(FEATURES)] for step in (0, 1 + number // len(FEATURES) % 5))
    words = {
        "number": number,
        "area": area,
        "name": f"area_{area}.part_{number}",
        "first": first,
        "second": second,
        "first_small": first.lower(),
        "second_small": second.lower(),
        "components": number % 90 + 2,
    }
    yield "README.md", CONTEXT.format(**words)
    yield "__init__.py", INIT.format(**words)
    yield "core.py", CORE.format(**words)
    manifest = {"contract": "manifest/1", "owner": f"team-{area}", "matrix": {"lane": "L2-integration"}}
    yield "module.manifest.json", json.dumps(manifest, indent=2) + "\n"
