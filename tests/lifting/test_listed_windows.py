"""Pools whose windows are listed cell by cell, and lists of cells that are no window."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from tests.helpers.desk import KERNEL, WINDOW, Desk, area, image_desk, name
from xlconv.layers import AvgPool2d, Conv2d, Layer, MaxPool2d, ReLU
from xlconv.verification.verify import Report, verify_workbook

MAXIMUM = MaxPool2d((2, 2), (2, 2))
MEAN = AvgPool2d((2, 2), (2, 2))

# a b
# c d are the cells of a window, e is right of b and f below c.
POOLS: dict[str, tuple[Layer, ...]] = {
    "MAX({a},{b},{c},{d})": (MAXIMUM,),
    "MAX({d},{b},{a},{c})": (MAXIMUM,),
    "MAX(MAX({a},{b}),MAX({c},{d}))": (MAXIMUM,),
    "MAX({a},MAX({b},MAX({c},{d})))": (MAXIMUM,),
    "MAX({a}:{b},{c}:{d})": (MAXIMUM,),
    "MAX(MAX({a}:{c}),{b},{d})": (MAXIMUM,),
    "MAX(0,MAX({a},{b},{c},{d}))": (MAXIMUM, ReLU()),
    "AVERAGE({a},{b},{c},{d})": (MEAN,),
    "({a}+{b}+{c}+{d})/4": (MEAN,),
    "({a}+({b}+{c})+{d})*0.25": (MEAN,),
    "0.25*({d}+{c}+{b}+{a})": (MEAN,),
    "SUM({a},{b},{c},{d})/4": (MEAN,),
    "SUM({a}:{d})/4": (MEAN,),
    "SUM({a}:{d})*0.25": (MEAN,),
    "0.25*SUM({a}:{d})": (MEAN,),
    "SUM({a}:{d})/COUNT({a}:{d})": (MEAN,),
}

# One sort of formula all over, so that nothing says what was meant.
NO_POOLS = (
    "MAX({a},{b},{c})", "MAX({a},{b},{d})", "MAX({a},{b},{c},{c})", "MAX({a},{b},{c},{d},{d})",
    "MAX({a},{c},{e},{d})", "MAX({a}:{d},{e})", "MAX({a},{b},{c},{d},1)",
    "MAX({a},{b},MIN({c},{d}))",
    "MAX(1,{a},{b},{c},{d})", "MAX({a},{b},{c},-{d})", "MAX($A$11,{b},{c},{d})",
    "AVERAGE({a},{b},{c})", "AVERAGE({a},{b},{c},{c})", "AVERAGE({a},{b},{c},{d},0)",
    "({a}+{b}+{c}+{d})/3", "({a}+{b}+{c})/4", "({a}+{b}+{c}+{c})/4", "({a}+{b}+{c}-{d})/4",
    "({a}+{b}+{c}+{d}+1)/4", "{a}+{b}+{c}+{d}/4", "({a}+{b}+{c}+2*{d})/4",
    "SUM({a}:{d})*0.2", "SUM({a}:{d})*4", "SUM({a}:{d})*-0.25", "SUM({a}:{d})*0.2500001",
    "SUM({a}:{d})/COUNT({a}:{e})", "AVERAGE(AVERAGE({a},{b},{c}),{d})",
)  # fmt: skip


def pooled(text: str, stride: int = 2) -> Desk:
    """A convolution at A11:D13, and at A21 what is made of every two by two of its cells."""
    desk = image_desk()
    desk.fill("A11", (4, 4), WINDOW["sumproduct"])
    size = 4 // stride if stride == 2 else 3
    desk.fill("A21", (size, size), lambda i, j: spelled(text, 10 + stride * i, stride * j))
    return desk


def spelled(text: str, row: int, column: int) -> str:
    cells = {"a": (0, 0), "b": (0, 1), "c": (1, 0), "d": (1, 1), "e": (0, 2), "f": (2, 0)}
    return text.format(**{one: name(row + i, column + j) for one, (i, j) in cells.items()})


def layers(report: Report) -> tuple[Layer, ...]:
    assert [one.message for one in report.findings] == []
    assert report.verdict == "verified"
    assert report.network is not None
    return report.network.layers


@pytest.mark.many
@pytest.mark.parametrize("text", POOLS)
def test_a_pool_is_one_however_its_cells_are_listed(text: str) -> None:
    found = layers(verify_workbook(pooled(text).workbook()))
    assert found == (Conv2d(KERNEL[None, None]), *POOLS[text])


def test_listed_windows_may_overlap() -> None:
    report = verify_workbook(pooled("MAX({a},{b},{c},{d})", stride=1).workbook())
    assert [one.code for one in report.findings] == ["G402"]
    assert report.network is not None
    assert report.network.layers == (Conv2d(KERNEL[None, None]), MaxPool2d((2, 2), (1, 1)))


@pytest.mark.many
@pytest.mark.parametrize("text", NO_POOLS)
def test_cells_that_are_no_window_are_no_pool(text: str) -> None:
    report = verify_workbook(pooled(text).workbook())
    assert report.verdict == "partly"
    assert report.verified == 16


def test_cells_with_gaps_are_no_pool() -> None:
    """As those of a dilated window are."""
    desk = image_desk()
    desk.fill("A11", (4, 4), WINDOW["sumproduct"])
    text = "MAX({},{},{},{})"
    corners = list(product((0, 2), (0, 2)))
    desk.fill(
        "A21", (2, 2), lambda i, j: text.format(*(name(10 + i + a, j + b) for a, b in corners))
    )
    report = verify_workbook(desk.workbook())
    assert (report.verdict, report.verified) == ("partly", 16)


SLIPS: dict[str, Callable[[str], str]] = {
    "one cell is missing": lambda text: text.replace(",{d}", "").replace("+{d}", ""),
    "one cell stands twice": lambda text: text.replace("{d}", "{c}"),
    "one cell is another window's": lambda text: text.replace("{b}", "{e}"),
    "a number instead of a cell": lambda text: text.replace("{d}", "9"),
}


@pytest.mark.many
@pytest.mark.parametrize("text", ["MAX({a},{b},{c},{d})", "({a}+{b}+{c}+{d})/4"])
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_one_of_many_lists_is_found(text: str, slip: str) -> None:
    desk = Desk()
    desk.put("A1", np.round(np.random.default_rng(3).uniform(-1, 1, (12, 14)), 2))
    desk.put("P1", KERNEL)
    desk.fill("A21", (10, 12), lambda i, j: f"SUMPRODUCT({area(i, j, 3, 3)},$P$1:$R$3)")
    slipped = SLIPS[slip](text)
    assert slipped != text
    desk.fill("A41", (5, 6), lambda i, j: spelled(
        slipped if (i, j) == (2, 3) else text, 20 + 2 * i, 2 * j))  # fmt: skip
    report = verify_workbook(desk.workbook())
    assert ("S201", "D43") in [(one.code, one.cell) for one in report.findings]
    assert report.verified == 149
