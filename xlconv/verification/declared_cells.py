"""Cells that are not what a file says of itself: by its description, and the names of cells.

What formulas spell is found out without it. But where a cell is wrong in a place too small
to show a pattern - the one cell of a prediction, a mean over a plane, a vector of two -
the file itself still tells what the cell was; and what looks odd there, but is as it was
written, is right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlconv.layout.defined_names import compared_ranges
from xlconv.layout.layout import Layout
from xlconv.layout.links import PlaneComparison
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.blocks.merging import OTHERS
from xlconv.spreadsheet.blocks.plane import Plane, halo_cells
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import is_same
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.declaration import Part, declaration_of
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.padding import odd_cells
from xlconv.verification.patterns import what_stands


def note_declaration(facts: Facts) -> None:
    """Keep what the file says of its cells, where formulas alone leave something open."""
    workbook = facts.calculation.workbook
    descriptions = facts.description.networks
    if any(_is_called_for(facts, one) for one in descriptions) or _are_reweighed(facts):
        said = (declaration_of(workbook, one) for one in descriptions)
        facts.declarations = [one for one in said if one is not None]


def undeclared_cells(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that differ from what the file says that they are.

    Only where a part of the network is mostly as described: whoever changed all of it
    wanted another network, which is checked as such.
    """
    for said in facts.declarations:
        for part in said.parts:
            if part.count >= part.size // 2 and not _is_respelled(facts, said.number, part):
                yield from _wrong(facts, said.number, part)
        yield from _odd_frames(facts, said.number, said.layout)


def agreements(facts: Facts) -> Iterator[Finding]:
    """Yield the cells that are named as comparing two planes, and do something else."""
    workbook = facts.calculation.workbook
    sheets = [sheet.name for sheet in workbook.sheets]
    known = {(one.sheet, one.comparison) for one in facts.lifted.comparisons}
    for home, cell, *ends in compared_ranges(workbook.names):
        number = sheets.index(home) if home in sheets else -1
        one, other = (Plane((area.top, area.left), area.size) for area in ends)
        check = PlaneComparison((cell.top, cell.left), one, other)
        swapped = PlaneComparison(check.cell, other, one)
        if number < 0 or {(number, check), (number, swapped)} & known:
            continue
        index = workbook.sheets[number].find(check.cell)
        wanted = {render(each.block().tree) for each in (check, swapped)}
        text = workbook.sheets[number].formula(check.cell) or ""
        if any(is_same(text, each) for each in wanted):
            continue  # what it compares is no tensor, for another reason
        code, what = what_stands(workbook.sheets[number], -1 if index is None else index)
        what, expected = f"={what}" if code == "S201" else what, f"={render(check.block().tree)}"
        if index is not None:
            facts.wrong[number][index] = True
        facts.reported.add((number, check.cell))
        name = a1_name(check.cell)
        yield Finding(code, home, name, f"{what}; expected {expected}", what, expected, name)


def _is_called_for(facts: Facts, description: Network) -> bool:
    """Whether something is odd, or open: clean files need no second look."""
    if facts.lifted.unlifted or facts.lifted.mismatches or facts.lifted.strays:
        return True
    groups = (one for some in facts.calculation.found_blocks for one in some)
    if any((~one.regular & (one.cells != OTHERS)).any() for one in groups):
        return True
    if any(one.fill == "mixed" for tensor in facts.lifted.tensors for one in tensor.overhangs):
        return True
    if not any(_is_like(one.network, description) for one in facts.networks):
        return True
    return any(not _is_computed(facts, *place) for place in _helpers(description, facts))


def _are_reweighed(facts: Facts) -> bool:
    """Whether weights are others: mostly edited ones, but units may also be swapped as a whole."""
    written, first = facts.description.fingerprint, facts.description.first
    if written is None or first is None:
        return False
    alike = (one.network for one in facts.networks if _is_like(one.network, first))
    return any(one.fingerprint() != written for one in alike)


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
    for sheet, known in zip(facts.calculation.workbook.sheets, facts.network_values, strict=True):
        if sheet.name == home:
            index = sheet.find((area.top, area.left))
            return index is not None and not np.isnan(known[index])
    return True


def _is_respelled(facts: Facts, number: int, part: Part) -> bool:
    """Whether a layer gives all numbers of a part, though no cell is as it was written."""
    cells = np.concatenate(part.cells)
    return (
        part.count == 0
        and bool((cells >= 0).all())
        and not np.isnan(facts.network_values[number][cells]).any()
    )


# -- what is wrong -------------------------------------------------------------------------


def _wrong(facts: Facts, number: int, part: Part) -> Iterator[Finding]:
    sheet = facts.calculation.workbook.sheets[number]
    for block, texts, cells, right in zip(
        part.blocks, part.texts, part.cells, part.right, strict=True
    ):
        for k in np.flatnonzero(~right).tolist():
            index, cell = int(cells[k]), block.lattice.cell(*divmod(k, block.lattice.shape[1]))
            if (number, cell) in facts.reported:
                continue
            code, what = what_stands(sheet, index)
            expected = f"{{={texts[k]}}}" if block.array else f"={texts[k]}"
            if code == "S201":
                array = sheet.kinds[index] == Kind.ARRAY_FORMULA
                what = f"{{={what}}}" if array else f"={what}"
            if index >= 0:
                facts.wrong[number][index] = True
            facts.reported.add((number, cell))
            found, area = "" if index < 0 else what, block.lattice.range.name
            message = f"{what}; expected {expected}"
            yield Finding(code, sheet.name, a1_name(cell), message, found, expected, area)


def _odd_frames(facts: Facts, number: int, layout: Layout) -> Iterator[Finding]:
    """Yield what stands in the frames around planes and does not belong there."""
    for place in layout.places:
        if place.halo.is_empty or place.halo.repeats or place.halo.fill == "blank":
            continue
        for plane in place.planes:
            axes = (axis.astype(int).tolist() for axis in halo_cells(plane, place.halo))
            yield from odd_cells(facts, number, list(zip(*axes, strict=True)), plane)
