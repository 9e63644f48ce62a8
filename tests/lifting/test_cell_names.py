"""Names of cells and the cells of names: one is the inverse of the other."""

from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from tests.helpers.paths import WORKBOOKS
from tests.helpers.shipped import opened
from xlconv.analysis.explanation import explained
from xlconv.analysis.trace import trace
from xlconv.cli import main
from xlconv.lifting.cell_names import NamedCells, find_named
from xlconv.lifting.lifted_workbook import LiftedWorkbook
from xlconv.spreadsheet.addresses import Cell, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane

PRESETS = sorted(path.stem for path in WORKBOOKS.glob("*.xlsx"))
_SAMPLE, _EACH = 600, 8


@cache
def preset(name: str) -> LiftedWorkbook:
    return opened(name)


def cells_by_name(seen: LiftedWorkbook) -> dict[str, list[tuple[int, Cell]]]:
    """Cells that are something in a network: any, and some of every kind, by their names."""
    chosen = [
        (one.sheet, plane.cell(plane.shape[0] - 1, 0))
        for some in seen.entries
        for one in some
        for plane in (one.planes[0], one.planes[-1])
    ]
    for number, sheet in enumerate(seen.workbook.sheets):
        sample = np.random.default_rng(0).permutation(len(sheet))[:_SAMPLE]
        chosen += [(number, (int(sheet.rows[k]), int(sheet.columns[k]))) for k in sample]
    found: dict[str, list[tuple[int, Cell]]] = {}
    for place in dict.fromkeys(chosen):
        role = seen.role(*place)
        if role is not None:
            found.setdefault(role.name, []).append(place)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_the_name_of_a_cell_leads_back_to_it(name: str) -> None:
    seen = preset(name)
    found = cells_by_name(seen)
    assert {"input", *map(seen.tensor_name, range(len(seen.lifted.tensors)))} <= set(found)
    for sheet, cell in (place for places in found.values() for place in places[:_EACH]):
        role = seen.role(sheet, cell)
        assert seen.find(str(role)) == (sheet, cell), role
        assert seen.find(f"{seen.sheet_name(sheet)}!{str(role).upper()}") == (sheet, cell)
        assert str(role) in trace(seen, (sheet, cell)).nodes[0].label


@pytest.mark.many
@pytest.mark.parametrize(
    ("book", "name", "cell"),
    [
        ("conv-example", "relu1[1, 3, 4]", "conv1[1, 3, 4]"),
        ("conv-example", "RELU1[1,3,4]", "conv1[1, 3, 4]"),
        ("conv-example", "flatten[145]", "pool1[1, 0, 1]"),
        ("lenet5", "tanh1[2, 3, 4]", "conv1[2, 3, 4]"),
        ("lenet5", "tanh4[7]", "fc2[7]"),
        ("lenet5", "flatten[44]", "avgpool2[1, 3, 4]"),
        ("batchnorm", "relu2[0, 1, 2]", "bn2[0, 1, 2]"),
        ("dropout", "flatten[200]", "drop1[1, 4, 8]"),
        ("residual", "relu3[1, 2, 3]", "add1[1, 2, 3]"),
    ],
)
def test_layers_that_share_cells_have_names_for_them_too(book: str, name: str, cell: str) -> None:
    seen = preset(book)
    assert str(seen.role(*seen.find(name))) == cell


@pytest.mark.parametrize(
    ("book", "name", "cell"),
    [
        ("conv-example", "conv1.weight[0, 0, 1, 1]", "AE12"),
        ("conv-example", "conv2.bias[1]", "BI47"),
        ("conv-example", "fc1.weight[3, 17]", None),
        ("batchnorm", "bn1.running_mean[0]", None),
        ("dropout", "drop1.mask_1[3, 4]", "DC36"),
    ],
)
def test_parameters_and_helpers_have_their_numbers(book: str, name: str, cell: str | None) -> None:
    seen = preset(book)
    sheet, found = seen.find(name)
    assert cell is None or found == parse_a1(cell)
    stem, _, index = name.removesuffix("]").partition("[")
    layer, _, key = stem.partition(".")
    network = seen.networks[0].network
    parameters = network.layers[network.names.index(layer)].parameters()
    if key in parameters:
        value = parameters[key][tuple(map(int, index.split(",")))]
        assert explained(seen, sheet, found).value == value


@pytest.mark.slow
def test_a_mask_has_one_name() -> None:
    seen = preset("dropout")
    sheet, mask = seen.find("drop1.mask_1[3,4]")
    own = explained(seen, sheet, mask)
    assert own.role == "drop1.mask_1[3, 4]"
    assert own.answers.network == own.answers.stored
    found = explained(seen, *seen.find("drop1[1,3,4]"))
    assert [one.role for one in found.parts] == [own.role]
    assert own.role in [inner.name for part in found.step.operands for inner in part.operands]
    for command in ("explain", "trace"):
        arguments = [command, str(WORKBOOKS / "dropout.xlsx"), "drop1[1,3,4]"]
        text = CliRunner().invoke(main, arguments).output
        assert own.role in text
        assert "mask_1[4]" not in text and "mask_1[40]" not in text


def test_names_in_another_case_are_taken_where_only_one_is_meant() -> None:
    plane = (Plane((0, 0), (2, 2)),)
    every = [
        NamedCells("activation", k, name, 0, (1, 2, 2), plane)
        for k, name in enumerate(("edge", "EDGE", "last"))
    ]
    assert [find_named(every, one) for one in ("edge", "EDGE", "LAST")] == every
    assert find_named(every, "Edge") is None
