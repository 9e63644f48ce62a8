"""What explain tells, against openpyxl, NumPy and tracing by hand."""

import json
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.mutations import Fault, Subject, rebuilt
from tests.strategies import networks
from xlconv import book_of, initialised, network_of, strip
from xlconv.analysis.explanation import Explanation, explain_cell, explained, same
from xlconv.analysis.formula_steps import Step
from xlconv.cli import main
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.spreadsheet.xlsx.read import read_xlsx

WORKBOOKS = Path(__file__).parents[1] / "workbooks"
CONV_EXAMPLE = WORKBOOKS / "conv-example.xlsx"
STRIDE2 = WORKBOOKS / "stride2.xlsx"
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


def run(*arguments: str, columns: int | None = None) -> Result:
    env = {"COLUMNS": str(columns) if columns else None, "FORCE_COLOR": None}
    return CliRunner().invoke(main, ["explain", *arguments], env=env)


def text_of(path: Path, cell: str) -> str:
    result = run(str(path), cell)
    assert result.exit_code == 0, result.output
    return result.output


def squeezed(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def matrix(path: Path, area: str) -> np.ndarray:
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    return np.array([[cell.value or 0.0 for cell in row] for row in sheet[area]], float)


def find(step: Step, operation: str) -> list[Step]:
    own = [step] if step.operation == operation else []
    return own + [one for inner in step.operands for one in find(inner, operation)]


# -- numbers -----------------------------------------------------------------------------


def test_a_convolution_is_windows_times_kernels_plus_the_bias() -> None:
    found = explain_cell(CONV_EXAMPLE, "conv2[1, 5, 7]")
    assert (found.name, found.role) == ("conv-example!BT38", "conv2[1, 5, 7]")
    assert [type(layer).__name__ for layer in found.layers] == ["Conv2d", "ReLU"]
    first, second = find(found.step, "SUMPRODUCT")
    total = 0.0
    areas = (("AO8:AQ10", "BI39:BK41"), ("AO37:AQ39", "BI43:BK45"))
    for step, (window, kernel) in zip((first, second), areas, strict=True):
        expected = matrix(CONV_EXAMPLE, window) * matrix(CONV_EXAMPLE, kernel)
        assert np.allclose(step.products, expected, rtol=1e-12)
        assert step.value == pytest.approx(expected.sum(), rel=1e-12)
        total += expected.sum()
    (bias,) = openpyxl.load_workbook(CONV_EXAMPLE, data_only=True).worksheets[0]["BI47:BI47"][0]
    assert found.step.value == pytest.approx(max(0.0, total + bias.value), rel=1e-12)
    assert [one.name for one in first.operands] == ["conv1[0, 5:8, 7:10]", "conv2.weight[1, 0]"]
    (plus,) = find(found.step, "+")
    assert [one.name for one in plus.operands] == ["", "", "conv2.bias[1]"]


def test_a_pool_marks_the_maximum_of_its_window() -> None:
    window = matrix(CONV_EXAMPLE, "BU12:BV13")
    shown = squeezed(text_of(CONV_EXAMPLE, "pool1[0,4,4]"))
    assert window.argmax() == 0
    assert f"[{window[0, 0]:.3f}] {window[0, 1]:.3f}\n" in shown
    assert f"MAX(BU12:BV13) = {window.max():.3f}" in shown


def test_a_dense_unit_is_told_by_its_largest_products_and_the_rest() -> None:
    products = matrix(CONV_EXAMPLE, "EL4:EW15") * matrix(CONV_EXAMPLE, "CL4:CW15")
    largest = np.sort(np.abs(products).ravel())[::-1][:5]
    shown = squeezed(text_of(CONV_EXAMPLE, "fc1[3]")).replace("−", "-")
    told = [float(one) for one in re.findall(r" × .* = (-?[\d.]+)$", shown, re.M)][:5]
    assert np.allclose(np.abs(told), largest, atol=5e-4)
    rest = products.sum() - sum(
        products.ravel()[k] for k in np.argsort(-np.abs(products).ravel())[:5]
    )
    zeros = int((products == 0).sum())
    assert f"the other 139 products, {zeros} of them 0: {rest:.3f}" in shown
    assert f"sum {products.sum():.3f}" in shown


def test_a_softmax_has_logits_exponentials_sum_and_share() -> None:
    logits = matrix(CONV_EXAMPLE, "FN4:FN13").ravel()
    exponentials = np.exp(logits - logits.max())
    found = explain_cell(CONV_EXAMPLE, "softmax[2]")
    (part,) = found.parts
    assert part.role == "softmax.exp[2]"
    assert part.step.value == pytest.approx(exponentials[2])
    (largest,) = find(part.step, "MAX")
    assert largest.value == pytest.approx(logits.max(), rel=1e-12)
    (total,) = find(found.step, "SUM")
    assert total.value == pytest.approx(exponentials.sum())
    assert found.value == pytest.approx(exponentials[2] / exponentials.sum())
    shown = squeezed(text_of(CONV_EXAMPLE, "softmax[2]"))
    assert f"[{logits.max():.3f}]" in shown
    assert f"SUM(FQ4:FQ13) = {exponentials.sum():.3f}" in shown


def test_a_separate_relu_has_its_number_before_and_after(tmp_path: Path) -> None:
    spec = {
        "input": [1, 2, 2],
        "layers": [{"type": "Conv2d", "out_channels": 1, "kernel_size": 1}, {"type": "ReLU"}],
    }
    network = network_of(spec).with_state(
        {"conv1.weight": np.full((1, 1, 1, 1), -2.0), "conv1.bias": np.zeros(1)}
    )
    book = book_of(network, strip(network, fuse=False), [[[1.25, -1], [0, 2]]])
    book.write(tmp_path / "relu.xlsx")
    assert "MAX(0, −2.500 (conv1[0, 0, 0], " in text_of(tmp_path / "relu.xlsx", "relu1[0,0,0]")
    assert explain_cell(tmp_path / "relu.xlsx", "relu1[0,0,0]").value == 0
    assert explain_cell(tmp_path / "relu.xlsx", "relu1[0,0,1]").value == 2


def test_very_many_channels_are_told_by_the_largest() -> None:
    found = explain_cell(STRIDE2, "conv4[3,0,0]")
    sums = sorted((one.value for one in find(found.step, "SUMPRODUCT")), key=lambda x: -abs(x))
    assert len(sums) == 16
    shown = text_of(STRIDE2, "conv4[3,0,0]").replace("−", "-")
    told = [float(one) for one in re.findall(r"^  sum (.*)$", shown, re.M)]
    assert sorted(told) == pytest.approx(sorted(sums[:3]), abs=5e-4)
    sign, rest = re.search(r"([+-]) ([\d.]+) \(the other 13 products\)", shown).groups()
    assert float(sign + rest) == pytest.approx(sum(sums[3:]), abs=5e-4)


# -- every layer, traced by hand ---------------------------------------------------------


def parsed(text: str) -> list[Range]:
    found = []
    for left, top, right, bottom in _RANGE.findall(text):
        first = parse_a1(left + top)
        last = parse_a1(right + bottom) if right else first
        found.append(Range(*first, *last))
    return found


def precedents(seen: LiftedWorkbook) -> dict[Cell, set[Cell]]:
    """Every cell's own precedents, from the text of its formula alone."""
    sheet = seen.workbook.sheets[0]
    found = {}
    for index in np.flatnonzero(sheet.is_formula).tolist():
        cells = set()
        for area in parsed(sheet.texts[index]):
            cells |= {
                (row, column)
                for row in range(area.top, area.bottom + 1)
                for column in range(area.left, area.right + 1)
            }
        found[int(sheet.rows[index]), int(sheet.columns[index])] = cells
    return found


def closure(start: Cell, edges: dict[Cell, set[Cell]]) -> set[Cell]:
    found: set[Cell] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def cells_in(ranges: tuple[str, ...]) -> set[Cell]:
    return {
        (row, column)
        for text in ranges
        for area in parsed(text)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    }


def check(seen: LiftedWorkbook, cell: Cell, edges: dict[Cell, set[Cell]]) -> None:
    found = explained(seen, 0, cell)
    assert found.answers is not None, found.name
    assert same(found.step.value, found.answers.formula)
    assert same(found.answers.stored, found.answers.formula)
    assert same(found.answers.network, found.answers.formula)
    assert not found.remarks
    before = closure(cell, edges)
    for field in found.fields:
        (tensor,) = [one for k, one in enumerate(seen.lifted.tensors)
                     if one.sheet == 0 and seen.tensor_name(k) == field.name]  # fmt: skip
        own = {
            one for plane in tensor.planes for one in zip(*map(list, plane.cells()), strict=True)
        }
        own = {(int(r), int(c)) for r, c in own}
        boxes = cells_in(field.ranges) & own
        assert boxes == before & own or (field.has_gaps and boxes > before & own)
        assert field.cells == len(before & own)
    backwards: dict[Cell, set[Cell]] = {}
    for one, read in edges.items():
        for other in read:
            backwards.setdefault(other, set()).add(one)
    assert sum(one.cells for one in found.dependents) == len(backwards.get(cell, set()))
    assert cells_in(tuple(r for one in found.dependents for r in one.ranges)) >= backwards.get(
        cell, set()
    )
    reached = closure(cell, backwards)
    assert sum(one.cells for one in found.all_dependents) == len(reached)


@settings(max_examples=60)
@given(network=networks(), fuse=st.booleans(), data=st.data())
def test_every_unit_of_any_network_is_explained_as_its_formulas_say(
    network: Network, fuse: bool, data: st.DataObject
) -> None:
    x = np.random.default_rng(0).normal(size=network.input_shape).round(2)
    seen = lift_workbook(book_of(network, strip(network, fuse=fuse), x).workbook)
    assume(len(seen.networks) == 1)
    edges = precedents(seen)
    tensors = [one for one in seen.lifted.tensors if one.source >= 0]
    for tensor in tensors:
        plane = data.draw(st.sampled_from(tensor.planes))
        i = data.draw(st.integers(0, plane.shape[0] - 1))
        j = data.draw(st.integers(0, plane.shape[1] - 1))
        check(seen, plane.cell(i, j), edges)


@pytest.mark.parametrize("name", ["conv-example.relu.xlsx", "conv-example.linear.xlsx"])
def test_published_workbooks_are_explained(wild: Path, name: str) -> None:
    seen = open_workbook(wild / name)
    edges = precedents(seen)
    for cell in ("AH3", "BG28", "BM4", "CK10", "CK56", "DK26", "CM33", "EN4"):
        check(seen, parse_a1(cell), edges)


def test_planes_on_every_second_cell_are_named_and_their_gaps_are_blank(wild: Path) -> None:
    path = wild / "conv-example.relu.xlsx"
    dense = explain_cell(path, "EN4")
    assert [one.name for one in dense.step.operands[0].operands] == [
        "fc1.weight[0, 0:156]", "pool1[0]",
    ]  # fmt: skip
    assert explain_cell(path, "CO6").role == "pool1[0, 1, 1]"
    between = explain_cell(path, "CN4")
    assert (between.kind, between.role) == ("blank", "")


def test_windows_of_planes_on_every_second_cell_are_named_by_their_entries(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spaced.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        for i in range(6):
            for j in range(6):
                sheet.write(i, j, i * 6 + j)
        for i in range(4):
            for j in range(4):
                area = f"{a1_name((i, j))}:{a1_name((i + 1, j + 1))}"
                sheet.write_formula(2 * i, 10 + 2 * j, f"=MAX({area})", value=(i + 1) * 6 + j + 1)
        sheet.write_formula("A20", "=SUM(M3:P6)-1", value=0)
    (total,) = find(explain_cell(path, "A20").step, "SUM")
    assert total.operands[0].name == "pool1[0, 1:3, 1:3]"


def test_array_formulas_show_the_same_matrices(wild: Path) -> None:
    path = wild / "conv-example.relu.xlsx"
    shown = squeezed(text_of(path, "AY9"))
    expected = matrix(path, "R8:T10") * matrix(path, "AD11:AF13")
    assert "{=MAX(0,SUM(R8:T10*$AD$11:$AF$13))}" in shown
    assert f"sum {expected.sum():.3f}".replace("-", "−") in shown
    assert "input[0, 6:9, 17:20] conv1.weight[0, 0] products" in shown


def test_every_kind_of_cell_of_our_workbook_is_explained() -> None:
    seen = open_workbook(CONV_EXAMPLE)
    edges = precedents(seen)
    for cell in ("AH3", "CJ56", "CW44", "FN4", "FN13", "FR4", "FQ9"):
        check(seen, parse_a1(cell), edges)


def test_a_field_is_clipped_and_says_where_it_reaches_padding() -> None:
    found = explain_cell(STRIDE2, "conv2[0,0,0]")
    one, two = found.fields
    assert (one.name, one.size, one.padding) == ("conv1", (2, 2), (("above", 1), ("left", 1)))
    assert (two.name, two.size, two.ranges) == ("input", (4, 4), ("B3:E6",))
    assert two.padding == (("above", 1), ("left", 1))
    inner = explain_cell(STRIDE2, "conv2[0,3,3]")
    assert inner.fields[1].size == (7, 7) and not inner.fields[1].padding
    assert "reaches padding: 1 above, 1 left" in text_of(STRIDE2, "conv2[0,0,0]")


def test_inner_units_see_what_the_network_says_that_they_see() -> None:
    seen = open_workbook(STRIDE2)
    network = seen.networks[0].network
    sizes = [one.size for one in explained(seen, *seen.find("conv3[5,2,2]")).fields]
    reaches = network.receptive_fields(network.names.index("conv3") + 1)
    assert sizes == [reaches[4].size, reaches[2].size, (15, 15)]


# -- what is no unit ---------------------------------------------------------------------


def test_a_weight_says_what_it_is_and_what_depends_on_it() -> None:
    found = explain_cell(CONV_EXAMPLE, "AD11")
    assert found.role == "conv1.weight[0, 0, 0, 0]"
    assert (found.role_kind, found.kind) == ("weight", "number")
    assert [(one.name, one.ranges, one.cells) for one in found.dependents] == [
        ("conv1", ("AH3:BG28",), 676)
    ]
    assert {one.name: one.cells for one in found.all_dependents} == {
        "conv1": 676, "conv2": 2 * 24 * 24, "pool1": 2 * 12 * 12, "fc1": 10, "softmax.exp": 10,
        "softmax": 10, "softmax.prediction": 1,
    }  # fmt: skip


def test_an_input_reaches_the_cone_of_its_readers() -> None:
    found = explain_cell(CONV_EXAMPLE, "F12")
    assert found.role == "input[0, 10, 5]"
    assert {one.name: one.cells for one in found.all_dependents if "conv" in one.name} == {
        "conv1": 2 * 9, "conv2": 2 * 25,
    }  # fmt: skip


def test_texts_and_blanks_are_one_clear_statement(wild: Path) -> None:
    assert text_of(CONV_EXAMPLE, "A1") == (
        "conv-example!A1: the text 'input · 1@28×28'\n  no formula reads it\n"
    )
    assert text_of(CONV_EXAMPLE, "AG5") == "conv-example!AG5: blank\n  no formula reads it\n"
    # The published workbook's windows reach into a blank column.
    shown = squeezed(text_of(wild / "conv-example.relu.xlsx", "BH10"))
    assert "BH10: blank\nis read by conv2 6 cells CK9:CK11, CK38:CK40\n" in shown


# -- what is wrong -----------------------------------------------------------------------


def mutated(cell: str, content: tuple, **options: object) -> Explanation:
    subject = Subject.of("conv-example", read_xlsx(CONV_EXAMPLE))
    place = parse_a1(cell)
    broken = rebuilt(subject, Fault({place: content}, place, (), **options))
    return explained(lift_workbook(broken), 0, place)


def test_a_number_in_a_block_is_told_with_the_blocks_formula() -> None:
    found = mutated("AP9", (Kind.NUMBER, 1.25, ""))
    assert (found.kind, found.role, found.value) == ("number", "conv1[0, 6, 8]", 1.25)
    expected = "=MAX(0,SUMPRODUCT(I8:K10,$AD$11:$AF$13)+$AD$15) here"
    assert any(expected in one for one in found.remarks)


def test_another_formula_in_a_block_is_worked_out_and_told() -> None:
    found = mutated("AP9", (Kind.FORMULA, 0.0, "MAX(0,SUMPRODUCT(I9:K11,$AD$11:$AF$13)+$AD$15)"))
    window, kernel = matrix(CONV_EXAMPLE, "I9:K11"), matrix(CONV_EXAMPLE, "AD11:AF13")
    (products,) = find(found.step, "SUMPRODUCT")
    assert np.allclose(products.products, window * kernel)
    assert any("off the pattern of AH3:BG28" in one for one in found.remarks)
    assert any("the layer gives" in one for one in found.remarks)


def test_a_cell_that_left_its_block_reads_nothing_any_more() -> None:
    subject = Subject.of("conv-example", read_xlsx(CONV_EXAMPLE))
    place = parse_a1("AP9")
    broken = lift_workbook(rebuilt(subject, Fault({place: (Kind.NUMBER, 1.25, "")}, place, ())))
    (reader,) = explained(broken, 0, parse_a1("AD11")).dependents
    assert reader.cells == 675
    cells = cells_in(reader.ranges)
    assert len(cells) == 675 and place not in cells


def test_a_stale_value_is_told(tmp_path: Path) -> None:
    path = tmp_path / "stale.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("s").write_formula("B1", "=A1+1", value=7)
    found = explain_cell(path, "B1")
    assert found.remarks == ("stale: the file stores 7, the formula gives 1",)
    assert "✗ not the same" in text_of(path, "B1")
    assert "✓ the same" in text_of(CONV_EXAMPLE, "conv1[0,0,0]")


# -- formulas that no layer spells -------------------------------------------------------

ODD = {
    "E1": "=IF(A1>0,A1,0)/SUM(A1:C3)-3%",
    "E2": "=SUMPRODUCT(A1:C3,'my data'!A1:C3)^2*2+A10",
    "E3": "=A1/A10+1",
    "E4": "=OFFSET(A1,0,0)+A2",
    "E5": "=RAND()*A1",
    "E6": "=E7+1",
    "E7": "=E6+1",
    "E8": '="a"&A5',
    "E9": "=MAX(A1,B2,-C3)",
    "E10": "=A1",
    "E11": "=NoSuchName+1",
    "E12": "=SUM(A1:B5)",
    "E13": "=SUMPRODUCT(A1:C3*A1:C3*A1:C3)",
    "E14": "=SUMPRODUCT((A1:C3>3)*A1:C3)",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd") / "odd.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, other = book.add_worksheet("odd"), book.add_worksheet("my data")
        for i in range(3):
            for j in range(3):
                sheet.write(i, j, i * 3 + j + 0.5)
                other.write(i, j, (i - j) / 3)
        sheet.write("A5", "text")
        for cell, formula in ODD.items():
            sheet.write_formula(cell, formula, value=0.25)
    return path


A = np.arange(9).reshape(3, 3) + 0.5
B = (np.arange(3)[:, None] - np.arange(3)) / 3


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("E1", 0.5 / A.sum() - 0.03), ("E2", (A * B).sum() ** 2 * 2), ("E3", "#DIV/0!"),
        ("E8", "atext"), ("E9", 4.5), ("E10", 0.5), ("E12", A[:, :2].sum()),
        ("E13", (A**3).sum()), ("E14", A[A > 3].sum()),
    ],
)  # fmt: skip
def test_formulas_of_no_layer_are_worked_out(odd: Path, cell: str, value: object) -> None:
    found = explain_cell(odd, cell)
    assert found.role == "" and found.formula == ODD[cell]
    assert found.step.value == (pytest.approx(value) if isinstance(value, float) else value)
    assert found.answers.network is None
    assert "a formula in no layer" in text_of(odd, cell)


def test_a_tree_has_every_part_with_its_value(odd: Path) -> None:
    shown = squeezed(text_of(odd, "E1"))
    for line in ("IF(A1>0,A1,0) = 0.500", "A1>0 = TRUE", "SUM(A1:C3) = 40.500", "3% = 0.030"):
        assert re.search(rf"^[│ ]*[├└]── {re.escape(line)}$", shown, re.M), line
    assert "0.500 / 40.500 = 0.012\n" in shown
    assert "0.500 (A1) > 0 = TRUE\n" in shown


def test_every_part_has_the_value_of_its_own_formula(odd: Path) -> None:
    (power,) = find(explain_cell(odd, "E2").step, "^")
    assert power.value == pytest.approx((A * B).sum() ** 2)
    (sums,) = find(power, "SUMPRODUCT")
    assert np.allclose(sums.products, A * B)
    assert sums.operands[1].sheet == "my data"
    assert sums.text == "SUMPRODUCT(A1:C3,'my data'!A1:C3)"


def test_inside_sumproduct_ranges_are_worked_out_entry_by_entry(odd: Path) -> None:
    (compared,) = find(explain_cell(odd, "E14").step, ">")
    assert np.array_equal(compared.values, A > 3)
    assert "FALSE FALSE FALSE" in squeezed(text_of(odd, "E14"))


@pytest.mark.parametrize(
    ("cell", "remark"),
    [
        ("E4", "not evaluated: the function OFFSET"),
        ("E5", "a random or outside value: the stored one is taken as an input"),
        ("E6", "not evaluated: it depends on itself"),
        ("E11", "not evaluated: the name or reference NoSuchName"),
    ],
)
def test_what_is_not_evaluated_says_why_and_where(odd: Path, cell: str, remark: str) -> None:
    found = explain_cell(odd, cell)
    assert remark in found.remarks
    assert found.answers.formula is None
    shown = text_of(odd, cell)
    assert remark in shown and "stored 0.25" in shown
    assert "✓" not in shown and "✗" not in shown


# -- the command -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("nonsense", "'nonsense' is no cell"),
        ("conv9[0,0,0]", "no layer 'conv9'"),
        ("conv2[0,0,24]", "conv2[0, 0, 24]: conv2 is 2×24×24; expected an index within"),
        ("conv2[-1,0,0]", "conv2[-1, 0, 0]: conv2 is 2×24×24; expected an index within"),
        ("conv2[1,5]", "conv2[1, 5]: 2 indices; expected 3: channel, row, column"),
        ("fc1[]", "fc1[]: 0 indices; expected 1: unit"),
        ("conv1.weight[1]", "1 index; expected 4: output channel, input channel, row, column"),
        ("conv1[0, 5:8, 7]", "no single cell; expected one number each for channel, row"),
        ("covn2[0,0,0]", "relu2, pool1, flatten, fc1, softmax; did you mean conv2?"),
        ("conv1.wieght[0]", "expected one of conv1.weight, conv1.bias, conv1.padding; did you"),
        ("sofmax", "or a defined name; did you mean softmax?"),
        ("conv1.padding[0, 9, 9]", "no cell of the padding"),
        ("other!A1", "no sheet 'other'"),
    ],
)
def test_what_is_no_cell_is_one_line(cell: str, message: str) -> None:
    result = run(str(CONV_EXAMPLE), cell)
    assert result.exit_code == 2
    assert result.output.startswith("error: ") and result.output.count("\n") == 1
    assert message in result.output


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.xlsx"), "A1")
    assert result.exit_code == 2 and result.output.count("\n") == 1


