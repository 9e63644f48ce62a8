"""What the page knows of a workbook, as JSON: the one place where its form is said.

    version    1
    title      the file's name
    sheets     name, size, and runs of cells: [row, column, [values]]; an error is [code]
    blocks     sheet, origin, shape and step of a lattice; `tree` as `spreadsheet/formula/listed.py`
               says; `without` the places that are not its own; is_array, spills, is_random;
               `kept` says why the stored values stay
    order      numbers of blocks as they are calculated; several together read each other
    tensors    what has cells in the networks: names, shape, planes, sources, layers, parameters
    choices    cells in which a kernel is chosen by its name
    findings   code, name, severity, sheet, cell, message, found, expected, count, root
    summary    verdict, verified and connected cells
    samples    pictures for the input, by their titles
    names      defined names: [name, sheet, top, left, bottom, right]

Rows and columns are zero-based. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from xlconv.arrays import Array
from xlconv.errors import ReadError
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.page.cells import blocks_json, sheet_json
from xlconv.page.tensors import choices_json, tensors_json
from xlconv.presets.data import DIGIT_SIDE, sample_digit
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.findings import Finding
from xlconv.verification.report import Report

VERSION = 1

# More cells make a page that no browser likes.
MOST_CELLS = 300_000

# Sheets are held densely in the page: so much of one may be blank.
_LARGEST_AREA = 4_000_000

Json = dict[str, Any]


def document_of(book: LiftedWorkbook, report: Report | None = None) -> Json:
    """Return the document of a workbook, with what verification found.

    Raises ReadError where it is too large for a page.
    """
    _refuse_large(book)
    tensors = tensors_json(book)
    return {
        "version": VERSION,
        "title": PurePath(book.path).name,
        "sheets": [sheet_json(sheet) for sheet in book.workbook.sheets],
        **blocks_json(book.calculation),
        "tensors": tensors,
        "choices": choices_json(book),
        "samples": _samples(tensors),
        "names": _names(book.workbook),
        **({} if report is None else _verified(book, report)),
    }


def _refuse_large(book: LiftedWorkbook) -> None:
    cells = sum(map(len, book.workbook.sheets))
    if cells > MOST_CELLS:
        raise ReadError(f"{book.path}: {cells:,} cells; a page shows at most {MOST_CELLS:,}")
    for sheet, grid in zip(book.workbook.sheets, book.calculation.grids, strict=True):
        if (grid.used.bottom + 1) * (grid.used.right + 1) > _LARGEST_AREA:
            raise ReadError(
                f"{book.path}: the cells of {sheet.name!r} stand too far apart for a page"
            )


def _verified(book: LiftedWorkbook, report: Report) -> Json:
    sheets = {sheet.name: number for number, sheet in enumerate(book.workbook.sheets)}
    return {
        "findings": [_finding(one, sheets) for one in report.findings],
        "summary": {
            "verdict": report.verdict, "formulas": report.formulas,
            "verified": report.verified, "connected": report.connected,
            "knock_on": report.knock_on, "against": report.against,
        },
    }  # fmt: skip


def _finding(one: Finding, sheets: Mapping[str, int]) -> Json:
    try:
        cell: list[int] | None = list(parse_a1(one.cell))
    except ValueError:
        cell = None
    return {
        "code": one.code, "name": one.name, "severity": one.severity.value,
        "sheet": sheets.get(one.sheet, 0), "cell": cell, "message": one.message,
        "found": one.found, "expected": one.expected, "count": one.count, "root": one.root,
    }  # fmt: skip


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
    inputs = [one["shape"] for one in tensors if not one["sources"]]
    shape = inputs[0] if inputs else []
    if len(shape) != 3 or shape[0] != 1 or shape[1] != shape[2] or shape[1] < DIGIT_SIDE:
        return []
    return [
        {"title": str(digit), "side": DIGIT_SIDE, "hundredths": _hundredths(sample_digit(digit))}
        for digit in range(10)
    ]


def _hundredths(picture: Array) -> list[int]:
    return [int(one) for one in np.round(picture * 100).ravel()]
