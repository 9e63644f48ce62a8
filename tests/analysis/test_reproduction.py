"""What is read can be written again, cell for cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.command import run
from tests.helpers.desk import LOGITS, WINDOW, Desk, area, image_desk, vector_desk
from tests.helpers.examples import examples
from tests.helpers.oracles import libreoffice, number, poison
from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import shipped_subject
from tests.helpers.strategies import networks, random_input
from tests.helpers.workbooks import renumbered
from xlconv.analysis.comparison.cell_ranges import ranges_of
from xlconv.analysis.reproduction import reproduce
from xlconv.layers.base.place import Spelling
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.spreadsheet.workbook import Kind, Sheet
from xlconv.spreadsheet.xlsx.read import read_xlsx

SHIPPED = [WORKBOOKS / f"{name}.xlsx" for name in PRESETS]


def held(path: Path) -> dict[str, dict[str, object]]:
    """What openpyxl finds in the cells of a workbook, array flags and all."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            cell.coordinate: (
                ("array", cell.value.ref, cell.value.text)
                if hasattr(cell.value, "ref")
                else cell.value
            )
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


@pytest.mark.many
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_preset_is_written_again_whole(path: Path, tmp_path: Path) -> None:
    result = run("reproduce", path, "-o", tmp_path / "again.xlsx", "--check")
    assert result.exit_code == 0, result.output
    assert "(100 % of formulas and numbers)" in result.output
    assert result.output.count("\n") == 1
    assert held(tmp_path / "again.xlsx") == held(path)
    again, was = read_xlsx(tmp_path / "again.xlsx"), read_xlsx(path)
    np.testing.assert_array_equal(again.sheets[0].numbers, was.sheets[0].numbers)
    assert again.names == was.names
    assert again.properties == was.properties


@pytest.mark.slow
@pytest.mark.parametrize(("name", "formulas"), [("relu", 2865), ("linear", 4025)])
def test_the_published_workbooks_are_written_again_whole(
    name: str, formulas: int, wild: Path, tmp_path: Path
) -> None:
    path = wild / f"conv-example.{name}.xlsx"
    made = reproduce(open_workbook(path))
    assert (made.same_formulas, made.formulas) == (formulas, formulas)
    assert made.same_numbers == made.numbers > 1000
    assert made.same_texts == made.texts
    assert not made.differences
    made.write(tmp_path / "again.xlsx")
    ours, theirs = held(tmp_path / "again.xlsx"), held(path)
    for sheet, cells in theirs.items():
        for cell, value in cells.items():
            found = ours[sheet][cell]
            if isinstance(value, tuple):  # the file has no = in front of its array formulas
                assert found[:2] == value[:2]
                assert found[2].removeprefix("=") == value[2].removeprefix("=")
            else:
                assert found == value, (sheet, cell)


@pytest.mark.office
def test_what_is_written_again_computes_in_libreoffice(wild: Path, tmp_path: Path) -> None:
    reproduce(open_workbook(wild / "conv-example.relu.xlsx")).write(tmp_path / "again.xlsx")
    assert poison(tmp_path / "again.xlsx", tmp_path / "poisoned.xlsx") == 2865
    found = libreoffice(tmp_path / "poisoned.xlsx", tmp_path)
    (sheet,) = read_xlsx(wild / "conv-example.relu.xlsx").sheets
    for index in np.flatnonzero(sheet.is_formula).tolist():
        cell = int(sheet.rows[index]), int(sheet.columns[index])
        assert number(found[cell]) == pytest.approx(sheet.numbers[index], rel=1e-9, abs=1e-12)


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@examples(60, suppress_health_check=[HealthCheck.filter_too_much])
def test_what_is_lowered_is_lifted_to_the_same_and_written_again(
    network, seed, array, fuse
) -> None:
    """The heart of both roads: `lift(lower(n)) == n`, and the cells are the same again."""
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    network = network.in_training(seed)
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    book = book_of(network, layout, random_input(network, seed)).workbook
    assume(book.sheets[0].is_formula.any())
    found = lift_workbook(book)
    assume(not found.lifted.unlifted)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    made = reproduce(found)
    assert made.is_whole, made.differences
    assert not made.differences
    assert_same(made.workbook.sheets[0], book.sheets[0])


