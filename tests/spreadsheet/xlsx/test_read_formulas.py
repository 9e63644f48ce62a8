"""Shared formulas and array formulas are read as the cells that they stand for."""

from pathlib import Path

import pytest

from tests.helpers.packages import (
    parts,
    save,
    several,
)
from tests.helpers.sheet_values import cells, formula, number, read_cells
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx


def test_a_shared_formula_in_small_letters_moves(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B2" si="0">sum(a1:$a$1)+rate</f></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/></c></row>'
    )
    assert read_cells(tmp_path, parts(rows)) == {
        "B1": formula("sum(a1:$a$1)+rate"),
        "B2": formula("sum(A2:$A$1)+rate"),
    }


def test_a_master_may_come_after_its_children(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" si="0"/><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A1:A3" si="0">B2+$C$9</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    assert read_cells(tmp_path, parts(rows)) == {
        "A1": formula("B1+$C$9", number(1)),
        "A2": formula("B2+$C$9", number(2)),
        "A3": formula("B3+$C$9", number(3)),
    }


SHARED_ONCE = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:B2" si="0">{}</f></c></row>'
    '<row r="2"><c r="B2"><f t="shared" si="0"/></c></row>'
)


@pytest.mark.parametrize(
    ("master", "child"),
    [
        ("SUM(C:C)", "SUM(D:D)"),
        ("SUM($C:C)", "SUM($C:D)"),
        ("SUM(S!C:D)", "SUM(S!D:E)"),
        ("SUM(3:3)", "SUM(4:4)"),
        ("SUM($3:4)", "SUM($3:5)"),
    ],
)
def test_whole_columns_and_rows_of_shared_formulas_move(
    tmp_path: Path, master: str, child: str
) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(master)))
    assert found == {"A1": formula(master), "B2": formula(child)}


@pytest.mark.parametrize(
    "fixed", ["SUM($C:$D)", "SUM($3:$4)", "1+2", '"A:A 3:3"', "SUM('A:A'!$C:$C)"]
)
def test_fixed_parts_of_shared_formulas_stay(tmp_path: Path, fixed: str) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(fixed)))
    assert found == {"A1": formula(fixed), "B2": formula(fixed)}


@pytest.mark.parametrize(
    "name",
    ["ÜB1", "größeA1", "Été1", "A1é", "Tabelle1[A1]"],
)
def test_names_that_end_like_a_cell_do_not_move(tmp_path: Path, name: str) -> None:
    found = read_cells(tmp_path, parts(SHARED_ONCE.format(f"{name}+C1")))
    assert found["B2"] == formula(f"{name}+D2")


def test_children_follow_the_master_before_them(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">C1</f></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'
        '<row r="3"><c r="A3"><f t="shared" ref="A3:A4" si="0">D3*2</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/></c></row>'
    )
    found = read_cells(tmp_path, parts(rows))
    assert list(found.values()) == [formula(one) for one in ("C1", "C2", "D3*2", "D4*2")]


@pytest.mark.parametrize(("ref", "area"), [("A1:B2", Range(0, 0, 1, 1)), ("A1", None), ("", None)])
def test_array_formulas_keep_their_ranges(tmp_path: Path, ref: str, area: Range | None) -> None:
    rows = f'<row r="1"><c r="A1"><f t="array" ref="{ref}">C1:D2</f><v>1</v></c></row>'
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert sheet.arrays == ({0: area} if area else {})
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA]


def test_the_further_cells_of_an_array_formula_are_computed(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">C1:D2</f><v>1</v></c>'
        '<c r="B1" t="str"><v>x</v></c><c r="C1"><v>5</v></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><v>4</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    spilled = Kind.SPILLED
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA, spilled, Kind.NUMBER, spilled, spilled]
    assert sheet.results == {1: "x", 3: "#N/A"}
    assert sheet.is_formula.tolist() == [True, True, False, True, True]
    assert sheet.formula((0, 1)) is None


def test_cells_that_an_array_formula_fills_may_be_left_out(tmp_path: Path) -> None:
    """Programs that do not calculate write its first cell only, without a value."""
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">D1:E2</f></c><c r="D1"><v>1</v></c></row>'
        '<row r="2"><c r="B2"><v>7</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert [(int(i), int(j)) for i, j in zip(sheet.rows, sheet.columns, strict=True)] == [
        (0, 0), (0, 1), (0, 3), (1, 0), (1, 1)
    ]  # fmt: skip
    spilled = Kind.SPILLED
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA, spilled, Kind.NUMBER, spilled, spilled]
    assert sheet.arrays == {0: Range(0, 0, 1, 1)}


def test_the_ranges_of_array_formulas_follow_cells_out_of_order(tmp_path: Path) -> None:
    rows = (
        '<row r="5"><c r="C5"><f t="array" ref="C5:D6">A1:B2</f><v>1</v></c></row>'
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f t="array" ref="A2:A3">B1:B2</f><v>1</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert sheet.arrays == {1: Range(1, 0, 2, 0), 2: Range(4, 2, 5, 3)}


@pytest.mark.parametrize(
    "attributes, spelled",
    [
        ('r1="D1"', "TABLE(,D1)"),
        ('dt2D="0" dtr="1" r1="D1"', "TABLE(D1,)"),
        ('dt2D="1" dtr="1" r1="D1" r2="E1"', "TABLE(D1,E1)"),
    ],
)
def test_a_table_of_what_ifs_is_the_array_formula_that_excel_shows(
    tmp_path: Path, attributes: str, spelled: str
) -> None:
    rows = (
        f'<row r="1"><c r="A1"><f t="dataTable" ref="A1:A2" {attributes}/><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c></row>'
    )
    sheet = read_xlsx(save(tmp_path / "x.xlsx", parts(rows))).sheets[0]
    assert sheet.kinds.tolist() == [Kind.ARRAY_FORMULA, Kind.SPILLED]
    assert sheet.formula((0, 0)) == spelled


def test_shared_formulas_of_two_sheets_do_not_mix(tmp_path: Path) -> None:
    rows = '<row><c><f t="shared" si="0">{}</f></c><c><f t="shared" si="0"/></c></row>'
    path = save(tmp_path / "x.xlsx", several({"a": rows.format("C1"), "b": rows.format("D1")}))
    found = [cells(sheet)["B1"] for sheet in read_xlsx(path).sheets]
    assert found == [formula("D1"), formula("E1")]
