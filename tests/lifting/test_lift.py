"""Lifting takes a calculation and returns something new: the calculation stays as it was."""

from copy import deepcopy

import numpy as np
import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.helpers.deep_networks import FEW, made, parts_in
from tests.helpers.paths import WORKBOOKS
from tests.helpers.small_sheets import sheet_of
from tests.helpers.strategies import random_state
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lifting.matching.lift import lift
from xlconv.network.spec import network_of
from xlconv.spreadsheet.calculation.calculate import Calculation, calculate
from xlconv.spreadsheet.workbook import Kind, SheetBuilder, Workbook
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify_workbook

CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
# Six planes of one number each: they look like a line of formulas on every second cell.
SINGLE_NUMBERS = {"input": [1, 7, 7], "layers": [
    {**CONV, "out_channels": 6}, {"type": "AdaptiveAvgPool2d", "output_size": 1},
    {"type": "Flatten"}, {"type": "Linear", "out_features": 5},
]}  # fmt: skip
BORDER = {"input": [1, 8, 8], "layers": [{**CONV, "padding": 1, "padding_mode": "reflect"}, CONV]}
PARTIAL_SUMS = {"input": [FEW + 1, 5, 5], "layers": [{**CONV, "kernel_size": 2}]}


def written(spec: dict, *, named: bool, array: bool = False) -> Workbook:
    network = network_of(spec)
    network = network.with_state(random_state(network, 3))
    layout, whole = made(network, array=array, most=FEW)
    assert (parts_in(layout) > 1) is (spec is PARTIAL_SUMS)
    book = whole.workbook
    return book if named else replace(book, names=(), properties=())


def with_a_hole(book: Workbook) -> Workbook:
    """Return a workbook without the first weight of its first kernel."""
    tensors = lift(calculate(book)).tensors
    cell = next(one for one in tensors if one.kernels).kernels[0][0].origin
    sheet, into = book.sheets[0], SheetBuilder()
    for k in np.flatnonzero(np.arange(len(sheet)) != sheet.find(cell)).tolist():
        place = [int(sheet.rows[k])], [int(sheet.columns[k])]
        into.add(Kind(sheet.kinds[k]), *place, numbers=sheet.numbers[[k]], texts=[sheet.texts[k]])
    return replace(book, sheets=(into.finish(sheet.name), *book.sheets[1:]))


CASES = {
    "single numbers": lambda: written(SINGLE_NUMBERS, named=True),
    "single numbers without names": lambda: written(SINGLE_NUMBERS, named=False),
    "array formulas": lambda: written(SINGLE_NUMBERS, named=True, array=True),
    "border": lambda: written(BORDER, named=True),
    "border without names": lambda: written(BORDER, named=False),
    "partial sums": lambda: written(PARTIAL_SUMS, named=True),
    "a hole": lambda: with_a_hole(written(BORDER, named=False)),
    **{
        name: lambda name=name: read_xlsx(WORKBOOKS / f"{name}.xlsx")
        for name in ("conv-example", "residual", "dropout", "image-kernels", "padding")
    },
}


def differences(one: object, other: object, at: str = "") -> list[str]:
    """Return where two values differ: structs field by field, arrays entry by entry."""
    if type(one) is not type(other):
        return [at]
    if isinstance(one, np.ndarray):
        return [] if np.array_equal(one, other, equal_nan=one.dtype.kind == "f") else [at]
    if isinstance(one, Struct):
        names = one.__struct_fields__
        parts = [(f"{at}.{name}", getattr(one, name), getattr(other, name)) for name in names]
    elif isinstance(one, dict):
        if list(one) != list(other):
            return [at]
        parts = [(f"{at}[{key}]", one[key], other[key]) for key in one]
    elif isinstance(one, list | tuple):
        if len(one) != len(other):
            return [f"{at}: {len(one)} and {len(other)}"]
        parts = [(f"{at}[{k}]", *both) for k, both in enumerate(zip(one, other, strict=True))]
    else:
        return [] if one == other else [at]
    return [where for name, a, b in parts for where in differences(a, b, name)]


def state_of(calculation: Calculation) -> tuple[object, ...]:
    """What a calculation is made of, but for its workbook and the cells of its sheets."""
    grids = [(grid.numbers, grid.kinds) for grid in calculation.grids]
    found = calculation.found_blocks, calculation.blocks, calculation.order
    return *found, grids, calculation.statuses, calculation.pool.texts


@pytest.mark.many
@pytest.mark.parametrize("name", CASES)
def test_a_calculation_is_as_it_was_after_lifting(name: str) -> None:
    calculation = calculate(CASES[name]())
    before = deepcopy(state_of(calculation))
    lift(calculation)
    assert differences(before, state_of(calculation)) == []


@pytest.mark.many
@pytest.mark.parametrize("name", CASES)
def test_lifting_again_gives_the_same(name: str) -> None:
    calculation = calculate(CASES[name]())
    assert differences(lift(calculation), lift(calculation)) == []


def test_the_blocks_of_what_was_lifted_have_every_formula_once() -> None:
    book = lift_workbook(CASES["single numbers without names"]())
    lifted, calculation = book.lifted, book.calculation
    split = [k for k, one in enumerate(lifted.blocks) if not one.mask.any()]
    assert split and all(calculation.blocks[k].mask.any() for k in split)
    parts = range(len(calculation.blocks), len(lifted.blocks))
    assert len(parts) == sum(int(calculation.blocks[k].mask.sum()) for k in split)
    assert sorted(lifted.order) == list(range(len(lifted.blocks)))
    assert min(map(lifted.order.index, parts)) > min(map(lifted.order.index, split))
    cells = np.concatenate([one.cells[one.mask] for one in lifted.blocks])
    assert sorted(cells.tolist()) == np.flatnonzero(book.workbook.sheets[0].is_formula).tolist()
    pool = next(one for one in lifted.tensors if one.shape == (6, 1, 1))
    assert [lifted.blocks[k].lattice for k in pool.blocks] == list(pool.planes)


def test_every_formula_of_a_split_line_is_verified() -> None:
    report = verify_workbook(CASES["single numbers"]())
    assert report.verified == report.formulas > 0 and not report.findings


def test_what_was_lifted_is_not_to_be_changed() -> None:
    book = lift_workbook(CASES["border"]())
    for value, name in (
        (book.lifted, "tensors"), (book.lifted.tensors[0], "border"), (book, "lifted"),
        (book.networks[0], "network"),
    ):  # fmt: skip
        with pytest.raises(AttributeError):
            setattr(value, name, ())


def test_a_sum_of_nothing_is_no_layer() -> None:
    cells: dict[str, float | str] = {"A1": 1.0, "B1": "=SUM()+A1", "B2": "=SUM()"}
    assert lift_workbook(Workbook((sheet_of(cells),))).networks == []
