"""A copy of a workbook with every finding marked: a coloured cell and a comment.

By openpyxl, which drops cached values: they are put back as the file had them, so that
the copy shows, and verifies as, what the workbook did. Colour scales, data bars and
fills by rule would hide the colour: the marked cells are taken out of their ranges.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.translate import Translator
from openpyxl.styles import PatternFill
from openpyxl.utils.exceptions import InvalidFileException

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.restore import restore_values
from xlconv.verification.findings import Finding, Severity

_COLORS = {
    Severity.ERROR: "FFF87171", Severity.WARNING: "FFFCD34D",
    Severity.UNVERIFIED: "FFFDE68A", Severity.INFO: "FFBAE6FD",
}  # fmt: skip
_LONGEST = 2000
_SCALES = {"colorScale", "dataBar"}

# Cells that are cut out of one format's ranges; each leaves up to three pieces more.
_MOST_CUT = 300


def annotate(
    source: Path,
    target: Path,
    findings: list[Finding],
    workbook: Workbook,
    *,
    replace: bool = False,
    tinted: Mapping[str, Mapping[Cell, Severity]] = MappingProxyType({}),
    bare: bool = False,
) -> list[str]:
    """Write a copy of `source` with the findings marked, and the values that `workbook` read.

    `tinted` are further cells, by sheet, that are coloured and have nothing said of them. `bare`
    comments are the findings' messages alone, without code and name.

    Returns a line for every range that had more findings than can be cut out of its
    format, which was left out. Raises FileError where openpyxl cannot load the workbook,
    or the target exists.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that openpyxl leaves out
            loaded = openpyxl.load_workbook(source, keep_vba=source.suffix.lower() == ".xlsm")
    except (InvalidFileException, KeyError, ValueError, TypeError, OSError) as error:
        raise FileError(f"{source}: cannot be annotated: {error}") from None
    marked: dict[str, set[Cell]] = {}
    for (sheet, cell), some in _by_cell(findings):
        marked.setdefault(sheet, set()).add(_mark(loaded[sheet], cell, some, bare=bare))
    for name, colors in tinted.items():
        own = marked.setdefault(name, set())
        for place in colors.keys() - own:
            _tint(loaded[name], a1_name(place), colors[place])
        own.update(colors)
    remarks = [line for name, cells in marked.items() for line in _uncover(loaded[name], cells)]
    with whole_file(target, replace=replace) as temporary, tempfile.TemporaryDirectory() as folder:
        without = Path(folder) / "without-values.xlsx"
        loaded.save(without)
        # Chart sheets aside, openpyxl and the reader have the sheets in the same order.
        parts = (sheet.path.lstrip("/") for sheet in loaded.worksheets)
        restore_values(without, temporary, dict(zip(parts, workbook.sheets, strict=True)))
    return remarks


def _mark(sheet: Any, name: str, some: list[Finding], *, bare: bool) -> Cell:
    """Colour and comment a cell, of merged cells the first; return which it was."""
    place = sheet[name]
    if isinstance(place, MergedCell):
        (area,) = (one for one in sheet.merged_cells.ranges if name in one)
        place = sheet.cell(area.min_row, area.min_col)
    place.fill = PatternFill("solid", fgColor=_COLORS[some[0].severity])
    heads = ["" if bare else f"{one.severity} {one.code} {one.name}: " for one in some]
    lines = [f"{head}{one.message}" for head, one in zip(heads, some, strict=True)]
    if place.comment is not None:
        lines.append(place.comment.text)
    place.comment = Comment("\n".join(lines)[:_LONGEST], "xlconv", width=360, height=120)
    return parse_a1(place.coordinate)


def _tint(sheet: Any, name: str, severity: Severity) -> None:
    place = sheet[name]
    if not isinstance(place, MergedCell):
        place.fill = PatternFill("solid", fgColor=_COLORS[severity])


def _uncover(sheet: Any, marked: set[Cell]) -> Iterator[str]:
    """Take the marked cells out of the formats that would paint over them."""
    kept = ConditionalFormattingList()
    for group in sheet.conditional_formatting:
        areas = [_range(one) for one in group.sqref.ranges]
        hidden = [cell for cell in marked if any(one.holds(Range(*cell, *cell)) for one in areas)]
        painting = [rule for rule in group.rules if _paints(rule)] if hidden else []
        for rule in group.rules:
            if rule not in painting:
                kept.add(str(group.sqref), rule)
        if painting and len(hidden) > _MOST_CUT:
            yield (
                f"{sheet.title}!{group.sqref}: {len(hidden):,} findings; "
                "its colours by value are left out of the copy"
            )
            continue
        rest = _without(areas, hidden) if painting else []
        for rule in painting if rest else ():
            kept.add(" ".join(one.name for one in rest), _moved(rule, areas, rest))
    sheet.conditional_formatting = kept


def _range(cells: Any) -> Range:
    left, top, right, bottom = cells.bounds
    return Range(top - 1, left - 1, bottom - 1, right - 1)


def _paints(rule: Any) -> bool:
    return rule.type in _SCALES or (rule.dxf is not None and rule.dxf.fill is not None)


def _moved(rule: Any, before: list[Range], after: list[Range]) -> Any:
    """Return a rule for other ranges: its formulas are relative to their first cell."""
    first, then = _first(before), _first(after)
    if not rule.formula or first == then:
        return rule
    moved = copy(rule)
    moved.formula = [
        Translator(f"={one}", origin=first).translate_formula(then)[1:] for one in rule.formula
    ]
    return moved


def _first(areas: list[Range]) -> str:
    return a1_name((min(one.top for one in areas), min(one.left for one in areas)))


def _without(areas: list[Range], cells: Iterable[Cell]) -> list[Range]:
    """Return ranges that cover the same cells but some."""
    rest = areas
    for cell in cells:
        hole = Range(*cell, *cell)
        rest = [
            piece for one in rest for piece in (_around(one, cell) if one.holds(hole) else (one,))
        ]
    return rest


def _around(area: Range, cell: Cell) -> Iterator[Range]:
    row, column = cell
    if row > area.top:
        yield Range(area.top, area.left, row - 1, area.right)
    if column > area.left:
        yield Range(row, area.left, row, column - 1)
    if column < area.right:
        yield Range(row, column + 1, row, area.right)
    if row < area.bottom:
        yield Range(row + 1, area.left, area.bottom, area.right)


def _by_cell(findings: list[Finding]) -> Iterator[tuple[tuple[str, str], list[Finding]]]:
    def place(one: Finding) -> tuple[str, str]:
        return one.sheet, one.first_cell

    ranks = list(Severity)
    roots = [one for one in findings if one.root]
    order = sorted(roots, key=lambda one: (*place(one), ranks.index(one.severity)))
    for key, some in groupby(order, key=place):
        yield key, list(some)
