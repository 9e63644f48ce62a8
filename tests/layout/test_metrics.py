"""Statistics and output sizes beside the layers, of one network and of all on a sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.helpers.deep_networks import DEEP, convolutions, deep, longest, made, whole
from tests.helpers.documents import TEXT
from tests.helpers.examples import examples
from tests.helpers.metric_books import (
    METRIC_CASES,
    SHARED_SHEETS,
    metric_book,
    metric_case,
    shared_book,
    shared_sheet,
)
from tests.helpers.oracles import ORACLES, agree, each_oracle, poisoned
from tests.helpers.reports import codes
from tests.helpers.sheet_cells import named, text_at, value_at
from tests.helpers.strategies import networks, random_input, with_metrics
from xlconv.analysis.reproduction import reproduce
from xlconv.cli import main
from xlconv.layers.base.partial_sums import MAX_TERMS
from xlconv.layout.layout import shared_tensors
from xlconv.layout.metric_names import name_of_metric
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.network.statistics import NEAR_ZERO, statistics_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Range, parse_a1
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.verify import verify_workbook


@pytest.mark.slow
@pytest.mark.parametrize("case", METRIC_CASES)
def test_measures_are_verified_and_written_again(case: str) -> None:
    network, layout, x = metric_case(case)
    book = metric_book(case)
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


@each_oracle
@pytest.mark.parametrize("case", METRIC_CASES)
def test_other_programs_compute_the_measures(case: str, oracle, tmp_path: Path) -> None:
    network, layout, x = metric_case(case)
    path, sheet = poisoned(network, layout, x, tmp_path)
    if any("RAND()" in text for text in sheet.texts):
        pytest.skip("its random cells are drawn anew")
    agree(sheet, oracle(path, tmp_path))


@pytest.mark.many
@pytest.mark.parametrize("case", METRIC_CASES)
def test_statistics_are_those_of_inspect(case: str) -> None:
    network, layout, _ = metric_case(case)
    book = metric_book(case)
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


@pytest.mark.many
@pytest.mark.parametrize("case", METRIC_CASES)
def test_sizes_are_those_of_the_planes(case: str) -> None:
    network, _, _ = metric_case(case)
    book = metric_book(case)
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
    book = metric_book("conv-example")
    first, second = named(book, "conv1_size"), named(book, "conv2_size")
    assert value_at(book, first[0]) == 28
    assert text_at(book, second[0]) == first[-1]
    n, p, q, k, s, d, out = first
    assert text_at(book, out) == f"INT(({n}+{p}+{q}-{d}*({k}-1)-1)/{s})+1"


def test_measures_touch_nothing_else() -> None:
    network, layout, x = metric_case("conv-example")
    plain = book_of(network, PRESETS["conv-example"].layout(network), x).workbook.sheets[0]
    (sheet,) = metric_book("conv-example").workbook.sheets
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


@pytest.mark.slow
def test_more_planes_than_a_formula_has_room_for_are_told_so() -> None:
    network = deep(65, 2, 4, kernel_size=1)
    layout = with_metrics(network, strip(network), statistics=True)
    book = book_of(network, layout, random_input(network, 1))
    assert [one.index for one in layout.metrics] == [0, 4]
    assert any("relu1: more than 64 planes" in label.text for label in layout.labels)
    whole(network, book)


@pytest.mark.office
def test_sixty_four_planes_have_statistics(tmp_path: Path) -> None:
    network, _ = DEEP["few to few"]
    layout = with_metrics(network, strip(network), statistics=True, sizes=True)
    whole(network, book_of(network, layout, random_input(network, 1)))
    path, sheet = poisoned(network, layout, random_input(network, 1), tmp_path)
    for oracle in ORACLES:
        agree(sheet, oracle(path, tmp_path))


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31))
@examples(40, suppress_health_check=list(HealthCheck))
def test_any_network_takes_measures(network, seed) -> None:
    assume(
        not any(
            one.padding_mode != "zeros" and not any(one.padding) for one in convolutions(network)
        )
    )
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
    assert now.connected - now.verified == was.connected - was.verified


@pytest.mark.parametrize("case", SHARED_SHEETS)
def test_every_network_of_a_sheet_has_its_measures(case: str) -> None:
    heads, x = shared_sheet(case)
    book = shared_book(case)
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


@pytest.mark.slow
@pytest.mark.parametrize("case", SHARED_SHEETS)
def test_measures_of_all_networks_are_verified_and_written_again(case: str) -> None:
    heads, _ = shared_sheet(case)
    book = shared_book(case)
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


@each_oracle
@pytest.mark.parametrize("case", SHARED_SHEETS)
def test_other_programs_compute_the_measures_of_all(case: str, oracle, tmp_path: Path) -> None:
    heads, x = shared_sheet(case)
    first, *others = heads
    path, sheet = poisoned(first.network, first.layout, x, tmp_path, tuple(others))
    agree(sheet, oracle(path, tmp_path))


def test_names_that_networks_have_in_common_are_numbered() -> None:
    names = {name for name, _ in shared_book("one name").workbook.names}
    wanted = {f"{stem}_statistics" for stem in ("relu1", "relu1_2", "relu1_3", "conv1_3")}
    assert wanted | {"conv1_size", "conv1_2_size", "conv1_3_size"} <= names
    both = {name for name, _ in shared_book("matmul").workbook.names}
    assert {"flatten_statistics", "flatten_2_statistics", "fc1_statistics"} <= both
    more = {name for name, _ in shared_book("multi-label").workbook.names}
    assert {"softmax_statistics", "sigmoid1_statistics"} <= more
    assert not any("_2_" in name for name in more)


def test_a_size_that_stands_as_a_sentence_is_not_told_twice() -> None:
    heads, _ = shared_sheet("padding")
    for one in heads:
        sizes = [measure for measure in one.layout.metrics if measure.kind == "size"]
        assert [measure.sentence for measure in sizes] == [True]


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_readme_tells_what_is_done() -> None:
    readme = TEXT
    layout = strip(DEEP["many, then Linear"][0])
    captions = {label.text for label in layout.labels}
    for caption in ("Σ of 0–127", "Σ of 128–255"):
        assert f"`{caption}`" in readme
        assert caption in captions
    assert "over 160 channels" in readme
    assert MAX_TERMS == 160
    book = metric_book("conv-example")
    for name in ("relu1_statistics", "conv1_size"):
        assert f"`{name}`" in readme
        assert named(book, name)
    out = named(book, "conv1_size")[-1]
    assert f"`={text_at(book, out)}`" in readme, text_at(book, out)
    assert 2200 < longest(made(deep(64, 1, 5))[1].workbook.sheets[0]) < 2600
