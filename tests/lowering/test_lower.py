import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.evaluator import assert_computed, evaluate
from tests.helpers.examples import examples
from tests.helpers.format_rules import cells
from tests.helpers.specs import CONV
from tests.helpers.spreading import spread
from tests.helpers.strategies import (
    networks,
    random_input,
)
from xlconv.analysis.reproduction import reproduce
from xlconv.errors import (
    LayoutError,
)
from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.layout import Layout
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import Lowered, Stage, stages_of
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.lower import lower, lowered
from xlconv.lowering.sheet_cells import workbook_of
from xlconv.lowering.strip import strip
from xlconv.lowering.strip_builder import StripBuilder
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind


def formulas(network: Network, layout: Layout, *cells: str) -> list[str | None]:
    x = np.zeros(network.input_shape)
    (sheet,) = workbook_of(network, layout, network.activations(x)).sheets
    return [sheet.formula(parse_a1(cell)) for cell in cells]


def test_the_default_formulas_are_plain() -> None:
    preset = PRESETS["conv-example"]
    network = preset.network()
    found = formulas(
        network, preset.layout(network), "AH3", "BM4", "CL4", "FN4", "FQ4", "FR4", "A31"
    )
    assert found == [
        "MAX(0,SUMPRODUCT(A2:C4,$AD$11:$AF$13)+$AD$15)",
        "MAX(0,SUMPRODUCT(AH3:AJ5,$BI$10:$BK$12)+SUMPRODUCT(AH32:AJ34,$BI$14:$BK$16)+$BI$18)",
        "MAX(BM4:BN5)",
        "SUMPRODUCT(CY4:DJ15,$CL$4:$CW$15)+SUMPRODUCT(CY17:DJ28,$CL$33:$CW$44)+FM4",
        "EXP(FN4-MAX($FN$4:$FN$13))",
        "FQ4/SUM($FQ$4:$FQ$13)",
        "MATCH(MAX($FR$4:$FR$13),$FR$4:$FR$13,0)-1",
    ]


def test_styles_and_separate_relu_are_spelled() -> None:
    network = network_of({"input": [1, 28, 28], "layers": [CONV, {"type": "ReLU"}]})
    array = strip(network, spelling=Spelling(array=True))
    assert formulas(network, array, "AH3") == ["MAX(0,SUM(A2:C4*$AD$11:$AF$13)+$AD$15)"]
    (sheet,) = workbook_of(network, array, network.activations(np.zeros((1, 28, 28)))).sheets
    index = sheet.find(parse_a1("AH3"))
    assert index is not None and sheet.kinds[index] == Kind.ARRAY_FORMULA
    separate = strip(network, fuse=False)
    assert formulas(network, separate, "AH3", "BI3") == [
        "SUMPRODUCT(A2:C4,$AD$11:$AF$13)+$AD$15",
        "MAX(0,AH3)",
    ]


def test_padding_is_drawn_as_zeros_and_infinity_as_text() -> None:
    pool = {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1}
    network = network_of({"input": [1, 4, 4], "layers": [CONV | {"padding": 1}, pool]})
    layout = strip(network)
    (sheet,) = workbook_of(network, layout, network.activations(np.ones((1, 4, 4)))).sheets
    (first,), second = layout.places[0].planes, layout.places[1].planes
    corner = sheet.find(first.cell(-1, -1))
    assert corner is not None
    assert (sheet.kinds[corner], sheet.numbers[corner]) == (Kind.NUMBER, 0)
    around = sheet.find(second[0].cell(-1, -1))
    assert around is not None
    assert (sheet.kinds[around], sheet.texts[around]) == (Kind.TEXT, "−∞")


def test_a_dilated_kernel_is_drawn_with_holes() -> None:
    network = network_of({"input": [1, 9, 9], "layers": [CONV | {"dilation": [2, 3]}]})
    layout = strip(network)
    kernel = layout.places[1].tables["weight"][0][0]
    assert kernel.step == (2, 3)
    bias = layout.places[1].tables["bias"][0][0].range
    (first, _) = layout.places[1].planes
    text = formulas(network, layout, a1_name(first.origin))
    assert text == [f"SUMPRODUCT(A2:G6,{kernel.range.absolute_name})+{bias.absolute_name}"]


