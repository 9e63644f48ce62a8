"""Draws take turns: plain numbers, large ones, zeros in patches; each shows what others hide."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.helpers.sheet_cells import edited
from tests.helpers.strategies import random_input, random_state
from tests.mutations import refreshed
from tests.mutations.subjects import preset
from xlconv.layers import BatchNorm2d
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.spreadsheet.addresses import a1_name
from xlconv.verification.report import Report
from xlconv.verification.trials.draw import KINDS, Draw
from xlconv.verification.verify import verify_workbook

PLANE = [(row, column) for row in range(2, 28) for column in range(33, 59)]


def respelled(spelled: str, cells: list[tuple[int, int]]) -> Report:
    """Verify the edges with cells of one plane spelled otherwise.

    {f} is a cell's formula, {w} its window and {a} and {c} the corners of that.
    """
    book = preset("edges").workbook
    changes: dict[str, str | float | None] = {}
    for row, column in cells:
        first, last = a1_name((row - 1, column - 33)), a1_name((row + 1, column - 31))
        formula = str(book.sheets[0].formula((row, column)))
        changes[a1_name((row, column))] = spelled.format(
            f=formula, w=f"{first}:{last}", a=first, c=last
        )
    return verify_workbook(refreshed(edited(book, changes)))


WRONG = {
    "equal neighbours": "{f}+({a}={c})",
    "a window of zeros": "{f}+(COUNTIF({w},0)=9)*0.5",
    "nothing to divide by": "IFERROR(({f}+1)*SUM({w})/SUM({w}),0)-1",
    "a whole number": "{f}+(MOD({a},1)=0)",
    "a threshold in a product": "{f}*({a}<1000)",
    "a remainder": "MOD({f},10000)",
}


@pytest.mark.many
@pytest.mark.parametrize("count", [1, len(PLANE)])
@pytest.mark.parametrize("case", WRONG)
def test_what_differs_at_zeros_or_for_large_numbers_only_is_wrong(case: str, count: int) -> None:
    report = respelled(WRONG[case], PLANE[:count])
    assert report.verdict == "findings"
    assert {one.code for one in report.findings if one.severity == "error"} <= {"S201", "D702"}


def test_the_same_tensor_is_zero_in_one_draw_or_in_the_other() -> None:
    for shape in ((3, 7, 9), (11,), (1, 1, 5), (2, 1, 1)):
        for cycle in (0, 3):
            one, other = (Draw(5, len(KINDS) * cycle + k).entries(shape) for k in (1, 2))
            assert ((one == 0) == (other % 1 != 0)).all()  # where one is not, the other is drawn
            if len(shape) > 1:
                assert ((one == 0) == (one == 0)[:1]).all()  # in all channels alike


def test_parameters_are_small_and_large_in_turn() -> None:
    layer = BatchNorm2d(*(np.ones(40) for _ in range(4)))
    drawn = [
        layer.with_drawn(Draw(1, k).generator, *KINDS[k].parameters) for k in range(len(KINDS))
    ]
    largest = [float(np.abs(one.weight).max()) for one in drawn]
    assert largest[1] > 20 and largest[2] < 0.02
    assert all((one.running_var > 0).all() for one in drawn)


@pytest.mark.many
@pytest.mark.parametrize("count", [1, len(PLANE)])
def test_what_differs_only_for_a_number_that_is_there_now_is_wrong(count: int) -> None:
    book = preset("edges").workbook
    sheet = book.sheets[0]
    pixels = (sheet.rows > 4) & (sheet.columns < 20) & (sheet.numbers % 1 > 0)
    place = int(np.flatnonzero(pixels)[0])
    number, cell = float(sheet.numbers[place]), (int(sheet.rows[place]), int(sheet.columns[place]))
    reader = cell[0] + 1, cell[1] + 33  # whose window begins there
    cells = [reader] if count == 1 else PLANE
    report = respelled(f"{{f}}+({{a}}={number!r})", cells)
    assert report.verdict == "findings"
    assert respelled(f"{{f}}+({{a}}={number / 3!r})", [reader]).verdict == "verified"


LAYERS = [
    {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}, {"type": "ReLU"},
    {"type": "Flatten"}, {"type": "Linear", "out_features": 3}, {"type": "Sigmoid"},
    {"type": "Linear", "out_features": 3}, {"type": "Softmax"},
]  # fmt: skip
NARROW = {
    "a dead zone": (r"MAX\(0,(.*)\)", r"IF((\1)>0.0003,\1,0)"),
    "a dead zone below": (r"MAX\(0,(.*)\)", r"IF((\1)>-0.0003,\1,0)"),
    "clipped logits": (r"EXP\((\w+)-MAX\(.*\)\)", r"EXP(MIN(10,\1))"),
    "a sigmoid that is 1 from 10 on": (r"1/\(1\+EXP\(-\((.*)\)\)\)",
                                       r"IF((\1)>10,1,1/(1+EXP(-(\1))))"),
}  # fmt: skip


@pytest.mark.parametrize("case", NARROW)
def test_narrow_and_far_sides_of_a_small_workbook_are_entered(case: str) -> None:
    network = network_of({"input": [1, 6, 6], "layers": LAYERS})
    network = network.with_state(random_state(network, 3))
    book = book_of(network, strip(network), random_input(network, 5)).workbook
    pattern, other = NARROW[case]
    (sheet,) = book.sheets
    cells = zip(sheet.rows.tolist(), sheet.columns.tolist(), sheet.texts, strict=True)
    changes: dict[str, str | float | None] = {
        a1_name((row, column)): re.sub(pattern, other, text)
        for row, column, text in cells if re.fullmatch(pattern, text)
    }  # fmt: skip
    assert len(changes) >= 3
    report = verify_workbook(refreshed(edited(book, changes)))
    assert report.verdict == "findings"
