"""Blocks of calculation: the cells of one formula, and what they read.

A block is the regular cells of a found block, one formula that follows no pattern, or an
array formula over several cells. References to other sheets are by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.arrays import Index, Mask
from xlconv.errors import FormulaError, ReadError
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import at_origin, range_reached, sheet_of
from xlconv.spreadsheet.calculation.names import (
    ranges_of_names,
    without_defined_names,
    without_local_names,
)
from xlconv.spreadsheet.calculation.reads import Where, is_moving, plain_areas, reads_of
from xlconv.spreadsheet.formula import Axis, Node, Ref, corners, mapped, references
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.values import Unsupported
from xlconv.spreadsheet.workbook import DefinedNames, Kind, Sheet, indices_of, keys_of

Areas = tuple[tuple[int, Range], ...]

# Characters in the formulas of all patterns of a sheet: each is parsed.
_MOST_TEXT = 1_000_000

# What cells read is worked out one by one in blocks of so many, where it cannot be at once.
_MOST_APART = 500


class FormulaBlock(Struct):
    """Cells of one formula: the regular cells of a found block, or one deviant.

    `tree` has the ranges that OFFSET and INDEX give as references where the cell's place
    alone tells them; `written` is the formula as it stands, where that differs. `reads` is
    all that is known to be read; `waits` is what must be calculated before the rest is
    (`reads.py`), None where nothing is missing, and `reached` what was found then.
    """

    sheet: int
    lattice: Plane
    tree: Node | None
    is_array: bool
    cells: Index  # (rows, columns) of the lattice
    mask: Mask
    reason: str = ""  # why there is no tree
    reads: Areas = ()
    spills: bool = False  # one array formula that fills the whole lattice
    written: Node | None = None
    waits: Areas | None = None
    reached: Areas = ()

    @property
    def where(self) -> Where:
        """Where its cells stand."""
        return Where(self.sheet, self.lattice, self.mask, self.spills, self.is_array)


def formula_blocks(
    number: int,
    sheet: Sheet,
    found: list[FoundBlock],
    places: dict[str, int],
    spend: Callable[[int], None] = lambda _: None,
    names: DefinedNames = (),
) -> Iterator[FormulaBlock]:
    """Yield the blocks of sheet `number`: the found ones, then every other formula by itself.

    `places` has the number of each sheet by its name, without regard to case; `spend` is
    told what it costs to work ranges out; `names` are those that formulas may use. Raises
    ReadError where the patterns are too long together to be parsed.
    """
    taken = np.zeros(len(sheet), np.bool_)
    named = ranges_of_names(names, sheet.name)
    if sum(len(piece) for one in found for piece in one.pattern.pieces) > _MOST_TEXT:
        raise ReadError(
            f"sheet {sheet.name!r}: more than {_MOST_TEXT:,} characters of formulas "
            "that have no pattern in common"
        )
    keys = keys_of(sheet.rows, sheet.columns) if sheet.arrays else np.empty(0, np.int64)
    for one in found:
        block = _pattern_block(number, one, places, named, spend)
        if block.tree is None and _is_read_apart(sheet, block):
            continue
        yield from _columns(block) if _is_skewed_over_itself(block) else (block,)
        taken[one.cells[one.regular]] = True
    for index in np.flatnonzero(sheet.is_formula & ~taken).tolist():
        if sheet.kinds[index] == Kind.SPILLED:
            continue
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        tree, reason = _tree(partial(parse, sheet.texts[index]), places, named)
        is_array = bool(sheet.kinds[index] == Kind.ARRAY_FORMULA)
        cells, mask, lattice = np.array([[index]]), np.ones((1, 1), np.bool_), Plane(cell, (1, 1))
        spills = index in sheet.arrays
        if spills:
            lattice, cells = _spill(sheet, sheet.arrays[index], keys)
            mask = (cells >= 0) & ~taken[cells]
            if not mask.any():  # another array formula fills all of its cells
                continue
            taken[cells[mask]] = True
        block = FormulaBlock(number, lattice, tree, is_array, cells, mask, reason, spills=spills)
        yield _with_reads(block, places, spend)


def _is_skewed_over_itself(block: FormulaBlock) -> bool:
    """Whether columns that are alike by chance stand for one block, with what lies between.

    As copying makes none: rows that are read move both down and to the right.
    """
    axes = [
        axis for one in references(block.tree) for end in corners(one)
        for axis in (end.row, end.column)
    ] if block.tree is not None and min(block.lattice.shape) > 1 else []  # fmt: skip
    return any(axis.by_row and axis.by_column for axis in axes) and any(
        sheet == block.sheet and area.overlaps(block.lattice.range) for sheet, area in block.reads
    )


def _columns(block: FormulaBlock) -> Iterator[FormulaBlock]:
    n, m = block.lattice.shape
    for j in range(m):
        if block.mask[:, j].any():
            yield part(block, range(n), range(j, j + 1))


def _is_read_apart(sheet: Sheet, block: FormulaBlock) -> bool:
    """Whether the formulas of a block can be read one by one, though not as one pattern.

    As where the corners of a range change places from cell to cell.
    """
    cells = block.cells[block.mask]
    try:
        return len(cells) <= _MOST_APART and all(
            parse(sheet.texts[index]) is not None for index in cells.tolist()
        )
    except FormulaError:
        return False


def _spill(sheet: Sheet, area: Range, keys: Index) -> tuple[Plane, Index]:
    """Return the cells of an array formula, as far down as the sheet is used."""
    bottom = min(area.bottom, max(area.top, int(sheet.rows[-1])))
    right = min(area.right, max(area.left, int(sheet.columns.max())))
    lattice = Plane((area.top, area.left), (bottom - area.top + 1, right - area.left + 1))
    return lattice, indices_of(keys, *lattice.cells()).reshape(lattice.shape)


def _pattern_block(
    number: int,
    one: FoundBlock,
    places: dict[str, int],
    named: Mapping[str, Node],
    spend: Callable[[int], None],
) -> FormulaBlock:
    tree, reason = _tree(one.tree, places, named)
    lattice = one.lattice.without_idle_steps()
    block = FormulaBlock(number, lattice, tree, one.is_array, one.cells, one.regular, reason)
    return _with_reads(block, places, spend)


def _tree(
    read: Callable[[], Node], places: dict[str, int], named: Mapping[str, Node]
) -> tuple[Node | None, str]:
    try:
        tree = read()
        tree = without_defined_names(tree, named) if named else tree
        names = {corners(one)[0].sheet for one in references(tree)}
        for name in names:
            if name is not None and name.casefold() not in places:
                return None, f"the sheet {name!r}, which is not there"
        return tree, ""
    except FormulaError as error:
        return None, str(error)


def _with_reads(
    block: FormulaBlock, places: dict[str, int], spend: Callable[[int], None]
) -> FormulaBlock:
    if block.tree is None:
        return block
    tree = mapped(block.tree, lambda one: replace(one, sheet=_number(one.sheet, places)))
    return _worked_out(replace(block, tree=tree), spend)


def _worked_out(block: FormulaBlock, spend: Callable[[int], None]) -> FormulaBlock:
    """Return the block with what it reads, its ranges as references where that can be."""
    tree = block.tree
    if tree is None:
        return block
    if not is_moving(tree):
        return replace(block, reads=tuple(plain_areas(tree, block.where)))
    try:
        with np.errstate(all="ignore"):
            tree = without_local_names(tree)
            found = reads_of(tree, block.where, spend)
    except Unsupported as reason:
        return _apart(replace(block, tree=tree), str(reason))
    return replace(
        block, tree=found.tree, reads=tuple(found.areas), written=block.written or tree,
        waits=None if found.waits is None else tuple(found.waits),
    )  # fmt: skip


def _apart(block: FormulaBlock, reason: str) -> FormulaBlock:
    """Return a block that cannot be worked out at once with what its cells read one by one."""
    count = int(block.mask.sum())
    cells = list(singles(block)) if 1 < count <= _MOST_APART else []
    if not cells or any(one.tree is None for one in cells):
        named = () if block.tree is None else plain_areas(block.tree, block.where)
        return replace(
            block, tree=None, reason=reason, reads=tuple(map(_upright, named)),
            written=block.written or block.tree,
        )  # fmt: skip
    reads = {area for one in cells for area in one.reads}
    waits = {area for one in cells for area in one.waits or ()}
    waiting = any(one.waits is not None for one in cells)
    return replace(
        block, reads=tuple(reads), written=block.tree, waits=tuple(waits) if waiting else None
    )


def _upright(named: tuple[int, Range]) -> tuple[int, Range]:
    """Return a range whose corners were named the other way round."""
    sheet, one = named
    rows, columns = sorted((one.top, one.bottom)), sorted((one.left, one.right))
    return sheet, Range(rows[0], columns[0], rows[1], columns[1])


def _number(sheet: str | None, places: dict[str, int]) -> str | None:
    return None if sheet is None else str(places[sheet.casefold()])


def singles(block: FormulaBlock) -> Iterator[FormulaBlock]:
    """Yield the cells of a block as blocks of their own."""
    for i, j in zip(*np.nonzero(block.mask), strict=True):
        yield single(block, int(i), int(j))


def halves(block: FormulaBlock) -> Iterator[FormulaBlock]:
    """Yield the parts in which to try a block that cannot be evaluated at once.

    One cell in the way then costs a few parts, not every cell by itself. Where OFFSET and its
    kin say what is read, every cell has its own references.
    """
    if block.reached or block.written is not None:
        yield from singles(block)
        return
    rows, columns = map(range, block.lattice.shape)
    axis = 0 if len(rows) >= len(columns) else 1
    line = (rows, columns)[axis]
    for half in (line[: len(line) // 2], line[len(line) // 2 :]):
        one = part(block, *((half, columns) if axis == 0 else (rows, half)))
        if one.mask.any():
            yield one


def single(block: FormulaBlock, i: int, j: int) -> FormulaBlock:
    """Return the block of the one cell (i, j) of a block: its references have no steps."""

    def moved(reference: Ref) -> Ref:
        row, column = reference.row, reference.column
        return at_origin(
            replace(
                reference,
                row=replace(row, offset=row.at(i, j)),
                column=replace(column, offset=column.at(i, j)),
            )
        )

    tree = block.tree and mapped(block.tree, moved)
    one = FormulaBlock(
        block.sheet, Plane(block.lattice.cell(i, j), (1, 1)), tree, block.is_array,
        block.cells[i : i + 1, j : j + 1], np.ones((1, 1), np.bool_), block.reason,
        written=block.written and mapped(block.written, moved),
    )  # fmt: skip
    one = _worked_out(one, lambda _: None)
    if block.reached:  # by any of the cells
        one = replace(one, reads=(*one.reads, *block.reached), waits=None, reached=block.reached)
    return one


def part(block: FormulaBlock, rows: range, columns: range) -> FormulaBlock:
    """Return the block of some rows and columns of a block that are next to each other."""

    def moved(axis: Axis) -> Axis:
        found = replace(axis, offset=axis.at(rows.start, columns.start))
        return replace(  # where there is one line only, nothing moves from one to the next
            found,
            by_row=axis.by_row if len(rows) > 1 else 0,
            by_column=axis.by_column if len(columns) > 1 else 0,
        )

    tree = block.tree and mapped(
        block.tree, lambda one: replace(one, row=moved(one.row), column=moved(one.column))
    )
    here = np.s_[rows.start : rows.stop, columns.start : columns.stop]
    shape = len(rows), len(columns)
    origin = block.lattice.cell(rows.start, columns.start)
    lattice = Plane(origin, shape, block.lattice.step).without_idle_steps()
    return replace(
        block, lattice=lattice, tree=tree, cells=block.cells[here], mask=block.mask[here],
        reads=() if tree is None else ranges_read(tree, block.sheet, shape),
    )  # fmt: skip


def ranges_read(tree: Node, own: int, shape: tuple[int, int]) -> tuple[tuple[int, Range], ...]:
    """Return what a block of a tree reads, whose references name sheets by their numbers."""
    return tuple({(sheet_of(one, own), range_reached(one, shape)) for one in references(tree)})
