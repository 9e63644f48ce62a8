"""Rows and columns that were inserted through everything: one cause of very many wrong cells.

A blank line within windows is one that was inserted where, without it, the whole file would
be verified; where that is not so, nothing is said. One that no reference goes over, and that a
plane was parted by, changes nothing: every formula reads the same cells. Changes no workbook.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np
from msgspec import Struct

from xlconv.arrays import Index
from xlconv.errors import FormulaError, XlconvError
from xlconv.layers.base.shapes import by_size
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.blocks.reach import sheet_of
from xlconv.spreadsheet.formula import areas_of, corners, references
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.lines import Lines, without_lines
from xlconv.verification.findings import Finding, Severity
from xlconv.verification.report import Report

# Lines inserted at so many places are looked for; more are how a sheet looks.
_MOST_PLACES = 4
_MOST_SAID = 2
_LARGEST = 300_000  # formulas: all of them are worked out once more

# What gives another cell, or number, where a line more stands between.
_COUNTING = re.compile(
    r"\b(?:OFFSET|INDIRECT|ROWS?|COLUMNS?|ADDRESS|CELL)\(|\)\s*:|:\s*[A-Z]+\(", re.I
)

Window = tuple[int, int, int, int, int]  # sheet, top, left, bottom, right


class Inserted(Struct, frozen=True):
    """A finding for every place where lines do harm, and the report without all those lines."""

    findings: tuple[Finding, ...]
    without: Report

    @property
    def is_harmless(self) -> bool:
        """Whether every formula computes the same with the lines as without."""
        return not self.findings


def inserted_lines(
    book: LiftedWorkbook, report: Report, checked: Callable[[LiftedWorkbook], Report]
) -> Inserted | None:
    """Return where lines were inserted, None where it is not certain that they were.

    `report` is of the workbook as it is, `checked` verifies another; the lines are the cause
    where, without them, it is verified.
    """
    if sum(int(sheet.is_formula.sum()) for sheet in book.workbook.sheets) > _LARGEST:
        return None
    windows = _windows(book)
    for some in _suspects(book, windows):
        if not _may_follow(book, report, some):
            continue
        other = without_lines(book.workbook, some)
        try:
            without = None if other is None else checked(lift_workbook(other, book.path))
        except XlconvError:
            continue
        if without is not None and without.verdict == "verified":
            harmful = [one for one in some if len(_over(one, windows)) or _counts_lines(book)]
            return Inserted(tuple(_finding(book, one, windows) for one in harmful), without)
    return None


def _may_follow(book: LiftedWorkbook, report: Report, lines: Sequence[Lines]) -> bool:
    """Whether all that is wrong may follow from some lines: what does not stays wrong without.

    What is said of whole layers and tensors may follow from any line.
    """
    errors = [one for one in report.findings if one.root and one.severity is Severity.ERROR]
    return any(one.code[0] != "S" for one in errors) or all(
        _is_touched(book, one, lines) for one in errors
    )


def _is_touched(book: LiftedWorkbook, one: Finding, lines: Sequence[Lines]) -> bool:
    """Whether a wrong cell stands on one of the lines, reads over one, or asks where it stands."""
    number = next(k for k, sheet in enumerate(book.workbook.sheets) if sheet.name == one.sheet)
    cell = parse_a1(one.first_cell)
    here = [line for line in lines if line.sheet == number]
    if any(line.first <= cell[line.axis] < line.end for line in here):
        return True
    text = book.workbook.sheets[number].formula(cell)
    if text is None:
        return False
    try:
        areas = list(areas_of(parse(text)))
    except FormulaError:
        return True
    return bool(_COUNTING.search(text)) or any(
        (area.top, area.left)[line.axis] < line.first
        and line.end <= (area.bottom, area.right)[line.axis]
        for line in lines
        for area in areas
    )


def _suspects(book: LiftedWorkbook, windows: Index) -> list[list[Lines]]:
    """Return which lines may have been inserted together, the likeliest first."""
    named = [
        (number, area.top, area.left, area.bottom, area.right)
        for number, sheet in enumerate(book.workbook.sheets)
        for _, areas in book.workbook.names
        for home, area in areas
        if home == sheet.name
    ]
    both = np.concatenate([windows, np.array(named, np.int64).reshape(-1, 5)])
    read, every = list(_blank_lines(book, windows)), list(_blank_lines(book, both))
    tried = [read, every, *([one] for one in every[:_MOST_PLACES])]
    distinct = [one for k, one in enumerate(tried) if one not in tried[:k]]
    return [one for one in distinct if 0 < len(one) <= _MOST_PLACES]


def _counts_lines(book: LiftedWorkbook) -> bool:
    """Whether a formula may ask on which line it is, or reads so many lines from there."""
    return any(
        _COUNTING.search(sheet.texts[index])
        for sheet in book.workbook.sheets
        for index in np.flatnonzero(sheet.is_formula).tolist()
    )


def _windows(book: LiftedWorkbook) -> Index:
    """Return every range of several cells that a formula refers to, once: (ranges, 5)."""
    found: set[Window] = set()
    for block in book.calculation.blocks:
        i, j = np.nonzero(block.mask)
        trees = (one for one in (block.tree, block.written) if one is not None)
        for one in (each for tree in trees for each in references(tree)):
            first, last = corners(one)
            if first is last:
                continue
            ends = [
                axis.offset + axis.by_row * i + axis.by_column * j
                for axis in (first.row, first.column, last.row, last.column)
            ]
            sheet = np.full(len(i), sheet_of(one, block.sheet))
            found.update(map(tuple, np.stack([sheet, *ends], axis=1).tolist()))
    return np.array(sorted(found), np.int64).reshape(-1, 5)


def _blank_lines(book: LiftedWorkbook, windows: Index) -> Iterator[Lines]:
    """Yield blank lines, those next to each other as one, that lie within a window."""
    for number, sheet in enumerate(book.workbook.sheets):
        own = windows[windows[:, 0] == number]
        for axis, lines in enumerate((sheet.rows, sheet.columns)):
            blank = np.ones(int(lines.max(initial=-1)) + 1, np.bool_)
            blank[lines] = False
            # How many windows have a line between their first and their last.
            inside = np.zeros(len(blank) + 1, np.int64)
            top, bottom = own[:, 1 + axis] + 1, own[:, 3 + axis]
            is_on = (bottom > top) & (top < len(blank))
            np.add.at(inside, top[is_on], 1)
            np.add.at(inside, np.minimum(bottom[is_on], len(blank)), -1)
            within = np.flatnonzero(blank & (np.cumsum(inside)[:-1] > 0)).tolist()
            for _, run in groupby(enumerate(within), lambda both: both[1] - both[0]):
                some = [line for _, line in run]
                yield Lines(number, axis, some[0], len(some))


def _finding(book: LiftedWorkbook, one: Lines, windows: Index) -> Finding:
    sheet = book.workbook.sheets[one.sheet]
    area = one.range_on(sheet)
    verb = "was" if one.count == 1 else "were"
    message = f"{one.title} {verb} inserted: {_larger(one, windows)}"
    cell, found = a1_name((area.top, area.left)), f"{one.title}, blank"
    return Finding("G405", sheet.name, cell, message, found, "no such line", area.name)


def _larger(one: Lines, windows: Index) -> str:
    """Return which windows became larger: `26 windows became 4×3`, those of most cells first."""
    sizes = Counter(_sizes(_over(one, windows)))
    told = sizes.most_common(_MOST_SAID)
    said = [
        f"{f'{count:,}' if k else counted(count, 'window')} became {by_size(size)}"
        for k, (size, count) in enumerate(told)
    ]
    left = sizes.total() - sum(count for _, count in told)
    said += [f"{left:,} more became larger"] if left else []
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def _over(one: Lines, windows: Index) -> Index:
    """Return the windows that go over some lines."""
    top, bottom = windows[:, 1 + one.axis], windows[:, 3 + one.axis]
    over: Index = windows[(windows[:, 0] == one.sheet) & (top < one.first) & (bottom >= one.end)]
    return over


def _sizes(windows: Index) -> Sequence[tuple[int, int]]:
    heights = windows[:, 3] - windows[:, 1] + 1
    widths = windows[:, 4] - windows[:, 2] + 1
    return list(zip(heights.tolist(), widths.tolist(), strict=True))