@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@examples(120)
def test_every_formula_computes_what_the_network_says(
    network: Network, seed: int, array: bool, fuse: bool
) -> None:
    """Our own evaluator here reads only formulas; see test_recalculation for others."""
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    values = network.activations(random_input(network, seed))
    (sheet,) = workbook_of(network, layout, values).sheets
    assert_computed(sheet)


@given(networks(), st.booleans())
def test_no_two_tensors_share_a_cell(network: Network, fuse: bool) -> None:
    layout = strip(network, fuse=fuse)
    x = np.zeros(network.input_shape)
    workbook_of(network, layout, network.activations(x))  # raises where cells collide
    covered: set[tuple[int, int]] = set()
    for area in layout.ranges():
        assert area.top >= 1 and area.left >= 0
        cells = {
            (row, column)
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }
        step = {(r, c) for r, c in cells if (r, c) in covered}
        assert not step
        covered |= cells


def test_colliding_places_are_refused() -> None:
    network = network_of({"input": [1, 4, 4], "layers": [{"type": "ReLU"}]})
    layout = Layout("x", (Place((Plane((1, 0), (4, 4)),)), Place((Plane((2, 2), (4, 4)),))))
    with pytest.raises(LayoutError, match=r"x!C3: two tensors want this cell"):
        workbook_of(network, layout, network.activations(np.zeros((1, 4, 4))))


def test_a_network_too_large_for_a_sheet_is_refused() -> None:
    network = network_of({"input": [1, 2, 17_000], "layers": [{"type": "ReLU"}]})
    with pytest.raises(LayoutError, match=r"needs .* rows and 34,001 columns; a sheet has"):
        strip(network)


@pytest.mark.slow
def test_a_formula_too_long_for_excel_is_refused() -> None:
    network = network_of({"input": [300, 3, 3], "layers": [CONV]})
    layout = strip(network)
    whole = tuple(replace(place, helpers={}) for place in layout.places)  # no sums in parts
    with pytest.raises(LayoutError, match=r"a formula of [0-9,]+ characters; Excel takes 8,192"):
        book_of(network, replace(layout, places=whole), np.zeros((300, 3, 3)))


def test_vectors_from_start_to_end() -> None:
    network = initialised(
        network_of(
            {
                "input": [5],
                "layers": [
                    {"type": "Linear", "out_features": 3},
                    {"type": "ReLU"},
                    {"type": "Linear", "out_features": 2},
                    {"type": "Softmax"},
                ],
            }
        )
    )
    values = network.activations(np.arange(5.0))
    (sheet,) = workbook_of(network, strip(network), values).sheets
    for cell, cached, computed in evaluate(sheet):
        assert computed == pytest.approx(cached, rel=1e-12), cell


@pytest.mark.slow
def test_openpyxl_reads_what_was_written(tmp_path) -> None:
    preset = PRESETS["fastai"]
    network = preset.network()
    made = book_of(network, preset.layout(network), preset.sample())
    path = tmp_path / "fastai.xlsx"
    made.write(path)
    cells = openpyxl.load_workbook(path)["conv-example"]
    values = openpyxl.load_workbook(path, data_only=True)["conv-example"]
    assert cells["AH3"].value.text == "=MAX(0,SUM(A2:C4*$AD$11:$AF$13))"
    assert cells["AH3"].value.ref == "AH3"
    assert values["EN4"].value == made.activations[-1][0]


def test_labels_are_texts_whatever_they_begin_with(tmp_path) -> None:
    spec = {"input": [2], "classes": ["=1+1", "{=A1}"], "layers": [{"type": "Softmax"}]}
    network = replace(network_of(spec), name="http://x")
    path = tmp_path / "x.xlsx"
    book_of(network, strip(network), [0, 1]).write(path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    texts = [cell for row in sheet for cell in row if cell.value in ("=1+1", "{=A1}")]
    assert [cell.data_type for cell in texts] == ["s", "s"]


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 3))
def test_a_layout_may_leave_cells_free_between_entries(network, seed, rows, columns) -> None:
    layout = spread(strip(network), rows, columns)
    values = network.activations(random_input(network, seed))
    (sheet,) = workbook_of(network, layout, values).sheets
    readouts = {
        a1_name(one.origin)
        for place in layout.places
        for key, one in place.helpers.items()
        if key == "prediction"
    }
    assert_computed(sheet, besides=readouts)  # MATCH counts the free cells too


