"""Faults of what a cell holds: pasted numbers, blanks, texts, and values that are stale."""

from __future__ import annotations

import random

from tests.mutations.choosing import any_cell, cell_in, in_layer, kind
from tests.mutations.subject import Fault, Subject, contents, rebuilt, refreshed
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.workbook import Kind

in_layer("rounded", lambda text, rng: f"ROUND({text},2)")
in_layer("hidden_factor", lambda text, rng: f"{text}*1.0001")


@kind
def constant_right(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    return None if found is None else pasted(s, found[0])


@kind
def constant_wrong(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    return None if found is None else pasted(s, found[0], 0.5)


def pasted(s: Subject, cell: Cell, more: float = 0.0) -> Fault:
    """Return the fault of a number where a formula stood."""
    return Fault({cell: (Kind.NUMBER, s.cells[cell][1] + more, "")}, cell, ("S202",))


@kind
def hole(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    return None if found is None else Fault({found[0]: None}, found[0], ("S203",))


@kind
def text_number(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({cell: (Kind.TEXT, 0.0, str(s.cells[cell][1]))}, cell, ("T302", "S202"))


def _parameter_cell(s: Subject, rng: random.Random) -> Cell | None:
    """Return a cell of kernels, biases or other parameters that holds a number of its own."""
    tables = [p for t in s.tensors for group in t.kernels for p in group]
    tables += [p for t in s.tensors for p in t.biases]
    tables += [p for t in s.tensors for some in t.scalars.values() for p in some]
    if not tables:
        return None
    cell = cell_in(rng.choice(tables), rng)
    return None if s.is_formula(cell) else cell


@kind
def blank_parameter(s: Subject, rng: random.Random) -> Fault | None:
    cell = _parameter_cell(s, rng)
    if cell is None or _is_tied(s, cell):
        return None
    return Fault({cell: None}, cell, ("T301",))


@kind
def text_parameter(s: Subject, rng: random.Random) -> Fault | None:
    cell = _parameter_cell(s, rng)
    if cell is None or _is_tied(s, cell):
        return None
    return Fault({cell: (Kind.TEXT, 0.0, str(s.cells[cell][1]))}, cell, ("T302",))


def _is_tied(s: Subject, cell: Cell) -> bool:
    return s.name == "matmul" and cell[1] > 8


@kind
def blank_pixel(s: Subject, rng: random.Random) -> Fault | None:
    plane = rng.choice(s.inputs)
    if min(plane.shape) < 3:
        return None
    cell = plane.cell(rng.randrange(1, plane.shape[0] - 1), rng.randrange(1, plane.shape[1] - 1))
    return Fault({cell: None}, cell, ("T301",))


@kind
def text_pixel(s: Subject, rng: random.Random) -> Fault | None:
    plane = rng.choice(s.inputs)
    if min(plane.shape) < 3:
        return None
    cell = plane.cell(rng.randrange(1, plane.shape[0] - 1), rng.randrange(1, plane.shape[1] - 1))
    return Fault({cell: (Kind.TEXT, 0.0, "0.5")}, cell, ("T302",))


@kind
def stale(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None:
        return None
    cell = found[0]
    return Fault({}, cell, ("V101",), False, {cell: s.cells[cell][1] + 1})


@kind
def stale_by_a_millionth(s: Subject, rng: random.Random) -> Fault | None:
    found = any_cell(s, rng)
    if found is None or s.cells[found[0]][1] == 0:
        return None
    cell = found[0]
    return Fault({}, cell, ("V101",), False, {cell: s.cells[cell][1] * (1 + 1e-6)})


@kind
def changed_pixel_with_old_caches(s: Subject, rng: random.Random) -> Fault | None:
    first = next(t for t in s.tensors if s.report.lifted.tensors[t.source].source < 0)
    if any(name.startswith("sum_") for name in first.helpers):
        return None  # then the partial sums are stale, not what adds them up
    plane = s.report.lifted.tensors[first.source].planes[0]
    pixel = plane.cell(plane.shape[0] // 2, plane.shape[1] // 2)
    number = s.cells[pixel][1]
    # A cell that is not silenced by its ReLU must be stale, as one that reads the pixel.
    changed = {pixel: (int(Kind.NUMBER), number + 3.0, "")}
    after = contents(refreshed(rebuilt(s, Fault(changed, pixel, (), False))).sheets[0])
    for p in first.planes:
        for i in range(p.shape[0]):
            for j in range(p.shape[1]):
                cell = p.cell(i, j)
                if abs(after[cell][1] - s.cells[cell][1]) > 1e-3:
                    return Fault(changed, cell, ("V101",), False)
    return None
