"""Evaluates a formula tree for all cells of a block at once.

What the language does not have raises Unsupported, with the reason; errors such as
#DIV/0! are values. Reads cells through a callback and never writes any.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from msgspec.structs import replace

from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.coercion import as_numbers, combined, simplified
from xlconv.spreadsheet.calculation.functions import (
    COMPARING,
    COSTS,
    FUNCTIONS,
    OVER_RANGES,
    VOLATILE,
    WITH_BLANKS,
    choose,
    pick,
    truth,
)
from xlconv.spreadsheet.calculation.operators import binary
from xlconv.spreadsheet.calculation.place import SOUND, Place, intersected
from xlconv.spreadsheet.calculation.places import PLACES, is_referring, located, place_of
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
    Unsupported,
    Value,
    error,
    scalar,
)

# These take their arguments as arrays even where the formula is none.
_ARRAY_FUNCTIONS = {"SUMPRODUCT", "MMULT", "TRANSPOSE"}

# Of these, blanks in ranges have no part in the result, wherever they stand.
_SKIPPING = OVER_RANGES - WITH_BLANKS

# No operation may give more entries; and what one that is a text costs beside a number.
_LARGEST_RESULT = 1 << 22
_TEXT_COST = 250


def evaluate(tree: Node, cells: Cells) -> tuple[Numbers, Kinds]:
    """Return numbers and kinds of all cells, each (rows, columns). Raises Unsupported."""
    with np.errstate(all="ignore"):  # what is not finite becomes an error value
        # Of an array a cell shows the first entry.
        result = _value(tree, cells) if cells.is_array else _single(tree, cells)
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


def single_of(tree: Node, cells: Cells) -> Value:
    """Return the value of an argument that is a single number. Raises Unsupported."""
    with np.errstate(all="ignore"):
        return _single(tree, cells)


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
        case nodes.Binary(":", _, _):
            return _referred(tree, cells)
        case nodes.Call():
            return _call(tree, cells)
        case nodes.Binary(operator, left, right):
            operands = _single(left, cells), _single(right, cells)
            _charge(operands, cells, times=2)
            return binary(operator, *operands, cells.pool)
        case nodes.Unary("+", Area()) if not cells.is_array:
            raise Unsupported("the sign of a range outside an array formula")  # programs differ
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
    """Return an operand where a single number is expected, unless in an array formula.

    Of a range it is the cell in the formula's own row or column; arrays that are worked out
    stay whole, in plain formulas too.
    """
    if cells.is_array:
        return _value(tree, cells)
    if isinstance(tree, Area):
        place = located(tree, cells, _single)
        assert place is not None
        return _read(intersected(place, cells.rows, cells.columns), cells)
    value = _value(tree, cells)
    if value.is_area and value.is_reference:
        place = located(tree, cells, _single)
        if place is None:
            raise Unsupported("a range where one number is expected, outside an array formula")
        value = _read(intersected(place, cells.rows, cells.columns), cells)
    return value


def _referred(tree: Node, cells: Cells, *, cut: bool = False) -> Value:
    """Return what stands where OFFSET, INDEX or the like points to; INDEX of an array, too."""
    place = located(tree, cells, _single)
    if place is not None:
        return _read(place, cells, cut=cut)
    match tree:
        case nodes.Call("SINGLE", (inner,)):
            value = _single(inner, replace(cells, is_array=False))
            kinds = None if value.kinds is None else value.kinds[:, :, :1, :1]
            return Value(value.numbers[:, :, :1, :1], kinds)
        case nodes.Call("INDEX", (array, *places)):
            operands = [_value(array, cells), *(_single(one, cells) for one in places)]
            for one in operands:
                _charged(one, cells)
            return FUNCTIONS["INDEX"](operands, cells.pool)
    raise Unsupported("a reference with too few or too many arguments")


def _read(place: Place, cells: Cells, *, cut: bool = False) -> Value:
    wrong = place.flaw != SOUND
    if wrong.all():
        numbers = place.flaw[..., None, None].astype(np.float64)
        return Value(numbers, np.full(numbers.shape, ERROR, np.uint8))
    reference = place.reference()
    if reference is not None:
        return cells.read(reference, cut=cut) if cut else cells.read(reference)
    value = cells.gather(place)
    if not wrong.any():
        return value
    shape = np.broadcast_shapes(value.numbers.shape, (*wrong.shape, 1, 1))
    bad = np.broadcast_to(wrong[..., None, None], shape)
    numbers = np.where(bad, place.flaw[..., None, None], value.numbers)
    result = simplified(numbers, np.where(bad, np.uint8(ERROR), value.all_kinds))
    return replace(result, is_reference=True)


def _call(tree: nodes.Call, cells: Cells) -> Value:
    name = tree.name
    if name in PLACES:
        return place_of(tree, cells, _single)
    if name == "IF":
        return _if(tree.arguments, cells)
    if name == "CHOOSE":
        return _choose(tree.arguments, cells)
    if is_referring(tree):
        return _referred(tree, cells)
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
    if name in COMPARING:
        cells.spend(_size(arguments))
    cells.spend(COSTS.get(name, 0) * sum(one.numbers.size for one in arguments))
    return function(arguments, cells.pool)


def _charged(value: Value, cells: Cells) -> Value:
    _charge([value], cells)
    return value


def _size(operands: Sequence[Value]) -> int:
    """Return how many entries the operands have, broadcast together."""
    return prod(map(max, zip(*(one.numbers.shape for one in operands), strict=True)))


def _charge(operands: Sequence[Value], cells: Cells, times: int = 1) -> None:
    """Spend what an operation costs entry by entry. Raises Unsupported where that is too much."""
    if not operands:
        return
    size = _size(operands)
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
    if isinstance(tree, Area):
        return cells.read(tree, cut=True)
    return _referred(tree, cells, cut=True) if is_referring(tree) else _value(tree, cells)


def _if(arguments: tuple[Node, ...], cells: Cells) -> Value:
    if not 1 <= len(arguments) <= 3:
        raise Unsupported("IF with too few or too many arguments")
    condition = truth(_charged(_single(arguments[0], cells), cells), cells.pool)
    then = _value(arguments[1], cells) if len(arguments) > 1 else scalar(1.0, BOOLEAN)
    other = _value(arguments[2], cells) if len(arguments) > 2 else scalar(0.0, BOOLEAN)
    # An argument left out is 0; a cell that is blank stays so.
    left_out = {k for k, one in enumerate(arguments) if isinstance(one, nodes.Missing)}
    then = scalar(0.0) if 1 in left_out else then
    other = scalar(0.0) if 2 in left_out else other
    _charge([condition, then, other], cells)
    return choose(condition, then, other)


def _choose(arguments: tuple[Node, ...], cells: Cells) -> Value:
    if len(arguments) < 2:
        raise Unsupported("CHOOSE with too few arguments")
    number = as_numbers(_charged(_single(arguments[0], cells), cells), cells.pool)
    choices = [_value(one, cells) for one in arguments[1:]]
    if len({one.numbers.shape[2:] for one in choices} | {(1, 1)}) > 2:
        place = located(nodes.Call("CHOOSE", arguments), cells, _single)
        if place is None:
            raise Unsupported("CHOOSE between ranges of different sizes")
        return _read(place, cells)
    _charge([number, *choices], cells)
    return pick(number, choices)


def _constant(rows: tuple[tuple[Node, ...], ...], cells: Cells) -> Value:
    if len({len(row) for row in rows}) != 1:
        raise Unsupported("a constant array with rows of different lengths")
    values = [[_value(item, cells) for item in row] for row in rows]
    numbers = np.array([[one.numbers.item() for one in row] for row in values])
    kinds = np.array([[one.all_kinds.item() for one in row] for row in values], np.uint8)
    return Value(numbers[None, None], None if (kinds == NUMBER).all() else kinds[None, None])
