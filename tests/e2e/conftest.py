"""A small repository, and the real `enrich` at its root."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.shop import CART, INIT, TEXT, Run, write
from verifier.manifests.repository import MANIFEST


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three modules: one with a text, one below it, and one that has no name in Python."""
    root = tmp_path / "repository"
    write(root / "shop" / "__init__.py", INIT)
    write(root / "shop" / "README.md", TEXT)
    write(root / "shop" / "cart" / "__init__.py", CART)
    write(root / "mcp-server" / "__init__.py", CART)
    lane = '{\n  "title": "kept",\n  "contract": "manifest/1",\n  "matrix": {"lane": "L2-integration", "own": 1}\n}\n'
    write(root / "shop" / MANIFEST, lane)
    write(root / "shop" / "cart" / MANIFEST, '{"contract": "manifest/1"}')
    write(root / "mcp-server" / MANIFEST, '{"contract": "manifest/1"}')
    targets = "sla-targets = {latency_p95_ms = 250}\ncoverage-target = 85\n"
    write(root / "pyproject.toml", f"[tool.enrich.lanes.L2-integration]\n{targets}")
    return root


@pytest.fixture
def enrich(repository: Path, scrubbed: Mapping[str, str], tmp_path: Path) -> Run:
    """Run the command at the root of the repository."""

    def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "verifier.cli.enrich", *options],
            cwd=repository, capture_output=True, encoding="utf-8", check=False,
            env={**scrubbed, "XDG_CACHE_HOME": str(tmp_path / "caches"), **environment},
        )  # fmt: skip

    return run
