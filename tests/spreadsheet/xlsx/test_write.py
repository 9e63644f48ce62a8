import os
import re
import time
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.packages import SHEET, part_of
from tests.helpers.specs import CONV_LINEAR
from tests.helpers.workbooks import small_sheet
from tests.mutations import contents
from xlconv.errors import (
    FileError,
    LayoutError,
)
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import THIN, CellStyle, Formatting
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.spreadsheet.xlsx.write import write_xlsx


def test_bulk_rows_are_what_stock_xlsxwriter_writes(tmp_path: Path) -> None:
    sheet = small_sheet()
    write_xlsx(Workbook((sheet,)), tmp_path / "ours.xlsx")
    with xlsxwriter.Workbook(str(tmp_path / "stock.xlsx")) as book:
        stock = book.add_worksheet("a sheet")
        cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.kinds.tolist(),
                    sheet.numbers.tolist(), sheet.texts, strict=True)  # fmt: skip
        for row, column, kind, number, text in cells:
            if kind == Kind.TEXT:
                stock.write_string(row, column, text)
            elif kind == Kind.NUMBER:
                stock.write_number(row, column, number)
            elif kind == Kind.FORMULA:
                stock.write_formula(row, column, "=" + text, None, number)
            else:
                stock.write_array_formula(row, column, row, column, f"{{={text}}}", None, number)

    def data(name: str) -> str:
        xml = re.search("<sheetData>.*</sheetData>", part_of(tmp_path / name, SHEET))[0]
        xml = re.sub(r' (spans|ht|customHeight)="[^"]*"', "", xml)
        return re.sub(r"<v>([^<]*)</v>", lambda v: f"<v>{float(v[1]):.15G}</v>", xml)

    assert data("ours.xlsx") == data("stock.xlsx")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_numbers_are_written_exactly(tmp_path_factory, values: list[float]) -> None:
    into = SheetBuilder()
    into.add(Kind.NUMBER, range(len(values)), [0] * len(values), numbers=values)
    path = tmp_path_factory.mktemp("numbers") / "x.xlsx"
    write_xlsx(Workbook((into.finish("x"),)), path)
    assert [float(v) for v in re.findall("<v>([^<]*)</v>", part_of(path, SHEET))] == values


def test_the_same_workbook_gives_the_same_bytes(tmp_path: Path) -> None:
    preset = PRESETS["conv-example"]
    for name in ("a", "b"):
        network = preset.network()
        book_of(network, preset.layout(network), preset.sample()).write(tmp_path / f"{name}.xlsx")
        os.environ["TZ"] = "Pacific/Auckland" if name == "a" else "UTC"
        time.tzset()
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_painted_blanks_and_later_paint_lie_where_they_should(tmp_path: Path) -> None:
    look = Formatting()
    look.canvas.fill(Range(0, 0, 3, 3), CellStyle(fill="#FF0000"))
    look.canvas.frame(Range(1, 1, 2, 2), CellStyle(fill="#00FF00"), THIN)
    path = tmp_path / "x.xlsx"
    write_xlsx(Workbook((SheetBuilder().finish("x"),)), path, look)
    import openpyxl

    sheet = openpyxl.load_workbook(path).active
    assert sheet["A1"].fill.fgColor.rgb == sheet["D4"].fill.fgColor.rgb == "FFFF0000"
    assert sheet["B2"].fill.fgColor.rgb == "FF00FF00"
    assert (sheet["B2"].border.top.style, sheet["B2"].border.bottom.style) == ("thin", None)
    assert (sheet["C3"].border.right.style, sheet["C3"].border.left.style) == ("thin", None)


def test_cells_written_twice_are_refused() -> None:
    into = SheetBuilder()
    into.add(Kind.NUMBER, [1, 1], [2, 2])
    with pytest.raises(LayoutError, match="x!C2: two tensors want this cell"):
        into.finish("x")


def test_sheets_find_their_cells() -> None:
    sheet = small_sheet()
    assert sheet.formula((7, 1)) == "SUM(A2:D2)"
    assert sheet.formula((1, 0)) is None
    assert sheet.find((1, 2)) is None
    assert sheet.find((100, 0)) is None


@pytest.mark.parametrize("text", ["A2<D2", "A2>D2", 'A2&"x"'])
def test_every_mark_alone_is_escaped(tmp_path, text) -> None:
    into = SheetBuilder()
    into.add(Kind.FORMULA, [1], [1], numbers=[1], texts=[text])
    write_xlsx(Workbook((into.finish("x"),)), tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").active["B2"].value == "=" + text


def test_negative_zero_is_zero() -> None:
    into = SheetBuilder()
    into.add(Kind.NUMBER, [0], [0], numbers=[-0.0])
    assert not np.signbit(into.finish("x").numbers).any()


def test_a_long_property_is_written_in_numbered_parts(tmp_path) -> None:
    sheet = SheetBuilder().finish("x")
    write_xlsx(Workbook((sheet,), properties=(("key", "ab" * 300),)), tmp_path / "x.xlsx")
    properties = openpyxl.load_workbook(tmp_path / "x.xlsx").custom_doc_props.props
    assert [one.name for one in properties] == ["key", "key.1", "key.2"]
    assert [len(one.value) for one in properties] == [255, 255, 90]


def test_names_of_sheets_are_quoted_or_refused(tmp_path) -> None:
    network = network_of(CONV_LINEAR)
    made = book_of(network, strip(network, sheet="it's"), np.zeros((1, 6, 6)))
    made.write(tmp_path / "x.xlsx")
    assert "'it''s'!$A$2:$F$7" in part_of(tmp_path / "x.xlsx", "xl/workbook.xml")
    made = book_of(network, strip(network, sheet="a" * 32), np.zeros((1, 6, 6)))
    with pytest.raises(FileError, match=r"y\.xlsx: .*31"):
        made.write(tmp_path / "y.xlsx")
    assert not (tmp_path / "y.xlsx").exists()


def test_a_single_cell_is_framed_on_every_side(tmp_path) -> None:
    look = Formatting()
    look.canvas.frame(Range(0, 0, 0, 0), CellStyle(), THIN)
    write_xlsx(Workbook((SheetBuilder().finish("x"),)), tmp_path / "x.xlsx", look)
    border = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A1"].border
    assert {getattr(border, side).style for side in ("top", "bottom", "left", "right")} == {"thin"}


def test_written_files_read_back_cell_for_cell(tmp_path: Path) -> None:
    preset = PRESETS["conv-example"]
    network = preset.network()
    made = book_of(network, preset.layout(network), preset.sample())
    made.write(tmp_path / "x.xlsx")
    again = read_xlsx(tmp_path / "x.xlsx")
    assert contents(again.sheets[0]) == contents(made.workbook.sheets[0])
    assert set(again.names) == set(made.workbook.names)
    assert again.properties == made.workbook.properties
