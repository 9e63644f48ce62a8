"""Cells that are not what a file says of itself: by its description, and the names of cells.

What formulas spell is found out without it. But where a cell is wrong in a place too small
to show a pattern - the one cell of a prediction, a mean over a plane, a vector of two -
the file itself still tells what the cell was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xlconv.block import Block
from xlconv.borrowing import Check
from xlconv.checks.facts import MOST_LISTED, Facts
from xlconv.checks.frames import odd_cells
from xlconv.checks.patterns import what_stands
from xlconv.describing import description_of
from xlconv.errors import FormulaError, XlconvError
from xlconv.findings import Finding
from xlconv.formula import render, render_block
from xlconv.formula.nodes import Node, Ref, mapped
from xlconv.formula.parse import parse
from xlconv.layout import Layout
from xlconv.lowering import halo_cells, lower
from xlconv.mirror import border
from xlconv.named import layout_of_names
from xlconv.names import compared_ranges
from xlconv.network import Network
from xlconv.plane import Plane, Spelling
from xlconv.refs import Range, name_of
from xlconv.sheet import Kind, Sheet, indices_of, keys_of

Index = NDArray[np.int64]


@dataclass(slots=True)
class _Part:
    """Blocks of a network that are one thing: the planes of a tensor, a helper, a border."""

    blocks: list[Block]
    texts: list[list[str]]
    cells: list[Index]  # of each block, the places of its cells among those of the sheet
    right: list[NDArray[np.bool_]]  # which of them hold what they should

    @property
    def size(self) -> int:
        return sum(map(len, self.cells))

    @property
    def count(self) -> int:
        """How many cells are right."""
        return sum(int(one.sum()) for one in self.right)


def undescribed(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that differ from what the file says that they are.

    Only where a part of the network is mostly as described: whoever changed all of it
    wanted another network, which is checked as such.
    """
    workbook = facts.calculation.workbook
    said = description_of(workbook)
    if said is None or not _is_called_for(facts, said):
        return
    try:
        network = _in_training(said, {name for name, _ in workbook.names})
        layout = layout_of_names(network, workbook.names)
        sheets = [sheet.name for sheet in workbook.sheets]
        if layout is None or layout.sheet not in sheets:
            return
        number = sheets.index(layout.sheet)
        sheet = workbook.sheets[number]
        if _size_of(layout) > len(sheet) + MOST_LISTED:
            return
        spelled = (replace(layout, spelling=Spelling(array)) for array in (False, True))
        parts = max(
            (list(_parts(network, one, sheet)) for one in spelled),
            key=lambda some: sum(part.count for part in some),
        )
    except (XlconvError, KeyError, IndexError):
        return  # names that were moved about, or of another network than described
    for part in parts:
        if part.count >= part.size // 2:
            yield from _wrong(facts, number, part)
    yield from _odd_frames(facts, number, layout)


