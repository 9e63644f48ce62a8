"""A block that cannot be calculated at once is calculated in parts, and few of them."""

from __future__ import annotations

import numpy as np

from tests.helpers.workbooks import sheet
from xlconv.spreadsheet.calculation.calculate import Status, calculate
from xlconv.spreadsheet.calculation.meter import Meter


def test_a_text_in_the_way_of_a_block_costs_the_few_cells_that_read_it() -> None:
    # Every window of two cells; one cell holds a text that arithmetic cannot tell.
    cells: dict[str, object] = {f"A{k}": float(k) for k in range(1, 502)} | {"A250": "2 planes"}
    cells |= {f"B{k}": f"=SUMPRODUCT(A{k}:A{k + 1}*2)" for k in range(1, 501)}
    found = calculate(sheet(cells))
    second = found.workbook.sheets[0].columns == 1
    known = found.statuses[0][second] == Status.CALCULATED
    assert np.flatnonzero(~known).tolist() == [248, 249]
    wanted = 2.0 * (2 * np.arange(1, 501) + 1)
    assert (found.grids[0].numbers[second][known] == wanted[known]).all()
    evaluations = (Meter().left - found.meter.left) / 50_000
    assert evaluations < 50
