"""A path of a report belongs to the module that claims the innermost folder above it, or to nobody."""

from __future__ import annotations

import pytest

from verifier.manifests.belonging import belonging, strangers

MODULES = ("shop", "shop/cart", "web/cart")


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("shop/a.py", ("shop",)),
        ("shop/cart/deep/a.py", ("shop/cart",)),
        ("shop/cart", ("shop/cart",)),
        ("shop/carts/a.py", ("shop",)),
        ("shopping/a.py", ()),
        ("web/a.py", ()),
        ("shop.py", ()),
        ("", ()),
    ],
)
def test_the_innermost_module_has_it(path: str, owners: tuple[str, ...]) -> None:
    assert belonging(MODULES, {}).owners(path) == owners


def test_the_configuration_says_what_lies_elsewhere() -> None:
    elsewhere = {"*": ["tests/{path}", "tests/test_{name}.py"], "shop": ["tests/all/", "lib/shop"]}
    found = belonging(MODULES, elsewhere)
    assert found.owners("tests/shop/cart/test_a.py") == ("shop/cart",)
    assert found.owners("tests/all/x.py") == found.owners("lib/shop/x.c") == ("shop",)
    assert found.owners("tests/shop/test_a.py") == ()
    assert found.owners("tests/test_shop.py") == ()


@pytest.mark.parametrize("path", ["tests/test_cart.py", "tests/test_cart", "tests/test_cart/TestTotal"])
def test_what_two_claim_is_disputed(path: str) -> None:
    found = belonging(MODULES, {"*": ["tests/test_{name}.py"]})
    assert found.owners(path) == ("shop/cart", "web/cart")
    shares = found.shares(["shop/cart/a.py", "web/cart/a.py", path, "setup.py", "shop/b.py"], str)
    assert shares.own == {"shop/cart": ("shop/cart/a.py",), "web/cart": ("web/cart/a.py",), "shop": ("shop/b.py",)}
    assert shares.disputed == dict.fromkeys(["shop/cart", "web/cart"], f"{path} may be of shop/cart or of web/cart")


def test_entries_of_no_module_are_told() -> None:
    assert strangers(MODULES, {"*": [], "shop": [], "gone": [], "cart": []}) == ("cart", "gone")
