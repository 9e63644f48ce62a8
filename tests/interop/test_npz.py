"""Networks and weights in .npz files."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from tests.helpers.command import good, refused
from tests.helpers.examples import examples
from tests.helpers.small_network import small
from tests.helpers.strategies import networks
from xlconv.analysis.extraction import extract
from xlconv.errors import WeightsError, XlconvError
from xlconv.interop import load_network, save_network
from xlconv.interop.inputs import read_arrays
from xlconv.network.network import Network
from xlconv.network.spec import SPEC_PROPERTY
from xlconv.presets import PRESETS


@given(networks())
@examples(30)
def test_an_npz_file_gives_any_network_back(
    tmp_path_factory: pytest.TempPathFactory, network: Network
) -> None:
    path = tmp_path_factory.mktemp("npz") / "net.npz"
    save_network(network, path)
    assert load_network(path) == network
    first = path.read_bytes()
    save_network(network, path, replace=True)
    assert path.read_bytes() == first


def test_npz_files_without_a_good_description_are_refused(tmp_path: Path) -> None:
    path, state = tmp_path / "m.npz", small().state()
    for description, message in (
        (None, "no description of the network"),
        (np.array("{"), "not a description; expected a JSON object"),
        (np.array("[" * 100_000), "not a description"),
        (np.array("3"), "not a description"),
        (np.array(3.0), "not a description"),
        (np.array('{"input": [1, 2, 3]}'), "layers are missing"),
    ):
        more = {} if description is None else {SPEC_PROPERTY: description}
        np.savez(path, **state, **more)
        with pytest.raises(XlconvError, match=message) as caught:
            load_network(path)
        assert str(caught.value).startswith(f"{path}: ")
    save_network(small(), path, replace=True)
    arrays = dict(np.load(path))
    del arrays["edges.bias"]
    np.savez(path, **arrays)
    with pytest.raises(WeightsError, match=r"edges\.bias: missing"):
        load_network(path)


def test_npz_files_that_unpack_to_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "m.npz", a=np.zeros(100_000))
    assert len(read_arrays(tmp_path / "m.npz")["a"]) == 100_000
    monkeypatch.setattr("xlconv.interop.inputs._MOST_BYTES", 1000)
    with pytest.raises(WeightsError, match=r"m\.npz: not an \.npz file of numbers"):
        read_arrays(tmp_path / "m.npz")


def test_weights_without_a_description_still_serve_a_preset(tmp_path: Path) -> None:
    network = PRESETS["edges"].network()
    save_network(network, tmp_path / "m.npz")
    np.savez(tmp_path / "plain.npz", **network.state())
    for name in ("m.npz", "plain.npz"):
        out = tmp_path / f"{name}.xlsx"
        good("generate", out, "--preset", "edges", "--weights", tmp_path / name)
        assert extract(out).network == network
    assert "conv1.weight: shape 4×1×3×3; expected" in refused(
        "generate", "--weights", tmp_path / "plain.npz"
    )
    good("verify", tmp_path / "m.npz.xlsx", "--model", tmp_path / "m.npz", "-q")
