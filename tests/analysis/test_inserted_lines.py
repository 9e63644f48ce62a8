"""Rows and columns that were inserted or deleted: found, told once, and nothing else of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edits import TABLE
from tests.edits.workbooks import make
from tests.helpers import oracles
from tests.helpers.paths import WORKBOOKS
from tests.helpers.small_sheets import book, sheet_of
from xlconv.analysis.comparison.inserted_lines import Insertions, insertions
from xlconv.analysis.diff import diff
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder

DEFAULT = WORKBOOKS / "conv-example.xlsx"


def spread(contents: dict[tuple[int, int], float], at: int, count: int, axis: int) -> Sheet:
    """Numbers by their places, with blank lines inserted before one along an axis."""
    builder = SheetBuilder()
    for place, number in contents.items():
        now = list(place)
        now[axis] += count * (place[axis] >= at)
        builder.add(Kind.NUMBER, [now[0]], [now[1]], numbers=[number])
    return builder.finish("Sheet1")


@given(
    st.integers(2, 9), st.integers(2, 9), st.integers(1, 3), st.integers(0, 1), st.data()
)  # fmt: skip
def test_blank_lines_are_found_where_they_were_inserted(
    height: int, width: int, count: int, axis: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, (height, width)[axis] - 1))
    contents = {(k, m): 100.0 * k + m + 0.5 for k in range(height) for m in range(width)}
    before, after = spread(contents, 0, 0, axis), spread(contents, at, count, axis)
    found = insertions(before, after)
    assert (found.rows, found.columns)[axis].edits == ((at, at, count),)
    assert not (found.rows, found.columns)[1 - axis].edits
    back = insertions(after, before)
    assert (back.rows, back.columns)[axis].edits == ((at, at, -count),)
    for place, number in contents.items():
        now = found.cell(place)
        assert now is not None and after.find(now) is not None
        assert after.numbers[after.find(now)] == number
        assert back.cell(now) == place
    gone = [0, 0]
    gone[axis] = at
    assert back.cell((gone[0], gone[1])) is None


def moved(row: int, column: int) -> Insertions:
    """Two rows inserted before one, and a column before one."""
    cells = {f"{name}{k}": 10.0 * k + m for k in range(1, 10) for m, name in enumerate("ABCDEFG")}
    table = {(k - 1, m): 10.0 * k + m for k in range(1, 10) for m in range(7)}
    after = spread(table, row, 2, 0)
    contents = {
        (int(after.rows[k]), int(after.columns[k])): float(after.numbers[k])
        for k in range(len(after))
    }
    return insertions(sheet_of(cells), spread(contents, column, 1, 1))


def test_references_go_along_and_texts_and_names_do_not() -> None:
    found = moved(row=4, column=2)
    assert found.words() == (
        "rows 5 to 6 inserted, column C inserted: what stood there or after it moved"
    )
    for was, now in (
        ("=SUM(A1:C5)*$D$4", "=SUM(A1:D7)*$E$4"),
        ('=IF(B9>0,"C5 and A9",$A9)', '=IF(B11>0,"C5 and A9",$A11)'),
        ("=LOG10(C$2)+relu1_0+C5x", "=LOG10(D$2)+relu1_0+C5x"),
        ("='C5'!D6+D6:E7", "='C5'!E8+E8:F9"),
    ):
        assert found.text(was) == now


def test_another_sheet_was_not_made_by_inserting() -> None:
    cells = {f"A{k}": float(k) for k in range(1, 9)}
    others = {f"A{k}": float(-k) for k in range(1, 12)}
    assert not insertions(sheet_of(cells), sheet_of(others))
    assert not insertions(sheet_of(cells), sheet_of(cells | {"A12": 3.0}))  # nothing moved by that
    assert not insertions(sheet_of(cells), sheet_of(cells | {"A4": 9.0}))
    assert not insertions(sheet_of({}), sheet_of(cells))
    assert not insertions(sheet_of(cells), sheet_of({}))


def test_what_moved_by_inserted_lines_is_told_once() -> None:
    def sheet(shift: int) -> dict[str, float | str]:
        rows = {f"A{k + shift * (k > 2)}": float(k) for k in range(1, 8)}
        return rows | {f"B{4 + shift}": f"=A{5 + shift}*2", f"C{6 + shift}": "note"}

    one, other = book(sheet_of(sheet(0))), book(sheet_of(sheet(2)))
    (change,) = diff(one, other)
    assert (change.kind, change.where) == ("place", "Sheet1")
    assert change.message == "rows 3 to 4 inserted: what stood there or after it moved"
    (change,) = diff(other, one)
    assert change.message == "rows 3 to 4 deleted: what stood there or after it moved"
    changed = sheet_of(sheet(2) | {"C8": "another note"})
    assert [one.message for one in diff(one, book(changed))][1:] == [
        "1 text of no layer changed, such as C8: note → another note"
    ]


# Edits that LibreOffice made, and what is told of their places.
EDITED = {
    "row_inserted_above": ["rows 1 to 3 inserted"],
    "row_inserted_between_planes": ["rows 31 to 32 inserted"],
    "column_inserted_before_conv1": ["column AH inserted"],
    "row_inserted_in_everything": ["row 15 inserted"],
    "kernel_moved": ["moved: AD11:AF13 → AD5:AF7"],
}


@pytest.mark.office
@pytest.mark.slow
def test_what_libreoffice_inserted_and_moved_is_told_in_a_line(tmp_path: Path) -> None:
    edits = [edit for edit in TABLE if edit.name in EDITED]
    assert not make(edits, tmp_path, oracles.needs_uno())
    for name, told in EDITED.items():
        changes = diff(DEFAULT, tmp_path / f"{name}.xlsx")
        places = [one.message.partition(": what")[0] for one in changes if one.kind == "place"]
        assert places == told, name
        if name != "row_inserted_in_everything":
            assert len(changes) == 1, name
            continue
        # A line for what was done, and not for each of a hundred windows that became larger.
        assert [one.kind for one in changes] == ["structure", "place", "finding"]
        assert changes[-1].message.startswith("G405 row 15 was inserted: 101 windows became 4×3")
