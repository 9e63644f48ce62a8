"""What explain tells of the units and other cells of a network, against openpyxl and NumPy."""

import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from tests.helpers.command import squeezed
from tests.helpers.explaining import CONV_EXAMPLE, STRIDE2, find, matrix, text_of
from tests.helpers.shipped import opened, shipped_subject
from tests.helpers.traced_by_hand import cells_in, check, precedents
from tests.mutations import Fault, rebuilt
from xlconv import book_of, network_of, strip
from xlconv.analysis.explanation import Explanation, explain_cell, explained
from xlconv.lifting.lifted_workbook import lift_workbook, open_workbook
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_pool_marks_the_maximum_of_its_window() -> None:
    window = matrix(CONV_EXAMPLE, "CA18:CB19")
    shown = squeezed(text_of(CONV_EXAMPLE, "pool1[0,7,7]"))
    assert window.argmax() == 0
    assert f"[{window[0, 0]:.3f}] {window[0, 1]:.3f}\n" in shown
    assert f"MAX(CA18:CB19) = {window.max():.3f}" in shown


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


@pytest.mark.slow
def test_very_many_channels_are_told_by_the_largest() -> None:
    found = explain_cell(STRIDE2, "conv4[3,0,0]")
    sums = sorted((one.value for one in find(found.step, "SUMPRODUCT")), key=lambda x: -abs(x))
    assert len(sums) == 16
    shown = text_of(STRIDE2, "conv4[3,0,0]").replace("−", "-")
    told = [float(one) for one in re.findall(r"^  sum (.*)$", shown, re.M)]
    assert sorted(told) == pytest.approx(sorted(sums[:3]), abs=5e-4)
    sign, rest = re.search(r"([+-]) ([\d.]+) \(the other 13 products\)", shown).groups()
    assert float(sign + rest) == pytest.approx(sum(sums[3:]), abs=5e-4)


@pytest.mark.slow
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


@pytest.mark.slow
def test_every_kind_of_cell_of_our_workbook_is_explained() -> None:
    seen = opened("conv-example")
    edges = precedents(seen)
    for cell in ("AH3", "CJ56", "CW44", "FN4", "FN13", "FR4", "FQ9"):
        check(seen, parse_a1(cell), edges)


@pytest.mark.slow
def test_a_field_is_clipped_and_says_where_it_reaches_padding() -> None:
    found = explain_cell(STRIDE2, "conv2[0,0,0]")
    one, two = found.fields
    assert (one.name, one.size, one.padding) == ("conv1", (2, 2), (("above", 1), ("left", 1)))
    assert (two.name, two.size, two.ranges) == ("input", (4, 4), ("B3:E6",))
    assert two.padding == (("above", 1), ("left", 1))
    inner = explain_cell(STRIDE2, "conv2[0,3,3]")
    assert inner.fields[1].size == (7, 7) and not inner.fields[1].padding
    assert "reaches padding: 1 above, 1 left" in text_of(STRIDE2, "conv2[0,0,0]")


@pytest.mark.slow
def test_inner_units_see_what_the_network_says_that_they_see() -> None:
    seen = opened("stride2")
    network = seen.networks[0].network
    sizes = [one.size for one in explained(seen, *seen.find("conv3[5,2,2]")).fields]
    reaches = network.receptive_fields(network.names.index("conv3") + 1)
    assert sizes == [reaches[4].size, reaches[2].size, (15, 15)]


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


def mutated(cell: str, content: tuple, **options: object) -> Explanation:
    subject = shipped_subject("conv-example")
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
    subject = shipped_subject("conv-example")
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
