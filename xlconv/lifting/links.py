"""Recognises the cells that no layer writes but that a network's parameters or outputs rest on.

Tied weights, kernels that are chosen from a table, and cells that compare two tensors.
Each is checked against what it should show, never taken on trust. Never writes a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from msgspec.structs import replace

from xlconv.layout.links import KernelMenu, KernelOption, PlaneComparison, TiedCell
from xlconv.lifting.matching.tensors import (
    Hole,
    Lifted,
    LiftedComparison,
    LiftedLink,
    Stray,
    Tensor,
)
from xlconv.network.unrolling import unrolled
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Calculation
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.values import BLANK, TEXT
from xlconv.spreadsheet.workbook import Sheet, number_at, text_at


def with_links(calculation: Calculation, lifted: Lifted) -> Lifted:
    """Return what was lifted with the blocks that no layer explains, as far as they serve one."""
    parameters = {
        (tensor.parameters_sheet, cell): plane
        for tensor in lifted.tensors
        for plane in _planes_of(tensor)
        for cell in plane.entry_cells()
    }
    # What shows a pixel is tied to no weight: it changes with the picture.
    pixels = {
        (tensor.sheet, cell)
        for tensor in lifted.tensors if tensor.source < 0
        for plane in tensor.planes for cell in plane.entry_cells()
    }  # fmt: skip
    links: list[LiftedLink] = []
    comparisons: list[LiftedComparison] = []
    unlifted = dict(lifted.unlifted)
    for k in [k for k in lifted.unlifted if k not in lifted.mismatches]:
        block = lifted.blocks[k]
        if block.tree is None:
            continue
        sheet = calculation.workbook.sheets[block.sheet]
        compared = _compared(block, lifted)
        found: list[TiedCell | KernelMenu] = [
            *(
                one
                for one in _tied_cells(block, sheet, parameters)
                if (block.sheet, one.number) not in pixels
            ),
            *_kernel_menus(block, sheet, parameters),
        ]
        if found or compared is not None:
            del unlifted[k]
            links += [LiftedLink(block.sheet, one) for one in found]
            comparisons += [compared] if compared is not None else []
    holes = [
        hole for one in links if isinstance(one.what, KernelMenu)
        for hole in _gaps(one.sheet, one.what, calculation)
    ]  # fmt: skip
    found_links = replace(
        lifted,
        unlifted=unlifted,
        links=tuple(links),
        comparisons=tuple(comparisons),
        holes=(*lifted.holes, *holes),
    )
    strays = [one for tensor in lifted.tensors for one in _strays(tensor, found_links)]
    return replace(found_links, strays=(*lifted.strays, *strays))


def chosen(menu: KernelMenu, sheet: Sheet) -> KernelOption | None:
    """Return the option that a menu's cell names, as a spreadsheet looks it up; None if none."""
    key = text_at(sheet, menu.key).casefold()
    return next((one for one in menu.options if one.name.casefold() == key), None)


# -- what a block is -----------------------------------------------------------------------


def _tied_cells(
    block: FormulaBlock, sheet: Sheet, parameters: dict[tuple[int, Cell], Plane]
) -> Iterator[TiedCell]:
    assert block.tree is not None
    for i, j in zip(*np.nonzero(block.mask), strict=True):
        tied = TiedCell.match(block.tree, block.lattice, int(i), int(j))
        if tied is None or (block.sheet, tied.cell) not in parameters:
            continue
        if number_at(sheet, tied.number) is not None:
            yield tied


def _kernel_menus(
    block: FormulaBlock, sheet: Sheet, parameters: dict[tuple[int, Cell], Plane]
) -> Iterator[KernelMenu]:
    assert block.tree is not None
    menu = KernelMenu.match(block.tree, block.lattice)
    if menu is None or parameters.get((block.sheet, block.lattice.origin)) != block.lattice:
        return
    options: dict[str, KernelOption] = {}
    for row in range(menu.names.top, menu.names.bottom + 1):
        name, plane = text_at(sheet, (row, menu.names.left)), menu.kernel_of(row)
        if name and name.casefold() not in options:
            numbers = tuple(number_at(sheet, cell) or 0.0 for cell in plane.entry_cells())
            options[name.casefold()] = KernelOption(name, plane, numbers)
    if options:
        yield KernelMenu(menu.plane, menu.key, menu.names, menu.first, tuple(options.values()))


