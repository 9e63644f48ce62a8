"""What `explain` tells of a layer, and which words name one."""

import json

import openpyxl
import pytest

from tests.helpers.command import good, refused, run
from tests.helpers.paths import WORKBOOKS
from xlconv.analysis.layer_explanation import explained_layer, layer_named
from xlconv.lifting.lifted_workbook import LiftedWorkbook, open_workbook
from xlconv.presets import PRESETS

BOOK = WORKBOOKS / "conv-example.xlsx"


@pytest.fixture(scope="module")
def book() -> LiftedWorkbook:
    return open_workbook(BOOK)


def test_a_layer_is_told_whole() -> None:
    said = [
        " ".join(line.split())
        for line in run("explain", BOOK, "conv2", columns=200).output.splitlines()
    ]
    assert said == [
        "conv-example: conv2, Conv2d 3×3",
        "reads relu1, 2×26×26",
        "gives 2×24×24: (26 + 2·0 − 3)//1 + 1 = 24",
        "stands in BM4:CJ27, BM33:CJ56, together with relu2",
        "one cell BY16, conv2[0, 12, 12]: =MAX(0,SUMPRODUCT(AT15:AV17,$BI$10:$BK$12)"
        "+SUMPRODUCT(AT44:AV46,$BI$14:$BK$16)+$BI$18)",
        "with conv2.weight, 2×2×3×3: BI10:BK12, BI14:BK16, BI39:BK41, BI43:BK45",
        "conv2.bias, 2: BI18, BI47",
        "costs 38 parameters, 20,736 multiplications",
        "a unit sees 5×5 of the input, moving by 1, from 0",
        "numbers mean 0.087, std 0.341, 72.7% near 0, from −0.837 to 1.650",
        "is read by pool1, 288 cells: CL4:CW15, CL33:CW44",
        f"next: xlconv explain {BOOK} 'conv-example!BY16'",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("conv2", "conv2"), ("Conv2", "conv2"), ("input", "input"), ("flatten", "flatten"),
        ("conv-example!conv2", "conv2"), ("conv2.weight", "conv2"), ("softmax.exp", "softmax"),
        ("fc1", "fc1"), ("FC1", None), ("conv-example!fc1", None), ("BT38", None), ("conv3", None),
        ("conv2[1, 5, 7]", None), ("conv2.nothing", None), ("other!conv2", None),
    ],
)  # fmt: skip
def test_a_name_is_a_layer_or_a_cell(book: LiftedWorkbook, text: str, name: str | None) -> None:
    found = layer_named(book, text)
    names = [("input", *one.network.names) for one in book.networks]
    assert (None if found is None else names[found[0]][found[1]]) == name


def test_what_is_neither_is_refused_as_before() -> None:
    assert refused("explain", BOOK, "conv3").endswith("did you mean conv2?")


@pytest.mark.slow
def test_a_head_beside_another_is_known_too() -> None:
    path = WORKBOOKS / "multi-label.xlsx"
    both = [good("explain", path, name) for name in ("sigmoid1", "softmax")]
    assert all("reads" in said and "fc1," in said for said in both)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_layer_of_every_preset_is_explained(name: str) -> None:
    shipped = open_workbook(WORKBOOKS / f"{name}.xlsx")
    for k, one in enumerate(shipped.networks):
        names = ("input", *one.network.names)
        for number in {0, 1, len(names) // 2, len(names) - 1} if k == 0 else {len(names) - 1}:
            own = names[number]
            found = explained_layer(shipped, k, number)
            assert found.name == own
            assert len(found.reads) == (len(one.network.sources[number - 1]) if number else 0)
            assert not found.findings or name == "fastai"
            if found.formula:
                place = shipped.find(found.unit)
                assert place == shipped.find(f"{found.sheet}!{found.cell}")
                own_formula = shipped.workbook.sheets[place[0]].formula(place[1])
                assert found.formula == f"={own_formula}"


def test_json_is_the_contract() -> None:
    table = json.loads(good("explain", BOOK, "pool1", "--format", "json"))
    assert table["version"] == 1
    assert table["layer"]["type"] == "MaxPool2d" and table["shares"] == ["flatten"]
    assert table["reads"] == [{"name": "relu2", "shape": [2, 24, 24]}]
    assert (table["cell"], table["unit"]) == ("CR10", "pool1[0, 6, 6]")
    assert [one["name"] for one in table["dependents"]] == ["fc1"]


@pytest.mark.slow
def test_what_is_wrong_in_a_layer_is_said_first(tmp_path) -> None:
    changed = openpyxl.load_workbook(WORKBOOKS / "edges.xlsx")
    changed.active["AM12"] = 5
    changed.save(tmp_path / "odd.xlsx")
    said = run("explain", tmp_path / "odd.xlsx", "conv1").output.splitlines()
    assert said[1].startswith("  ! error S202 AM12: the number 5")


@pytest.mark.slow
def test_a_file_without_values_is_told_how_to_have_some(tmp_path) -> None:
    path = tmp_path / "bare.xlsx"
    openpyxl.load_workbook(WORKBOOKS / "edges.xlsx").save(path)
    result = run("verify", path)
    assert result.exit_code == 0
    assert "no stored value in 2,704 cells; open and save it in a spreadsheet" in result.output
    command = f"soffice --headless --convert-to xlsx --outdir saved {path}"
    assert f"  next: open and save it in a spreadsheet, or: {command}\n" in result.output
    assert "no value is stored in the file; open and save it" in run("explain", path, "AH3").output
