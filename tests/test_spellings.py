"""The many ways in which people spell the same layer, and near misses that are none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

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
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.verification.verify import Report, verify_workbook

GENERATOR = np.random.default_rng(7)
IMAGE = np.round(GENERATOR.uniform(-1, 1, (6, 7)), 2)
KERNEL = np.round(GENERATOR.uniform(-1, 1, (3, 3)), 2)
LOGITS = np.round(GENERATOR.uniform(-2, 2, 5), 2)
WEIGHTS = np.round(GENERATOR.uniform(-1, 1, (3, 5)), 2)


class Desk:
    """A workbook under construction."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetBuilder] = {}
        self.arrays: dict[str, dict[int, Range]] = {}

    def put(self, where: str, values: np.ndarray) -> None:
        sheet, row, column = self._at(where)
        n, m = values.shape
        rows, columns = np.mgrid[row : row + n, column : column + m]
        sheet.add(Kind.NUMBER, rows, columns, numbers=values)

    def fill(
        self, where: str, shape: tuple[int, int], text: Callable[[int, int], str],
        kind: Kind = Kind.FORMULA,
    ) -> None:  # fmt: skip
        """Write `text(i, j)` into every cell, as copying a formula does."""
        sheet, row, column = self._at(where)
        for i in range(shape[0]):
            for j in range(shape[1]):
                sheet.add(kind, [row + i], [column + j], texts=[text(i, j)])

    def spill(self, where: str, shape: tuple[int, int], text: str) -> None:
        """Write one array formula over several cells."""
        sheet, row, column = self._at(where)
        sheet.add(Kind.ARRAY_FORMULA, [row], [column], texts=[text])
        for i, j in np.ndindex(shape):
            if (i, j) != (0, 0):
                sheet.add(Kind.SPILLED, [row + i], [column + j])
        name = where.rpartition("!")[0] or "net"
        area = Range(row, column, row + shape[0] - 1, column + shape[1] - 1)
        self.arrays.setdefault(name, {})[row, column] = area

    def _at(self, where: str) -> tuple[SheetBuilder, int, int]:
        name, _, cell = where.rpartition("!")
        sheet = self.sheets.setdefault(name or "net", SheetBuilder())
        return sheet, *parse_a1(cell)

    def workbook(self) -> Workbook:
        sheets = []
        for name, builder in self.sheets.items():
            sheet = builder.finish(name)
            for cell, area in self.arrays.get(name, {}).items():
                sheet.arrays[sheet.find(cell)] = area
            sheets.append(sheet)
        return refreshed(Workbook(tuple(sheets)))


def name(row: int, column: int) -> str:
    return f"{column_name(column)}{row + 1}"


def area(row: int, column: int, height: int, width: int) -> str:
    return f"{name(row, column)}:{name(row + height - 1, column + width - 1)}"


def verified(desk: Desk) -> Network:
    report = verify_workbook(desk.workbook())
    told = [f"{one.code} {one.place}: {one.message}" for one in report.findings]
    assert not told
    assert report.coverage == 1.0
    assert report.network is not None
    return report.network


# -- convolutions ------------------------------------------------------------------------


def products(kernel: Callable[[int, int], str]) -> Callable[[int, int], str]:
    """A window at (i, j) of A1 times a kernel, entry by entry."""
    return lambda i, j: "+".join(
        f"{name(i + a, j + b)}*{kernel(a, b)}" for a in range(3) for b in range(3)
    )


WINDOW = {
    "sumproduct": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},$J$1:$L$3)",
    "kernel first": lambda i, j: f"SUMPRODUCT($J$1:$L$3,{area(i, j, 3, 3)})",
    "product inside": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)}*$J$1:$L$3)",
    "bias first": lambda i, j: f"$J$9+SUMPRODUCT({area(i, j, 3, 3)},$J$1:$L$3)",
    "kernel turned": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},TRANSPOSE($J$5:$L$7))",
    "nine products": products(lambda a, b: f"${column_name(9 + b)}${a + 1}"),
    "nine products, kernel turned": products(lambda a, b: f"${column_name(9 + a)}${b + 5}"),
    "nine products, kernel in a column": products(lambda a, b: f"$N${3 * a + b + 1}"),
    "nine products, kernel first": lambda i, j: "+".join(
        f"${column_name(9 + b)}${a + 1}*{name(i + a, j + b)}" for a in range(3) for b in range(3)
    ),
    "nine products in a sum": lambda i, j: "SUM("
    + products(lambda a, b: f"${column_name(9 + b)}${a + 1}")(i, j)
    + ")",
    "kernel on another sheet": lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},w!$B$2:$D$4)",
}  # fmt: skip


def image_desk() -> Desk:
    desk = Desk()
    desk.put("A1", IMAGE)
    desk.put("J1", KERNEL)
    desk.put("J5", KERNEL.T)
    desk.put("J9", np.full((1, 1), 0.25))
    desk.put("N1", KERNEL.reshape(9, 1))
    desk.put("w!B2", KERNEL)
    return desk


@pytest.mark.parametrize("spelling", WINDOW)
def test_a_convolution_is_one_however_it_is_spelled(spelling: str) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW[spelling])
    bias = np.array([0.25]) if spelling == "bias first" else None
    assert verified(desk).layers == (Conv2d(KERNEL[None, None], bias),)


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
    "MAX({},0.1*{})": LeakyReLU(0.1),
    "MAX(0.1*{},{})": LeakyReLU(0.1),
    "IF({}>0,{},{}*0.1)": LeakyReLU(0.1),
    "IF({}>0,{},-0.5*{})": LeakyReLU(-0.5),
    "1/(1+EXP(-{}))": Sigmoid(),
    "1/(EXP(-{})+1)": Sigmoid(),
    "1/(1+EXP(-1*{}))": Sigmoid(),
    "TANH({})": Tanh(),
}


@pytest.mark.parametrize("spelling", ACTIVATIONS)
def test_an_activation_is_one_however_it_is_spelled(spelling: str) -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), WINDOW["sumproduct"])
    desk.fill("A21", (4, 5), lambda i, j: spelling.replace("{}", name(i + 10, j)))
    assert verified(desk).layers == (Conv2d(KERNEL[None, None]), ACTIVATIONS[spelling])


def test_an_activation_may_be_around_the_sum() -> None:
    desk = image_desk()
    desk.fill("A11", (4, 5), lambda i, j: f"1/(1+EXP(-({WINDOW['nine products'](i, j)})))")
    assert verified(desk).layers == (Conv2d(KERNEL[None, None]), Sigmoid())


# -- vectors -----------------------------------------------------------------------------

UNITS = {
    "sumproduct": lambda i, j: f"SUMPRODUCT($A$1:$A$5,{area(0, 3 + i, 5, 1)})",
    "array of one cell": lambda i, j: f"SUM($A$1:$A$5*{area(0, 3 + i, 5, 1)})",
    "weights in rows": lambda i, j: f"SUMPRODUCT($A$1:$A$5,TRANSPOSE({area(8 + i, 3, 1, 5)}))",
    "matrix product": lambda i, j: f"MMULT({area(8 + i, 3, 1, 5)},$A$1:$A$5)",
    "five products": lambda i, j: "+".join(f"$A${k + 1}*{name(k, 3 + i)}" for k in range(5)),
}  # fmt: skip


def vector_desk() -> Desk:
    desk = Desk()
    desk.put("A1", LOGITS[:, None])
    desk.put("D1", WEIGHTS.T)
    desk.put("D9", WEIGHTS)
    return desk


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


# -- near misses -------------------------------------------------------------------------


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
