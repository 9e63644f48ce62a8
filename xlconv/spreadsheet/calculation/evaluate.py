"""Evaluates a formula tree for all cells of a block at once.

What the language does not have raises Unsupported, with the reason; errors such as
#DIV/0! are values. Reads cells through a callback and never writes any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from xlconv.spreadsheet.calculation.coercion import as_numbers, combined
from xlconv.spreadsheet.calculation.functions import FUNCTIONS, OVER_RANGES, VOLATILE, choose, truth
from xlconv.spreadsheet.calculation.operators import binary
from xlconv.spreadsheet.calculation.places import PLACES, place_of
from xlconv.spreadsheet.formula import nodes
from xlconv.spreadsheet.formula.nodes import Area, Node, Ref, children
from xlconv.spreadsheet.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    ERRORS,
    NUMBER,
    TEXT,
    Kinds,
    Numbers,
    Pool,
    Unsupported,
    Value,
    error,
    scalar,
)

Reader = Callable[..., Value]

# These take their arguments as arrays even where the formula is none.
_ARRAY_FUNCTIONS = {"SUMPRODUCT", "MMULT", "TRANSPOSE"}

# Of these, blanks in ranges have no part in the result, wherever they stand.
_SKIPPING = OVER_RANGES - _ARRAY_FUNCTIONS - {
    "SUMXMY2", "SUMIF", "COUNTIF", "COUNTBLANK", "MATCH", "INDEX",
}  # fmt: skip

# No operation may give more entries; and what one that is a text costs beside a number.
_LARGEST_RESULT = 1 << 22
_TEXT_COST = 250


@dataclass(frozen=True, slots=True)
class Cells:
    """The block being evaluated: its shape, how to read, and where its cells stand."""

    shape: tuple[int, int]
    read: Reader
    rows: Numbers  # (n, 1, 1, 1), counted from 1 as ROW() does
    columns: Numbers  # (1, m, 1, 1)
    pool: Pool
    is_array: bool = False
    spend: Callable[[int], None] = lambda _: None  # called with what an operation costs, before it


def evaluate(tree: Node, cells: Cells) -> tuple[Numbers, Kinds]:
    """Return numbers and kinds of all cells, each (rows, columns). Raises Unsupported."""
    with np.errstate(all="ignore"):  # what is not finite becomes an error value
        result = _value(tree, cells)
    if result.is_area and not cells.is_array:
        raise Unsupported("a formula that spills over several cells")
    n, m = cells.shape
    numbers = np.broadcast_to(result.numbers[:, :, 0, 0], (n, m))
    kinds = np.broadcast_to(result.all_kinds[:, :, 0, 0], (n, m))
    return numbers, np.where(kinds == BLANK, np.uint8(NUMBER), kinds)


def evaluate_spilled(tree: Node, cells: Cells, shape: tuple[int, int]) -> tuple[Numbers, Kinds]:
    """Return numbers and kinds of an array formula's (rows, columns); #N/A beyond its result.

    A result of one row or column serves all of them. Raises Unsupported.
    """
    with np.errstate(all="ignore"):
        result = _value(tree, cells)
    numbers, kinds = np.zeros(shape), np.full(shape, ERROR, np.uint8)
    numbers[:] = ERRORS.index("#N/A")
    height, width = (
        want if have == 1 else min(have, want)
        for have, want in zip(result.numbers.shape[2:], shape, strict=True)
    )
    part = (slice(0, height), slice(0, width))
    found = result.numbers[0, 0, :height, :width], result.all_kinds[0, 0, :height, :width]
    numbers[part], kinds[part] = found
    return numbers, np.where(kinds == BLANK, np.uint8(NUMBER), kinds)


def value_of(tree: Node, cells: Cells) -> Value:
    """Return the value of a part of a formula, which may be a whole range. Raises Unsupported.

    `cells.is_array` says whether the part stands where ranges are worked out entry by entry.
    """
    with np.errstate(all="ignore"):
        return _value(tree, cells)


def takes_arrays(name: str) -> bool:
    """Whether a function works its arguments out entry by entry, array formula or not."""
    return name in _ARRAY_FUNCTIONS


def is_volatile(tree: Node) -> bool:
    """Whether the value of a formula cannot be computed again."""
    if isinstance(tree, nodes.Call) and tree.name in VOLATILE:
        return True
    if isinstance(tree, nodes.Unknown):
        return tree.text.startswith(("[", "'["))  # another workbook
    return any(is_volatile(child) for child in children(tree))


def _value(tree: Node, cells: Cells) -> Value:
    match tree:
        case nodes.Number(value):
            return scalar(value)
        case Ref() | Area():
            return cells.read(tree)
        case nodes.Call():
            return _call(tree, cells)
        case nodes.Binary(operator, left, right):
            operands = _single(left, cells), _single(right, cells)
            _charge(operands, cells, times=2)
            return binary(operator, *operands, cells.pool)
        case nodes.Unary("+", operand):
            return _single(operand, cells)
        case nodes.Unary(operator, operand):
            signed = as_numbers(_charged(_single(operand, cells), cells), cells.pool)
            return combined(-signed.numbers, signed) if operator == "-" else signed
        case nodes.Percent(operand):
            parts = as_numbers(_charged(_single(operand, cells), cells), cells.pool)
            return combined(parts.numbers / 100, parts)
        case nodes.Text(text):
            return scalar(cells.pool.index(text), TEXT)
        case nodes.Boolean(holds):
            return scalar(float(holds), BOOLEAN)
        case nodes.Error(code) if code in ERRORS:
            return error(ERRORS.index(code))
        case nodes.Missing():
            return scalar(0.0, BLANK)
        case nodes.Array(rows):
            return _constant(rows, cells)
        case nodes.Unknown(name):
            raise Unsupported(f"the name or reference {name}")
    raise Unsupported("a constant that is not supported")


def _single(tree: Node, cells: Cells) -> Value:
    """Return an operand where a single number is expected, unless in an array formula."""
    value = _value(tree, cells)
    if value.is_area and not cells.is_array:
        raise Unsupported("a range where one number is expected, outside an array formula")
    return value


def _call(tree: nodes.Call, cells: Cells) -> Value:
    name = tree.name
    if name in PLACES:
        return place_of(tree, cells.rows, cells.columns)
    if name == "IF":
        return _if(tree.arguments, cells)
    function = FUNCTIONS.get(name)
    if function is None:
        raise Unsupported(f"the function {name}")
    inner = replace(cells, is_array=True) if name in _ARRAY_FUNCTIONS else cells
    takes_ranges = name in OVER_RANGES
    read = _value if takes_ranges else _single
    if name in _SKIPPING:
        read = _cut
    arguments = [read(argument, inner) for argument in tree.arguments]
    if takes_ranges:
        for one in arguments:
            _charged(one, cells)
        if name == "MMULT" and len(arguments) == 2:
            _charge_product(arguments[0], arguments[1], cells)
    else:
        _charge(arguments, cells)
    return function(arguments, cells.pool)


def _charged(value: Value, cells: Cells) -> Value:
    _charge([value], cells)
    return value


def _charge(operands: Sequence[Value], cells: Cells, times: int = 1) -> None:
    """Spend what an operation costs entry by entry. Raises Unsupported where that is too much."""
    size = prod(map(max, zip(*(one.numbers.shape for one in operands), strict=True)))
    if size > _LARGEST_RESULT:
        raise Unsupported(f"an operation on {size:,} numbers at once")
    texts = any(one.kinds is not None and one.has(TEXT) for one in operands)
    cells.spend(size * (_TEXT_COST if texts else times))


def _charge_product(left: Value, right: Value, cells: Cells) -> None:
    """Spend what a matrix product costs. Raises Unsupported where its result is too large."""
    (n, m, height, depth), (i, j, _, width) = left.numbers.shape, right.numbers.shape
    size = max(n, i) * max(m, j) * height * width
    if size > _LARGEST_RESULT:
        raise Unsupported(f"an operation on {size:,} numbers at once")
    cells.spend(size * depth)


def _cut(tree: Node, cells: Cells) -> Value:
    """Return an argument whose blanks do not count, without those below the last used row."""
    return cells.read(tree, cut=True) if isinstance(tree, Area) else _value(tree, cells)


def _if(arguments: tuple[Node, ...], cells: Cells) -> Value:
    if not 1 <= len(arguments) <= 3:
        raise Unsupported("IF with too few or too many arguments")
    condition = truth(_charged(_single(arguments[0], cells), cells), cells.pool)
    then = _single(arguments[1], cells) if len(arguments) > 1 else scalar(1.0, BOOLEAN)
    other = _single(arguments[2], cells) if len(arguments) > 2 else scalar(0.0, BOOLEAN)
    # An argument left out is 0; a cell that is blank stays so.
    left_out = {k for k, one in enumerate(arguments) if isinstance(one, nodes.Missing)}
    then = scalar(0.0) if 1 in left_out else then
    other = scalar(0.0) if 2 in left_out else other
    _charge([condition, then, other], cells)
    return choose(condition, then, other)


def _constant(rows: tuple[tuple[Node, ...], ...], cells: Cells) -> Value:
    if len({len(row) for row in rows}) != 1:
        raise Unsupported("a constant array with rows of different lengths")
    values = [[_value(item, cells) for item in row] for row in rows]
    numbers = np.array([[one.numbers.item() for one in row] for row in values])
    kinds = np.array([[one.all_kinds.item() for one in row] for row in values], np.uint8)
    return Value(numbers[None, None], None if (kinds == NUMBER).all() else kinds[None, None])
