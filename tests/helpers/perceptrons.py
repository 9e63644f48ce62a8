"""Perceptrons as students type them: weights in rows, samples side by side, activations below.

Two layers: the weights of the first in B2:E<m+1> (its bias last), those of the second in row
13; inputs from H2 on, one sample a column, with a row of ones below them and below the hidden
units. Each is a dictionary of cells, so that a test may change one of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.helpers.desk import area, name
from tests.helpers.workbooks import sheet
from xlconv.spreadsheet.workbook import Workbook

Cells = dict[str, object]

SIGMOID = "1/(1+EXP(-{}))"


def numbers(rows: int, columns: int, seed: int) -> np.ndarray:
    return np.round(np.random.default_rng(seed).uniform(-1, 1, (rows, columns)), 2)


def put(row: int, column: int, values: np.ndarray) -> Cells:
    return {
        name(row + i, column + j): float(one) for (i, j), one in np.ndenumerate(values)
    }  # fmt: skip


def _letter(column: int) -> str:
    return name(0, column)[:-1]


# The sum of one unit, spelled as people do: `u` is the row of its weights, `x` the column
# of the sample, both as numbers of rows and columns from zero.
SUMS: dict[str, Callable[[int, str], str]] = {
    "matrix product": lambda u, x: f"MMULT($B{u}:$E{u},{x}$2:{x}$5)",
    "sum of products, turned": lambda u, x: f"SUMPRODUCT($B{u}:$E{u},TRANSPOSE({x}$2:{x}$5))",
    "array product": lambda u, x: f"SUM($B{u}:$E{u}*TRANSPOSE({x}$2:{x}$5))",
    "plain products": lambda u, x: f"$B{u}*{x}$2+$C{u}*{x}$3+$D{u}*{x}$4+$E{u}*{x}$5",
    "plain products and a bias": lambda u, x: f"$B{u}*{x}$2+$C{u}*{x}$3+$D{u}*{x}$4+$E{u}",
    "matrix product and a bias": lambda u, x: f"MMULT($B{u}:$D{u},{x}$2:{x}$4)+$E{u}",
}  # fmt: skip


def first_layer(samples: int, units: int, spelling: str, activation: str) -> Cells:
    """The first layer in H10 and below, its activation in H13 and below."""
    cells = put(1, 1, numbers(units, 4, 1)) | put(1, 7, numbers(3, samples, 2))
    cells |= put(4, 7, np.ones((1, samples)))
    for i in range(units):
        for j in range(samples):
            cells[name(9 + i, 7 + j)] = f"={SUMS[spelling](i + 2, _letter(7 + j))}"
            cells[name(12 + i, 7 + j)] = f"={activation.format(name(9 + i, 7 + j))}"
    return cells


def two_layers(
    samples: int = 4, units: int = 2, spelling: str = "matrix product", activation: str = SIGMOID
) -> Cells:
    """Both layers: the second in H18, its activation in H20."""
    cells = first_layer(samples, units, spelling, activation)
    cells |= put(12, 1, numbers(1, units + 1, 3)) | put(12 + units, 7, np.ones((1, samples)))
    weights = f"$B$13:${_letter(units + 1)}$13"
    for j in range(samples):
        cells[name(17, 7 + j)] = f"=MMULT({weights},{area(12, 7 + j, units + 1, 1)})"
        cells[name(19, 7 + j)] = f"={activation.format(name(17, 7 + j))}"
    return cells


def weights_of(units: int) -> list[np.ndarray]:
    """The parameters of both layers: weight, bias, weight, bias."""
    first, second = numbers(units, 4, 1), numbers(1, units + 1, 3)
    return [first[:, :3], first[:, 3], second[:, :-1], second[:, -1]]


_ARRAYS = ("MMULT(", "TRANSPOSE(", "SUM(", "AVERAGE((")


def typed(cells: Cells) -> Workbook:
    """A workbook of such cells; None leaves one blank. All products are array formulas."""
    arrays = tuple(
        at for at, one in cells.items()
        if isinstance(one, str) and any(name in one for name in _ARRAYS)
    )  # fmt: skip
    return sheet({at: one for at, one in cells.items() if one is not None}, arrays)
