"""The many ways in which people spell the same layer, and near misses that are none."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.helpers.desk import (
    IMAGE,
    KERNEL,
    WEIGHTS,
    WINDOW,
    Desk,
    area,
    image_desk,
    name,
    vector_desk,
)
from tests.mutations import refreshed
from xlconv.layers import (
    Conv2d,
    Flatten,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from xlconv.network.network import Network
from xlconv.spreadsheet.addresses import Range, column_name, parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.verify import Report, verify_workbook


def verified(desk: Desk) -> Network:
    report = verify_workbook(desk.workbook())
    told = [f"{one.code} {one.place}: {one.message}" for one in report.findings]
    assert not told
    assert report.coverage == 1.0
    assert report.network is not None
    return report.network


@pytest.mark.many
@pytest.mark.parametrize("spelling", WINDOW)
def test_a_convolution_is_one_however_it_is_spelled(spelling: str) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW[spelling])
    bias = np.array([0.25]) if spelling == "bias first" else None
    assert verified(desk).layers == (Conv2d(KERNEL[None, None], bias),)


@pytest.mark.slow
@pytest.mark.parametrize("spelling", ["sumproduct", "nine products"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_two_channels_may_be_two_sums_of_products(spelling: str, side: str) -> None:
    desk = image_desk()
    desk.put("A21", IMAGE + 1)
    other = {
        "sumproduct": lambda i, j: f"SUMPRODUCT({area(i + 20, j, 3, 3)},$J$5:$L$7)",
        "nine products": lambda i, j: "+".join(
            f"{name(i + a + 20, j + b)}*${column_name(9 + b)}${a + 5}"
            for a in range(3)
            for b in range(3)
        ),
    }[spelling]
    both = [WINDOW[spelling], other]
    if side == "right":
        both.reverse()
    desk.fill("A11", (4, 5), lambda i, j: "+".join(one(i, j) for one in both))
    assert verified(desk).layers == (Conv2d(np.stack([KERNEL, KERNEL.T])[None]),)


ACTIVATIONS = {
    "MAX(0,{})": ReLU(),
    "MAX({},0)": ReLU(),
    "IF({}>0,{},0)": ReLU(),
    "IF({}>=0,{},0)": ReLU(),
    "IF({}<0,0,{})": ReLU(),
    "IF(0<{},{},0)": ReLU(),
    "{}*({}>0)": ReLU(),
    "({}>0)*{}": ReLU(),
    "--({}>0)*{}": ReLU(),
    "{}*--({}>0)": ReLU(),
    "({}+ABS({}))/2": ReLU(),
    "(ABS({})+{})/2": ReLU(),
    "0.5*({}+ABS({}))": ReLU(),
    "({}+ABS({}))*0.5": ReLU(),
    "MAX({},0.1*{})": LeakyReLU(0.1),
    "MAX(0.1*{},{})": LeakyReLU(0.1),
    "IF({}>0,{},{}*0.1)": LeakyReLU(0.1),
    "IF({}>0,{},-0.5*{})": LeakyReLU(-0.5),
    "1/(1+EXP(-{}))": Sigmoid(),
    "1/(EXP(-{})+1)": Sigmoid(),
    "1/(1+EXP(-1*{}))": Sigmoid(),
    "EXP({})/(1+EXP({}))": Sigmoid(),
    "EXP({})/(EXP({})+1)": Sigmoid(),
    "(1+EXP(-{}))^-1": Sigmoid(),
    "POWER(1+EXP(-{}),-1)": Sigmoid(),
    "1-1/(1+EXP({}))": Sigmoid(),
    "1-1/(EXP({})+1)": Sigmoid(),
    "0.5*(1+TANH({}/2))": Sigmoid(),
    "(TANH(0.5*{})+1)/2": Sigmoid(),
    "TANH({})": Tanh(),
    "2/(1+EXP(-2*{}))-1": Tanh(),
    "2/(EXP({}*-2)+1)-1": Tanh(),
    "1-2/(EXP(2*{})+1)": Tanh(),
    "(EXP({})-EXP(-{}))/(EXP({})+EXP(-{}))": Tanh(),
    "(EXP(2*{})-1)/(EXP(2*{})+1)": Tanh(),
}


def activated(spelling: str) -> Desk:
    """A convolution, and something of each of its numbers."""
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW["sumproduct"])
    desk.fill("A21", (4, 5), lambda i, j: spelling.replace("{}", name(i + 10, j)))
    return desk


@pytest.mark.many
@pytest.mark.parametrize("spelling", ACTIVATIONS)
def test_an_activation_is_one_however_it_is_spelled(spelling: str) -> None:
    assert verified(activated(spelling)).layers == (
        Conv2d(KERNEL[None, None]),
        ACTIVATIONS[spelling],
    )


NO_ACTIVATIONS = (
    "EXP({})/(2+EXP({}))", "EXP(-{})/(1+EXP({}))", "(1+EXP({}))^-1", "(1+EXP(-{}))^-2",
    "(EXP({})-EXP(-{}))/(EXP({})+EXP({}))", "(EXP(2*{})-1)/(EXP({})+1)",
    "(EXP({})+EXP(-{}))/(EXP({})-EXP(-{}))",
    "({}-ABS({}))/2", "({}+ABS({}))/3", "{}+ABS({})/2", "0.4*({}+ABS({}))", "-({}>0)*{}",
    "({}>0)*-{}", "--({}<0)*{}", "--({}>1)*{}", "POWER(1+EXP({}),-1)", "POWER(1+EXP(-{}),1)",
    "1-1/(1+EXP(-{}))", "1-1/(2+EXP({}))", "0.5*(1+TANH({}))", "0.5*(1-TANH({}/2))",
    "(2+TANH({}/2))/2", "2/(1+EXP(2*{}))-1", "2/(1+EXP(-{}))-1", "1-2/(EXP(-2*{})+1)",
    "2/(1+EXP(-2*{}))+1", "2/(2+EXP(-2*{}))-1",
)  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("spelling", NO_ACTIVATIONS)
def test_what_is_nearly_an_activation_is_none(spelling: str) -> None:
    assert verify_workbook(activated(spelling).workbook()).verdict == "partly"


@pytest.mark.slow
def test_an_activation_may_be_around_the_sum() -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), lambda i, j: f"1/(1+EXP(-({WINDOW['nine products'](i, j)})))")
    assert verified(desk).layers == (Conv2d(KERNEL[None, None]), Sigmoid())


UNITS = {
    "sumproduct": lambda i, j: f"SUMPRODUCT($A$1:$A$5,{area(0, 3 + i, 5, 1)})",
    "array of one cell": lambda i, j: f"SUM($A$1:$A$5*{area(0, 3 + i, 5, 1)})",
    "weights in rows": lambda i, j: f"SUMPRODUCT($A$1:$A$5,TRANSPOSE({area(8 + i, 3, 1, 5)}))",
    "matrix product": lambda i, j: f"MMULT({area(8 + i, 3, 1, 5)},$A$1:$A$5)",
    "five products": lambda i, j: "+".join(f"$A${k + 1}*{name(k, 3 + i)}" for k in range(5)),
}  # fmt: skip


@pytest.mark.parametrize("spelling", UNITS)
def test_a_dense_layer_is_one_however_it_is_spelled(spelling: str) -> None:
    desk = vector_desk()
    kind = Kind.ARRAY_FORMULA if spelling.startswith("array") else Kind.FORMULA
    desk.fill("L1", (3, 1), UNITS[spelling], kind)
    assert verified(desk).layers == (Flatten(), Linear(WEIGHTS))


SPILLS = {
    "weights times input": ((3, 1), "MMULT(D9:H11,A1:A5)"),
    "weights turned": ((3, 1), "MMULT(TRANSPOSE(D1:F5),A1:A5)"),
    "input turned": ((1, 3), "MMULT(TRANSPOSE(A1:A5),D1:F5)"),
}


@pytest.mark.parametrize("spelling", SPILLS)
def test_a_dense_layer_may_be_one_matrix_product_over_many_cells(spelling: str) -> None:
    desk = vector_desk()
    shape, text = SPILLS[spelling]
    desk.spill("L1", shape, text)
    assert verified(desk).layers == (Flatten(), Linear(WEIGHTS))


def test_a_spilled_dense_layer_may_add_a_column_of_biases_and_be_activated() -> None:
    desk = vector_desk()
    desk.put("J1", np.array([[0.1], [0.2], [0.3]]))
    desk.spill("L1", (3, 1), "1/(1+EXP(-(MMULT(D9:H11,A1:A5)+J1:J3)))")
    bias = np.array([0.1, 0.2, 0.3])
    assert verified(desk).layers == (Flatten(), Linear(WEIGHTS, bias), Sigmoid())


SOFTMAX = {
    "cell by cell": lambda desk: desk.fill(
        "N1", (3, 1), lambda i, j: f"EXP(L{i + 1})/SUMPRODUCT(EXP($L$1:$L$3))"
    ),
    "shifted, cell by cell": lambda desk: desk.fill(
        "N1", (3, 1),
        lambda i, j: f"EXP(L{i + 1}-MAX($L$1:$L$3))/SUM(EXP($L$1:$L$3-MAX($L$1:$L$3)))",
        Kind.ARRAY_FORMULA,
    ),
    "spilled": lambda desk: desk.spill("N1", (3, 1), "EXP(L1:L3)/SUM(EXP(L1:L3))"),
    "spilled, shifted": lambda desk: desk.spill(
        "N1", (3, 1), "EXP(L1:L3-MAX(L1:L3))/SUM(EXP(L1:L3-MAX(L1:L3)))"
    ),
    "two spills": lambda desk: (
        desk.spill("N1", (3, 1), "EXP(L1:L3)"), desk.spill("P1", (3, 1), "N1:N3/SUM(N1:N3)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("spelling", SOFTMAX)
def test_a_softmax_is_one_however_it_is_spelled(spelling: str) -> None:
    desk = vector_desk()
    desk.fill("L1", (3, 1), UNITS["sumproduct"])
    SOFTMAX[spelling](desk)
    assert verified(desk).layers == (Flatten(), Linear(WEIGHTS), Softmax())


def reported(desk: Desk) -> Report:
    return verify_workbook(desk.workbook())


MISSES = {
    "a product is missing": lambda i, j: WINDOW["nine products"](i, j).rpartition("+")[0],
    "a product stands twice": lambda i, j: WINDOW["nine products"](i, j)
    + "+"
    + WINDOW["nine products"](i, j).partition("+")[0],
    "a square": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},{area(i, j, 3, 3)})",
    "a factor": lambda i, j: f"2*SUMPRODUCT({area(i, j, 3, 3)},$J$1:$L$3)",
    "sizes that differ": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},$J$1:$K$3)",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("spelling", MISSES)
def test_what_is_no_convolution_is_not_called_one(spelling: str) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), MISSES[spelling])
    report = reported(desk)
    assert report.verified == 0
    found = [layer for one in report.networks for layer in one.network.layers]
    assert not any(isinstance(layer, Conv2d) for layer in found)


@pytest.mark.parametrize(
    "spelling",
    ["IF({}>0.5,{},0)", "IF({}>0,0,{})", "1/(2+EXP(-{}))", "MAX({},2*{})", "TANH(2*{})"],
)
def test_what_is_no_activation_is_not_called_one(spelling: str) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW["sumproduct"])
    desk.fill("A21", (4, 5), lambda i, j: spelling.replace("{}", name(i + 10, j)))
    report = reported(desk)
    assert report.verified == 20
    assert [one.code for one in report.findings] == ["L601"]


@pytest.mark.parametrize("text", ["EXP(L1:L3)/SUM(EXP(L1:L2))", "EXP(L1:L3)/SUM(L1:L3)"])
def test_what_is_no_softmax_is_not_called_one(text: str) -> None:
    desk = vector_desk()
    desk.fill("L1", (3, 1), UNITS["sumproduct"])
    desk.spill("N1", (3, 1), text)
    report = reported(desk)
    assert report.verified == 3
    assert {one.code for one in report.findings} <= {"L601", "G403"}


def test_shares_of_units_are_no_softmax_and_no_error() -> None:
    desk = vector_desk()
    desk.fill("L1", (3, 1), lambda i, j: f"MAX(0,{UNITS['sumproduct'](i, j)})")
    desk.fill("N1", (3, 1), lambda i, j: f"L{i + 1}/SUM($L$1:$L$3)")
    report = reported(desk)
    assert [one.code for one in report.findings] == ["L601"]
    assert report.verified == 3


@pytest.mark.slow
def test_weights_of_another_size_than_what_they_weigh_are_a_mismatch() -> None:
    desk = vector_desk()
    desk.put("G1", np.ones((5, 2)))
    for unit in range(5):  # far apart, so that each is a block of its own
        text = f"SUMPRODUCT($A$1:$A$5,{area(0, 3 + unit, 5 + (unit == 1), 1)})"
        desk.fill(f"L{1 + 7 * unit}", (1, 1), lambda i, j, text=text: text)
    report = reported(desk)
    assert ("G403", "L8") in [(one.code, one.cell) for one in report.findings]


def test_a_wrong_entry_of_a_spilled_result_is_stale() -> None:
    desk = vector_desk()
    desk.spill("L1", *SPILLS["weights times input"])
    book = desk.workbook()
    index = book.sheets[0].find(parse_a1("L2"))
    book.sheets[0].numbers[index] += 1e-6
    report = verify_workbook(book)
    assert [(one.code, one.cell) for one in report.findings] == [("V101", "L2")]
    assert report.verified == 2


@pytest.mark.parametrize("moving", [True, False])
def test_a_kernel_may_be_a_name_that_does_not_move(moving: bool) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},kernel)")
    names = (("kernel", (("net", Range(0, 9, 2, 11)),)),)
    book = replace(desk.workbook(), names=names, moving=frozenset({"kernel"} if moving else ()))
    report = verify_workbook(refreshed(book))
    assert report.coverage == (0.0 if moving else 1.0)
    assert ("V103" in {one.code for one in report.findings}) == moving
