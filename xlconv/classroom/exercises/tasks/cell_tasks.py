"""Tasks of cells to fill in on the network's sheet: formulas, or the numbers of a parameter.

Says in words what is asked for, and has the cells emptied and marked.
"""

from __future__ import annotations

import numpy as np

from xlconv.classroom.exercise_file import CHECK_SHEET, Task
from xlconv.classroom.exercises.language import worded
from xlconv.classroom.exercises.marks import (
    Marks,
    goal_marks,
    marks_of,
    numbers_in,
    tolerance_of,
)
from xlconv.classroom.exercises.sheets.papers import Papers
from xlconv.classroom.exercises.sheets.tasks_sheet import Counter, counted
from xlconv.classroom.exercises.targets import Target, target_of
from xlconv.classroom.exercises.tasks.kernel_hints import kernel_hint
from xlconv.errors import XlconvError
from xlconv.spreadsheet.addresses import Cell, Range, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import areas_of, render
from xlconv.spreadsheet.workbook import Sheet

POINTS = 10.0


def ask_for_cells(papers: Papers, name: str, kind: str, hint: str) -> None:
    """Ask for the cells that `name` tells of; `kind` is "formulas" or "fill" where they compute.

    Raises XlconvError where there are none, or another task has them.
    """
    target = target_of(name, papers.networks)
    areas = [plane.range for plane in target.planes]
    for area in areas:
        if any((row, column) in papers.taken for row, column in _corners(area)):
            raise XlconvError(f"{name}: another task asks for {area.name}; expected each cell once")
    kind = "parameters" if target.parameter else kind
    if target.parameter:
        counter = _goals(papers, target)
    else:
        right = papers.doubt(target.blocks)
        marks = marks_of(target.blocks, papers.sheet, papers.sheet, right)
        total = sum(one.count for one in marks)
        counter = Counter(counted([one.range for one in marks]), total)
        papers.mark(marks)
        papers.show_right(marks)
    status = papers.page.head(name, POINTS, counter)
    text = _text(papers, target, kind, hint)
    for line in text:
        papers.page.lines(line)
    papers.page.space()
    papers.take(areas, "\n".join(text), status)
    papers.tasks.append(Task(name, kind, POINTS, papers.sheet.name, tuple(areas), " ".join(text)))


def _goals(papers: Papers, target: Target) -> Counter:
    """Hide the numbers that are to be found; return the counter of what they should make."""
    sheet = papers.sheet
    veil = papers.veil(target.whole)
    goals = papers.goals.add(papers, target, veil)
    marks: list[Marks] = []
    among: list[str] = []
    total = 0
    for one, goal in zip(target.blocks, goals, strict=True):
        marks.append(goal_marks(one.block, goal, sheet, sheet))
        least = tolerance_of(one.block.lattice, sheet).value
        place = f"{CHECK_SHEET}!{goal.range.absolute_name}"
        among += [f'COUNTIF({place},"{sign}{least:.12f}")' for sign in (">", "<-")]
        total += int((np.abs(numbers_in(one.block.lattice, sheet)) > least).sum())
    papers.mark(marks)
    right = counted([one.range for one in marks])
    return Counter(right, total, among=f"MAX(1,{'+'.join(among)})", what="alike")


def _text(papers: Papers, target: Target, kind: str, hint: str) -> list[str]:
    """Return what is to be done: the task, what the layer is, what is read, a hint."""
    words = papers.language
    network, stage = target.placed.network, target.lowered.stage
    cells = words.listed([plane.range.name for plane in target.planes])
    origin = target.planes[0].origin
    first = a1_name(origin)
    count = sum(len(plane.cells()[0]) for plane in target.planes)
    found = [
        worded(words.tasks, kind, count).format(
            name=target.name, cells=cells, first=first, goal=words.words["goal"],
            layer=network.names[stage.last], count=count,
        )
    ]  # fmt: skip
    found += [words.of_layer(one) for one in network.layers[stage.first : stage.last + 1]]
    if kind == "parameters":
        return [*found, *kernel_hint(papers, target, hint)]
    tree = target.blocks[0].block.tree
    read = list(dict.fromkeys(area.name for area in areas_of(tree)))
    found.append(words.tasks["reads"].format(first=first, reads=words.listed(read)))
    if hint == "example":
        cell, value = _example(papers.sheet, target.planes[0])
        found.append(words.tasks["example"].format(first=a1_name(cell), value=f"{value:.4g}"))
    if hint == "formula":
        found.append(words.tasks["formula"].format(first=first, formula=render(tree)))
    return found


def _example(sheet: Sheet, plane: Plane) -> tuple[Cell, float]:
    """Return the cell of a plane that has the largest number, and that."""
    rows, columns = plane.cells()
    numbers = numbers_in(plane, sheet)
    at = int(np.abs(numbers).argmax())
    return (int(rows[at]), int(columns[at])), float(numbers[at])


def _corners(area: Range) -> list[tuple[int, int]]:
    return [(row, column) for row in (area.top, area.bottom) for column in (area.left, area.right)]
