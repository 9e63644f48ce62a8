"""Declared layers that the cells do not compute: not there, another one, or values for it.

What trials found, said in one finding for each cause. A layer most of whose cells are wrong
is another layer; where few are, each of them is. Names no layer, and tries nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlconv.layers.base.place import Spelling
from xlconv.layout.stages import Stage
from xlconv.lowering.lower import lowered
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.formula import render_block
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.patterns import what_stands
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention, Unplaced
from xlconv.verification.trials.tried import BORDER, OUTPUT, TriedPlane, TriedStage


def wrong_layers(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the declared layers that are not computed where they should be."""
    found = Collector(facts, earlier)
    for intention in facts.intentions:
        for one in intention.unplaced:
            found.add(_missing(facts, intention, one))
    for stage in facts.trials.stages:
        if not stage.is_right:
            _add_stage(found, facts, stage)
    return found.result()


def _missing(facts: Facts, intention: Intention, one: Unplaced) -> Finding:
    home = facts.workbook.sheets[intention.sheet].name
    layers = intention.network.layers[one.first : one.last + 1]
    titles = " and ".join(layer.title for layer in layers)
    names = " and ".join(intention.network.names[one.first : one.last + 1])
    message = f"{names} is declared {titles}; {one.reason}"
    return Finding("D701", home, one.cell or "A1", message, expected=titles)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Wrong cells of one cause: their places, and the first one's place in its plane."""

    tried: TriedStage
    plane: TriedPlane
    entries: Sequence[int]  # of the plane, row by row
    code: str
    stands: str

    @property
    def cells(self) -> list[Cell]:
        width = self.plane.plane.shape[1]
        return [self.plane.plane.cell(*divmod(k, width)) for k in self.entries]

    @property
    def area(self) -> Range:
        rows, columns = zip(*self.cells, strict=True)
        return Range(min(rows), min(columns), max(rows), max(columns))


def _add_stage(found: Collector, facts: Facts, tried: TriedStage) -> None:
    sheet = facts.workbook.sheets[tried.intention.sheet]
    groups = [
        one for plane in tried.planes for one in _groups(facts, tried, plane)
        if plane.differs.any()
    ]  # fmt: skip
    own = [one for one in groups if one.plane.role == OUTPUT]
    is_other = 2 * tried.wrong >= tried.size > 1
    if is_other and own:
        found.add(_other_layer(facts, tried, own))
    for one in groups:
        _mark(found, facts, one)
        if not (is_other and one.plane.role == OUTPUT):
            found.add(_wrong_cells(facts, sheet, one))


def _mark(found: Collector, facts: Facts, one: _Wrong) -> None:
    home = one.tried.intention.sheet
    found.mark_wrong(home, one.plane.cells[list(one.entries)])
    for cell in one.cells:
        found.report(home, cell)


def _groups(facts: Facts, tried: TriedStage, plane: TriedPlane) -> Iterator[_Wrong]:
    """Yield the wrong cells of a plane by what stands there."""
    home = tried.intention.sheet
    sheet = facts.workbook.sheets[home]
    groups: dict[tuple[str, int], list[int]] = {}
    for k in np.flatnonzero(plane.differs).tolist():
        index = int(plane.cells[k])
        code, _ = what_stands(sheet, index)
        number = facts.block_numbers[home][index] if code == "S201" else -1
        groups.setdefault((code, number), []).append(k)
    for (code, _), entries in groups.items():
        _, stands = what_stands(sheet, int(plane.cells[entries[0]]))
        yield _Wrong(tried, plane, entries, code, stands)


# -- what is said --------------------------------------------------------------------------


def _other_layer(facts: Facts, tried: TriedStage, groups: Sequence[_Wrong]) -> Finding:
    intention, stage = tried.intention, tried.stage
    home = facts.workbook.sheets[intention.sheet].name
    title, name = intention.title_of(stage), intention.name_of(stage)
    count = sum(len(one.entries) for one in groups)
    areas = [one.area for one in groups]
    place = Range(
        min(one.top for one in areas), min(one.left for one in areas),
        max(one.bottom for one in areas), max(one.right for one in areas),
    )  # fmt: skip
    code, found = _what_is_there(facts, tried, groups)
    message = f"{name} is declared {title}; {found} ({counted(count, 'cell')})"
    cell = a1_name(groups[0].cells[0])
    return Finding(code, home, cell, message, found, title, place.name, count=count)


