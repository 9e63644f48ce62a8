import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.format_rules import cells, holds
from tests.helpers.packages import part_of
from tests.helpers.specs import CONV
from tests.helpers.spreading import spread
from tests.helpers.strategies import (
    networks,
)
from xlconv.layout.defined_names import defined_names
from xlconv.layout.probe import probed_layer
from xlconv.lowering.book import book_of
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import FINGERPRINT_PROPERTY, SPEC_PROPERTY, network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import MAX_COLUMNS, Range
from xlconv.spreadsheet.xlsx.formatting import NO_BORDER


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
    able = [None, *(name for name in network.names if probed_layer(network, name) is not None)]
    probed = data.draw(st.sampled_from(able))
    layout = strip(network, probed=probed)
    probe = layout.probe
    if probe is None:
        return
    assert probed in (None, probe.name)
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


@pytest.mark.slow
@given(networks(), st.integers(1, 3), st.integers(1, 3), st.data())
def test_the_probe_boxes_the_field_in_planes_with_free_cells(network, rows, columns, data) -> None:
    layout = spread(strip(network), rows, columns)  # in the real test: drawn beside strip(network)
    probe = layout.probe
    if probe is None:
        return
    _, height, width = network.shapes[probe.tensor]
    unit = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    for tensor, reach in network.receptive_fields(probe.tensor).items():
        place = layout.places[tensor]
        for plane in place.planes:
            area = plane.halo_range(place.halo)
            first = [reach.start[k] + reach.stride[k] * unit[k] for k in (0, 1)]
            (top, left) = plane.cell(*first)
            (bottom, right) = plane.cell(first[0] + reach.size[0] - 1, first[1] + reach.size[1] - 1)
            boxed = {
                cell
                for rule in probe_rules(network, layout)
                if rule.range == area
                for cell in cells(area)
                if holds(rule.formula, cell, probe.row, probe.column, unit)
            }
            assert boxed == {
                c for c in cells(area) if top <= c[0] <= bottom and left <= c[1] <= right
            }


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    preset = PRESETS["conv-example"]
    network = preset.network()
    path = tmp_path_factory.mktemp("look") / "x.xlsx"
    book_of(network, preset.layout(network), preset.sample()).write(path)
    return path


