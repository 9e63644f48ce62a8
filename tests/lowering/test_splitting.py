"""Long sums are written in parts only where they must be, and read back whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from tests.helpers.deep_networks import (
    DEEP,
    FEW,
    SHALLOW,
    convolutions,
    longest,
    made,
    parts_in,
    whole,
)
from tests.helpers.examples import examples
from tests.helpers.oracles import agree, each_oracle, poisoned
from tests.helpers.strategies import networks, random_input
from xlconv.analysis.reproduction import reproduce
from xlconv.layers.base.partial_sums import MAX_TERMS, even_parts, parts_of
from xlconv.layers.base.place import Spelling
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering import splitting
from xlconv.lowering.strip import strip
from xlconv.presets import PRESETS
from xlconv.spreadsheet.formula import MAX_FORMULA_LENGTH
from xlconv.verification.verify import verify_workbook


@pytest.mark.slow
@pytest.mark.parametrize("name", SHALLOW)
def test_a_sum_over_many_channels_is_split_only_where_it_must_be(name: str) -> None:
    network, parts = SHALLOW[name]
    layout, book = made(network, most=FEW)
    assert parts_in(layout) == parts
    whole(network, book)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as many as fit", "one more", "three parts", "groups"])
def test_sums_over_hundreds_of_channels_fit_into_what_excel_takes(name: str) -> None:
    network, parts = DEEP[name]
    layout, book = made(network)
    assert parts_in(layout) == parts
    assert longest(book.workbook.sheets[0]) <= MAX_FORMULA_LENGTH
    whole(network, book)


@pytest.mark.slow
def test_a_sum_of_few_terms_is_split_where_its_text_is_too_long() -> None:
    network, _ = SHALLOW["as many as fit"]
    assert longest(made(network, most=FEW)[1].workbook.sheets[0]) > 250
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "MAX_FORMULA_LENGTH", 250)
        layout, book = made(network, most=FEW)
    assert parts_in(layout) == 2
    assert longest(book.workbook.sheets[0]) <= 250
    whole(network, book)


@pytest.mark.slow
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("array", [True, False])
def test_parts_go_with_every_spelling(array: bool, fuse: bool) -> None:
    network, _ = SHALLOW["stride and padding"]
    layout, book = made(network, array=array, fuse=fuse, most=FEW)
    assert parts_in(layout) == 2
    found = whole(network, book)
    sums = [one for one in found.lifted.tensors if any("sum_" in name for name in one.helpers)]
    assert len(sums) == 1
    assert bool(found.calculation.blocks[sums[0].blocks[0]].is_array) is array


@each_oracle
@pytest.mark.parametrize(
    "name", ["few to few", "many, then Linear", "dilation and one-sided padding"]
)
def test_other_programs_compute_long_sums_and_their_parts(name, oracle, tmp_path: Path) -> None:
    network, _ = DEEP[name]
    layout = strip(network, spelling=Spelling(array=name.startswith("dil")))
    path, sheet = poisoned(network, layout, random_input(network, 1), tmp_path)
    agree(sheet, oracle(path, tmp_path))


def test_no_preset_has_parts() -> None:
    for preset in PRESETS.values():
        network = preset.network()
        assert parts_in(preset.layout(network)) == 1


@pytest.mark.slow
@given(networks(), st.integers(0, 2**31), st.booleans(), st.booleans())
@examples(40, suppress_health_check=list(HealthCheck))
def test_any_network_can_be_split_and_is_read_back(network, seed, array, fuse) -> None:
    # A mode of padding that pads nothing leaves no trace on the sheet.
    assume(
        not any(
            one.padding_mode != "zeros" and not any(one.padding) for one in convolutions(network)
        )
    )
    # Every sum over two channels or more.
    layout, book = made(network, array=array, fuse=fuse, most=1)
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
