"""One network for several samples side by side: every sample is the same network once more."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.desk import Desk, area, name
from tests.helpers.perceptrons import (
    SIGMOID,
    SUMS,
    Cells,
    first_layer,
    numbers,
    put,
    two_layers,
    typed,
    weights_of,
)
from xlconv.layers import Flatten, Linear, ReLU, Sigmoid, Tanh
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lifting.networks import LiftedNetwork
from xlconv.spreadsheet.workbook import Workbook
from xlconv.verification.verify import Report, verify_workbook


def verified(book: Workbook) -> LiftedNetwork:
    """Return the one network of a workbook in which every formula is verified."""
    report = verify_workbook(book)
    assert not [f"{one.code} {one.place}: {one.message}" for one in report.findings]
    assert (report.coverage, report.verdict, report.outside) == (1.0, "verified", 0)
    (found,) = report.networks
    return found


def errors(report: Report) -> dict[str, str]:
    found = (one for one in report.findings if one.severity == "error" and one.root)
    return {one.cell: one.code for one in found}


def has_parameters(found: LiftedNetwork, wanted: list[np.ndarray]) -> bool:
    own = [one for layer in found.network.layers for one in layer.parameters().values()]
    return len(own) == len(wanted) and all(map(np.array_equal, own, wanted))


# -- samples in columns ----------------------------------------------------------------------


@pytest.mark.many
@pytest.mark.parametrize("spelling", SUMS)
@pytest.mark.parametrize(("samples", "units"), [(2, 1), (2, 2), (4, 1), (4, 2), (9, 3)])
def test_samples_side_by_side_are_one_network(spelling: str, samples: int, units: int) -> None:
    found = verified(typed(two_layers(samples, units, spelling)))
    kinds = [type(one) for one in found.network.layers]
    assert kinds == [Flatten, Linear, Sigmoid, Linear, Sigmoid]
    assert found.network.input_shape == (1, 3, 1)
    assert len(found.samples) == samples
    assert has_parameters(found, weights_of(units))


ACTIVATIONS = {
    SIGMOID: Sigmoid(), "TANH({0})": Tanh(), "MAX(0,{0})": ReLU(), "IF({0}>0,{0},0)": ReLU(),
}  # fmt: skip


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_any_activation_that_is_a_layer(activation: str) -> None:
    found = verified(typed(two_layers(activation=activation)))
    assert found.network.layers[2] == ACTIVATIONS[activation]


def test_a_step_is_no_layer_and_leaves_what_comes_after_it_unproven() -> None:
    report = verify_workbook(typed(two_layers(activation="IF({}>0,1,0)")))
    assert report.verdict == "partly"
    assert [one.cell for one in report.findings if one.code == "L601"] == ["H13"]
    assert report.verified == 8


@pytest.mark.parametrize("units", [1, 2])
def test_one_layer_of_samples_with_a_bias_is_a_network(units: int) -> None:
    found = verified(typed(first_layer(4, units, "matrix product and a bias", SIGMOID)))
    assert len(found.samples) == 4
    assert has_parameters(found, weights_of(units)[:2])


def test_units_may_have_a_row_of_formulas_each() -> None:
    cells = put(1, 1, numbers(2, 4, 1)) | put(1, 7, numbers(3, 4, 2)) | put(12, 1, numbers(1, 3, 3))
    for j in range(4):
        for u in (0, 1):
            row = f"$B${u + 2}:$D${u + 2}"
            cells[name(9 + u, 7 + j)] = f"=MMULT({row},{area(1, 7 + j, 3, 1)})+$E${u + 2}"
            cells[name(12 + u, 7 + j)] = f"=TANH({name(9 + u, 7 + j)})"
        one, other = name(12, 7 + j), name(13, 7 + j)
        cells[name(16, 7 + j)] = f"=$B$13*{one}+$C$13*{other}+$D$13"
    found = verified(typed(cells))
    assert len(found.samples) == 4
    assert has_parameters(found, weights_of(2))


def test_an_activation_may_be_around_the_sums() -> None:
    cells = put(1, 1, numbers(2, 4, 1)) | put(1, 7, numbers(3, 4, 2))
    for i in (0, 1):
        for j, x in enumerate("HIJK"):
            total = f"MMULT($B{i + 2}:$D{i + 2},{x}$2:{x}$4)+$E{i + 2}"
            cells[name(9 + i, 7 + j)] = f"=1/(1+EXP(-({total})))"
    found = verified(typed(cells))
    assert [type(one) for one in found.network.layers] == [Flatten, Linear, Sigmoid]
    assert len(found.samples) == 4


# -- matrix products over many cells, samples in columns or in rows ------------------------------


def matrices(samples: int, *, ones: bool, in_rows: bool) -> Desk:
    """Two layers as MMULT over whole blocks, of three hidden units; samples turned or not."""
    desk, weight, second = Desk(), numbers(3, 2 + ones, 1), numbers(1, 3 + ones, 3)
    x = numbers(2, samples, 2)
    x = np.vstack([x, np.ones((1, samples))]) if ones else x

    def place(top: int, left: int, values: np.ndarray) -> str:
        turned = values.T if in_rows else values
        desk.put(name(top, left), turned)
        return area(top, left, *turned.shape)

    def product(one: str, other: str) -> str:
        return f"MMULT({other},{one})" if in_rows else f"MMULT({one},{other})"

    def shape(units: int) -> tuple[int, int]:
        return (samples, units) if in_rows else (units, samples)

    weights, inputs, after = place(1, 0, weight), place(1, 10, x), place(1, 30, second)
    text = product(weights, inputs)
    if not ones:
        text += f"+{place(9, 0, numbers(3, 1, 4))}"
    desk.spill("A40", shape(3), text)
    desk.fill("K40", shape(3), lambda i, j: SIGMOID.format(name(39 + i, j)))
    hidden = area(39, 10, *shape(3 + ones))
    if ones:
        corner = name(39, 13) if in_rows else name(42, 10)
        desk.put(corner, np.ones(shape(1)))
    desk.spill("AA40", shape(1), product(after, hidden))
    return desk


@pytest.mark.many
@pytest.mark.parametrize("in_rows", [False, True])
@pytest.mark.parametrize("ones", [False, True])
@pytest.mark.parametrize("samples", [2, 5])
def test_matrix_products_over_all_samples_are_one_network(
    samples: int, ones: bool, in_rows: bool
) -> None:
    found = verified(matrices(samples, ones=ones, in_rows=in_rows).workbook())
    assert len(found.samples) == samples
    assert [type(one) for one in found.network.layers] == [Flatten, Linear, Sigmoid, Linear]
    own = found.network.layers[1].parameters()
    weight = numbers(3, 2 + ones, 1)
    assert np.array_equal(own["weight"], weight[:, :2])
    assert np.array_equal(own["bias"], weight[:, 2] if ones else numbers(3, 1, 4)[:, 0])


@pytest.mark.parametrize("units", [2, 3])
def test_weights_stand_to_the_left_where_nothing_tells(units: int) -> None:
    desk = Desk()
    desk.put("B2", numbers(units, 3, 1))
    desk.put("H2", numbers(3, 4, 2))
    desk.spill("H10", (units, 4), f"MMULT({area(1, 1, units, 3)},H2:K4)")
    found = verified(desk.workbook())
    assert found.network.layers == (Flatten(), Linear(numbers(units, 3, 1)))
    assert len(found.samples) == 4


def test_samples_in_rows_may_be_copied_down() -> None:
    cells = put(1, 0, numbers(5, 2, 1)) | put(1, 4, numbers(3, 2, 2))
    for i in range(5):
        for j, w in enumerate("EF"):
            text = f"SUMPRODUCT($A{i + 2}:$B{i + 2},TRANSPOSE({w}$2:{w}$3))+{w}$4"
            cells[name(9 + i, j)] = f"={text}"
            cells[name(9 + i, 4 + j)] = f"=MAX(0,{name(9 + i, j)})"
    found = verified(typed(cells))
    assert len(found.samples) == 5
    weight = numbers(3, 2, 2)
    assert has_parameters(found, [weight[:2].T, weight[2]])


# -- one sample, with ones below its hidden units ------------------------------------------------


def test_a_one_below_hidden_units_meets_their_bias() -> None:
    cells = put(1, 1, numbers(2, 4, 1)) | put(1, 7, numbers(3, 1, 2)) | put(12, 1, numbers(1, 3, 3))
    for i in (0, 1):
        cells[name(9 + i, 7)] = f"=MMULT(B{i + 2}:D{i + 2},$H$2:$H$4)+E{i + 2}"
        cells[name(12 + i, 7)] = f"=TANH(H{i + 10})"
    cells |= {"H15": 1.0, "H18": "=MMULT(B13:D13,H13:H15)"}
    assert has_parameters(verified(typed(cells)), weights_of(2))
    report = verify_workbook(typed(cells | {"H15": 0.5}))
    assert report.verdict == "partly"


# -- measures beside -----------------------------------------------------------------------------

LOSSES: dict[str, Cells] = {
    "of both rows": {"B22": "=SUMXMY2(H20:K20,H22:K22)/4"},
    "an array": {"B22": "=AVERAGE((H20:K20-H22:K22)^2)"},
    "squares": {**{f"{c}24": f"=({c}20-{c}22)^2" for c in "HIJK"}, "B22": "=AVERAGE(H24:K24)"},
    "halves": {**{f"{c}24": f"=0.5*({c}22-{c}20)^2" for c in "HIJK"}, "B22": "=SUM(H24:K24)"},
    "absolute": {**{f"{c}24": f"=ABS({c}22-{c}20)" for c in "HIJK"}, "B22": "=SUM(H24:K24)/4"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_beside_is_a_measure(loss: str) -> None:
    cells = two_layers() | put(21, 7, np.array([[0, 1, 1, 0]])) | LOSSES[loss]
    found = verified(typed(cells))
    assert len(found.samples) == 4
    assert len(found.network.layers) == 5


# -- wrong ones ------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, object, str]] = {
    "another sample": ("I10", "=MMULT($B2:$E2,H$2:H$5)", "S201"),
    "the weights of another unit": ("I10", "=MMULT($B3:$E3,I$2:I$5)", "S201"),
    "without the bias": ("I10", "=MMULT($B2:$D2,I$2:I$4)", "S201"),
    "a pasted sum": ("I10", 0.3, "S202"),
    "no sum": ("I10", None, "S203"),
    "a pasted activation": ("I13", 0.3, "S202"),
    "the activation of another sample": ("I13", "=1/(1+EXP(-H10))", "S201"),
    "another activation": ("I13", "=TANH(I10)", "S201"),
    "hidden units of another sample": ("I18", "=MMULT($B$13:$D$13,H13:H15)", "S201"),
    "other weights": ("I18", "=MMULT($B$14:$D$14,I13:I15)", "S201"),
    "a pasted output": ("I20", 0.5, "S202"),
    "no one below its hidden units": ("I15", 0.0, "S202"),
    "a blank below its hidden units": ("I15", None, "S203"),
    "a blank input": ("I3", None, "T301"),
    "a text for an input": ("I3", "x", "T302"),
    "a blank weight": ("C2", None, "T301"),
}


@pytest.mark.many
@pytest.mark.parametrize("samples", [4, 9])
@pytest.mark.parametrize("fault", WRONG)
def test_the_wrong_cell_of_one_sample_is_named(fault: str, samples: int) -> None:
    cell, held, code = WRONG[fault]
    report = verify_workbook(typed(two_layers(samples) | {cell: held}))
    assert errors(report).get(cell) == code
    others = {other for other in errors(report) if errors(report)[other] != "V106"}
    assert others == {cell}


@pytest.mark.slow
@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize(("samples", "units"), [(2, 1), (2, 2), (3, 1), (3, 2), (4, 1)])
def test_of_few_samples_a_wrong_cell_is_never_verified(
    fault: str, samples: int, units: int
) -> None:
    cell, held, _ = WRONG[fault]
    cells = two_layers(samples, units)
    if units == 1:  # what is wrong with the last row of hidden units stands one row higher
        cell = {"I15": "I14"}.get(cell, cell)
        held = held.replace("$D$1", "$C$1").replace("15)", "14)") if isinstance(held, str) else held
    assert verify_workbook(typed(cells | {cell: held})).verdict != "verified"


def test_a_sample_that_is_no_layer_leaves_the_file_partly_verified() -> None:
    cells = two_layers(6) | {"J3": "=RAND()*0+H3*2"}
    report = verify_workbook(typed(cells))
    assert report.verdict == "partly"
    assert report.outside == 0


@pytest.mark.parametrize("cell", ["H10", "A12"])
def test_an_array_over_all_samples_with_one_pasted_value_is_not_verified(cell: str) -> None:
    desk = matrices(5, ones=True, in_rows=False)
    book = desk.workbook()
    assert verified(book).samples
    desk.fill("K40", (0, 0), lambda i, j: "")
    cells = two_layers(5, 2) | {cell: 0.25}
    report = verify_workbook(typed(cells))
    assert (report.verdict == "verified") == (cell == "A12")


# -- names -----------------------------------------------------------------------------------


def test_samples_have_names_that_lead_to_their_cells() -> None:
    book = lift_workbook(typed(two_layers()))
    assert str(book.role(0, (9, 7))) == "fc1[0]"
    assert str(book.role(0, (10, 9))) == "fc1@3[1]"
    assert book.find("fc1@3[1]") == (0, (10, 9))
    assert book.find("input@2[0, 2, 0]") == (0, (3, 8))
    assert str(book.role(0, (1, 1))) == "fc1.weight[0, 0]"
    assert str(book.role(0, (12, 3))) == "fc2.bias[0]"


@pytest.mark.slow
@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize(
    "text", ["=1/(1+EXP(-H18))", "=1/(1+EXP(-K17))", "=K18", "=MMULT($B2:$E2,K$2:K$5)"]
)
def test_an_output_that_reads_something_else_is_named(text: str, units: int) -> None:
    report = verify_workbook(typed(two_layers(4, units) | {"K20": text}))
    assert "K20" in errors(report)
    report = verify_workbook(typed(two_layers(4, units) | {"K20": None}))
    assert report.verdict == "partly"
    report = verify_workbook(typed(two_layers(2, units) | {"I20": text.replace("K", "I")}))
    assert report.verdict != "verified"
