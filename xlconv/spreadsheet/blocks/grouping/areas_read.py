"""What the cells of a block read, by the texts of its pattern, and which of it are totals.

Never looks at what stands there, and decides nothing: widening does.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.arrays import Index
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.grouping.formula_index import FormulaIndex
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane


def read_areas(one: FoundBlock) -> Iterator[tuple[Range, bool, bool]]:
    """Yield the ranges that a block reads, with whether all its cells, or totals, read them."""
    pattern, (n, m) = one.pattern, one.lattice.shape
    for k in range(0, len(pattern.base) - 3, 2):
        if pattern.pieces[k + 2] not in (":", ":$"):
            continue
        slots = range(k, k + 4)
        still = not any(pattern.by_row[s] or pattern.by_column[s] for s in slots)
        ends = [pattern.values(i, j)[k : k + 4] for i in {0, n - 1} for j in {0, m - 1}]
        area = Range(
            min(e[1] for e in ends), min(e[0] for e in ends),
            max(e[3] for e in ends), max(e[2] for e in ends),
        )  # fmt: skip
        yield area, still, not still and _is_total_line(one, area)

    far = pattern.values(n - 1, m - 1)
    for k, area in () if pattern.is_bare else references_in(pattern.pieces, pattern.values(0, 0)):
        # What is read cell by cell is as much of a block as there are readers.
        moves = any(pattern.by_row[k : k + 2]) or any(pattern.by_column[k : k + 2])
        if area.size == (1, 1) and moves:
            column, row = far[k : k + 2]
            last = Range(row, column, row, column)
            yield area.union(last), False, False


def references_in(pieces: tuple[str, ...], values: list[int]) -> Iterator[tuple[int, Range]]:
    """Yield the ranges in a formula's text, each with the number of its first coordinate."""
    k = 0
    while k + 1 < len(values):
        is_area = k + 3 < len(values) and pieces[k + 2] in (":", ":$")
        ends = values[k : k + 4] if is_area else values[k : k + 2] * 2
        yield k, Range(ends[1], ends[0], ends[3], ends[2])
        k += 4 if is_area else 2


def _is_total_line(one: FoundBlock, area: Range) -> bool:
    """Whether a line of cells reads, all together, the rows or columns that each stands at."""
    (n, m), own = one.lattice.shape, one.lattice.range
    if len(one.pattern.base) != 4 or (n > 1) == (m > 1) or one.lattice.step != (1, 1):
        return False
    first = one.pattern.values(0, 0)
    if m > 1:
        alone = first[0] == first[2]
        return alone and (own.left, own.right) == (area.left, area.right)
    return first[1] == first[3] and (own.top, own.bottom) == (area.top, area.bottom)


def are_totals(own: Plane, line: Plane, cells: Index, formulas: FormulaIndex) -> bool:
    """Whether the cells of a line beside a plane read all of the plane's line that each ends.

    Where rows and columns have totals, and these one of their own in the corner, totals are
    read by totals as if they were another line of the plane.
    """
    home, is_row = own.range, line.shape[0] == 1
    rows, columns = formulas.sheet.rows, formulas.sheet.columns
    for cell in cells.tolist():
        row, column, template = int(rows[cell]), int(columns[cell]), formulas.template(cell)
        read = {area for _, area in references_in(template.pieces, list(template.values))}
        if is_row and read != {Range(home.top, column, home.bottom, column)}:
            return False
        if not is_row and read != {Range(row, home.left, row, home.right)}:
            return False
    return True
