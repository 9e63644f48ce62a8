"""What a file says of its own cells: by its description, and the names of their ranges.

Never looks at what formulas spell; only at whether they are the ones that were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from xlconv.errors import XlconvError
from xlconv.layers.base.helper_names import helper_kind
from xlconv.layers.base.padding_modes import halo_blocks
from xlconv.layers.base.place import Spelling
from xlconv.layout.defined_names import layout_of_names
from xlconv.layout.layout import Layout
from xlconv.layout.naming_convention import plane_name
from xlconv.lowering.lower import lower
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.block import Block
from xlconv.spreadsheet.formula import render_block
from xlconv.spreadsheet.formula.equivalence import is_same
from xlconv.spreadsheet.workbook import Kind, Sheet, Workbook, indices_of, keys_of

Index = NDArray[np.int64]

# Names may claim so many cells more than a sheet has.
_SPARE = 10_000


@dataclass(slots=True)
class Part:
    """Blocks of a network that are one thing: the planes of a tensor, a helper, a border."""

    blocks: list[Block]
    texts: list[list[str]] = field(default_factory=list)
    cells: list[Index] = field(default_factory=list)  # where those of a block are on the sheet
    right: list[NDArray[np.bool_]] = field(default_factory=list)  # which hold what they should

    @property
    def size(self) -> int:
        """How many cells there are."""
        return sum(map(len, self.cells))

    @property
    def count(self) -> int:
        """How many of them are right."""
        return sum(int(one.sum()) for one in self.right)


@dataclass(slots=True)
class Declaration:
    """The network that a file says to be, where its cells are, and which of them are so."""

    network: Network
    layout: Layout
    number: int  # of the sheet
    parts: list[Part]
    right: NDArray[np.bool_]  # which cells of the sheet hold the formula that they should

    def expects(self, cell: Cell) -> bool:
        """Whether there should be a formula in a cell."""
        blocks = (block for part in self.parts for block in part.blocks)
        return any(block.lattice.index_of(cell) is not None for block in blocks)


def declaration_of(workbook: Workbook, description: Network) -> Declaration | None:
    """Return what a file says of its cells; None where names and description do not fit."""
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
            (list(parts_of(network, one, sheet)) for one in spelled),
            key=lambda some: sum(part.count for part in some),
        )
    except (XlconvError, KeyError, IndexError, ValueError):
        return None  # names that were moved about, or of another network than described
    right = np.zeros(len(sheet), np.bool_)
    for part in parts:
        for cells, own, texts in zip(part.cells, part.right, part.texts, strict=True):
            for k in np.flatnonzero(own).tolist():
                # To the letter: one that has another dollar looks odd, and is.
                right[cells[k]] = sheet.texts[int(cells[k])] == texts[k]
    return Declaration(network, layout, number, parts, right)


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


def _part(blocks: list[Block], sheet: Sheet, keys: Index) -> Part:
    part = Part(blocks)
    for block in blocks:
        texts = render_block(block.tree, block.lattice.shape)
        cells = indices_of(keys, *block.lattice.cells())
        kind = Kind.ARRAY_FORMULA if block.array else Kind.FORMULA
        right = [
            index >= 0 and sheet.kinds[index] == kind and is_same(sheet.texts[index], text)
            for index, text in zip(cells.tolist(), texts, strict=True)
        ]
        part.texts.append(texts)
        part.cells.append(cells)
        part.right.append(np.array(right, np.bool_))
    return part
