"""Faults in what no layer writes: tied weights, drop-downs, agreement cells, measures."""

from __future__ import annotations

import random
import re

from tests.mutations.cells import pasted
from tests.mutations.choosing import (
    Change,
    cell_in,
    kind,
    named,
    pointing_beside,
    replacing,
    shorter,
)
from tests.mutations.subject import Fault, Subject
from xlconv.layout.links import KernelMenu, TiedCell
from xlconv.layout.metric_names import named_ranges
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind

# -- tied weights, and the cell that says whether two roads agree --------------------------


def _ties(s: Subject) -> list[TiedCell]:
    return [one.what for one in s.report.lifted.links if isinstance(one.what, TiedCell)]


def _zeros(s: Subject) -> list[Cell]:
    """Return the cells of a matrix of tied weights that show none."""
    tied = {tie.cell for tie in _ties(s)}
    found: list[Cell] = []
    for tensor in s.tensors:
        planes = [plane for group in tensor.kernels for plane in group]
        cells = [(r, c) for p in planes for r, c in zip(*map(list, p.cells()), strict=True)]
        if tied.intersection(cells):
            found += [(int(r), int(c)) for r, c in cells if (r, c) not in tied]
    return found


@kind
def tie_to_another_weight(s: Subject, rng: random.Random) -> Fault | None:
    ties = _ties(s)
    if not ties:
        return None
    tie = rng.choice(ties)
    other = rng.choice([one.number for one in ties if one.number != tie.number])
    return s.rewritten(tie.cell, a1_name(other, absolute=True))


@kind
def tie_to_elsewhere(s: Subject, rng: random.Random) -> Fault | None:
    ties = _ties(s)
    if not ties:
        return None
    cell = rng.choice(ties).cell
    return s.rewritten(cell, pointing_beside(s.text(cell), rng))


@kind
def tie_with_a_factor(s: Subject, rng: random.Random) -> Fault | None:
    ties = _ties(s)
    if not ties:
        return None
    cell = rng.choice(ties).cell
    return s.rewritten(cell, s.text(cell) + rng.choice(["*2", "+0.1", "*1"]))


@kind
def tie_pasted(s: Subject, rng: random.Random) -> Fault | None:
    return pasted(s, rng.choice(_ties(s)).cell) if _ties(s) else None


@kind
def tie_zero(s: Subject, rng: random.Random) -> Fault | None:
    if not _ties(s):
        return None
    cell = rng.choice(_ties(s)).cell
    return Fault({cell: (Kind.NUMBER, 0.0, "")}, cell, ("S202",))


@kind
def tie_blank(s: Subject, rng: random.Random) -> Fault | None:
    if not _ties(s):
        return None
    cell = rng.choice(_ties(s)).cell
    return Fault({cell: None}, cell, ("T301", "S203"))


@kind
def number_for_zero(s: Subject, rng: random.Random) -> Fault | None:
    cells = _zeros(s)
    return pasted(s, rng.choice(cells), 0.5) if cells else None


@kind
def tie_for_zero(s: Subject, rng: random.Random) -> Fault | None:
    cells = _zeros(s)
    if not cells:
        return None
    cell, text = rng.choice(cells), s.text(rng.choice(_ties(s)).cell)
    return Fault({cell: (Kind.FORMULA, 0.0, text)}, cell, ("S201",))


@kind
def blank_for_zero(s: Subject, rng: random.Random) -> Fault | None:
    cells = _zeros(s)
    if not cells:
        return None
    cell = rng.choice(cells)
    return Fault({cell: None}, cell, ("T301",))


def _in_check(name: str, change: Change) -> None:
    def fault(s: Subject, rng: random.Random) -> Fault | None:
        compared = s.report.lifted.comparisons
        if not compared:
            return None
        cell = rng.choice(compared).comparison.cell
        return s.rewritten(cell, change(s.text(cell), rng))

    named(name, fault)


_in_check("agreement_of_less", shorter)
_in_check("agreement_of_others", pointing_beside)
_in_check("agreement_by_another_sum", replacing("SUMXMY2", "SUMX2MY2"))
_in_check("agreement_with_itself", replacing(r"\((.*?),.*", r"(\1,\1)"))


