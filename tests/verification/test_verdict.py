"""The verdict of a file: what is connected must be proven, what is outside does not count."""

from __future__ import annotations

import openpyxl
import pytest
from msgspec.structs import replace

from tests.helpers.command import run
from tests.helpers.paths import WORKBOOKS
from tests.helpers.sheet_cells import edited
from tests.helpers.workbooks import sheet
from tests.mutations import refreshed
from tests.mutations.subjects import preset
from xlconv.runs.results import Selection, exit_code, result_of, shortfall
from xlconv.spreadsheet.workbook import SheetBuilder, Workbook
from xlconv.verification.findings import Severity
from xlconv.verification.report import Report
from xlconv.verification.verify import verify, verify_workbook


def with_cells(workbook: Workbook, cells: dict[str, object]) -> Workbook:
    """Return a workbook with formulas and numbers in cells that were blank."""
    (old,), (new,) = workbook.sheets, sheet(cells).sheets
    builder = SheetBuilder()
    for one in (old, new):
        for k in range(len(one)):
            place = [int(one.rows[k])], [int(one.columns[k])]
            kind = one.kinds[k]
            texts = {"texts": [one.texts[k]]} if one.texts[k] else {}
            number = {} if kind == 2 else {"numbers": float(one.numbers[k])}
            builder.add(kind, *place, **texts, **number)
    return replace(workbook, sheets=(builder.finish(old.name),))


def verified(cells: dict[str, object]) -> Report:
    return verify_workbook(with_cells(preset("conv-example").workbook, cells))


@pytest.mark.many
@pytest.mark.parametrize(
    "text",
    ["=SUM(AH3:BG28)", "=MAX(AH3:BG28,AH32:BG57)", '=COUNTIF(AH3:BG28,">0")/676',
     "=AVERAGE(A2:AB29)",
     "=SUMXMY2(AH3:BG28,AH32:BG57)", "=AH3-AH32", "=STDEV(AH3:AH28)",
     "=MATCH(MAX(AH3:AH28),AH3:AH28,0)-1"],
)  # fmt: skip
def test_what_measures_a_network_is_no_open_question(text: str) -> None:
    report = verified({"A70": text})
    (index,) = [
        k for k, one in enumerate(report.calculation.workbook.sheets[0].texts) if one == text[1:]
    ]
    assert index >= 0
    assert {one.code for one in report.findings} <= {"V101", "V102"}


@pytest.mark.slow
@pytest.mark.parametrize("text", ["=AH3*2", "=EXP(AH3)", "=SUMPRODUCT(AH3:AJ5,AH32:AJ34)"])
def test_a_connected_formula_that_nobody_knows_leaves_a_file_partly_verified(text: str) -> None:
    report = verified({"A70": text})
    assert report.verdict in ("partly", "findings")
    assert report.verified < report.connected


@pytest.mark.slow
def test_a_formula_that_cannot_be_evaluated_is_accused_of_nothing() -> None:
    text = 'MAX(0,SUMPRODUCT(INDIRECT("M19:O21"),$AD$11:$AF$13)+$AD$15)'
    report = verify_workbook(edited(preset("conv-example").workbook, {"AT20": text}))
    assert report.verdict == "partly"
    assert [one.cell for one in report.findings if one.code == "V103"] == ["AT20"]
    assert not [one for one in report.findings if one.severity is Severity.ERROR]


@pytest.mark.slow
def test_a_note_has_nothing_to_do_with_the_network() -> None:
    report = verified({"A70": "=26*26", "A71": "=A70+1"})
    assert report.outside == 2
    assert report.connected == report.verified == 2823


def test_no_network_is_unverified() -> None:
    report = verify_workbook(sheet({"A1": 1.0, "A2": "=A1*2"}))
    result = result_of(report, Selection())
    assert (result.verdict, exit_code([result])) == ("unverified", 5)
    assert shortfall(result) == "no network was found"


@pytest.mark.slow
def test_less_than_all_is_enough_where_that_is_asked_for() -> None:
    bare = edited(preset("conv-example").workbook, {"A31": "FR4*FR5"})
    report = verify_workbook(replace(bare, names=(), properties=()))
    strict, lenient = (result_of(report, Selection(min_coverage=least)) for least in (1.0, 0.99))
    wrong = [one for one in report.findings if one.severity == "error" and one.code != "V101"]
    assert not wrong
    assert shortfall(strict) or strict.verdict == "findings"
    assert lenient.verdict in ("verified", "findings")


