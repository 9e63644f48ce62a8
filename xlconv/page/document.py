"""What the page knows of a workbook, as JSON: the one place where its form is said.

    version    1
    title      the file's name
    sheets     name, size, and runs of cells: [row, column, [values]]; an error is [code]
    blocks     sheet, origin, shape and step of a lattice; `tree` as `spreadsheet/formula/listed.py`
               says; `without` the places that are not its own; is_array, spills, is_random;
               `kept` says why the stored values stay
    order      numbers of blocks as they are calculated; several together read each other
    tensors    what has cells in the networks: names, shape, planes, sources, layers, parameters
    layers     how many the networks have, of which some may not be shown
    intended   who says where the tensors stand, "" where the formulas themselves do
    choices    cells in which a kernel is chosen by its name
    ties       weights that are shared: sheet, the cell of the number, those that show it
    colours    the sheet's: of the input, the stages, signs, channels and shared weights
    findings   code, name, severity, sheet, cell, message, found, expected, count, root, and
               `area`: top, left, bottom, right of the cells that it is about
    summary    verdict, verified and connected cells
    samples    pictures for the input, by their titles
    names      defined names: [name, sheet, top, left, bottom, right]

Rows and columns are zero-based. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from xlconv.arrays import Array
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.page.cells import blocks_json, sheet_json
from xlconv.page.colours import colours_json
from xlconv.page.intended import intended_tensors
from xlconv.page.part import Part, part_of, whole
from xlconv.page.tensors import choices_json, chosen, tensors_json, ties_json
from xlconv.presets.data import DIGIT_SIDE, sample_digit
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention
from xlconv.verification.report import Report

VERSION = 1

Json = dict[str, Any]


def document_of(
    book: LiftedWorkbook,
    report: Report | None = None,
    layers: Sequence[str] | None = None,
    intentions: Sequence[Intention] = (),
) -> Json:
    """Return the document of a workbook, with what verification found.

    Of all layers those that `layers` names; where there are `intentions`, theirs and not
    those that its formulas spell. Raises InputError for one that is not there, and
    ReadError where it is too large for a page.
    """
    every = intended_tensors(intentions) if intentions else tensors_json(book)
    tensors = every if layers is None else chosen(every, layers, book.path)
    part = whole(book) if layers is None else part_of(book, tensors, ", ".join(layers))
    sheets = zip(book.workbook.sheets, part.cells, strict=True)
    return {
        "version": VERSION,
        "title": PurePath(book.path).name,
        "sheets": [sheet_json(sheet, cells) for sheet, cells in sheets],
        **blocks_json(book.calculation, part),
        "tensors": tensors,
        "layers": sum(len(one["layers"]) for one in every),
        "intended": intentions[0].origin.value if intentions else "",
        "choices": choices_json(book, part),
        "ties": ties_json(book),
        "colours": colours_json(),
        "samples": _samples(tensors),
        "names": _names(book.workbook),
        **({} if report is None else _verified(book, report, part)),
    }


def _verified(book: LiftedWorkbook, report: Report, part: Part) -> Json:
    sheets = {sheet.name: number for number, sheet in enumerate(book.workbook.sheets)}
    return {
        "findings": [_finding(one, sheets, book.workbook, part) for one in report.findings],
        "summary": {
            "verdict": report.verdict, "formulas": report.formulas,
            "verified": report.verified, "connected": report.connected,
            "knock_on": report.knock_on, "against": report.against,
        },
    }  # fmt: skip


def _finding(one: Finding, sheets: Mapping[str, int], workbook: Workbook, part: Part) -> Json:
    sheet, cell, message = sheets.get(one.sheet, 0), None, one.message
    try:
        cell = parse_a1(one.cell)
    except ValueError:
        pass
    else:
        stands = workbook.sheets[sheet].find(cell) is not None
        if stands and not part.has(workbook, sheet, cell):
            cell, message = None, f"{one.cell}: {message}"
    return {
        "code": one.code, "name": one.name, "severity": one.severity.value,
        "sheet": sheet, "cell": None if cell is None else list(cell), "message": message,
        "found": one.found, "expected": one.expected, "count": one.count, "root": one.root,
        "area": None if cell is None else _area(one),
    }  # fmt: skip


def _area(one: Finding) -> list[int] | None:
    """Return where many cells are; the block of a single cell is more than that cell."""
    if one.count == 1 or not one.block:
        return None
    first, _, last = one.block.partition(":")
    try:
        return [*parse_a1(first), *parse_a1(last or first)]
    except ValueError:
        return None


def _names(workbook: Workbook) -> list[list[Any]]:
    places = {sheet.name: number for number, sheet in enumerate(workbook.sheets)}
    return [
        [name, places[ranges[0][0]], *_corners(ranges[0][1])]
        for name, ranges in workbook.names
        if ranges and ranges[0][0] in places
    ]


def _corners(area: Range) -> tuple[int, int, int, int]:
    return area.top, area.left, area.bottom, area.right


def _samples(tensors: list[Json]) -> list[Json]:
    """Return the sample digits where the first input takes them."""
    inputs = [one["shape"] for one in tensors if one["is_input"]]
    shape = inputs[0] if inputs else []
    if len(shape) != 3 or shape[0] != 1 or shape[1] != shape[2] or shape[1] < DIGIT_SIDE:
        return []
    return [
        {"title": str(digit), "side": DIGIT_SIDE, "hundredths": _hundredths(sample_digit(digit))}
        for digit in range(10)
    ]


def _hundredths(picture: Array) -> list[int]:
    return [int(one) for one in np.round(picture * 100).ravel()]
