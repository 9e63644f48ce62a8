"""Whether a fault is one: formulas before and after it, evaluated for drawn numbers.

Independent of the package: by the naive evaluator of the tests, cell by cell. What it
cannot evaluate counts as another function.
"""

from __future__ import annotations

import random
import re

from tests.helpers.evaluator import values_of
from tests.mutations.subject import Content, Fault, Subject
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.workbook import Kind

# A mask that is of another p shows only where a number is drawn in between.
_DRAWS = 40
_CLOSE = 1e-9


def is_other_function(subject: Subject, fault: Fault) -> bool:
    """Whether any formula gives other values after a fault, for drawn inputs and parameters.

    What changes no formula, but what is stored of one, is a fault of its own. What only reads
    a network without names, as the cell with the largest of its outputs, is no part of it:
    nothing says what such a cell should hold. And all units of a vector that changed places are
    its units in another order, each with its own weights: no cell of them is odd.
    """
    if not fault.refresh:
        return True
    if any(fault.changes.keys() == cells for cells in subject.units):
        return False
    if subject.readouts.issuperset(fault.changes):
        return False
    before, after = subject.cells, dict(subject.cells)
    for cell, content in fault.changes.items():
        after.pop(cell, None)
        if content is not None:
            after[cell] = content
    drawn = subject.numbers
    return any(_differ(before, after, drawn, seed) for seed in range(_DRAWS))


def _differ(
    before: dict[Cell, Content], after: dict[Cell, Content], drawn: dict[Cell, bool], seed: int
) -> bool:
    rng = random.Random(seed)
    numbers = {
        cell: rng.uniform(0.1, 0.9) if is_positive else rng.uniform(-1, 1)
        for cell, is_positive in sorted(drawn.items())
    }
    one, other = _values(before, numbers, seed), _values(after, numbers, seed)
    return any(
        (cell in one) != (cell in other) or not _close(one[cell], other[cell])
        for cell in one.keys() | other.keys()
    )


def _values(
    cells: dict[Cell, Content], numbers: dict[Cell, float], seed: int
) -> dict[Cell, float | str]:
    formulas, constants = {}, {}
    for cell, (kind, number, text) in cells.items():
        if kind in (Kind.FORMULA, Kind.ARRAY_FORMULA):
            own = random.Random(f"{cell} {seed}")  # the same in both, and of each cell its own
            formulas[cell] = re.sub(r"RAND\(\)", lambda _, own=own: repr(own.random()), text)
        elif kind == Kind.NUMBER:
            constants[cell] = numbers.get(cell, number)
        else:
            constants[cell] = text
    return values_of(formulas, constants)


def _close(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other and one != "?"
    return abs(one - other) <= _CLOSE * max(1.0, abs(one), abs(other))
