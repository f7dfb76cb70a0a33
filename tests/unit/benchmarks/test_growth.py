"""Packages of any size, and what one of their modules costs."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from growth import cost, growth, section
from results import Results, Row
from states import COLD, WARM_JSON
from synthetic import LEAST, MOST, Folder, make, plan
from ways import Place, environment


def leaves(folder: Folder) -> list[Folder]:
    return [leaf for each in folder.folders for leaf in leaves(each)] or [folder]


@pytest.mark.parametrize("count", [7, 100, 1000, 10_000])
def test_a_plan_has_so_many_modules_in_packages_of_10_to_20(count: int) -> None:
    sizes = [leaf.modules for leaf in leaves(plan(count, random.Random(0)))]
    assert sum(sizes) == count
    assert all(LEAST <= size <= MOST for size in sizes[:-1])


def test_every_module_of_a_made_up_package_imports(tmp_path: Path) -> None:
    package = make(tmp_path, 120)
    python = Path(sys.executable)
    place = Place(python=python, site=tmp_path, env=environment(python, tmp_path), work=tmp_path, scratch=tmp_path)
    files = [path.relative_to(tmp_path).with_suffix("") for path in sorted(package.rglob("*.py"))]
    names = [".".join(file.parts).removesuffix(".__init__") for file in files]
    assert sum(name.rpartition(".")[2].startswith("part_") for name in names) == 120
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); [__import__(name) for name in sys.stdin.read().split()]"
    )
    done = place.run([sys.executable, "-I", "-c", program], "\n".join(names))
    assert done.code == 0, done.errors


def test_the_same_size_gives_the_same_package(tmp_path: Path) -> None:
    first, second = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*.py")}
        for root in (make(tmp_path / "a", 40), make(tmp_path / "b", 40))
    )
    assert first == second


ROWS = (
    Row(package="100", way=COLD, seconds=(1.0, 1.2, 1.1), peak=50.0, said="110 modules"),
    Row(package="1,000", way=COLD, seconds=(22.0,), peak=100.0, said="1100 modules"),
    Row(package="100", way=WARM_JSON, refused=True, said="not available"),
)


def test_a_module_costs_the_median_by_the_number_of_modules() -> None:
    assert cost(ROWS[0]) == pytest.approx(0.01)


def test_growth_is_the_ratio_of_the_largest_to_the_smallest() -> None:
    assert growth(ROWS, COLD) == "One module of 1,000 costs 2.00 times what one of 100 does (cold)."
    assert growth(ROWS, WARM_JSON) == ""


def test_the_table_has_costs_and_reasons() -> None:
    told = Results(
        command="make bench-growth", runs=1, date="", cpu="", cores=2, system="", python="", tool_python="",
        versions={}, rows=ROWS,
    )  # fmt: skip
    lines = section(told).splitlines()
    assert "| 100 | 1.1, 50 MiB | 10.00 | 465.5 | not available | - | - |" in lines
    assert "| 1,000 | 22, 100 MiB | 20.00 | 93.1 | not measured | - | - |" in lines
