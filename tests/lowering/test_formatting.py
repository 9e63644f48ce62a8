import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.format_rules import cells, holds
from tests.helpers.strategies import networks
from xlconv.layout.defined_names import defined_names
from xlconv.lowering.book import book_of
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import FINGERPRINT_PROPERTY, SPEC_PROPERTY, network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.xlsx.formatting import NO_BORDER


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    preset = PRESETS["conv-example"]
    network = preset.network()
    path = tmp_path_factory.mktemp("look") / "x.xlsx"
    book_of(network, preset.layout(network), preset.sample()).write(path)
    return openpyxl.load_workbook(path)


def test_the_page_is_one_and_the_titles_stay(written: openpyxl.Workbook) -> None:
    sheet = written.active
    assert sheet.freeze_panes == "A2"
    # One page by one is the default of what fitToPage turns on.
    assert sheet.page_setup.fitToWidth in (None, 1) and sheet.page_setup.fitToHeight in (None, 1)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.sheet_view.showGridLines is False
    assert sheet["AD1"].value == "conv1 + relu1 · Conv2d 3×3 · 2@26×26"


def test_zeros_are_dots_and_weights_have_two_decimals(written: openpyxl.Workbook) -> None:
    sheet = written.active
    assert sheet["AH3"].number_format == '0.0;-0.0;"·"'
    assert sheet["AD11"].number_format == '0.00;-0.00;"·"'
    assert sheet["AH3"].border.top.style == "dotted"
    assert sheet["AI4"].border.top.style is None


def test_planes_have_notes_and_scales(written: openpyxl.Workbook) -> None:
    sheet = written.active
    assert "A2:C4, AD11:AF13, AD15" in sheet["AH3"].comment.text
    for cell in ("A2", "AH3", "AH32", "BM4", "BM33", "CL4", "CL33", "FN4", "FR4"):
        assert sheet[cell].comment is not None, cell
    kinds = {}
    for ranges in sheet.conditional_formatting:
        kinds[str(ranges.sqref)] = {rule.type for rule in ranges.rules}
    assert kinds["AH3:BG28"] == {"expression", "colorScale"}
    assert "colorScale" in kinds["AD11:AF13 AD40:AF42"]
    assert kinds["FR4:FR13"] == {"expression", "dataBar"}


def test_odds_are_marked_from_a_half_on_and_shares_where_they_are_largest() -> None:
    rules = {
        rule.range.name: rule.formula
        for rule in PRESETS["multi-label"].book().formatting.conditional_formats
    }
    assert rules["KM4:KM13"] == rules["KK4:KL13"] == "=$KM4=MAX($KM$4:$KM$13)"
    assert rules["KP4:KP13"] == rules["KO4:KO13"] == "=$KP4>=0.5"
    # A sigmoid in a dense layer's own cells is one too; one before other layers is not.
    layers = [{"type": "Linear", "out_features": 3}, {"type": "Sigmoid"}]
    for more, expected in (([], 1), ([{"type": "Linear", "out_features": 2}], 0)):
        network = network_of({"input": [4], "layers": [*layers, *more]})
        look = book_of(network, strip(network), [1.0, 2.0, 3.0, 4.0]).formatting
        assert len(look.bars) == expected
        assert sum(">=0.5" in rule.formula for rule in look.conditional_formats) == 2 * expected


def test_weights_of_one_and_more_keep_their_minus_in_front() -> None:
    layers = [{"type": "Flatten"}, {"type": "Linear", "out_features": 2}]
    network = network_of({"input": [1, 6, 6], "layers": layers})
    for most, form in ((-0.5, '.00;-.00;"·"'), (-1.5, '#.00;-#.00;"·"')):
        weight = np.full((2, 36), most)
        book = book_of(
            network.with_state({"fc1.weight": weight, "fc1.bias": np.zeros(2)}), strip(network),
            np.ones((1, 6, 6)),
        )  # fmt: skip
        assert form in {style.number_format for style in book.formatting.canvas.styles}


