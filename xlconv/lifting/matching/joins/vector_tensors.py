"""Blocks and single cells that are the entries of one vector -> that vector.

A join returns the draft with the tensor, or the very draft it was given if there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod

from msgspec.structs import replace

from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.products import is_still
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.input_tensors import input_of
from xlconv.lifting.matching.parameters import outputs_of, with_tables
from xlconv.lifting.matching.relative_geometry import line_of, placed, whole_geometry
from xlconv.lifting.matching.tensors import BlockMatch, Stray, Tensor
from xlconv.lifting.matching.window_geometry import geometry_of
from xlconv.lifting.matching.window_sources import in_order, source_of
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached, sheet_of
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref, area_of, corners
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.values import BLANK

# So many times more references of a column must be right than not, and so many at least.
_TRUST, _TRUST_CELLS = 3, 4
_TRUST_SHORT = 2


def join_vector(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join blocks and single cells that are the entries of one vector."""
    group = sorted(group, key=lambda one: draft.block(one).lattice.origin)
    first, sheet = group[0], draft.block(group[0]).sheet
    column = line_of([draft.block(one).lattice for one in group])
    after, source, read = source_of(draft, first, first.formula.windows)
    if column is None or source is None:
        return draft
    if after.lifted.holes != draft.lifted.holes and not _are_apart(draft, group):
        return draft  # an input with holes is a kernel, taken the wrong way round
    planes = after.planes_of(source)
    if len(read) < len(planes):
        return draft
    group = in_order(group, read, planes)
    geometry = geometry_of(after, group, source, planes)
    layer = None if geometry is None else first.kind.from_geometry(geometry)
    if layer is None or geometry is None:
        return draft
    count = column.shape[0] * column.shape[1]
    if geometry.weights is None or len(geometry.weights) != count:
        return draft
    tensor = Tensor(
        sheet, (column,), (count,), tuple(one.block for one in group),
        (layer, *first.fused), source, geometry=geometry,
    )  # fmt: skip
    after, tensor = with_tables(after, tensor, group, geometry)
    return after.with_tensor(tensor)


def _are_apart(draft: Draft, group: list[BlockMatch]) -> bool:
    """Whether units have weights of their own: windows that overlap are no weights."""
    areas = [
        area_of(table.first, i, j)
        for one in group for i, j in outputs_of(draft, one) for table in one.formula.weights
    ]  # fmt: skip
    return len(areas) > 1 and not any(
        one.overlaps(other) for k, one in enumerate(areas) for other in areas[:k]
    )


