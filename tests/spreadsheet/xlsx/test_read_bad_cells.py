"""Cells that cannot be are refused, by name and in one line."""

from pathlib import Path

import pytest

from tests.helpers.packages import (
    parts,
    refused,
    save,
)
from tests.helpers.sheet_cases import SHARED
from xlconv.spreadsheet.xlsx.package import Budget


# What is refused: cells that cannot be.
def one(name: str, held: str = "<v>1</v>", attributes: str = "") -> str:
    return f'<row r="1"><c r="{name}" {attributes}>{held}</c></row>'


BAD_CELLS: dict[str, tuple[str, str]] = {
    "a column too far": (one("XFE1"), "XFE1.* off the sheet"),
    "a column far too far": (one("AAAA1"), "AAAA1.* off the sheet"),
    "a row too far": (one("A1048577"), "A1048577.* off the sheet"),
    "row 0 of a cell": (one("A0"), "A0.* off the sheet"),
    "no row": (one("A"), "off the sheet"),
    "no column": (one("1"), "off the sheet"),
    "no name": (one(""), "off the sheet"),
    "a range": (one("A1:B2"), "off the sheet"),
    "digits of another script": (one("A١"), "off the sheet"),
    "a long name": (one("A" * 100_000), "off the sheet"),
    "row 0": ('<row r="0"><c><v>1</v></c></row>', "off the sheet"),
    "row -1": ('<row r="-1"><c><v>1</v></c></row>', "off the sheet"),
    "row x": ('<row r="x"/>', "off the sheet"),
    "an empty row number": ('<row r=""/>', "off the sheet"),
    "row 1048577": ('<row r="1048577"/>', "off the sheet"),
    "a row beyond counting": (f'<row r="{"9" * 30}"/>', "off the sheet"),
    "a row with zeros before it": (
        f'<row r="00000001{"9" * 20}"><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a row of many digits": (f'<row r="00000001{"0" * 5000}"/>', "off the sheet"),
    "a row after the last": (
        '<row r="1048576"/><row><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a cell after the last": (
        '<row r="1"><c r="XFD1"/><c><v>1</v></c></row>',
        "off the sheet",
    ),
    "a cell outside a row": ("<c><v>1</v></c>", ""),
    "a cell twice": ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>', "twice"),
    "a cell twice, named once": (
        '<row r="1"><c r="B1"><v>1</v></c></row><row r="1"><c/><c><v>1</v></c></row>',
        "S!B1 stands twice",
    ),
    "a cell in a cell": ('<row r="1"><c r="A1"><v>1</v><c r="B1"><v>2</v></c></c></row>', ""),
    "two values": (one("A1", "<v>1</v><v>2</v>"), ""),
    "two formulas": (one("A1", "<f>1</f><f>2</f>"), ""),
    "NaN": (one("A1", "<v>NaN</v>"), "S!A1: 'NaN' is not a number"),
    "INF": (one("A1", "<v>INF</v>"), "not a number"),
    "-infinity": (one("A1", "<v>-infinity</v>"), "not a number"),
    "1e999": (one("A1", "<v>1e999</v>"), "not a number"),
    "a text for a number": (one("A1", "<v>one</v>"), "not a number"),
    "hexadecimal": (one("A1", "<v>0x10</v>"), "not a number"),
    "a number with an underscore": (one("A1", "<v>1_000</v>"), "not a number"),
    "a number of another script": (one("A1", "<v>١٢</v>"), "not a number"),
    "a long number": (one("A1", f"<v>{'1' * 100_000}x</v>"), "not a number"),
    "NaN of a formula": (one("A1", "<f>1</f><v>NaN</v>"), "not a number"),
    "1e999 of a formula": (one("A1", "<f>1</f><v>1e999</v>", 't="n"'), "not a number"),
    "a string past the last": (one("A1", "<v>8</v>", 't="s"'), "S!A1: shared string '8'"),
    "a negative string": (one("A1", "<v>-1</v>", 't="s"'), "shared string '-1'"),
    "half a string": (one("A1", "<v>0.5</v>", 't="s"'), "shared string '0.5'"),
    "a string by its text": (one("A1", "<v>plain</v>", 't="s"'), "shared string"),
    "a string beyond counting": (one("A1", f"<v>{'9' * 100_000}</v>", 't="s"'), "shared string"),
    "a string with an underscore": (one("A1", "<v>0_1</v>", 't="s"'), "shared string"),
    "a shared formula without master": (
        one("A1", '<f t="shared" si="7"/>'),
        "S!A1: its shared formula 7 is missing; expected a cell that spells it",
    ),
    "a shared formula whose master spells nothing": (
        one("A1", '<f t="shared" ref="A1:A2" si="7"/>'),
        "S!A1: its shared formula 7 is missing",
    ),
    "a shared formula without number": (one("A1", '<f t="shared"/>'), "S!A1: its shared formula"),
    "a shared formula with a long number": (
        one("A1", f'<f t="shared" si="{"x" * 100_000}"/>'),
        "its shared formula",
    ),
    "an array formula off the sheet": (
        one("A1", '<f t="array" ref="A1:XFE1">1</f>'),
        "XFE1.* off the sheet",
    ),
    "an array formula of a text": (one("A1", '<f t="array" ref="x:y">1</f>'), "off the sheet"),
    "an array formula upside down": (one("A1", '<f t="array" ref="B2:A1">1</f>'), ""),
    "an array formula elsewhere": (one("A1", '<f t="array" ref="C3:D4">1</f>'), ""),
    "a truth that is neither": (one("A1", "<v>2</v>", 't="b"'), ""),
    "an unknown type": (one("A1", "<v>1</v>", 't="x"'), ""),
}


@pytest.mark.many
@pytest.mark.parametrize("case", BAD_CELLS)
def test_cells_that_cannot_be_are_refused(tmp_path: Path, case: str) -> None:
    rows, message = BAD_CELLS[case]
    refused(save(tmp_path / "x.xlsx", parts(rows, strings=SHARED)), message, Budget(ratio=10_000))


@pytest.mark.parametrize("count", [16_385, 40_000])
def test_rows_of_nameless_cells_end_with_the_sheet(tmp_path: Path, count: int) -> None:
    content = parts("<row>" + "<c><v>1</v></c>" * count + "</row>")
    refused(save(tmp_path / "x.xlsx", content), "off the sheet", Budget(ratio=10_000))
