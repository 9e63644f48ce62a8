"""Networks extracted from workbooks are those that were written."""

import re
from pathlib import Path

import pytest

from tests.helpers.command import good
from tests.helpers.shipped import opened
from tests.helpers.small_network import small, workbook
from tests.helpers.strategies import at_inference, random_input
from tests.mutations import Fault, Subject, rebuilt
from xlconv.analysis.extraction import extract, extracted
from xlconv.errors import ModelError
from xlconv.interop import load_network, save_network
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.strip import strip
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import parse_a1
from xlconv.verification.verify import verify


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".npz", ".onnx"])
def test_a_workbook_comes_back_from_what_was_extracted(tmp_path: Path, ending: str) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    model, again = tmp_path / f"model{ending}", tmp_path / "again.xlsx"
    output = good("extract", path, "-o", model)
    assert "edges.weight  2×2×3×3" in output
    assert f"{model}: 6 layers, 76 parameters" in output
    option = "--weights" if ending == ".npz" else "--model"
    good("generate", again, option, model)
    one, other = verify(path).network, verify(again).network
    assert one is not None and one == other
    assert extract(again).network == small()


@pytest.mark.many
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_extracted_as_it_is(name: str, tmp_path: Path) -> None:
    network = PRESETS[name].network()
    found = extracted(opened(name))
    assert found.network == network
    assert found.remarks == ()
    network = at_inference(network)
    # A skip connection has no operators here.
    for ending in (".npz", ".onnx") if network.is_chain else (".npz",):
        save_network(network, tmp_path / f"m{ending}")
        again = load_network(tmp_path / f"m{ending}")
        assert again.state().keys() == network.state().keys()
        assert again.fingerprint() == network.fingerprint()
    assert load_network(tmp_path / "m.npz") == network


def test_the_published_workbook_is_extracted_with_its_extra_column(
    wild: Path, tmp_path: Path
) -> None:
    found = extract(wild / "conv-example.relu.xlsx").network
    assert found.shapes[-1] == (1,)
    save_network(found, tmp_path / "m.npz")
    assert load_network(tmp_path / "m.npz") == found
    both = wild / "conv-example.linear.xlsx"
    assert len(extract(both, 2).network.layers) < len(extract(both).network.layers)
    with pytest.raises(ModelError, match=r"no network 3; expected one of 1 on conv-example: conv1"):
        extract(both, 3)


@pytest.mark.slow
def test_what_the_network_leaves_out_is_told(tmp_path: Path) -> None:
    network = small()
    made = book_of(network, strip(network), random_input(network, 5)).workbook
    cell = verify(workbook(network, tmp_path / "a.xlsx")).lifted.tensors[1].kernels[0][0].origin
    subject = Subject("small", made)
    holed = rebuilt(subject, Fault({cell: None}, cell, ()))
    found = extracted(lift_workbook(holed, "small.xlsx"))
    assert found.network.state()["edges.weight"][0, 0, 0, 0] == 0
    (remark,) = found.remarks
    assert re.fullmatch(r"network![A-Z]+[0-9]+: blank in the weights; taken as 0", remark)
    assert parse_a1(remark.split("!")[1].split(":")[0]) == cell
