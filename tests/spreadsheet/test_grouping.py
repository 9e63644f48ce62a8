"""Which cells are one block, and which of them are odd: what a formula names is what counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.small_sheets import sheet_of
from xlconv.spreadsheet.addresses import a1_name, column_name
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.pattern import FoundBlock
from xlconv.spreadsheet.formula import scan, undollared, undollared_pieces
from xlconv.spreadsheet.workbook import TextColumn

NUMBERS = {f"{column}{row}": float(row) for column in "ABCD" for row in range(1, 13)}
COLUMN = {f"F{row}": f"=A{row}*$D$1" for row in range(1, 13)}
ROW = {f"{column}20": f"={column}1*2" for column in "ABCDEFGH"}
COPIES = {f"F{row}": f"=A{row}" for row in range(1, 13)}
PLANE = {
    f"{b}{row}": f"={a}{row}+$A$1"
    for a, b in zip("ABCD", "FGHI", strict=True)
    for row in range(1, 13)
}


def found(cells: dict[str, str]) -> list[FoundBlock]:
    return group(sheet_of(NUMBERS | cells))


def odd_cells(cells: dict[str, str]) -> set[str]:
    return {
        a1_name(one.lattice.cell(i, j))
        for one in found(cells)
        for i, line in enumerate(one.regular.tolist())
        for j, is_regular in enumerate(line)
        if not is_regular and one.cells[i, j] != -2
    }


SAME = {
    "in the middle": COLUMN | {"F5": "=A5*D$1"},
    "in the first cell": COLUMN | {"F1": "=$A$1*D$1"},
    "in the last cell": COLUMN | {"F12": "=$A$12*$D1"},
    "in every second cell": COLUMN | {f"F{row}": f"=$A{row}*$D$1" for row in range(2, 13, 2)},
    "in every third cell": COLUMN | {f"F{row}": f"=A{row}*D$1" for row in range(2, 13, 3)},
    "in a row": ROW | {"C20": "=C$1*2", "D20": "=D$1*2", "H20": "=$H1*2"},
    "in copies": COPIES | {"F5": "=$A$5"},
    "in two copies": COPIES | {"F5": "=$A$5", "F6": "=A$6"},
    "in a plane": PLANE | {"F1": "=$A$1+A1", "G4": "=B$4+A$1", "I12": "=$D12+$A$1"},
}


@pytest.mark.parametrize("case", SAME)
def test_cells_that_differ_in_dollars_only_are_of_the_block(case: str) -> None:
    (one,) = found(SAME[case])
    assert one.regular.all()
    assert one.regular.sum() == len(SAME[case])
    assert "$" in one.pattern.text(0, 0) or case in ("in a row", "in copies", "in two copies")


@pytest.mark.parametrize(
    "changed",
    [
        COLUMN | {"F5": "=A5*D$2"},
        COPIES | {"F5": "=$A$6"},
        PLANE | {"F5": "=A$4+$A$1"},
        {f"F{row}": f'=A{row}&"$"' for row in range(1, 13)} | {"F5": '=A5&""'},
        {f"F{row}": f"=A{row}*'a$'!$A$1" for row in range(1, 13)} | {"F5": "=A5*'a'!$A$1"},
    ],
)
def test_a_cell_that_names_other_cells_is_odd_whatever_its_dollars(changed: dict[str, str]) -> None:
    assert odd_cells(changed) == {"F5"}


def test_formulas_are_told_apart_where_their_texts_together_are_the_same() -> None:
    row = {f"{column}20": f"={column}1" for column in "ABCDEFGHIJ"}
    assert odd_cells(row) == set()
    assert odd_cells(row | {"E20": "=E1F", "F20": "=1"}) == {"E20", "F20"}


def test_a_block_shows_the_dollars_that_most_of_its_cells_have() -> None:
    (one,) = found(COLUMN | {"F1": "=$A$1*D1"})
    assert one.pattern.text(1, 0) == "A2*$D$1"


@given(st.lists(st.booleans(), min_size=96, max_size=96))
def test_no_choice_of_dollars_makes_a_cell_odd(marks: list[bool]) -> None:
    dollars = iter("$" if mark else "" for mark in marks)
    cells = {
        f"F{row}": "=" + "".join(
            f"{piece}{next(dollars)}{column}{next(dollars)}{number}"
            for piece, column, number in (("", "A", row), ("*", "D", 1), ("+", "B", row + 1))
        )
        for row in range(1, 13)
    }  # fmt: skip
    (one,) = found(cells)
    assert one.regular.all()


KEPT = {
    '$A$1&"$"': 'A1&"$"',
    "'a$b'!$A$1": "'a$b'!A1",
    "SUM($A:$B)": "SUM(A:B)",
    "T[[#All],[a$]]+$B1": "T[[#All],[a$]]+B1",
    '"$A$1""$"&A$1': '"$A$1""$"&A1',
}


@pytest.mark.parametrize("text", KEPT)
def test_only_the_dollars_of_references_are_taken_out(text: str) -> None:
    assert undollared(text) == KEPT[text]
    assert scan(KEPT[text]).pieces == undollared_pieces(scan(text).pieces)


# Lines at an edge, where the pattern would read above or before the sheet.
ABOVE = {
    f"{b}{row}": f"=MAX(0,{a}{row - 1})"
    for a, b in zip("ABC", "FGH", strict=True)
    for row in range(2, 13)
}
BEFORE = {f"{column_name(c)}30": f"=MAX(0,{column_name(c - 1)}1)" for c in range(1, 9)}
EDGES = {
    "a number in a column that is summed": {
        **{f"F{row}": f"=MAX(0,A{row - 1})" for row in range(2, 13)},
        "F1": "=7", "K1": "=SUM($F$1:$F$12)",
    },
    "a line of other formulas": ABOVE
    | {"F1": "=MAX(0,A9)", "G1": "=MAX(0,B9)", "H1": "=MAX(0,C9)"},
    "a row that is summed": BEFORE | {"A30": "=7", "K1": "=SUM($A$30:$I$30)"},
}  # fmt: skip


@pytest.mark.parametrize("case", EDGES)
def test_no_cell_is_odd_where_the_pattern_would_read_off_the_sheet(case: str) -> None:
    cells = EDGES[case]
    assert not odd_cells(cells)
    for one in found(cells):
        assert all(
            value >= 0
            for i in (0, one.lattice.shape[0] - 1)
            for j in (0, one.lattice.shape[1] - 1)
            for value in one.pattern.values(i, j)
        )


def test_formulas_that_say_nothing_make_nobody_odd() -> None:
    blanks = {f"F{row}": "=" for row in range(1, 13)} | {"F5": "=1+1", "F7": "=A7"}
    assert not odd_cells(blanks)


def test_letters_beyond_ascii_change_nothing() -> None:
    """Such texts stand apart from the others, as they are read; small letters and all."""
    shapes = []
    for letter in "eé":
        cells = {name: f"='{letter}'!{name.lower()}+1" for name in ("A1", "B1", "C1", "D1")}
        mixed = {"A4": f"='{letter}'!a4", "B4": "=sheet1!B4", "C4": f"='{letter}'!C4"}
        sheet = sheet_of(cells | mixed | {"A9": "=a8", "A10": "=A9"})
        for one in (sheet, replace(sheet, texts=apart(sheet.texts))):
            assert list(one.texts) == list(sheet.texts)
            shapes.append([(block.lattice, block.regular.tolist()) for block in group(one)])
    assert shapes[1:] == shapes[:-1]


def apart(texts: TextColumn) -> TextColumn:
    """Return texts of which those beyond ASCII stand behind the others."""
    order = sorted(range(len(texts.starts)), key=lambda k: not texts[k].isascii())
    ends = np.cumsum([len(texts[k]) for k in order])
    starts, stops = np.empty_like(ends), np.empty_like(ends)
    starts[order], stops[order] = ends - [len(texts[k]) for k in order], ends
    whole = [texts[k] for k in order]
    return TextColumn("".join(one for one in whole if one.isascii()), starts, stops,
                      "".join(one for one in whole if not one.isascii()))  # fmt: skip
