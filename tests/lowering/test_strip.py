"""Where the strip puts planes, labels, the panel and the probe."""

import numpy as np
import pytest

from tests.helpers.specs import CONV
from xlconv.lowering.book import book_of
from xlconv.lowering.panel import PANEL_COLUMNS
from xlconv.lowering.strip import strip
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import a1_name


def flattened(channels: int, size: int) -> bool:
    """Whether the planes before a Linear are written again as a column."""
    table = {
        "input": [channels, size, size],
        "layers": [{"type": "Flatten"}, {"type": "Linear", "out_features": 2}],
    }
    return bool(strip(network_of(table)).places[1].planes)


def test_a_flatten_takes_cells_only_where_planes_would_be_many_or_single() -> None:
    assert not flattened(16, 2)
    assert flattened(17, 2)
    assert flattened(2, 1)


def test_a_strip_of_many_planes_grows_down_before_it_grows_wide() -> None:
    layers = [CONV | {"out_channels": 32}, CONV | {"out_channels": 8}]
    layout = strip(network_of({"input": [1, 12, 12], "layers": layers}))
    areas = list(layout.ranges())
    bottom, right = max(a.bottom for a in areas), max(a.right for a in areas)
    assert right <= 4 * bottom


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 8, 8], [1, 28, 28], [3, 28, 28]])
def test_nothing_stands_where_the_panel_is_read(shape) -> None:
    layout = strip(network_of({"input": shape, "layers": [CONV]}))
    wide = {label.cell[0] for label in layout.labels if label.role in ("heading", "remark")}
    for area in layout.ranges():
        if area.left < PANEL_COLUMNS:
            assert not wide & set(range(area.top, area.bottom + 1))


def test_a_panel_under_an_input_of_several_columns_stands_under_everything() -> None:
    layout = strip(network_of({"input": [3, 28, 28], "layers": [CONV]}))
    bottom = max(area.bottom for area in layout.ranges())
    (row,) = [one.cell[0] for one in layout.labels if one.text == "How to read this sheet"]
    assert row == bottom + 2


def test_the_default_labels_stand_where_they_belong() -> None:
    preset = PRESETS["conv-example"]
    labels = {a1_name(one.cell): one.text for one in preset.layout(preset.network()).labels}
    for cell, text in {
        "A1": "input · 1@28×28",
        "AH2": "relu1[0]", "AH31": "relu1[1]", "AD9": "kernel 0", "AD38": "kernel 1",
        "AE15": "← bias", "AE44": "← bias", "CY3": "weights of 0", "EY32": "weights of 9",
        "FL4": "0", "FL13": "9", "FM3": "bias", "FN3": "fc1", "FQ3": "exp", "FR3": "softmax",
        "B31": "← prediction: the class with the largest output of softmax",
        "A38": "Probe: what one unit of conv2 sees",
        "A44": "conv1 · Conv2d 3×3 · 2@26×26 · 20 parameters",
        "A45": "relu1 · ReLU · 2@26×26",
        "A50": "fc1 · Linear · 10 · 2,890 parameters",
    }.items():  # fmt: skip
        assert labels[cell] == text, cell


def test_the_probe_knows_the_size_of_its_tensor() -> None:
    layers = [CONV, {"type": "ReLU"}, CONV | {"padding": [0, 1]}, {"type": "ReLU"}]
    network = network_of({"input": [1, 8, 20], "layers": layers})
    layout = strip(network)
    probe = layout.probe
    assert probe is not None
    assert (probe.tensor, probe.name) == (4, "conv2")  # 4×18
    made = book_of(network, layout, np.zeros((1, 8, 20)))
    (sheet,) = made.workbook.sheets
    assert [sheet.numbers[sheet.find(cell)] for cell in (probe.row, probe.column)] == [2, 9]
    assert [(one.cell, one.last) for one in made.formatting.validations] == [
        (probe.row, 3), (probe.column, 17),
    ]  # fmt: skip
    texts = [label.text for label in layout.labels]
    assert any("its row, 0 to 3:" in text for text in texts)
    assert any("its column, 0 to 17:" in text for text in texts)


def test_a_strip_takes_no_more_rows_than_save_columns() -> None:
    layout = PRESETS["multi-label"].layout(PRESETS["multi-label"].network())
    first, second = layout.places[2].planes[:2]
    assert second.origin[0] - first.range.bottom == 4  # two free rows, and a caption