def test_every_cell_of_a_halo_is_filled_and_a_blank_one_is_not() -> None:
    options = CONV | {"padding": [1, 2, 3, 4]}
    network = network_of({"input": [1, 6, 5], "layers": [options]})
    layout = strip(network)
    (sheet,) = workbook_of(network, layout, network.activations(np.ones((1, 6, 5)))).sheets
    (plane,), halo = layout.places[0].planes, layout.places[0].halo
    around = set(cells(plane.halo_range(halo))) - set(cells(plane.range))
    assert len(around) == 13 * 8 - 6 * 5
    for cell in around:
        at = sheet.find(cell)
        assert at is not None and (sheet.kinds[at], sheet.numbers[at]) == (Kind.NUMBER, 0)
    fastai = PRESETS["fastai"]
    network = fastai.network()
    layout = fastai.layout(network)
    (sheet,) = workbook_of(network, layout, network.activations(fastai.sample())).sheets
    for place in layout.places:
        for plane in place.planes:
            for cell in set(cells(plane.halo_range(place.halo))) - set(cells(plane.range)):
                assert sheet.find(cell) is None, a1_name(cell)


def test_only_elementwise_layers_are_fused() -> None:
    table = {"input": [1, 6, 6], "layers": [CONV, {"type": "MaxPool2d", "kernel_size": 2}]}
    network = network_of(table)
    good = strip(network)
    pool = good.places[2]
    layout = replace(good, places=(
        good.places[0], Place(tables=good.places[1].tables), pool,
    ), labels=(), probe=None)  # fmt: skip
    with pytest.raises(LayoutError, match="MaxPool2d has no cells, and cannot be fused"):
        lower(network, layout)


@pytest.mark.parametrize("before", ["Softmax", "Flatten"])
def test_a_relu_after_a_softmax_or_a_view_has_cells_of_its_own(before) -> None:
    shape = [4] if before == "Softmax" else [2, 1, 2]
    network = network_of({"input": shape, "layers": [{"type": before}, {"type": "ReLU"}]})
    layout = strip(network)
    assert all(place.planes for place in layout.places)
    (sheet,) = workbook_of(network, layout, network.activations(random_input(network, 0))).sheets
    for cell, cached, computed in evaluate(sheet):
        assert computed == pytest.approx(cached, rel=1e-12), cell


@pytest.mark.slow
@pytest.mark.parametrize("name", ["conv-example", "multi-label", "padding"])
def test_each_network_is_lowered_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stages: list[Stage] = []

    def counted(network: Network, layout: Layout, stage: Stage) -> Lowered:
        stages.append(stage)
        return lowered(network, layout, stage)

    preset = PRESETS[name]
    network = preset.network()
    layout = preset.layout(network)
    heads = preset.heads_of(network, layout)
    every = [PlacedNetwork(network, layout), *heads]
    monkeypatch.setattr("xlconv.lowering.lower.lowered", counted)
    book = book_of(network, layout, preset.sample(), heads)
    assert stages == [one for each in every for one in stages_of(each.network, each.layout)]
    opened = lift_workbook(book.workbook)
    stages.clear()
    reproduce(opened)
    again = layouts_of(opened)
    assert stages == [one for each in again for one in stages_of(each.network, each.layout)]


def test_a_place_is_frozen_with_its_mappings() -> None:
    tables, helpers = {"weight": ((Plane((0, 0), (1, 1)),),)}, {"exp": Plane((0, 2), (1, 1))}
    place = Place(tables=tables, helpers=helpers)
    for own, mapping in ((tables, place.tables), (helpers, place.helpers)):
        with pytest.raises(TypeError):
            mapping["more"] = ()
        own.clear()
        assert mapping


def test_a_strip_gives_the_same_layout_again() -> None:
    builder = StripBuilder(PRESETS["conv-example"].network(), 60)
    builder.add_input()
    for index in range(len(builder.network.layers)):
        builder.add_stage(index, index)
    before = tuple(builder.places)
    helpers = [dict(place.helpers) for place in before]
    first = builder.layout(Spelling(), "sheet", ())
    assert any("prediction" in place.helpers for place in first.places)
    assert builder.layout(Spelling(), "sheet", ()) == first
    assert [dict(place.helpers) for place in before] == helpers
