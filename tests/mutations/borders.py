"""Faults around planes: the frames of zeros or texts, and borders that repeat a plane."""

from __future__ import annotations

import random

from tests.mutations.cells import pasted
from tests.mutations.choosing import cell_in, kind, pointing_beside
from tests.mutations.subject import Fault, Subject
from xlconv.lifting.matching.tensors import Repeated, Tensor
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind


def _border_cell(s: Subject, rng: random.Random) -> tuple[Cell, Tensor, Repeated] | None:
    found = [(t, one) for t in s.report.lifted.tensors if t.sheet == 0 for one in t.border]
    if not found:
        return None
    tensor, one = rng.choice(found)
    return cell_in(one.lattice, rng), tensor, one


@kind
def border_of_a_neighbour(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    return None if found is None else s.rewritten(found[0], pointing_beside(s.text(found[0]), rng))


@kind
def border_of_another_plane(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    if found is None:
        return None
    cell, tensor, one = found
    others = [each for each in tensor.border if each.plane != one.plane]
    if not others:
        return None
    other = cell_in(rng.choice(others).lattice, rng)
    return s.rewritten(cell, s.text(other))


@kind
def border_pasted(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    return None if found is None else pasted(s, found[0])


@kind
def border_zero(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    if found is None:
        return None
    return Fault({found[0]: (Kind.NUMBER, 0.0, "")}, found[0], ("S202",))


@kind
def border_blank(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    return None if found is None else Fault({found[0]: None}, found[0], ("S203",))


@kind
def border_with_a_factor(s: Subject, rng: random.Random) -> Fault | None:
    found = _border_cell(s, rng)
    return None if found is None else s.rewritten(found[0], s.text(found[0]) + "*0.9")


def _frame_cell(s: Subject, rng: random.Random, kind_: Kind) -> Cell | None:
    """Return a cell that windows reach beyond a plane, and that holds a zero or a text."""
    cells = []
    for tensor in s.tensors:
        for one in tensor.overhangs:
            if one.fill not in ("zeros", "text"):
                continue
            (sr, sc), area = one.plane.step, one.cells
            shape = (area.bottom - area.top) // sr + 1, (area.right - area.left) // sc + 1
            cells.append(Plane((area.top, area.left), shape, (sr, sc)))
    planes = [one for one in cells if s.cells.get(one.origin, (0,))[0] == kind_]
    return cell_in(rng.choice(planes), rng) if planes else None


@kind
def frame_number(s: Subject, rng: random.Random) -> Fault | None:
    cell = _frame_cell(s, rng, Kind.NUMBER)
    if cell is None:
        return None
    return Fault({cell: (Kind.NUMBER, 0.25, "")}, cell, ("G403", "S202"))


@kind
def frame_blank(s: Subject, rng: random.Random) -> Fault | None:
    cell = _frame_cell(s, rng, rng.choice((Kind.NUMBER, Kind.TEXT)))
    return None if cell is None else Fault({cell: None}, cell, ("G403", "T301"))


@kind
def frame_text_for_zero(s: Subject, rng: random.Random) -> Fault | None:
    cell = _frame_cell(s, rng, Kind.NUMBER)
    if cell is None:
        return None
    return Fault({cell: (Kind.TEXT, 0.0, "0")}, cell, ("T302",))


@kind
def frame_number_for_text(s: Subject, rng: random.Random) -> Fault | None:
    cell = _frame_cell(s, rng, Kind.TEXT)
    if cell is None:
        return None
    return Fault({cell: (Kind.NUMBER, 0.0, "")}, cell, ("G403", "S202"))


@kind
def frame_formula(s: Subject, rng: random.Random) -> Fault | None:
    cell = _frame_cell(s, rng, rng.choice((Kind.NUMBER, Kind.TEXT)))
    if cell is None:
        return None
    text = s.text(rng.choice(s.tensors).planes[0].origin)
    return Fault({cell: (Kind.FORMULA, 0.0, text)}, cell, ("S201", "G403"))
