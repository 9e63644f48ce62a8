"""Planes of cells with a halo around them, and the formulas that fill them."""

import numpy as np
import pytest

from xlconv.errors import (
    LayoutError,
)
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.block import Block, expand
from xlconv.spreadsheet.blocks.plane import Halo, Plane
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
