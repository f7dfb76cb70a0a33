"""A small repository for the tests of `enrich`, and what they ask of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from verifier.manifests.repository import MANIFEST

LONG = "It is documented at length, so that nothing but its import can speak against it: no check may object."
INIT = f'''"""A shop, with data validation of orders and a task queue for payments."""
from shop.cart import Cart
__all__ = ["buy", "ghost", "Cart"]


def buy():
    """Buy what is in the cart, and stream what happens. {LONG}"""
'''
CART = f'class Cart:\n    """A cart. {LONG}"""\n'
TEXT = """# Shop

The shop consists of 12 components, and is used all over the world by people who buy and sell all sorts of things.

## Task queue

- **Data validation** of orders as they come
- A task queue that takes payments
"""
OLD = {
    "schema_version": "1.0.0",
    "module": "cart",
    "description": "Carts.",
    "tags": ["fast", "old"],
    "matrix": {"lane": "L2", "gates_profile": "x"},
    "dependencies": [],
}
"""A manifest of the first generation."""
Run = Callable[..., subprocess.CompletedProcess[str]]
"""Runs the command with these options; keywords are variables of its environment."""


def write(path: Path, content: str) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def manifest(repository: Path, module: str) -> dict[str, object]:
    """What a manifest holds."""
    found: dict[str, object] = json.loads((repository / module / MANIFEST).read_text(encoding="utf-8"))
    return found


def all_bytes(repository: Path) -> dict[str, bytes]:
    """Every file of the repository."""
    return {str(path.relative_to(repository)): path.read_bytes() for path in repository.rglob("*") if path.is_file()}