def agreements(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that are named as comparing two planes, and do something else."""
    workbook = facts.calculation.workbook
    sheets = [sheet.name for sheet in workbook.sheets]
    known = {(one.sheet, one.check) for one in facts.lifted.compared}
    for home, cell, *ends in compared_ranges(workbook.names):
        number = sheets.index(home) if home in sheets else -1
        one, other = (Plane((area.top, area.left), area.size) for area in ends)
        check = Check((cell.top, cell.left), one, other)
        swapped = Check(check.cell, other, one)
        if number < 0 or {(number, check), (number, swapped)} & known:
            continue
        index = workbook.sheets[number].find(check.cell)
        wanted = {render(each.block().tree) for each in (check, swapped)}
        text = workbook.sheets[number].formula(check.cell) or ""
        if any(_is_same(text, each) for each in wanted):
            continue  # what it compares is no tensor, for another reason
        code, what = what_stands(workbook.sheets[number], -1 if index is None else index)
        what, expected = f"={what}" if code == "S201" else what, f"={render(check.block().tree)}"
        if index is not None:
            facts.wrong[number][index] = True
        facts.told.add((number, check.cell))
        name = name_of(check.cell)
        yield Finding(code, home, name, f"{what}; expected {expected}", what, expected, name)


def _is_called_for(facts: Facts, said: Network) -> bool:
    """Whether formulas alone leave something open: clean files need no second look."""
    if facts.lifted.unlifted or facts.lifted.mismatches:
        return True
    if any(one.fill == "mixed" for tensor in facts.lifted.tensors for one in tensor.overhangs):
        return True
    if not any(_is_like(model.network, said) for model in facts.models):
        return True
    return any(not _is_computed(facts, *place) for place in _helpers(said, facts))


def _is_like(one: Network, other: Network) -> bool:
    alike = one.names == other.names and one.shapes == other.shapes
    layers = zip(one.layers, other.layers, strict=True) if alike else ()
    return alike and all(type(a) is type(b) and a.options() == b.options() for a, b in layers)


def _helpers(said: Network, facts: Facts) -> Iterator[tuple[str, Range]]:
    """Yield where the helpers of vectors and the readouts stand, by their names."""
    names = dict(facts.calculation.workbook.names)
    for name, layer in zip(said.names, said.layers, strict=True):
        for key in (*layer.helper_columns, *layer.readouts):
            yield from names.get(f"{name}_{key}", ())


def _is_computed(facts: Facts, home: str, area: Range) -> bool:
    """Whether a layer gives the number in the first of some cells."""
    for sheet, known in zip(facts.calculation.workbook.sheets, facts.network, strict=True):
        if sheet.name == home:
            index = sheet.find((area.top, area.left))
            return index is not None and not np.isnan(known[index])
    return True


def _in_training(network: Network, names: set[str]) -> Network:
    """Return the network with those layers in training whose outputs have cells."""
    trained = zip(network.layers, network.in_training().layers, network.names, strict=True)
    layers = tuple(other if f"{name}_0" in names else one for one, other, name in trained)
    return replace(network, layers=layers)


def _size_of(layout: Layout) -> int:
    planes = [plane for place in layout.places for plane in place.planes]
    return sum(plane.shape[0] * plane.shape[1] for plane in planes)


# -- what cells should hold ----------------------------------------------------------------


def _parts(network: Network, layout: Layout, sheet: Sheet) -> Iterator[_Part]:
    keys = keys_of(sheet.rows, sheet.columns)
    for stage in lower(network, layout):
        by_name: dict[str, list[Block]] = {}
        for one in stage.blocks:
            # Partial sums are of one kind: sum_0_0_85 and sum_1_0_85.
            by_name.setdefault(one.name.partition("_")[0], []).append(one.block)
        for blocks in by_name.values():
            yield _part(blocks, sheet, keys)
    for place in layout.places:
        if place.halo.repeats:
            around = [one.block for plane in place.planes for one in border(plane, place.halo)]
            yield _part(around, sheet, keys)


def _part(blocks: list[Block], sheet: Sheet, keys: Index) -> _Part:
    part = _Part(blocks, [], [], [])
    for block in blocks:
        texts = render_block(block.tree, block.lattice.shape)
        cells = indices_of(keys, *block.lattice.cells())
        kind = Kind.ARRAY_FORMULA if block.array else Kind.FORMULA
        right = [
            index >= 0 and sheet.kinds[index] == kind and _is_same(sheet.texts[index], text)
            for index, text in zip(cells.tolist(), texts, strict=True)
        ]
        part.texts.append(texts)
        part.cells.append(cells)
        part.right.append(np.array(right, np.bool_))
    return part


def _is_same(text: str, wanted: str) -> bool:
    """Whether two formulas are the same but for spaces, small letters and dollars."""
    if text == wanted:
        return True
    try:
        return _undollared(parse(text.upper())) == _undollared(parse(wanted))
    except FormulaError:
        return False


def _undollared(tree: Node) -> Node:
    def plain(ref: Ref) -> Ref:
        row, column = (replace(axis, absolute=False) for axis in (ref.row, ref.column))
        return replace(ref, row=row, column=column)

    return mapped(tree, plain)


# -- what is wrong -------------------------------------------------------------------------


def _wrong(facts: Facts, number: int, part: _Part) -> Iterator[Finding]:
    sheet = facts.calculation.workbook.sheets[number]
    for block, texts, cells, right in zip(
        part.blocks, part.texts, part.cells, part.right, strict=True
    ):
        for k in np.flatnonzero(~right).tolist():
            index, cell = int(cells[k]), block.lattice.cell(*divmod(k, block.lattice.shape[1]))
            if (number, cell) in facts.told:
                continue
            code, what = what_stands(sheet, index)
            expected = f"{{={texts[k]}}}" if block.array else f"={texts[k]}"
            if code == "S201":
                array = sheet.kinds[index] == Kind.ARRAY_FORMULA
                what = f"{{={what}}}" if array else f"={what}"
            if index >= 0:
                facts.wrong[number][index] = True
            facts.told.add((number, cell))
            found, area = "" if index < 0 else what, block.lattice.range.name
            message = f"{what}; expected {expected}"
            yield Finding(code, sheet.name, name_of(cell), message, found, expected, area)


def _odd_frames(facts: Facts, number: int, layout: Layout) -> Iterator[Finding]:
    """Yield what stands in the frames around planes and does not belong there."""
    for place in layout.places:
        if place.halo.is_empty or place.halo.repeats or place.halo.fill == "blank":
            continue
        for plane in place.planes:
            axes = (axis.astype(int).tolist() for axis in halo_cells(plane, place.halo))
            yield from odd_cells(facts, number, list(zip(*axes, strict=True)), plane)