@kind
def agreement_pasted(s: Subject, rng: random.Random) -> Fault | None:
    compared = s.report.lifted.comparisons
    return pasted(s, rng.choice(compared).comparison.cell) if compared else None


# -- kernels chosen by name ----------------------------------------------------------------


def _menu_cell(s: Subject, rng: random.Random) -> Cell | None:
    planes = [one.what.plane for one in s.report.lifted.links if isinstance(one.what, KernelMenu)]
    return cell_in(rng.choice(planes), rng) if planes else None


def _in_menu(name: str, change: Change) -> None:
    def fault(s: Subject, rng: random.Random) -> Fault | None:
        cell = _menu_cell(s, rng)
        return None if cell is None else s.rewritten(cell, change(s.text(cell), rng))

    named(name, fault)


_in_menu("menu_of_less", shorter)
_in_menu("menu_of_others", pointing_beside)
_in_menu("menu_by_another_key", replacing(r"MATCH\(\$([A-Z]+)\$(\d+)", r"MATCH($\g<1>$\g<2>0"))
_in_menu("menu_without_exactness", replacing(r",0\)\)", "))"))
_in_menu("menu_by_bisection", replacing(r",0\)\)", ",1))"))
_in_menu("menu_with_a_factor", replacing(r"$", "*1"))


@kind
def menu_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cell = _menu_cell(s, rng)
    return None if cell is None else pasted(s, cell)


@kind
def menu_blank(s: Subject, rng: random.Random) -> Fault | None:
    cell = _menu_cell(s, rng)
    return None if cell is None else Fault({cell: None}, cell, ("S203", "T301"))


# -- statistics and sizes ------------------------------------------------------------------


def _metrics(s: Subject) -> list[Cell]:
    sheet = s.workbook.sheets[0].name
    areas = [area for home, area in named_ranges(s.workbook.names).values() if home == sheet]
    planes = [Plane((area.top, area.left), area.size) for area in areas]
    return [(int(r), int(c)) for plane in planes for r, c in zip(*plane.cells(), strict=True)]


def _in_measure(name: str, holding: str, change: Change) -> None:
    def fault(s: Subject, rng: random.Random) -> Fault | None:
        cells = [c for c in _metrics(s) if s.is_formula(c) and re.search(holding, s.text(c))]
        if not cells:
            return None
        cell = rng.choice(cells)
        return s.rewritten(cell, change(s.text(cell), rng))

    named(name, fault)


_in_measure("measure_of_less", ":", shorter)
_in_measure("measure_of_others", "", pointing_beside)
_in_measure("deviation_of_all", "STDEV", replacing("STDEV", "STDEVP"))
_in_measure("mean_summed", "^AVERAGE", replacing("AVERAGE", "SUM"))
_in_measure("share_of_another_number", "COUNTIF", replacing(r"COUNT\((.*)\)", r"(1+COUNT(\1))"))
_in_measure("another_threshold", "COUNTIF", replacing(r"0\.05\d*", "0.06"))
_in_measure("strictly_below", "COUNTIF", replacing("<=", "<"))
_in_measure("size_without_one", "INT", replacing(r"\+1$", ""))
_in_measure("size_rounded_up", "INT", replacing("INT", "ROUND"))
_in_measure("size_with_padding_off", "INT", replacing(r"\+", "-"))


@kind
def measure_pasted(s: Subject, rng: random.Random) -> Fault | None:
    cells = [cell for cell in _metrics(s) if s.is_formula(cell)]
    return pasted(s, rng.choice(cells)) if cells else None


@kind
def measure_blank(s: Subject, rng: random.Random) -> Fault | None:
    cells = [cell for cell in _metrics(s) if s.is_formula(cell)]
    if not cells:
        return None
    cell = rng.choice(cells)
    return Fault({cell: None}, cell, ("S203",))


@kind
def size_of_another_layer(s: Subject, rng: random.Random) -> Fault | None:
    cells = [cell for cell in _metrics(s) if cell in s.cells and s.cells[cell][0] == Kind.NUMBER]
    if not cells:
        return None
    cell = rng.choice(cells)
    return Fault({cell: (Kind.NUMBER, s.cells[cell][1] + 1, "")}, cell, ("G404",))
