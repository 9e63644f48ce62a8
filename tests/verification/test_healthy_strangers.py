"""Healthy workbooks of people who draw no network: verify accuses no cell of them."""

from collections.abc import Iterator

import pytest

from tests.helpers.workbooks import sheet
from xlconv.verification.findings import Severity
from xlconv.verification.verify import verify_workbook

ROWS = range(2, 22)
Cells = dict[str, object]


def numbers(columns: str, rows: range) -> Cells:
    return {f"{c}{row}": float((row * 7 + ord(c) * 3) % 11 + 1) for c in columns for row in rows}


def filled(columns: str, rows: range, text: str) -> Cells:
    """A formula filled into columns and rows: `{c}`, `{r}`, and those before, `{b}` and `{q}`."""
    return {
        f"{c}{r}": "=" + text.format(c=c, r=r, b=chr(ord(c) - 1), q=r - 1)
        for c in columns
        for r in rows
    }


# Two formulas of one spelling that are of two tables.
PAIRS = {
    "VLOOKUP": ("VLOOKUP($A{r},$N$2:$O$21,2,FALSE)", "VLOOKUP($A{r},$P$2:$Q$21,2,FALSE)"),
    "INDEX": (
        "INDEX($N$2:$N$21,MATCH($A{r},$O$2:$O$21,0))",
        "INDEX($P$2:$P$21,MATCH($A{r},$O$2:$O$21,0))",
    ),
    "two ways": ("INDEX($N$2:$O$21,$A{r},{c}$1)", "INDEX($P$2:$Q$21,$A{r},{c}$1)"),
    "rules": ("$A{r}*$N$2", "$A{r}*$P$3"),
    "SUMIF": (
        "SUMIF($N$2:$N$21,$A{r},$O$2:$O$21)",
        "SUMIF($N$2:$N$21,$A{r},$P$2:$P$21)",
    ),
}
LOOKING_UP = ("VLOOKUP", "INDEX", "two ways")


def pairs() -> Iterator[tuple[str, Cells]]:
    given = numbers("ANOPQ", range(1, 45)) | {f"{c}1": 1.0 for c in "DEFGHIJ"}
    for name, (one, other) in PAIRS.items():
        for rows in (ROWS, range(2, 9), range(5, 22), range(5, 12), range(2, 5)):
            label = f"{name}, {rows.start} to {rows.stop - 1}"
            yield f"{label}: beside", given | filled("D", ROWS, one) | filled("E", rows, other)
            yield f"{label}: apart", given | filled("D", ROWS, one) | filled("F", rows, other)
            below = range(22, 22 + len(rows))
            yield f"{label}: below", given | filled("D", ROWS, one) | filled("D", below, other)
            if name in LOOKING_UP:
                wide = given | filled("DEFG", ROWS, one)
                yield f"{label}: beside a wide one", wide | filled("H", rows, other)
                yield f"{label}: two beside a wide one", wide | filled("HI", rows, other)
                yield f"{label}: below a wide one", wide | filled("DEFG", range(22, 23), other)


def budget() -> Cells:
    months = "BCDEFGHIJKLM"
    cells = numbers(months, range(2, 8)) | numbers(months, range(10, 14))
    cells |= filled(months, range(8, 9), "SUM({c}2:{c}7)")
    cells |= filled(months, range(14, 15), "SUM({c}10:{c}13)")
    cells |= filled(months, range(16, 17), "{c}8-{c}14")
    cells |= {"B17": "=B16"} | filled(months[1:], range(17, 18), "{c}16+{b}17")
    for rows in (range(2, 9), range(10, 15), range(16, 17)):
        cells |= filled("N", rows, "SUM(B{r}:M{r})") | filled("O", rows, "N{r}/12")
        cells |= filled("P", rows, "N{r}/N$8")
    return cells


def grades() -> Cells:
    pupils = range(3, 28)
    cells = numbers("BCDEF", range(2, 28)) | filled("G", pupils, "AVERAGE(B{r}:F{r})")
    cells |= filled("H", pupils, "SUMPRODUCT(B{r}:F{r},$B$2:$F$2)/SUM($B$2:$F$2)")
    cells |= filled("I", pupils, "IF(H{r}>=5,1,0)") | filled("J", pupils, "MAX(B{r}:F{r})")
    for row, name in enumerate(("AVERAGE", "MAX", "MIN"), 29):
        cells |= filled("BCDEFGH", range(row, row + 1), name + "({c}3:{c}27)")
    return cells


def marks_in_lists() -> Cells:
    pupils = range(3, 28)
    cells = numbers("BCDEF", range(2, 28)) | filled("G", pupils, "(B{r}+C{r}+D{r}+E{r}+F{r})/5")
    cells |= filled("H", pupils, "AVERAGE(B{r},C{r},E{r})") | filled("I", pupils, "MAX(B{r},C{r})")
    cells |= filled("J", pupils, "(D{r}+E{r})*0.5") | filled("K", pupils, "AVERAGE(I{r},J{r})")
    return cells | {"G28": "=AVERAGE(G3:G27)", "I28": "=MAX(I3:I27)"}


