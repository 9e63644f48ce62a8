"""Blocks and single cells that are the units of one vector -> that vector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.products import is_still
from xlconv.lifting.matching.draft import Draft
from xlconv.lifting.matching.relative_geometry import line_of, placed, whole_geometry
from xlconv.lifting.matching.tensors import BlockMatch, Stray, Tensor
from xlconv.lifting.matching.window_geometry import geometry_of
from xlconv.lifting.matching.window_sources import in_order, source_of
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.blocks.reach import range_reached
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref, corners
from xlconv.spreadsheet.formula.equivalence import RETYPED

# So many times more references of a column must be right than not, and so many at least.
_TRUST, _TRUST_CELLS = 3, 4


def join_units(draft: Draft, group: list[BlockMatch]) -> bool:
    """Join blocks and single cells that are the units of one vector."""
    group = sorted(group, key=lambda one: draft.blocks[one.block].lattice.origin)
    first, sheet = group[0], draft.blocks[group[0].block].sheet
    column = line_of([draft.blocks[one.block].lattice for one in group])
    holes = len(draft.lifted.holes)
    source, planes = source_of(draft, first, first.match.windows)
    if column is None or source is None or len(draft.lifted.holes) > holes:
        return False  # an input with holes is a kernel, seen the wrong way round
    if len(planes) < len(draft.planes_of(source)):
        return False
    group, planes = in_order(draft, group, source, planes), list(draft.planes_of(source))
    first = group[0]
    geometry = geometry_of(draft, group, source, planes)
    layer = None if geometry is None else first.kind.from_geometry(geometry)
    if layer is None or geometry is None:
        return False
    count = column.shape[0] * column.shape[1]
    if geometry.weights is None or len(geometry.weights) != count:
        return False
    tensor = Tensor(
        sheet, (column,), (count,), tuple(one.block for one in group),
        (layer, *first.fused), source, geometry=geometry,
    )  # fmt: skip
    draft.parameters.note_tables(tensor, group, geometry)
    draft.add(tensor)
    return True


def join_column(draft: Draft, group: list[BlockMatch]) -> bool:
    """Take one block that computes a vector from a vector, perhaps through a helper."""
    if len(group) != 1:
        return False
    (seen,) = group
    unit = draft.blocks[seen.block]
    found = draft.read_unit(unit, seen.match.windows[0])
    helpers: dict[str, tuple[int, Plane]] = {}
    if found in draft.helper_of:
        helper = draft.helper_of[found]
        if helper.kind is not seen.kind or not _covers(unit, seen, draft.blocks[found].lattice):
            return False
        helpers[helper.match.role] = (found, draft.blocks[found].lattice)
        found = draft.read_unit(draft.blocks[found], helper.match.windows[0])
    source = draft.home.get(found) if found is not None else None
    if source is None or not draft.lifted.tensors[source].is_vector:
        return False
    if not helpers and not _covers(unit, seen, draft.lifted.tensors[source].planes[0]):
        return False
    layer = seen.kind.from_geometry(whole_geometry(draft.lifted.tensors[source]))
    shape = None if layer is None else draft.shape_of(source, (unit.lattice,), layer)
    if layer is None or shape is None:
        return False
    draft.add(
        Tensor(unit.sheet, (unit.lattice,), shape, (seen.block,), (layer,), source, helpers=helpers)
    )
    return True


def _covers(unit: FormulaBlock, seen: BlockMatch, lattice: Plane) -> bool:
    """Whether every cell of a block reads all of a vector, and its own entry of it."""
    every, own = seen.match.whole, seen.match.windows[0]
    assert every is not None
    first, last = corners(every)
    still = unit.lattice.shape == (1, 1) or (is_still(first) and is_still(last))
    if not still or range_reached(every, unit.lattice.shape) != lattice.range:
        return False
    return own == every or placed(own, lattice, unit.lattice) == ((0, 0), (1, 1), (1, 1))


def join_helpers(draft: Draft, group: list[BlockMatch]) -> bool:
    for seen in group:
        draft.helper_of[seen.block] = seen
        unit = draft.blocks[seen.block]
        found = draft.read_unit(unit, seen.match.windows[0])
        source = draft.home.get(found) if found is not None else None
        if source is None:
            del draft.helper_of[seen.block]
            return False
        tensor = draft.lifted.tensors[source]
        whole = seen.match.whole
        if whole is not None and not _covers(unit, seen, tensor.planes[0]):
            del draft.helper_of[seen.block]
            return False
        if seen.match.role in seen.kind.helper_names(HelperKind.READOUT):
            if not isinstance(tensor.layers[0], seen.kind):
                del draft.helper_of[seen.block]
                return False
            tensor.helpers[seen.match.role] = (seen.block, unit.lattice)
    return True


def join_view(draft: Draft, group: list[BlockMatch]) -> bool:
    """Join references that lay a tensor's planes out as one vector; a few may be wrong."""
    group = sorted(group, key=lambda one: draft.blocks[one.block].lattice.origin)
    sheet, source = draft.blocks[group[0].block].sheet, draft.tensor_read(group[0])
    if source is None or source < 0:
        return False
    if draft.lifted.tensors[source].is_vector:
        return False  # flat already: it is only there once more
    wanted = [
        plane.cell(i, j)
        for plane in draft.lifted.tensors[source].planes
        for i in range(plane.shape[0])
        for j in range(plane.shape[1])
    ]
    found = dict(entry for one in group for entry in _entries(draft, one))
    column = line_of([draft.blocks[one.block].lattice for one in group])
    if column is None or list(found.values()) != wanted:
        column = _mostly(found, wanted)
    layer = group[0].kind.from_geometry(whole_geometry(draft.lifted.tensors[source]))
    if column is None or layer is None:
        return False
    units = [one.block for one in group]
    cells = zip(*(axis.tolist() for axis in column.cells()), strict=True)
    for cell, target in zip(cells, wanted, strict=True):
        if found.get(cell) == target:
            continue
        units += [k for k in _units_at(draft, sheet, cell) if k not in units]
        text = draft.calculation.workbook.sheets[sheet].formula(cell) or ""
        if not RETYPED.refers(text, a1_name(target)):
            expected = f"={a1_name(target)}"
            draft.lifted.strays.append(Stray(sheet, cell, expected, column.range.name))
    # What looked like a part of a small plane's border may turn out to be such a reference.
    border = draft.lifted.tensors[source].border
    border[:] = [one for one in border if one.block not in units]
    draft.add(Tensor(sheet, (column,), (len(wanted),), tuple(units), (layer,), source))
    return True


def _entries(draft: Draft, seen: BlockMatch) -> Iterator[tuple[Cell, Cell]]:
    """Yield the cells of a block of references, each with the one that it points to."""
    lattice, reference = draft.blocks[seen.block].lattice, seen.match.windows[0]
    assert isinstance(reference, Ref)
    for i in range(lattice.shape[0]):
        for j in range(lattice.shape[1]):
            yield lattice.cell(i, j), (reference.row.at(i, j), reference.column.at(i, j))


def _mostly(found: dict[Cell, Cell], wanted: list[Cell]) -> Plane | None:
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
    return plane if whole and count >= _TRUST * odd and count >= _TRUST_CELLS else None


def _units_at(draft: Draft, sheet: int, cell: Cell) -> Iterator[int]:
    """Yield the block that computes a cell."""
    for k, unit in enumerate(draft.blocks):
        place = unit.lattice.index_of(cell) if unit.sheet == sheet else None
        if place is not None and unit.mask[place]:
            yield k
