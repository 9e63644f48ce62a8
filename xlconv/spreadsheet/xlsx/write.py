"""Workbook + formatting -> .xlsx, by XlsxWriter.

Cells go out in bulk, row by row, straight from the sheet's arrays (`bulk_sheet`); what
is around and over them, names, sizes, colours and rules, is XlsxWriter's. The same
workbook gives the same bytes. Never computes a value.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.workbook import Sheet, Workbook
from xlconv.spreadsheet.xlsx.formatting import (
    MARGINS,
    PAPERS,
    CellStyle,
    DataValidation,
    Formatting,
    PageSetup,
)
from xlconv.spreadsheet.xlsx.writing.bulk_sheet import BulkSheet, painted_cells
from xlconv.spreadsheet.xlsx.writing.locked_book import LockedBook

# Excel's limit on one custom document property.
_PROPERTY_LENGTH = 255


def write_xlsx(
    workbook: Workbook,
    path: str | Path,
    *formatting: Formatting,
    replace: bool = False,
    lock: str | None = None,
) -> None:
    """Write a workbook to a file, whole or not at all.

    `formatting` is that of the sheets, in their order; with the password `lock`, a user has to
    give it before sheets can be shown, added or renamed. Raises FileError where the file exists
    and is not to be replaced, or cannot be written.
    """
    path = Path(path)
    with whole_file(path, replace=replace) as temporary:
        try:
            _write(workbook, temporary, formatting, lock)
        except XlsxWriterException as error:
            cause = error.args[0] if error.args else error
            raise FileError(f"{path}: {getattr(cause, 'strerror', cause)}") from None


def _write(
    workbook: Workbook, path: Path, formatting: tuple[Formatting, ...], lock: str | None
) -> None:
    book = xlsxwriter.Workbook(str(path)) if lock is None else LockedBook(str(path), lock)
    # A fixed date, so that the same workbook gives the same bytes.
    title = formatting[0].title if formatting else ""
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    for key, value in workbook.properties:
        for part in range(0, max(1, len(value)), _PROPERTY_LENGTH):
            name = key if part == 0 else f"{key}.{part // _PROPERTY_LENGTH}"
            book.set_custom_property(name, value[part : part + _PROPERTY_LENGTH], "text")
    for index, sheet in enumerate(workbook.sheets):
        target: BulkSheet = book.add_worksheet(sheet.name, worksheet_class=BulkSheet)
        _put(book, target, sheet, formatting[index] if index < len(formatting) else Formatting())
    for name, ranges in workbook.names:
        areas = ",".join(f"'{_quoted(sheet)}'!{area.absolute_name}" for sheet, area in ranges)
        book.define_name(name, f"={areas}")
    book.close()


def _quoted(sheet: str) -> str:
    return sheet.replace("'", "''")


def _put(book: Any, target: BulkSheet, sheet: Sheet, formatting: Formatting) -> None:
    formats = [_format(book, style) for style in formatting.canvas.styles]
    target.put(painted_cells(sheet, formatting), formats)
    target.hide_gridlines(2)
    if formatting.hidden:
        target.very_hidden()
    target.set_default_row(formatting.row_height * 0.75)
    last = int(sheet.columns.max()) if len(sheet) else 0
    target.set_column_pixels(0, last, formatting.column_width)
    for column, pixels in formatting.widths.items():
        target.set_column_pixels(column, column, pixels)
    target.freeze_panes(formatting.frozen_rows, 0)
    target.set_zoom(formatting.zoom)
    _set_pages(target, formatting.pages)
    _decorate(book, target, formatting)


def _set_pages(target: BulkSheet, pages: PageSetup) -> None:
    beside, above = MARGINS
    if pages.landscape:
        target.set_landscape()
    target.set_paper(PAPERS[pages.paper].number)
    target.set_margins(beside, beside, above, above)
    if pages.percent is None:
        target.fit_to_pages(1, 1)
        return
    target.set_print_scale(pages.percent)
    # XlsxWriter's own method takes one area; Excel prints each of several on pages of its own.
    home = f"'{_quoted(target.name)}'"
    target.print_area_range = ",".join(f"{home}!{area.absolute_name}" for area in pages.areas)
    target.repeat_rows(0)
    target.center_horizontally()
    target.set_footer("&L&A&R&P / &N", {"margin": above / 2})


def _format(book: Any, style: CellStyle) -> Any:
    sides = style.borders
    properties: dict[str, Any] = {
        "font_name": "Calibri",
        "font_size": style.size,
        "num_format": style.number_format,
        "align": style.align,
        "valign": "vcenter",
        "bold": style.bold,
        "italic": style.italic,
        "shrink": style.shrink,
    }
    return book.add_format(properties | _painted(style) | _bordered(sides))


def _painted(style: CellStyle) -> dict[str, Any]:
    properties = {"font_color": style.color, "bg_color": style.fill}
    return {key: value for key, value in properties.items() if value}


def _bordered(sides: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for side in ("top", "bottom", "left", "right"):
        if getattr(sides, side):
            properties |= {side: getattr(sides, side), f"{side}_color": sides.color}
    return properties


def _decorate(book: Any, target: BulkSheet, formatting: Formatting) -> None:
    for rule in formatting.conditional_formats:  # first, so that they win over the scales
        style = {"bold": rule.style.bold} | _painted(rule.style) | _bordered(rule.style.borders)
        options = {"type": "formula", "criteria": rule.formula, "format": book.add_format(style)}
        target.conditional_format(rule.range.name, options)
    for scale in formatting.scales:
        target.conditional_format(scale.ranges[0].name, _scale_options(scale.ranges, scale.points))
    for bar in formatting.bars:
        options = {
            "type": "data_bar", "bar_color": bar.color, "bar_solid": True,
            "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1,
        }  # fmt: skip
        target.conditional_format(bar.range.name, options)
    for note in formatting.comments:
        lines = note.text.count("\n") + 1
        size = {"x_scale": 2.4, "y_scale": max(0.6, 0.27 * lines), "font_size": 9}
        target.write_comment(a1_name(note.cell), note.text, {"author": "xlconv"} | size)
    for choice in formatting.validations:
        target.data_validation(a1_name(choice.cell), _choice_options(choice))
    if formatting.text_numbers:
        ranges = " ".join(area.name for area in formatting.text_numbers)
        target.ignore_errors({"number_stored_as_text": ranges})


def _choice_options(choice: DataValidation) -> dict[str, Any]:
    options = {
        "input_title": choice.title, "input_message": choice.hint, "error_title": choice.title,
    }  # fmt: skip
    if choice.options or choice.source:
        listed = f"={choice.source.absolute_name}" if choice.source else list(choice.options)
        return options | {
            "validate": "list", "source": listed,
            "error_message": "One of the names in the list",
        }  # fmt: skip
    kind, what = ("integer", "A whole number") if choice.whole else ("decimal", "A number")
    return options | {
        "validate": kind, "criteria": "between", "minimum": 0, "maximum": choice.last,
        "error_message": f"{what} from 0 to {choice.last:g}",
    }  # fmt: skip


def _scale_options(
    ranges: tuple[Range, ...], points: tuple[tuple[float | str, str], ...]
) -> dict[str, Any]:
    options: dict[str, Any] = {
        "type": f"{len(points)}_color_scale",
    }
    if len(ranges) > 1:
        options["multi_range"] = " ".join(area.name for area in ranges)
    ends = ("min", "mid", "max") if len(points) == 3 else ("min", "max")
    for end, (value, color) in zip(ends, points, strict=True):
        options[f"{end}_color"] = color
        options[f"{end}_type"] = "formula" if isinstance(value, str) else "num"
        options[f"{end}_value"] = value
    return options