def test_p_of_a_dropout_is_a_cell_to_play_with_and_has_no_scale_over_it() -> None:
    preset = PRESETS["dropout"]
    layout = preset.layout(preset.network())
    ((p,),) = layout.places[6].tables["p"]
    look = preset.book().formatting
    keys, styles = look.canvas.painted()
    at = np.searchsorted(keys, p.origin[0] * MAX_COLUMNS + p.origin[1])
    assert look.canvas.styles[styles[at]].fill == "#FFF3A3"
    assert not any(area.overlaps(p.range) for scale in look.scales for area in scale.ranges)


def test_a_strip_takes_no_more_rows_than_save_columns() -> None:
    layout = PRESETS["multi-label"].layout(PRESETS["multi-label"].network())
    first, second = layout.places[2].planes[:2]
    assert second.origin[0] - first.range.bottom == 4  # two free rows, and a caption


def test_names_stand_for_tensors(written: openpyxl.Workbook) -> None:
    names = {name: value.attr_text for name, value in written.defined_names.items()}
    assert names["input_0"] == "'conv-example'!$A$2:$AB$29"
    assert names["relu1_1"] == "'conv-example'!$AH$32:$BG$57"
    assert names["conv2_weight_0"].count("!") == 2
    assert names["softmax_prediction"] == "'conv-example'!$A$31"


def test_properties_hold_the_spec_and_the_fingerprint(written: openpyxl.Workbook) -> None:
    network = PRESETS["conv-example"].network()
    properties = {one.name: one.value for one in written.custom_doc_props.props}
    parts = sorted(key for key in properties if key.startswith(SPEC_PROPERTY))
    import json

    spec = json.loads("".join(properties[key] for key in parts))
    assert network_of(spec).with_state(network.state()) == network
    assert properties[FINGERPRINT_PROPERTY] == network.fingerprint()


@given(networks())
def test_no_defined_name_looks_like_a_cell_or_comes_twice(network: Network) -> None:
    names = [name for name, _ in defined_names(network, strip(network))]
    assert len(names) == len({name.lower() for name in names})
    for name in names:
        assert re.fullmatch(r"[A-Za-z_]\w*_\w+", name)


@given(networks(), st.data())
def test_the_probe_boxes_exactly_the_receptive_field(network: Network, data: st.DataObject) -> None:
    layout = strip(network)
    probe = layout.probe
    if probe is None:
        return
    _, height, width = network.shapes[probe.tensor]
    unit = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    boxes: dict[Range, dict[tuple[int, int], set[str]]] = {}
    for rule in probe_rules(network, layout):
        sides = rule.style.borders
        drawn = {s for s in ("top", "bottom", "left", "right") if getattr(sides, s) != NO_BORDER}
        for cell in cells(rule.range):
            if holds(rule.formula, cell, probe.row, probe.column, unit):
                boxes.setdefault(rule.range, {}).setdefault(cell, drawn)
    fields = network.receptive_fields(probe.tensor)
    for tensor, reach in fields.items():
        place = layout.places[tensor]
        for plane in place.planes:
            area = plane.halo_range(place.halo)
            first = [reach.start[k] + reach.stride[k] * unit[k] for k in (0, 1)]
            last = [first[k] + reach.size[k] - 1 for k in (0, 1)]
            (top, left), (bottom, right) = plane.cell(*first), plane.cell(*last)
            # The part of the field that is on the sheet, with a closed line around it.
            top, left = max(top, area.top), max(left, area.left)
            bottom, right = min(bottom, area.bottom), min(right, area.right)
            seen = {
                (row, column): {
                    side
                    for side, on in (
                        ("top", row == top), ("bottom", row == bottom),
                        ("left", column == left), ("right", column == right),
                    )
                    if on
                }
                for row, column in cells(Range(top, left, bottom, right))
            }  # fmt: skip
            found = boxes.get(area, {})
            assert set(found) == set(seen)
            if bottom > top and right > left:
                assert found == seen


def test_files_name_no_person_or_machine(tmp_path: Path) -> None:
    preset = PRESETS["edges"]
    network = preset.network()
    path = tmp_path / "x.xlsx"
    book_of(network, preset.layout(network), preset.sample()).write(path)
    properties = openpyxl.load_workbook(path).properties
    assert properties.creator in (None, "")
    assert properties.title == "edges"
