"""Work is bounded: what would take too long is refused, or not calculated, with a reason."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.packages import SHEET, parts, refused, save, sheet_xml
from xlconv.errors import ReadError
from xlconv.spreadsheet.blocks.grouping import growing, merging, widening
from xlconv.spreadsheet.blocks.grouping import matching_lines as lines
from xlconv.spreadsheet.blocks.grouping.group import group
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.calculation.calculate import Status, calculate
from xlconv.spreadsheet.calculation.cells import Cells
from xlconv.spreadsheet.calculation.evaluate import evaluate
from xlconv.spreadsheet.calculation.meter import Meter
from xlconv.spreadsheet.formula.parse import parse
from xlconv.spreadsheet.values import Pool, Unsupported, Value
from xlconv.spreadsheet.workbook import Workbook
from xlconv.spreadsheet.xlsx.package import Budget
from xlconv.spreadsheet.xlsx.read import read_xlsx

FILLINGS = {
    "elements": "<a/>" * 300,
    "closed elements": "<a></a>" * 300,
    "attributes": "<a " + " ".join(f"a{k}='1'" for k in range(900)) + "/>",
    "entities": "&amp;" * 900,
    "line breaks": "\n" * 900,
    "comments": "<!---->" * 900,
    "instructions": "<?a?>" * 900,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_what_costs_more_than_its_bytes_is_counted(
    tmp_path: Path, filling: str, encoding: str
) -> None:
    content = parts() | {SHEET: sheet_xml(FILLINGS[filling]).encode(encoding)}
    path = save(tmp_path / "x.xlsx", content, zipfile.ZIP_STORED)
    refused(path, "more than the 300 elements allowed", Budget(elements=300))
    assert read_xlsx(path, Budget(elements=700)).sheets


def workbook(tmp_path: Path, formulas: dict[str, str]) -> Workbook:
    """A workbook of one sheet with these formulas by cell, in the order of the sheet."""
    rows = "".join(f'<c r="{cell}"><f>{text}</f></c>' for cell, text in formulas.items())
    return read_xlsx(save(tmp_path / "x.xlsx", parts(f"<row>{rows}</row>")))


def test_very_long_formulas_without_a_pattern_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlike = {f"C{k}": "+".join(["A1"] * k) for k in range(1, 12)}
    (sheet,) = workbook(tmp_path, unlike).sheets
    assert sum(one.size for one in group(sheet)) == len(unlike)
    monkeypatch.setattr(growing, "_MOST_LETTERS", 100)
    with pytest.raises(ReadError, match="'S': formulas that have no pattern in common are too"):
        group(sheet)


def test_very_many_ranges_around_formulas_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = {f"C{k}": f"A{k}*2" for k in range(2, 6)}
    reads = {f"F{k}": f"SUM(A1:D{k + 9})+{k}" for k in range(2, 9)}
    (sheet,) = workbook(tmp_path, inner | reads).sheets
    assert group(sheet)
    monkeypatch.setattr(widening, "_MOST_PAIRS", 5)
    with pytest.raises(ReadError, match="more than 5 ranges"):
        group(sheet)


@pytest.mark.many
@pytest.mark.parametrize("width", [1, 2, 7])
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("odd", [None, (3, 0), (9, 0)])
def test_narrow_blocks_are_compared_column_by_column_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, step: int, odd: object
) -> None:
    formulas = {
        f"{'CDEFGHI'[j]}{i * step + 1}": "1+1" if (i, j) == odd else f"SUM($A$1:B{i + 20})*{j + 1}"
        for i in range(40)
        for j in range(width)
        if (i, j) != (7, 0)
    }
    (sheet,) = workbook(tmp_path, formulas).sheets
    narrow = group(sheet)
    monkeypatch.setattr(lines, "_NARROW", 0)
    for one, other in zip(narrow, group(sheet), strict=True):
        assert (one.lattice, one.pattern, one.is_array) == (
            other.lattice,
            other.pattern,
            other.is_array,
        )
        np.testing.assert_array_equal(one.cells, other.cells)
        np.testing.assert_array_equal(one.regular, other.regular)
    assert len(narrow) < len(formulas)


def cost(text: str, values: Value) -> int:
    """What a formula in one cell costs beside reading, whose every reference is to `values`."""
    spent: list[int] = []
    cells = Cells((1, 1), lambda *_, **__: values, np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1)),
                  Pool(["a"]), spend=spent.append)  # fmt: skip
    evaluate(parse(text), cells)
    return sum(spent)


NUMBERS = Value(np.ones((1, 1, 10, 10)), None, is_reference=True)
TEXTS = replace(NUMBERS, numbers=np.zeros((1, 1, 10, 10)), kinds=np.full((1, 1, 10, 10), 2))


def test_operations_cost_what_they_work_on() -> None:
    assert cost("SUM(A1:J10)", NUMBERS) == 100
    assert cost("SUMPRODUCT(-A1:J10)", NUMBERS) == 200
    assert cost("SUMPRODUCT(A1:J10+1+1)", NUMBERS) == 500
    assert cost("SUMPRODUCT(IF(A1:J10,1,2))", NUMBERS) == 300
    assert cost("SUM(MMULT(A1:J10,A1:J10))", NUMBERS) == 2 * 100 + 1000 + 100


@pytest.mark.parametrize("text", ["SUMPRODUCT(--(A1:J10=1))", "COUNTIF(A1:J10,1)"])
def test_texts_cost_more_than_numbers(text: str) -> None:
    assert cost(text, TEXTS) > 25_000
    assert cost(text, NUMBERS) <= 500


def test_no_operation_makes_far_more_than_it_reads() -> None:
    tall = np.ones((1, 1, 5_000, 1))

    def read(reference: object, **_: object) -> Value:
        return Value(tall, None, is_reference=True)

    cells = Cells((1, 1), read, tall[:, :, :1], tall[:, :, :1], Pool())
    with pytest.raises(Unsupported, match="25,000,000 numbers at once"):
        evaluate(parse("SUMPRODUCT(A1:A5000*TRANSPOSE(A1:A5000))"), cells)


def test_what_is_too_much_to_calculate_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = workbook(tmp_path, {"C1": "SUMPRODUCT(A1:B900*A1:B900)", "D9": "1+1"})
    assert (calculate(book).statuses[0] == Status.CALCULATED).all()
    spend, spent = Meter.spend, Meter().left - 55_000
    monkeypatch.setattr(Meter, "spend", lambda self, cost: spend(self, cost + spent))
    found = calculate(book)
    assert (found.statuses[0] == Status.UNSUPPORTED).all()
    assert "more to calculate" in found.reasons.get((0, 0))


def test_only_what_is_near_is_joined() -> None:
    boxes = np.array(
        [
            [5, 5, 1, 1],
            [4, 5, 1, 1],
            [3, 5, 1, 1],
            [8, 5, 2, 2],
            [9, 5, 1, 1],
            [5, 3, 1, 2],
            [5, 2, 1, 2],
        ]
    )
    home = type("Home", (), {"lattice": Plane((5, 5), (3, 3), (1, 1))})()
    assert merging._near(home, boxes).tolist() == [0, 1, 3, 5]