def totals() -> Cells:
    cells = numbers("AB", ROWS) | filled("C", ROWS, "SUM($A$2:A{r})") | {"D2": "=B2", "E2": 100.0}
    later = range(3, 22)
    cells |= filled("D", later, "D{q}+B{r}") | filled("E", later, "E{q}+A{r}-B{r}")
    return cells | {"G1": "=SUM(E2:E21)", "G2": "=SUM($E$2:$E$21)"}


def changes() -> Cells:
    later = range(3, 22)
    growth = {"C2": 0.0} | filled("C", later, "MAX(0,A{q})")
    return numbers("A", ROWS) | filled("B", later, "(A{r}-A{q})/A{q}") | growth


BOOKS = {
    "a budget": budget(), "grades": grades(), "marks in lists": marks_in_lists(),
    "totals": totals(), "changes": changes(),
    "a loan": {"A1": 1000.0, "B1": 0.05, "C1": 50.0, "A4": 1.0, "B4": "=A1"}
    | filled("A", range(5, 22), "A{q}+1") | filled("B", range(5, 22), "E{q}")
    | filled("C", range(4, 22), "B{r}*$B$1/12") | filled("D", range(4, 22), "$C$1-C{r}")
    | filled("E", range(4, 22), "B{r}-D{r}"),
    "a rate that changes": numbers("A", ROWS) | filled("B", range(2, 12), "A{r}*1.2")
    | filled("B", range(12, 22), "A{r}*1.25"),
    **dict(pairs()),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", BOOKS)
def test_no_cell_of_a_healthy_workbook_is_accused(name: str) -> None:
    report = verify_workbook(sheet(BOOKS[name]))
    assert not [one for one in report.findings if one.severity == Severity.ERROR]


ODD = {
    "a typed price": ({"C9": 9.99}, "S202"), "a fee": ({"C9": "=A9*B9+25"}, "S201"),
    "shipping": ({"A22": "shipping", "C22": 4.9}, ""), "a word": ({"C9": "sold out"}, "T302"),
    "nothing": ({"C9": None}, "S203"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_cell_of_a_workbook_without_a_network_is_a_warning(name: str) -> None:
    """An invoice with a special price is none of our business; a broken network may be why."""
    changes, code = ODD[name]
    cells = numbers("AB", ROWS) | filled("C", ROWS, "A{r}*B{r}") | changes
    report = verify_workbook(sheet({at: held for at, held in cells.items() if held is not None}))
    assert report.verdict == "unverified"
    assert {one.severity for one in report.findings} <= {Severity.WARNING, Severity.INFO}
    assert code in {one.code for one in report.findings} or not code


@pytest.mark.parametrize("row", [2, 8, 21])
def test_a_cell_that_is_missing_between_others_is_still_missed(row: int) -> None:
    cells = numbers("AB", ROWS) | filled("DE", ROWS, "$A{r}*2") | {"G1": "=SUM($D$2:$E$21)"}
    del cells[f"E{row}"]
    codes = [one.code for one in verify_workbook(sheet(cells)).findings]
    assert "S203" in codes


def test_a_table_beside_a_network_may_be_as_it_likes() -> None:
    choices = {f"AA{row}": f"=IF(AC{row}={row % 3 or 7},1,0)" for row in range(40, 52)}
    table = {f"AA{row}": f"=IF(AC{row}=2,1,0)" for row in range(40, 52)} | {
        "AA45": "=IF(AC45=1,1,0)"
    }
    for cells in (choices, table):
        report = verify_workbook(sheet(drawn() | cells))
        assert report.verdict == "verified" and report.outside == 12
        assert not [one for one in report.findings if one.severity == Severity.ERROR]


# -- blanks for zeros ----------------------------------------------------------------------


def drawn(*blank: str) -> Cells:
    """A 3x3 kernel over an 8x8 picture, with a bias; some cells are blank."""
    cells = numbers("ABCDEFGH", range(2, 10)) | numbers("KLM", range(2, 5)) | {"K6": 0.5}
    cells |= {
        f"{'PQRSTU'[j]}{i}": (
            f"=MAX(0,SUMPRODUCT({'ABCDEF'[j]}{i}:{'CDEFGH'[j]}{i + 2},$K$2:$M$4)+$K$6)"
        )
        for i in range(2, 8) for j in range(6)
    }  # fmt: skip
    return {cell: held for cell, held in cells.items() if cell not in blank}


DARK = [f"{c}{row}" for row in range(2, 10) for c in "ABCDEFGH" if (row + ord(c)) % 3 == 0]


def test_blank_pixels_are_zeros_where_many_are_blank() -> None:
    report = verify_workbook(sheet(drawn(*DARK, "K6", "L3")))
    told = {one.code: (one.severity, one.count) for one in report.findings}
    assert told.keys() == {"T303"}
    assert told["T303"][0] == Severity.WARNING
    assert report.verdict == "verified"
    assert report.strict_verdict == "findings"


@pytest.mark.parametrize("cell", ["D5", "L3", "K6"])
def test_a_blank_in_a_picture_of_numbers_is_still_missed(cell: str) -> None:
    codes = [one.code for one in verify_workbook(sheet(drawn(cell))).findings]
    assert codes == ["T301"]
