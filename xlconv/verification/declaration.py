"""What a file declares of its own cells: by its description, and the names of their ranges.

A description and defined names in, the expected formula of every cell out. Never looks at
what formulas spell; only at whether they are the ones that were written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlconv.arrays import Array, Index, Mask
from xlconv.errors import XlconvError
from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.padding_modes import halo_blocks
from xlconv.layers.base.place import Spelling, helper_kind
from xlconv.layout.defined_names import layout_of_names
from xlconv.layout.layout import Layout
from xlconv.layout.naming_convention import helper_name, plane_name
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.lowering.lower import lower
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, Range
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.blocks.grouping.merging import OTHERS
from xlconv.spreadsheet.formula import render_block
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook, indices_of, keys_of

# Names may claim so many cells more than a sheet has.
_SPARE = 10_000


@dataclass(frozen=True, slots=True)
class DeclaredBlock:
    """A block that a file declares, cell by cell: formula, index on the sheet, and if it is so."""

    block: Block
    texts: list[str]
    cells: Index  # -1 where the sheet has no such cell
    right: Mask


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks of a network that are one thing: the planes of a tensor, a helper, a border."""

    blocks: tuple[DeclaredBlock, ...]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return sum(len(one.cells) for one in self.blocks)

    @property
    def count(self) -> int:
        """How many of them are right."""
        return sum(int(one.right.sum()) for one in self.blocks)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The network that a file declares, where its cells are, and which of them are so."""

    network: Network
    layout: Layout
    number: int  # of the sheet
    parts: tuple[Part, ...]
    right: Mask  # which cells of the sheet hold the formula that they should

    def expects(self, cell: Cell) -> bool:
        """Whether there should be a formula in a cell."""
        blocks = (one.block for part in self.parts for one in part.blocks)
        return any(block.lattice.index_of(cell) is not None for block in blocks)


def declarations_of(book: LiftedWorkbook, network: Sequence[Array]) -> tuple[Declaration, ...]:
    """Return what a file declares of its cells, where formulas alone leave something open.

    `network` is what layers give, sheet by sheet. Clean files need no second look.
    """
    descriptions = book.description.networks
    if not any(_leaves_open(book, network, one) for one in descriptions) and not _is_edited(book):
        return ()
    declared = (declaration_of(book.workbook, one) for one in descriptions)
    return tuple(one for one in declared if one is not None)


def declaration_of(workbook: Workbook, description: Network) -> Declaration | None:
    """Return what a file declares of its cells; None where names and description do not fit."""
    sheets = [sheet.name for sheet in workbook.sheets]
    try:
        network = _in_training(description, {name for name, _ in workbook.names})
        layout = layout_of_names(network, workbook.names)
        if layout is None or layout.sheet not in sheets:
            return None
        number = sheets.index(layout.sheet)
        sheet = workbook.sheets[number]
        if _size_of(layout) > len(sheet) + _SPARE:
            return None
        spelled = (replace(layout, spelling=Spelling(array)) for array in (False, True))
        parts = max(
            (tuple(parts_of(network, one, sheet)) for one in spelled),
            key=lambda some: sum(part.count for part in some),
        )
    except (XlconvError, KeyError, IndexError, ValueError):
        return None  # names that were moved about, or of another network than described
    return Declaration(network, layout, number, parts, _to_the_letter(parts, sheet))


def _to_the_letter(parts: tuple[Part, ...], sheet: Sheet) -> Mask:
    """Return which cells hold their formula as it was written: another dollar looks odd, and is."""
    right = np.zeros(len(sheet), np.bool_)
    for one in (block for part in parts for block in part.blocks):
        for k in np.flatnonzero(one.right).tolist():
            right[one.cells[k]] = sheet.texts[int(one.cells[k])] == one.texts[k]
    right.flags.writeable = False
    return right


def _in_training(network: Network, names: set[str]) -> Network:
    """Return the network with those layers in training whose outputs have cells."""
    trained = zip(network.layers, network.in_training().layers, network.names, strict=True)
    layers = tuple(other if plane_name(name, 0) in names else one for one, other, name in trained)
    return replace(network, layers=layers)


def _size_of(layout: Layout) -> int:
    planes = [plane for place in layout.places for plane in place.planes]
    return sum(plane.shape[0] * plane.shape[1] for plane in planes)


def parts_of(network: Network, layout: Layout, sheet: Sheet) -> Iterator[Part]:
    keys = keys_of(sheet.rows, sheet.columns)
    for stage in lower(network, layout):
        by_name: dict[str, list[Block]] = {}
        for one in stage.blocks:
            # Partial sums are of one kind: sum_0_0_85 and sum_1_0_85.
            by_name.setdefault(helper_kind(one.name), []).append(one.block)
        for blocks in by_name.values():
            yield _part(blocks, sheet, keys)
    for place in layout.places:
        if place.halo.repeats:
            around = [one.block for plane in place.planes for one in halo_blocks(plane, place.halo)]
            yield _part(around, sheet, keys)


def _part(blocks: Iterable[Block], sheet: Sheet, keys: Index) -> Part:
    return Part(tuple(_declared(block, sheet, keys) for block in blocks))


def _declared(block: Block, sheet: Sheet, keys: Index) -> DeclaredBlock:
    texts = render_block(block.tree, block.lattice.shape)
    cells = indices_of(keys, *block.lattice.cells())
    kind = Kind.ARRAY_FORMULA if block.array else Kind.FORMULA
    right = [
        index >= 0 and sheet.kinds[index] == kind and RETYPED.holds(sheet.texts[index], text)
        for index, text in zip(cells.tolist(), texts, strict=True)
    ]
    return DeclaredBlock(block, texts, cells, np.array(right, np.bool_))


# -- whether a declaration is asked for --------------------------------------------------


def _leaves_open(book: LiftedWorkbook, network: Sequence[Array], description: Network) -> bool:
    """Whether something looks odd, or a described layer is not computed."""
    lifted = book.lifted
    if lifted.unlifted or lifted.mismatches or lifted.strays:
        return True
    found = (one for some in book.calculation.found_blocks for one in some)
    if any((~one.regular & (one.cells != OTHERS)).any() for one in found):
        return True
    if any(one.fill == "mixed" for tensor in lifted.tensors for one in tensor.overhangs):
        return True
    if not any(_is_like(one.network, description) for one in book.networks):
        return True
    places = _helper_ranges(book.workbook, description)
    return any(not _is_computed(book, network, *place) for place in places)


def _is_edited(book: LiftedWorkbook) -> bool:
    """Whether weights are others: mostly edited ones, or swapped as a whole."""
    written, first = book.description.fingerprint, book.description.first
    if written is None or first is None:
        return False
    alike = (one.network for one in book.networks if _is_like(one.network, first))
    return any(one.fingerprint() != written for one in alike)


def _is_like(one: Network, other: Network) -> bool:
    alike = one.names == other.names and one.shapes == other.shapes
    layers = zip(one.layers, other.layers, strict=True) if alike else ()
    return alike and all(type(a) is type(b) and a.options() == b.options() for a, b in layers)


def _helper_ranges(workbook: Workbook, described: Network) -> Iterator[tuple[str, Range]]:
    """Yield where the helpers of vectors and the readouts stand, by their names."""
    names = dict(workbook.names)
    for name, layer in zip(described.names, described.layers, strict=True):
        for key in layer.helper_names(HelperKind.COLUMN, HelperKind.READOUT):
            yield from names.get(helper_name(name, key), ())


def _is_computed(book: LiftedWorkbook, network: Sequence[Array], home: str, area: Range) -> bool:
    """Whether a layer gives the number in the first of some cells."""
    for sheet, known in zip(book.workbook.sheets, network, strict=True):
        if sheet.name == home:
            index = sheet.find((area.top, area.left))
            return index is not None and not np.isnan(known[index])
    return True
