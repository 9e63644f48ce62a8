"""Any workbook that can be read can be lifted, verified and inspected: nothing raises."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given

from tests.helpers.examples import examples
from tests.helpers.packages import Parts, parts, save
from tests.helpers.stranger_books import books
from xlconv.analysis.inspection import inspected
from xlconv.errors import ReadError
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import verify_lifted


def read(content: Parts) -> Workbook:
    with tempfile.TemporaryDirectory() as folder:
        return read_xlsx(save(Path(folder) / "x.xlsx", content))


def lifted(content: Parts) -> LiftedWorkbook:
    return lift_workbook(read(content))


@given(books())
@examples(100)
def test_no_workbook_makes_verify_or_inspect_fail(content: Parts) -> None:
    try:
        book = lifted(content)
    except ReadError:
        return
    report = verify_lifted(book, Tolerance())
    inspected(book)
    assert not any(np.isnan(one.numbers).any() for one in book.calculation.grids)
    for finding in report.findings:
        assert finding.expected not in ("=", "{=}")
        assert not finding.message.endswith(("=", "expected "))


def rows_of(cells: dict[tuple[int, int], str]) -> str:
    return "".join(
        f'<row><c r="{a1_name(at)}">{held}</c></row>' for at, held in sorted(cells.items())
    )


def checked(rows: str) -> list[str]:
    """The codes that verify finds in a sheet of these rows."""
    book = lifted(parts(rows))
    inspected(book)
    return [one.code for one in verify_lifted(book, Tolerance()).findings]


def test_an_array_formula_within_another_ones_range_is_no_block_of_its_own() -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">D1:E2</f><v>1</v></c>'
        '<c r="B1"><v>0</v></c></row>'
        '<row r="2"><c r="A2"><f t="array" ref="A2:B2">D1:E1</f><v>1</v></c>'
        '<c r="B2"><v>0</v></c></row>'
    )
    assert set(checked(rows)) == {"V101"}


def test_windows_that_stand_still_are_no_pool() -> None:
    numbers = {(i, j): f"<v>{i + j}</v>" for i in range(2) for j in range(2)}
    still = {(i, j): "<f>MAX($A$1:$B$2)</f><v>2</v>" for i in range(4, 7) for j in range(3)}
    assert checked(rows_of(numbers | still)) == []


def test_an_odd_line_above_a_convolution_is_no_part_of_it() -> None:
    kernel = {(i, j + 24): f"<v>{i - j}</v>" for i in range(2) for j in range(2)}
    numbers = {(i, j): f"<v>{i * j % 5}</v>" for i in range(12) for j in range(3)}
    below = {
        (i, j): f"<f>SUMPRODUCT({a1_name((i - 1, j - 4))}:{a1_name((i, j - 3))},$Y$1:$Z$2)</f>"
        for i in range(1, 12)
        for j in (4, 5)
    }
    above = {(0, j): "<f>SUMPRODUCT(A4:B5,$Y$1:$Z$2)</f>" for j in (4, 5)}
    whole = {(0, 8): "<f>SUM($E$1:$F$12)</f>"}
    cells = kernel | numbers | below | above | whole
    assert checked(rows_of(cells)) == ["L601", "V102"]