def join_column(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Take one block that computes a vector from a vector, perhaps through a helper."""
    if len(group) != 1:
        return draft
    (match,) = group
    block = draft.block(match)
    found = draft.block_read(block, match.formula.windows[0])
    helpers: dict[str, tuple[int, Plane]] = {}
    if found is not None and found in draft.helper_of:
        helper, lattice = draft.helper_of[found], draft.index.blocks[found].lattice
        if helper.kind is not match.kind or not _covers(block, match, lattice):
            return draft
        helpers[helper.formula.role] = (found, lattice)
        found = draft.block_read(draft.index.blocks[found], helper.formula.windows[0])
    source = draft.home.get(found) if found is not None else None
    if source is None or not draft.lifted.tensors[source].is_vector:
        return draft
    if not helpers and not _covers(block, match, draft.planes_of(source)[0]):
        return draft
    # Shares of numbers that no helper made are what they say, unless a name says more.
    if match.formula.of_helper and not helpers and not _is_called(draft, block, match.kind):
        return draft
    layer = match.kind.from_geometry(whole_geometry(draft.lifted.tensors[source]))
    shape = None if layer is None else draft.shape_of(source, (block.lattice,), layer)
    if layer is None or shape is None:
        return draft
    return draft.with_tensor(
        Tensor(
            block.sheet, (block.lattice,), shape, (match.block,), (layer,), source, helpers=helpers
        )
    )


def _is_called(draft: Draft, block: FormulaBlock, kind: type[Layer]) -> bool:
    """Whether a label or a defined name says that a block is of a kind of layer."""
    if draft.index.kind_at(block) is kind:
        return True
    book = draft.calculation.workbook
    sheet = book.sheets[block.sheet].name
    return any(
        name.startswith(kind.short)
        and any(home == sheet and area.holds(block.lattice.range) for home, area in ranges)
        for name, ranges in book.names
    )


def _covers(block: FormulaBlock, match: BlockMatch, lattice: Plane) -> bool:
    """Whether every cell of a block reads all of a vector, and its own entry of it."""
    every, own = match.formula.whole, match.formula.windows[0]
    assert every is not None
    first, last = corners(every)
    still = block.lattice.shape == (1, 1) or (is_still(first) and is_still(last))
    if not still or range_reached(every, block.lattice.shape) != lattice.range:
        return False
    return own == every or placed(own, lattice, block.lattice) == ((0, 0), (1, 1), (1, 1))


def join_helpers(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Take blocks that only help to compute a tensor, up to the first that does not."""
    for match in group:
        after = _with_helper(draft, match)
        if after is draft:
            break
        draft = after
    return draft


def _with_helper(draft: Draft, match: BlockMatch) -> Draft:
    block, role = draft.block(match), match.formula.role
    found = draft.block_read(block, match.formula.windows[0])
    source = draft.home.get(found) if found is not None else None
    if source is None:
        return draft
    tensor = draft.lifted.tensors[source]
    if match.formula.whole is not None and not _covers(block, match, tensor.planes[0]):
        return draft
    after = draft.with_helpers({match.block: match})
    if role not in match.kind.helper_names(HelperKind.READOUT):
        return after
    if not isinstance(tensor.layers[0], match.kind):
        return draft
    helpers = {**tensor.helpers, role: (match.block, block.lattice)}
    return after.with_changed(source, replace(tensor, helpers=helpers))


def join_view(draft: Draft, group: list[BlockMatch]) -> Draft:
    """Join references that lay a tensor's planes out as one vector; a few may be wrong."""
    group = sorted(group, key=lambda one: draft.block(one).lattice.origin)
    sheet, source = draft.block(group[0]).sheet, draft.tensor_read(group[0])
    given = draft
    if source is None:
        draft, source = _laid_out(draft, group)
    if source is None or source < 0:
        return given
    tensor = draft.lifted.tensors[source]
    if tensor.is_vector:
        return given  # flat already: it is only there once more
    shape = draft.block(group[0]).lattice.shape
    if len(group) == 1 and shape[0] == 1 < shape[1] and shape == tensor.planes[0].shape:
        return given  # a row of a row: the same plane once more
    wanted = [
        plane.cell(i, j)
        for plane in tensor.planes
        for i in range(plane.shape[0])
        for j in range(plane.shape[1])
    ]
    found = dict(entry for one in group for entry in _entries(draft, one))
    column = line_of([draft.block(one).lattice for one in group])
    if column is None or list(found.values()) != wanted:
        column = _mostly(draft, sheet, found, wanted)
    layer = group[0].kind.from_geometry(whole_geometry(tensor))
    if column is None or layer is None:
        return given
    cells = zip(*(axis.tolist() for axis in column.cells()), strict=True)
    odd = {cell: to for cell, to in zip(cells, wanted, strict=True) if found.get(cell) != to}
    strays = (*draft.lifted.strays, *_strays(draft, sheet, column, odd))
    own = (one.block for one in group)
    blocks = tuple(dict.fromkeys((*own, *(k for cell in odd for k in draft.index.at(sheet, cell)))))
    # What looked like a part of a small plane's border may turn out to be such a reference.
    border = tuple(one for one in tensor.border if one.block not in blocks)
    after = draft.with_changed(source, replace(tensor, border=border))
    after = replace(after, lifted=replace(after.lifted, strays=strays))
    return after.with_tensor(Tensor(sheet, (column,), (len(wanted),), blocks, (layer,), source))


def _laid_out(draft: Draft, group: list[BlockMatch]) -> tuple[Draft, int | None]:
    """Return the input of plain numbers that references lay out, None where they show none.

    It is the one that others read there, or else as few planes as lie row by row.
    """
    cells = [cell for one in group for _, cell in _entries(draft, one)]
    block, reference = draft.block(group[0]), group[0].formula.windows[0]
    sheet, whole = sheet_of(reference, block.sheet), _around(cells)
    if any(_follows_a_layer(draft, sheet, cell) for cell in cells):
        return draft, None
    for k, tensor in enumerate(draft.lifted.tensors):
        if tensor.source < 0 and tensor.sheet == sheet:
            area = _around([cell for one in tensor.planes for cell in (one.cell(0, 0), one.cell(
                one.shape[0] - 1, one.shape[1] - 1))])  # fmt: skip
            if area.holds(whole) and len(cells) == prod(tensor.shape):
                return draft, k
    for count in range(1, len(cells) + 1):
        size, rest = divmod(len(cells), count)
        areas = [] if rest else [
            _around(cells[k : k + size]) for k in range(0, len(cells), size)
        ]  # fmt: skip
        shapes = {area.size for area in areas}
        if len(shapes) == 1 and prod(shapes.pop()) == size:
            after, source, _ = input_of(draft, sheet, areas)
            return after, source
    return draft, None


def _follows_a_layer(draft: Draft, sheet: int, cell: Cell) -> bool:
    """Whether a formula in a cell reads what a layer computes."""
    return any(
        draft.lifted.tensors[draft.home[other]].source >= 0
        for k in draft.index.at(sheet, cell)
        for read in draft.index.blocks[k].reads
        for other in draft.index.touched(*read) if other in draft.home
    )  # fmt: skip


def _around(cells: list[Cell]) -> Range:
    rows, columns = zip(*cells, strict=True)
    return Range(min(rows), min(columns), max(rows), max(columns))


def _strays(draft: Draft, sheet: int, column: Plane, odd: dict[Cell, Cell]) -> Iterator[Stray]:
    """Yield the cells of a column that refer to another cell than they should, or to none."""
    for cell, target in odd.items():
        text = draft.calculation.workbook.sheets[sheet].formula(cell) or ""
        if not RETYPED.refers(text, a1_name(target)):
            yield Stray(sheet, cell, f"={a1_name(target)}", column.range.name)


def _entries(draft: Draft, match: BlockMatch) -> Iterator[tuple[Cell, Cell]]:
    """Yield the cells of a block of references, each with the one that it points to."""
    lattice, reference = draft.block(match).lattice, match.formula.windows[0]
    assert isinstance(reference, Ref)
    for i in range(lattice.shape[0]):
        for j in range(lattice.shape[1]):
            yield lattice.cell(i, j), (reference.row.at(i, j), reference.column.at(i, j))


def _mostly(draft: Draft, sheet: int, found: dict[Cell, Cell], wanted: list[Cell]) -> Plane | None:
    """Return the column or row in which most references point to what they should."""
    places = {target: k for k, target in enumerate(wanted)}
    begins: Counter[tuple[Cell, bool]] = Counter()
    for (row, column), target in found.items():
        if target in places:
            begins[(row - places[target], column), True] += 1
            begins[(row, column - places[target]), False] += 1
    ((origin, down), count) = max(
        begins.items(), key=lambda item: item[1], default=(((0, 0), 0), 0)
    )
    plane = Plane(origin, (len(wanted), 1) if down else (1, len(wanted)))
    odd = len(wanted) - count
    whole = min(origin) >= 0 and all(plane.index_of(cell) is not None for cell in found)
    if not whole or count < _TRUST_SHORT * odd:
        return None
    if count >= _TRUST * odd and count >= _TRUST_CELLS:
        return plane
    # A short one has to be there to its end.
    held = draft.calculation.grids[sheet].region(plane.range)[1]
    return plane if count > 1 and (held != BLANK).all() else None
