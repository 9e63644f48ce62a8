"""Which network and input the words of the command line choose."""

import numpy as np
import pytest

from tests.helpers.specs import CONV, HEAD, TOML
from tests.helpers.strategies import (
    random_state,
)
from xlconv.errors import (
    XlconvError,
)
from xlconv.generation.sources import Sources, chosen_input, chosen_network
from xlconv.network.initialise import initialised
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS


def test_the_command_line_wins_over_the_description(tmp_path) -> None:
    path = tmp_path / "net.toml"
    plain = network_of({"input": [1, 28, 28], "layers": [CONV], "name": "net"})

    def chosen(head: str, **asked):
        path.write_text(HEAD + head + TOML)
        return chosen_network(Sources(spec=path, **asked))

    assert chosen("") == initialised(plain, 0, "kaiming")
    assert chosen("seed = 5\n") == initialised(plain, 5)
    assert chosen('seed = 5\ninit = "xavier"\n') == initialised(plain, 5, "xavier")
    assert chosen('seed = 5\ninit = "xavier"\n', seed=0) == initialised(plain, 0, "xavier")
    assert chosen('seed = 5\ninit = "xavier"\n', init="uniform") == initialised(plain, 5, "uniform")
    np.savez(tmp_path / "w.npz", **random_state(plain, 1))
    assert chosen('weights = "w.npz"\n') == plain.with_state(random_state(plain, 1))
    assert chosen('weights = "w.npz"\n', seed=0) == initialised(plain, 0)
    with pytest.raises(XlconvError, match="expected one source of weights"):
        chosen("", weights=tmp_path / "w.npz", init="xavier")


def test_weights_of_a_preset_may_be_drawn_again() -> None:
    trained = PRESETS["conv-example"].network()
    assert chosen_network(Sources()) == trained
    assert chosen_network(Sources(seed=0)) == initialised(trained, 0)
    assert chosen_network(Sources(init="xavier")) == initialised(trained, 0, "xavier")


def test_a_described_network_is_shown_numbers_from_0_to_1(tmp_path) -> None:
    path = tmp_path / "net.toml"
    path.write_text("input = [2, 30, 30]\n" + TOML)
    sources = Sources(spec=path)
    values = chosen_input(sources, chosen_network(sources)).values
    assert 0 <= values.min() < 0.1 and 0.9 < values.max() <= 1
    assert np.array_equal(values, np.round(values, 2))
