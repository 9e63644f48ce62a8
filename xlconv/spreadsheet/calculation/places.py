"""References that are worked out: where OFFSET, INDEX and their like point to.

Also ROW, COLUMN, ROWS and COLUMNS, which ask for a place. The cells that are referred to
are never read; those that an argument names are, through `number`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from xlconv.arrays import Integers
from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.coercion import as_numbers
from xlconv.spreadsheet.calculation.functions import truth
from xlconv.spreadsheet.calculation.place import (
    SOUND,
    Place,
    intersected,
    place_of_reference,
    spanned,
    still,
)
from xlconv.spreadsheet.formula.nodes import Area, Binary, Call, Missing, Node, Number, Ref
from xlconv.spreadsheet.values import ERROR, REF, VALUE, Numbers, Unsupported, Value

PLACES = {"ROW", "COLUMN", "ROWS", "COLUMNS"}

# What gives a reference, and so is worked out by its place.
REFERRING = {"OFFSET", "INDEX", "SINGLE"}

Evaluator = Callable[[Node, Cells], Value]


def is_referring(tree: Node) -> bool:
    """Whether a part of a formula may give a reference that is not written out."""
    match tree:
        case Call(name, _):
            return name in REFERRING
        case Binary(":", _, _):
            return True
    return False


def located(tree: Node, cells: Cells, number: Evaluator) -> Place | None:
    """Return where a part of a formula points to, None where it gives no reference.

    `number` works an argument out. Raises Unsupported where nobody can tell.
    """
    match tree:
        case Ref() | Area():
            return place_of_reference(tree, cells.shape)
        case Binary(":", left, right):
            ends = located(left, cells, number), located(right, cells, number)
            if ends[0] is None or ends[1] is None:
                raise Unsupported("a range between what are no references")
            return spanned(ends[0], ends[1])
        case Call("OFFSET", (base, *moves)):
            at = located(base, cells, number)
            if at is None or not 2 <= len(moves) <= 4:
                raise Unsupported("OFFSET of what is no reference")
            return _moved(at, [_whole(one, cells, number) for one in moves])
        case Call("INDEX", (base, *places)):
            at = located(base, cells, number)
            return at and _entry(at, places, cells, number)
        case Call("SINGLE", (base,)):
            at = located(base, cells, number)
            return at and intersected(at, cells.rows, cells.columns)
        case Call("CHOOSE" | "IF" as name, (condition, *branches)):
            return _chosen(name, condition, branches, cells, number)
    return None


def _whole(tree: Node, cells: Cells, number: Evaluator) -> Place | None:
    """Return an argument as whole numbers, in `top`, and its errors; None if it is left out."""
    if isinstance(tree, Missing):
        return None
    value = as_numbers(number(tree, cells), cells.pool)
    if value.is_area:
        raise Unsupported("a range at several places at once")
    wrong = (value.all_kinds == ERROR)[:, :, 0, 0]
    found = np.clip(np.trunc(value.numbers[:, :, 0, 0]), -(2.0**31), 2.0**31)
    none = still(0)
    flaw = np.where(wrong, found, SOUND).astype(np.int64)
    return Place(None, np.where(wrong, 0, found).astype(np.int64), none, none, none, flaw)


def _moved(at: Place, moves: list[Place | None]) -> Place:
    """Return a place moved by rows and columns, and of another size where one is given."""
    rows, columns, height, width = (*moves, None, None)[:4]
    for one in (rows, columns, height, width):
        if one is not None:
            flaw = np.where(at.flaw == SOUND, one.flaw, at.flaw)
            at = replace(at, flaw=flaw)
    if any(one is not None and (one.top < 0).any() for one in (height, width)):
        raise Unsupported("OFFSET with a negative height or width")
    return replace(
        at,
        top=at.top if rows is None else at.top + rows.top,
        left=at.left if columns is None else at.left + columns.top,
        height=at.height if height is None else height.top,
        width=at.width if width is None else width.top,
    ).on_sheet()


def _entry(at: Place, places: list[Node], cells: Cells, number: Evaluator) -> Place:
    """Return the cell of a place at a row and a column of it; 0 is all of them."""
    if len(places) == 3 and places[2] == Number(1):
        places = places[:2]
    if not 1 <= len(places) <= 2:
        raise Unsupported("INDEX with other than two or three arguments")
    found = [_whole(one, cells, number) for one in places]
    row, column = found if len(found) == 2 else (found[0], None)
    if len(found) == 1 and (at.height == 1).all():
        row, column = None, found[0]
    top, height, at = _line(at, row, at.top, at.height)
    left, width, at = _line(at, column, at.left, at.width)
    return replace(at, top=top, height=height, left=left, width=width)


def _line(
    at: Place, line: Place | None, start: Integers, size: Integers
) -> tuple[Integers, Integers, Place]:
    if line is None:
        return start, size, at
    every = line.top == 0
    at = replace(at, flaw=np.where(at.flaw == SOUND, line.flaw, at.flaw))
    at = at.flawed(line.top < 0, VALUE).flawed(line.top > size, REF)
    if not every.any():
        return start + line.top - 1, still(1), at
    return np.where(every, start, start + line.top - 1), np.where(every, size, 1), at


def _chosen(
    name: str, condition: Node, branches: list[Node], cells: Cells, number: Evaluator
) -> Place | None:
    """Return the place of the branch that all cells of a block take; None if it has none."""
    if not any(is_referring(one) or isinstance(one, Ref | Area) for one in branches):
        return None
    value = number(condition, cells)
    value = truth(value, cells.pool) if name == "IF" else as_numbers(value, cells.pool)
    first = float(value.numbers.flat[0])
    if value.is_area or value.has(ERROR) or (value.numbers != first).any():
        return None
    k = (0 if first else 1) if name == "IF" else int(first) - 1
    return located(branches[k], cells, number) if 0 <= k < len(branches) else None


def place_of(tree: Call, cells: Cells, number: Evaluator) -> Value:
    """Return what ROW, COLUMN, ROWS or COLUMNS gives in each cell of a block; arrays of ranges.

    Raises Unsupported where the argument is neither a reference nor an array, and for
    several rows where one number is expected.
    """
    name, arguments = tree.name, tree.arguments
    along_rows = name.startswith("ROW")
    if not arguments and name in ("ROW", "COLUMN"):
        return Value(cells.rows if along_rows else cells.columns)
    if len(arguments) != 1:
        raise Unsupported(f"{name} with several arguments")
    place = located(arguments[0], cells, number)
    if place is None:
        return _size_of(name, number(arguments[0], replace(cells, is_array=True)))
    if (place.flaw != SOUND).any():
        raise Unsupported(f"{name} of a range that is not there")
    start, size = (place.top, place.height) if along_rows else (place.left, place.width)
    if name.endswith("S"):
        return Value(size[..., None, None].astype(np.float64))
    if (size == 1).all():
        return Value((start[..., None, None] + 1).astype(np.float64))
    if not cells.is_array:
        raise Unsupported(f"{name} of several cells")
    lines = np.arange(place.size[0 if along_rows else 1], dtype=np.float64)
    cells.spend(start.size * lines.size)
    shaped = lines[:, None] if along_rows else lines[None, :]
    numbers: Numbers = start[..., None, None] + 1.0 + shaped
    return Value(numbers)


def _size_of(name: str, value: Value) -> Value:
    if not name.endswith("S") or value.is_reference:
        raise Unsupported(f"{name} of what is no reference")
    size = value.numbers.shape[2 if name == "ROWS" else 3]
    return Value(np.full((1, 1, 1, 1), float(size)))
