"""Long sums in parts, statistics beside the layers, and output sizes as formulas."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests import oracles
from tests.strategies import networks, random_input, with_metrics
from tests.test_oracles import agree, poisoned
from xlconv.analysis.reproduction import reproduce
from xlconv.cli import main
from xlconv.layers import Conv2d
from xlconv.layers.base.partial_sums import MAX_TERMS, even_parts, parts_of
from xlconv.layers.base.place import Place, Spelling
from xlconv.layout.labels import Label
from xlconv.layout.layout import Layout, shared_tensors
from xlconv.layout.metric_names import name_of_metric
from xlconv.layout.metric_rows import place_metrics
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering import splitting
from xlconv.lowering.book import Book, book_of
from xlconv.lowering.strip import strip
from xlconv.network.initialise import initialised
from xlconv.network.network import Network
from xlconv.network.spec import network_of
from xlconv.network.statistics import NEAR_ZERO, statistics_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH
from xlconv.spreadsheet.workbook import Kind, Sheet, SheetBuilder, Workbook
from xlconv.verification.verify import Report, verify_workbook

ORACLES = (oracles.libreoffice, oracles.gnumeric)


def deep(channels: int, outputs: int, size: int, tail: list | None = None, **options) -> Network:
    """3 -> `channels` -> `outputs` channels, as a spec describes it."""
    layers = [
        {"type": "Conv2d", "out_channels": channels, "kernel_size": 1},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": outputs, "kernel_size": 3} | options,
        {"type": "ReLU"},
        *(tail or []),
    ]
    return initialised(network_of({"input": [3, size, size], "layers": layers}), seed=0)


DENSE = [{"type": "Flatten"}, {"type": "Linear", "out_features": 3}]

# What stays as it is, what is split, and into how many parts.
DEEP = {
    "64 to 64": (deep(64, 64, 5, DENSE), 1),
    "160": (deep(160, 2, 4), 1),
    "161": (deep(161, 2, 4), 2),
    "256, then Linear": (deep(256, 2, 5, DENSE), 2),
    "400": (deep(400, 1, 4), 3),
    "stride and padding": (deep(200, 3, 6, stride=2, padding=1), 2),
    "dilation and one-sided padding": (deep(200, 2, 7, padding=[1, 0, 2, 1], dilation=2), 2),
    "1×1 kernels without bias": (deep(200, 2, 4, kernel_size=1, bias=False), 2),
    "one number": (deep(200, 3, 3), 2),
    "groups": (deep(400, 4, 4, kernel_size=2, groups=2), 2),
}


def made(network: Network, *, array: bool = False, fuse: bool = True) -> tuple[Layout, Book]:
    layout = strip(network, spelling=Spelling(array=array), fuse=fuse)
    return layout, book_of(network, layout, random_input(network, 1))


def convolutions(network: Network) -> list[Conv2d]:
    return [layer for layer in network.layers if isinstance(layer, Conv2d)]


def parts_in(layout: Layout) -> int:
    """In how many parts sums are split at most."""
    found = [parts_of(place.helpers) for place in layout.places]
    return max((len(parts) for one in found for parts in one.values()), default=1)


def longest(sheet: Sheet) -> int:
    return max(len(sheet.texts[k]) for k in np.flatnonzero(sheet.is_formula).tolist()) + 1


def whole(network: Network, book: Book) -> LiftedWorkbook:
    """Assert that a workbook is verified, lifted to its network, and written again."""
    report = verify_workbook(book.workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    found = lift_workbook(book.workbook)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    again = reproduce(found)
    assert again.is_whole, again.differences
    assert not again.differences
    return found


# -- long sums -------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEEP)
def test_a_sum_over_many_channels_is_split_only_where_it_must_be(name: str) -> None:
    network, parts = DEEP[name]
    layout, book = made(network)
    assert parts_in(layout) == parts
    assert longest(book.workbook.sheets[0]) <= MAX_FORMULA_LENGTH
    whole(network, book)


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("array", [True, False])
def test_parts_go_with_every_spelling(array: bool, fuse: bool) -> None:
    network, _ = DEEP["stride and padding"]
    layout, book = made(network, array=array, fuse=fuse)
    assert parts_in(layout) == 2
    found = whole(network, book)
    sums = [one for one in found.lifted.tensors if any("sum_" in name for name in one.helpers)]
    assert len(sums) == 1
    assert bool(found.calculation.blocks[sums[0].blocks[0]].is_array) is array


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
@pytest.mark.parametrize("name", ["64 to 64", "256, then Linear", "dilation and one-sided padding"])
def test_other_programs_compute_long_sums_and_their_parts(name, oracle, tmp_path: Path) -> None:
    network, _ = DEEP[name]
    layout = strip(network, spelling=Spelling(array=name.startswith("dil")))
    path, sheet = poisoned(network, layout, random_input(network, 1), tmp_path)
    agree(sheet, oracle(path, tmp_path))


def test_no_preset_has_parts() -> None:
    for preset in PRESETS.values():
        network = preset.network()
        assert parts_in(preset.layout(network)) == 1


@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_network_can_be_split_and_is_read_back(network, seed, array, fuse) -> None:
    # A mode of padding that pads nothing leaves no trace on the sheet.
    assume(not any(one.border and not any(one.padding) for one in convolutions(network)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MAX_TERMS", 1)  # every sum over two channels or more
        layout, book = made(network, array=array, fuse=fuse)
    assume(parts_in(layout) > 1)
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    found = lift_workbook(book.workbook)
    assume(not found.lifted.unlifted)
    (relaid,) = layouts_of(found)
    assert relaid.network == network
    assert reproduce(found).is_whole
    assert verify_workbook(book.workbook).coverage == 1.0


def test_parts_share_the_terms_evenly() -> None:
    assert [(one.start, one.stop) for one in even_parts(4, 10, 3)] == [(0, 3), (3, 6), (6, 10)]
    names = [one.name for one in even_parts(4, 10, 3)]
    assert parts_of([*names, "exp", "mask_0"]) == {4: even_parts(4, 10, 3)}
    assert MAX_TERMS * 60 > MAX_FORMULA_LENGTH  # so that the text is measured too


# -- faults in long sums -------------------------------------------------------------------


def edited(workbook: Workbook, changes: dict[str, str | float | None]) -> Workbook:
    """Return a workbook with other formulas (texts), numbers or nothing in some cells."""
    (sheet,) = workbook.sheets
    builder = SheetBuilder()
    for k in range(len(sheet)):
        row, column, kind = int(sheet.rows[k]), int(sheet.columns[k]), Kind(sheet.kinds[k])
        where = next((n for n in changes if parse_a1(n) == (row, column)), None)
        value = changes[where] if where is not None else None
        if where is not None and value is None:
            continue
        number = float(sheet.numbers[k])
        if isinstance(value, float):
            builder.add(Kind.NUMBER, [row], [column], numbers=value)
        elif kind in (Kind.FORMULA, Kind.ARRAY_FORMULA, Kind.TEXT):
            text = value if isinstance(value, str) else sheet.texts[k]
            numbers = {} if kind == Kind.TEXT else {"numbers": number}
            builder.add(kind, [row], [column], texts=[text], **numbers)
        else:
            builder.add(kind, [row], [column], numbers=number)
    return replace(workbook, sheets=(builder.finish(sheet.name),))


def name_at(plane: Plane, i: int, j: int) -> str:
    return a1_name(plane.cell(i, j))


def text_at(book: Book, name: str) -> str:
    (sheet,) = book.workbook.sheets
    index = sheet.find(parse_a1(name))
    assert index is not None
    return sheet.texts[index]


def codes(report: Report, *, root: bool = True) -> set[tuple[str, str]]:
    return {(one.code, one.cell) for one in report.findings if one.root or not root}


def split_book() -> tuple[Book, dict[str, Plane], tuple[Plane, ...]]:
    network, _ = DEEP["stride and padding"]
    layout, book = made(network)
    place = layout.places[4]
    return book, place.helpers, place.planes


def test_a_number_over_a_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    cell = name_at(helpers["sum_1_0_100"], 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: 1.25}))
    assert ("S202", cell) in codes(report)
    assert report.verdict() == "findings"


def test_a_partial_sum_of_another_window_is_named() -> None:
    book, helpers, _ = split_book()
    plane = helpers["sum_2_100_200"]
    cell, beside = name_at(plane, 1, 1), name_at(plane, 1, 2)
    report = verify_workbook(edited(book.workbook, {cell: text_at(book, beside)}))
    assert ("S201", cell) in codes(report)


def test_a_stale_partial_sum_is_named() -> None:
    book, helpers, _ = split_book()
    (sheet,) = book.workbook.sheets
    plane = helpers["sum_0_100_200"]
    numbers = sheet.numbers.copy()
    index = sheet.find(plane.cell(2, 2))
    assert index is not None
    numbers[index] += 0.5
    stale = replace(book.workbook, sheets=(replace(sheet, numbers=numbers),))
    assert ("V101", name_at(plane, 2, 2)) in codes(verify_workbook(stale))


def test_a_plane_that_leaves_a_part_out_is_not_verified() -> None:
    book, helpers, planes = split_book()
    whole_, changes = planes[1], {}
    for i, j in np.ndindex(whole_.shape):
        left_out = name_at(helpers["sum_1_100_200"], i, j)
        cell = name_at(whole_, i, j)
        text = text_at(book, cell)
        assert f"+{left_out}+" in text
        changes[cell] = text.replace(f"+{left_out}+", "+")
    report = verify_workbook(edited(book.workbook, changes))
    assert report.verdict() == "findings" or report.coverage < 1
    own = {name_at(whole_, i, j) for i, j in np.ndindex(whole_.shape)}
    named = {one.cell for one in report.findings}
    assert own & named or any(one.block == whole_.range.name for one in report.findings)


# -- statistics and output sizes --------------------------------------------------------------

MIXED = {
    "name": "mixed",
    "input": [2, 11, 9],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": [3, 2], "padding": [1, 0, 2, 1]},
        {"type": "ReLU"},
        {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
        {"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "dilation": [2, 1]},
        {"type": "AdaptiveAvgPool2d"},
        {"type": "Flatten"},
        {"type": "Linear", "out_features": 3},
        {"type": "Softmax"},
    ],
}


def cases() -> dict[str, tuple[Network, Layout, np.ndarray]]:
    found = {}
    for name, preset in PRESETS.items():
        network = preset.network()
        found[name] = network, preset.layout(network), preset.sample()
    mixed = initialised(network_of(MIXED), seed=3)
    found["mixed"] = mixed, strip(mixed), random_input(mixed, 2)
    return {
        name: (network, with_metrics(network, layout, statistics=True, sizes=True), x)
        for name, (network, layout, x) in found.items()
    }


CASES = cases()


def named(book: Book, name: str) -> list[str]:
    """The cells of a defined name."""
    ((_, area),) = dict(book.workbook.names)[name]
    return [a1_name((area.top, column)) for column in range(area.left, area.right + 1)]


def value_at(book: Book, name: str) -> float:
    (sheet,) = book.workbook.sheets
    index = sheet.find(parse_a1(name))
    assert index is not None
    return float(sheet.numbers[index])


@pytest.mark.parametrize("case", CASES)
def test_measures_are_verified_and_written_again(case: str) -> None:
    network, layout, x = CASES[case]
    book = book_of(network, layout, x)
    report = verify_workbook(book.workbook)
    assert report.coverage == 1.0
    plain = verify_workbook(book_of(network, replace(layout, metrics=()), x).workbook)
    assert codes(report, root=False) == codes(plain, root=False)
    found = lift_workbook(book.workbook)
    (relaid,) = layouts_of(found)
    assert relaid.layout.metrics == tuple(layout.metrics)
    again = reproduce(found)
    assert again.is_whole, again.differences
    assert again.same_texts == again.texts
    assert sorted(again.workbook.names) == sorted(book.workbook.names)


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
@pytest.mark.parametrize("case", CASES)
def test_other_programs_compute_the_measures(case: str, oracle, tmp_path: Path) -> None:
    network, layout, x = CASES[case]
    path, sheet = poisoned(network, layout, x, tmp_path)
    if any("RAND()" in text for text in sheet.texts):
        pytest.skip("its random cells are drawn anew")
    agree(sheet, oracle(path, tmp_path))


@pytest.mark.parametrize("case", CASES)
def test_statistics_are_those_of_inspect(case: str) -> None:
    network, layout, x = CASES[case]
    book = book_of(network, layout, x)
    (sheet,) = book.workbook.sheets
    told = 0
    for tensor, place in enumerate(layout.places):
        if not place.planes:
            continue
        name = network.names[tensor - 1] if tensor else "input"
        mean, std, near = named(book, f"{name}_statistics")
        values = book.activations[tensor]
        expected = statistics_of(values)
        on_the_limit = np.isclose(np.abs(values), NEAR_ZERO, rtol=0, atol=1e-9).sum()
        assert value_at(book, mean) == pytest.approx(expected.mean, abs=1e-12)
        assert abs(value_at(book, near) - expected.near_zero) <= on_the_limit / values.size
        if expected.std is None:
            assert sheet.find(parse_a1(std)) is None
        else:
            assert value_at(book, std) == pytest.approx(expected.std, abs=1e-12)
        told += 1
    assert told >= 2


@pytest.mark.parametrize("case", CASES)
def test_sizes_are_those_of_the_planes(case: str) -> None:
    network, layout, x = CASES[case]
    book = book_of(network, layout, x)
    told = 0
    for index, (name, layer) in enumerate(zip(network.names, network.layers, strict=True)):
        if not layer.window_options():
            continue
        _, height, width = network.shapes[index + 1]
        names = dict(book.workbook.names)
        rows = [f"{name}_size"] if f"{name}_size" in names else [
            f"{name}_size_rows", f"{name}_size_columns",
        ]  # fmt: skip
        sizes = [value_at(book, named(book, one)[-1]) for one in rows]
        assert sizes == ([height, width] if len(sizes) == 2 else [height])
        assert len(sizes) == 2 or height == width
        told += 1
    assert told


def test_a_size_goes_on_from_the_one_before() -> None:
    network, layout, x = CASES["conv-example"]
    book = book_of(network, layout, x)
    first, second = named(book, "conv1_size"), named(book, "conv2_size")
    assert value_at(book, first[0]) == 28
    assert text_at(book, second[0]) == first[-1]
    n, p, q, k, s, d, out = first
    assert text_at(book, out) == f"INT(({n}+{p}+{q}-{d}*({k}-1)-1)/{s})+1"


def test_measures_touch_nothing_else() -> None:
    network, layout, x = CASES["conv-example"]
    plain = book_of(network, PRESETS["conv-example"].layout(network), x).workbook.sheets[0]
    (sheet,) = book_of(network, layout, x).workbook.sheets
    measures = {(one.cell[0], one.cell[1] + k) for one in layout.metrics for k in range(7)}
    for k in range(len(plain)):
        cell = int(plain.rows[k]), int(plain.columns[k])
        index = sheet.find(cell)
        assert index is not None
        assert cell not in measures
        assert sheet.kinds[index] == plain.kinds[k]
        if sheet.kinds[index] != Kind.NUMBER:
            assert sheet.texts[index] == plain.texts[k]
    areas = list(layout.ranges())
    assert not any(area.holds(Range(*cell, *cell)) for area in areas for cell in measures)


def test_more_planes_than_a_formula_has_room_for_are_told_so() -> None:
    network, _ = DEEP["160"]
    layout = with_metrics(network, strip(network), statistics=True)
    book = book_of(network, layout, random_input(network, 1))
    assert [one.index for one in layout.metrics] == [0, 4]
    assert any("relu1: more than 64 planes" in label.text for label in layout.labels)
    whole(network, book)


def test_sixty_four_planes_have_statistics(tmp_path: Path) -> None:
    network, _ = DEEP["64 to 64"]
    layout = with_metrics(network, strip(network), statistics=True, sizes=True)
    whole(network, book_of(network, layout, random_input(network, 1)))
    path, sheet = poisoned(network, layout, random_input(network, 1), tmp_path)
    for oracle in ORACLES:
        agree(sheet, oracle(path, tmp_path))


@given(networks(), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_network_takes_measures(network, seed) -> None:
    assume(not any(one.border and not any(one.padding) for one in convolutions(network)))
    # Of planes of a few cells it is not certain what they are; nothing is lifted of no cells.
    assume(all(min(shape[1:]) >= 3 for shape in network.shapes if len(shape) == 3))
    layout = strip(network)
    plain = lift_workbook(book_of(network, layout, random_input(network, seed)).workbook)
    assume(not plain.lifted.unlifted and plain.networks)
    layout = with_metrics(network, layout, statistics=True, sizes=True)
    book = book_of(network, layout, random_input(network, seed))
    assert (
        reproduce(lift_workbook(book.workbook)).same_formulas
        == book.workbook.sheets[0].is_formula.sum()
    )
    was, now = verify_workbook(plain.workbook), verify_workbook(book.workbook)
    assert [one.code for one in now.findings] == [one.code for one in was.findings]
    assert now.formulas - now.verified == was.formulas - was.verified


# -- of all networks on a sheet ------------------------------------------------------------------


def sheets() -> dict[str, tuple[list[PlacedNetwork], np.ndarray]]:
    """Networks that share a sheet, all with measures, and their input."""
    found = {}
    for name in ("multi-label", "matmul", "padding"):
        preset = PRESETS[name]
        network = preset.network()
        layout = preset.layout(network)
        every = [PlacedNetwork(network, layout), *preset.heads_of(network, layout)]
        found[name] = place_metrics(every, statistics=True, sizes=True), preset.sample()
    found["one name"] = place_metrics(same_names(), statistics=True, sizes=True), IMAGE
    return found


IMAGE = np.arange(49.0).reshape(1, 7, 7) / 10


def same_names() -> list[PlacedNetwork]:
    """Three networks of one input, whose layers have the same names."""
    heads: list[PlacedNetwork] = []
    for k, size in enumerate((2, 3, 4)):
        layers = [{"type": "Conv2d", "out_channels": 1, "kernel_size": size}, {"type": "ReLU"}]
        network = initialised(network_of({"input": [1, 7, 7], "layers": layers}), seed=k)
        first, conv, relu = strip(network, fuse=False).places
        if heads:
            first = heads[0].layout.places[0]
        move = partial(moved, down=20 * k)
        places = (first, *map(move, (conv, relu))) if k else (first, conv, relu)
        # Gnumeric leaves out a first row that is empty.
        labels = () if heads else (Label((0, 0), "three networks", "title"),)
        heads.append(PlacedNetwork(network, Layout("network", places, labels=labels)))
    return heads


def moved(place: Place, down: int) -> Place:
    def lower(plane: Plane) -> Plane:
        return replace(plane, origin=(plane.origin[0] + down, plane.origin[1]))

    tables = {
        name: tuple(tuple(map(lower, group)) for group in groups)
        for name, groups in place.tables.items()
    }
    return replace(place, planes=tuple(map(lower, place.planes)), tables=tables)


SHEETS = sheets()


def book_of_all(heads: list[PlacedNetwork], x: np.ndarray) -> Book:
    first, *others = heads
    return book_of(first.network, first.layout, x, others)


@pytest.mark.parametrize("case", SHEETS)
def test_every_network_of_a_sheet_has_its_measures(case: str) -> None:
    heads, x = SHEETS[case]
    book = book_of_all(heads, x)
    names = [name for name, _ in book.workbook.names]
    assert len(names) == len({name.lower() for name in names})
    told: set[Plane] = set()
    for number, one in enumerate(heads):
        values = one.network.activations(x)
        for measure in one.layout.metrics:
            cells = named(book, name_of_metric(one.network, measure))
            if measure.kind == "statistics":
                planes = one.layout.places[measure.index].planes
                assert not told & set(planes)
                told |= set(planes)
                assert value_at(book, cells[0]) == pytest.approx(values[measure.index].mean())
            else:
                assert value_at(book, cells[-1]) == one.network.shapes[measure.index + 1][1]
        sized = {one.index for one in one.layout.metrics if one.kind == "size"}
        shared = shared_tensors(heads[0].layout, one.layout) if number else 0
        windows = {k for k, layer in enumerate(one.network.layers) if layer.window_options()}
        assert sized == {k for k in windows if k + 1 >= shared}
    every = {plane for one in heads for place in one.layout.places for plane in place.planes}
    assert told == every


@pytest.mark.parametrize("case", SHEETS)
def test_measures_of_all_networks_are_verified_and_written_again(case: str) -> None:
    heads, x = SHEETS[case]
    book = book_of_all(heads, x)
    report = verify_workbook(book.workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    found = lift_workbook(book.workbook)
    relaid = layouts_of(found)
    assert len(relaid) == len(heads)
    ends = {one.layout.places[-1].planes: one.layout.metrics for one in heads}
    for one in relaid:
        assert one.layout.metrics == ends[one.layout.places[-1].planes]
    again = reproduce(found)
    assert again.is_whole and not again.differences
    assert sorted(again.workbook.names) == sorted(book.workbook.names)


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
@pytest.mark.parametrize("case", SHEETS)
def test_other_programs_compute_the_measures_of_all(case: str, oracle, tmp_path: Path) -> None:
    heads, x = SHEETS[case]
    first, *others = heads
    path, sheet = poisoned(first.network, first.layout, x, tmp_path, tuple(others))
    agree(sheet, oracle(path, tmp_path))


def test_names_that_networks_have_in_common_are_numbered() -> None:
    names = {name for name, _ in book_of_all(*SHEETS["one name"]).workbook.names}
    wanted = {f"{stem}_statistics" for stem in ("relu1", "relu1_2", "relu1_3", "conv1_3")}
    assert wanted | {"conv1_size", "conv1_2_size", "conv1_3_size"} <= names
    both = {name for name, _ in book_of_all(*SHEETS["matmul"]).workbook.names}
    assert {"flatten_statistics", "flatten_2_statistics", "fc1_statistics"} <= both
    more = {name for name, _ in book_of_all(*SHEETS["multi-label"]).workbook.names}
    assert {"softmax_statistics", "sigmoid1_statistics"} <= more
    assert not any("_2_" in name for name in more)


@pytest.mark.parametrize(
    ("case", "name", "entry", "change", "code"),
    [
        ("multi-label", "sigmoid1_statistics", 0, 0.5, "S202"),
        ("multi-label", "sigmoid1_statistics", 1, "STDEVP(A1:A9)", "S201"),
        ("matmul", "flatten_2_statistics", 0, "AVERAGE(AL4:AL12)", "S201"),
        ("matmul", "fc1_statistics", 2, None, "S203"),
        ("one name", "conv1_3_size", 3, 3.0, "G404"),
        ("one name", "relu1_2_statistics", 0, 0.25, "S202"),
        ("padding", "same_statistics", 0, "AVERAGE(N9:P11)", "S201"),
    ],
)
def test_a_fault_in_a_measure_of_another_network_is_named(case, name, entry, change, code) -> None:
    book = book_of_all(*SHEETS[case])
    cell = named(book, name)[entry]
    report = verify_workbook(edited(book.workbook, {cell: change}))
    assert (code, cell) in codes(report)
    assert report.verdict(strict=True) == "findings"


def test_a_size_that_stands_as_a_sentence_is_not_told_twice() -> None:
    heads, _ = SHEETS["padding"]
    for one in heads:
        sizes = [measure for measure in one.layout.metrics if measure.kind == "size"]
        assert [measure.sentence for measure in sizes] == [True]


# -- faults in them ---------------------------------------------------------------------------


def measured_book() -> Book:
    return book_of(*CASES["conv-example"])


@pytest.mark.parametrize(
    ("name", "entry", "change", "code"),
    [
        ("relu1_statistics", 0, 0.5, "S202"),
        ("relu1_statistics", 1, None, "S203"),
        ("relu2_statistics", 1, "STDEVP(BM4:CJ27,BM33:CJ56)", "S201"),
        ("relu2_statistics", 0, "AVERAGE(BM4:CJ27)", "S201"),
        ("relu2_statistics", 0, "AVERAGE(BM4:CJ27,BM34:CJ57)", "S201"),
        ("pool1_statistics", 2, 'COUNTIF(CL4:CW15,"<="&0.050000001)/COUNT(CL4:CW15)', "S201"),
        ("conv2_size", 6, 24.0, "S202"),
        ("conv2_size", 6, None, "S203"),
        ("conv2_size", 6, "26-3+1", "S201"),
        ("conv2_size", 0, 26.0, "S202"),
        ("conv2_size", 3, 5.0, "G404"),
        ("conv1_size", 0, 27.0, "G404"),
        ("conv1_size", 4, None, "G404"),
    ],
)
def test_a_fault_in_a_measure_is_named(name, entry, change, code) -> None:
    book = measured_book()
    cell = named(book, name)[entry]
    report = verify_workbook(edited(book.workbook, {cell: change}))
    assert (code, cell) in codes(report)
    # The network is what it was: every other formula of it is still verified.
    others = {one.cell for one in report.findings if one.root} - {cell}
    assert not {one for one in others if parse_a1(one)[0] < parse_a1(cell)[0] - 20}
    assert report.verdict(strict=True) == "findings"


@pytest.mark.parametrize(
    "text", ["_xlfn.STDEV.S(AH3:BG28,AH32:BG57)", "STDEV(AH3:BG28, AH32:BG57)"]
)
def test_other_spellings_of_a_measure_are_no_fault(text: str) -> None:
    book = measured_book()
    cell = named(book, "relu1_statistics")[1]
    report = verify_workbook(edited(book.workbook, {cell: text}))
    assert (report.findings, report.coverage) == ([], 1.0)


def test_a_stale_mean_is_named() -> None:
    book = measured_book()
    (sheet,) = book.workbook.sheets
    cell = named(book, "relu1_statistics")[0]
    numbers = sheet.numbers.copy()
    numbers[sheet.find(parse_a1(cell))] += 0.01
    stale = replace(book.workbook, sheets=(replace(sheet, numbers=numbers),))
    assert ("V101", cell) in codes(verify_workbook(stale))


def test_a_broken_cell_of_the_network_is_not_blamed_on_the_statistics() -> None:
    book = measured_book()
    report = verify_workbook(edited(book.workbook, {"AP9": 1.25}))
    assert ("S202", "AP9") in codes(report)
    named_ = {cell for name in ("relu1", "pool1") for cell in named(book, f"{name}_statistics")}
    # They read it, so that their stored values are old; their formulas are right.
    assert {code for code, cell in codes(report) if cell in named_} == {"V101"}


def test_a_name_of_a_measure_that_belongs_to_no_layer_is_told() -> None:
    book = measured_book()
    names = tuple(
        (name.replace("relu1_statistics", "other_statistics"), ranges)
        for name, ranges in book.workbook.names
    )
    report = verify_workbook(replace(book.workbook, names=names))
    cells = {cell for code, cell in codes(report) if code == "L601"}
    assert len(cells) == 3
    assert report.coverage < 1


@pytest.mark.parametrize("preset", PRESETS)
def test_generate_takes_both(preset: str, tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    options = ["--stats", "--shapes", "--preset", preset]
    result = CliRunner().invoke(main, ["generate", str(path), *options])
    assert result.exit_code == 0, result.output
    found = open_workbook(path)
    layout = layouts_of(found)[0].layout
    assert {one.kind for one in layout.metrics} >= {"statistics"}
    assert reproduce(found).is_whole
    assert verify_workbook(found.workbook).coverage == 1.0


def test_the_readme_tells_what_is_done() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    layout, _ = made(DEEP["256, then Linear"][0])
    captions = {label.text for label in layout.labels}
    for caption in ("Σ of 0–127", "Σ of 128–255"):
        assert f"`{caption}`" in readme
        assert caption in captions
    assert "over 160 channels" in readme
    assert MAX_TERMS == 160
    book = book_of(*CASES["conv-example"])
    for name in ("relu1_statistics", "conv1_size"):
        assert f"`{name}`" in readme
        assert named(book, name)
    out = named(book, "conv1_size")[-1]
    assert f"`={text_at(book, out)}`" in readme, text_at(book, out)
    assert longest(made(DEEP["64 to 64"][0])[1].workbook.sheets[0]) < 2600
