"""A copy of a workbook with every finding marked: a coloured cell and a comment.

By openpyxl, which keeps formulas but drops cached values: the copy is to look at,
and recalculates when it is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.exceptions import InvalidFileException

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.findings import Finding, Severity

_COLORS = {
    Severity.ERROR: "FFF87171", Severity.WARNING: "FFFCD34D",
    Severity.UNVERIFIED: "FFFDE68A", Severity.INFO: "FFBAE6FD",
}  # fmt: skip
_LONGEST = 2000


def annotate(source: Path, target: Path, findings: list[Finding], *, replace: bool = False) -> int:
    """Write a copy of `source` with the findings marked; return how many cells were.

    Raises FileError where openpyxl cannot load the workbook, or the target exists.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that openpyxl leaves out
            book = openpyxl.load_workbook(source, keep_vba=source.suffix.lower() == ".xlsm")
    except (InvalidFileException, KeyError, ValueError, TypeError, OSError) as error:
        raise FileError(f"{source}: cannot be annotated: {error}") from None
    marked = 0
    for (sheet, cell), some in _by_cell(findings):
        place = book[sheet][cell]
        place.fill = PatternFill("solid", fgColor=_COLORS[some[0].severity])
        text = "\n".join(f"{one.code} {one.name}: {one.message}" for one in some)
        place.comment = Comment(text[:_LONGEST], "xlconv", width=360, height=120)
        marked += 1
    with whole_file(target, replace=replace) as temporary:
        book.save(temporary)
    return marked


def _by_cell(findings: list[Finding]) -> Iterator[tuple[tuple[str, str], list[Finding]]]:
    def place(one: Finding) -> tuple[str, str]:
        return one.sheet, one.cell.partition(":")[0]

    ranks = list(Severity)
    roots = [one for one in findings if one.root]
    order = sorted(roots, key=lambda one: (*place(one), ranks.index(one.severity)))
    for key, some in groupby(order, key=place):
        yield key, list(some)