@pytest.mark.parametrize(
    "cell", ["conv2[1,5,7]", "softmax[7]", "fc1[3]", "A1", "AD11", "AG5", "A31", "relu1_0"]
)
def test_the_json_is_a_contract_without_nan(cell: str) -> None:
    if cell == "relu1_0":  # a defined name
        assert explain_cell(CONV_EXAMPLE, cell).cell == "AH3"
    output = run(str(CONV_EXAMPLE), cell, "--format", "json").output
    table = json.loads(output, parse_constant=pytest.fail)
    assert table["version"] == 2
    assert set(table) == {
        "version", "path", "sheet", "cell", "kind", "role", "role_kind", "layers", "formula",
        "value", "stored", "from_formula", "from_network", "remarks", "step", "parts", "fields",
        "dependents", "all_dependents", "annotation",
    }  # fmt: skip
    if table["kind"] == "formula":
        assert table["step"]["values"] == [[table["from_formula"]]]
        assert table["from_network"] == pytest.approx(table["from_formula"], abs=1e-12)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("cell", ["conv2[1,5,7]", "softmax[7]", "fc1[3]", "pool1[0,4,4]", "A31"])
def test_lines_stay_within_the_terminal(cell: str, columns: int) -> None:
    output = run(str(CONV_EXAMPLE), cell, columns=columns).output
    lines = [line for line in output.splitlines() if not line.startswith("=")]  # the formula is one
    assert max(len(line.rstrip()) for line in lines) <= columns


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b" not in text_of(CONV_EXAMPLE, "pool1[0,4,4]")
    assert "\x1b[" in run(str(CONV_EXAMPLE), "pool1[0,4,4]", "--color").output


def test_a_dilated_kernel_shows_its_holes_and_counts_no_products_there(tmp_path: Path) -> None:
    spec = {
        "input": [1, 6, 6],
        "layers": [{"type": "Conv2d", "out_channels": 1, "kernel_size": 2, "dilation": 2}],
    }
    network = initialised(network_of(spec), seed=0)
    path = tmp_path / "dilated.xlsx"
    book_of(network, strip(network), np.ones((1, 6, 6))).write(path)
    (products,) = find(explain_cell(path, "conv1[0,0,0]").step, "SUMPRODUCT")
    weight = network.layers[0].weight[0, 0]
    assert np.allclose(np.array(products.products)[::2, ::2], weight)
    assert np.count_nonzero(products.products) == 4
    assert products.operands[1].values[1] == (None, None, None)
    assert "·" in text_of(path, "conv1[0,0,0]")


def test_the_readme_shows_what_explain_prints() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    section = readme.split("### Explain\n")[1].split("\n### ")[0]
    shown = re.search("```\n(.*?)```", section, re.S)[1]
    printed = text_of(CONV_EXAMPLE, "conv2[1, 5, 7]")
    assert [line.rstrip() for line in shown.splitlines()] == [
        line.rstrip() for line in printed.splitlines()
    ]
