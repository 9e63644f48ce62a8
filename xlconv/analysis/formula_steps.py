"""Formula -> its steps: every part of its tree with what it gives in one cell.

Knows no layers: what a window or a kernel is called comes from `slice_names`. Never writes.
"""

from __future__ import annotations

from math import prod

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.analysis.slice_names import slice_name
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.evaluate import takes_arrays, value_of
from xlconv.spreadsheet.calculation.evaluate_block import cells_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Area, Binary, Call, Node, Ref, area_of, mapped, render
from xlconv.spreadsheet.formula.nodes import Percent, Unary, children
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    ERRORS,
    NUMBER,
    TEXT,
    Pool,
    Unsupported,
    Value,
)

# Blank is None; a text and an error such as #DIV/0! are their text.
Scalar = float | bool | str | None
Matrix = tuple[tuple[Scalar, ...], ...]

# Larger ranges are worked with, but not listed.
_MOST_VALUES = 65_536


class Step(Struct, frozen=True):
    """A part of a formula: its text, and the values that it gives, as rows.

    `operation` is the function or operator, "" for a reference or a constant; a sum has
    all its terms as operands. A
    reference has `sheet` and `area`, and its `name` in the network. `products` are
    the entries that SUMPRODUCT sums up. `reason` says why there are no values.
    """

    text: str
    values: Matrix
    operation: str = ""
    operands: tuple[Step, ...] = ()
    sheet: str = ""
    area: Range | None = None
    name: str = ""
    products: Matrix = ()
    reason: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns of values there are; of a reference, of cells."""
        if self.area is not None:
            return self.area.size
        return len(self.values), len(self.values[0]) if self.values else 0

    @property
    def is_single(self) -> bool:
        """Whether it gives one value."""
        return self.size == (1, 1)

    @property
    def value(self) -> Scalar:
        """The one value, or the first."""
        return self.values[0][0] if self.values else None


def step_of(book: LiftedWorkbook, block: FormulaBlock) -> Step | None:
    """Return a single cell's formula (`calculation.single`) worked out; None without a tree."""
    if block.tree is None:
        return None
    calculation = book.calculation
    cells = cells_of(block, calculation.grids, calculation.pool)
    return _StepBuilder(book, block).step(block.written or block.tree, cells)


class _StepBuilder(Struct, frozen=True):
    book: LiftedWorkbook
    block: FormulaBlock

    def step(self, tree: Node, cells: Cells) -> Step:
        text = render(mapped(tree, self._named))
        values, reason = self._values(tree, cells)
        if isinstance(tree, Ref | Area):
            area, sheet = area_of(tree), sheet_of(tree, self.block.sheet)
            name = slice_name(self.book, sheet, area)
            home = self.book.sheet_name(sheet)
            return Step(text, values, sheet=home, area=area, name=name, reason=reason)
        operation = _operation(tree)
        if not operation:
            return Step(text, values, reason=reason)
        inner = replace(cells, is_array=True) if takes_arrays(operation) else cells
        operands = tuple(self.step(one, inner) for one in _operands(tree))
        products = _products(operands) if operation == "SUMPRODUCT" else ()
        return Step(text, values, operation, operands, products=products, reason=reason)

    def _named(self, reference: Ref) -> Ref:
        """Return the reference with its sheet by name, where it names one."""
        if reference.sheet is None:
            return reference
        return replace(reference, sheet=self.book.sheet_name(int(reference.sheet)))

    def _values(self, tree: Node, cells: Cells) -> tuple[Matrix, str]:
        try:
            value = value_of(tree, cells)
        except Unsupported as reason:
            return (), str(reason)
        if prod(value.numbers.shape) > _MOST_VALUES:
            return (), f"{prod(value.numbers.shape):,} cells"
        return _matrix(value, cells.pool), ""


def _operands(tree: Node) -> list[Node]:
    """Return the operands of a node; all the terms of a sum, which is written pair by pair."""
    if not (isinstance(tree, Binary) and tree.operator == "+"):
        return list(children(tree))
    terms: list[Node] = []
    while isinstance(tree, Binary) and tree.operator == "+":
        terms.append(tree.right)
        tree = tree.left
    return [tree, *reversed(terms)]


def _operation(tree: Node) -> str:
    match tree:
        case Call(name, _):
            return name
        case Binary(operator, _, _) | Unary(operator, _):
            return operator
        case Percent():
            return "%"
    return ""


def _matrix(value: Value, pool: Pool) -> Matrix:
    numbers, kinds = (
        value.numbers[0, 0],
        np.broadcast_to(value.all_kinds, value.numbers.shape)[0, 0],
    )
    return tuple(
        tuple(scalar_of(number, kind, pool) for number, kind in zip(*row, strict=True))
        for row in zip(numbers.tolist(), kinds.tolist(), strict=True)
    )


def scalar_of(number: float, kind: int, pool: Pool) -> Scalar:
    """Return a value of a grid as Python has it."""
    if kind == NUMBER:
        return number
    if kind == BLANK:
        return None
    if kind == BOOLEAN:
        return bool(number)
    if kind == ERROR:
        return ERRORS[int(number)]
    assert kind == TEXT
    return pool.texts[int(number)]


def _products(operands: tuple[Step, ...]) -> Matrix:
    """Return the products entry by entry; what is no number counts as 0, as SUMPRODUCT has it."""
    if len(operands) < 2 or len({one.size for one in operands}) != 1:
        return ()
    matrices = [one.values for one in operands]
    if not all(matrices) or any(is_error(x) for rows in matrices for row in rows for x in row):
        return ()
    return tuple(
        tuple(prod(map(_factor, entries)) for entries in zip(*rows, strict=True))
        for rows in zip(*matrices, strict=True)
    )


def _factor(value: Scalar) -> float:
    return value if isinstance(value, float) else 0.0


def is_error(value: Scalar) -> bool:
    """Whether a value is an error such as #DIV/0!."""
    return isinstance(value, str) and value in ERRORS
