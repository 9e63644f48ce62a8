import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xlconv.errors import FileError, LayoutError
from xlconv.files import whole_file
from xlconv.lowering.book import book_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.formatting import THIN, CellStyle, Formatting
from xlconv.spreadsheet.xlsx.write import write_xlsx


def small_sheet() -> Sheet:
    into = SheetBuilder()
    into.add(Kind.TEXT, [0, 5], [0, 2], texts=["=1+1", " a<b & c "])
    into.add(Kind.NUMBER, [1, 1, 9], [3, 0, 4], numbers=[0.1, -0.0, 1e-300])
    into.add(Kind.FORMULA, [1, 7], [1, 1], numbers=[0.1 + 0.2, 7], texts=["A2<D2", "SUM(A2:D2)"])
    into.add(Kind.ARRAY_FORMULA, [8], [3], numbers=[2], texts=["SUM(A2:A3*A2:A3)"])
    return into.finish("a sheet")


def sheet_xml(path: Path) -> str:
    with zipfile.ZipFile(path) as parts:
        return parts.read("xl/worksheets/sheet1.xml").decode()


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
        xml = re.search("<sheetData>.*</sheetData>", sheet_xml(tmp_path / name))[0]
        xml = re.sub(r' (spans|ht|customHeight)="[^"]*"', "", xml)
        return re.sub(r"<v>([^<]*)</v>", lambda v: f"<v>{float(v[1]):.15G}</v>", xml)

    assert data("ours.xlsx") == data("stock.xlsx")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_numbers_are_written_exactly(tmp_path_factory, values: list[float]) -> None:
    into = SheetBuilder()
    into.add(Kind.NUMBER, range(len(values)), [0] * len(values), numbers=values)
    path = tmp_path_factory.mktemp("numbers") / "x.xlsx"
    write_xlsx(Workbook((into.finish("x"),)), path)
    assert [float(v) for v in re.findall("<v>([^<]*)</v>", sheet_xml(path))] == values


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


def test_files_are_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_text("old")
    with pytest.raises(FileError, match=r"x\.xlsx: exists; to replace it, expected replace=True$"):
        write_xlsx(Workbook((small_sheet(),)), path)
    with pytest.raises(RuntimeError), whole_file(path, replace=True) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    write_xlsx(Workbook((small_sheet(),)), path, replace=True)
    assert zipfile.is_zipfile(path)
    assert [one.name for one in tmp_path.iterdir()] == ["x.xlsx"]
    umask = os.umask(0o022)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_file_made_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pytest.raises(FileError, match="exists"), whole_file(path, replace=False) as temporary:
        temporary.write_text("ours")
        path.write_text("theirs")
    assert path.read_text() == "theirs"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.xlsx").write_text("old")
    (tmp_path / "link.xlsx").symlink_to("real.xlsx")
    with whole_file(tmp_path / "link.xlsx", replace=True) as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.xlsx").is_symlink()
    assert (tmp_path / "real.xlsx").read_text() == "new"


def test_folders_and_missing_folders_are_refused(tmp_path: Path) -> None:
    for path, message in ((tmp_path, "is a folder"), (tmp_path / "no" / "x.xlsx", "No such file")):
        with pytest.raises(FileError, match=message), whole_file(path, replace=True):
            pass


def test_a_killed_process_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "conv-example.xlsx"
    command = [sys.executable, "-m", "xlconv", "generate", str(path), "--force"]
    subprocess.run(command, check=True, capture_output=True)
    whole = path.read_bytes()
    for tenths in range(1, 12, 2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(tenths / 20)
        process.kill()
        process.wait()
        assert path.read_bytes() == whole
