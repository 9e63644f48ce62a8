"""Which formulas have to do with a network: those that read a cell of one, or are read by one.

Directly or through others. From where cells stand and what blocks read; never from a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from msgspec import Struct

from xlconv.arrays import Mask
from xlconv.layout.defined_names import check_sheets
from xlconv.layout.layout import Layout
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lifting.matching.tensors import Tensor
from xlconv.lifting.networks import idle_tensors
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.area_index import AreaIndex
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.formula_block import FormulaBlock
from xlconv.spreadsheet.formula import Ref
from xlconv.verification.intended.intention import Intention, Origin

PlaneOnSheet = tuple[int, Plane]


class Connection(Struct, frozen=True):
    """Formula cells by sheet: `members` are cells of networks, `connected` have to do with one.

    `declared` are members by what somebody says; `given` are members where a network takes
    its numbers from: inputs and parameters, but for inputs that formulas compute as a whole,
    as a layer does that was not recognised. `before` and `after` are the blocks outside
    networks that these read, or that read these; the live checks of an exercise, on sheets of
    their own, only look on and are not among `after`.
    """

    members: tuple[Mask, ...]
    declared: tuple[Mask, ...]
    given: tuple[Mask, ...]
    connected: tuple[Mask, ...]
    before: frozenset[int]
    after: frozenset[int]


def connection_of(book: LiftedWorkbook, intentions: Sequence[Intention]) -> Connection:
    """Return which formulas of a workbook have to do with a network."""
    calculation = book.calculation
    idle = idle_tensors(book.lifted)
    lifted = [one for k, one in enumerate(book.lifted.tensors) if k not in idle]
    leaves = [*_declared_leaves(intentions), *_lifted_leaves(lifted)]
    computed = [*_declared_planes(intentions), *_lifted_planes(lifted)]
    given, others = _mask(book, leaves), _mask(book, computed)
    members = tuple(mask | other for mask, other in zip(given, others, strict=True))
    computing = _mask(book, _computed_inputs(book, lifted, given))
    declared = _mask(book, (*_declared_leaves(intentions), *_declared_planes(intentions)))
    said = _mask(book, () if _is_spelled(intentions) else _declared_leaves(intentions))
    for mask, other, one, by in zip(given, others, computing, said, strict=True):
        mask &= ~other & ~(one & ~by)  # noqa: PLW2901  in place
    fed, weights = _fed(book, lifted, given), _mask(book, _lifted_weights(lifted))
    for mask, one, weight in zip(given, fed, weights, strict=True):
        mask &= ~(one & weight)  # noqa: PLW2901  in place
    areas = AreaIndex((sheet, plane.range) for sheet, plane in (*leaves, *computed))
    order = [k for knot in calculation.order for k in knot]
    inside = {k for k in order if _any(members, calculation.blocks[k])}
    outside = [k for k in order if k not in inside]
    checking = check_sheets(book.workbook)
    reading = [k for k in outside if calculation.blocks[k].sheet not in checking]
    before, after = _around(calculation.blocks, inside, outside, reading, areas)
    connected = tuple(mask.copy() for mask in members)
    for block in (
        *(calculation.blocks[k] for k in (*before, *after)),
        *_parts(book, members, areas),
    ):
        connected[block.sheet][block.cells[block.mask]] = True
    for mask, sheet in zip(connected, book.workbook.sheets, strict=True):
        mask &= sheet.is_formula  # noqa: PLW2901  in place
    for one in (*members, *declared, *given, *connected):
        one.flags.writeable = False
    return Connection(members, declared, given, connected, frozenset(before), frozenset(after))


def _is_spelled(intentions: Sequence[Intention]) -> bool:
    """Whether nobody says what is intended but the formulas."""
    return all(one.origin is Origin.FORMULAS for one in intentions)


def _computed_inputs(
    book: LiftedWorkbook, tensors: Iterable[Tensor], given: Sequence[Mask]
) -> Iterator[PlaneOnSheet]:
    """Yield the planes of inputs most of whose cells compute, or show cells that do.

    A formula among numbers counts at its value.
    """
    sheets = book.workbook.sheets
    if not any((mask & one.is_formula).any() for mask, one in zip(given, sheets, strict=True)):
        return
    blocks, found = book.calculation.blocks, set[int]()
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    masks = tuple(np.zeros(len(one), np.bool_) for one in sheets)
    for k in (k for knot in book.calculation.order for k in knot):
        shows = isinstance(blocks[k].tree, Ref)
        if not shows or any(found & set(index.touching(*read)) for read in blocks[k].reads):
            found.add(k)
            masks[blocks[k].sheet][blocks[k].cells[blocks[k].mask]] = True
    for tensor in tensors:
        for plane in tensor.planes if tensor.source < 0 else ():
            cells = book.calculation.indices(tensor.sheet, plane)
            if 2 * int(masks[tensor.sheet][cells[cells >= 0]].sum()) > len(cells):
                yield tensor.sheet, plane


def _fed(
    book: LiftedWorkbook, tensors: Sequence[Tensor], given: Sequence[Mask]
) -> tuple[Mask, ...]:
    """Return the formulas where numbers are taken from that follow from what networks compute.

    From a picture or an activation, through others too: a parameter that does is none.
    """
    masks = tuple(np.zeros(len(one), np.bool_) for one in book.workbook.sheets)
    sheets = book.workbook.sheets
    if not any((mask & one.is_formula).any() for mask, one in zip(given, sheets, strict=True)):
        return masks
    planes = AreaIndex((one.sheet, plane.range) for one in tensors for plane in one.planes)
    blocks, found = book.calculation.blocks, set[int]()
    index = AreaIndex((one.sheet, one.lattice.range) for one in blocks)
    for k in (k for knot in book.calculation.order for k in knot):
        reads = blocks[k].reads
        if any(len(planes.find(*read)) or found & set(index.touching(*read)) for read in reads):
            found.add(k)
            masks[blocks[k].sheet][blocks[k].cells[blocks[k].mask]] = True
    return masks


def _around(
    blocks: Sequence[FormulaBlock], inside: set[int], outside: Sequence[int],
    reading: Sequence[int], areas: AreaIndex,
) -> tuple[set[int], set[int]]:  # fmt: skip
    """Return the blocks outside networks that are read by them, and those `reading` them."""
    index = AreaIndex((blocks[k].sheet, blocks[k].lattice.range) for k in outside)

    def read_by(k: int) -> set[int]:
        return {outside[one] for read in blocks[k].reads for one in index.touching(*read)}

    after: set[int] = set()
    for k in reading:
        touches = any(len(areas.find(*read)) for read in blocks[k].reads)
        if touches or read_by(k) & after:
            after.add(k)
    before: set[int] = set()
    if outside:
        for k in inside:
            before |= read_by(k)
    for k in reversed(outside):
        if k in before:
            before |= read_by(k)
    return before, after


def _parts(
    book: LiftedWorkbook, members: Sequence[Mask], areas: AreaIndex
) -> Iterator[FormulaBlock]:
    """Yield parts of blocks that are in no network, though others of the same block may be.

    Those that read a network, or another such part: one sample of several, for example.
    """
    blocks, first = book.lifted.blocks, len(book.calculation.blocks)
    parts = [
        one for one in (blocks[k] for k in book.lifted.order if k >= first)
        if one.mask.any() and not _any(members, one)
    ]  # fmt: skip
    index = AreaIndex((one.sheet, one.lattice.range) for one in parts)
    found: set[int] = set()
    for k, one in enumerate(parts):
        if any(len(areas.find(*read)) or found & set(index.touching(*read)) for read in one.reads):
            found.add(k)
            yield one


def _any(masks: Sequence[Mask], block: FormulaBlock) -> bool:
    return bool(masks[block.sheet][block.cells[block.mask]].any())


def _mask(book: LiftedWorkbook, planes: Iterable[PlaneOnSheet]) -> tuple[Mask, ...]:
    masks = tuple(np.zeros(len(sheet), np.bool_) for sheet in book.workbook.sheets)
    for sheet, plane in planes:
        cells = book.calculation.indices(sheet, plane)
        masks[sheet][cells[cells >= 0]] = True
    return masks


def network_ranges(
    book: LiftedWorkbook, intentions: Sequence[Intention]
) -> Iterator[tuple[int, Range]]:
    """Yield where the tensors of networks stand, the inputs among them, without parameters."""
    for one in intentions:
        for place in one.layout.places:
            yield from ((one.sheet, plane.range) for plane in place.planes)
    for tensor in book.lifted.tensors:
        yield from ((tensor.sheet, plane.range) for plane in tensor.planes)


def output_ranges(intentions: Sequence[Intention]) -> Iterator[tuple[int, Range]]:
    """Yield where declared networks end: what reads on from there is no layer of theirs."""
    for one in intentions:
        last = one.layout.places[-1]
        planes = (*last.planes, *last.helpers.values())
        yield from ((one.sheet, plane.range) for plane in planes)


def lifted_ends(book: LiftedWorkbook) -> Iterator[tuple[int, Range]]:
    """Yield where the tensors stand that networks end in, as their formulas spell them."""
    for one in book.networks:
        for sample in one.samples:
            tensor = book.lifted.tensors[sample[-1]]
            yield from ((tensor.sheet, plane.range) for plane in tensor.planes)


# -- cells of networks ---------------------------------------------------------------------


def _declared_leaves(intentions: Iterable[Intention]) -> Iterator[PlaneOnSheet]:
    for one in intentions:
        for plane in one.layout.places[0].planes:
            yield one.sheet, plane
        for plane in _table_planes(one.layout):
            yield one.sheet, plane


def _table_planes(layout: Layout) -> Iterator[Plane]:
    for place in layout.places:
        for groups in place.tables.values():
            for group in groups:
                yield from group


def _declared_planes(intentions: Iterable[Intention]) -> Iterator[PlaneOnSheet]:
    """Yield where tensors and their helpers stand, the borders around them too."""
    for one in intentions:
        for number, place in enumerate(one.layout.places):
            planes = place.planes if number else ()
            for plane in (*planes, *place.helpers.values()):
                yield one.sheet, plane


def _lifted_leaves(tensors: Iterable[Tensor]) -> Iterator[PlaneOnSheet]:
    for tensor in tensors:
        if tensor.source < 0:
            yield from ((tensor.sheet, plane) for plane in tensor.planes)
        groups = (*tensor.kernels, tensor.biases, *tensor.scalars.values())
        home = tensor.parameters_sheet if tensor.parameters_sheet >= 0 else tensor.sheet
        for group in groups:
            yield from ((home, plane) for plane in group)


def _lifted_weights(tensors: Iterable[Tensor]) -> Iterator[PlaneOnSheet]:
    """Yield kernels and biases; what a plane is normalised by may well be its own statistics."""
    for tensor in tensors:
        for group in (*tensor.kernels, tensor.biases):
            yield from ((tensor.parameters_sheet, plane) for plane in group)


def _lifted_planes(tensors: Iterable[Tensor]) -> Iterator[PlaneOnSheet]:
    for tensor in tensors:
        if tensor.source >= 0:
            yield from ((tensor.sheet, plane) for plane in tensor.planes)
        yield from ((tensor.sheet, one.lattice) for one in tensor.border)
        yield from ((tensor.sheet, plane) for _, plane in tensor.helpers.values())
