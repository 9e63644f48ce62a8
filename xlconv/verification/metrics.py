"""Cells that tell of tensors and layers: statistics of their numbers, rules of their sizes."""

from __future__ import annotations

from collections.abc import Iterator

from xlconv.layout.metric_cells import MetricCell
from xlconv.layout.metric_names import metric_title, named_ranges
from xlconv.lifting.annotations import AnnotatedNetwork, metrics_of
from xlconv.spreadsheet.addresses import Cell, a1_name
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import render
from xlconv.spreadsheet.formula.equivalence import is_same_formula
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.patterns import what_stands


def check_metrics(facts: Facts) -> list[Finding]:
    """Answer for all cells that have the name of a measure; return what is wrong in them.

    They are marked as measured before anything else is checked: what looks like a block
    of them is none.
    """
    book = facts.calculation.workbook
    sheets = [sheet.name for sheet in book.sheets]
    facts.metric_cells = {
        (sheets.index(home), (area.top, area.left + k))
        for home, area in named_ranges(book.names).values()
        if home in sheets
        for k in range(area.size[1])
    }
    left = set(facts.metric_cells)
    found: list[Finding] = []
    for sheet, name, cell in metrics_of(book, _networks(facts)):
        if (sheet, cell.cell) in left:
            left.remove((sheet, cell.cell))
            found += _measure(facts, sheet, cell, name)
    found += _unknown(facts, sorted(left))
    return found


def _networks(facts: Facts) -> Iterator[AnnotatedNetwork]:
    """Yield networks, each with its sheet, and the planes and values of its tensors.

    First those that the file says to be, where others were found.
    """
    known = {place: facts.values.get(k) for k, place in enumerate(_places(facts))}
    for said in facts.declarations:
        planes = [place.planes for place in said.layout.places]
        values = [known.get((said.number, one)) for one in planes]
        yield AnnotatedNetwork(said.network, said.number, planes, values)
    for model in facts.networks:
        values = [facts.values.get(place) for place in model.tensors]
        yield AnnotatedNetwork(model.network, model.sheet, model.planes(facts.lifted), values)


def _places(facts: Facts) -> list[tuple[int, tuple[Plane, ...]]]:
    return [(tensor.sheet, tensor.planes) for tensor in facts.lifted.tensors]


def _unknown(facts: Facts, left: list[tuple[int, Cell]]) -> Iterator[Finding]:
    for number, place in left:
        sheet = facts.calculation.workbook.sheets[number]
        index = sheet.find(place)
        if index is not None and sheet.is_formula[index]:
            message = "it has the name of a measure, but there is no such tensor or layer"
            yield Finding("L601", sheet.name, a1_name(place), message)


def _measure(facts: Facts, number: int, cell: MetricCell, name: str) -> Iterator[Finding]:
    sheet, place = facts.calculation.workbook.sheets[number], a1_name(cell.cell)
    index = sheet.find(cell.cell)
    what = metric_title(name, cell.what)
    if isinstance(cell.content, float | int):
        found = None if index is None else facts.calculation.grids[number].numbers[index]
        if index is None or sheet.kinds[index] != Kind.NUMBER or found != cell.content:
            said = "blank" if index is None else _held(sheet, index)
            message = f"{said}; {what} is {cell.content:g}"
            yield Finding("G404", sheet.name, place, message, said, f"{cell.content:g}")
        return
    expected = f"={render(cell.content)}"
    code, said = what_stands(sheet, -1 if index is None else index)
    if code == "S201" and index is not None:
        if is_same_formula(sheet.texts[index], render(cell.content)):
            facts.network_values[number][index] = cell.value
            return
        said = f"={said}"
    if index is not None:
        facts.wrong[number][index] = True
    message = f"{said}; expected {expected}, {what}"
    yield Finding(code, sheet.name, place, message, said, expected, place)


def _held(sheet: Sheet, index: int) -> str:
    """Return what a cell holds where a number is written down."""
    if sheet.is_formula[index]:
        return f"={sheet.texts[index]}"
    if sheet.kinds[index] == Kind.TEXT:
        return repr(sheet.texts[index])
    return f"{sheet.numbers[index]:.10g}"
