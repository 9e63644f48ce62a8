"""Rows and columns that were deleted through everything: one cause of very many wrong cells.

Names became shorter where lines of theirs are gone. Lines are the cause where every formula of
the declared network is just what deleting them makes of it; else nothing is said. Changes
no workbook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, repeat

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xlconv.layers.base.place import Spelling
from xlconv.layers.base.shapes import by_size
from xlconv.layout.naming_convention import INPUT, plane_name, table_name
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lowering.lower import lowered
from xlconv.network.network import Network
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import Area, Axis, Node, Ref, render
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.formula.nodes import Error, children, with_children
from xlconv.spreadsheet.lines import Lines
from xlconv.spreadsheet.values import ERROR
from xlconv.spreadsheet.workbook import DefinedNames, Sheet
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention, Origin
from xlconv.verification.intended.placement import placed_by_names

Sizes = Mapping[str, tuple[tuple[int, int], ...]]

_MOST_TRIED = 60  # places where the lines may have been
_LARGEST = 20_000  # cells, whose formulas are compared one by one


class Deleted(Struct, frozen=True):
    """The finding about lines that were deleted, and the cells of what follows from it.

    As they are now, and as they were: a workbook to hold it against has them there.
    """

    finding: Finding
    sheet: str
    cells: frozenset[Cell]

    def explains(self, one: Finding, *, moved: bool) -> bool:
        """Whether another finding follows from it.

        Where another workbook says what stands where, inputs and parameters have `moved` too.
        """
        is_cell = one.sheet == self.sheet and one.cell in {a1_name(cell) for cell in self.cells}
        return is_cell or one.code[0] in ("DGT" if moved else "DG")


def deleted_lines(book: LiftedWorkbook, network: Network) -> Deleted | None:
    """Return which lines of a declared network were deleted, None where that is not certain.

    Where any of several lines would leave the same behind, the finding names them all.
    """
    sizes = _sizes(network)
    found: list[tuple[Lines, Deleted]] = []
    for gone in islice(_possible(book.workbook.names, sizes), _MOST_TRIED):
        names = tuple(
            (name, _restored(name, areas, sizes, gone)) for name, areas in book.workbook.names
        )
        before = replace(book.workbook, names=names)
        intention = placed_by_names(network, before, Origin.DESCRIPTION)
        if intention is not None and not intention.unplaced:
            here = replace(gone, sheet=intention.sheet)
            explained = _explained(book, intention, here)
            found += [] if explained is None else [(here, explained)]
    if len(found) < 2:
        return found[0][1] if found else None
    (first, one), (last, _) = found[0], found[-1]
    every = replace(first, count=last.end - first.first)
    said = f"{first.count} of {every.title} {'was' if first.count == 1 else 'were'} deleted"
    finding = replace(
        one.finding,
        message=said + one.finding.message.removeprefix(_said(first)),
        found="",
        expected=every.title,
    )
    return replace(one, finding=finding)


def _said(gone: Lines) -> str:
    return f"{gone.title} {'was' if gone.count == 1 else 'were'} deleted"


def _sizes(network: Network) -> Sizes:
    """Return the sizes of the ranges that names of a network stand for."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for name, shape in zip((INPUT, *network.names), network.shapes, strict=True):
        count, height, width = shape if len(shape) == 3 else (1, shape[0], 1)
        found |= {plane_name(name, k): ((height, width),) for k in range(count)}
    for k, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        tables = layer.tables(network.shapes[network.sources[k][0]])
        for key, groups in tables.items():
            for index, group in enumerate(groups):
                sizes = tuple((len(one), one.shape[1]) for one in group)
                found[table_name(name, key, index, len(groups))] = sizes
    return found


def _possible(names: DefinedNames, sizes: Sizes) -> Iterator[Lines]:
    """Yield the lines that may be gone: all ranges that are too short lack as many there."""
    for axis in (0, 1):
        short = [
            (area, wanted[axis] - area.size[axis])
            for name, areas in names if len(areas) == len(sizes.get(name, ()))
            for (_, area), wanted in zip(areas, sizes[name], strict=True)
            if area.size[axis] < wanted[axis] and area.size[1 - axis] == wanted[1 - axis]
        ]  # fmt: skip
        if not short or len({count for _, count in short}) > 1:
            continue
        first = max(_ends(area, axis)[0] for area, _ in short)
        last = min(_ends(area, axis)[1] for area, _ in short) + 1
        for line in range(first, last + 1):
            yield Lines(0, axis, line, short[0][1])


def _ends(area: Range, axis: int) -> tuple[int, int]:
    return ((area.top, area.bottom), (area.left, area.right))[axis]


def _restored(
    name: str, areas: tuple[tuple[str, Range], ...], sizes: Sizes, gone: Lines
) -> tuple[tuple[str, Range], ...]:
    """Return where the ranges of a name were before lines were deleted."""
    wanted = sizes.get(name, ())
    known = wanted if len(wanted) == len(areas) else (None,) * len(areas)
    return tuple(
        (home, _range_before(area, None if size is None else size[gone.axis], gone))
        for (home, area), size in zip(areas, known, strict=True)
    )


def _range_before(area: Range, size: int | None, gone: Lines) -> Range:
    first, last = _ends(area, gone.axis)
    is_short = size is not None and last - first + 1 < size
    # Of a helper nobody knows the size: it has lost what the lines beside it have.
    is_short = is_short or (size is None and first <= gone.first <= last + 1 and last > first)
    if is_short:
        last += gone.count
    elif first >= gone.first:
        first, last = first + gone.count, last + gone.count
    if gone.axis == 0:
        return Range(first, area.left, last, area.right)
    return Range(area.top, first, area.bottom, last)