def _compared(block: FormulaBlock, lifted: Lifted) -> LiftedComparison | None:
    """Return the comparison that a single cell is, where both its planes are those of tensors."""
    assert block.tree is not None
    comparison = PlaneComparison.match(block.tree, block.lattice.origin)
    if comparison is None or block.cells.size != 1:
        return None
    homes = {
        plane: (k, number)
        for k, tensor in enumerate(lifted.tensors)
        if tensor.sheet == block.sheet
        for number, plane in enumerate(tensor.planes)
    }
    one, other = homes.get(comparison.one), homes.get(comparison.other)
    if one is None or other is None:
        return None
    return LiftedComparison(block.sheet, comparison, one, other)


# -- what is wrong with it -----------------------------------------------------------------


def _gaps(number: int, menu: KernelMenu, calculation: Calculation) -> Iterator[Hole]:
    """Yield the cells of a menu's kernels that hold no number."""
    for option in menu.options:
        _, kinds = calculation.grids[number].region(option.plane.range)
        for i, j in zip(*np.nonzero((kinds == BLANK) | (kinds == TEXT)), strict=True):
            cell = option.plane.cell(int(i), int(j))
            yield Hole(number, cell, int(kinds[i, j]), f"the kernel {option.name!r}")


def _strays(tensor: Tensor, lifted: Lifted) -> Iterator[Stray]:
    """Yield the cells of tied weights that are not where the layer they are tied to has them.

    Weights tied to the kernel of a layer that reads the same input are that layer as one
    matrix, where most of them stand as it has them; or a kernel is another one once more.
    """
    tied = {
        one.what.cell: one.what.number for one in lifted.links
        if isinstance(one.what, TiedCell) and one.sheet == tensor.parameters_sheet
    }  # fmt: skip
    cells = _kernel_cells(tensor)
    if not any(cell in tied for output in cells for cell in output):
        return
    for other in lifted.tensors:
        wanted = _wanted(other, tensor, lifted)
        if wanted is None or [len(row) for row in wanted] != [len(row) for row in cells]:
            continue
        values = tensor.layers[0].parameters()["weight"].ravel().tolist()
        entries = list(zip(chain(*cells), chain(*wanted), values, strict=True))
        held = [tied.get(cell) == number for cell, number, _ in entries if number is not None]
        if 2 * sum(held) <= len(held):
            continue
        for cell, number, value in entries:
            if tied.get(cell) != number or (number is None and value != 0):
                text = "0" if number is None else f"={a1_name(number, absolute=True)}"
                yield Stray(tensor.parameters_sheet, cell, text, _area_of(cells))
        return


def _wanted(
    other: Tensor, tensor: Tensor, lifted: Lifted
) -> Sequence[Sequence[Cell | None]] | None:
    """Return the cells of another layer's weights where a tensor may have them again.

    In every place of its matrix, or in kernels of the same size.
    """
    if other is tensor or not other.kernels or other.is_vector:
        return None
    if not tensor.is_vector:
        return _kernel_cells(other)
    root = _root(tensor, lifted)
    if other.source != root:
        return None
    index = unrolled(other.layers[0], lifted.tensors[root].shape)
    own = [cell for row in _kernel_cells(other) for cell in row]
    if index is None or index.max(initial=-1) >= len(own):
        return None
    return [[own[k] if k >= 0 else None for k in row] for row in index.tolist()]


def _kernel_cells(tensor: Tensor) -> list[list[Cell]]:
    """Return the cells of the weights of every output."""
    return [[cell for plane in planes for cell in plane.entry_cells()] for planes in tensor.kernels]


def _root(tensor: Tensor, lifted: Lifted) -> int:
    """Return the tensor that a vector is computed from, past views of it."""
    at = tensor.source
    while at >= 0 and lifted.tensors[at].layers and lifted.tensors[at].layers[0].is_view:
        at = lifted.tensors[at].source
    return at


def _planes_of(tensor: Tensor) -> Iterator[Plane]:
    for planes in (*tensor.kernels, tensor.biases, *tensor.scalars.values()):
        yield from planes


def _area_of(cells: list[list[Cell]]) -> str:
    rows = [row for output in cells for row, _ in output]
    columns = [column for output in cells for _, column in output]
    return Range(min(rows), min(columns), max(rows), max(columns)).name
