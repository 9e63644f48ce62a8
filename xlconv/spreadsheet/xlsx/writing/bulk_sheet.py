"""A worksheet of XlsxWriter's whose rows are written from arrays, without an object a cell.

Every number goes out in the shortest text that reads back as the same float64 (XlsxWriter
itself keeps 16 digits), every formula with its cached value. Never computes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from xlsxwriter.worksheet import Worksheet

from xlconv.arrays import Integers, Mask
from xlconv.spreadsheet.addresses import MAX_COLUMNS, column_name
from xlconv.spreadsheet.formula import number_text
from xlconv.spreadsheet.workbook import Kind, Sheet, TextColumn
from xlconv.spreadsheet.xlsx.formatting import Formatting

# The types of values, as a file has them (ECMA-376, 18.18.11).
_TYPES = {Kind.TEXT: "str", Kind.BOOLEAN: "b", Kind.ERROR: "e"}

# As plain numbers, which compare much faster.
_NUMBER, _TEXT = int(Kind.NUMBER), int(Kind.TEXT)
_FORMULA, _ARRAY_FORMULA = int(Kind.FORMULA), int(Kind.ARRAY_FORMULA)


class PaintedCells(Struct, frozen=True):
    """The cells of a sheet with those that are only painted, sorted by row and column."""

    rows: Integers
    columns: Integers
    kinds: NDArray[np.uint8]
    numbers: NDArray[np.float64]
    sources: Integers  # the cell's index in the sheet's texts, -1 for none
    styles: NDArray[np.int32]  # -1 for none
    texts: TextColumn
    results: dict[int, tuple[Kind, str]]  # of formulas whose value is no number


class BulkSheet(Worksheet):  # type: ignore[misc]
    """XlsxWriter's worksheet, with its rows written from arrays instead of cell objects."""

    def put(self, cells: PaintedCells, formats: list[Any]) -> None:
        """Take the cells that the sheet is to have; a style is its place in `formats`."""
        self._cells, self._formats = cells, formats
        if len(cells.rows):
            self._check_dimensions(int(cells.rows[0]), int(cells.columns.min()))
            self._check_dimensions(int(cells.rows[-1]), int(cells.columns.max()))
        # Shared strings are numbered before any sheet is written.
        self._strings = {
            index: self.str_table._get_shared_string_index(cells.texts[cells.sources[index]])
            for index in np.flatnonzero(cells.kinds == Kind.TEXT).tolist()
        }
        self._escapes = any(
            mark in some for some in (cells.texts.buffer, cells.texts.wide) for mark in "&<>"
        )

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
        # All that a cell needs, a row at a time: by the cell each takes longer than the rest.
        names = [column_name(column) + row for column in cells.columns[part].tolist()]
        kinds, numbers = cells.kinds[part].tolist(), cells.numbers[part].tolist()
        texts = self._texts(cells.sources[part], cells.kinds[part] >= Kind.FORMULA)
        styled = [styles[style + 1] for style in cells.styles[part].tolist()]
        for index, name, style, kind, number, text in zip(
            range(start, end), names, styled, kinds, numbers, texts, strict=True
        ):
            head = f'<c r="{name}"{style}'
            if index in cells.results:
                yield head + _worded(text, kind, name, *cells.results[index])
            elif kind == _FORMULA:
                yield f"{head}><f>{text}</f><v>{number_text(number)}</v></c>"
            elif kind == _NUMBER:
                yield f"{head}><v>{number_text(number)}</v></c>"
            elif kind == _ARRAY_FORMULA:
                array = f'<f t="array" ref="{name}">{text}</f>'
                yield f"{head}>{array}<v>{number_text(number)}</v></c>"
            elif kind == _TEXT:
                yield f'{head} t="s"><v>{self._strings[index]}</v></c>'
            else:
                yield head + "/>"

    def _texts(self, sources: Integers, are_formulas: Mask) -> list[str]:
        """Return the formulas of cells, "" for those that hold none."""
        held, found = self._cells.texts, [""] * len(sources)
        places = np.flatnonzero(are_formulas)
        indices = sources[places]
        bounds = zip(held.starts[indices].tolist(), held.ends[indices].tolist(), strict=True)
        texts = [held.between(start, end) for start, end in bounds]
        if self._escapes:
            texts = [escape(text, quote=False) for text in texts]
        for place, text in zip(places.tolist(), texts, strict=True):
            found[place] = text
        return found


def painted_cells(sheet: Sheet, formatting: Formatting) -> PaintedCells:
    """Return the cells of a sheet and those that the formatting paints, each once."""
    painted, ids = formatting.canvas.painted()
    own = sheet.rows.astype(np.int64) * MAX_COLUMNS + sheet.columns
    keys = np.sort(np.concatenate([own, painted]))
    keys = keys[np.append(keys[1:] != keys[:-1], True)] if len(keys) else keys
    at = np.searchsorted(keys, own)
    kinds, numbers = np.full(len(keys), Kind.BLANK, np.uint8), np.zeros(len(keys))
    kinds[at], numbers[at] = sheet.kinds, sheet.numbers
    sources = np.full(len(keys), -1, np.int64)
    sources[at] = np.arange(len(sheet))
    styles = np.full(len(keys), -1, np.int32)
    styles[np.searchsorted(keys, painted)] = ids
    rows, columns = keys // MAX_COLUMNS, keys % MAX_COLUMNS
    results = {int(at[k]): one for k, one in _results(sheet)}
    return PaintedCells(rows, columns, kinds, numbers, sources, styles, sheet.texts, results)


def _results(sheet: Sheet) -> Iterator[tuple[int, tuple[Kind, str]]]:
    """Yield the formulas whose stored value is a text, a truth value or an error, and it."""
    for k in np.flatnonzero(sheet.is_formula & (sheet.cached != Kind.NUMBER)).tolist():
        kind = Kind(sheet.cached[k])
        if kind in _TYPES:
            yield k, (kind, sheet.results.get(k, f"{sheet.numbers[k]:.0f}"))


def _worded(text: str, kind: int, cell: str, result: Kind, value: str) -> str:
    """Return what follows the head of a formula whose value is no number."""
    array = f' t="array" ref="{cell}"' if kind == Kind.ARRAY_FORMULA else ""
    shown = escape(value, quote=False)
    return f' t="{_TYPES[result]}"><f{array}>{text}</f><v>{shown}</v></c>'