@pytest.fixture(scope="module")
def written(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def test_the_page_and_the_screen(written) -> None:
    sheet = written.active
    assert sheet.sheet_view.showGridLines is False
    assert sheet.sheet_view.zoomScale == 70
    assert int(sheet.page_setup.paperSize) == 8
    assert sheet["AH3"].alignment.vertical == "center"
    assert sheet.column_dimensions["FR"].width == pytest.approx(10.29, abs=0.01)  # 72 pixels
    assert sheet["FR4"].number_format == "0.0%"
    titles = ("A1", "AD1", "BI1", "CL1", "CY1", "FP1")
    assert len({sheet[cell].fill.fgColor.rgb for cell in titles}) == 6


def test_the_notes_say_what_a_plane_computes(written) -> None:
    sheet = written.active
    assert sheet["A2"].comment.text == "input[0]: 28×28 numbers\nChange any of them."
    assert sheet["AH32"].comment.text == (
        "relu1[1]: 26×26 cells, each of them\n"
        "• the window times the kernel, summed over all input channels, plus the bias\n"
        "• negative numbers become 0\n"
        "This one reads A2:C4, AD40:AF42, AD44"
    )
    assert sheet["CL4"].comment.text.splitlines()[1:] == [
        "• the largest number of the window", "This one reads BM4:BN5",
    ]  # fmt: skip
    assert sheet["FN4"].comment.text.startswith("fc1[0]: 10×1 cells, each of them\n")
    assert sheet["FR4"].comment.text.endswith("This one reads FQ4, FQ4:FQ13")


def test_a_note_names_six_areas_and_counts_the_rest() -> None:
    network = network_of({"input": [4, 3, 3], "layers": [CONV]})
    notes = book_of(network, strip(network), np.zeros((4, 3, 3))).formatting.comments
    assert re.search(r"This one reads (\w+:\w+, ){5}\w+:\w+ and 3 more$", notes[-1].text)


def scales(sheet) -> dict[str, list[tuple[str, object, str]]]:
    return {
        str(ranges.sqref): [
            (point.type, point.val, color.rgb[2:])
            for point, color in zip(rule.colorScale.cfvo, rule.colorScale.color, strict=True)
        ]
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
        if rule.type == "colorScale"
    }


def test_negative_is_blue_positive_is_red_and_zero_is_white(written) -> None:
    found = scales(written.active)
    state = PRESETS["conv-example"].network().state()
    most = float(np.abs(state["conv1.weight"]).max())
    assert found["AD11:AF13 AD40:AF42"] == [
        ("num", -most, "8FB4EA"), ("num", 0, "FFFFFF"), ("num", most, "F09A8E"),
    ]  # fmt: skip
    # Activations without a negative number: from white up to the largest of all planes, live.
    assert found["AH32:BG57"] == [
        ("num", 0, "FFFFFF"),
        ("formula", "MAX($AH$3:$BG$28,$AH$32:$BG$57)", "F5B97A"),
    ]


def test_the_largest_probability_is_marked_and_has_the_longest_bar(written, path) -> None:
    rules = {
        str(ranges.sqref): rule.formula
        for ranges in written.active.conditional_formatting
        for rule in ranges.rules
        if rule.type == "expression" and rule.formula[0].startswith("$FR")
    }
    largest = ["$FR4=MAX($FR$4:$FR$13)"]
    assert rules == {"FP4:FQ13": largest, "FR4:FR13": largest}
    xml = part_of(path, "xl/worksheets/sheet1.xml")
    assert '<cfvo type="num" val="0"/><cfvo type="num" val="1"/>' in xml


def test_the_probe_takes_whole_numbers_from_0(written) -> None:
    found = {
        str(one.sqref): (one.type, one.operator, one.formula1, one.formula2)
        for one in written.active.data_validations.dataValidation
    }
    # between is the default of the format
    assert found == dict.fromkeys(("A39", "A40"), ("whole", None, "0", "23"))


def test_the_share_of_a_dropout_stays_below_1(tmp_path: Path) -> None:
    layers = [{"type": "Flatten"}, {"type": "Dropout", "p": 0.25, "name": "loss"}]
    network = network_of({"input": [1, 2, 2], "layers": layers}).in_training()
    layout = strip(network)
    book_of(network, layout, np.ones((1, 2, 2))).write(tmp_path / "drop.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "drop.xlsx").active
    (one,) = sheet.data_validations.dataValidation
    assert sheet[str(one.sqref)].value == 0.25
    assert (one.type, one.operator, one.formula1, one.formula2) == ("decimal", None, "0", "0.99")
    assert (one.promptTitle, one.prompt[:23]) == ("p of loss", "The share that is dropp")
    assert one.showInputMessage and one.showErrorMessage


def test_class_names_that_are_numbers_are_no_mistake(path, tmp_path) -> None:
    assert re.search(
        r'<ignoredError sqref="FL4( \w+)* FP13" numberStoredAsText="1"/>',
        part_of(path, "xl/worksheets/sheet1.xml"),
    )
    network = network_of({"input": [2], "classes": ["cat", "1e3"], "layers": [{"type": "Softmax"}]})
    look = book_of(network, strip(network), [0, 1]).formatting
    assert len(look.text_numbers) == 1


def test_no_conditional_format_is_longer_than_excel_takes() -> None:
    network = initialised(
        network_of({"input": [1, 8, 8], "layers": [CONV | {"out_channels": 40}, {"type": "ReLU"}]})
    )
    look = book_of(network, strip(network), np.ones((1, 8, 8))).formatting
    texts = [value for scale in look.scales for value, _ in scale.points if isinstance(value, str)]
    assert texts and max(map(len, texts)) <= 255


def test_padding_is_faint_and_belongs_to_the_scale_of_its_plane(tmp_path) -> None:
    network = network_of({"input": [1, 6, 6], "layers": [CONV | {"padding": 1}]})
    layout = strip(network)
    made = book_of(network, layout, np.ones((1, 6, 6)))
    area = layout.places[0].planes[0].halo_range(layout.places[0].halo)
    assert made.formatting.scales[0].ranges == (area,)
    made.write(tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active.cell(area.top + 1, area.left + 1)
    assert (cell.value, cell.font.sz, cell.font.color.rgb) == (0, 7, "FFB6BCC6")