def _what_is_there(facts: Facts, tried: TriedStage, groups: Sequence[_Wrong]) -> tuple[str, str]:
    """Return the code, and what the cells of a layer hold instead of it."""
    sizes = dict.fromkeys(("S203", "S202", "T302", "S201"), 0)
    for one in groups:
        sizes[one.code] += len(one.entries)
    total = sum(sizes.values())
    if 2 * sizes["S203"] > total:
        return "D701", "there are no formulas"
    if 2 * (sizes["S202"] + sizes["T302"]) > total:
        return "D704", "values stand there, which follow no input"
    other = _lifted_title(facts, tried)
    if other and other != tried.intention.title_of(tried.stage):
        return "D702", f"the cells compute {other}"
    return "D702", f"the cells compute something else: {_example(tried)}"


def _lifted_title(facts: Facts, tried: TriedStage) -> str:
    """Return what the formulas in the cells of a stage spell, "" where that is not known."""
    planes = {one.plane for one in tried.outputs}
    for one in facts.lifted.tensors:
        if one.sheet == tried.intention.sheet and one.layers and planes & set(one.planes):
            return " and ".join(layer.title for layer in one.layers)
    return ""


def _example(tried: TriedStage) -> str:
    """Return what one cell gives for drawn numbers, and what it should."""
    name = tried.intention.name_of(tried.stage)
    for plane in tried.outputs:
        for k in np.flatnonzero(plane.differs).tolist():
            if plane.found[k] != plane.wanted[k]:
                cell = a1_name(plane.plane.cell(*divmod(k, plane.plane.shape[1])))
                gives = "no number" if np.isnan(plane.found[k]) else f"{plane.found[k]:.3g}"
                return f"for drawn numbers {cell} gives {gives}, {name} {plane.wanted[k]:.3g}"
    return "for other inputs they differ"


def _wrong_cells(facts: Facts, sheet: Sheet, one: _Wrong) -> Finding:
    first = one.cells[0]
    expected = _expected(facts, one)
    count = len(one.entries)
    where = f" in {one.area.name} ({counted(count, 'cell')})" if count > 1 else ""
    stands = one.stands
    message = f"{stands}{where}; expected {expected}"
    index = int(one.plane.cells[one.entries[0]])
    shown = stands if index >= 0 else ""
    area = one.area.name if count > 1 else one.plane.plane.range.name
    return Finding(one.code, sheet.name, a1_name(first), message, shown, expected, area,
                   count=count)  # fmt: skip


def _expected(facts: Facts, one: _Wrong) -> str:
    """Return the formula that should stand in the first of some cells."""
    intention, stage = one.tried.intention, one.tried.stage
    cell = one.cells[0]
    sheet = facts.workbook.sheets[intention.sheet]
    index = int(one.plane.cells[one.entries[0]])
    for array in _spellings(sheet, one.plane, index):
        text = _text_at(intention, stage, cell, one.plane, array=array)
        if text:
            return text
    return "another formula"


def _spellings(sheet: Sheet, plane: TriedPlane, index: int) -> tuple[bool, bool]:
    """Return whether formulas are arrays, as most of the plane has them, and the other way."""
    there = plane.cells[plane.cells >= 0]
    arrays = int((sheet.kinds[there] == Kind.ARRAY_FORMULA).sum())
    return (True, False) if 2 * arrays > len(there) else (False, True)


def _text_at(
    intention: Intention, stage: Stage, cell: Cell, plane: TriedPlane, *, array: bool
) -> str:
    layout = replace(intention.layout, spelling=Spelling(array))
    blocks = [one.block for one in lowered(intention.network, layout, stage).blocks]
    if plane.role == BORDER:
        return "the entry that the border repeats"
    for block in blocks:
        inside = block.lattice.index_of(cell)
        if inside is not None:
            text = render_block(block.tree, block.lattice.shape)[
                inside[0] * block.lattice.shape[1] + inside[1]
            ]
            return f"{{={text}}}" if block.array else f"={text}"
    return ""