def assert_same(one: Sheet, other: Sheet) -> None:
    for name in ("rows", "columns", "kinds", "cached", "numbers"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert list(one.texts) == list(other.texts)


def test_a_changed_probe_and_edited_weights_come_back() -> None:
    edits = {"A39": 3.0, "AD11": 9.25}
    book = renumbered(read_xlsx(SHIPPED[0]), edits)
    (sheet,) = book.sheets
    made = reproduce(lift_workbook(book))
    assert made.is_whole
    for cell, value in edits.items():
        assert made.workbook.sheets[0].numbers[sheet.find(parse_a1(cell))] == value


def changed(cells: dict[str, tuple[Kind, float, str]]) -> LiftedWorkbook:
    """The default workbook with some cells added or replaced."""
    from tests.mutations import Fault, rebuilt

    subject = shipped_subject("conv-example")
    changes = {parse_a1(name): content for name, content in cells.items()}
    return lift_workbook(rebuilt(subject, Fault(changes, (0, 0), ())))


def test_what_no_layer_explains_is_listed_and_not_written() -> None:
    made = reproduce(
        changed({"A60": (Kind.NUMBER, 5.0, ""), "A61": (Kind.FORMULA, 0.0, "SUM(A2:A9)/7")})
    )
    assert not made.is_whole
    assert [(one.cells, one.what, one.was) for one in made.differences] == [
        ("A60", "a number not modelled", "5"),
        ("A61", "a formula not modelled", "=SUM(A2:A9)/7"),
    ]
    assert made.workbook.sheets[0].find(parse_a1("A60")) is None
    assert made.same_formulas == made.formulas - 1


def test_a_cell_out_of_its_pattern_is_written_as_the_layer_has_it() -> None:
    made = reproduce(changed({"AP9": (Kind.NUMBER, 1.25, "")}))
    (one,) = made.differences
    assert (one.cells, one.what) == ("AP9", "a number written otherwise")
    assert one.now == "=MAX(0,SUMPRODUCT(I8:K10,$AD$11:$AF$13)+$AD$15)"


@pytest.mark.slow
def test_another_spelling_is_told(tmp_path: Path) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW["nine products"])
    made = reproduce(lift_workbook(desk.workbook()))
    assert made.same_formulas == 0
    (one,) = [one for one in made.differences if one.what == "a formula written otherwise"]
    assert one.cells == "A11:E14"
    assert one.now == "=SUMPRODUCT(A1:C3,$J$1:$L$3)"


@pytest.mark.slow
def test_the_command_says_what_is_lost_and_exits_with_1(tmp_path: Path) -> None:
    source = tmp_path / "a.xlsx"
    book = openpyxl.load_workbook(SHIPPED[0])
    book.active["A60"] = 5
    book.save(source)
    result = run("reproduce", source, "--check")
    assert result.exit_code == 1
    first, *rest = result.output.splitlines()
    assert "(99.9 % of formulas and numbers)" in first
    assert rest == ["  1 × a number not modelled: conv-example!A60; 5 is now nothing"]
    assert run("reproduce", source, "-o", tmp_path / "b.xlsx").exit_code == 0
    again = run("reproduce", source, "-o", tmp_path / "b.xlsx")
    assert (again.exit_code, "exists; to replace it, expected --force" in again.output) == (2, True)
    assert run("reproduce", source, "-o", tmp_path / "b.xlsx", "--force").exit_code == 0


def test_without_a_network_or_something_to_do_one_line_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.save(tmp_path / "none.xlsx")
    result = run("reproduce", tmp_path / "none.xlsx", "--check")
    assert result.exit_code == 2
    assert "none.xlsx: no network found; expected formulas that spell one\n" in result.output
    missing = run("reproduce", tmp_path / "nix.xlsx")
    assert missing.output == f"error: {tmp_path / 'nix.xlsx'}: No such file or directory\n"
    idle = run("reproduce", SHIPPED[0])
    assert idle.output == "error: nothing to do: expected -o OUT.xlsx, or --check\n"


def test_a_vector_in_a_row_is_refused_in_one_line() -> None:
    desk = vector_desk()
    desk.spill("L1", (1, 3), "MMULT(TRANSPOSE(A1:A5),D1:F5)")
    with pytest.raises(Exception, match="L1:N1: a vector in a row"):
        reproduce(lift_workbook(desk.workbook()))


def test_two_networks_on_one_sheet_are_both_written() -> None:
    desk = Desk()
    desk.put("A1", LOGITS[:, None])
    desk.put("D1", np.ones((5, 3)))
    desk.fill("L1", (3, 1), lambda i, j: f"SUMPRODUCT({area(0, 3 + i, 5, 1)},$A$1:$A$5)")
    desk.fill("P21", (5, 1), lambda i, j: f"MAX(0,A{i + 1})")
    found = lift_workbook(desk.workbook())
    assert len(found.networks) == 2
    made = reproduce(found)
    assert made.is_whole
    assert (made.formulas, made.numbers) == (8, 20)


def test_ranges_join_rows_of_the_same_columns() -> None:
    cells = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 5), (3, 0)]
    keys = np.array([row * 16384 + column for row, column in cells])
    assert ranges_of(keys) == "A1:B2, A4, F2"


def test_replaced_values_are_no_part_of_what_is_compared() -> None:
    book = read_xlsx(SHIPPED[0])
    (sheet,) = book.sheets
    stale = replace(sheet, numbers=sheet.numbers + sheet.is_formula)
    made = reproduce(lift_workbook(replace(book, sheets=(stale,))))
    assert made.is_whole
    np.testing.assert_array_equal(made.workbook.sheets[0].numbers, sheet.numbers)
