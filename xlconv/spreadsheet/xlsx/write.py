"""Workbook + look -> .xlsx, by XlsxWriter.

Cells go out in bulk, row by row, straight from the sheet's arrays: every number in
the shortest text that reads back as the same float64 (XlsxWriter itself keeps 16
digits), every formula with its cached value. The same workbook gives the same
bytes. Never computes a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from xlconv.errors import FileError
from xlconv.files import whole_file
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range, a1_name, column_name
from xlconv.spreadsheet.formula import number_text
from xlconv.spreadsheet.workbook import Kind, Sheet, TextColumn, Workbook
from xlconv.spreadsheet.xlsx.formatting import CellStyle, DataValidation, Formatting

_BLANK = 0

# Excel's limit on one custom document property.
_PROPERTY_LENGTH = 255


def write_xlsx(
    workbook: Workbook, path: str | Path, *looks: Formatting, replace: bool = False
) -> None:
    """Write a workbook to a file, whole or not at all.

    `looks` dress the sheets, in their order. Raises FileError where the file exists and
    is not to be replaced, or cannot be written.
    """
    path = Path(path)
    with whole_file(path, replace=replace) as temporary:
        try:
            _write(workbook, temporary, looks)
        except XlsxWriterException as error:
            raise FileError(f"{path}: {error}") from None


def _write(workbook: Workbook, path: Path, looks: tuple[Formatting, ...]) -> None:
    book = xlsxwriter.Workbook(str(path))
    # A fixed date, so that the same workbook gives the same bytes.
    title = looks[0].title if looks else ""
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    for key, value in workbook.properties:
        for part in range(0, max(1, len(value)), _PROPERTY_LENGTH):
            name = key if part == 0 else f"{key}.{part // _PROPERTY_LENGTH}"
            book.set_custom_property(name, value[part : part + _PROPERTY_LENGTH], "text")
    for index, sheet in enumerate(workbook.sheets):
        target: _BulkSheet = book.add_worksheet(sheet.name, worksheet_class=_BulkSheet)
        _put(book, target, sheet, looks[index] if index < len(looks) else Formatting())
    for name, ranges in workbook.names:
        areas = ",".join(f"'{_quoted(sheet)}'!{area.absolute_name}" for sheet, area in ranges)
        book.define_name(name, f"={areas}")
    book.close()


def _quoted(sheet: str) -> str:
    return sheet.replace("'", "''")


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a sheet with those that are only painted, sorted by row and column."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    sources: NDArray[np.int64]  # the cell's index in the sheet's texts, -1 for none
    styles: NDArray[np.int32]  # -1 for none
    texts: TextColumn


class _BulkSheet(Worksheet):  # type: ignore[misc]
    """XlsxWriter's worksheet, with its rows written from arrays instead of cell objects."""

    def put(self, cells: _Cells, formats: list[Any]) -> None:
        self._cells, self._formats = cells, formats
        if len(cells.rows):
            self._check_dimensions(int(cells.rows[0]), int(cells.columns.min()))
            self._check_dimensions(int(cells.rows[-1]), int(cells.columns.max()))
        # Shared strings are numbered before any sheet is written.
        self._strings = {
            index: self.str_table._get_shared_string_index(cells.texts[cells.sources[index]])
            for index in np.flatnonzero(cells.kinds == Kind.TEXT).tolist()
        }
        self._escapes = any(mark in cells.texts.buffer for mark in "&<>")

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        # Of a conditional format; none of ours needs the prefixes of newer functions,
        # and looking for them takes as long as all the rest.
        return formula.removeprefix("=")

    def _write_rows(self) -> None:
        cells = self._cells
        styles = [""] + [f' s="{one._get_xf_index()}"' for one in self._formats]
        starts = np.flatnonzero(np.diff(cells.rows, prepend=-1))
        for start, end in zip(
            starts.tolist(), [*starts[1:].tolist(), len(cells.rows)], strict=True
        ):
            row = int(cells.rows[start])
            self._write_row(row, None, self.row_info.get(row))
            self.fh.write("".join(self._row_xml(start, end, str(row + 1), styles)))
            self._xml_end_tag("row")

    def _row_xml(self, start: int, end: int, row: str, styles: list[str]) -> Iterator[str]:
        cells, part = self._cells, slice(start, end)
        for index, column, kind, number, source, style in zip(
            range(start, end),
            cells.columns[part].tolist(),
            cells.kinds[part].tolist(),
            cells.numbers[part].tolist(),
            cells.sources[part].tolist(),
            cells.styles[part].tolist(),
            strict=True,
        ):
            head = f'<c r="{column_name(column)}{row}"{styles[style + 1]}'
            text = cells.texts[source] if kind >= Kind.FORMULA else ""
            if self._escapes:
                text = escape(text, quote=False)
            if kind == Kind.FORMULA:
                yield f"{head}><f>{text}</f><v>{number_text(number)}</v></c>"
            elif kind == Kind.NUMBER:
                yield f"{head}><v>{number_text(number)}</v></c>"
            elif kind == Kind.ARRAY_FORMULA:
                ref = column_name(column) + row
                yield (
                    f'{head}><f t="array" ref="{ref}">{text}</f><v>{number_text(number)}</v></c>'
                )
            elif kind == Kind.TEXT:
                yield f'{head} t="s"><v>{self._strings[index]}</v></c>'
            else:
                yield head + "/>"


