"""Planes of cells with a halo around them, and the formulas that fill them."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.strategies import networks, random_input
from xlconv.errors import (
    LayoutError,
)
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.lowering.strip import strip
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.halo import Halo
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import Axis, Call, Number, Ref
from xlconv.spreadsheet.workbook import SheetBuilder


def test_a_formula_may_have_8192_characters_with_its_sign() -> None:
    fits = Call("SUM", (Number(10),) + (Number(1),) * 4092)  # 8,191 and the =
    expand(Block(Plane((0, 0), (1, 1)), fits), np.zeros((1, 1)), SheetBuilder())
    long = Call("SUM", (Number(1),) * 4094)
    with pytest.raises(LayoutError, match="A1: a formula of 8,193 characters"):
        expand(Block(Plane((0, 0), (1, 1)), long), np.zeros((1, 1)), SheetBuilder())


def test_the_longest_formula_of_a_block_is_the_one_named() -> None:
    wide = Call("SUM", (Ref(Axis(0), Axis(24, by_column=1)),) * 2500)  # Y1, Z1, AA1
    with pytest.raises(LayoutError, match=r"^C1: a formula of"):
        expand(Block(Plane((0, 0), (2, 3)), wide), np.zeros((2, 3)), SheetBuilder())


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_halo_on_any_side_is_one(side) -> None:
    assert not Halo(**{side: 1}).is_empty
    assert Halo().is_empty


def test_the_halo_of_spread_cells_is_spread() -> None:
    plane = Plane((10, 10), (3, 3), (2, 3))
    assert plane.halo_range(Halo(1, 2, 3, 4)) == Range(8, 1, 18, 28)


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31), st.booleans())
@examples(40, suppress_health_check=[HealthCheck.filter_too_much])
def test_every_formula_of_a_lowered_network_is_in_one_block(network, seed, fuse) -> None:
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    values = network.activations(random_input(network, seed))
    (cells,) = workbook_of(network, strip(network, fuse=fuse), values).sheets
    assume(cells.is_formula.any())
    regular = np.concatenate([one.cells[one.regular] for one in group(cells)])
    assert sorted(regular.tolist()) == np.flatnonzero(cells.is_formula).tolist()
    for one in group(cells):
        for i, j in zip(*np.nonzero(one.regular), strict=True):
            assert one.pattern.text(int(i), int(j)) == cells.texts[int(one.cells[i, j])]
