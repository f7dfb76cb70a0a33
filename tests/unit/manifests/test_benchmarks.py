"""benchmarks.yml is read, or all that is wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from verifier.errors import UserError
from verifier.manifests.readers.benchmarks import Benchmarks, Entrypoint, Task, read
from verifier.resources import load_schema

WHOLE = """
modules:
  shop/cart:
    entrypoint: shop.cart:Cart.total
    arguments: [[1, 2.5, null], "x"]
    keywords: {currency: EUR}
    rounds: 50
    seconds: 1
  shop:
    entrypoint: shop:buy
    setup: benches.shop:prepare
safe: [shop:sell, shop.cart:Cart]
"""


def read_text(folder: Path, text: str) -> Benchmarks:
    (folder / "benchmarks.yml").write_text(text, encoding="utf-8")
    return read(folder / "benchmarks.yml", "benchmarks.yml", ["shop", "shop/cart"])


def test_the_contract_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema("benchmarks"))


def test_every_key_is_read(tmp_path: Path) -> None:
    found = read_text(tmp_path, WHOLE)
    assert found.tasks == {
        "shop/cart": Task(
            entrypoint=Entrypoint("shop.cart", "Cart.total"),
            arguments=([1, 2.5, None], "x"),
            keywords={"currency": "EUR"},
            rounds=50,
            seconds=1.0,
        ),
        "shop": Task(entrypoint=Entrypoint("shop", "buy"), setup=Entrypoint("benches.shop", "prepare")),
    }
    assert found.safe == (Entrypoint("shop", "sell"), Entrypoint("shop.cart", "Cart"))
    assert str(found.safe[1]) == "shop.cart:Cart"


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "no.yml", "no.yml", []) == Benchmarks()
    assert read_text(tmp_path, "{}") == Benchmarks()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("modules: {shop: {entrypoint: shop.buy}}", ['$.modules.shop.entrypoint: "shop.buy"']),
        ("modules: {shop: {}}", ["$.modules.shop.entrypoint: (missing)"]),
        ("modules: {shop: {entrypoint: 'a:b', rounds: 0, seconds: .inf}}", ["is no JSON"]),
        ("modules: {shop: {entrypoint: 'a:b', rounds: 0, more: 1}}", ["rounds: 0: it must be 1 or more", "more"]),
        ("modules: {gone: {entrypoint: 'a:b'}}", ["there is no module 'gone'"]),
        (
            "modules: {gone: {entrypoint: 'a:b', setup: 'a:c', keywords: {}}}",
            ["there is no module 'gone'", "modules.gone: its arguments are given, and made by a set-up"],
        ),
        ("safe: ['a:b', 'a:b']", ["$.safe"]),
        ("modules:\n  shop: {entrypoint: 'a:b'}\n  shop: {entrypoint: 'a:b'}", ["benchmarks.yml:3", "'shop' twice"]),
        ("a: &x {}\nb: *x", ["it has aliases"]),
        ("modules: {shop: {entrypoint: 'a:b', arguments: [2024-01-01]}}", ["could be JSON", "date"]),
        ("[", ["benchmarks.yml:1", "is no YAML"]),
        ("", ["$: null"]),
    ],
)
def test_all_mistakes_are_told(text: str, parts: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        read_text(tmp_path, text)
    told = str(raised.value)
    assert [part for part in parts if part not in told] == []