def _put(book: Any, target: _BulkSheet, sheet: Sheet, look: Formatting) -> None:
    formats = [_format(book, style) for style in look.canvas.styles]
    target.put(_merged(sheet, look), formats)
    target.hide_gridlines(2)
    target.set_default_row(look.row_height * 0.75)
    last = int(sheet.columns.max()) if len(sheet) else 0
    target.set_column_pixels(0, last, look.column_width)
    for column, pixels in look.widths.items():
        target.set_column_pixels(column, column, pixels)
    target.freeze_panes(look.frozen_rows, 0)
    target.set_zoom(look.zoom)
    target.set_landscape()
    target.set_paper(8)  # A3
    target.set_margins(0.3, 0.3, 0.4, 0.4)
    target.fit_to_pages(1, 1)
    _decorate(book, target, look)


def _merged(sheet: Sheet, look: Formatting) -> _Cells:
    painted, ids = look.canvas.painted()
    own = sheet.rows.astype(np.int64) * MAX_COLUMNS + sheet.columns
    keys = np.sort(np.concatenate([own, painted]))
    keys = keys[np.append(keys[1:] != keys[:-1], True)] if len(keys) else keys
    at = np.searchsorted(keys, own)
    kinds, numbers = np.full(len(keys), _BLANK, np.uint8), np.zeros(len(keys))
    kinds[at], numbers[at] = sheet.kinds, sheet.numbers
    sources = np.full(len(keys), -1, np.int64)
    sources[at] = np.arange(len(sheet))
    styles = np.full(len(keys), -1, np.int32)
    styles[np.searchsorted(keys, painted)] = ids
    rows, columns = keys // MAX_COLUMNS, keys % MAX_COLUMNS
    return _Cells(rows, columns, kinds, numbers, sources, styles, sheet.texts)


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


def _decorate(book: Any, target: _BulkSheet, look: Formatting) -> None:
    for rule in look.conditional_formats:  # first, so that they win over the scales
        style = {"bold": rule.style.bold} | _painted(rule.style) | _bordered(rule.style.borders)
        options = {"type": "formula", "criteria": rule.formula, "format": book.add_format(style)}
        target.conditional_format(rule.range.name, options)
    for scale in look.scales:
        target.conditional_format(scale.ranges[0].name, _scale_options(scale.ranges, scale.points))
    for bar in look.bars:
        options = {
            "type": "data_bar", "bar_color": bar.color, "bar_solid": True,
            "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1,
        }  # fmt: skip
        target.conditional_format(bar.range.name, options)
    for note in look.comments:
        lines = note.text.count("\n") + 1
        size = {"x_scale": 2.4, "y_scale": max(0.6, 0.27 * lines), "font_size": 9}
        target.write_comment(a1_name(note.cell), note.text, {"author": "xlconv"} | size)
    for choice in look.validations:
        target.data_validation(a1_name(choice.cell), _choice_options(choice))
    if look.text_numbers:
        ranges = " ".join(area.name for area in look.text_numbers)
        target.ignore_errors({"number_stored_as_text": ranges})


def _choice_options(choice: DataValidation) -> dict[str, Any]:
    told = {
        "input_title": choice.title, "input_message": choice.hint, "error_title": choice.title,
    }  # fmt: skip
    if choice.options:
        return told | {
            "validate": "list", "source": list(choice.options),
            "error_message": "One of the names in the list",
        }  # fmt: skip
    kind, what = ("integer", "A whole number") if choice.whole else ("decimal", "A number")
    return told | {
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
