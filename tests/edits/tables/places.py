"""Where things stand in the workbook of conv-example, and formulas that move by two cells."""

from __future__ import annotations

import re

from tests.edits.edit import Step, array, write
from xlconv.spreadsheet.addresses import a1_name, parse_a1

_REFERENCE = re.compile(r"(\$?)\b([A-Z]{1,3})(\$?)(\d+)\b")

INPUT = "A2:AB29"
# The planes of every layer, and what stands in the first cell of each.
CONV1 = ("AH3:BG28", "AH32:BG57")
CONV2 = ("BM4:CJ27", "BM33:CJ56")
POOL = ("CL4:CW15", "CL33:CW44")
DENSE, EXP, SOFTMAX, PREDICTION = "FN4:FN13", "FQ4:FQ13", "FR4:FR13", "A31"
ALL = (*CONV1, *CONV2, *POOL, DENSE, EXP, SOFTMAX, PREDICTION)

KERNEL1 = ("$AD$11:$AF$13", "$AD$40:$AF$42")
BIAS1 = ("$AD$15", "$AD$44")
SUMS1 = tuple(
    f"SUMPRODUCT(A2:C4,{kernel})+{bias}" for kernel, bias in zip(KERNEL1, BIAS1, strict=True)
)

KERNEL2 = (("$BI$10:$BK$12", "$BI$14:$BK$16"), ("$BI$39:$BK$41", "$BI$43:$BK$45"))
BIAS2 = ("$BI$18", "$BI$47")
WINDOWS2 = ("AH3:AJ5", "AH32:AJ34")
SUMS2 = tuple(
    f"SUMPRODUCT({WINDOWS2[0]},{one})+SUMPRODUCT({WINDOWS2[1]},{other})+{bias}"
    for (one, other), bias in zip(KERNEL2, BIAS2, strict=True)
)
WINDOWS_POOL = ("BM4:BN5", "BM33:BN34")

CLASSES = range(10)
_LETTERS = (("CY", "DJ"), ("DL", "DW"), ("DY", "EJ"), ("EL", "EW"), ("EY", "FJ"))
# The weights of every class, a block for each plane of the pool.
WEIGHTS = tuple(
    (f"{left}{top}:{right}{top + 11}", f"{left}{top + 13}:{right}{top + 24}")
    for top in (4, 33)
    for left, right in _LETTERS
)
FLAT = ("$CL$4:$CW$15", "$CL$33:$CW$44")
BIAS3 = tuple(f"FM{4 + number}" for number in CLASSES)
LOGITS = "$FN$4:$FN$13"


def cells(square: str, *, absolute: bool = False) -> list[str]:
    """Return the cells of a range, in rows."""
    (top, left), (bottom, right) = map(parse_a1, square.split(":"))
    return [
        a1_name((row, column), absolute=absolute)
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]


def products(window: str, kernel: str) -> str:
    """Return the nine products of a 3x3 window and its kernel, written out."""
    pairs = zip(cells(window), cells(kernel, absolute=True), strict=True)
    return "+".join(f"{cell}*{weight}" for cell, weight in pairs)


def moved(formula: str, rows: int, columns: int) -> str:
    """Return a formula with its references moved, where no dollar holds them."""

    def one(found: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = found.groups()
        row, column = parse_a1(letters + digits)
        at = row + rows * (not fixed_row), column + columns * (not fixed_column)
        name = a1_name(at)
        digits = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return f"{fixed_column}{name.removesuffix(digits)}{fixed_row}{digits}"

    return _REFERENCE.sub(one, formula)


def by_two(where: str, formula: str) -> Step:
    """Write a formula whose references move by two cells with each cell, as of a pool."""
    return write(where, _by_two(where, formula))


def arrays_by_two(where: str, formula: str) -> list[Step]:
    """Write the same as array formulas, a cell each."""
    held = [one for row in _by_two(where, formula) for one in row]
    return [array(cell, one) for cell, one in zip(cells(where), held, strict=True)]


def _by_two(where: str, formula: str) -> list[list[str]]:
    (top, left), (bottom, right) = map(parse_a1, where.rpartition("!")[2].split(":"))
    return [
        [moved(formula, 2 * row, 2 * column) for column in range(right - left + 1)]
        for row in range(bottom - top + 1)
    ]