# -- what deleting makes of formulas ---------------------------------------------------------


def _explained(book: LiftedWorkbook, intention: Intention, gone: Lines) -> Deleted | None:
    """Return the finding, where all formulas are what deleting the lines makes of them."""
    sheet, cells, before = book.workbook.sheets[intention.sheet], set[Cell](), set[Cell]()
    shrunk: dict[Range, tuple[int, int]] = {}
    written = [spelled for blocks in _written(intention) for spelled in zip(*blocks, strict=True)]
    if sum(one[0].lattice.shape[0] * one[0].lattice.shape[1] for one in written) > _LARGEST:
        return None
    for whole in (False, True):  # where the lines are elsewhere, a row and a column show it
        for spelled in written:
            for cell, trees in _formulas(spelled, whole=whole):
                now = _cell_after(cell, gone)
                before.add(cell)
                if now is None:
                    continue
                cells.add(now)
                if not _holds(sheet, now, trees, gone, shrunk):
                    return None
    return Deleted(_finding(book, gone, shrunk, cells), sheet.name, frozenset(cells | before))


def _written(intention: Intention) -> Iterator[list[list[Block]]]:
    """Yield the blocks of every stage as lowering spells them, with and without arrays."""
    for stage in intention.stages:
        layouts = (replace(intention.layout, spelling=Spelling(array)) for array in (False, True))
        yield [
            [one.block for one in lowered(intention.network, layout, stage).blocks]
            for layout in layouts
        ]


def _formulas(spelled: tuple[Block, ...], *, whole: bool) -> Iterator[tuple[Cell, Iterator[Node]]]:
    """Yield the cells of a block, or of its middle lines, with their formulas in each spelling."""
    height, width = spelled[0].lattice.shape
    for i, j in np.ndindex(height, width):
        if whole or i == height // 2 or j == width // 2:
            trees = (
                _at(one.tree, *place) for one, place in zip(spelled, repeat((i, j)), strict=False)
            )
            yield spelled[0].lattice.cell(i, j), trees


def _at(tree: Node, i: int, j: int) -> Node:
    match tree:
        case Ref(row, column):
            rows, columns = (Axis(one.at(i, j), absolute=one.absolute) for one in (row, column))
            return replace(tree, row=rows, column=columns)
        case Area(first, last):
            one, other = _at(first, i, j), _at(last, i, j)
            assert isinstance(one, Ref) and isinstance(other, Ref)
            return Area(one, other)
    return with_children(tree, tuple(_at(one, i, j) for one in children(tree)))


def _cell_after(cell: Cell, gone: Lines) -> Cell | None:
    line = cell[gone.axis]
    if gone.first <= line < gone.end:
        return None
    moved = line - gone.count if line >= gone.end else line
    return (moved, cell[1]) if gone.axis == 0 else (cell[0], moved)


def _holds(
    sheet: Sheet,
    cell: Cell,
    trees: Iterator[Node],
    gone: Lines,
    shrunk: dict[Range, tuple[int, int]],
) -> bool:
    text = sheet.formula(cell) or ""
    for tree in trees:
        wanted = render(_after(tree, gone, shrunk))
        if RETYPED.holds(text, wanted) or ("#REF!" in text and "#REF!" in wanted):
            return True
    return False


def _after(tree: Node, gone: Lines, shrunk: dict[Range, tuple[int, int]]) -> Node:
    """Return a formula as it is once the lines are deleted; `shrunk` takes what became smaller."""
    match tree:
        case Ref():
            return _ref_after(tree, gone, 0) or Error("#REF!")
        case Area(first, last):
            one, other = _ref_after(first, gone, 1), _ref_after(last, gone, -1)
            if one is None or other is None:
                return Error("#REF!")
            ends = [one.row.offset, one.column.offset, other.row.offset, other.column.offset]
            if ends[gone.axis] > ends[gone.axis + 2]:
                return Error("#REF!")
            was = Range(first.row.offset, first.column.offset, last.row.offset, last.column.offset)
            now = Range(*ends)
            if now.size != was.size:
                shrunk[was] = now.size
            return Area(one, other)
    return with_children(tree, tuple(_after(one, gone, shrunk) for one in children(tree)))


def _ref_after(ref: Ref, gone: Lines, inwards: int) -> Ref | None:
    """Return where a reference then points; the corner of a range is moved `inwards`."""
    axis = (ref.row, ref.column)[gone.axis]
    line = axis.offset
    if gone.first <= line < gone.end:
        if not inwards:
            return None
        line = gone.first if inwards > 0 else gone.first - 1
    elif line >= gone.end:
        line -= gone.count
    moved = replace(axis, offset=line)
    return replace(ref, row=moved) if gone.axis == 0 else replace(ref, column=moved)


def _finding(
    book: LiftedWorkbook, gone: Lines, shrunk: dict[Range, tuple[int, int]], cells: set[Cell]
) -> Finding:
    sheet, grid = book.workbook.sheets[gone.sheet], book.calculation.grids[gone.sheet]
    found = [sheet.find(cell) for cell in cells]
    wrong = sum(grid.kinds[index] == ERROR for index in found if index is not None)
    told = [
        f"{f'{count:,}' if k else counted(count, 'window')} became {by_size(size)}"
        for k, (size, count) in enumerate(Counter(shrunk.values()).most_common(2))
    ]
    if wrong:
        told.append(f"{counted(int(wrong), 'cell')} hold{'s' if wrong == 1 else ''} an error value")
    message = _said(gone) + (f": {', '.join(told)}" if told else "")
    cell = a1_name((gone.first, 0) if gone.axis == 0 else (0, gone.first))
    return Finding("G406", sheet.name, cell, message, f"no {gone.title}", gone.title)
