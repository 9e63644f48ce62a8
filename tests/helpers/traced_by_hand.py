"""Explanations beside the precedents that are in the text of formulas, followed by hand."""

import re

import numpy as np

from xlconv.analysis.explanation import explained, same
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, Range, parse_a1

RANGE_TEXT = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


def parsed(text: str) -> list[Range]:
    found = []
    for left, top, right, bottom in RANGE_TEXT.findall(text):
        first = parse_a1(left + top)
        last = parse_a1(right + bottom) if right else first
        found.append(Range(*first, *last))
    return found


def precedents(seen: LiftedWorkbook) -> dict[Cell, set[Cell]]:
    """Every cell's own precedents, from the text of its formula alone."""
    sheet = seen.workbook.sheets[0]
    found = {}
    for index in np.flatnonzero(sheet.is_formula).tolist():
        cells = set()
        for area in parsed(sheet.texts[index]):
            cells |= {
                (row, column)
                for row in range(area.top, area.bottom + 1)
                for column in range(area.left, area.right + 1)
            }
        found[int(sheet.rows[index]), int(sheet.columns[index])] = cells
    return found


def closure(start: Cell, edges: dict[Cell, set[Cell]]) -> set[Cell]:
    found: set[Cell] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def cells_in(ranges: tuple[str, ...]) -> set[Cell]:
    return {
        (row, column)
        for text in ranges
        for area in parsed(text)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }


def check(seen: LiftedWorkbook, cell: Cell, edges: dict[Cell, set[Cell]]) -> None:
    found = explained(seen, 0, cell)
    assert found.answers is not None, found.name
    assert same(found.step.value, found.answers.formula)
    assert same(found.answers.stored, found.answers.formula)
    assert same(found.answers.network, found.answers.formula)
    assert not found.remarks
    before = closure(cell, edges)
    for field in found.fields:
        (tensor,) = [one for k, one in enumerate(seen.lifted.tensors)
                     if one.sheet == 0 and seen.tensor_name(k) == field.name]  # fmt: skip
        own = {
            one for plane in tensor.planes for one in zip(*map(list, plane.cells()), strict=True)
        }
        own = {(int(r), int(c)) for r, c in own}
        boxes = cells_in(field.ranges) & own
        assert boxes == before & own or (field.has_gaps and boxes > before & own)
        assert field.cells == len(before & own)
    backwards: dict[Cell, set[Cell]] = {}
    for one, read in edges.items():
        for other in read:
            backwards.setdefault(other, set()).add(one)
    assert sum(one.cells for one in found.dependents) == len(backwards.get(cell, set()))
    assert cells_in(tuple(r for one in found.dependents for r in one.ranges)) >= backwards.get(
        cell, set()
    )
    reached = closure(cell, backwards)
    assert sum(one.cells for one in found.all_dependents) == len(reached)