@pytest.mark.slow
def test_an_error_value_is_told_where_it_begins() -> None:
    broken = edited(preset("conv-example").workbook, {"AD11": None})
    report = verify_workbook(with_cells(broken, {"AD11": "=1/0"}))
    (one,) = [one for one in report.findings if one.code == "V106"]
    assert one.cell == "AD11"
    assert one.message.startswith("=1/0 gives #DIV/0!, and so do ")
    assert report.verdict == "findings"


@pytest.mark.slow
@pytest.mark.parametrize("text", ["=1/9", "=AD12", "=ABS(AE12)"])
def test_a_parameter_may_be_a_formula(text: str) -> None:
    broken = edited(preset("edges").workbook, {"AD11": None})
    report = verify_workbook(with_cells(broken, {"AD11": text}))
    codes = {one.code for one in report.findings}
    assert codes <= {"V101", "V102", "M501"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("name", ["rgb", "edges"])
def test_formulas_without_stored_values_are_verified_as_functions(name: str, tmp_path) -> None:
    path = tmp_path / "saved by openpyxl.xlsx"
    book = openpyxl.load_workbook(WORKBOOKS / f"{name}.xlsx")
    book.save(path)
    result = run("verify", path)
    assert result.exit_code == 0
    first = result.output.splitlines()[0]
    assert ": verified, " in first
    assert "no stored value in " in first and first.endswith("cells: open and save it")
    assert "soffice --headless --convert-to xlsx" in result.output
    quiet = run("verify", path, "--quiet")
    assert "no stored value in " in quiet.output
    report = verify(path)
    assert [one.code for one in report.findings] == ["V102"]
    assert report.verified == report.connected > 0


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_wrong_formula_without_stored_values_is_refused(tmp_path) -> None:
    path = tmp_path / "wrong.xlsx"
    book = openpyxl.load_workbook(WORKBOOKS / "rgb.xlsx")
    book.active["AP9"] = "=MAX(0,SUM(A1:A3))"
    book.save(path)
    result = run("verify", path)
    assert result.exit_code == 1
    assert "rgb!AP9" in result.output


PREDICTIONS = {
    "MATCH(MAX(FR4:FR13),FR4:FR13,0)-1": "verified",
    "MATCH(LARGE(FR4:FR13,2),FR4:FR13,0)-1": "verified",  # the second best
    "MAX(FR4:FR13)": "verified",
    "MATCH(MAX(FR4:FR12),FR4:FR12,0)-1": "partly",
    "MATCH(MAX(FR4:FR12),FR4:FR13,0)-1": "partly",
    "MATCH(MIN(FR4:FR13),FR4:FR13,0)-1": "partly",
    "MAX(FR5:FR13)": "partly",
}


@pytest.mark.many
@pytest.mark.parametrize("text", PREDICTIONS)
def test_a_prediction_is_the_largest_of_all_outputs(text: str) -> None:
    """Without names nothing says what the cell should be; of some outputs it is no measure."""
    book = preset("conv-example").workbook
    bare = replace(edited(book, {"A31": text}), names=(), properties=())
    report = verify_workbook(refreshed(bare))
    assert report.verdict == PREDICTIONS[text]
    left = [one.cell for one in report.findings if one.code == "L601"]
    assert left == ([] if report.verdict == "verified" else ["A31"])


@pytest.mark.many
@pytest.mark.parametrize(("without", "verdict"), [
    ((), "findings"), (("properties",), "findings"), (("names", "properties"), "partly")
])  # fmt: skip
def test_shares_without_exponentials_are_a_broken_softmax_where_something_says_so(
    without: tuple[str, ...], verdict: str
) -> None:
    book = preset("conv-example").workbook
    changes: dict[str, str | float | None] = {f"FQ{row}": f"FN{row}" for row in range(4, 14)}
    bare = replace(edited(book, changes), **dict.fromkeys(without, ()))
    assert verify_workbook(refreshed(bare)).verdict == verdict
