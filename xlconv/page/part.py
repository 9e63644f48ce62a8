"""The part of a workbook that a page holds: all of it, or the layers that are named.

With some layers go the cells that they depend on, so that the page computes them; where those
are too many, the cells that they read, whose stored values stay. Never looks at a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct, field

from xlconv.arrays import Index, Mask
from xlconv.errors import ReadError
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.workbook import Workbook

Json = dict[str, Any]

# More cells make a page that no browser likes.
MOST_CELLS = 300_000

# Sheets are held densely in the page: so much of one may be blank.
LARGEST_AREA = 4_000_000


class Part(Struct):
    """Cells of a workbook, a mask for each sheet, and the blocks whose cells they hold.

    Blocks that are `still` keep their stored values: what they depend on is not there.
    """

    cells: list[Mask]
    blocks: set[int] = field(default_factory=set)
    still: set[int] = field(default_factory=set)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return sum(int(mask.sum()) for mask in self.cells)

    def has(self, workbook: Workbook, sheet: int, cell: Cell) -> bool:
        """Whether a cell is there."""
        index = workbook.sheets[sheet].find(cell)
        return index is not None and bool(self.cells[sheet][index])


def whole(book: LiftedWorkbook) -> Part:
    """Return all of a workbook. Raises ReadError where that is too large for a page."""
    masks = [np.ones(len(sheet), np.bool_) for sheet in book.workbook.sheets]
    part = Part(masks, set(range(len(book.calculation.blocks))))
    if part.size > MOST_CELLS:
        raise ReadError(
            f"{book.path}: {part.size:,} cells; a page shows at most {MOST_CELLS:,}, "
            "or the layers that --layers names"
        )
    return _not_far_apart(book, part)


def part_of(book: LiftedWorkbook, tensors: Iterable[Json], names: str) -> Part:
    """Return what some tensors take, `names` in words.

    Raises ReadError where even what they read is too large for a page.
    """
    areas = list(_areas(tensors))
    part = _followed(book.calculation, areas, to_the_end=True)
    if part.size > MOST_CELLS:
        part = _followed(book.calculation, areas, to_the_end=False)
    if part.size > MOST_CELLS:
        raise ReadError(
            f"{book.path}: {names}: {part.size:,} cells with those that they read; "
            f"a page shows at most {MOST_CELLS:,}"
        )
    return _not_far_apart(book, part)


def _not_far_apart(book: LiftedWorkbook, part: Part) -> Part:
    for sheet, mask in zip(book.workbook.sheets, part.cells, strict=True):
        bottom, right = (int(one[mask].max(initial=-1)) for one in (sheet.rows, sheet.columns))
        if (bottom + 1) * (right + 1) > LARGEST_AREA:
            raise ReadError(
                f"{book.path}: the cells of {sheet.name!r} stand too far apart for a page"
            )
    return part


def _areas(tensors: Iterable[Json]) -> Iterator[tuple[int, Range]]:
    """Yield where tensors, as `tensors_json` has them, and their parameters stand."""
    for tensor in tensors:
        for one in (tensor, *tensor["entries"]):
            for row, column, height, width, down, right in one["planes"]:
                last = row + down * (height - 1), column + right * (width - 1)
                yield one["sheet"], Range(row, column, *last)


def _followed(
    calculation: Calculation, areas: list[tuple[int, Range]], *, to_the_end: bool
) -> Part:
    """Return the cells of areas with those that they depend on, or with those that they read."""
    workbook = calculation.workbook
    owners = _owners(calculation)
    part = Part([np.zeros(len(sheet), np.bool_) for sheet in workbook.sheets])
    own = _marked(workbook, owners, part, areas)
    waiting, known = sorted(own), set(own)
    while waiting:
        number = waiting.pop()
        part.blocks.add(number)
        block = calculation.blocks[number]
        part.cells[block.sheet][block.cells[block.mask]] = True
        if not to_the_end and number not in own:
            part.still.add(number)
            continue
        read = _marked(workbook, owners, part, (*block.reads, *block.reached))
        waiting += sorted(read - known)
        known |= read
    return part


def _owners(calculation: Calculation) -> list[Index]:
    """Return for each cell of each sheet the number of its block, -1 where it has none."""
    owners = [np.full(len(sheet), -1, np.int64) for sheet in calculation.workbook.sheets]
    for number, block in enumerate(calculation.blocks):
        owners[block.sheet][block.cells[block.mask]] = number
    return owners


def _marked(
    workbook: Workbook, owners: list[Index], part: Part, areas: Iterable[tuple[int, Range]]
) -> set[int]:
    """Add the cells in areas to a part; return the blocks that they belong to."""
    found: set[int] = set()
    for sheet, area in areas:
        one = workbook.sheets[sheet]
        first, last = np.searchsorted(one.rows, [area.top, area.bottom + 1])
        columns = one.columns[first:last]
        inside = first + np.flatnonzero((columns >= area.left) & (columns <= area.right))
        part.cells[sheet][inside] = True
        found.update(np.unique(owners[sheet][inside]).tolist())
    return found - {-1}
